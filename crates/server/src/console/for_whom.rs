//! だれの情報を見ますか: a patient who may act for others chooses for whom they look.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::App;
use crate::console::frame::{Frame, relation_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;

#[derive(Template)]
#[template(path = "for_whom.html")]
struct ForWhomPage {
    frame: Frame,
    own: Option<String>,
    others: Vec<Choice>,
}

/// Somebody for whom one may look.
struct Choice {
    person: String,
    name: String,
    relation: String,
    until: String,
}

/// `GET /for-whom`.
pub(crate) async fn for_whom(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let frame = reader.frame(&app);
    if visitor.viewer.role != Role::Patient {
        return Err(Refusal::by_rule(frame, "role-sees-no-record"));
    }
    let choices = visitor.represented.iter().map(|proxy| Choice {
        person: proxy.person.to_string(),
        name: proxy.represented.clone(),
        relation: frame.word(relation_key(proxy.relation)).to_owned(),
        until: time::minute(proxy.ends_at),
    });
    let title = frame.word("for-whom.title").to_owned();
    let page = ForWhomPage {
        own: visitor.viewer.person.map(|person| person.to_string()),
        others: choices.collect(),
        frame: frame.titled(title),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}
