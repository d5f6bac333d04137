//! The inspection pack of a running demo, read by an OSCAL library that knows nothing of us, from PyPI.

use crate::browser::start_demo;
use crate::clients::{fresh_folder, install_python};
use crate::packages::has_venv;
use crate::shell::{root, run_program, skip};

const WHAT: &str = "the OSCAL library";

/// Runs `tests/oscal` against a demo of its own.
pub(crate) fn check() -> Result<(), String> {
    if !has_venv() {
        return skip(WHAT, "there is no python3 with venv here");
    }
    let Some(python) = install_python("tests/oscal", WHAT)? else { return Ok(()) };
    let folder = fresh_folder("oscal")?;
    let (mut demo, url) = start_demo(None)?;
    let check = ["check.py", &url, &folder.display().to_string()];
    let outcome = run_program(&python.display().to_string(), &check, &root().join("tests/oscal"));
    drop(demo.kill());
    drop(demo.wait());
    outcome
}
