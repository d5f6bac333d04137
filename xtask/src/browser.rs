//! The console in a real browser, over the demo.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::shell::{address_told, answers, root, run_program, skip};

/// Runs `tests/browser` against a demo of its own, with a package of one profile.
pub(crate) fn check() -> Result<(), String> {
    if !answers("node", "--version") || !answers("npm", "--version") {
        return skip("browser tests", "there is no Node.js here");
    }
    let folder = root().join("tests/browser");
    run_program("npm", &["ci", "--no-audit", "--no-fund"], &folder)?;
    let packages = root().join("target/browser-packages");
    let package = ["run", "--quiet", "--package", "renkei", "--", "package", "add", "tests/browser/package"];
    run_program(
        env!("CARGO"),
        &[&package[..], &["--library", &packages.display().to_string()]].concat(),
        &root(),
    )?;
    let (mut demo, url) = start_demo(Some(&packages))?;
    // The walk through signing in lets the demo's time pass: it comes last, and knows which process to tell.
    let process = demo.id().to_string();
    let outcome = run_program("node", &["pages.mjs", &url], &folder)
        .and_then(|()| run_program("node", &["safety.mjs", &url], &folder))
        .and_then(|()| run_program("node", &["sign_in.mjs", &url, &process], &folder));
    drop(demo.kill());
    drop(demo.wait());
    outcome
}

/// The demo says where it is on its first line; what it says after that is read too, for it ends when nobody listens.
pub(crate) fn start_demo(packages: Option<&Path>) -> Result<(Child, String), String> {
    let arguments = ["run", "--quiet", "--package", "renkei", "--", "demo", "--port", "0"];
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root()).stdout(Stdio::piped());
    if let Some(packages) = packages {
        command.env("RENKEI_PACKAGES", packages);
    }
    let mut demo = command.spawn().map_err(|error| error.to_string())?;
    let output = demo.stdout.take().ok_or("the demo has no output")?;
    address_told(output).map(|url| (demo, url))
}
