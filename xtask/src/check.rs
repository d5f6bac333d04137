//! The one gate.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::{arrows, browser, dictionary, glossary, packages};

/// Runs every check in order, and stops at the first that fails.
pub(crate) fn run() -> Result<(), String> {
    let started = Instant::now();
    let steps: &[(&str, fn() -> Result<(), String>)] = &[
        ("packages the tests need", packages::install),
        ("format", || cargo(&["fmt", "--all", "--check"])),
        ("arrows between rooms", arrows::check),
        ("glossary", glossary::check),
        ("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        ("documentation", || cargo_doc(&["doc", "--workspace", "--no-deps", "--document-private-items"])),
        ("licences and sources", deny),
        ("generated files", dictionary::compare),
        ("tests", || cargo(&["test", "--workspace"])),
        ("browser", browser::check),
    ];
    for (name, step) in steps {
        eprintln!("\n── {name} ({} s)", started.elapsed().as_secs());
        step().map_err(|why| format!("{name}: {why}"))?;
    }
    eprintln!("\nall {} checks passed in {} s", steps.len(), started.elapsed().as_secs());
    Ok(())
}

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

fn cargo(args: &[&str]) -> Result<(), String> {
    run_program(env!("CARGO"), args, &root())
}

fn cargo_doc(args: &[&str]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(args)
        .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links")
        .current_dir(root())
        .status();
    status.map_err(|error| error.to_string()).and_then(|status| {
        if status.success() { Ok(()) } else { Err(format!("cargo doc ended with {status}")) }
    })
}

/// Advisories need the network at run time, so they are left to whoever releases.
fn deny() -> Result<(), String> {
    if Command::new("cargo-deny").arg("--version").output().is_err()
        && let Err(why) = cargo(&["install", "--locked", "cargo-deny"])
    {
        return skip("cargo-deny", &why);
    }
    cargo(&["deny", "check", "bans", "licenses", "sources"])
}
