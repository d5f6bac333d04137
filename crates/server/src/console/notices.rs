//! 通知: what was asked for, and what became of each notice, with a button that sends one again.

use std::str::FromStr;
use std::sync::Arc;

use access::Interest;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::NotSubscribed;
use jiff::{SignedDuration, Timestamp};
use store::{Delivery, DeliveryKey, DeliveryState, Page, Subscription, SubscriptionState};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;

#[derive(Template)]
#[template(path = "notices.html")]
pub(crate) struct NoticesPage {
    frame: Frame,
    asked: Vec<Asked>,
}

/// One subscription.
struct Asked {
    id: String,
    about: String,
    criteria: String,
    institution: String,
    endpoint: String,
    state: String,
    is_well: bool,
    error: Option<String>,
    quiet_until: Option<String>,
    ends_at: Option<String>,
    reason: String,
    rows: Vec<Row>,
    waiting: usize,
}

/// One delivery.
struct Row {
    id: String,
    topic: String,
    at: String,
    state: String,
    state_code: &'static str,
    attempts: i64,
    next: String,
    answer: String,
}

/// How many deliveries of each subscription the page shows.
const SHOWN: u16 = 50;
/// The largest form taken, in bytes.
const LARGEST: usize = 4 << 10;

/// `GET /notices`.
pub(crate) async fn notices(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let refused = |why: &NotSubscribed| refusal(&app, &reader, why);
    let subscriptions = app.exchange.subscriptions(&visitor.viewer).await.map_err(|why| refused(&why))?;
    let frame = reader.frame(&app);
    let page = Page { before: visitor.act.now + SignedDuration::from_secs(1), limit: SHOWN };
    let mut asked = Vec::with_capacity(subscriptions.len());
    for one in &subscriptions {
        let deliveries = app.exchange.deliveries(&visitor.viewer, one.id, page).await;
        let deliveries = deliveries.map_err(|why| refused(&why))?;
        asked.push(asked_for(one, &deliveries, &reader, &frame));
    }
    let title = frame.word("notices.title").to_owned();
    let page = NoticesPage { frame: frame.titled(title), asked };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// `POST /notices/resend`.
pub(crate) async fn resend_notice(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, LARGEST, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let key = DeliveryKey::from_str(&text(&fields, "delivery")).map_err(|_| reader.not_found(&app))?;
    let sent = app.exchange.resend(&reader.visitor.viewer, key, &reader.visitor.act).await;
    sent.map_err(|why| refusal(&app, &reader, &why))?;
    let back = format!("/notices#subscription-{}", key.subscription);
    Ok((StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response())
}

fn refusal(app: &App, reader: &Reader, why: &NotSubscribed) -> Refusal {
    match why {
        NotSubscribed::Refused(refusal) => Refusal::by_rule(reader.frame(app), refusal.rule),
        NotSubscribed::Store(fault) => Refusal::fault(reader.frame(app), fault),
        _ => reader.not_found(app),
    }
}

fn asked_for(one: &Subscription, deliveries: &[Delivery], reader: &Reader, frame: &Frame) -> Asked {
    let now = reader.visitor.act.now;
    let state = if one.has_ended(now) { SubscriptionState::Off } else { one.state };
    let interest = Interest::of_code(&one.interest);
    let criteria = interest.map(|interest| interest.criteria(one.institution.as_deref()));
    let is_quiet = one.failures > 0 && one.quiet_until > now && state != SubscriptionState::Off;
    Asked {
        id: one.id.to_string(),
        about: frame.word(&format!("interest.{}", one.interest)).to_owned(),
        criteria: criteria.unwrap_or_default(),
        institution: one
            .institution
            .as_deref()
            .map(|number| reader.institutions.name(number))
            .unwrap_or_default(),
        endpoint: one.endpoint.clone(),
        state: frame.word(&format!("subscription-state.{}", state.code())).to_owned(),
        is_well: state == SubscriptionState::Active,
        error: one.error.as_deref().map(|code| answer(code, frame)),
        quiet_until: is_quiet.then(|| time::second(one.quiet_until)),
        ends_at: one.ends_at.map(time::minute),
        reason: one.reason.clone(),
        rows: deliveries.iter().map(|delivery| row(delivery, one, now, frame)).collect(),
        waiting: deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Waiting).count(),
    }
}

fn row(delivery: &Delivery, of: &Subscription, now: Timestamp, frame: &Frame) -> Row {
    let due_at = delivery.due_at.max(of.quiet_until);
    let next = match delivery.state {
        DeliveryState::Waiting if due_at <= now => frame.word("notices.at-once").to_owned(),
        DeliveryState::Waiting => time::second(due_at),
        _ => String::new(),
    };
    Row {
        id: delivery.key.to_string(),
        topic: frame.word(&format!("topic.{}", delivery.key.topic.code())).to_owned(),
        at: time::second(delivery.created_at),
        state: frame.word(&format!("delivery.{}", delivery.state.code())).to_owned(),
        state_code: delivery.state.code(),
        attempts: delivery.attempts,
        next,
        answer: delivery.answer.as_deref().map(|code| answer(code, frame)).unwrap_or_default(),
    }
}

/// What an endpoint answered, in words: a status as it is, or why there was none.
fn answer(code: &str, frame: &Frame) -> String {
    let key = format!("delivery.{code}");
    match frame.word(&key) {
        words if words == key => frame.fill("notices.status", "status", code),
        words => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn each_delivery_tells_its_tries_and_can_be_sent_again() {
        for frame in frames() {
            let text = || "x".to_owned();
            let row = Row {
                id: "e_registered_s".to_owned(),
                topic: text(),
                at: text(),
                state: frame.word("delivery.waiting").to_owned(),
                state_code: "waiting",
                attempts: 3,
                next: "2026-11-21 09:00:00".to_owned(),
                answer: answer("503", &frame),
            };
            let asked = Asked {
                id: text(),
                about: frame.word("interest.referral-inbox").to_owned(),
                criteria: text(),
                institution: text(),
                endpoint: "https://emr.example/".to_owned(),
                state: frame.word("subscription-state.error").to_owned(),
                is_well: false,
                error: Some(answer("timeout", &frame)),
                quiet_until: Some(text()),
                ends_at: None,
                reason: text(),
                rows: vec![row],
                waiting: 1,
            };
            let html = rendered(&NoticesPage { frame, asked: vec![asked] });
            assert!(html.contains(r#"name="delivery" value="e_registered_s""#) && html.contains("503"));
            assert!(html.contains("2026-11-21 09:00:00"));
        }
    }
}
