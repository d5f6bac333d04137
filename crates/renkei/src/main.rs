//! The `renkei` command: `renkei <noun> <verb>`.
//!
//! Data goes to standard output, talk to standard error. Exit 0: yes, done. 1: the answer is no. 2: could not do it.

mod cli;
mod client;
mod commands;
mod config;
mod fault;
mod hub;
mod library;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    tell_log(&cli);
    let language = cli.lang.language();
    match commands::run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) if fault.is_broken_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            commands::talk(&format!("renkei: {}", fault.message(language)));
            ExitCode::from(2)
        }
    }
}

/// The log goes to standard error, and says nothing of people. Where nobody reads it any more, the hub goes on: to
/// complain of that on the same closed pipe would end the request that was to be told of.
fn tell_log(cli: &cli::Cli) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RENKEI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    if cli.json {
        log.json().init();
    } else {
        log.init();
    }
}
