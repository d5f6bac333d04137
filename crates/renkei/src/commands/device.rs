use std::fs;
use std::path::Path;
use std::sync::Arc;

use access::Unregistered;
use identity::{Identity, NewDevice, NotKnown, ToldCode};
use serde_json::json;
use server::certificate_fingerprint;
use store::DeviceKind;

use crate::cli::{Choice, Device};
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::config::Config;
use crate::fault::Fault;

/// By this rule whoever sits at the hub's own machine keeps its terminals.
const RULE: &str = "operator";

pub(crate) fn run(command: Device, manner: Manner) -> Result<bool, Fault> {
    match command {
        Device::List { institution, config } => list(&config.config, institution, manner),
        Device::Add { label, institution, certificate, config } => {
            let shown = certificate.map(|file| {
                let pem = fs::read(&file).map_err(|error| Fault::File(file, error))?;
                let bad = || Fault::Usage(manner.words("device.bad-certificate", &[]));
                certificate_fingerprint(&pem).ok_or_else(bad)
            });
            add(&config.config, NewDevice { institution, label, certificate: shown.transpose()? }, manner)
        }
        Device::Code { id, config } => {
            let (operator, identity, base_url) = open(&config.config)?;
            let told = block_on(identity.new_device_code(&operator.viewer, RULE, &id, &operator.act))?;
            match told {
                Ok(told) => code(&told, &base_url, manner),
                Err(why) => refused(why, manner),
            }
        }
        Device::Approve { id, until, config } => {
            let (operator, identity, _) = open(&config.config)?;
            let day = until.parse().map_err(|_| Fault::Usage(format!("--until: {until}")))?;
            let approving = identity.approve_device(&operator.viewer, RULE, &id, day, &operator.act);
            done(block_on(approving)?, "device.approved", &id, manner)
        }
        Device::End { id, config } => {
            let (operator, identity, _) = open(&config.config)?;
            let ending = identity.end_device(&operator.viewer, RULE, &id, &operator.act);
            done(block_on(ending)?, "device.ended", &id, manner)
        }
        Device::Findings { institution: _, resolve: Some(id), config } => {
            let (operator, identity, _) = open(&config.config)?;
            let resolving = identity.resolve_device_finding(&operator.viewer, RULE, &id, &operator.act);
            done(block_on(resolving)?, "device.resolved", &id, manner)
        }
        Device::Findings { institution, resolve: None, config } => {
            findings(&config.config, institution, manner)
        }
        Device::Unregistered { institution, choice, config } => {
            unregistered(&config.config, &institution, choice, manner)
        }
    }
}

fn list(config: &Path, institution: Option<String>, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    for one in block_on(operator.exchange.store.devices(institution))?? {
        let is_in_force = one.is_in_force(operator.act.now);
        let until = one.ends_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        say(&if manner.json {
            json!({"id": one.id, "institution": one.institution, "label": one.label,
                "kind": one.kind.code(), "owner": one.owner, "is_in_force": is_in_force,
                "approved_at": one.approved_at.map(|at| at.to_string()),
                "ends_at": one.ends_at.map(|at| at.to_string()),
                "ended_at": one.ended_at.map(|at| at.to_string())})
            .to_string()
        } else {
            let state = match (is_in_force, one.kind, one.approved_at, one.ended_at) {
                (true, ..) => "device.in-force",
                (false, DeviceKind::Personal, None, None) => "device.asked",
                (false, DeviceKind::Institution, _, None) if one.key.is_none() => "device.awaiting",
                _ => "device.over",
            };
            let state = manner.words(state, &[]);
            format!("{}  {}  {state}  {until}  {}", one.id, one.institution, one.label)
        })?;
    }
    Ok(true)
}

fn add(config: &Path, new: NewDevice, manner: Manner) -> Result<bool, Fault> {
    let (operator, identity, base_url) = open(config)?;
    is_known(&operator, &new.institution, manner)?;
    match block_on(identity.add_device(&operator.viewer, RULE, new, &operator.act))? {
        Ok((device, Some(told))) => {
            talk(&manner.words("device.added", &[("id", &device.id)]));
            code(&told, &base_url, manner)
        }
        Ok((device, None)) => {
            talk(&manner.words("device.added", &[("id", &device.id)]));
            Ok(true)
        }
        Err(why) => refused(why, manner),
    }
}

fn findings(config: &Path, institution: Option<String>, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    for one in block_on(operator.exchange.store.device_findings(institution))?? {
        say(&if manner.json {
            json!({"id": one.id, "kind": one.kind.code(), "institution": one.institution,
                "account": one.account, "address": one.address, "network": one.network,
                "agent": one.agent, "times": one.times, "first_at": one.first_at.to_string(),
                "last_at": one.last_at.to_string()})
            .to_string()
        } else {
            format!(
                "{}  {}  {:<12} {}  {} ({})  {}",
                one.id,
                one.last_at,
                one.kind.code(),
                one.account,
                one.address,
                one.network,
                one.times
            )
        })?;
    }
    Ok(true)
}

fn unregistered(
    config: &Path,
    institution: &str,
    choice: Option<Choice>,
    manner: Manner,
) -> Result<bool, Fault> {
    let (operator, identity, _) = open(config)?;
    is_known(&operator, institution, manner)?;
    let Some(choice) = choice else {
        let chosen = block_on(identity.unregistered_devices(institution))??;
        say(chosen.code())?;
        return Ok(true);
    };
    let choice = match choice {
        Choice::AdmitWithFinding => Unregistered::AdmitWithFinding,
        Choice::Refuse => Unregistered::Refuse,
    };
    let (viewer, act) = (&operator.viewer, &operator.act);
    let choosing = identity.choose_unregistered(viewer, RULE, institution, choice, act);
    done(block_on(choosing)?, "device.chosen", institution, manner)
}

fn code(told: &ToldCode, base_url: &str, manner: Manner) -> Result<bool, Fault> {
    let address = format!("{base_url}/device");
    talk(&manner.words("device.code", &[("address", &address), ("until", &told.ends_at)]));
    say(&told.code)?;
    Ok(true)
}

fn done(outcome: Result<(), NotKnown>, key: &str, id: &str, manner: Manner) -> Result<bool, Fault> {
    match outcome {
        Ok(()) => {
            talk(&manner.words(key, &[("id", &id)]));
            Ok(true)
        }
        Err(why) => refused(why, manner),
    }
}

fn refused(why: NotKnown, manner: Manner) -> Result<bool, Fault> {
    let key = match &why {
        NotKnown::Store(fault) => return Err(fault.clone().into()),
        NotKnown::NotThere => "device.not-there",
        NotKnown::WrongLabel => "device.wrong-label",
        NotKnown::BadCertificate => "device.bad-certificate",
        NotKnown::KeyTaken => "device.key-taken",
        NotKnown::WrongEnd(_) => "device.wrong-end",
        NotKnown::LocksOut => "device.locks-out",
    };
    talk(&manner.words(key, &[]));
    Ok(false)
}

fn is_known(operator: &Operator, institution: &str, manner: Manner) -> Result<(), Fault> {
    let names = block_on(operator.exchange.store.institution_names())??;
    if names.contains_key(institution) {
        Ok(())
    } else {
        Err(Fault::Usage(manner.words("app.institution-unknown", &[("number", &institution)])))
    }
}

fn open(config: &Path) -> Result<(Operator, Identity, String), Fault> {
    let operator = Operator::open(config)?;
    let config = Config::read(config)?;
    let base_url = config.base_url(config.listen);
    let identity = Identity::new(Arc::clone(&operator.exchange.store), &base_url, &config.site);
    Ok((operator, identity, base_url))
}
