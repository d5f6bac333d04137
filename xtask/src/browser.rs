//! The console in a real browser, over the demo.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::shell::{answers, root, run_program, skip};

/// Runs `tests/browser` against a demo of its own.
pub(crate) fn check() -> Result<(), String> {
    if !answers("node", "--version") || !answers("npm", "--version") {
        return skip("browser tests", "there is no Node.js here");
    }
    let folder = root().join("tests/browser");
    run_program("npm", &["ci", "--no-audit", "--no-fund"], &folder)?;
    let (mut demo, url) = start_demo()?;
    let outcome = run_program("node", &["pages.mjs", &url], &folder);
    drop(demo.kill());
    drop(demo.wait());
    outcome
}

/// The demo says where it is on its first line.
fn start_demo() -> Result<(Child, String), String> {
    let arguments = ["run", "--quiet", "--package", "renkei", "--", "demo", "--port", "0"];
    let mut demo = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let lines = demo.stdout.take().map(|output| BufReader::new(output).lines());
    let mut words = lines
        .into_iter()
        .flatten()
        .map_while(Result::ok)
        .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    match words.find(|word| word.starts_with("http://")) {
        Some(url) => Ok((demo, url)),
        None => Err("the demo ended before it said where it is".to_owned()),
    }
}
