//! The calls of each service over HTTP, beside the plain server of the same rows.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fhir::bundle::UnitKind;

use super::load::{self, Bodies, Request};
use super::print;
use super::setup::{Region, RowServer, RunningHub, receipt};
use crate::cli::BenchOptions;
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

/// A hub, its floor, and how they are asked.
struct Bench<'o> {
    hub: RunningHub,
    rows: RowServer,
    bodies: Bodies,
    options: &'o BenchOptions,
    manner: Manner,
}

/// A referral that was sent.
struct Sent {
    reference: String,
    sender: String,
    destination: String,
}

/// ① 診療情報提供書送付: registered with the patient's consent, fetched by its destination, followed by its sender.
pub(crate) fn refer(options: &BenchOptions, manner: Manner) -> Result<bool, Fault> {
    let bench = Bench::start(Some(UnitKind::Referral), options, manner)?;
    let sent = bench.send_referrals()?;
    bench.each("bench.refer-fetch", |serial| {
        let one = &sent[serial % sent.len()];
        Request::get(&one.destination, &format!("/fhir/{}", one.reference))
    })?;
    bench.each("bench.refer-status", |serial| {
        let one = &sent[serial % sent.len()];
        Request::get(&one.sender, &one.reference.replace("Bundle/", "/fhir/Task/"))
    })?;
    Ok(true)
}

/// ① 自施設宛文書情報一覧: what every destination asks again and again.
pub(crate) fn inbox(options: &BenchOptions, manner: Manner) -> Result<bool, Fault> {
    let bench = Bench::start(Some(UnitKind::Referral), options, manner)?;
    bench.hub.register_once(&bench.bodies)?;
    let hub = &bench.hub;
    bench.each("bench.inbox", |serial| {
        let at = serial % hub.institutions.len();
        Request::get(&hub.systems[at], &format!("/fhir/Task?owner={}", hub.institutions[at]))
    })?;
    Ok(true)
}

/// ③ and the International Patient Summary: a patient's whole record to a clinician with their consent.
pub(crate) fn summary(options: &BenchOptions, manner: Manner) -> Result<bool, Fault> {
    let bench = Bench::start(None, options, manner)?;
    bench.hub.register_once(&bench.bodies)?;
    let patients = bench.hub.consented()?;
    for (key, operation) in [("bench.summary", "$summary"), ("bench.everything", "$everything")] {
        bench.each(key, |serial| {
            let patient = &patients[serial % patients.len()];
            Request::get(&bench.hub.clinician, &format!("/fhir/{patient}/{operation}"))
        })?;
    }
    Ok(true)
}

/// ② 健診結果報告書閲覧: registered, read by the member's insurer and by the patient.
pub(crate) fn checkup(options: &BenchOptions, manner: Manner) -> Result<bool, Fault> {
    let bench = Bench::start(Some(UnitKind::CheckupReport), options, manner)?;
    let (hub, bodies) = (&bench.hub, &bench.bodies);
    let units = hub.register_once(bodies)?;
    let tokens = hub.readers_of(&units, bodies)?;
    for (key, reader) in [("bench.checkup-insurer", 0), ("bench.checkup-patient", 1)] {
        bench.each(key, |serial| {
            let at = serial % units.len();
            Request::get(&tokens[at][reader], &format!("/fhir/{}", units[at].reference))
        })?;
    }
    // Last, for the latest of a checkup takes the place of those before it.
    bench.each("bench.checkup-register", |serial| Request::register(hub, bodies, serial))?;
    Ok(true)
}

impl<'o> Bench<'o> {
    /// Starts a hub and a floor for bundles of a kind, or of every kind.
    fn start(kind: Option<UnitKind>, options: &'o BenchOptions, manner: Manner) -> Result<Self, Fault> {
        let region = Region::draw(options.patients)?;
        let all = region.bodies();
        let bodies = kind.map_or_else(|| all.clone(), |kind| all.of(kind));
        if bodies.count() == 0 {
            return Err(Fault::Usage(manner.words("bench.too-few", &[])));
        }
        let rows = RowServer::start(&bodies)?;
        say(&manner.words("bench.bodies", &[("count", &bodies.count()), ("bytes", &bodies.mean_bytes())]))?;
        say(&manner.words("bench.floor", &[]))?;
        Ok(Self { hub: RunningHub::start(region)?, rows, bodies, options, manner })
    }

    /// Measures the registering of referrals; answers those that were registered.
    fn send_referrals(&self) -> Result<Vec<Sent>, Fault> {
        let (hub, bodies) = (&self.hub, &self.bodies);
        let sent = Mutex::new(Vec::new());
        let register = |serial: usize| {
            let token = &hub.systems[bodies.get(serial).institution];
            Request::post(token, "/fhir/Bundle?referral-consent=given", bodies.bytes(serial))
        };
        let hear = |serial: usize, answer: &[u8]| {
            let body = bodies.get(serial);
            let destination =
                hub.institutions.iter().position(|number| body.destination.as_ref() == Some(number));
            let one = receipt(answer).zip(destination).map(|((reference, _), destination)| Sent {
                reference,
                sender: hub.systems[body.institution].clone(),
                destination: hub.systems[destination].clone(),
            });
            sent.lock().unwrap_or_else(PoisonError::into_inner).extend(one);
        };
        self.each_heard("bench.refer-register", register, hear)?;
        let sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
        if sent.is_empty() { Err(Fault::Usage(self.manner.words("bench.too-few", &[]))) } else { Ok(sent) }
    }

    fn each(&self, key: &str, next: impl Fn(usize) -> Request + Sync) -> Result<(), Fault> {
        self.each_heard(key, next, |_, _| {})
    }

    /// Measures one call for every number of clients, each beside its floor.
    fn each_heard(
        &self,
        key: &str,
        next: impl Fn(usize) -> Request + Sync,
        hear: impl Fn(usize, &[u8]) + Sync,
    ) -> Result<(), Fault> {
        let time = Duration::from_secs(self.options.seconds);
        say(&self.manner.words(key, &[]))?;
        for &clients in &self.options.clients {
            let floor = block_on(load::run(&self.rows.address, clients, time, Request::row))??.rate();
            let asking = || block_on(load::run_heard(&self.hub.address, clients, time, &next, &hear));
            print(clients, &self.hub.measure(asking)?, &[("底値", floor)])?;
        }
        Ok(())
    }
}
