//! 災害の指定: where consent is waived, from when until when.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Declaration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use store::Disaster;

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;

#[derive(Template)]
#[template(path = "disasters.html")]
pub(crate) struct DisastersPage {
    frame: Frame,
    disasters: Vec<Row>,
    prefectures: Vec<(String, String)>,
    error: Option<String>,
}

/// One disaster.
struct Row {
    id: String,
    name: String,
    authority: String,
    prefectures: String,
    from: String,
    until: String,
    holds: bool,
}

/// No form here is larger.
const FORM_BYTES: usize = 16 << 10;
/// 都道府県番号, and 49, where fictional institutions are.
fn prefecture_codes() -> impl Iterator<Item = String> {
    (1..=47).chain([49]).map(|number| format!("{number:02}"))
}

/// `GET /disasters`.
pub(crate) async fn disasters(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /disasters`: one is declared, or ended (`end`).
pub(crate) async fn change_disasters(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let ended = text(&fields, "end");
    let outcome = match (ended.is_empty(), declaration(&fields)) {
        (false, _) => app.exchange.end_disaster(viewer, &ended, act).await,
        (true, Some(declared)) => app.exchange.declare_disaster(viewer, declared, act).await.map(drop),
        (true, None) => return page(&app, &reader, Some("period")).await,
    };
    match outcome {
        Ok(()) => Ok((StatusCode::SEE_OTHER, [(LOCATION, "/disasters")]).into_response()),
        Err(why) => {
            let code = reader.not_granted(&app, why)?;
            page(&app, &reader, Some(code)).await
        }
    }
}

/// What the form declares; `None` without two instants.
fn declaration(fields: &Fields) -> Option<Declaration> {
    Some(Declaration {
        name: text(fields, "name"),
        authority: text(fields, "authority"),
        prefectures: prefecture_codes()
            .filter(|code| fields.contains_key(&format!("prefecture-{code}")))
            .collect(),
        starts_at: in_japan(&text(fields, "from"))?,
        ends_at: in_japan(&text(fields, "until"))?,
    })
}

/// An instant as a browser's form writes it, by the clock of Japan.
fn in_japan(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::fixed(Offset::constant(9))).ok()?.timestamp())
}

async fn page(app: &App, reader: &Reader, error: Option<&'static str>) -> Result<Response, Refusal> {
    if let Err(refusal) = access::may_declare(&reader.visitor.viewer) {
        return Err(Refusal::by_rule(reader.frame(app), refusal.rule));
    }
    let disasters = app.exchange.store.disasters().await;
    let disasters = disasters.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let frame = reader.frame(app);
    let prefecture = |code: &str| frame.word(&format!("prefecture.{code}")).to_owned();
    let row = |one: &Disaster| Row {
        id: one.id.clone(),
        name: one.name.clone(),
        authority: one.authority.clone(),
        prefectures: one.prefectures.iter().map(|code| prefecture(code)).collect::<Vec<_>>().join(" "),
        from: time::minute(one.starts_at),
        until: time::minute(one.ended_at.unwrap_or(one.ends_at)),
        holds: one.holds(reader.visitor.act.now),
    };
    let prefectures = prefecture_codes().map(|code| (code.clone(), prefecture(&code))).collect();
    let rows = disasters.iter().map(row).collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|code| frame.word(&format!("wrong.{code}")).to_owned());
    let title = frame.word("disasters.title").to_owned();
    let frame = if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) };
    let page = DisastersPage { frame, disasters: rows, prefectures, error };
    Ok(page.frame.answer(status, &page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_disaster_that_holds_can_be_ended_and_one_that_is_over_cannot() {
        for frame in frames() {
            let row = |holds| Row {
                id: "d-1".to_owned(),
                name: "架空地震".to_owned(),
                authority: "架空県".to_owned(),
                prefectures: "鳥取県".to_owned(),
                from: "2026-11-21 09:00".to_owned(),
                until: "2026-11-22 09:00".to_owned(),
                holds,
            };
            let page = |holds| DisastersPage {
                frame: frame.clone(),
                disasters: vec![row(holds)],
                prefectures: vec![("31".to_owned(), "鳥取県".to_owned())],
                error: None,
            };
            assert!(rendered(&page(true)).contains("name=\"end\""));
            assert!(!rendered(&page(false)).contains("name=\"end\""));
        }
    }
}
