//! 事業継続計画: its chapters and how they stand, the versions that were approved, approving, and the plan on paper.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use safety::plan::{NotApproved, Plan, chapters, plan_document};
use store::PlanApproval;

use super::incidents::{as_pdf, printed};
use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/bcp.html")]
struct PlanPage {
    frame: Frame,
    errors: Vec<(&'static str, String)>,
    chapters: Vec<ChapterRow>,
    /// Chapters that nobody has written.
    missing: usize,
    /// Chapters that say something else than what was approved.
    drafts: usize,
    approved: Option<ApprovalRow>,
    earlier: Vec<ApprovalRow>,
    is_over: bool,
    /// Who may approve: none where the reader may not at all.
    approve: Option<Approving>,
}

/// A chapter in the list.
struct ChapterRow {
    number: usize,
    code: String,
    name: String,
    is_written: bool,
    is_changed: bool,
    by: String,
}

/// A version that was approved.
struct ApprovalRow {
    version: i64,
    by: String,
    at: String,
    review_on: String,
}

/// The form of who approves.
struct Approving {
    is_own: bool,
    seen: String,
    review_on: String,
}

/// `GET /safety/bcp`.
pub(crate) async fn plan_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /safety/bcp`: approves what was `seen` until the day `review-on`.
pub(crate) async fn approve_plan(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::AnswerGuideline, &ours(&reader))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let frame = reader.frame(&app);
    let typed = text(&fields, "review-on");
    let told = |key: &str| frame.word(key).to_owned();
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(review_on) = typed.parse::<Date>() else {
        let errors = vec![("review-on", told("continuity.wrong-review"))];
        return page(&app, &reader, Some((unprocessable, errors, typed))).await;
    };
    let (viewer, act, seen) =
        (&reader.visitor.viewer, &reader.visitor.act, read_seen(&text(&fields, "seen")));
    let (status, errors) =
        match app.safety.approve_plan(viewer, rule, own(&reader), &seen, review_on, act).await {
            Ok(()) => return Ok(to("/safety/bcp")),
            Err(NotApproved::Store(fault)) => return Err(Refusal::fault(frame, &fault)),
            Err(NotApproved::FourEyes) => {
                (unprocessable, vec![("approve", told("continuity.wrong-four-eyes"))])
            }
            Err(NotApproved::Review) => (unprocessable, vec![("review-on", told("continuity.wrong-review"))]),
            Err(NotApproved::Meanwhile) => {
                (StatusCode::CONFLICT, vec![("chapters", told("continuity.wrong-meanwhile"))])
            }
            Err(NotApproved::Missing(missing)) => {
                let name = |code: &&str| frame.word(&format!("bcp-chapter.{code}")).to_owned();
                let names: Vec<String> = missing.iter().map(name).collect();
                (
                    unprocessable,
                    vec![("chapters", frame.fill("continuity.wrong-missing", "names", names.join("、")))],
                )
            }
        };
    page(&app, &reader, Some((status, errors, typed))).await
}

/// `GET /safety/bcp/pdf`: the version that was approved last.
pub(crate) async fn plan_pdf(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let plan = app.safety.plan(own(&reader)).await.map_err(at_fault(&app, &reader))?;
    let approval = plan.approved().ok_or_else(|| reader.not_found(&app))?;
    let document = plan_document(&plan, approval, &printed(&app, &reader).await?);
    as_pdf(&app, &reader, document, &format!("renkei-bcp-{}.pdf", approval.version)).await
}

type Refused = Option<(StatusCode, Vec<(&'static str, String)>, String)>;

async fn page(app: &App, reader: &Reader, refused: Refused) -> Result<Response, Refusal> {
    reader.may(app, Action::SeeSafety, &ours(reader))?;
    let plan = app.safety.plan(own(reader)).await.map_err(at_fault(app, reader))?;
    let frame = reader.frame(app);
    let (status, errors, typed) = refused.unwrap_or((StatusCode::OK, Vec::new(), String::new()));
    let titled = frame.clone().titled(frame.word("continuity.title").to_owned());
    let rows: Vec<ChapterRow> =
        chapters().iter().enumerate().map(|(index, one)| row(index, &one.code, &plan, &frame)).collect();
    let approve = can(reader, Action::AnswerGuideline).then(|| Approving {
        is_own: plan.is_by(&reader.visitor.viewer),
        seen: write_seen(&plan.standing()),
        review_on: typed,
    });
    let page = PlanPage {
        missing: rows.iter().filter(|one| !one.is_written).count(),
        drafts: rows.iter().filter(|one| one.is_written && one.is_changed).count(),
        chapters: rows,
        approved: plan.approved().map(approval_row),
        earlier: plan.approvals.iter().skip(1).map(approval_row).collect(),
        is_over: plan.approved().is_some() && !plan.is_in_time(reader.visitor.act.today()),
        approve,
        frame: if errors.is_empty() { titled } else { titled.with_error() },
        errors,
    };
    Ok(page.frame.answer(status, &page))
}

fn row(index: usize, code: &str, plan: &Plan, frame: &Frame) -> ChapterRow {
    let newest = plan.newest(code);
    ChapterRow {
        number: index + 1,
        code: code.to_owned(),
        name: frame.word(&format!("bcp-chapter.{code}")).to_owned(),
        is_written: newest.is_some(),
        is_changed: plan.is_changed(code),
        by: newest.map(|one| format!("{} {}", one.by.name, minute(one.at))).unwrap_or_default(),
    }
}

fn approval_row(approval: &PlanApproval) -> ApprovalRow {
    ApprovalRow {
        version: approval.version,
        by: approval.by.name.clone(),
        at: minute(approval.at),
        review_on: approval.review_on.to_string(),
    }
}

/// Which versions somebody has before them, in a field of a form: `purpose=3 people=1`.
fn write_seen(seen: &BTreeMap<String, i64>) -> String {
    seen.iter().map(|(code, version)| format!("{code}={version}")).collect::<Vec<_>>().join(" ")
}

fn read_seen(text: &str) -> BTreeMap<String, i64> {
    let pair = |pair: &str| {
        let (code, version) = pair.split_once('=')?;
        Some((code.to_owned(), version.parse().ok()?))
    };
    text.split_whitespace().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_comes_back_from_the_form_as_it_was() {
        let seen = BTreeMap::from([("purpose".to_owned(), 3), ("people".to_owned(), 1)]);
        assert_eq!(read_seen(&write_seen(&seen)), seen);
        assert!(read_seen("x y=z").is_empty());
    }
}
