use std::str::FromStr;

use access::{Role, new_token};
use audit::{Act, Actor, Event, Measures, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Bucket, PersonId, new_event_id};

use crate::cli::Token;
use crate::commands::{Manner, block_on, say, serve, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

pub(crate) fn run(command: Token, manner: Manner) -> Result<bool, Fault> {
    let now = system_clock()();
    match command {
        Token::Create { role, name, institution, patient, days, config } => {
            let ends_at = now + SignedDuration::from_hours(24 * days);
            let role = Role::from_code(&role).ok_or_else(|| unknown_role(&role))?;
            let person = patient.as_deref().map(PersonId::from_str).transpose();
            let person = person.map_err(|not| Fault::Usage(format!("--patient: {not}")))?;
            require(role, institution.as_deref(), person)?;
            let made = new_token(&name, role, institution, person, now, ends_at)?;
            let store = serve::open_store(&Config::read(&config.config)?)?;
            block_on(store.keep_credential(made.credential.clone(), on_record("token create", now)?))??;
            talk(&format!("{} を発行しました。このトークンは二度と表示されません。", made.credential.id));
            say(&made.text)?;
            Ok(true)
        }
        Token::List { config } => list(&config.config, now, manner),
        Token::Revoke { id, config } => {
            let store = serve::open_store(&Config::read(&config.config)?)?;
            let ended = block_on(store.revoke_credential(id.clone(), now, on_record("token revoke", now)?))??;
            talk(&if ended {
                format!("{id} を失効させました")
            } else {
                format!("{id} という有効なトークンはありません")
            });
            Ok(ended)
        }
    }
}

fn list(config: &std::path::Path, now: Timestamp, manner: Manner) -> Result<bool, Fault> {
    let store = serve::open_store(&Config::read(config)?)?;
    for one in block_on(store.credentials())?? {
        let is_in_force = one.revoked_at.is_none() && now < one.ends_at;
        let institution = one.institution.clone().unwrap_or_else(|| "-".to_owned());
        say(&if manner.json {
            json!({"id": one.id, "name": one.name, "role": one.role, "institution": one.institution,
                "ends_at": one.ends_at.to_string(), "in_force": is_in_force})
            .to_string()
        } else {
            let state = if is_in_force { "有効" } else { "失効" };
            format!("{}  {state}  {:<14} {institution}  {}  {}", one.id, one.role, one.ends_at, one.name)
        })?;
    }
    Ok(true)
}

fn unknown_role(role: &str) -> Fault {
    let known: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
    Fault::Usage(format!("--role: {role} はありません。使えるもの: {}", known.join(", ")))
}

/// A role that acts for an institution, or is a person, must say which.
fn require(role: Role, institution: Option<&str>, person: Option<PersonId>) -> Result<(), Fault> {
    match role {
        _ if role.acts_for_an_institution() && institution.is_none() => {
            Err(Fault::Usage("この役割には --institution が要ります".to_owned()))
        }
        Role::Patient if person.is_none() => {
            Err(Fault::Usage("この役割には --patient が要ります".to_owned()))
        }
        _ => Ok(()),
    }
}

/// The event of whoever sits at this machine: the operating system knows them better than we do.
pub(crate) fn on_record(what: &str, now: Timestamp) -> Result<Event, Fault> {
    let name = std::env::var("USER").unwrap_or_else(|_| "-".to_owned());
    let id = new_event_id(Bucket::of_text(what), now).map_err(store::Fault::from)?;
    let actor = Actor {
        id: "-".to_owned(),
        name,
        role: "operator".to_owned(),
        institution: None,
        is_system: false,
        on_behalf_of: None,
    };
    Ok(Event {
        id,
        at: now,
        act: Act::Credential,
        outcome: Outcome::Done,
        actor,
        patient: None,
        objects: vec![what.to_owned()],
        purpose: None,
        rule: "operator".to_owned(),
        shown: None,
        measures: Measures::default(),
        request: "cli".to_owned(),
    })
}
