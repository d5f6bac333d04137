//! The matrix of roles and acts as a page, made by the program from the policies.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::shell::root;

/// Writes `docs/access-matrix.md`.
pub(crate) fn make() -> Result<(), String> {
    fs::write(path(), printed()?).map_err(|error| error.to_string())
}

/// Whether the committed page is what the policies give.
pub(crate) fn compare() -> Result<(), String> {
    let committed = fs::read_to_string(path()).map_err(|error| error.to_string())?;
    if committed == printed()? {
        Ok(())
    } else {
        Err("docs/access-matrix.md is not what the policies give: run `cargo xtask regen matrix`".to_owned())
    }
}

fn printed() -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--package",
            "renkei",
            "--",
            "--lang",
            "ja",
            "policy",
            "matrix",
            "--markdown",
        ])
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn path() -> PathBuf {
    root().join("docs/access-matrix.md")
}
