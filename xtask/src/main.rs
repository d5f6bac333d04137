//! `cargo xtask …`: the gate that people and CI pass alike, and the makers of generated files.
#![expect(clippy::print_stderr, reason = "this tool talks to whoever runs it")]

mod agreement;
mod arrows;
mod browser;
mod check;
mod clients;
mod conformance;
mod dictionary;
mod glossary;
mod guideline;
mod matrix;
mod oscal;
mod packages;
mod proofs;
mod provider;
mod r4;
mod shell;
mod states;

use std::process::ExitCode;

const USAGE: &str =
    "usage: cargo xtask check                             everything, installing what it needs
       cargo xtask check STEP                        one step: arrows, browser, clients, glossary, oscal, proofs,
                                                     provider
       cargo xtask regen r4 --package TGZ-OR-FOLDER [--check]
       cargo xtask regen dictionary [--check]
       cargo xtask regen conformance [--check]          docs/conformance.md, from the program
       cargo xtask regen matrix [--check]               docs/access-matrix.md, from the policies
       cargo xtask regen guideline [--check]            docs/guideline.md, counted from its tables
       cargo xtask regen states [--check]               docs/referral-states, from the table of steps
       cargo xtask regen agreement [--check]            from the data in RENKEI_FHIR_DATA
       cargo xtask list snapshots                       every difference, likewise";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => check::run(),
        ["check", "arrows"] => arrows::check(),
        ["check", "browser"] => browser::check(),
        ["check", "clients"] => clients::check(),
        ["check", "glossary"] => glossary::check(),
        ["check", "oscal"] => oscal::check(),
        ["check", "proofs"] => proofs::check(),
        ["check", "provider"] => provider::check(),
        ["regen", "r4", rest @ ..] => r4::run(rest),
        ["regen", "dictionary"] => dictionary::make(),
        ["regen", "dictionary", "--check"] => dictionary::compare(),
        ["regen", "matrix"] => matrix::make(),
        ["regen", "matrix", "--check"] => matrix::compare(),
        ["regen", "guideline"] => guideline::make(),
        ["regen", "guideline", "--check"] => guideline::compare(),
        ["regen", "states"] => states::make(),
        ["regen", "states", "--check"] => states::compare(),
        ["regen", "agreement"] => agreement::make(),
        ["regen", "agreement", "--check"] => agreement::compare(),
        ["regen", "conformance"] => conformance::make(),
        ["regen", "conformance", "--check"] => conformance::compare(),
        ["list", "snapshots"] => agreement::list_snapshots(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => r4::complain(&reason),
    }
}
