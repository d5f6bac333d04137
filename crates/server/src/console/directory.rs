//! 宛先検索: where a referral can be sent today.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::Destinations;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::{Institution, InstitutionQuery};

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

/// How many stand on a page.
const COUNT: usize = 20;

#[derive(Template)]
#[template(path = "directory.html")]
pub(crate) struct DirectoryPage {
    frame: Frame,
    fields: Vec<Field>,
    /// None before anything is asked.
    found: Option<Vec<Row>>,
    next: Option<String>,
    is_first_page: bool,
}

/// A field of the form: a parameter, the words for it, what stands in it.
struct Field {
    name: &'static str,
    label: String,
    hint: String,
    mode: &'static str,
    value: String,
}

/// An institution.
struct Row {
    number: String,
    name: String,
    kana: String,
    kind: String,
    phone: String,
    place: String,
    departments: String,
}

/// The fields: the parameter, the keys of its words and of its hint, and the keyboard a phone shows.
const FIELDS: [(&str, &str, &str, &str); 5] = [
    ("name", "directory.name", "directory.name-hint", "search"),
    ("phone", "directory.phone", "directory.phone-hint", "tel"),
    ("postcode", "directory.postcode", "directory.postcode-hint", "numeric"),
    ("address", "directory.address", "directory.address-hint", "search"),
    ("number", "directory.number", "directory.number-hint", "numeric"),
];

/// `GET /directory?name=&phone=&postcode=&address=&number=`.
pub(crate) async fn directory(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let text =
        |name: &str| parameters.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = InstitutionQuery {
        name: text("name"),
        number: text("number"),
        phone: text("phone"),
        address: text("address"),
        postcode: text("postcode"),
    };
    let after = text("after").unwrap_or_default();
    // Nobody asked for all, but whoever may not look is told so at once.
    let is_asked = query != InstitutionQuery::default();
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let found = app.exchange.destinations(viewer, query, &after, COUNT, act).await;
    let found = found.map_err(|why| reader.not_shown(&app, &why))?;
    let frame = reader.frame(&app);
    let title = frame.word("directory.title").to_owned();
    let page = DirectoryPage {
        fields: FIELDS.map(|field| Field::of(field, &frame, &parameters)).into(),
        next: found.next.as_deref().filter(|_| is_asked).map(|next| address(&parameters, next)),
        found: is_asked.then(|| rows(&found, &frame)),
        is_first_page: after.is_empty(),
        frame: frame.titled(title),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

impl Field {
    fn of(
        (name, label, hint, mode): (&'static str, &str, &str, &'static str),
        frame: &Frame,
        parameters: &HashMap<String, String>,
    ) -> Self {
        Self {
            name,
            label: frame.word(label).to_owned(),
            hint: frame.word(hint).to_owned(),
            mode,
            value: parameters.get(name).cloned().unwrap_or_default(),
        }
    }
}

fn rows(found: &Destinations, frame: &Frame) -> Vec<Row> {
    let row = |one: &Institution| Row {
        number: one.number.clone(),
        name: one.name.clone(),
        kana: one.kana.clone(),
        kind: frame.word(&format!("institution-kind.{}", one.kind)).to_owned(),
        phone: one.phone.clone(),
        place: match one.postcode.as_str() {
            "" => one.address.clone(),
            postcode => format!("〒{postcode} {}", one.address),
        },
        departments: one.departments.join("、"),
    };
    found.institutions.iter().map(row).collect()
}

/// The address of the page from after a number.
fn address(parameters: &HashMap<String, String>, after: &str) -> String {
    let asked = FIELDS.iter().filter_map(|(name, ..)| Some((name, parameters.get(*name)?)));
    let mut address = format!("/directory?after={after}");
    for (name, value) in asked.filter(|(_, value)| !value.trim().is_empty()) {
        address.push_str(&format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn what_was_asked_stays_in_the_form_and_nothing_found_says_what_to_try() {
        for frame in frames() {
            let asked = HashMap::from([("name".to_owned(), "<そら>".to_owned())]);
            let institution = Institution {
                number: "4919999901".to_owned(),
                name: "架空中央病院".to_owned(),
                kind: "hospital".to_owned(),
                ..Institution::default()
            };
            let page = |found: Option<Vec<Institution>>| {
                let found = found.map(|institutions| Destinations { institutions, next: None });
                DirectoryPage {
                    fields: FIELDS.map(|field| Field::of(field, &frame, &asked)).into(),
                    found: found.map(|found| rows(&found, &frame)),
                    next: Some(address(&asked, "4919999901")),
                    is_first_page: true,
                    frame: frame.clone(),
                }
            };
            let html = rendered(&page(Some(vec![institution])));
            assert!(html.contains("架空中央病院") && html.contains("&#60;そら&#62;"));
            assert!(html.contains("after=4919999901&#38;name=%3C") && !html.contains("institution-kind."));
            assert!(rendered(&page(Some(Vec::new()))).contains("class=\"empty\""));
            assert!(!rendered(&page(None)).contains("class=\"empty\""));
        }
    }
}
