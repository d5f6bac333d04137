//! The one gate.

use std::process::Command;
use std::time::Instant;

use crate::shell::{root, run_program, skip};
use crate::{
    agreement, arrows, browser, clients, conformance, dictionary, glossary, guideline, matrix, oscal,
    packages, proofs, provider, states,
};

/// Runs every check in order, and stops at the first that fails.
pub(crate) fn run() -> Result<(), String> {
    let started = Instant::now();
    let steps: &[(&str, fn() -> Result<(), String>)] = &[
        ("packages the tests need", packages::install),
        ("format", || cargo(&["fmt", "--all", "--check"])),
        ("arrows between rooms", arrows::check),
        ("glossary", glossary::check),
        ("proofs of the security list", proofs::check),
        ("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        ("documentation", || cargo_doc(&["doc", "--workspace", "--no-deps", "--document-private-items"])),
        ("licences and sources", deny),
        ("generated files", || {
            let own = dictionary::compare().and_then(|()| conformance::compare());
            let own = own.and_then(|()| matrix::compare()).and_then(|()| guideline::compare());
            own.and_then(|()| states::compare()).and_then(|()| agreement::compare())
        }),
        ("tests", || cargo(&["test", "--workspace"])),
        ("browser", browser::check),
        ("the OSCAL library", oscal::check),
        ("strangers' FHIR clients", clients::check),
        ("a real OpenID provider", provider::check),
    ];
    for (name, step) in steps {
        eprintln!("\n── {name} ({} s)", started.elapsed().as_secs());
        step().map_err(|why| format!("{name}: {why}"))?;
    }
    eprintln!("\nall {} checks passed in {} s", steps.len(), started.elapsed().as_secs());
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
