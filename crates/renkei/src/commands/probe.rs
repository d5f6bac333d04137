//! Measures the machine it runs on by reading alone, and reports what it found. What it cannot know it leaves out.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use identity::app::{Curve, SigningKey};
use jiff::Timestamp;
use safety::report::linux::{self, LISTEN, Socket, UNCONNECTED};
use safety::report::{Antivirus, Extent, Measured, Port, Protocol};
use serde_json::{Value, json};
use store::random;

use crate::cli::{Probe, ReportTo};
use crate::commands::app::{kept_key, unusable};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;
use crate::hub::system_clock;

/// Where a hub takes reports.
const PATH: &str = "/api/v1/safety/reports";
/// No more machines or ports are told of.
const MOST: usize = 1000;

pub(crate) fn run(command: Probe, manner: Manner) -> Result<bool, Fault> {
    match command {
        Probe::Key { out } => {
            say(&format!("{:#}", kept_key(&out, Curve::P256, manner)?.jwk()))?;
            Ok(true)
        }
        Probe::Show => {
            let measured = json!(measure());
            say(&if manner.json { measured.to_string() } else { format!("{measured:#}") })?;
            Ok(true)
        }
        Probe::Report(report) => send(report, system_clock()(), manner),
    }
}

fn send(report: ReportTo, now: Timestamp, manner: Manner) -> Result<bool, Fault> {
    let pem = fs::read_to_string(&report.key).map_err(|error| Fault::File(report.key, error))?;
    let key = SigningKey::from_pem(&pem, Curve::P256);
    let key = key.map_err(|_| Fault::Usage(manner.words("probe.not-a-key", &[])))?;
    let signed = signed(&key, &measure(), now).map_err(|fault| unusable(fault, manner))?;
    match (report.destination.to, report.destination.out) {
        (Some(hub), _) => deliver(&signed, hub.trim_end_matches('/'), manner),
        (None, Some(file)) if file.as_os_str() != "-" => {
            fs::write(&file, signed).map_err(|error| Fault::File(file, error))?;
            talk(&manner.words("probe.written", &[("path", &PATH)]));
            Ok(true)
        }
        _ => say(&signed).map(|()| true),
    }
}

fn signed(
    key: &SigningKey,
    measured: &Measured,
    now: Timestamp,
) -> Result<String, identity::app::SigningFault> {
    let jti = random::<16>().map_err(|_| identity::app::SigningFault::NoRandomness)?;
    let jti: String = jti.iter().map(|byte| format!("{byte:02x}")).collect();
    let iat = now.as_microsecond() as f64 / 1e6;
    key.signed("renkei-report", &json!({"iat": iat, "jti": jti, "measured": measured}))
}

/// Sends a report, and tells what the hub made of it: whether every control holds.
fn deliver(signed: &str, hub: &str, manner: Manner) -> Result<bool, Fault> {
    let is_here =
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|here| hub.starts_with(here));
    if !hub.starts_with("https://") && !is_here {
        return Err(Fault::Usage(manner.words("probe.not-https", &[])));
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let unheard = |error: ureq::Error| Fault::Hub(hub.to_owned(), error.to_string());
    let request = agent.post(format!("{hub}{PATH}")).header("content-type", "application/jose");
    let mut answer = request.header("accept-language", manner.lang.tag()).send(signed).map_err(unheard)?;
    let is_taken = answer.status().is_success();
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().map_err(unheard)?)
        .map_err(|error| Fault::Hub(hub.to_owned(), error.to_string()))?;
    if !is_taken {
        talk(body["issue"][0]["details"]["text"].as_str().unwrap_or_default());
        return Ok(false);
    }
    if manner.json {
        say(&body.to_string())?;
        return Ok(true);
    }
    let controls = body["controls"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in controls {
        let word = if one["holds"] == true { "safety.holds" } else { "safety.fails" };
        let control = one["control"].as_str().unwrap_or_default();
        say(&format!("{}  {control}  {}", manner.words(word, &[]), one["measured"]))?;
    }
    let reporter = body["reporter"].as_str().unwrap_or_default();
    talk(&manner.words("probe.taken", &[("name", &reporter), ("count", &controls.len())]));
    Ok(true)
}

/// What can be read of this machine.
fn measure() -> Measured {
    let kernel = text("/proc/sys/kernel/osrelease");
    let logs = ["/var/log/dpkg.log", "/var/log/dpkg.log.1"]
        .map(|log| text(log).and_then(|log| linux::upgraded_by_dpkg(&log)));
    let apt = text("/var/log/apt/history.log").and_then(|log| linux::upgraded_by_apt(&log));
    Measured {
        os: text("/etc/os-release").and_then(|file| linux::system(&file, kernel.as_deref())),
        updated_on: logs.into_iter().flatten().chain(apt).max(),
        portable: text("/sys/class/dmi/id/chassis_type").and_then(|kind| linux::is_portable(&kind)),
        disk_encryption: disk_encryption(),
        antivirus: clamav(),
        local_administrators: text("/etc/group")
            .zip(text("/etc/passwd"))
            .map(|(group, passwd)| linux::administrators(&group, &passwd)),
        listening: listening(),
        seen: text("/proc/net/arp").map(|arp| linux::neighbours(&arp).into_iter().take(MOST).collect()),
        vpn: None,
    }
}

fn text(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Ports on which others reach this machine. A UDP port that the kernel lent for one question is none.
fn listening() -> Option<Vec<Port>> {
    let tcp: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"].iter().filter_map(text).collect();
    if tcp.is_empty() {
        return None;
    }
    let lent = text("/proc/sys/net/ipv4/ip_local_port_range");
    let lent: Vec<u16> =
        lent.iter().flat_map(|range| range.split_whitespace()).filter_map(|port| port.parse().ok()).collect();
    let is_lent = |port: u16| matches!(lent[..], [from, to] if (from..=to).contains(&port));
    let is_outward = |socket: &&Socket| !socket.address.is_loopback();
    let mut ports = BTreeSet::new();
    for socket in tcp.iter().flat_map(|table| linux::sockets(table)).filter(|one| is_outward(&one)) {
        if socket.state == LISTEN {
            ports.insert(Port { port: socket.port, protocol: Protocol::Tcp });
        }
    }
    let udp = ["/proc/net/udp", "/proc/net/udp6"].iter().filter_map(text);
    for socket in udp.flat_map(|table| linux::sockets(&table)).filter(|one| is_outward(&one)) {
        if socket.state == UNCONNECTED && !is_lent(socket.port) {
            ports.insert(Port { port: socket.port, protocol: Protocol::Udp });
        }
    }
    Some(ports.into_iter().take(MOST).collect())
}

/// How much of this machine's disks lies under LUKS or another layer of dm-crypt.
fn disk_encryption() -> Option<Extent> {
    let mut disks = linux::mounted(&text("/proc/self/mountinfo")?);
    disks.extend(text("/proc/swaps").iter().flat_map(|table| linux::swaps(table)));
    let known = disks.iter().filter_map(|disk| {
        let name = fs::canonicalize(disk).ok()?.file_name()?.to_str()?.to_owned();
        let place = Path::new("/sys/class/block").join(name);
        place.exists().then(|| is_encrypted(&place))
    });
    let known: Vec<bool> = known.collect();
    match known.iter().filter(|is| **is).count() {
        _ if known.is_empty() => None,
        0 => Some(Extent::None),
        encrypted if encrypted == known.len() => Some(Extent::All),
        _ => Some(Extent::Some),
    }
}

/// A layer is encrypted where it is of dm-crypt itself, or where every device below it is.
fn is_encrypted(device: &Path) -> bool {
    if text(device.join("dm/uuid")).is_some_and(|uuid| uuid.starts_with("CRYPT-")) {
        return true;
    }
    let below = fs::read_dir(device.join("slaves")).into_iter().flatten().flatten();
    let below: Vec<bool> = below.map(|entry| is_encrypted(&entry.path())).collect();
    !below.is_empty() && below.iter().all(|is| *is)
}

/// ClamAV, by the newest of its signatures.
fn clamav() -> Option<Antivirus> {
    let files = ["/var/lib/clamav/daily.cld", "/var/lib/clamav/daily.cvd"];
    let day = |file: &&str| {
        let mut head = Vec::new();
        fs::File::open(file).ok()?.take(512).read_to_end(&mut head).ok()?;
        linux::clamav_day(&head)
    };
    let signatures_on = files.iter().filter_map(day).max()?;
    Some(Antivirus { name: "ClamAV".to_owned(), signatures_on })
}
