//! 気づき: what of the registers is not as it should be, and what to do next.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use guideline::Catalogue;
use safety::register::{Definition, Examined, Finding, registers};

use super::field::label;
use super::guideline::in_language;
use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/findings.html")]
struct FindingsPage {
    frame: Frame,
    count: usize,
    groups: Vec<Group>,
}

/// What is found in one register.
struct Group {
    code: String,
    name: String,
    findings: Vec<FindingView>,
    /// So many more, where a page would be too long.
    more: usize,
}

struct FindingView {
    said: String,
    subject: String,
    href: String,
    fields: String,
    next: String,
    controls: String,
    can_add: bool,
}

/// No more findings of a register stand on the page.
const SHOWN: usize = 100;

/// `GET /safety/findings`.
pub(crate) async fn findings(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let act = &reader.visitor.act;
    let examined = Examined::look(&app.exchange.store, own(&reader), act.today(), act.now).await;
    let examined = examined.map_err(at_fault(&app, &reader))?;
    let frame = reader.frame(&app);
    let can_keep = can(&reader, Action::KeepRegisters);
    let groups = registers().iter().map(|one| group(&frame, one, &examined.findings, can_keep));
    let groups = groups.filter(|group| !group.findings.is_empty()).collect();
    let page = FindingsPage {
        frame: frame.clone().titled(frame.word("safety-findings.title").to_owned()),
        count: examined.findings.len(),
        groups,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn group(frame: &Frame, definition: &Definition, findings: &[Finding], can_keep: bool) -> Group {
    let own: Vec<&Finding> = findings.iter().filter(|one| one.register == definition.code).collect();
    Group {
        code: definition.code.clone(),
        name: frame.word(&format!("register-name.{}", definition.code)).to_owned(),
        findings: own.iter().take(SHOWN).map(|one| view(frame, one, can_keep)).collect(),
        more: own.len().saturating_sub(SHOWN),
    }
}

fn view(frame: &Frame, finding: &Finding, can_keep: bool) -> FindingView {
    let fields: Vec<String> = finding.fields.iter().map(|field| label(frame, field)).collect();
    let href = match &finding.row {
        Some(row) => format!("/safety/registers/{}/{row}", finding.register),
        None => format!("/safety/registers/{}/new", finding.register),
    };
    FindingView {
        said: frame.word(&format!("register-finding.{}", finding.code)).to_owned(),
        subject: finding.subject.clone(),
        href,
        fields: frame.list(&fields),
        next: frame.word(&format!("register-next.{}", finding.code)).to_owned(),
        controls: frame
            .list(&finding.controls.iter().map(|one| control_name(one, frame)).collect::<Vec<_>>()),
        can_add: finding.row.is_none() && can_keep,
    }
}

fn control_name(id: &str, frame: &Frame) -> String {
    let found = Catalogue::shipped().control(id);
    found.map_or_else(|| id.to_owned(), |one| in_language(frame, &one.ja, &one.en))
}
