//! Whether views go on as before while what nobody will be shown again is destroyed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use exchange::Act;
use futures_util::future::{join, try_join_all};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, offset};
use store::PersonId;

use super::filling::{Filled, UNITS_EACH, scattered};
use super::load::percentiles;
use super::setup::Region;
use crate::cli::BenchRetention;
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

/// How many fictional patients the units are drawn from.
const TEMPLATES: usize = 200;
/// How many patients look at their records, for each client.
const VIEWERS: usize = 64;
/// When what is due was registered, and when it is destroyed: further apart than any period of `rules/windows.toml`,
/// and both in years that a Bundle's identifier may name.
const REGISTERED: Date = date(2024, 4, 1);
const DESTROYED: Date = date(2036, 4, 1);
/// What is wished for: units destroyed a minute, and the slowest views at most so many times the quiet ones.
const WISHED: (f64, f64) = (100_000.0, 2.0);

/// What the clients saw.
struct Seen {
    views: f64,
    median: f64,
    slowest: f64,
}

/// Fills a hub with units that are due and with patients who look at theirs. True if both wishes hold.
pub(crate) fn run(options: &BenchRetention, manner: Manner) -> Result<bool, Fault> {
    block_on(measure(options, manner))?
}

async fn measure(options: &BenchRetention, manner: Manner) -> Result<bool, Fault> {
    let now = midnight(DESTROYED);
    let hub = Filled::open().await?;
    let people: Arc<[PersonId]> = fill(&hub, options, now, manner).await?.into();
    let clients = options.clients as usize;

    let over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&over);
    let time = Duration::from_secs(options.seconds);
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        stop.store(true, Ordering::Relaxed);
    });
    let quiet = views(&hub, &people, clients, now, &over).await?;
    told("bench.retention-quiet", &quiet, clients, manner)?;

    let over = Arc::new(AtomicBool::new(false));
    let (seen, ended) = join(views(&hub, &people, clients, now, &over), end_all(&hub, now, &over)).await;
    let (seen, (ended, reviewed, seconds)) = (seen?, ended?);
    told("bench.retention-beside", &seen, clients, manner)?;
    let (rate, ratio) = (ended as f64 / seconds * 60.0, seen.slowest / quiet.slowest);
    say(&manner.words(
        "bench.retention",
        &[
            ("reviewed", &reviewed),
            ("ended", &ended),
            ("seconds", &format!("{seconds:.1}")),
            ("rate", &format!("{rate:.0}")),
            ("ratio", &format!("{ratio:.2}")),
        ],
    ))?;
    Ok(rate >= WISHED.0 && ratio < WISHED.1)
}

/// Registers what is due, long ago, and what is looked at, now; answers whose that is.
async fn fill(
    hub: &Arc<Filled>,
    options: &BenchRetention,
    now: Timestamp,
    manner: Manner,
) -> Result<Vec<PersonId>, Fault> {
    let started = Instant::now();
    let viewers = VIEWERS * options.clients as usize;
    let bodies = Arc::new(Region::drawn_on(DESTROYED, TEMPLATES)?.bodies());
    let people = hub.fill(&bodies, 0..viewers, now).await?;
    let bodies = Arc::new(Region::drawn_on(REGISTERED, TEMPLATES)?.bodies());
    let outlived = viewers..viewers + options.units.div_ceil(UNITS_EACH);
    hub.fill(&bodies, outlived.clone(), midnight(REGISTERED)).await?;
    let seconds = started.elapsed().as_secs_f64();
    say(&manner.words(
        "bench.retention-filled",
        &[
            ("units", &(outlived.len() * UNITS_EACH)),
            ("standing", &(viewers * UNITS_EACH)),
            ("seconds", &format!("{seconds:.1}")),
        ],
    ))?;
    Ok(people)
}

/// Ends what is due, round after round as the hub does; answers how many units went, how many were looked at, and in
/// how many seconds.
async fn end_all(hub: &Filled, now: Timestamp, over: &AtomicBool) -> Result<(usize, usize, f64), Fault> {
    let act = Act { now, request: "bench".to_owned() };
    let started = Instant::now();
    let (mut ended, mut reviewed) = (0, 0);
    loop {
        let round = hub.exchange.end_outlived(&act).await;
        // The others must not look on for ever, whatever became of this.
        if !round.as_ref().is_ok_and(|round| round.reviewed > 0) {
            over.store(true, Ordering::Relaxed);
        }
        match round? {
            round if round.reviewed == 0 => return Ok((ended, reviewed, started.elapsed().as_secs_f64())),
            round => {
                ended += round.ended;
                reviewed += round.reviewed;
            }
        }
    }
}

/// So many clients look at one record after the other until it is over.
async fn views(
    hub: &Arc<Filled>,
    people: &Arc<[PersonId]>,
    clients: usize,
    now: Timestamp,
    over: &Arc<AtomicBool>,
) -> Result<Seen, Fault> {
    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let looking = (0..clients).map(|_| {
        let (hub, people) = (Arc::clone(hub), Arc::clone(people));
        let (next, over) = (Arc::clone(&next), Arc::clone(over));
        tokio::spawn(async move {
            let mut micros = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let Some(person) = scattered(next.fetch_add(1, Ordering::Relaxed), &people) else { break };
                micros.push(hub.view(person, now).await?);
            }
            Ok::<_, Fault>(micros)
        })
    });
    let seen = try_join_all(looking.collect::<Vec<_>>()).await.map_err(std::io::Error::other)?;
    let seconds = started.elapsed().as_secs_f64();
    let micros = seen.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    let views = micros.len() as f64 / seconds;
    let (median, slowest) = percentiles(micros);
    Ok(Seen { views, median, slowest })
}

fn told(key: &str, seen: &Seen, clients: usize, manner: Manner) -> Result<(), Fault> {
    let Seen { views, median, slowest } = seen;
    say(&manner.words(
        key,
        &[
            ("clients", &clients),
            ("views", &format!("{views:.0}")),
            ("median", &format!("{median:.2}")),
            ("slowest", &format!("{slowest:.2}")),
        ],
    ))
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::fixed(offset(9))).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
