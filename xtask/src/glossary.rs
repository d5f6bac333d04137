//! The glossary is the law of names: what it names in code must be there.

use std::fs;
use std::path::Path;

use crate::shell::root;

/// Every name in the third column of `GLOSSARY.md` must occur in the rooms.
pub(crate) fn check() -> Result<(), String> {
    let glossary = fs::read_to_string(root().join("GLOSSARY.md")).map_err(|error| error.to_string())?;
    let mut code = String::new();
    for folder in ["crates", "demo", "rules"] {
        gather(&root().join(folder), &mut code);
    }
    let names = glossary
        .lines()
        .filter_map(|line| line.split('|').nth(3))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    let lost: Vec<String> = names.filter(|name| !code.contains(name.as_str())).collect();
    if lost.is_empty() { Ok(()) } else { Err(format!("not in the code: {}", lost.join(", "))) }
}

fn gather(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, code);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            code.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}
