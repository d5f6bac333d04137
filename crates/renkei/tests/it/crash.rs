//! `kill -9` at any moment loses nothing that was acknowledged.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use crate::hub::{Hub, prepared, token};
use crate::postgres::{Postgres, skipped};

const CLIENTS: usize = 4;

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

/// How often the hub is killed.
fn rounds() -> usize {
    std::env::var("RENKEI_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

#[test]
fn kill_9_under_load_loses_no_acknowledged_unit_on_sqlite() {
    survive("renkei.db", |_| {});
}

#[test]
fn kill_9_under_load_loses_no_acknowledged_unit_on_postgresql() {
    match SERVER.as_ref() {
        None => skipped(
            "kill_9_under_load_loses_no_acknowledged_unit_on_postgresql",
            "PostgreSQL is not installed",
        ),
        Some(server) => survive(&server.database(), |round| {
            // Now and then the database dies too, as in a power cut.
            if round % 10 == 9 {
                server.crash();
                server.up();
            }
        }),
    }
}

/// A unit that was acknowledged: where it is and its bytes.
type Acknowledged = (String, Vec<u8>);

fn survive(database: &str, between: impl Fn(usize)) {
    let mut folder = prepared(database);
    let institution = crate::hub::HOSPITAL;
    let system = token(folder.path(), "institution", &["--institution", institution]);
    let template = template(institution);
    let mut all: Vec<Acknowledged> = Vec::new();
    for round in 0..rounds() {
        let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
        read_back(&hub, &system, &all[all.len().saturating_sub(40)..]);
        let (acknowledged, left) = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let (template, system, url) = (&template, &system, hub.url.clone());
                    scope.spawn(move || load(&url, system, template, round, client))
                })
                .collect();
            thread::sleep(Duration::from_millis(40 + 13 * (round as u64 % 10)));
            let left = hub.kill();
            let acknowledged: Vec<_> =
                clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
            (acknowledged, left)
        });
        folder = left;
        all.extend(acknowledged);
        between(round);
    }
    assert!(all.len() > rounds(), "the load was too light to prove anything: {} units", all.len());
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    read_back(&hub, &system, &all);
    eprintln!("{} units acknowledged over {} kills, none lost ({database})", all.len(), rounds());
}

/// A small bundle of the hospital, whose Bundle-ID stands where `SERIAL` is.
fn template(institution: &str) -> String {
    let region = crate::hub::region();
    let sent = crate::hub::steady(&region)
        .into_iter()
        .flat_map(|patient| &patient.submissions)
        .filter(|sent| sent.institution == institution && sent.kind == "Condition")
        .min_by_key(|sent| sent.body.len())
        .unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
    let id = bundle["identifier"]["value"].as_str().unwrap();
    let prefix = id.rsplit_once('^').unwrap().0;
    String::from_utf8(sent.body.clone()).unwrap().replace(id, &format!("{prefix}^SERIAL"))
}

/// Sends new units until the hub is gone.
fn load(url: &str, system: &str, template: &str, round: usize, client: usize) -> Vec<Acknowledged> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut acknowledged = Vec::new();
    for serial in 0.. {
        let body = template.replace("SERIAL", &format!("KILL-{round}-{client}-{serial}")).into_bytes();
        let request =
            agent.post(format!("{url}/fhir/Bundle")).header("content-type", "application/fhir+json");
        let sent = request.header("authorization", format!("Bearer {system}")).send(&body);
        let Ok(mut response) = sent else { break };
        let Ok(text) = response.body_mut().read_to_string() else { break };
        // A database that was cut off answers 503: not acknowledged.
        if response.status() == 201 {
            let receipt: serde_json::Value = serde_json::from_str(&text).unwrap();
            let reference = receipt["parameter"][0]["valueReference"]["reference"].as_str().unwrap();
            acknowledged.push((reference.to_owned(), body));
        }
    }
    acknowledged
}

fn read_back(hub: &Hub, system: &str, units: &[Acknowledged]) {
    for (reference, body) in units {
        let read = hub.get(system, &format!("/fhir/{reference}"));
        assert_eq!(read.status, 200, "{reference} was acknowledged and is gone");
        assert!(read.body == *body, "{reference} reads back otherwise");
    }
}
