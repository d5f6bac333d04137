//! One file for each noun.

mod access_review;
mod account;
mod alerts;
mod app;
mod audit;
mod bench;
mod bundle;
mod conformance;
mod consent;
mod demo;
mod device;
mod disaster;
mod doctor;
mod figures;
mod master;
mod operator;
mod package;
mod patient;
mod person;
mod policy;
mod print;
mod probe;
mod provider;
mod proxy;
mod retention;
mod review;
mod safety;
mod serve;
mod subscription;
mod terminology;
mod token;

use std::io::{self, Write};

use crate::cli::{Cli, Command};
use crate::fault::Fault;
use crate::words::words_with;

/// Runs a command: true is yes, false is no.
pub(crate) fn run(cli: Cli) -> Result<bool, Fault> {
    let manner = Manner { json: cli.json, lang: cli.lang, colour: cli.color };
    match cli.command {
        Command::Demo(demo) => demo::run(demo, manner),
        Command::Serve(serve) => serve::run(&serve, manner),
        Command::Doctor(file) => doctor::run(&file.config, manner),
        Command::Master(master) => master::run(master, manner),
        Command::Conformance { markdown } => conformance::run(markdown, manner),
        Command::Package(package) => package::run(package, manner),
        Command::Bundle(bundle) => bundle::run(bundle, manner),
        Command::Terminology(terminology) => terminology::run(terminology, manner),
        Command::Patient(patient) => patient::run(patient, manner),
        Command::Person(person) => person::run(person, manner),
        Command::Account(account) => account::run(account, manner),
        Command::AccessReview(review) => access_review::run(review, manner),
        Command::Alerts(alerts) => alerts::run(alerts, manner),
        Command::Safety(safety) => safety::run(safety, manner),
        Command::Probe(probe) => probe::run(probe, manner),
        Command::Backup(backup) => safety::backup(backup, manner),
        Command::Proxy(proxy) => proxy::run(proxy, manner),
        Command::Device(device) => device::run(device, manner),
        Command::Audit(audit) => audit::run(audit, manner),
        Command::Consent(consent) => consent::run(consent, manner),
        Command::Policy(policy) => policy::run(policy, manner),
        Command::Disaster(disaster) => disaster::run(disaster, manner),
        Command::Review(review) => review::run(review, manner),
        Command::Subscription(subscription) => subscription::run(subscription, manner),
        Command::Figures(options) => figures::run(&options, manner),
        Command::Retention(retention) => retention::run(retention, manner),
        Command::App(app) => app::run(app, manner),
        Command::Provider(provider) => provider::run(provider, manner),
        Command::Token(token) => token::run(token, manner),
        Command::Bench(bench) => bench::run(bench, manner),
        Command::Completions { shell } => print::completions(shell),
        Command::Man => print::manual(),
    }
}

/// How answers are given.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) json: bool,
    pub(crate) lang: crate::cli::Lang,
    pub(crate) colour: crate::cli::Colour,
}

impl Manner {
    /// The words under a key, with `{name}` places filled.
    pub(crate) fn words(self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        words_with(self.lang.language(), key, values)
    }
}

/// Data: a line on standard output.
pub(crate) fn say(line: &str) -> Result<(), Fault> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

/// Talk: a line on standard error.
pub(crate) fn talk(line: &str) {
    // Nobody listens if this fails, so there is nobody to tell.
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// Waits for asynchronous work on a thread of the runtime that may block.
pub(crate) fn block_on_here<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Handle::current().block_on(work)
}

/// Runs asynchronous work to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Fault> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}
