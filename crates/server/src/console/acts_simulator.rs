//! できることの確かめ: whether a role may do something, by which rule, for any act and any facts. Nothing is done, nothing
//! is shown, nobody's record is touched.

use std::collections::HashMap;
use std::sync::Arc;

use access::policy::{Action, Setting, explain, facts_asked, narrowed};
use access::{Role, may_simulate};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::App;
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "acts_simulator.html")]
struct ActsSimulatorPage {
    frame: Frame,
    roles: Vec<Choice>,
    acts: Vec<Choice>,
    institutions: Vec<Choice>,
    facts: Vec<FactRow>,
    answer: Option<Answer>,
}

/// One option of a list.
struct Choice {
    code: String,
    name: String,
    is_chosen: bool,
}

/// A fact that the policies of the act ask, and its values.
struct FactRow {
    code: &'static str,
    name: String,
    values: Vec<Choice>,
}

/// What the policies say.
struct Answer {
    is_permitted: bool,
    rule: &'static str,
    why: String,
    policy: Option<String>,
}

/// `GET /policy/simulator?role=&act=&institution=&{fact}=`.
pub(crate) async fn acts_simulator(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    if let Err(refusal) = may_simulate(&reader.visitor.viewer) {
        return Err(Refusal::by_rule(reader.frame(&app), refusal.rule));
    }
    let frame = reader.frame(&app);
    let of = |name: &str| asked.get(name).map_or("", String::as_str);
    let role = Role::from_code(of("role")).unwrap_or(Role::Nurse);
    let chosen = Action::from_code(of("act"));
    let action = chosen.unwrap_or(Action::ViewInformations);
    let mut setting = Setting::default();
    for (name, _) in facts_asked(action) {
        // What is not said, or is no value, stays as it usually is.
        setting.set(name, of(name));
    }
    let narrowing = narrowed(of("institution"));
    let explained = explain(&setting.case(role), action, narrowing.as_deref());
    let rule = match &explained.ruling {
        Ok(rule) => rule,
        Err(refusal) => refusal.rule,
    };
    let answer = chosen.map(|_| Answer {
        is_permitted: explained.ruling.is_ok(),
        rule,
        why: frame.word(&format!("rule.{rule}")).to_owned(),
        policy: explained.policy,
    });
    let roles = Role::ALL.into_iter().map(|one| Choice {
        code: one.code().to_owned(),
        name: frame.word(role_key(one)).to_owned(),
        is_chosen: one == role,
    });
    let acts = Action::ALL.into_iter().map(|one| Choice {
        code: one.code().to_owned(),
        name: frame.word(&format!("action.{}", one.code())).to_owned(),
        is_chosen: one == action,
    });
    let institutions = reader.institutions.all().into_iter().map(|(code, name)| Choice {
        is_chosen: code == of("institution"),
        code,
        name,
    });
    let page = ActsSimulatorPage {
        roles: roles.collect(),
        acts: acts.collect(),
        institutions: institutions.collect(),
        facts: facts(action, &asked, &frame),
        answer,
        frame: frame.clone().titled(frame.word("acts-simulator.title").to_owned()),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn facts(action: Action, asked: &HashMap<String, String>, frame: &Frame) -> Vec<FactRow> {
    let row = |(name, values): (&'static str, Vec<String>)| {
        let said = asked.get(name).map(String::as_str);
        let value = |code: String| Choice {
            name: value_words(name, &code, frame),
            is_chosen: said.map_or_else(|| is_usual(name, &code), |said| said == code),
            code,
        };
        let values = values.into_iter().map(value).collect();
        FactRow { code: name, name: frame.word(&format!("fact.{name}")).to_owned(), values }
    };
    facts_asked(action).into_iter().map(row).collect()
}

/// Whether a fact has this value where nothing is said: as in [`Setting::default`].
fn is_usual(name: &str, code: &str) -> bool {
    match name {
        "assurance" => code == "two-factor",
        "is_fresh" | "has_institution" => code == "yes",
        _ => code == "no" || code == "none",
    }
}

fn value_words(name: &str, code: &str, frame: &Frame) -> String {
    let section = match (name, code) {
        (_, "yes" | "no" | "none") | ("assurance" | "step", _) => "fact-value",
        ("subject", _) => "role",
        ("purpose", _) => "purpose-of-use",
        ("kind", _) => "kind",
        ("opened_by", _) => "basis",
        _ => return code.to_owned(),
    };
    frame.word(&format!("{section}.{code}")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn every_fact_of_every_act_and_each_of_its_values_has_words() {
        for frame in frames() {
            for action in Action::ALL {
                for fact in facts(action, &HashMap::new(), &frame) {
                    assert!(!fact.name.starts_with("fact."), "{}", fact.code);
                    let chosen = fact.values.iter().filter(|one| one.is_chosen).count();
                    assert!(chosen <= 1, "{} of {action:?}", fact.code);
                    let bare = fact.values.iter().find(|one| {
                        one.name.contains("fact-value.") || one.name.contains(&format!(".{}", one.code))
                    });
                    assert!(bare.is_none(), "{}: {}", fact.code, bare.map_or("", |one| one.name.as_str()));
                }
            }
        }
    }

    #[test]
    fn a_ruling_stands_with_its_rule_its_words_and_its_policy() {
        for frame in frames() {
            let page = ActsSimulatorPage {
                frame,
                roles: Vec::new(),
                acts: Vec::new(),
                institutions: Vec::new(),
                facts: Vec::new(),
                answer: Some(Answer {
                    is_permitted: false,
                    rule: "no-grant",
                    why: "x".to_owned(),
                    policy: Some("forbid (principal);".to_owned()),
                }),
            };
            let html = rendered(&page);
            assert!(html.contains("<code>no-grant</code>") && html.contains("forbid (principal);"));
        }
    }
}
