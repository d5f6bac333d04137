//! Whether a patient's view stays as fast, and a unit as small, however many others there are.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use super::curve::{self, Line};
use super::filling::{Filled, UNITS_EACH, scattered};
use super::load::{Bodies, percentiles};
use super::setup::Region;
use crate::cli::SizeOptions;
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;
use crate::hub::system_clock;

/// How many fictional patients the units are drawn from.
const TEMPLATES: usize = 400;
/// A view among the most units may take at most so many times what it takes among the fewest.
const FLAT: f64 = 2.0;

/// What was measured at one size.
struct Point {
    units: usize,
    median: f64,
    slowest: f64,
}

/// Fills a hub step by step and measures at each. True if the median stays flat.
pub(crate) fn run(options: &SizeOptions, manner: Manner) -> Result<bool, Fault> {
    let bodies = Arc::new(Region::draw(TEMPLATES)?.bodies());
    say(&manner.words("bench.bodies", &[("count", &bodies.count()), ("bytes", &bodies.mean_bytes())]))?;
    say(&manner.words("bench.size", &[("each", &UNITS_EACH), ("views", &options.views)]))?;
    let points = block_on(measure(options, &bodies, manner))??;
    if let Some(path) = &options.svg {
        fs::write(path, draw(&points, manner)).map_err(|error| Fault::File(path.clone(), error))?;
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(true) };
    let ratio = last.median / first.median;
    say(&manner.words("bench.size-ratio", &[("ratio", &format!("{ratio:.2}"))]))?;
    Ok(ratio < FLAT)
}

async fn measure(options: &SizeOptions, bodies: &Arc<Bodies>, manner: Manner) -> Result<Vec<Point>, Fault> {
    let hub = Filled::open().await?;
    let now = system_clock()();
    let (mut people, mut points) = (Vec::new(), Vec::new());
    for &units in &options.units {
        let persons = people.len()..units.div_ceil(UNITS_EACH).max(people.len() + 1);
        let started = Instant::now();
        people.extend(hub.fill(bodies, persons, now).await?);
        let seconds = started.elapsed().as_secs_f64();
        let stored = hub.stored_bytes()?;
        let mut micros = Vec::new();
        for nth in 0..options.views as usize {
            let Some(person) = scattered(nth, &people) else { break };
            micros.push(hub.view(person, now).await?);
        }
        let (median, slowest) = percentiles(micros);
        let units = people.len() * UNITS_EACH;
        say(&manner.words(
            "bench.size-line",
            &[
                ("units", &format!("{units:>9}")),
                ("median", &format!("{median:>7.2}")),
                ("slowest", &format!("{slowest:>7.2}")),
                ("bytes", &(stored / units as u64)),
                ("seconds", &format!("{seconds:.1}")),
            ],
        ))?;
        points.push(Point { units, median, slowest });
    }
    Ok(points)
}

fn draw(points: &[Point], manner: Manner) -> String {
    let line = |name: &str, value: fn(&Point) -> f64| Line {
        name: name.to_owned(),
        points: points.iter().map(|point| (point.units as f64, value(point))).collect(),
    };
    let words = |key| manner.words(key, &[]);
    let lines = [line("p99", |point| point.slowest), line("p50", |point| point.median)];
    curve::draw(&words("bench.size-title"), &words("bench.size-x"), &words("bench.size-y"), &lines)
}
