//! 連絡体制: whom to call in which order, when somebody last tried, and what a call test found.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use safety::register::{Called, Cells, NotKept, keep_calls};
use safety::{Contact, contacts};
use store::RegisterRow;

use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;

#[derive(Template)]
#[template(path = "safety/contacts.html")]
struct ContactsPage {
    frame: Frame,
    error: Option<String>,
    contacts: Vec<ContactRow>,
    posts: Vec<PostRow>,
    reached: usize,
    can_test: bool,
}

/// Somebody to call.
struct ContactRow {
    number: usize,
    id: String,
    version: i64,
    role: String,
    kind: String,
    name: String,
    phone: String,
    night_phone: String,
    deputy: String,
    tested: String,
    is_stale: bool,
    is_missed: bool,
    /// What was typed: `yes`, `no`, or empty.
    typed: String,
}

/// A post of the organisation, with who holds it and who stands in.
struct PostRow {
    post: String,
    holder: String,
    deputy: String,
}

/// A form with hundreds of contacts.
const FORM_BYTES: usize = 256 << 10;
/// A call is tried anew after so many days; the register of contacts demands it.
const TRIED_WITHIN_DAYS: i32 = 180;

/// `GET /safety/contacts`.
pub(crate) async fn contacts_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, &Fields::new(), None).await
}

/// `POST /safety/contacts`: what a call test found: for each contact called, `reached-{id}` (yes, no) and the `version-{id}`
/// that was seen.
pub(crate) async fn test_contacts(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let calls = calls(&fields);
    if calls.is_empty() {
        return page(&app, &reader, &fields, Some((StatusCode::UNPROCESSABLE_ENTITY, "contacts.wrong-none")))
            .await;
    }
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match keep_calls(&app.exchange.store, viewer, rule, own(&reader), &calls, act).await {
        Ok(()) => Ok(to("/safety/contacts")),
        Err(NotKept::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(_) => page(&app, &reader, &fields, Some((StatusCode::CONFLICT, "contacts.wrong-outdated"))).await,
    }
}

fn calls(fields: &Fields) -> Vec<Called> {
    let call = |name: &String| {
        let row = name.strip_prefix("reached-")?;
        let is_reached = match text(fields, name).as_str() {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        let version = text(fields, &format!("version-{row}")).parse().ok()?;
        Some(Called { row: row.to_owned(), version, is_reached })
    };
    fields.keys().filter_map(call).collect()
}

async fn page(
    app: &App,
    reader: &Reader,
    typed: &Fields,
    error: Option<(StatusCode, &'static str)>,
) -> Result<Response, Refusal> {
    reader.may(app, Action::SeeSafety, &ours(reader))?;
    let rows = app.exchange.store.all_register_rows(own(reader), None).await;
    let rows = rows.map_err(at_fault(app, reader))?;
    let frame = reader.frame(app);
    let today = reader.visitor.act.today();
    let all = contacts(&rows);
    let status = error.map_or(StatusCode::OK, |(status, _)| status);
    let titled = frame.clone().titled(frame.word("contacts.title").to_owned());
    let page = ContactsPage {
        error: error.map(|(_, key)| frame.word(key).to_owned()),
        reached: all.iter().filter(|one| one.is_reached != Some(false) && !is_stale(one, today)).count(),
        contacts: all.iter().enumerate().map(|one| row(one, typed, today, &frame)).collect(),
        posts: posts(&rows),
        can_test: can(reader, Action::KeepRegisters),
        frame: if error.is_some() { titled.with_error() } else { titled },
    };
    Ok(page.frame.answer(status, &page))
}

fn is_stale(contact: &Contact, today: Date) -> bool {
    contact.tested_on.is_none_or(|day| (today - day).get_days() > TRIED_WITHIN_DAYS)
}

fn row((index, one): (usize, &Contact), typed: &Fields, today: Date, frame: &Frame) -> ContactRow {
    let tested = match one.tested_on {
        None => frame.word("incident.never-checked").to_owned(),
        Some(day) if one.is_reached == Some(false) => frame.fill("incident.not-reached", "day", day),
        Some(day) => frame.fill("incident.checked", "day", day),
    };
    ContactRow {
        number: index + 1,
        id: one.id.clone(),
        version: one.version,
        role: one.role.clone(),
        kind: frame.word(&format!("register-choice.{}", one.kind)).to_owned(),
        name: one.name.clone(),
        phone: one.phone.clone(),
        night_phone: one.night_phone.clone(),
        deputy: one.deputy.clone(),
        tested,
        is_stale: is_stale(one, today),
        is_missed: one.is_reached == Some(false),
        typed: text(typed, &format!("reached-{}", one.id)),
    }
}

fn posts(rows: &[RegisterRow]) -> Vec<PostRow> {
    let open = rows.iter().filter(|row| row.register == "organisation" && !row.is_over);
    let post = |row: &RegisterRow| {
        let cells = Cells::parse(&row.cells);
        PostRow {
            post: row.name.clone(),
            holder: cells.text("holder").to_owned(),
            deputy: cells.text("deputy").to_owned(),
        }
    };
    open.map(post).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_were_called_are_taken_from_the_form() {
        let pairs = [
            ("reached-a", "yes"),
            ("version-a", "2"),
            ("reached-b", ""),
            ("version-b", "1"),
            ("reached-c", "no"),
        ];
        let fields: Fields =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        assert_eq!(calls(&fields), [Called { row: "a".to_owned(), version: 2, is_reached: true }]);
    }
}
