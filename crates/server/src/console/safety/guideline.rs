//! 項目: every edition side by side, with where the institution stands with each of its items.

use std::collections::HashMap;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use guideline::{Audience, Catalogue, Edition, Item, Proof, Standing, Why};

use super::permission::{ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time::minute;

/// What stands on no other page: a code and its words, for a choice.
pub(super) type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "safety/guideline.html")]
struct GuidelinePage {
    frame: Frame,
    editions: Vec<EditionRow>,
    edition: String,
    standings: Vec<Choice>,
    proofs: Vec<Choice>,
    audiences: Vec<Choice>,
    items: Vec<ItemRow>,
}

/// One edition, and how many of its items stand where.
struct EditionRow {
    id: String,
    name: String,
    status: String,
    is_chosen: bool,
    counts: [usize; 4],
    total: usize,
    printable: usize,
}

/// One item.
struct ItemRow {
    id: String,
    words: String,
    proof: String,
    standing: StandingShown,
    is_verified: bool,
}

/// Where an item stands, in words.
pub(super) struct StandingShown {
    /// Its code.
    pub(super) code: &'static str,
    /// はい・いいえ・対象外・未確認.
    pub(super) word: String,
    /// Since when, until when, why.
    pub(super) detail: String,
}

/// The edition shown where none was chosen: what an inspection looks at.
const FIRST: &str = "chk";
const CODES: [&str; 4] = ["yes", "no", "not-applicable", "unconfirmed"];

/// `GET /safety/guideline`, by `edition`, `standing`, `proof`, `audience`.
pub(crate) async fn guideline(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let overview = app.safety.overview(own(&reader), reader.visitor.act.now).await;
    let overview = overview.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
    let frame = reader.frame(&app);
    let frame = frame.clone().titled(frame.word("guideline.title"));
    let all = Catalogue::shipped();
    let asked = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let edition = all.edition(asked("edition")).map_or(FIRST, |edition| edition.id.as_str());
    let (standing, proof, audience) = (asked("standing"), asked("proof"), asked("audience"));
    let is_asked = |item: &Item, stands: &Standing| {
        item.edition == edition
            && (standing.is_empty() || stands.code() == standing)
            && (proof.is_empty() || item.proof.code() == proof)
            && (audience.is_empty() || item.audience.iter().any(|one| one.code() == audience))
    };
    let shown = overview.items.iter().filter(|(item, stands)| is_asked(item, stands));
    let items = shown.map(|(item, stands)| row(item, stands, &frame)).collect();
    let of = |edition: &Edition| edition_row(edition, &overview.items, &frame);
    let editions = all.editions().iter().filter(|one| all.items_of(&one.id).next().is_some());
    let page = GuidelinePage {
        editions: editions.map(|one| EditionRow { is_chosen: one.id == edition, ..of(one) }).collect(),
        edition: edition.to_owned(),
        standings: choices(&frame, "item-standing", CODES, standing),
        proofs: choices(&frame, "item-proof", Proof::ALL.map(Proof::code), proof),
        audiences: choices(&frame, "audience", Audience::ALL.map(Audience::code), audience),
        items,
        frame,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// Codes with their words, and which of them is chosen.
pub(super) fn choices<const N: usize>(
    frame: &Frame,
    section: &str,
    codes: [&str; N],
    chosen: &str,
) -> Vec<Choice> {
    let choice =
        |code: &str| (code.to_owned(), frame.word(&format!("{section}.{code}")).to_owned(), code == chosen);
    codes.map(choice).into()
}

fn edition_row(edition: &Edition, items: &[(&Item, Standing)], frame: &Frame) -> EditionRow {
    let of: Vec<_> = items.iter().filter(|(item, _)| item.edition == edition.id).collect();
    let count = |code| of.iter().filter(|(_, stands)| stands.code() == code).count();
    EditionRow {
        id: edition.id.clone(),
        name: if frame.is_english() { edition.en.clone() } else { edition.ja.clone() },
        status: frame.word(&format!("edition-status.{}", edition.status.code())).to_owned(),
        is_chosen: false,
        counts: CODES.map(count),
        total: of.len(),
        printable: of.iter().filter(|(item, _)| item.is_printable()).count(),
    }
}

fn row(item: &Item, stands: &Standing, frame: &Frame) -> ItemRow {
    ItemRow {
        id: item.id.clone(),
        words: in_language(frame, &item.ja, &item.en),
        proof: frame.word(&format!("item-proof.{}", item.proof.code())).to_owned(),
        standing: shown(stands, frame),
        is_verified: item.is_verified,
    }
}

/// The one of two texts that the page's language asks for.
pub(super) fn in_language(frame: &Frame, ja: &str, en: &str) -> String {
    if frame.is_english() { en } else { ja }.to_owned()
}

/// Where an item stands, in words.
pub(super) fn shown(stands: &Standing, frame: &Frame) -> StandingShown {
    let detail = match stands {
        Standing::Yes { by, since, until } => {
            let by = frame.word(&format!("item-proof.{}", by.code())).to_owned();
            let until = frame.fill("guideline.until", "at", minute(*until));
            format!("{by} {} {until}", frame.fill("guideline.since", "at", minute(*since)))
        }
        Standing::No { target, failing } => {
            let target = match target {
                Some(day) => frame.fill("guideline.target-is", "day", day),
                None => frame.word("guideline.no-target").to_owned(),
            };
            let failing = failing.iter().filter_map(|id| Catalogue::shipped().control(id));
            let names: Vec<String> = failing.map(|one| in_language(frame, &one.ja, &one.en)).collect();
            match names.is_empty() {
                true => target,
                false => {
                    format!("{} {target}", frame.fill("guideline.failing", "controls", frame.list(&names)))
                }
            }
        }
        Standing::NotApplicable { reason } => reason.clone(),
        Standing::Unconfirmed { why: Why::Stale(since) } => {
            frame.fill("guideline.stale", "at", minute(*since))
        }
        Standing::Unconfirmed { why } => frame.word(&format!("item-standing.{}", why.code())).to_owned(),
    };
    let code = stands.code();
    StandingShown { code, word: frame.word(&format!("item-standing.{code}")).to_owned(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn each_item_shows_where_it_stands_and_a_row_nobody_saw_says_so() {
        let all = Catalogue::shipped();
        for frame in frames() {
            let stands = Standing::No { target: None, failing: vec!["wifi_config".to_owned()] };
            let row = |id: &str| row(all.item(id).unwrap(), &stands, &frame);
            let page = GuidelinePage {
                editions: all.editions().iter().map(|one| edition_row(one, &[], &frame)).collect(),
                edition: "mhlw6.op".to_owned(),
                standings: choices(&frame, "item-standing", CODES, "no"),
                proofs: Vec::new(),
                audiences: choices(&frame, "audience", Audience::ALL.map(Audience::code), ""),
                items: vec![row("mhlw6.op.13.13"), row("bcp.4-1")],
                frame: frame.clone(),
            };
            let html = rendered(&page);
            let control = all.control("wifi_config").unwrap();
            assert!(html.contains(&in_language(&frame, &control.ja, &control.en)), "{html}");
            assert_eq!(html.matches(frame.word("guideline.unverified")).count(), 1);
        }
    }
}
