use std::path::Path;

use exchange::Planned;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Disposal, kind_code};

use crate::cli::Retention;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

/// How many certificates one call shows.
const MOST: u32 = 100_000;

pub(crate) fn run(command: Retention, manner: Manner) -> Result<bool, Fault> {
    match command {
        Retention::Plan { at, config } => plan(at, &config.config, manner),
        Retention::Run { config } => end(&config.config, manner),
        Retention::Certificates { since, config } => certificates(since, &config.config, manner),
    }
}

fn plan(at: Option<Date>, config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let at = at.unwrap_or_else(|| day(operator.act.now));
    let planned = block_on(operator.exchange.retention_plan(midnight(at.tomorrow().unwrap_or(at))))??;
    planned.iter().try_for_each(|one| say(&line(one, manner)))?;
    let key = if planned.is_empty() { "retention.nothing" } else { "retention.planned" };
    talk(&manner.words(key, &[("at", &at), ("count", &planned.len())]));
    Ok(true)
}

fn end(config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let (reviewed, ended) = block_on(async {
        let (mut reviewed, mut ended) = (0, 0);
        loop {
            let round = operator.exchange.end_outlived(&operator.act).await?;
            if round.reviewed == 0 {
                return Ok::<_, store::Fault>((reviewed, ended));
            }
            reviewed += round.reviewed;
            ended += round.ended;
        }
    })??;
    talk(&manner.words("retention.ended", &[("reviewed", &reviewed), ("ended", &ended)]));
    Ok(true)
}

fn certificates(since: Option<Date>, config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let since = since.map_or(operator.act.now - SignedDuration::from_hours(30 * 24), midnight);
    let disposals = block_on(operator.exchange.store.disposals(since, MOST))??;
    disposals.iter().try_for_each(|one| say(&certificate(one, manner)))?;
    if disposals.is_empty() {
        talk(&manner.words("retention.none", &[]));
    }
    Ok(true)
}

fn line(one: &Planned, manner: Manner) -> String {
    let kind = kind_code(one.kind);
    if manner.json {
        let institution = &one.institution;
        return json!({"since": one.since.to_string(), "kind": kind, "institution": institution,
            "unit": one.unit.to_string(), "kept": one.kept})
        .to_string();
    }
    let what = match one.kept {
        0 => manner.words("retention.whole", &[]),
        count => manner.words("retention.kept", &[("count", &count)]),
    };
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("since", &day(one.since)),
        ("kind", &kind),
        ("institution", &one.institution),
        ("unit", &one.unit),
        ("what", &what),
    ];
    manner.words("retention.line", &values)
}

fn certificate(one: &Disposal, manner: Manner) -> String {
    let kind = kind_code(one.kind);
    let digest: String = one.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if manner.json {
        return json!({"at": one.at.to_string(), "reason": one.reason.code(), "kind": kind,
            "institution": one.institution, "unit": one.unit.to_string(), "sha256": digest,
            "event": one.event.to_string()})
        .to_string();
    }
    let values: [(&str, &dyn std::fmt::Display); 7] = [
        ("at", &one.at),
        ("reason", &one.reason.code()),
        ("kind", &kind),
        ("institution", &one.institution),
        ("unit", &one.unit),
        ("digest", &digest),
        ("event", &one.event),
    ];
    manner.words("retention.certificate", &values)
}

/// The day in Japan.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

/// The beginning of a day in Japan.
fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::fixed(offset(9))).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
