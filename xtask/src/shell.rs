//! Running programs, and saying what was left out.

use std::io::{BufRead, BufReader, Read};
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

/// The address that a hub tells in its first lines. What it says after that is read too, for it ends when nobody
/// listens.
pub(crate) fn address_told(output: impl Read + Send + 'static) -> Result<String, String> {
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let url = lines.by_ref().find_map(|line| {
        let mut words = line.split_whitespace();
        words.find(|word| word.starts_with("http://")).map(str::to_owned)
    });
    std::thread::spawn(move || lines.for_each(drop));
    url.ok_or_else(|| "the hub ended before it said where it is".to_owned())
}
