//! Load: connections that are kept alive, each asking again as soon as it is answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fhir::bundle::UnitKind;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::setup::{RunningHub, Server};
use crate::fault::Fault;

/// Bundles cut at their Bundle-ID, so that each send is a new unit.
#[derive(Clone)]
pub(crate) struct Bodies(pub(super) Vec<Body>);

/// One bundle around the place of its Bundle-ID.
#[derive(Clone)]
pub(crate) struct Body {
    pub(super) institution: usize,
    pub(super) kind: UnitKind,
    pub(super) member_id: String,
    pub(super) destination: Option<String>,
    pub(super) before: String,
    pub(super) after: String,
}

/// What is sent next: the head without its length, and the body.
pub(crate) struct Request {
    head: String,
    body: Vec<u8>,
}

/// What came of a load.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) done: usize,
    pub(crate) refused: usize,
    pub(crate) sent_bytes: u64,
    pub(crate) server: Option<Server>,
    micros: Vec<u32>,
    seconds: f64,
}

impl Bodies {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn mean_bytes(&self) -> usize {
        self.0.iter().map(|body| body.before.len() + body.after.len() + 30).sum::<usize>()
            / self.0.len().max(1)
    }

    /// Those of one kind.
    pub(crate) fn of(&self, kind: UnitKind) -> Self {
        Self(self.0.iter().filter(|body| body.kind == kind).cloned().collect())
    }

    /// Those of every other kind.
    pub(crate) fn without(&self, kind: UnitKind) -> Self {
        Self(self.0.iter().filter(|body| body.kind != kind).cloned().collect())
    }

    /// The one that is sent under a serial number.
    pub(crate) fn get(&self, serial: usize) -> &Body {
        &self.0[serial % self.0.len()]
    }

    /// The bytes of a send, never the same twice.
    pub(crate) fn bytes(&self, serial: usize) -> Vec<u8> {
        let body = self.get(serial);
        [&body.before, format!("BENCH-{serial:024}").as_str(), &body.after].concat().into_bytes()
    }
}

impl Request {
    pub(crate) fn register(hub: &RunningHub, bodies: &Bodies, serial: usize) -> Self {
        Self::post(&hub.systems[bodies.get(serial).institution], "/fhir/Bundle", bodies.bytes(serial))
    }

    pub(crate) fn to_peer(bodies: &Bodies, serial: usize) -> Self {
        Self::of("POST /Bundle", "", bodies.bytes(serial))
    }

    pub(crate) fn row(serial: usize) -> Self {
        Self::of(&format!("GET /{serial}"), "", Vec::new())
    }

    pub(crate) fn post(token: &str, path: &str, body: Vec<u8>) -> Self {
        Self::of(&format!("POST {path}"), &format!("authorization: Bearer {token}\r\n"), body)
    }

    pub(crate) fn get(token: &str, path: &str) -> Self {
        Self::of(&format!("GET {path}"), &format!("authorization: Bearer {token}\r\n"), Vec::new())
    }

    fn of(line: &str, more: &str, body: Vec<u8>) -> Self {
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}content-type: application/fhir+json\r\ncontent-length: {length}\r\n\r\n"
        );
        Self { head, body }
    }
}

impl Measured {
    pub(crate) fn rate(&self) -> f64 {
        self.done as f64 / self.seconds
    }

    /// Median and 99th percentile, in milliseconds.
    pub(crate) fn latencies(&self) -> (f64, f64) {
        percentiles(self.micros.clone())
    }

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.sent_bytes += other.sent_bytes;
        self.micros.extend(other.micros);
    }
}

/// Median and 99th percentile of microseconds, in milliseconds.
pub(crate) fn percentiles(mut micros: Vec<u32>) -> (f64, f64) {
    micros.sort_unstable();
    let at = |share: f64| {
        let index = ((micros.len() as f64 * share) as usize).min(micros.len().saturating_sub(1));
        micros.get(index).copied().map_or(0.0, |micros| f64::from(micros) / 1000.0)
    };
    (at(0.5), at(0.99))
}

/// Numbers are given out across loads, so that no two sends are the same.
static SERIAL: AtomicUsize = AtomicUsize::new(0);

/// Asks `address` from so many connections for so long.
pub(crate) async fn run(
    address: &str,
    clients: usize,
    time: Duration,
    next: impl Fn(usize) -> Request + Sync,
) -> Result<Measured, Fault> {
    run_heard(address, clients, time, next, |_, _| {}).await
}

/// As [`run`]; `hear` is given the number and the body of every answer that is no refusal.
pub(crate) async fn run_heard(
    address: &str,
    clients: usize,
    time: Duration,
    next: impl Fn(usize) -> Request + Sync,
    hear: impl Fn(usize, &[u8]) + Sync,
) -> Result<Measured, Fault> {
    let started = Instant::now();
    let end = started + time;
    let asking = (0..clients).map(|_| client(address, end, &next, &hear));
    let mut total = Measured::default();
    // Side by side on one task: the load must not take the server's processors.
    for one in join_all(asking).await {
        total.add(one?);
    }
    total.seconds = started.elapsed().as_secs_f64();
    Ok(total)
}

async fn client(
    address: &str,
    end: Instant,
    next: &(impl Fn(usize) -> Request + Sync),
    hear: &(impl Fn(usize, &[u8]) + Sync),
) -> Result<Measured, Fault> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut measured = Measured::default();
    let mut buffer = Vec::with_capacity(64 << 10);
    while Instant::now() < end {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let request = next(serial);
        let asked = Instant::now();
        stream.write_all(&[request.head.as_bytes(), &request.body].concat()).await?;
        let (status, head) = answer(&mut stream, &mut buffer).await?;
        if status < 300 {
            measured.micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            measured.done += 1;
            measured.sent_bytes += request.body.len() as u64;
            hear(serial, &buffer[head..]);
        } else {
            measured.refused += 1;
        }
    }
    Ok(measured)
}

/// Reads one answer whole; gives its status and where its body begins.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(u16, usize), Fault> {
    buffer.clear();
    let broken = || Fault::Usage("相手の応答が途中で切れました".to_owned());
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(broken());
        }
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(broken)?;
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.and_then(|digits| digits.trim().parse().ok()).ok_or_else(broken)?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(broken());
        }
    }
    Ok((status, head))
}
