//! The policy: its matrix, what an institution adds, and why somebody may or may not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use access::Role;
use access::policy::{Action, Cell, Narrowing, NarrowingFault, Setting, explain, facts_asked, matrix};
use serde_json::json;

use crate::cli::{ExplainPolicy, Policy};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Policy, manner: Manner) -> Result<bool, Fault> {
    match command {
        Policy::Matrix { markdown: true } => say(&page(manner)).map(|()| true),
        Policy::Matrix { markdown: false } => lines(manner),
        Policy::Check { file } => check(&file, manner),
        Policy::Explain(question) => told(&question, manner),
    }
}

/// One line for each action, with the roles that ever may.
fn lines(manner: Manner) -> Result<bool, Fault> {
    for (action, cells) in matrix() {
        let may = cells.iter().filter(|cell| !cell.permits.is_empty());
        let (code, may): (_, Vec<&str>) = (action.code(), may.map(|cell| cell.role.code()).collect());
        say(&match manner.json {
            true => json!({"act": code, "roles": may}).to_string(),
            false => format!("{code:<22} {}", may.join(" ")),
        })?;
    }
    Ok(true)
}

/// The page in `docs/`.
fn page(manner: Manner) -> String {
    let word = |key: &str| manner.words(key, &[]);
    let all = matrix();
    let roles = Role::ALL.map(|role| name("role", role.code(), manner));
    let mut lines = vec![
        format!("# {}", word("policy.title")),
        String::new(),
        word("policy.about"),
        String::new(),
        word("policy.legend"),
        String::new(),
        format!("| {} | {} |", word("policy.act"), roles.join(" | ")),
        format!("|---|{}", ":-:|".repeat(roles.len())),
    ];
    lines.extend(all.iter().map(|(action, cells)| {
        let marks: Vec<&str> = cells.iter().map(mark).collect();
        format!("| {} `{}` | {} |", name("action", action.code(), manner), action.code(), marks.join(" | "))
    }));
    lines.extend([String::new(), format!("## {}", word("policy.conditions")), String::new()]);
    lines.push(format!(
        "| {} | {} | {} |",
        word("policy.act"),
        word("policy.conditions"),
        word("policy.refusals")
    ));
    lines.push("|---|---|---|".to_owned());
    lines.extend(all.iter().map(|(action, cells)| reasons(*action, cells, manner)));
    lines.extend([String::new(), format!("## {}", word("policy.rules")), String::new()]);
    let named: BTreeSet<&str> = all
        .iter()
        .flat_map(|(_, cells)| cells)
        .flat_map(|cell| cell.permits.union(&cell.refusals))
        .copied()
        .collect();
    lines.extend(named.into_iter().map(|rule| format!("- `{rule}`: {}", name("rule", rule, manner))));
    lines.join("\n")
}

fn mark(cell: &Cell) -> &'static str {
    match (cell.permits.is_empty(), cell.refusals.is_empty()) {
        (true, _) => "",
        (false, true) => "●",
        (false, false) => "○",
    }
}

/// By which rules which roles may, and by which they, or everybody, are refused.
fn reasons(action: Action, cells: &[Cell], manner: Manner) -> String {
    let rules: BTreeSet<&str> = cells.iter().flat_map(|cell| cell.permits.iter().copied()).collect();
    let by = rules.into_iter().map(|rule| {
        let may = cells.iter().filter(|cell| cell.permits.contains(rule));
        let may: Vec<String> = may.map(|cell| name("role", cell.role.code(), manner)).collect();
        format!("`{rule}`: {}", may.join("・"))
    });
    let by: Vec<String> = by.collect();
    let by = if by.is_empty() { manner.words("policy.never", &[]) } else { by.join("<br>") };
    let refusals: BTreeSet<&str> = cells.iter().flat_map(|cell| cell.refusals.iter().copied()).collect();
    let refusals: Vec<String> = refusals.into_iter().map(|rule| format!("`{rule}`")).collect();
    format!("| {} | {by} | {} |", name("action", action.code(), manner), refusals.join(" "))
}

fn check(file: &Path, manner: Manner) -> Result<bool, Fault> {
    let text = fs::read_to_string(file).map_err(|error| Fault::File(file.to_owned(), error))?;
    match Narrowing::parse(&text) {
        Ok(narrowing) => {
            let count = narrowing.policies().count();
            say(&manner.words("policy.good", &[("count", &count)])).map(|()| true)
        }
        Err(fault) => {
            say(&format!("{}: {}", file.display(), in_people_s_words(&fault, manner))).map(|()| false)
        }
    }
}

/// What is wrong with a narrowing, where, and how to mend it.
pub(crate) fn in_people_s_words(fault: &NarrowingFault, manner: Manner) -> String {
    match fault {
        NarrowingFault::Unreadable { line, said } => {
            manner.words("policy.unreadable", &[("line", line), ("said", said)])
        }
        NarrowingFault::Permits { line } => manner.words("policy.permits", &[("line", line)]),
        NarrowingFault::Unknown { line, said } => {
            manner.words("policy.unknown", &[("line", line), ("said", said)])
        }
        NarrowingFault::LocksOut { line, action } => {
            let act = name("action", action.code(), manner);
            manner.words("policy.locks-out", &[("line", line), ("act", &act)])
        }
    }
}

fn told(question: &ExplainPolicy, manner: Manner) -> Result<bool, Fault> {
    let role = Role::from_code(&question.role)
        .ok_or_else(|| unknown("--role", &question.role, Role::ALL.map(Role::code).as_slice()))?;
    let action = Action::from_code(&question.act)
        .ok_or_else(|| unknown("--act", &question.act, Action::ALL.map(Action::code).as_slice()))?;
    let setting = setting(&question.facts, action)?;
    let narrowing = question.narrow.as_deref().map(|file| narrowing(file, manner)).transpose()?;
    let explained = explain(&setting.case(role), action, narrowing.as_ref());
    let (key, rule) = match explained.ruling {
        Ok(rule) => ("policy.permitted", rule),
        Err(refusal) => ("policy.refused", refusal.rule),
    };
    let is_permitted = explained.ruling.is_ok();
    if manner.json {
        let answer = json!({"permitted": is_permitted, "rule": rule, "policy": explained.policy});
        return say(&answer.to_string()).map(|()| true);
    }
    say(&manner.words(key, &[("rule", &rule), ("words", &name("rule", rule, manner))]))?;
    say(&explained.policy.unwrap_or_else(|| manner.words("policy.no-policy", &[])))?;
    for (fact, values) in facts_asked(action) {
        talk(&format!("--fact {fact}={}", values.join("|")));
    }
    Ok(true)
}

fn setting(facts: &[String], action: Action) -> Result<Setting, Fault> {
    let mut setting = Setting::default();
    for fact in facts {
        let is_set = fact.split_once('=').is_some_and(|(name, code)| setting.set(name, code));
        if !is_set {
            let asked = facts_asked(action);
            let known: Vec<&str> = asked.iter().map(|(name, _)| *name).collect();
            return Err(unknown("--fact", fact, &known));
        }
    }
    Ok(setting)
}

/// The narrowing that a file holds.
pub(crate) fn narrowing(file: &Path, manner: Manner) -> Result<Narrowing, Fault> {
    let text = fs::read_to_string(file).map_err(|error| Fault::File(file.to_owned(), error))?;
    Narrowing::parse(&text).map_err(|fault| Fault::Config(file.to_owned(), in_people_s_words(&fault, manner)))
}

fn unknown(option: &str, given: &str, known: &[&str]) -> Fault {
    Fault::Usage(format!("{option}: {given} はありません。使えるもの: {}", known.join(", ")))
}

/// The console's words for a code.
fn name(section: &str, code: &str, manner: Manner) -> String {
    let key = format!("{section}.{code}");
    server::in_words(manner.lang.language(), &key).to_owned()
}
