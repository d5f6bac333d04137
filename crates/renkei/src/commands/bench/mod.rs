//! How fast this machine does the hub's jobs, as ratios to a floor or a quiet value measured in the same run.

mod curve;
mod filling;
mod floor;
mod load;
mod retention;
mod services;
mod setup;
mod size;
mod storm;

use std::time::Duration;

use fhir::bundle::UnitKind;

use crate::cli::{Bench, BenchOptions};
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

use load::{Measured, Request};
use setup::{Region, RowServer, RunningHub};

const SERVER_LIMIT_BYTES: u64 = 300 << 20;

pub(crate) fn run(bench: Bench, manner: Manner) -> Result<bool, Fault> {
    match bench {
        Bench::Register { options, peer } => register(&options, peer.as_deref()),
        Bench::View(options) => view(&options),
        Bench::Refer(options) => services::refer(&options, manner),
        Bench::Inbox(options) => services::inbox(&options, manner),
        Bench::Summary(options) => services::summary(&options, manner),
        Bench::Checkup(options) => services::checkup(&options, manner),
        Bench::Size(options) => size::run(&options, manner),
        Bench::Retention(options) => retention::run(&options, manner),
        Bench::Storm(options) => storm::run(&options, manner),
        Bench::Rows { database, count } => block_on(floor::serve_rows(database, count))?,
    }
}

fn register(options: &BenchOptions, peer: Option<&str>) -> Result<bool, Fault> {
    let region = Region::draw(options.patients)?;
    let bodies = region.bodies();
    let seconds = Duration::from_secs(options.seconds);
    say(&format!("登録  報告単位の平均 {} バイト、{}種類", bodies.mean_bytes(), bodies.count()))?;
    say(
        "底値: 同じバイト列と同じ数の行を、素のSQLite（WAL, synchronous=FULL, 8 KB）へグループコミットで挿入",
    )?;
    if let Some(peer) = peer {
        return race_peer(peer, &bodies, options, seconds);
    }
    let hub = RunningHub::start(region)?;
    let mut received = 0;
    for &clients in &options.clients {
        let floor = floor::insert(&bodies, clients, seconds)?;
        let next = |serial| Request::register(&hub, &bodies, serial);
        let measured = hub.measure(|| block_on(load::run(&hub.address, clients, seconds, next)))?;
        received += measured.sent_bytes;
        print(clients, &measured, &[("底値", floor)])?;
    }
    let stored = hub.stored_bytes()?;
    say(&format!("保存 {stored} バイト / 受信 {received} バイト = {:.3}", ratio(stored, received)))
        .map(|()| stored * 4 <= received)
}

fn view(options: &BenchOptions) -> Result<bool, Fault> {
    let region = Region::draw(options.patients)?;
    // A patient summary is for the patient alone.
    let bodies = region.bodies().without(UnitKind::PatientSummary);
    let seconds = Duration::from_secs(options.seconds);
    let hub = RunningHub::start(region)?;
    let units = hub.register_once(&bodies)?;
    say(&format!("閲覧  報告単位の平均 {} バイト、{}件", bodies.mean_bytes(), units.len()))?;
    let rows = RowServer::start(&bodies)?;
    say("底値1: 同じバイト列の行を主キーで読み、同じHTTPで返すだけ（許可も封緘も監査もない）")?;
    say("底値2: HTTPもなく、行を読むだけ。底値3: 底値2と、1件ごとの監査の行のグループコミット")?;
    for &clients in &options.clients {
        let plain = block_on(load::run(&rows.address, clients, seconds, Request::row))??.rate();
        let reads = floor::read(&bodies, clients, seconds, false)?;
        let recorded = floor::read(&bodies, clients, seconds, true)?;
        let next = |serial: usize| {
            let unit = &units[serial % units.len()];
            Request::get(&hub.systems[unit.institution], &format!("/fhir/{}", unit.reference))
        };
        let measured = hub.measure(|| block_on(load::run(&hub.address, clients, seconds, next)))?;
        print(clients, &measured, &[("底値1", plain), ("底値2", reads), ("底値3", recorded)])?;
    }
    Ok(true)
}

fn race_peer(
    peer: &str,
    bodies: &load::Bodies,
    options: &BenchOptions,
    seconds: Duration,
) -> Result<bool, Fault> {
    let address = peer.trim_end_matches('/').strip_prefix("http://").unwrap_or(peer).to_owned();
    if !address.starts_with("127.0.0.1:") && !address.starts_with("localhost:") {
        return Err(Fault::Usage("--peer は 127.0.0.1 だけです".to_owned()));
    }
    for &clients in &options.clients {
        let next = |serial| Request::to_peer(bodies, serial);
        let measured = block_on(load::run(&address, clients, seconds, next))??;
        print(clients, &measured, &[])?;
    }
    Ok(true)
}

fn print(clients: usize, measured: &Measured, floors: &[(&str, f64)]) -> Result<(), Fault> {
    let rate = measured.rate();
    let (median, slowest) = measured.latencies();
    let mut line = format!(
        "{clients:>4} クライアント  {rate:>8.0} 件/秒  p50 {median:>7.2} ms  p99 {slowest:>7.2} ms  拒否 {}",
        measured.refused
    );
    if let Some(server) = &measured.server {
        let micros = server.cpu_seconds * 1e6 / measured.done.max(1) as f64;
        line += &format!("  CPU {micros:>5.0} µs/件  RSS最大 {} MB", server.peak_bytes >> 20);
        if server.peak_bytes > SERVER_LIMIT_BYTES {
            line += "（上限300 MBを超過）";
        }
    }
    for (name, floor) in floors {
        line += &format!("  {name} {floor:.0} 件/秒 → 比 {:.2}", rate / floor);
    }
    say(&line)
}

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
