//! 同意: what a patient allowed, who opened their record without consent, and what they wish.

use std::sync::Arc;

use access::{ConsentGroup, consent_groups, may_see_proxies, newest_wish, scope};
use askama::Template;
use audit::EventId;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Consents;
use jiff::Timestamp;
use store::{Basis, Finding, Grant, PersonId, Stance, Wish};

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::{proxies, record, time};

#[derive(Template)]
#[template(path = "consents.html")]
pub(crate) struct ConsentsPage {
    frame: Frame,
    person: String,
    told: Vec<Given>,
    in_force: Vec<Given>,
    past: Vec<Given>,
    wishes: Vec<Standing>,
    groups: Vec<(String, String)>,
    institutions: Vec<(String, String)>,
    /// Who may act for the reader; none where the reader is somebody else.
    proxies: Option<Vec<proxies::Row>>,
    error: Option<String>,
}

/// A grant, as its patient reads it.
struct Given {
    id: String,
    institution: String,
    holder: String,
    groups: Vec<String>,
    basis: String,
    reason: String,
    from: String,
    until: String,
    is_revoked: bool,
    review: Option<String>,
}

/// A wish that stands.
struct Standing {
    institution: Option<String>,
    number: String,
    code: String,
    group: String,
    stance: String,
    since: String,
}

/// No form here is larger.
const FORM_BYTES: usize = 8 << 10;
/// How many ended grants are listed.
const PAST: usize = 50;

/// `GET /patients/{id}/consents`.
pub(crate) async fn consents(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    page(&app, &reader, person, None).await
}

/// `POST /patients/{id}/consents`: a grant taken back (`revoke`), or a wish (`stance`, `group`, `institution`).
pub(crate) async fn change_consents(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    match change(&app, &reader, person, &fields).await? {
        None => {
            let to = format!("/patients/{person}/consents");
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Some(code) => page(&app, &reader, person, Some(code)).await,
    }
}

/// Does what the form asks; the code of what is wrong with it, if something is.
async fn change(
    app: &App,
    reader: &Reader,
    person: PersonId,
    fields: &Fields,
) -> Result<Option<&'static str>, Refusal> {
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let revoked = text(fields, "revoke");
    let outcome = if revoked.is_empty() {
        let institution = Some(text(fields, "institution")).filter(|number| !number.is_empty());
        let groups: Vec<String> = consent_groups()
            .iter()
            .map(|group| &group.code)
            .filter(|code| is_chosen(fields, code))
            .cloned()
            .collect();
        let stance = Stance::from_code(&text(fields, "stance"));
        let stance = stance.ok_or_else(|| Refusal::of_status(reader.frame(app), StatusCode::BAD_REQUEST))?;
        app.exchange.wish(viewer, person, institution, groups, stance, act).await
    } else {
        let id = EventId::try_from(revoked).map_err(|_| reader.not_found(app))?;
        app.exchange.revoke(viewer, id, act).await.map(drop)
    };
    outcome.map_or_else(|why| reader.not_granted(app, why).map(Some), |()| Ok(None))
}

fn is_chosen(fields: &Fields, code: &str) -> bool {
    !text(fields, &format!("group-{code}")).is_empty()
}

async fn page(
    app: &App,
    reader: &Reader,
    person: PersonId,
    error: Option<&'static str>,
) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let now = visitor.act.now;
    let consents = app.exchange.consents(&visitor.viewer, person, &visitor.act).await;
    let Consents { grants, wishes } = match consents {
        Ok(consents) => consents,
        Err(why) => {
            let code = reader.not_granted(app, why)?;
            return Err(Refusal::by_rule(reader.frame(app), code));
        }
    };
    let frame = reader.frame(app);
    let proxies = proxies_of(app, reader, person, &frame).await?;
    let given = |grant: &Grant| given(grant, reader, &frame);
    let (by_consent, told): (Vec<&Grant>, Vec<&Grant>) =
        grants.iter().partition(|grant| grant.basis == Basis::CardReader);
    let (in_force, past): (Vec<&Grant>, Vec<&Grant>) =
        by_consent.into_iter().partition(|grant| grant.revoked_at.is_none() && now < access::end_of(grant));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|code| frame.word(&format!("wrong.{code}")).to_owned());
    let title = frame.word("consents.title").to_owned();
    let page = ConsentsPage {
        person: person.to_string(),
        told: told.into_iter().map(given).collect(),
        in_force: in_force.into_iter().map(given).collect(),
        past: past.into_iter().take(PAST).map(given).collect(),
        wishes: standing(&wishes, now, reader, &frame),
        groups: consent_groups().iter().map(|group| (group.code.clone(), name(group, &frame))).collect(),
        institutions: reader.institutions.all(),
        proxies,
        frame: if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

async fn proxies_of(
    app: &App,
    reader: &Reader,
    person: PersonId,
    frame: &Frame,
) -> Result<Option<Vec<proxies::Row>>, Refusal> {
    if may_see_proxies(&reader.visitor.viewer, person).is_err() {
        return Ok(None);
    }
    let all = app.exchange.store.proxies_of(person).await;
    let all = all.map_err(|fault| Refusal::fault(frame.clone(), &fault))?;
    Ok(Some(all.iter().map(|one| proxies::row(one, reader, frame)).collect()))
}

fn given(grant: &Grant, reader: &Reader, frame: &Frame) -> Given {
    Given {
        id: grant.id.to_string(),
        institution: reader.institutions.name(&grant.institution),
        holder: grant.holder.as_ref().map(|holder| holder.name.clone()).unwrap_or_default(),
        groups: grant.groups.iter().filter_map(|code| scope(code)).map(|group| name(group, frame)).collect(),
        basis: frame.word(&format!("basis.{}", grant.basis.code())).to_owned(),
        reason: grant.reason.clone().unwrap_or_default(),
        from: time::minute(grant.starts_at),
        until: time::minute(access::end_of(grant)),
        is_revoked: grant.revoked_at.is_some(),
        review: grant.review.as_ref().map(|review| finding(review.finding, frame)),
    }
}

/// What a review found, in words.
pub(crate) fn finding(finding: Finding, frame: &Frame) -> String {
    frame.word(&format!("look-finding.{}", finding.code())).to_owned()
}

/// The wishes that stand now, one line for each group and institution.
fn standing(wishes: &[Wish], now: Timestamp, reader: &Reader, frame: &Frame) -> Vec<Standing> {
    let mut about: Vec<Option<&str>> = wishes.iter().map(|wish| wish.institution.as_deref()).collect();
    about.sort_unstable();
    about.dedup();
    let mut standing = Vec::new();
    for institution in about {
        for group in consent_groups() {
            let newest = newest_wish(wishes, institution, group, now);
            if let Some(wish) = newest.filter(|wish| wish.stance != Stance::Withdrawn) {
                standing.push(Standing {
                    institution: institution.map(|number| reader.institutions.name(number)),
                    number: institution.unwrap_or_default().to_owned(),
                    code: group.code.clone(),
                    group: name(group, frame),
                    stance: frame.word(&format!("stance.{}", wish.stance.code())).to_owned(),
                    since: time::minute(wish.expressed_at),
                });
            }
        }
    }
    standing
}

/// A group's name in the page's language.
pub(crate) fn name(group: &ConsentGroup, frame: &Frame) -> String {
    if frame.is_english() { group.name_en.clone() } else { group.name_ja.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_patient_reads_who_opened_their_record_and_takes_back_what_holds() {
        for frame in frames() {
            let given = |basis: &str| Given {
                id: "0".repeat(32),
                institution: "架空中央病院".to_owned(),
                holder: "架空 当直".to_owned(),
                groups: vec!["検査".to_owned()],
                basis: basis.to_owned(),
                reason: "<意識がない>".to_owned(),
                from: "2026-11-21 09:00".to_owned(),
                until: "2026-11-22 09:00".to_owned(),
                is_revoked: false,
                review: None,
            };
            let page = ConsentsPage {
                frame,
                person: "p".to_owned(),
                told: vec![given("救急時")],
                in_force: vec![given("同意")],
                past: Vec::new(),
                wishes: Vec::new(),
                groups: vec![("treatment".to_owned(), "診療".to_owned())],
                institutions: Vec::new(),
                proxies: Some(Vec::new()),
                error: None,
            };
            let html = rendered(&page);
            assert!(html.contains("&#60;意識がない&#62;") && html.contains("name=\"revoke\""));
            assert!(html.contains("name=\"group-treatment\""));
        }
    }
}
