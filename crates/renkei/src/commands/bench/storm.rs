//! Whether views go on as before while somebody tries stolen passwords by the hundred.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fhir::bundle::UnitKind;
use futures_util::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::load::{self, Request};
use super::setup::{Region, RunningHub};
use crate::cli::BenchStorm;
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

/// So many addresses guess in turn, each less often than the limit of one address.
const ADDRESSES: usize = 4096;
/// What is wished for: the slowest views at most so many times the quiet ones.
const WISHED: f64 = 2.0;

/// What the hub answered to guesses.
#[derive(Default)]
struct Guesses {
    wrong: AtomicUsize,
    turned_away: AtomicUsize,
    unanswered: AtomicUsize,
}

/// Views in quiet, then views in the storm. True if the wish holds and nobody was let in.
pub(crate) fn run(options: &BenchStorm, manner: Manner) -> Result<bool, Fault> {
    let region = Region::draw(options.patients)?;
    let bodies = region.bodies().without(UnitKind::PatientSummary);
    let hub = RunningHub::start(region)?;
    let units = hub.register_once(&bodies)?;
    let next = |serial: usize| {
        let unit = &units[serial % units.len()];
        Request::get(&hub.systems[unit.institution], &format!("/fhir/{}", unit.reference))
    };
    let time = Duration::from_secs(options.seconds);
    let quiet = block_on(load::run(&hub.address, options.clients, time, next))??;
    told("bench.storm-quiet", &quiet, options.clients, manner)?;
    let to = hub.address.parse().map_err(|_| Fault::Usage(hub.address.clone()))?;
    let guessed = Arc::new(Guesses::default());
    let views = load::run(&hub.address, options.clients, time, next);
    let (beside, ()) = block_on(join(views, guess(to, options.rate, time, &guessed)))?;
    let beside = beside?;
    told("bench.storm-beside", &beside, options.clients, manner)?;
    let ratio = beside.latencies().1 / quiet.latencies().1;
    let count = |one: &AtomicUsize| one.load(Ordering::Relaxed);
    say(&manner.words(
        "bench.storm",
        &[
            ("rate", &options.rate),
            ("wrong", &count(&guessed.wrong)),
            ("away", &count(&guessed.turned_away)),
            ("unanswered", &count(&guessed.unanswered)),
            ("ratio", &format!("{ratio:.2}")),
        ],
    ))?;
    Ok(ratio < WISHED)
}

/// So many guesses a second, whether or not the earlier ones are answered.
async fn guess(to: SocketAddr, rate: u32, time: Duration, guessed: &Arc<Guesses>) {
    let end = Instant::now() + time;
    let mut beat = interval(Duration::from_secs(1) / rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for serial in 0.. {
        if beat.tick().await >= end {
            break;
        }
        let guessed = Arc::clone(guessed);
        tokio::spawn(async move {
            let count = match sign_in(to, serial).await {
                Ok(401) => &guessed.wrong,
                Ok(_) => &guessed.turned_away,
                Err(_) => &guessed.unanswered,
            };
            count.fetch_add(1, Ordering::Relaxed);
        });
    }
}

/// One guess on a connection of its own, from an address of its own; answers the status.
async fn sign_in(to: SocketAddr, serial: usize) -> io::Result<u16> {
    let [high, low] = u16::try_from(serial % ADDRESSES).unwrap_or_default().to_be_bytes();
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0)))?;
    let mut stream = socket.connect(to).await?;
    let body = format!("login=nobody-{serial}&password=kawa7mado{serial}");
    let length = body.len();
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    status.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn told(key: &str, seen: &load::Measured, clients: usize, manner: Manner) -> Result<(), Fault> {
    let (median, slowest) = seen.latencies();
    say(&manner.words(
        key,
        &[
            ("clients", &clients),
            ("views", &format!("{:.0}", seen.rate())),
            ("median", &format!("{median:.2}")),
            ("slowest", &format!("{slowest:.2}")),
        ],
    ))
}
