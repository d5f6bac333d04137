//! The fictional region, running: loopback only, doors open, gone when it ends.

mod apps;
mod cast;
mod data;
mod day;
mod guardian;
mod plans;
mod registers;
mod replay;
mod reporters;

use std::sync::Arc;

use exchange::{Act, Endpoints, Identity, Judges, SimulatedCentre, SimulatedMember};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use profile::Profiles;
use safety::Place;
use server::{App, NoticeSettings};
use store::{Database, Keyring, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Demo, DemoCommand, loopback};
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;
use crate::{hub, library};

use cast::Cast;
use day::Day;
use replay::StoryClock;

const SITE: &str = "架空県地域医療連携（デモ）";

pub(crate) fn run(demo: Demo, manner: Manner) -> Result<bool, Fault> {
    match demo.command {
        Some(DemoCommand::Data(data)) => data::write(&data, today()),
        Some(DemoCommand::Day { once }) => {
            let then = if once { Then::EndAfterDay } else { Then::PlayDay };
            run_region(&demo, library::of_hub(None, manner)?, then, manner)
        }
        None => run_region(&demo, library::of_hub(None, manner)?, Then::Show, manner),
    }
}

/// What happens once the region stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is shown.
    Show,
    /// A day is played, then it is shown.
    PlayDay,
    /// A day is played, and that was it.
    EndAfterDay,
}

fn run_region(demo: &Demo, profiles: Option<Profiles>, then: Then, manner: Manner) -> Result<bool, Fault> {
    let folder = tempfile::Builder::new().prefix("renkei-demo-").tempdir()?;
    let database = match &demo.database {
        None => Database::Sqlite(folder.path().join("renkei.db")),
        Some(database) => match database.parse() {
            Ok(database) => database,
            Err(never) => match never {},
        },
    };
    let region = ::demo::region(today());
    let keyring = folder.path().join("keyring.toml");
    let store = Arc::new(Store::open(&database, Keyring::open_or_create(&keyring)?)?);
    let vpn_versions = folder.path().join("vpn.toml");
    reporters::vpn_table(&vpn_versions, today())?;
    let place = Place {
        vpn_versions: Some(vpn_versions),
        database: database.file(),
        keyring: Some(keyring),
        backups: Some(folder.path().join("backups")),
        ..Place::default()
    };
    block_on(serve(region, store, profiles, demo.port, place, then, manner))?
}

async fn serve(
    region: ::demo::Region,
    store: Arc<Store>,
    profiles: Option<Profiles>,
    port: u16,
    place: Place,
    then: Then,
    manner: Manner,
) -> Result<bool, Fault> {
    let listener = TcpListener::bind(loopback(port)).await.map_err(|error| {
        Fault::Usage(format!("127.0.0.1:{port} を開けません（{error}）。--port で別の番号を選んでください"))
    })?;
    // Passkeys belong to a name, not to a number.
    let base_url = format!("http://localhost:{}", listener.local_addr()?.port());
    let clock = Arc::new(StoryClock::new(hub::system_clock()));
    clock.set(replay::beginning(&region));
    let cast = Cast::make(&store, &region, &clock).await?;
    let exchange = hub::exchange(Arc::clone(&store), Box::new(centre(&region)), Judges::new(profiles));
    let (shared, doors, ports) = (Arc::clone(&exchange), cast.doors(), vec![listener.local_addr()?.port()]);
    let place = Place { ports, ..place };
    let app = hub::app(shared, SITE, base_url.clone(), doors, notices(), clock.as_clock(), place);
    let app = App { cards: cast::cards(&region), ..app };
    let safety = Arc::clone(&app.safety);
    let hub = tokio::spawn(hub::run(app, listener.into(), Vec::new()));
    let (region, sent) =
        replay::send_all(region, base_url.clone(), cast.systems.clone(), Arc::clone(&clock)).await?;
    clock.release();
    cast.grant(&store, &region, &clock).await?;
    registers::fill(&store, &cast.hospital, clock.now()).await?;
    reporters::report(&safety, &cast.hospital, clock.now()).await?;
    plans::fill(&safety, &cast.hospital, clock.now()).await?;
    if then != Then::Show {
        let day =
            Day::prepare(&store, exchange, (&cast, &region), Arc::clone(&clock), base_url.clone(), manner);
        let day = day.await?;
        let played = tokio::task::spawn_blocking(move || day.play()).await;
        played.map_err(|error| Fault::Usage(error.to_string()))??;
        clock.run_on();
    }
    if then == Then::EndAfterDay {
        hub.abort();
        return Ok(true);
    }
    safety.look_everywhere(&Act { now: clock.now(), request: "demo".to_owned() }).await?;
    let leaping = tokio::spawn(leap_when_told(clock));
    print(&base_url, &cast, &region, sent)?;
    let ended_as_wished = hub.await.map_err(|error| Fault::Usage(error.to_string()));
    leaping.abort();
    ended_as_wished
}

/// Six minutes pass at each SIGUSR1: one leap, and a proof is no longer fresh; two, and a screen is locked. Whoever shows
/// the demo need not wait for that, and tests need no clock of their own.
async fn leap_when_told(clock: Arc<StoryClock>) {
    let Ok(mut told) = signal(SignalKind::user_defined1()) else { return };
    while told.recv().await.is_some() {
        clock.leap(SignedDuration::from_mins(6));
    }
}

/// The demo may call what listens on this machine, so that a receiver can be tried.
fn notices() -> NoticeSettings {
    let allowed = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned).to_vec();
    NoticeSettings { endpoints: Endpoints { allowed }, ..NoticeSettings::default() }
}

/// The simulated centre knows exactly the region's people.
fn centre(region: &::demo::Region) -> SimulatedCentre {
    SimulatedCentre::of(region.patients.iter().flat_map(|patient| {
        patient.members.iter().map(|member| SimulatedMember {
            person: patient.key.clone(),
            member_id: member.member_id.clone(),
            valid_from: member.valid_from,
            valid_to: member.valid_to,
            identity: Some(Identity {
                birth_date: patient.birth_date,
                sex: patient.gender.code().to_owned(),
                name_kana: patient.name_kana.clone(),
            }),
        })
    }))
}

fn print(base_url: &str, cast: &Cast, region: &::demo::Region, sent: usize) -> Result<(), Fault> {
    let patient = cast.patients.first().map(|(person, _)| person.to_string()).unwrap_or_default();
    talk(&format!(
        "架空の {}施設・{}人・報告単位{sent}件を登録しました。終わるには Ctrl-C。",
        region.institutions.len(),
        region.patients.len()
    ));
    say(&format!("ここを開いてください: {base_url}/\n"))?;
    say("患者（すべて架空）:")?;
    for ((person, _), patient) in cast.patients.iter().zip(&region.patients) {
        say(&format!("  {}  {}  {}", person, patient.name_kanji, patient.story))?;
    }
    let clinician = &cast.clinician.token;
    let system = &cast.systems[0].1;
    say(&format!(
        "\nそのまま貼って動く行:
  curl -s -H 'Authorization: Bearer {clinician}' '{base_url}/fhir/Patient/{patient}/$everything'
  curl -s -H 'Authorization: Bearer {clinician}' '{base_url}/fhir/AllergyIntolerance?patient={patient}'
  curl -s -H 'Authorization: Bearer {}' '{base_url}/fhir/AuditEvent?patient={patient}'
  curl -s -H 'Authorization: Bearer {system}' -H 'Content-Type: application/fhir+json' -d '{{\"resourceType\":\"Bundle\"}}' '{base_url}/fhir/Bundle/$validate'
  curl -s '{base_url}/fhir/metadata'
登録も試せます（システム用トークン）:
  renkei demo data --out /tmp/renkei-data
  RENKEI_HUB={base_url} RENKEI_TOKEN={system} renkei bundle register /tmp/renkei-data/{}/*.json",
        cast.safety_manager.token,
        cast.systems[0].0,
    ))
}

/// Today in Japan.
fn today() -> Date {
    hub::system_clock()().to_zoned(TimeZone::fixed(jiff::tz::offset(9))).date()
}
