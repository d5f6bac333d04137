//! `docs/security/asvs.md` names a test for each requirement: each must be there.

use std::fs;
use std::path::Path;

use crate::shell::root;

/// Every test that the list names must be a function of the rooms, or a sentence of the browser tests.
pub(crate) fn check() -> Result<(), String> {
    let list = fs::read_to_string(root().join("docs/security/asvs.md")).map_err(|error| error.to_string())?;
    let mut tests = String::new();
    gather(&root().join("crates"), "rs", &mut tests);
    gather(&root().join("tests/browser"), "mjs", &mut tests);
    let rows = list.lines().filter(|line| line.starts_with("| V"));
    let named: Vec<(&str, &str)> = rows.flat_map(names).collect();
    let lost: Vec<String> = named
        .iter()
        .filter(|(_, name)| !is_there(name, &tests))
        .map(|(number, name)| format!("{number} {name}"))
        .collect();
    match lost.as_slice() {
        [] if named.is_empty() => Err("docs/security/asvs.md names no test".to_owned()),
        [] => Ok(()),
        lost => Err(format!("docs/security/asvs.md names what is not there: {}", lost.join(", "))),
    }
}

/// The number of a row, with each name in its last column: what stands between backticks.
fn names(row: &str) -> Vec<(&str, &str)> {
    let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
    let (Some(number), Some(proofs)) = (cells.first(), cells.get(2)) else { return Vec::new() };
    proofs.split('`').skip(1).step_by(2).map(|name| (*number, name)).collect()
}

fn is_there(name: &str, tests: &str) -> bool {
    tests.contains(&format!("fn {name}(")) || tests.contains(&format!("function {name}("))
}

fn gather(folder: &Path, extension: &str, tests: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            gather(&path, extension, tests);
        } else if path.extension().is_some_and(|one| one == extension) {
            tests.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}
