//! Other people's programs.

use std::io::Write;
use std::process::Command;

/// Says loudly what a test leaves out; in CI that is a failure.
pub(crate) fn is_here(program: &str) -> bool {
    if Command::new(program).arg("--version").output().is_ok()
        || Command::new(program).arg("-v").output().is_ok()
    {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "{program} is missing, and in CI nothing is skipped");
    drop(writeln!(std::io::stderr(), "SKIPPED: {program} is not installed"));
    false
}

/// What a program says.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
