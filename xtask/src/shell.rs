//! Running programs, and saying what was left out.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's own folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Whether CI runs this: then nothing may be skipped.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Runs a program; an exit other than 0 is an error.
pub(crate) fn run_program(program: &str, args: &[&str], folder: &Path) -> Result<(), String> {
    let status = Command::new(program).args(args).current_dir(folder).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{program} {}` ended with {status}", args.join(" "))),
        Err(error) => Err(format!("`{program}` cannot be run: {error}")),
    }
}

/// Says loudly that something was left out; in CI that is a failure.
pub(crate) fn skip(what: &str, why: &str) -> Result<(), String> {
    if is_ci() {
        return Err(format!("{what} would be skipped: {why}"));
    }
    eprintln!("SKIPPED {what}: {why}");
    Ok(())
}

/// Whether a program is here.
pub(crate) fn answers(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}
