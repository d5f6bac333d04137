//! Compares speeds in one run: `cargo run --release -p fhir --example throughput -- FILE…`.
//!
//! Prints MB/s on one core for serde_json's `Value`, for our parse, and for parse with examine, and each as a ratio
//! to the first. Every figure is the best of several rounds over all files.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use fhir::json::{Json, Limits};
use fhir::validate::{Parsed, Validator};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(300);

fn main() -> io::Result<()> {
    let begin = Instant::now();
    let validator = Validator::new();
    let start = begin.elapsed();
    let files = std::env::args().skip(1).map(std::fs::read).collect::<io::Result<Vec<_>>>()?;
    let limits = Limits { bytes: usize::MAX, depth: 64 };
    let floor = best(&files, |bytes| {
        let _ = black_box(serde_json::from_slice::<serde_json::Value>(bytes));
    });
    let parse = best(&files, |bytes| {
        let _ = black_box(Json::parse(bytes, &limits));
    });
    let examine = best(&files, |bytes| {
        if let Ok(document) = Parsed::parse(bytes, &limits) {
            black_box(validator.examine(&document));
        }
    });
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut out = io::stdout().lock();
    writeln!(out, "{} files, {bytes} bytes; Validator::new {start:?}", files.len())?;
    writeln!(out, "serde_json::Value  {floor:7.1} MB/s  1.00")?;
    writeln!(out, "parse              {parse:7.1} MB/s  {:.2}", parse / floor)?;
    writeln!(out, "parse and examine  {examine:7.1} MB/s  {:.2}", examine / floor)
}

/// MB/s of the best round.
fn best(files: &[Vec<u8>], work: impl Fn(&[u8])) -> f64 {
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let mut passes = 0_u32;
        while begin.elapsed() < ROUND {
            files.iter().for_each(|bytes| work(bytes));
            passes += 1;
        }
        best = best.max(f64::from(passes) * bytes as f64 / 1e6 / begin.elapsed().as_secs_f64());
    }
    best
}
