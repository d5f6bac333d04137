//! 同意の確かめ: what somebody would see of a patient, by which rule, and why not. Nothing of the record is read.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use access::{Assurance, Hindrance, Purpose, Role, Viewer};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{Explanation, What};
use store::PersonId;

use crate::App;
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;

#[derive(Template)]
#[template(path = "simulator.html")]
pub(crate) struct SimulatorPage {
    frame: Frame,
    roles: Vec<Choice>,
    institutions: Vec<Choice>,
    purposes: Vec<Choice>,
    patient: String,
    holder: String,
    answer: Option<Answer>,
    error: Option<String>,
}

/// One option of a list.
struct Choice {
    code: String,
    name: String,
    is_chosen: bool,
}

/// What `decide` said.
struct Answer {
    lines: Vec<Line>,
    grants: Vec<GrantLine>,
    wishes: Vec<String>,
}

struct Line {
    what: String,
    is_seen: bool,
    why: String,
    rule: &'static str,
}

struct GrantLine {
    basis: String,
    institution: String,
    until: String,
    opens: bool,
    why: String,
}

/// `GET /consent/simulator?role=&institution=&patient=&purpose=&holder=`.
pub(crate) async fn simulator(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    if let Err(refusal) = access::may_simulate(&reader.visitor.viewer) {
        return Err(Refusal::by_rule(reader.frame(&app), refusal.rule));
    }
    let of = |name: &str| asked.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let role = Role::from_code(&of("role")).unwrap_or(Role::Clinician);
    let purpose = Purpose::from_code(&of("purpose")).unwrap_or(Purpose::Treatment);
    let (institution, patient, holder) = (of("institution"), of("patient"), of("holder"));
    let frame = reader.frame(&app);
    let person = PersonId::from_str(&patient).ok();
    let answer = match person {
        None => None,
        Some(person) => {
            let viewer = Viewer {
                credential: if holder.is_empty() { "-".to_owned() } else { holder.clone() },
                name: String::new(),
                role,
                institution: Some(institution.clone()).filter(|number| !number.is_empty()),
                person: (role == Role::Patient).then_some(person),
                assurance: Assurance::FULL,
                scopes: None,
                stands_for: None,
            };
            let (asker, act) = (&reader.visitor.viewer, &reader.visitor.act);
            let explained = app.exchange.explain(asker, &viewer, person, purpose, act.now, act).await;
            match explained {
                Ok(explained) => Some(answer(&explained, &reader, &frame)),
                Err(why) => {
                    let code = reader.not_granted(&app, why)?;
                    return Err(Refusal::by_rule(reader.frame(&app), code));
                }
            }
        }
    };
    let is_wrong = person.is_none() && !patient.is_empty();
    let roles = Role::ALL.into_iter().map(|one| Choice {
        code: one.code().to_owned(),
        name: frame.word(role_key(one)).to_owned(),
        is_chosen: one == role,
    });
    let purposes = Purpose::ALL.into_iter().map(|one| Choice {
        code: one.code().to_owned(),
        name: frame.word(&format!("purpose-of-use.{}", one.code())).to_owned(),
        is_chosen: one == purpose,
    });
    let institutions = reader.institutions.all().into_iter().map(|(number, name)| Choice {
        is_chosen: number == institution,
        code: number,
        name,
    });
    let title = frame.word("simulator.title").to_owned();
    let page = SimulatorPage {
        roles: roles.collect(),
        institutions: institutions.collect(),
        purposes: purposes.collect(),
        patient,
        holder,
        answer,
        error: is_wrong.then(|| frame.word("simulator.no-patient").to_owned()),
        frame: if is_wrong { frame.titled(title).with_error() } else { frame.titled(title) },
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn answer(explained: &Explanation, reader: &Reader, frame: &Frame) -> Answer {
    let line = |line: &exchange::Line| Line {
        what: match line.what {
            What::Information(one) => frame.word(&format!("information.{}", one.code())).to_owned(),
            What::Document(kind) => frame.word(&format!("kind.{}", store::kind_code(kind))).to_owned(),
        },
        is_seen: line.is_seen,
        why: frame.word(&format!("rule.{}", line.rule)).to_owned(),
        rule: line.rule,
    };
    let grants = explained.grants.iter().map(|(grant, hindrance)| GrantLine {
        basis: frame.word(&format!("basis.{}", grant.basis.code())).to_owned(),
        institution: reader.institutions.name(&grant.institution),
        until: time::minute(access::end_of(grant)),
        opens: hindrance.is_none(),
        why: frame.word(hindrance.map_or("hindrance.none", hindrance_key)).to_owned(),
    });
    let wishes = explained.wishes.iter().map(|(group, stance)| {
        let group = access::scope(group).map(|group| crate::console::consents::name(group, frame));
        format!("{}: {}", group.unwrap_or_default(), frame.word(&format!("stance.{stance}")))
    });
    Answer {
        lines: explained.lines.iter().map(line).collect(),
        grants: grants.collect(),
        wishes: wishes.collect(),
    }
}

fn hindrance_key(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::OtherPerson => "hindrance.other-person",
        Hindrance::OtherInstitution => "hindrance.other-institution",
        Hindrance::OtherHolder => "hindrance.other-holder",
        Hindrance::OtherPurpose => "hindrance.other-purpose",
        Hindrance::NotYet => "hindrance.not-yet",
        Hindrance::Ended => "hindrance.ended",
        Hindrance::Revoked => "hindrance.revoked",
        Hindrance::NoDisaster => "hindrance.no-disaster",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn what_is_not_seen_says_by_which_rule() {
        for frame in frames() {
            let line =
                |rule, is_seen| Line { what: "検査".to_owned(), is_seen, why: "理由".to_owned(), rule };
            let lines = vec![line("grant", true), line("no-grant", false)];
            let page = SimulatorPage {
                frame,
                roles: Vec::new(),
                institutions: Vec::new(),
                purposes: Vec::new(),
                patient: "p".to_owned(),
                holder: String::new(),
                answer: Some(Answer { lines, grants: Vec::new(), wishes: Vec::new() }),
                error: None,
            };
            assert!(rendered(&page).contains("<code>no-grant</code>"));
        }
    }
}
