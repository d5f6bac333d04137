//! Safety management and backups at the hub's own machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use safety::{BackupFault, HUB, Manifest, Safety, back_up, drill, manifests};
use serde_json::json;
use store::Evidence;

use crate::cli::{self, Backup};
use crate::commands::account::identity;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

/// By this rule whoever sits at the hub's own machine runs checks.
const RULE: &str = "operator";

pub(crate) fn run(command: cli::Safety, manner: Manner) -> Result<bool, Fault> {
    match command {
        cli::Safety::Check { institution, config } => check(institution.as_deref(), &config.config, manner),
        cli::Safety::Status { institution, standing, config } => {
            status(&institution, standing.as_deref(), &config.config, manner)
        }
        cli::Safety::Seal { config } => seal(&config.config, manner),
    }
}

fn check(institution: Option<&str>, path: &Path, manner: Manner) -> Result<bool, Fault> {
    let (operator, safety) = opened(path)?;
    let (viewer, act) = (&operator.viewer, &operator.act);
    let store = &operator.exchange.store;
    // What is on record so far is sealed first: a record without a seal proves nothing.
    block_on(async {
        while store.seal_events(act.now).await? > 0 {}
        Ok::<_, store::Fault>(())
    })??;
    let (holding, failing) = block_on(safety.run_checks(institution, viewer, RULE, act))??;
    let scope = institution.unwrap_or(HUB).to_owned();
    let evidence = block_on(store.newest_evidence(scope))??;
    evidence.iter().filter(|one| one.received_at == act.now).try_for_each(|one| say(&line(one, manner)))?;
    talk(&manner.words("safety.checked", &[("holding", &holding), ("failing", &failing)]));
    Ok(failing == 0)
}

fn line(one: &Evidence, manner: Manner) -> String {
    if manner.json {
        let measured: serde_json::Value = serde_json::from_str(&one.measured).unwrap_or_default();
        return json!({
            "control": one.control, "scope": one.scope, "source": one.source, "holds": one.holds,
            "measured": measured, "true_at": one.true_at.to_string(), "holds_until": one.holds_until.to_string(),
        })
        .to_string();
    }
    let key = if one.holds { "safety.holds" } else { "safety.fails" };
    format!("{}\t{}\t{}", manner.words(key, &[]), one.control, one.measured)
}

fn status(institution: &str, only: Option<&str>, path: &Path, manner: Manner) -> Result<bool, Fault> {
    let (operator, safety) = opened(path)?;
    let overview = block_on(safety.overview(institution, operator.act.now))??;
    for (item, standing) in &overview.items {
        if only.is_some_and(|only| only != standing.code()) {
            continue;
        }
        let told = if manner.json {
            json!({ "item": item.id, "edition": item.edition, "standing": standing.code(), "proof": item.proof.code() })
                .to_string()
        } else {
            format!("{}\t{}\t{}", standing.code(), item.id, item.ja)
        };
        say(&told)?;
    }
    Ok(true)
}

fn seal(path: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(path)?;
    let store = &operator.exchange.store;
    let mut sealed = 0;
    loop {
        match block_on(store.seal_events(operator.act.now))?? {
            0 => break,
            count => sealed += count,
        }
    }
    talk(&manner.words("safety.sealed", &[("count", &sealed)]));
    Ok(true)
}

fn opened(path: &Path) -> Result<(Operator, Safety), Fault> {
    let operator = Operator::open(path)?;
    let config = Config::read(path)?;
    let store = Arc::clone(&operator.exchange.store);
    let (identity, _) = identity(&operator, path)?;
    // This process listens nowhere: which ports the hub has open only the hub itself can see.
    let place = safety::Place { ports: Vec::new(), ..config.place(config.listen) };
    Ok((operator, Safety::new(store, Arc::new(identity), place)))
}

pub(crate) fn backup(command: Backup, manner: Manner) -> Result<bool, Fault> {
    match command {
        Backup::Make { config } => {
            let (database, folder, _) = places(&config.config)?;
            let made = back_up(&database, &folder, system_clock()()).map_err(told)?;
            say(&manifest(&made, manner))?;
            Ok(true)
        }
        Backup::List { config } => {
            let (_, folder, _) = places(&config.config)?;
            manifests(&folder).map_err(told)?.iter().try_for_each(|one| say(&manifest(one, manner)))?;
            Ok(true)
        }
        Backup::Drill { config } => {
            let (_, folder, keyring) = places(&config.config)?;
            let drill = block_on(drill(&folder, &keyring))?.map_err(told)?;
            let key = if drill.is_good() { "backup.good" } else { "backup.bad" };
            let values: [(&str, &dyn std::fmt::Display); 5] = [
                ("file", &drill.manifest.file),
                ("milliseconds", &drill.milliseconds),
                ("same", &drill.is_same_file),
                ("whole", &drill.is_whole),
                ("sealed", &drill.is_sealed),
            ];
            talk(&manner.words(key, &values));
            Ok(drill.is_good())
        }
    }
}

fn places(path: &Path) -> Result<(PathBuf, PathBuf, PathBuf), Fault> {
    let config = Config::read(path)?;
    let place = config.place(config.listen);
    let database = place.database.ok_or_else(|| told(BackupFault::NotAFile))?;
    let folder = place.backups.ok_or_else(|| Fault::Config(path.to_owned(), "[backup] folder".to_owned()))?;
    Ok((database, folder, config.keyring()))
}

fn told(fault: BackupFault) -> Fault {
    match fault {
        BackupFault::Store(fault) => fault.into(),
        BackupFault::File(error) => error.into(),
        other => Fault::Usage(other.to_string()),
    }
}

fn manifest(one: &Manifest, manner: Manner) -> String {
    if manner.json {
        return json!(one).to_string();
    }
    format!("{}\t{}\t{}\t{}", one.made_at, one.file, one.bytes, one.sha256)
}
