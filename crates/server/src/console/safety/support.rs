//! 支援文書: terms, questions, advice for small institutions, against attacks, and what to do when something fails.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use guideline::{Catalogue, Support, SupportEntry};

use super::guideline::in_language;
use super::permission::ours;
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/support.html")]
struct SupportPage {
    frame: Frame,
    pages: Vec<PageShown>,
}

/// One page's entries.
struct PageShown {
    code: String,
    title: String,
    entries: Vec<EntryShown>,
}

/// A term, a question or a step.
pub(super) struct EntryShown {
    /// Its heading.
    pub(super) heading: String,
    /// What it says.
    pub(super) text: String,
    /// The items it explains: ids and words.
    pub(super) items: Vec<(String, String)>,
}

/// `GET /safety/support`.
pub(crate) async fn support(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let page = support_page(reader.frame(&app));
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn support_page(frame: Frame) -> SupportPage {
    let frame = frame.clone().titled(frame.word("support.title"));
    let support = Support::shipped();
    let pages = support.pages.iter().map(|page| PageShown {
        code: page.code.clone(),
        title: in_language(&frame, &page.ja, &page.en),
        entries: support
            .entries
            .iter()
            .filter(|one| one.page == page.code)
            .map(|one| entry(one, &frame))
            .collect(),
    });
    SupportPage { pages: pages.collect(), frame }
}

/// What explains an item.
pub(super) fn explaining(item: &str, frame: &Frame) -> Vec<EntryShown> {
    let entries = Support::shipped().entries.iter();
    entries.filter(|one| one.items.iter().any(|id| id == item)).map(|one| entry(one, frame)).collect()
}

fn entry(one: &SupportEntry, frame: &Frame) -> EntryShown {
    let items = one.items.iter().filter_map(|id| Catalogue::shipped().item(id));
    EntryShown {
        heading: in_language(frame, &one.ja, &one.en),
        text: in_language(frame, &one.text_ja, &one.text_en),
        items: items.map(|item| (item.id.clone(), in_language(frame, &item.ja, &item.en))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn every_entry_leads_to_the_items_it_explains_and_they_to_it() {
        for frame in frames() {
            let html = rendered(&support_page(frame.clone()));
            assert!(html.contains("/safety/guideline/chk.r7.h.3.2"));
            assert_eq!(explaining("mhlw7.chg.5", &frame).len(), 1);
        }
    }
}
