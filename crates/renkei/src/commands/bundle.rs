use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use fhir::finding::{Finding, Findings, Severity};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use serde_json::json;

use crate::cli::Bundle;
use crate::client::{Answer, Client};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Bundle, manner: Manner) -> Result<bool, Fault> {
    match command {
        Bundle::Validate { files } => validate(&files, manner),
        Bundle::Register { files, hub } => register(&files, &Client::new(&hub, manner.lang), manner),
        Bundle::Show { id, hub } => show(&id, &Client::new(&hub, manner.lang)),
    }
}

/// Judges files without a hub. False if one is not acceptable.
fn validate(files: &[PathBuf], manner: Manner) -> Result<bool, Fault> {
    let validator = Validator::new();
    let mut is_valid = true;
    for file in chosen(files) {
        let bytes = read(&file)?;
        let findings = match Parsed::parse(&bytes, &Limits::default()) {
            Ok(parsed) => validator.examine(&parsed),
            Err(findings) => findings,
        };
        is_valid &= !findings.has_errors();
        if manner.json {
            findings.0.iter().try_for_each(|finding| say(&as_json(&file, finding, manner)))?;
        } else {
            tell(&file, &findings, manner)?;
        }
    }
    Ok(is_valid)
}

fn tell(file: &Path, findings: &Findings, manner: Manner) -> Result<(), Fault> {
    let count = |severity| findings.0.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let verdict = if errors == 0 { "適合" } else { "不適合" };
    say(&format!("{}  {verdict}  エラー{errors}  警告{warnings}", file.display()))?;
    for finding in &findings.0 {
        let place = finding.position.map(|at| format!("  {}行{}桁", at.line, at.column)).unwrap_or_default();
        let rule = finding.rule.as_ref().map(|rule| format!(" [{rule}]")).unwrap_or_default();
        say(&format!("{}{rule} {}{place}", finding.code, finding.expression))?;
        say(&format!("        {}", finding.message(manner.lang.language())))?;
        let mend = finding.mend(manner.lang.language());
        if !mend.is_empty() {
            say(&format!("        → {mend}"))?;
        }
    }
    Ok(())
}

fn as_json(file: &Path, finding: &Finding, manner: Manner) -> String {
    let language = manner.lang.language();
    json!({
        "file": file.display().to_string(),
        "severity": finding.severity.code(),
        "code": finding.code,
        "rule": finding.rule,
        "expression": finding.expression,
        "line": finding.position.map(|at| at.line),
        "column": finding.position.map(|at| at.column),
        "found": finding.found,
        "expected": finding.expected,
        "message": finding.message(language),
        "mend": finding.mend(language),
    })
    .to_string()
}

/// Sends files to a hub. False if it did not take one.
fn register(files: &[PathBuf], client: &Client, manner: Manner) -> Result<bool, Fault> {
    let mut all_taken = true;
    for file in chosen(files) {
        let answer = client.post("/fhir/Bundle", &read(&file)?)?;
        all_taken &= answer.is_ok();
        if manner.json {
            say(&json!({"file": file.display().to_string(), "status": answer.status, "answer": answer.json()}).to_string())?;
        } else if answer.is_ok() {
            say(&format!("{}  {}", file.display(), receipt(&answer)))?;
        } else {
            say(&format!(
                "{}  登録されませんでした（{}）\n{}",
                file.display(),
                answer.status,
                answer.complaints()
            ))?;
        }
    }
    Ok(all_taken)
}

fn receipt(answer: &Answer) -> String {
    let json = answer.json();
    let parameters = json["parameter"].as_array();
    let named = |name: &str| parameters.into_iter().flatten().find(|one| one["name"] == name);
    let reference =
        |name| named(name).and_then(|one| one["valueReference"]["reference"].as_str()).unwrap_or("-");
    let word = if answer.status == 201 {
        "登録しました"
    } else {
        "登録済みです（置換または同一）"
    };
    format!("{word}  {}  {}", reference("bundle"), reference("patient"))
}

fn show(id: &str, client: &Client) -> Result<bool, Fault> {
    let answer = client.get(&format!("/fhir/Bundle/{id}"))?;
    if answer.is_ok() {
        io::stdout().write_all(&answer.body)?;
    } else {
        talk(&format!("表示できません（{}）\n{}", answer.status, answer.complaints()));
    }
    Ok(answer.is_ok())
}

/// No file at all, or `-`, is standard input.
fn chosen(files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() { vec![PathBuf::from("-")] } else { files.to_vec() }
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let at = |error| Fault::File(file.to_owned(), error);
    if file != Path::new("-") {
        return fs::read(file).map_err(at);
    }
    if io::stdin().is_terminal() {
        talk("標準入力から読みます（終わりは Ctrl-D）");
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(at)?;
    Ok(bytes)
}
