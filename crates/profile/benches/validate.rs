//! How fast documents are judged, beside what merely reading them costs: `cargo bench -p profile -- FILE…`.
//!
//! One core, one run, every figure the best of several rounds over all files. The floor is serde_json's `Value`.
//! Where `RENKEI_PEERS` names a folder as `peers.mjs` wants it, other validators look at the same files in the same run.
//! The packages are those in `RENKEI_FHIR_DATA/packages` that the CLINS 1.10.0 and eCheckup 1.5.0 guides need.

use std::alloc::System;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fhir::bundle::UnitKind;
use fhir::json::{Json, Limits};
use fhir::validate::{Parsed, Validator};
use profile::{Library, Profiles};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const PACKAGES: [&str; 4] = [
    "hl7.fhir.r4.core-4.0.1.tgz",
    "jp-core.r4-1.1.2-url.tgz",
    "jp-eCSCLINS.r4-1.10.0.tgz",
    "jp-eCheckupReport.r4-1.5.0.tgz",
];
const GUIDES: [&str; 2] = ["examples/jp-clins/1.10.0", "examples/jp-echeckup/1.5.0"];
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(300);
const LIMITS: Limits = Limits { bytes: usize::MAX, depth: 64 };

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Names the folder of packages to the process that measures a start from nothing.
const COLD: &str = "RENKEI_BENCH_COLD";

fn main() -> Outcome<()> {
    if let Some(folder) = std::env::var_os(COLD) {
        return cold(Path::new(&folder));
    }
    let Some(data) = data() else {
        say("SKIPPED: no packages here; set RENKEI_FHIR_DATA to a folder that has packages/ and examples/");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let mut library = Library::open(folder.path())?;
    for name in PACKAGES {
        library.add(&data.join("packages").join(name))?;
    }
    let compiling = Instant::now();
    let profiles = Profiles::open(folder.path())?.ok_or("no package was kept")?;
    let compiling = compiling.elapsed();
    let paths = paths(&data)?;
    let files = read(&paths)?;
    let (without, with) = (Validator::new(), Validator::new().with(profiles));
    say(&format!(
        "{} Bundles, {} bytes; compiling the packages took {compiling:.1?}",
        files.len(),
        files.iter().map(Vec::len).sum::<usize>(),
    ));
    std::process::Command::new(std::env::current_exe()?)
        .args(std::env::args().skip(1))
        .env(COLD, folder.path())
        .status()?;
    let floor = best(&files, |bytes| {
        let _ = black_box(serde_json::from_slice::<serde_json::Value>(bytes));
    });
    row("serde_json::Value (floor)", &floor, &floor);
    row("parse", &best(&files, |bytes| drop(black_box(Json::parse(bytes, &LIMITS)))), &floor);
    row("parse and judge by R4 and rules", &best(&files, |bytes| judge(&without, bytes)), &floor);
    row("parse and judge by packages too", &best(&files, |bytes| judge(&with, bytes)), &floor);
    peers(&paths, &floor)?;
    many(&with, &files);
    entries(&with, &files)
}

fn say(line: &str) {
    #[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
    {
        println!("{line}");
    }
}

fn data() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir");
    let data = std::env::var_os("RENKEI_FHIR_DATA").map_or(near, PathBuf::from);
    data.join("packages").is_dir().then_some(data)
}

/// The files named, or the Bundles of both guides.
fn paths(data: &Path) -> Outcome<Vec<PathBuf>> {
    let named: Vec<PathBuf> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).map(PathBuf::from).collect();
    let mut paths = named.clone();
    for guide in GUIDES.iter().filter(|_| named.is_empty()) {
        for entry in std::fs::read_dir(data.join(guide))? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Bundle")) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(paths: &[PathBuf]) -> Outcome<Vec<Vec<u8>>> {
    Ok(paths.iter().map(std::fs::read).collect::<Result<_, _>>()?)
}

fn judge(validator: &Validator, bytes: &[u8]) {
    if let Ok(document) = Parsed::parse(bytes, &LIMITS) {
        black_box(validator.examine(&document));
    }
}

/// From nothing in memory to the first verdict, the compiled packages on disk; then all files, and what it holds.
fn cold(folder: &Path) -> Outcome<()> {
    let begin = Instant::now();
    let profiles = Profiles::open(folder)?.ok_or("no package was kept")?;
    let validator = Validator::new().with(profiles);
    let files = read(&paths(&data().ok_or("the data are gone")?)?)?;
    judge(&validator, &files[0]);
    let start = begin.elapsed();
    files.iter().for_each(|bytes| judge(&validator, bytes));
    say(&format!("cold start to first verdict {start:.1?}; RSS {} MiB after all", resident() / 1024));
    Ok(())
}

/// Seconds for one pass over all files.
fn best(files: &[Vec<u8>], work: impl Fn(&[u8])) -> Pace {
    let bytes: usize = files.iter().map(Vec::len).sum();
    let region = Region::new(ALLOCATOR);
    files.iter().for_each(|bytes| work(bytes));
    let allocations = region.change().allocations / files.len();
    let mut seconds = f64::MAX;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let mut passes = 0_u32;
        while begin.elapsed() < ROUND {
            files.iter().for_each(|bytes| work(bytes));
            passes += 1;
        }
        seconds = seconds.min(begin.elapsed().as_secs_f64() / f64::from(passes));
    }
    Pace { seconds, bytes, count: files.len(), allocations }
}

struct Pace {
    seconds: f64,
    bytes: usize,
    count: usize,
    allocations: usize,
}

fn row(name: &str, pace: &Pace, floor: &Pace) {
    say(&format!(
        "{name:38} {:8.1} MB/s {:9.0} Bundles/s  {:7.2} × the floor's time  {:6} allocations a Bundle",
        pace.bytes as f64 / 1e6 / pace.seconds,
        pace.count as f64 / pace.seconds,
        pace.seconds / floor.seconds,
        pace.allocations,
    ));
}

/// Other validators over the same files, where somebody has installed them.
fn peers(paths: &[PathBuf], floor: &Pace) -> Outcome<()> {
    let Some(folder) = std::env::var_os("RENKEI_PEERS") else {
        say("other validators: SKIPPED, RENKEI_PEERS names no folder (see peers.mjs)");
        return Ok(());
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.mjs");
    let output = std::process::Command::new("node").arg(script).arg(folder).args(paths).output()?;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((name, seconds)) = line.split_once('\t') else { continue };
        let seconds: f64 = seconds.parse()?;
        say(&format!(
            "{name:38} {:8.1} MB/s {:9.0} Bundles/s  {:7.2} × the floor's time",
            floor.bytes as f64 / 1e6 / seconds,
            floor.count as f64 / seconds,
            seconds / floor.seconds,
        ));
    }
    Ok(())
}

/// The same work by one thread and by all.
fn many(validator: &Validator, files: &[Vec<u8>]) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let run = |threads: usize| {
        let begin = Instant::now();
        let passes: usize = std::thread::scope(|scope| {
            let work = || {
                let mut passes = 0;
                while begin.elapsed() < ROUND * 4 {
                    files.iter().for_each(|bytes| judge(validator, bytes));
                    passes += 1;
                }
                passes
            };
            let hands: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            hands.into_iter().filter_map(|hand| hand.join().ok()).sum()
        });
        (passes * files.len()) as f64 / begin.elapsed().as_secs_f64()
    };
    let (one, all) = (run(1), run(threads));
    say(&format!("{threads} threads: {all:.0} Bundles/s, {:.2} × one thread", all / one));
}

/// A Bundle of the 5情報 grown to more and more entries.
fn entries(validator: &Validator, files: &[Vec<u8>]) -> Outcome<()> {
    let is_collection = |bytes: &&Vec<u8>| {
        let document = Parsed::parse(bytes, &LIMITS);
        document.is_ok_and(|one| UnitKind::of(one.root()).is_some_and(UnitKind::is_collection))
    };
    let Some(bytes) = files.iter().find(is_collection) else { return Ok(()) };
    for count in [100, 1_000, 10_000] {
        let grown = grown(bytes, count)?;
        let begin = Instant::now();
        judge(validator, &grown);
        let spent = begin.elapsed();
        say(&format!(
            "{count:6} entries, {:5.1} MB: {:8.1} ms, {:.1} µs an entry",
            grown.len() as f64 / 1e6,
            spent.as_secs_f64() * 1e3,
            spent.as_secs_f64() * 1e6 / f64::from(count),
        ));
    }
    Ok(())
}

/// The Bundle with its last entry repeated under new addresses and identifiers.
fn grown(bytes: &[u8], count: u32) -> Outcome<Vec<u8>> {
    let mut bundle: serde_json::Value = serde_json::from_slice(bytes)?;
    let entries = bundle["entry"].as_array_mut().ok_or("the Bundle has no entries")?;
    let last = entries.last().cloned().ok_or("the Bundle has no entries")?;
    for place in entries.len() as u32..count {
        let mut entry = last.clone();
        entry["fullUrl"] = format!("urn:uuid:00000000-0000-4000-8000-{place:012x}").into();
        if let Some(value) = entry.pointer_mut("/resource/identifier/0/value") {
            *value = format!("{place}").into();
        }
        entries.push(entry);
    }
    Ok(serde_json::to_vec(&bundle)?)
}

/// KiB of memory that the process holds; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
