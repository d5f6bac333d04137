//! Masters: import, versions, differences, and what a version would say against all that is stored.

use std::fmt::Display;
use std::fs;
use std::io::{self, IsTerminal};

use exchange::{
    BadRow, BadRowKind, Headings, Imported, MasterFile, Masters, NotImported, Revalidation, Tally,
    master_kinds,
};
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;
use store::MasterVersion;

use crate::cli::{Import, Master};
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

/// More bad lines than this are counted, not named.
const NAMED: usize = 100;
const BUCKETS: u64 = 1024;

pub(crate) fn run(command: Master, manner: Manner) -> Result<bool, Fault> {
    match command {
        Master::Import(import) => take(*import, manner),
        Master::List { config } => list(&Operator::open(&config.config)?, manner),
        Master::Diff { kind, from, to, config } => {
            let operator = Operator::open(&config.config)?;
            let from = version(&operator, &kind, &from, manner)?;
            let to = version(&operator, &kind, &to, manner)?;
            difference(&operator, &from, &to, manner)
        }
        Master::Revalidate { kind, version: name, again, config } => {
            let operator = Operator::open(&config.config)?;
            let version = version(&operator, &kind, &name, manner)?;
            revalidate(&operator, version, again, manner)
        }
    }
}

impl Operator {
    fn masters(&self) -> Masters<'_> {
        Masters(&self.exchange.store)
    }
}

fn take(import: Import, manner: Manner) -> Result<bool, Fault> {
    let bytes = fs::read(&import.file).map_err(|error| Fault::File(import.file.clone(), error))?;
    let file = MasterFile {
        kind: import.kind,
        version: import.version,
        valid_from: import.from,
        bytes,
        headings: Headings {
            code: import.code,
            display: import.display,
            from: import.from_column,
            to: import.to_column,
        },
        is_complete: import.complete,
    };
    let operator = Operator::open(&import.config.config)?;
    match block_on(operator.masters().import(file, &operator.viewer, &operator.act))? {
        Ok(imported) => tell(&imported, import.complete, manner),
        Err(NotImported::Store(fault)) => Err(fault.into()),
        Err(NotImported::Rows(bad)) => refuse(&bad, manner),
        Err(why) => Err(Fault::Usage(reason(&why, manner))),
    }
}

fn tell(imported: &Imported, is_complete: bool, manner: Manner) -> Result<bool, Fault> {
    let version = &imported.version;
    if manner.json {
        say(&json!({"kind": version.kind, "version": version.version, "rows": version.rows,
            "was_there": imported.was_there, "absent": imported.absent})
        .to_string())?;
        return Ok(true);
    }
    let values: [(&str, &dyn Display); 4] = [
        ("kind", &version.kind),
        ("version", &version.version),
        ("rows", &version.rows),
        ("from", &version.valid_from),
    ];
    say(&manner.words(if imported.was_there { "master.stood-already" } else { "master.imported" }, &values))?;
    if imported.absent > 0 {
        let key = if is_complete { "master.absent-ended" } else { "master.absent" };
        talk(&manner.words(key, &[("count", &imported.absent)]));
    }
    Ok(true)
}

/// Every line that cannot be right; nothing was kept.
fn refuse(bad: &[BadRow], manner: Manner) -> Result<bool, Fault> {
    for row in bad.iter().take(NAMED) {
        let why = manner.words(row_key(row.kind), &[]);
        if manner.json {
            say(&json!({"line": row.line, "code": row.kind.code(), "cell": row.cell}).to_string())?;
        } else {
            let values: [(&str, &dyn Display); 3] = [("line", &row.line), ("why", &why), ("cell", &row.cell)];
            say(&manner.words("master.bad-row", &values))?;
        }
    }
    talk(&manner.words("master.nothing-imported", &[("count", &bad.len())]));
    Ok(false)
}

fn row_key(kind: BadRowKind) -> &'static str {
    match kind {
        BadRowKind::NoCode => "master.no-code",
        BadRowKind::NoName => "master.no-name",
        BadRowKind::TooManyCells => "master.too-many-cells",
        BadRowKind::BadDay => "master.bad-day",
        BadRowKind::EndsBeforeItBegins => "master.ends-before-it-begins",
        BadRowKind::Twice => "master.twice",
        BadRowKind::BadNumber => "master.bad-number",
        BadRowKind::UnknownKind => "master.unknown-institution-kind",
    }
}

fn reason(why: &NotImported, manner: Manner) -> String {
    match why {
        NotImported::UnknownKind => {
            let kinds: Vec<&str> = master_kinds().iter().map(|kind| kind.kind.as_str()).collect();
            manner.words("master.unknown-kind", &[("kinds", &kinds.join(", "))])
        }
        NotImported::BadVersion => manner.words("master.bad-version", &[]),
        NotImported::Unusable(profile::Unusable::Encoding) => manner.words("master.encoding", &[]),
        NotImported::Unusable(_) => manner.words("master.empty", &[]),
        NotImported::NoColumn(names) => manner.words("master.no-column", &[("names", &names.join(" / "))]),
        NotImported::OtherFile => manner.words("master.other-file", &[]),
        NotImported::Rows(_) | NotImported::Store(_) => String::new(),
    }
}

fn list(operator: &Operator, manner: Manner) -> Result<bool, Fault> {
    let today = operator.act.today();
    for one in block_on(operator.exchange.store.masters())?? {
        let in_force = block_on(operator.masters().in_force(&one.kind, today))??;
        let is_in_force = in_force.as_ref() == Some(&one);
        say(&if manner.json {
            json!({"kind": one.kind, "version": one.version, "valid_from": one.valid_from.to_string(),
                "rows": one.rows, "imported_at": one.imported_at.to_string(), "in_force": is_in_force})
            .to_string()
        } else {
            let mark = if is_in_force { "●" } else { "  " };
            format!("{mark} {:<18} {:<14} {}  {}", one.kind, one.version, one.valid_from, one.rows)
        })?;
    }
    Ok(true)
}

fn difference(
    operator: &Operator,
    from: &MasterVersion,
    to: &MasterVersion,
    manner: Manner,
) -> Result<bool, Fault> {
    let found = block_on(operator.masters().difference(from, to))??;
    let lists = [("+", &found.added), ("-", &found.removed)];
    for (sign, row) in lists.iter().flat_map(|(sign, rows)| rows.iter().map(move |row| (sign, row))) {
        say(&if manner.json {
            json!({"change": sign, "code": row.code, "display": row.display}).to_string()
        } else {
            format!("{sign} {}  {}", row.code, row.display)
        })?;
    }
    for change in &found.changed {
        for (column, old, new) in &change.cells {
            say(&if manner.json {
                json!({"change": "~", "code": change.new.code, "column": column, "old": old, "new": new})
                    .to_string()
            } else {
                format!("~ {}  {column}: {old} → {new}", change.new.code)
            })?;
        }
    }
    let values: [(&str, &dyn Display); 3] =
        [("added", &found.added.len()), ("removed", &found.removed.len()), ("changed", &found.changed.len())];
    talk(&manner.words("master.difference", &values));
    Ok(true)
}

fn revalidate(
    operator: &Operator,
    version: MasterVersion,
    again: bool,
    manner: Manner,
) -> Result<bool, Fault> {
    let bar = ProgressBar::with_draw_target(Some(BUCKETS), target());
    let running = block_on(async {
        let mut running =
            operator.masters().revalidate(version, again, &operator.viewer, &operator.act).await?;
        while operator.masters().revalidate_more(&mut running, &operator.act).await? {
            bar.set_position(running.progress.bucket.into());
        }
        Ok::<_, store::Fault>(running)
    })??;
    bar.finish_and_clear();
    report(&running, manner)
}

fn report(running: &Revalidation, manner: Manner) -> Result<bool, Fault> {
    let progress = &running.progress;
    for (tally, count) in &progress.tallies {
        let Tally { rule, institution, vendor, age } = tally;
        say(&if manner.json {
            json!({"rule": rule, "institution": institution, "vendor": vendor, "age": age.code(),
                "count": count})
            .to_string()
        } else {
            format!("{count:>8}  {rule}  {institution}  {vendor}  {}", age.code())
        })?;
    }
    let found: u64 = progress.tallies.iter().map(|(_, count)| count).sum();
    let values: [(&str, &dyn Display); 3] =
        [("units", &progress.units), ("codes", &progress.codes), ("found", &found)];
    talk(&manner.words("master.revalidated", &values));
    Ok(true)
}

fn version(operator: &Operator, kind: &str, name: &str, manner: Manner) -> Result<MasterVersion, Fault> {
    let found = block_on(operator.masters().version(kind, name))??;
    let values: [(&str, &dyn Display); 2] = [("kind", &kind), ("version", &name)];
    found.ok_or_else(|| Fault::Usage(manner.words("master.no-version", &values)))
}

fn target() -> ProgressDrawTarget {
    if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}
