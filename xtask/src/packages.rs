//! What the tests need of the system: installed where we may, named where we may not.

use std::path::Path;
use std::process::Command;

use crate::shell::{answers, root, run_program, skip};

/// How to tell that a package is there, and its name in Debian.
const NEEDED: &[(fn() -> bool, &str)] = &[
    (has_postgres, "postgresql"),
    (|| Path::new("/usr/bin/chromium").exists() || std::env::var_os("CHROMIUM").is_some(), "chromium"),
    (|| Path::new("/usr/share/fonts/opentype/noto").exists(), "fonts-noto-cjk"),
    (|| answers("strace", "--version"), "strace"),
    (|| answers("pdftotext", "-v"), "poppler-utils"),
    (|| answers("ssconvert", "--version"), "gnumeric"),
    (|| answers("node", "--version"), "nodejs"),
    (|| answers("npm", "--version"), "npm"),
    (has_venv, "python3-venv"),
];

/// Installs what is missing, with apt-get, as root or through sudo.
pub(crate) fn install() -> Result<(), String> {
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(is_there, _)| !is_there()).map(|(_, name)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !answers("apt-get", "--version") {
        return skip(&missing.join(", "), "there is no apt-get here; install them yourself");
    }
    let apt = |args: &[&str]| {
        let words = [&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
        if answers("sudo", "--version") {
            run_program("sudo", &words, &root())
        } else {
            run_program(words[0], &words[1..], &root())
        }
    };
    let install = [&["install", "-y", "--no-install-recommends"][..], &missing].concat();
    apt(&["update", "-qq"]).and_then(|()| apt(&install)).or_else(|why| skip(&missing.join(", "), &why))
}

pub(crate) fn has_venv() -> bool {
    let asked = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    asked.is_ok_and(|output| output.status.success())
}

fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin/initdb").exists())
}
