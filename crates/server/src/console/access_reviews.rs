//! 権利の棚卸し: campaigns in which somebody else than its holder says of each right that it is still needed.

use std::sync::Arc;

use access::{Action, Concern, Role};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use identity::{Answer, NewAccessReview, NotAnswered, NotOpened, evidence};
use store::{AccessReview, Holder, ReviewedRight, RightState};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::{day, minute};

#[derive(Template)]
#[template(path = "access_reviews.html")]
struct AccessReviewsPage {
    frame: Frame,
    rows: Vec<ReviewRow>,
    can_open: bool,
    name: String,
    due: String,
    today: String,
    error: Option<(&'static str, String)>,
}

/// One campaign.
struct ReviewRow {
    id: String,
    name: String,
    institution: String,
    due: String,
    all: i64,
    answered: i64,
    is_closed: bool,
}

#[derive(Template)]
#[template(path = "access_review.html")]
struct AccessReviewPage {
    frame: Frame,
    review: ReviewRow,
    opened: String,
    waiting: Vec<RightRow>,
    done: Vec<RightRow>,
    error: Option<(String, String)>,
}

/// One right.
struct RightRow {
    account: String,
    name: String,
    login: String,
    role: String,
    factors: String,
    used_at: Option<String>,
    can_answer: bool,
    state: String,
    is_ended: bool,
    is_finding: bool,
    by: String,
    at: String,
    reason: String,
}

/// `GET /access-reviews`.
pub(crate) async fn access_reviews(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    list(&app, &reader, (String::new(), String::new()), None).await
}

/// `POST /access-reviews`: opens a campaign (`name`, `due`) over the accounts that its opener answers for.
pub(crate) async fn open_access_review(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let rule = reader.may(&app, Action::AnswerAccessReview, &opening(&reader))?;
    let (name, due) = (text(&fields, "name"), text(&fields, "due"));
    let again = (name.clone(), due.clone());
    let Ok(last) = due.parse() else {
        return list(&app, &reader, again, Some(("due", "access-review.wrong-due"))).await;
    };
    let new = NewAccessReview { name, institution: own(&reader).map(str::to_owned), due: last };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let error = match app.identity.open_access_review(viewer, rule, new, act).await {
        Ok(id) => return Ok(to(&format!("/access-reviews/{id}"))),
        Err(NotOpened::Store(fault)) => return Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotOpened::Name) => ("name", "access-review.wrong-name"),
        Err(NotOpened::Due) => ("due", "access-review.wrong-due"),
        Err(NotOpened::AlreadyOpen) => ("name", "access-review.already-open"),
        Err(NotOpened::Nobody) => ("name", "access-review.nobody"),
    };
    list(&app, &reader, again, Some(error)).await
}

/// `GET /access-reviews/{id}`.
pub(crate) async fn access_review(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    show(&app, &reader, id, None).await
}

/// `POST /access-reviews/{id}`: an answer (`account`, `answer`, `reason`).
pub(crate) async fn answer_access_review(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (review, rights) = found(&app, &reader, id.clone()).await?;
    let account = text(&fields, "account");
    let right = rights.iter().find(|one| one.account == account);
    let right = right.ok_or_else(|| reader.not_found(&app))?;
    let holder = holder(right);
    let rule = reader.may(&app, Action::AnswerAccessReview, &concern(&review, right, &holder))?;
    let answer = match text(&fields, "answer").as_str() {
        "confirm" => Answer::Confirm,
        "withdraw" => Answer::Withdraw(text(&fields, "reason")),
        _ => return Err(Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST)),
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let error = match app.identity.answer_right(viewer, rule, &review, &account, answer, act).await {
        Ok(()) => return Ok(to(&format!("/access-reviews/{id}"))),
        Err(NotAnswered::Store(fault)) => return Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotAnswered::Reason) => "access-review.wrong-reason",
        Err(NotAnswered::NotThere) => "access-review.not-there",
        Err(NotAnswered::LastAdministrator) => "accounts.last-administrator",
    };
    show(&app, &reader, id, Some((account, error))).await
}

/// `GET /access-reviews/{id}/csv`: the evidence.
pub(crate) async fn access_review_csv(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (review, rights) = found(&app, &reader, id).await?;
    let name = format!("attachment; filename=\"access-review-{}.csv\"", review.due);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, evidence(&review, &rights)).into_response())
}

fn own(reader: &Reader) -> Option<&str> {
    reader.visitor.viewer.institution.as_deref()
}

/// What opening a campaign is about: the accounts that its opener may answer for.
fn opening(reader: &Reader) -> Concern<'_> {
    Concern { institution: own(reader), subject: Some(Role::Operator), ..Concern::default() }
}

/// What answering a right is about.
fn concern<'a>(review: &'a AccessReview, right: &ReviewedRight, holder: &'a Holder) -> Concern<'a> {
    let subject = Role::from_code(&right.role);
    Concern {
        institution: review.institution.as_deref(),
        subject,
        holder: Some(holder),
        ..Concern::default()
    }
}

fn holder(right: &ReviewedRight) -> Holder {
    Holder { credential: right.account.clone(), name: right.name.clone() }
}

/// A campaign that its reader may know of.
async fn found(
    app: &App,
    reader: &Reader,
    id: String,
) -> Result<(AccessReview, Vec<ReviewedRight>), Refusal> {
    let concern = Concern { institution: own(reader), ..Concern::default() };
    reader.may(app, Action::AccountList, &concern)?;
    let found = app.exchange.store.access_review(id).await;
    let found = found.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let found =
        found.filter(|(review, _)| own(reader).is_none() || review.institution.as_deref() == own(reader));
    found.ok_or_else(|| reader.not_found(app))
}

async fn list(
    app: &App,
    reader: &Reader,
    (name, due): (String, String),
    error: Option<(&'static str, &str)>,
) -> Result<Response, Refusal> {
    let concern = Concern { institution: own(reader), ..Concern::default() };
    reader.may(app, Action::AccountList, &concern)?;
    let reviews = app.exchange.store.access_reviews().await;
    let reviews = reviews.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let is_theirs =
        |review: &AccessReview| own(reader).is_none() || review.institution.as_deref() == own(reader);
    let frame = reader.frame(app);
    let rows = reviews.iter().filter(|(review, ..)| is_theirs(review));
    let rows = rows.map(|(review, all, open)| row(review, *all, all - open, reader, &frame)).collect();
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = frame.word("access-review.title").to_owned();
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    let page = AccessReviewsPage {
        rows,
        can_open: access::may_administer(viewer, Action::AnswerAccessReview, &opening(reader), now).is_ok(),
        name,
        due,
        today: day(now).to_string(),
        error,
        frame: frame.titled(title),
    };
    Ok(page.frame.answer(status, &page))
}

async fn show(
    app: &App,
    reader: &Reader,
    id: String,
    error: Option<(String, &str)>,
) -> Result<Response, Refusal> {
    let (review, rights) = found(app, reader, id).await?;
    let frame = reader.frame(app);
    let all = i64::try_from(rights.len()).unwrap_or(i64::MAX);
    let (waiting, done): (Vec<_>, Vec<_>) = rights.iter().partition(|one| one.state == RightState::Open);
    let answered = all - i64::try_from(waiting.len()).unwrap_or(0);
    let each = |right: &&ReviewedRight| right_row(&review, right, reader, &frame);
    let error = error.map(|(account, key)| (account, frame.word(key).to_owned()));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let titled = frame.clone().titled(review.name.clone());
    let page = AccessReviewPage {
        review: row(&review, all, answered, reader, &frame),
        opened: format!("{} {}", minute(review.opened_at), review.opened_by.name),
        waiting: waiting.iter().map(each).collect(),
        done: done.iter().map(each).collect(),
        frame: if error.is_some() { titled.with_error() } else { titled },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

fn row(review: &AccessReview, all: i64, answered: i64, reader: &Reader, frame: &Frame) -> ReviewRow {
    let number = review.institution.as_deref();
    ReviewRow {
        id: review.id.clone(),
        name: review.name.clone(),
        institution: number.map_or_else(
            || frame.word("access-review.of-hub").to_owned(),
            |one| reader.institutions.name(one),
        ),
        due: review.due.to_string(),
        all,
        answered,
        is_closed: review.closed_at.is_some() || review.ends_at <= reader.visitor.act.now,
    }
}

fn right_row(review: &AccessReview, right: &ReviewedRight, reader: &Reader, frame: &Frame) -> RightRow {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    let holder = holder(right);
    let concern = concern(review, right, &holder);
    let may = access::may_administer(viewer, Action::AnswerAccessReview, &concern, now).is_ok();
    let role = Role::from_code(&right.role).map_or(right.role.as_str(), |role| frame.word(role_key(role)));
    let factors = right.factors.iter().map(|code| frame.word(&format!("factor.{code}")).to_owned());
    let answer = right.answer.as_ref();
    RightRow {
        account: right.account.clone(),
        name: right.name.clone(),
        login: right.login.clone(),
        role: role.to_owned(),
        factors: factors.collect::<Vec<_>>().join(frame.word("act.joint")),
        used_at: right.used_at.map(minute),
        can_answer: may && now < review.ends_at,
        state: frame.word(&format!("right-state.{}", right.state.code())).to_owned(),
        is_ended: matches!(right.state, RightState::Withdrawn | RightState::Lapsed),
        is_finding: right.state == RightState::Overdue,
        by: answer.map(|one| one.by.name.clone()).unwrap_or_default(),
        at: answer.map(|one| minute(one.at)).unwrap_or_default(),
        reason: answer.and_then(|one| one.reason.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_right_can_be_answered_by_those_who_may_and_what_is_overdue_stands_out() {
        for frame in frames() {
            let text = || "x".to_owned();
            let right = |can_answer, is_finding| RightRow {
                account: "a1".to_owned(),
                name: text(),
                login: text(),
                role: text(),
                factors: text(),
                used_at: None,
                can_answer,
                state: text(),
                is_ended: false,
                is_finding,
                by: text(),
                at: text(),
                reason: text(),
            };
            let page = |right_may: bool| AccessReviewPage {
                frame: frame.clone(),
                review: ReviewRow {
                    id: text(),
                    name: text(),
                    institution: text(),
                    due: text(),
                    all: 2,
                    answered: 1,
                    is_closed: false,
                },
                opened: text(),
                waiting: vec![right(right_may, false)],
                done: vec![right(false, true)],
                error: None,
            };
            let html = rendered(&page(true));
            assert!(html.contains("value=\"confirm\"") && html.contains("value=\"withdraw\""));
            assert!(html.contains("mark-high") && html.contains("<progress"));
            assert!(!rendered(&page(false)).contains("value=\"confirm\""));
        }
    }
}
