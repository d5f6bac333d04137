use std::str::FromStr;

use access::{Assurance, Hindrance, Purpose, Role, Viewer};
use audit::{Act as Deed, Event, EventId};
use exchange::What;
use jiff::SignedDuration;
use serde_json::json;
use store::{Grant, PersonId, Stance, new_event_id};

use crate::cli::{Consent, Explain};
use crate::commands::operator::{Operator, instant};
use crate::commands::token::on_record;
use crate::commands::{Manner, block_on, say, serve, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

pub(crate) fn run(command: Consent, manner: Manner) -> Result<bool, Fault> {
    match command {
        Consent::Grant { patient, institution, groups, hours, config } => {
            grant(&patient, &institution, groups, hours, &config.config)
        }
        Consent::Revoke { id, config } => {
            let operator = Operator::open(&config.config)?;
            let id = EventId::try_from(id).map_err(|not| Fault::Usage(not.to_owned()))?;
            let revoked = operator.exchange.revoke(&operator.viewer, id, &operator.act);
            let revoked = block_on(revoked)?;
            operator.told(revoked, manner, "consent.revoked")
        }
        Consent::List { patient, config } => list(&patient, &Operator::open(&config.config)?, manner),
        Consent::Wish { patient, institution, groups, stance, config } => {
            let operator = Operator::open(&config.config)?;
            let stance =
                Stance::from_code(&stance).ok_or_else(|| Fault::Usage(format!("--stance: {stance}")))?;
            let person = person(&patient)?;
            let wished =
                operator.exchange.wish(&operator.viewer, person, institution, groups, stance, &operator.act);
            let wished = block_on(wished)?;
            operator.told(wished, manner, "consent.wished")
        }
        Consent::Explain(question) => explain(&question, manner),
    }
}

/// Keeps a grant as a card reader would (simulated).
fn grant(
    patient: &str,
    institution: &str,
    groups: Vec<String>,
    hours: i64,
    config: &std::path::Path,
) -> Result<bool, Fault> {
    let person = person(patient)?;
    let known: Vec<&str> = access::consent_groups().iter().map(|group| group.code.as_str()).collect();
    if let Some(unknown) = groups.iter().find(|group| !known.contains(&group.as_str())) {
        return Err(Fault::Usage(format!(
            "--groups: {unknown} はありません。使えるもの: {}",
            known.join(", ")
        )));
    }
    let store = serve::open_store(&Config::read(config)?)?;
    let now = system_clock()();
    let id = new_event_id(person.bucket(), now).map_err(store::Fault::from)?;
    let ends_at = now + SignedDuration::from_hours(hours);
    let grant = Grant::at_card_reader(person, id, institution, groups, now, ends_at);
    let event = on_record("consent grant", now)?;
    let event = Event { act: Deed::Consent, patient: Some(person.to_string()), ..event };
    block_on(store.keep_grant(grant, event))??;
    talk(&format!("閲覧同意を記録しました（{ends_at} まで）"));
    Ok(true)
}

fn list(patient: &str, operator: &Operator, manner: Manner) -> Result<bool, Fault> {
    let consents = operator.exchange.consents(&operator.viewer, person(patient)?, &operator.act);
    let consents = match block_on(consents)? {
        Ok(consents) => consents,
        Err(why) => return operator.told(Err::<(), _>(why), manner, "consent.revoked"),
    };
    for grant in &consents.grants {
        say(&if manner.json {
            grant_as_json(grant).to_string()
        } else {
            grant_in_a_line(grant, operator, manner)
        })?;
    }
    for wish in consents.wishes.iter().rev() {
        let institution = wish.institution.as_deref().unwrap_or("-");
        let (groups, stance) = (wish.groups.join(","), wish.stance.code());
        say(&if manner.json {
            json!({"wish": wish.id.to_string(), "institution": wish.institution, "groups": wish.groups,
                "stance": stance, "expressed_at": wish.expressed_at.to_string()})
            .to_string()
        } else {
            format!("{}  {stance:<14} {institution:<10}  {groups}  {}", wish.id, wish.expressed_at)
        })?;
    }
    Ok(true)
}

fn grant_in_a_line(grant: &Grant, operator: &Operator, manner: Manner) -> String {
    let now = operator.act.now;
    let state = if grant.revoked_at.is_some() {
        manner.words("consent.is-revoked", &[])
    } else if access::end_of(grant) <= now {
        manner.words("consent.is-ended", &[])
    } else {
        manner.words("consent.is-in-force", &[])
    };
    let (basis, end) = (grant.basis.code(), access::end_of(grant));
    format!("{}  {state}  {basis:<12} {}  {}  {end}", grant.id, grant.institution, grant.groups.join(","))
}

fn grant_as_json(grant: &Grant) -> serde_json::Value {
    json!({"grant": grant.id.to_string(), "institution": grant.institution, "groups": grant.groups,
        "basis": grant.basis.code(), "purpose": grant.purpose.code(), "starts_at": grant.starts_at.to_string(),
        "ends_at": access::end_of(grant).to_string(),
        "revoked_at": grant.revoked_at.map(|at| at.to_string())})
}

fn explain(question: &Explain, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(&question.config.config)?;
    let person = person(&question.patient)?;
    let role = Role::from_code(&question.viewer_role)
        .ok_or_else(|| Fault::Usage(format!("--viewer-role: {}", question.viewer_role)))?;
    let purpose = Purpose::from_code(&question.purpose)
        .ok_or_else(|| Fault::Usage(format!("--purpose: {}", question.purpose)))?;
    let at =
        question.at.as_deref().map(|text| instant("--at", text)).transpose()?.unwrap_or(operator.act.now);
    let viewer = Viewer {
        credential: question.holder.clone().unwrap_or_else(|| "-".to_owned()),
        name: String::new(),
        role,
        institution: question.institution.clone(),
        person: (role == Role::Patient).then_some(person),
        assurance: Assurance::FULL,
        scopes: None,
        stands_for: None,
    };
    let explained = operator.exchange.explain(&operator.viewer, &viewer, person, purpose, at, &operator.act);
    let explained = match block_on(explained)? {
        Ok(explained) => explained,
        Err(why) => return operator.told(Err::<(), _>(why), manner, "consent.revoked"),
    };
    let language = manner.lang.language();
    for line in &explained.lines {
        let (what, key) = match line.what {
            What::Information(one) => (one.code(), format!("information.{}", one.code())),
            What::Document(kind) => (store::kind_code(kind), format!("kind.{}", store::kind_code(kind))),
        };
        let rule = format!("rule.{}", line.rule);
        let (name, why) = (server::in_words(language, &key), server::in_words(language, &rule));
        say(&if manner.json {
            json!({"what": what, "is_seen": line.is_seen, "rule": line.rule}).to_string()
        } else {
            let mark = if line.is_seen { "○" } else { "×" };
            format!("{mark} {name}  {why}（{}）", line.rule)
        })?;
    }
    for (grant, hindrance) in &explained.grants {
        let why = hindrance.map_or("consent.opens", hindrance_key);
        say(&if manner.json {
            let mut shown = grant_as_json(grant);
            shown["hindrance"] = json!(hindrance.map(hindrance_key));
            shown.to_string()
        } else {
            format!("  {}  {}", grant_in_a_line(grant, &operator, manner), manner.words(why, &[]))
        })?;
    }
    for (group, stance) in &explained.wishes {
        say(&if manner.json {
            json!({"closed": group, "stance": stance}).to_string()
        } else {
            manner.words("consent.closed", &[("group", group), ("stance", stance)])
        })?;
    }
    Ok(explained.lines.iter().any(|line| line.is_seen))
}

fn hindrance_key(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::OtherPerson => "consent.other-person",
        Hindrance::OtherInstitution => "consent.other-institution",
        Hindrance::OtherHolder => "consent.other-holder",
        Hindrance::OtherPurpose => "consent.other-purpose",
        Hindrance::NotYet => "consent.not-yet",
        Hindrance::Ended => "consent.is-ended",
        Hindrance::Revoked => "consent.is-revoked",
        Hindrance::NoDisaster => "consent.no-disaster",
    }
}

fn person(patient: &str) -> Result<PersonId, Fault> {
    PersonId::from_str(patient).map_err(|not| Fault::Usage(format!("--patient: {not}")))
}
