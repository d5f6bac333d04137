//! Alerts at the hub's own machine.

use std::path::Path;

use audit::EventId;
use identity::{BadThreshold, Identity, NoNote, Watch};
use serde_json::json;
use store::{Alert, PersonId};

use crate::cli::Alerts;
use crate::commands::account::{found, identity};
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

/// By this rule whoever sits at the hub's own machine looks into alerts.
const RULE: &str = "operator";
/// How many alerts one call shows.
const MOST: u16 = 10_000;

pub(crate) fn run(command: Alerts, manner: Manner) -> Result<bool, Fault> {
    match command {
        Alerts::List { all, institution, config } => {
            list(all, institution, &Operator::open(&config.config)?, manner)
        }
        Alerts::Close { id, note, config } => close(&id, &note, &config.config, manner),
        Alerts::Run { config } => {
            let operator = Operator::open(&config.config)?;
            let raised = block_on(Watch::default().pass(&operator.exchange.store, &operator.act))?
                .map_err(Fault::from)?;
            talk(&manner.words("watching.raised", &[("count", &raised)]));
            Ok(true)
        }
        Alerts::Watch { patient, institution, end, config } => {
            let (operator, identity) = opened(&config.config)?;
            let (viewer, act) = (&operator.viewer, &operator.act);
            let person = person(&patient)?;
            let of = institution.as_deref();
            block_on(identity.watch_over(viewer, RULE, person, of, !end, act))??;
            Ok(true)
        }
        Alerts::Holder { login, patient, config } => {
            let (operator, identity) = opened(&config.config)?;
            let account = found(&operator, &login)?;
            let person = patient.as_deref().map(person).transpose()?;
            block_on(identity.holder_is(&operator.viewer, RULE, &account, person, &operator.act))??;
            Ok(true)
        }
        Alerts::Threshold { rule, from, institution, config } => {
            let (operator, identity) = opened(&config.config)?;
            let (viewer, act) = (&operator.viewer, &operator.act);
            match block_on(identity.keep_threshold(viewer, RULE, &institution, &rule, from, act))? {
                Ok(()) => Ok(true),
                Err(BadThreshold::Store(fault)) => Err(fault.into()),
                Err(BadThreshold::Range) => told("alerts.wrong-threshold", manner),
            }
        }
    }
}

fn list(
    is_all: bool,
    institution: Option<String>,
    operator: &Operator,
    manner: Manner,
) -> Result<bool, Fault> {
    let alerts = block_on(operator.exchange.store.alerts(institution, MOST))??;
    alerts.iter().filter(|one| is_all || one.answer.is_none()).try_for_each(|one| say(&line(one, manner)))?;
    Ok(true)
}

fn line(alert: &Alert, manner: Manner) -> String {
    let oddity = &alert.oddity;
    let note = alert.answer.as_ref().map(|answer| answer.note.as_str());
    if manner.json {
        let looks = oddity.looks.iter().map(|look| {
            json!({"event": look.event.to_string(), "at": look.at.to_string(), "act": look.act,
                "patient": look.person.map(|person| person.to_string())})
        });
        return json!({"id": alert.id.to_string(), "rule": oddity.rule, "severity": oddity.severity,
            "subject": oddity.subject.credential, "name": oddity.subject.name, "role": oddity.role,
            "institution": oddity.institution, "raised_at": alert.raised_at.to_string(), "note": note,
            "looks": looks.collect::<Vec<_>>()})
        .to_string();
    }
    let (severity, rule) = (oddity.severity.as_str(), oddity.rule.as_str());
    let (count, name) = (oddity.looks.len(), oddity.subject.name.as_str());
    format!("{}  {severity:<6} {rule:<18} {count:>4}  {}  {name}", alert.id, alert.raised_at)
}

fn close(id: &str, note: &str, config: &Path, manner: Manner) -> Result<bool, Fault> {
    let (operator, identity) = opened(config)?;
    let id = EventId::try_from(id.to_owned()).map_err(|not| Fault::Usage(not.to_owned()))?;
    let Some(alert) = block_on(operator.exchange.store.alert(id))?? else {
        return told("alerts.not-there", manner);
    };
    match block_on(identity.answer_alert(&operator.viewer, RULE, &alert, note, &operator.act))? {
        Ok(()) => Ok(true),
        Err(NoNote::Store(fault)) => Err(fault.into()),
        Err(NoNote::Note) => told("alerts.wrong-note", manner),
        Err(NoNote::NotThere) => told("alerts.not-there", manner),
    }
}

fn opened(config: &Path) -> Result<(Operator, Identity), Fault> {
    let operator = Operator::open(config)?;
    let (identity, _) = identity(&operator, config)?;
    Ok((operator, identity))
}

fn person(text: &str) -> Result<PersonId, Fault> {
    text.parse().map_err(|not| Fault::Usage(format!("{text}: {not}")))
}

/// Says why not, in the console's words.
fn told(key: &str, manner: Manner) -> Result<bool, Fault> {
    talk(server::in_words(manner.lang.language(), key));
    Ok(false)
}
