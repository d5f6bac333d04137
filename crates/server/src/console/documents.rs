//! 文書: when, where, and what was written; a picture and the same facts as a list.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::DocumentHeading;

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::record::{self, Bar};
use crate::console::refusal::Refusal;
use crate::console::svg::Svg;
use crate::console::{time, timeline};
use crate::fhir_api::purpose;

#[derive(Template)]
#[template(path = "documents.html")]
pub(crate) struct DocumentsPage {
    frame: Frame,
    bar: Bar,
    is_own: bool,
    picture: Option<Svg>,
    rows: Vec<DocumentRow>,
}

/// One document in the list.
pub(crate) struct DocumentRow {
    /// Its id.
    pub(crate) id: String,
    /// Its kind in words.
    pub(crate) kind: String,
    /// The letter of its kind.
    pub(crate) letter: String,
    /// Its own title, where that says more than its kind.
    pub(crate) title: String,
    /// The institution that registered it.
    pub(crate) institution: String,
    /// Its day.
    pub(crate) date: jiff::civil::Date,
    /// When it was registered.
    pub(crate) received_at: String,
    /// The later registration of the same checkup.
    pub(crate) superseded_by: Option<String>,
    /// The last day on which it is shown.
    pub(crate) until: Option<String>,
    /// Whether the reader may open it.
    pub(crate) can_be_opened: bool,
}

/// `GET /patients/{id}/documents`.
pub(crate) async fn documents(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let documents = app.exchange.documents(&visitor.viewer, person, purpose(visitor), &visitor.act).await;
    let documents = documents.map_err(|why| reader.not_shown(&app, &why))?;
    let bar = Bar::look_up(&app, &reader, person).await?;
    let frame = reader.frame(&app);
    let is_own = visitor.viewer.role == Role::Patient;
    let rows: Vec<DocumentRow> = documents.iter().map(|document| row(document, &reader)).collect();
    let title = match (is_own && frame.for_whom.is_none(), bar.identity.name.as_str()) {
        (true, _) => frame.word("documents.own-title").to_owned(),
        (false, name) => frame.fill("documents.title-of", "name", name),
    };
    let picture = timeline::of(&rows, frame.word("documents.picture"));
    let page = DocumentsPage { frame: frame.titled(title), bar, is_own, picture, rows };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn row(document: &DocumentHeading, reader: &Reader) -> DocumentRow {
    let language = reader.language();
    let kind = store::kind_code(document.kind);
    let word = |section: &str| crate::words::word(language, &format!("{section}.{kind}")).to_owned();
    let kind_text = word("kind");
    let title = if document.title == kind_text { String::new() } else { document.title.clone() };
    DocumentRow {
        id: document.unit.to_string(),
        letter: word("kind-letter"),
        title,
        kind: kind_text,
        institution: reader.institutions.name(&document.institution),
        date: document.date.unwrap_or_else(|| time::day(document.received_at)),
        received_at: time::minute(document.received_at),
        superseded_by: document.superseded_by.map(|unit| unit.to_string()),
        until: document.last_day.map(|day| day.to_string()),
        can_be_opened: document.can_be_opened,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_picture_and_the_list_say_the_same() {
        for frame in frames() {
            let row = DocumentRow {
                id: "u".to_owned(),
                kind: "診療情報提供書".to_owned(),
                letter: "紹".to_owned(),
                title: String::new(),
                institution: "架空中央病院".to_owned(),
                date: date(2026, 5, 2),
                received_at: "2026-05-02 19:10".to_owned(),
                superseded_by: None,
                until: None,
                can_be_opened: true,
            };
            let rows = vec![row];
            let picture = timeline::of(&rows, "絵");
            let page =
                DocumentsPage { frame: frame.clone(), bar: Bar::default(), is_own: false, picture, rows };
            let html = rendered(&page);
            assert_eq!(html.matches("架空中央病院").count(), 3, "who is signed in, the lane, the row");
            let page =
                DocumentsPage { frame, bar: Bar::default(), is_own: true, picture: None, rows: Vec::new() };
            assert!(rendered(&page).contains("class=\"empty\""));
        }
    }
}
