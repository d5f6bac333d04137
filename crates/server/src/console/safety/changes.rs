//! 改定の差分: what is to do because of a newer edition, and where the institution stands with it.

use std::collections::HashMap;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use guideline::{Catalogue, Change, ChapterMove, GUIDELINES, Milestone, YearlyEdition};
use safety::Overview;

use super::guideline::{Choice, StandingShown, in_language, shown};
use super::permission::{ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/changes.html")]
struct ChangesPage {
    frame: Frame,
    from: Vec<Choice>,
    to: Vec<Choice>,
    is_known: bool,
    changes: Vec<ChangeRow>,
    kept: Vec<(String, String)>,
    uncompared: usize,
    moves: Vec<MoveRow>,
    milestones: Vec<(String, String)>,
    years: Vec<YearRow>,
}

/// One thing that is new.
struct ChangeRow {
    id: String,
    words: String,
    is_verified: bool,
    standing: Option<StandingShown>,
    alters: Vec<(String, String)>,
    controls: Vec<(String, String)>,
}

/// Where a chapter went.
struct MoveRow {
    from: String,
    subject: String,
    to: String,
    is_verified: bool,
}

/// What a year brought to the checklist.
struct YearRow {
    name: String,
    words: String,
    is_verified: bool,
}

/// `GET /safety/changes`, by `from` and `to`.
pub(crate) async fn changes(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let overview = app.safety.overview(own(&reader), reader.visitor.act.now).await;
    let overview = overview.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
    let asked = |name: &str, otherwise: &'static str| asked.get(name).map_or(otherwise, String::as_str);
    let page = changes_page(reader.frame(&app), asked("from", "6.0"), asked("to", "7.0"), &overview);
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn changes_page(frame: Frame, from: &str, to: &str, overview: &Overview) -> ChangesPage {
    let frame = frame.clone().titled(frame.word("changes.title"));
    let all = Catalogue::shipped();
    let report = guideline::changes(from, to);
    let choice = |chosen: &str| {
        let choices = GUIDELINES.iter().map(|one| ((*one).to_owned(), (*one).to_owned(), *one == chosen));
        choices.collect()
    };
    let milestones = all.editions().iter().flat_map(|edition| &edition.milestones);
    let years = all.editions().iter().flat_map(|edition| &edition.years);
    let mut page = ChangesPage {
        from: choice(from),
        to: choice(to),
        is_known: report.is_some(),
        changes: Vec::new(),
        kept: Vec::new(),
        uncompared: 0,
        moves: Vec::new(),
        milestones: milestones.map(|one| milestone(one, &frame)).collect(),
        years: years.map(|one| year(one, &frame)).collect(),
        frame,
    };
    if let Some(report) = report {
        let name = |one: &&guideline::Item| (one.id.clone(), in_language(&page.frame, &one.ja, &one.en));
        page.kept = report.kept.iter().map(name).collect();
        page.changes = report.changes.iter().map(|one| row(one, overview, &page.frame)).collect();
        page.moves = report.moves.into_iter().map(|one| move_row(one, &page.frame)).collect();
        page.uncompared = report.uncompared;
    }
    page
}

fn row(change: &Change, overview: &Overview, frame: &Frame) -> ChangeRow {
    let stands = overview.items.iter().find(|(one, _)| one.id == change.item.id);
    let item = |one: &&guideline::Item| (one.id.clone(), in_language(frame, &one.ja, &one.en));
    let control = |one: &&guideline::Control| (one.id.clone(), in_language(frame, &one.ja, &one.en));
    ChangeRow {
        id: change.item.id.clone(),
        words: in_language(frame, &change.item.ja, &change.item.en),
        is_verified: change.item.is_verified,
        standing: stands.map(|(_, stands)| shown(stands, frame)),
        alters: change.alters.iter().map(item).collect(),
        controls: change.controls.iter().map(control).collect(),
    }
}

fn move_row(one: &ChapterMove, frame: &Frame) -> MoveRow {
    let places = [
        ("", &one.overview),
        ("volume.governance", &one.governance),
        ("volume.planning", &one.planning),
        ("volume.operations", &one.operations),
    ];
    let told = places.into_iter().filter(|(_, place)| !place.is_empty());
    let told = told.map(|(key, place)| match key {
        "" => place.clone(),
        key => format!("{} {place}", frame.word(key)),
    });
    MoveRow {
        from: one.from_52.clone(),
        subject: one.ja.clone(),
        to: frame.list(&told.collect::<Vec<_>>()),
        is_verified: one.is_verified,
    }
}

fn milestone(one: &Milestone, frame: &Frame) -> (String, String) {
    (one.date.to_string(), in_language(frame, &one.ja, &one.en))
}

fn year(one: &YearlyEdition, frame: &Frame) -> YearRow {
    YearRow {
        name: one.edition.clone(),
        words: in_language(frame, &one.ja, &one.en),
        is_verified: one.is_verified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_report_names_what_is_altered_and_how_much_nobody_compared() {
        let overview = Overview { items: Vec::new(), evidence: Vec::new(), answers: HashMap::new() };
        for frame in frames() {
            let page = changes_page(frame.clone(), "6.0", "7.0", &overview);
            let html = rendered(&page);
            assert!(html.contains("mhlw6.op.14.6") && page.uncompared > 0);
            assert!(html.contains(&frame.fill("changes.uncompared", "count", page.uncompared)));
            assert_eq!(changes_page(frame.clone(), "5.2", "6.0", &overview).moves.len(), 26);
            assert!(
                rendered(&changes_page(frame.clone(), "7.0", "6.0", &overview))
                    .contains(frame.word("changes.none"))
            );
        }
    }
}
