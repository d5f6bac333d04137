//! The rooms and the arrows between them: down only.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::shell::root;

/// The floors of the house, from the ground. A room may know any room on a lower floor, none on its own.
const FLOORS: &[&[&str]] = &[
    &["audit", "fhir", "guideline", "paper", "demo"],
    &["store", "profile"],
    &["access"],
    &["exchange", "identity"],
    &["safety"],
    &["server"],
    &["renkei", "xtask"],
];

/// Calls that only one room may make.
const RESERVED: &[(&str, &str)] =
    &[("Permit::issue(", "crates/access/"), ("Admitted::admit(", "crates/exchange/")];

/// Refuses an arrow that climbs, a room without a floor, and a reserved call from elsewhere.
pub(crate) fn check() -> Result<(), String> {
    let rooms = rooms()?;
    let mut faults = Vec::new();
    for (room, known) in &rooms {
        let Some(floor) = floor(room) else {
            faults.push(format!("{room} has no floor: give it one in xtask/src/arrows.rs"));
            continue;
        };
        let climbing = known
            .iter()
            .filter(|other| floor_of(other) >= floor && rooms.iter().any(|(name, _)| name == *other));
        faults.extend(climbing.map(|other| format!("{room} must not know {other}")));
    }
    for (call, home) in RESERVED {
        reserved(&root(), call, home, &mut faults);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

fn floor_of(room: &str) -> usize {
    floor(room).unwrap_or(FLOORS.len())
}

/// Every package of the workspace and what it depends on outside its tests.
fn rooms() -> Result<Vec<(String, Vec<String>)>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages
        .map(|package| {
            let known = package["dependencies"].as_array().into_iter().flatten();
            let known = known.filter(|one| one["kind"].is_null()).map(|one| text(&one["name"]));
            (text(&package["name"]), known.collect())
        })
        .collect())
}

fn reserved(folder: &Path, call: &str, home: &str, faults: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != ".git" && name != "tests" {
            reserved(&path, call, home, faults);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            let text = fs::read_to_string(&path).unwrap_or_default();
            if text.contains(call) && !shown.starts_with(home) && !shown.starts_with("xtask/") {
                faults.push(format!("{shown} must not call {call}…): only {home} may"));
            }
        }
    }
}
