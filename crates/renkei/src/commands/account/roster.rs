//! 名簿: accounts out as CSV and back in.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use access::{Action, Concern, Refusal};
use identity::roster::{Found, LARGEST_BYTES, PlannedRow, SheetFault, read};
use identity::{Identity, NotDone};
use serde_json::json;

use super::RULE;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

pub(super) fn export(
    operator: &Operator,
    identity: &Identity,
    institution: Option<&str>,
) -> Result<bool, Fault> {
    let list = block_on(identity.export(&operator.viewer, RULE, institution, &operator.act))??;
    io::stdout().lock().write_all(&list)?;
    Ok(true)
}

/// With `(dry_run, end_missing)`; false if the list needs mending, and nothing was done.
pub(super) fn import(
    operator: &Operator,
    identity: &Identity,
    base_url: &str,
    file: &Path,
    (dry_run, end_missing): (bool, bool),
    manner: Manner,
) -> Result<bool, Fault> {
    let bytes = fs::read(file).map_err(|error| Fault::File(file.to_owned(), error))?;
    if bytes.len() > LARGEST_BYTES {
        return Err(Fault::Usage(manner.words("account.list-too-large", &[])));
    }
    let rows = match read(&bytes) {
        Ok(rows) => rows,
        Err(faults) => return told(&faults, manner),
    };
    // Whoever sits at the hub's own machine keeps all accounts.
    let decide = |_: Action, _: &Concern<'_>| -> Result<&'static str, Refusal> { Ok(RULE) };
    let plan = block_on(identity.plan(&rows, end_missing, &operator.viewer, &decide, &operator.act))??;
    if !plan.faults.is_empty() {
        return told(&plan.faults, manner);
    }
    for row in plan.rows.iter().filter(|row| !row.changes.is_empty()) {
        say(&planned(row, manner))?;
    }
    if dry_run {
        talk(&manner.words("account.nothing-done", &[]));
        return Ok(true);
    }
    match block_on(identity.carry_out_plan(plan, &operator.act))? {
        Ok(invited) => {
            for one in &invited {
                let (login, address) = (&one.account.login, format!("{base_url}/invitation/{}", one.link));
                say(&if manner.json {
                    json!({"login": login, "invitation": address, "until": one.ends_at.to_string()})
                        .to_string()
                } else {
                    format!("{login}  {address}")
                })?;
            }
            talk(&manner.words("account.imported", &[]));
            Ok(true)
        }
        Err(NotDone::Store(fault)) => Err(fault.into()),
        Err(why) => {
            talk(&why.to_string());
            Ok(false)
        }
    }
}

fn planned(row: &PlannedRow, manner: Manner) -> String {
    let codes: Vec<&str> = row.changes.iter().map(|change| change.code()).collect();
    if manner.json {
        return json!({"line": row.line, "login": row.login, "name": row.name, "changes": codes}).to_string();
    }
    let language = manner.lang.language();
    let word = |code: &&str| server::in_words(language, &format!("change.{code}")).to_owned();
    let said: Vec<String> = codes.iter().map(word).collect();
    let line = row.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
    format!("{line:>5}  {:<24} {}  {}", row.login, row.name, said.join(" "))
}

fn told(faults: &[SheetFault], manner: Manner) -> Result<bool, Fault> {
    for fault in faults {
        say(&said(fault, manner))?;
    }
    talk(&manner.words("account.nothing-done", &[]));
    Ok(false)
}

fn said(fault: &SheetFault, manner: Manner) -> String {
    let (column, value) = (fault.column.unwrap_or_default(), fault.found.value());
    let key = match &fault.found {
        Found::Refused(rule) => format!("rule.{rule}"),
        Found::Cell(_) => format!("roster-cell.{column}"),
        found => format!("roster-fault.{}", found.code()),
    };
    let words = server::in_words(manner.lang.language(), &key).replace("{found}", &value);
    if manner.json {
        let code = fault.found.code();
        return json!({"line": fault.line, "column": fault.column, "code": code, "message": words})
            .to_string();
    }
    format!("{}:{column}: {words}", fault.line)
}
