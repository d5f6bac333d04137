//! `cargo xtask …`: the makers of generated files.

mod r4;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["regen", "r4", rest @ ..] => r4::run(rest),
        _ => Err("usage: cargo xtask regen r4 --package TGZ-OR-FOLDER [--check]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => r4::complain(&reason),
    }
}
