//! 経営者へ: what waits for executives, the risks that remain, and whether systems can be restored in time.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use safety::register::{Examined, Finding};
use safety::{Restore, Risk, for_executives};

use super::bars::{EditionBar, bars};
use super::permission::{at_fault, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/executive.html")]
struct ExecutivePage {
    frame: Frame,
    decisions: Vec<DecisionView>,
    risks: Vec<RiskView>,
    restores: Vec<RestoreView>,
    editions: Vec<EditionBar>,
}

/// Something to decide.
struct DecisionView {
    said: String,
    subject: String,
    next: String,
    href: Option<String>,
}

struct RiskView {
    id: String,
    asset: String,
    importance: String,
    residual: String,
    is_high: bool,
    accepted_by: String,
}

struct RestoreView {
    id: String,
    system: String,
    standing: String,
    detail: String,
    is_met: bool,
    /// How far the measure and the target go, of a thousand, where both are known.
    widths: Option<(i64, i64)>,
}

const WIDTH: i64 = 1000;

/// `GET /safety/executive`.
pub(crate) async fn executive(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let act = &reader.visitor.act;
    let fault = at_fault(&app, &reader);
    let overview = app.safety.overview(own(&reader), act.now).await.map_err(&fault)?;
    let examined = Examined::look(&app.exchange.store, own(&reader), act.today(), act.now).await;
    let examined = examined.map_err(&fault)?;
    let theirs = for_executives(&examined.rows, &examined.findings);
    let frame = reader.frame(&app);
    let longest = theirs.restores.iter().flat_map(|one| [one.measured, one.target]).flatten().max();
    let page = ExecutivePage {
        decisions: theirs.decisions.iter().map(|one| decision(&frame, one)).collect(),
        risks: theirs.risks.into_iter().map(|one| risk(&frame, one)).collect(),
        restores: theirs.restores.into_iter().map(|one| restore(&frame, one, longest)).collect(),
        editions: bars(&overview, &frame),
        frame: frame.clone().titled(frame.word("executive.title").to_owned()),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn decision(frame: &Frame, finding: &Finding) -> DecisionView {
    let word = |section: &str| frame.word(&format!("{section}.{}", finding.code)).to_owned();
    DecisionView {
        said: word("register-finding"),
        subject: finding.subject.clone(),
        next: word("register-next"),
        href: finding.row.as_ref().map(|row| format!("/safety/registers/{}/{row}", finding.register)),
    }
}

fn risk(frame: &Frame, risk: Risk) -> RiskView {
    let grade = |code: &str| match code {
        "" => frame.word("executive.not-assessed").to_owned(),
        code => frame.word(&format!("register-choice.{code}")).to_owned(),
    };
    RiskView {
        importance: grade(&risk.importance),
        residual: grade(&risk.residual),
        is_high: risk.residual != "middle",
        accepted_by: match risk.accepted_by.as_str() {
            "" => frame.word("executive.nobody").to_owned(),
            name => name.to_owned(),
        },
        id: risk.id,
        asset: risk.asset,
    }
}

fn restore(frame: &Frame, restore: Restore, longest: Option<i64>) -> RestoreView {
    let minutes = |known: Option<i64>| {
        known.map_or_else(
            || frame.word("executive.unknown").to_owned(),
            |one| frame.fill("executive.minutes", "count", one),
        )
    };
    let standing = match (restore.measured, restore.is_met()) {
        (None, _) => "executive.not-measured",
        (Some(_), true) => "executive.met",
        (Some(_), false) => "executive.missed",
    };
    let share = |part: i64| part.saturating_mul(WIDTH - 6) / longest.unwrap_or(1).max(1);
    RestoreView {
        standing: frame.word(standing).to_owned(),
        detail: frame.list(&[
            format!("{} {}", frame.word("executive.measured"), minutes(restore.measured)),
            format!("{} {}", frame.word("executive.target"), minutes(restore.target)),
        ]),
        is_met: restore.is_met(),
        widths: restore
            .measured
            .zip(restore.target)
            .map(|(measured, target)| (share(measured), share(target))),
        id: restore.id,
        system: restore.system,
    }
}
