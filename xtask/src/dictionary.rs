//! The compression dictionary of the store, trained on the fictional region only.

use std::fs;
use std::path::PathBuf;

use jiff::civil::date;

use crate::shell::root;

/// Fixed, so that the same program always makes the same dictionary.
const SEED: u64 = 1;
const PATIENTS: usize = 60;
const BYTES: usize = 64 << 10;

/// Writes the newest dictionary. Never over one that a release has used: give it the next number.
pub(crate) fn make() -> Result<(), String> {
    fs::write(path(), train()?).map_err(|error| error.to_string())
}

/// Whether the committed dictionary is the one this program makes.
pub(crate) fn compare() -> Result<(), String> {
    let committed = fs::read(path()).map_err(|error| error.to_string())?;
    if committed == train()? {
        Ok(())
    } else {
        Err("the dictionary is not what the demo data gives: run `cargo xtask regen dictionary`, or if one was \
             released, number a new one"
            .to_owned())
    }
}

fn train() -> Result<Vec<u8>, String> {
    let today = date(2026, 4, 1);
    let told = demo::region(today).patients.into_iter();
    let samples: Vec<Vec<u8>> = told
        .chain(demo::population(SEED, PATIENTS, today))
        .flat_map(|patient| patient.submissions)
        .map(|submission| submission.body)
        .collect();
    zstd::dict::from_samples(&samples, BYTES).map_err(|error| error.to_string())
}

fn path() -> PathBuf {
    root().join("crates/store/dict/1.zdict")
}
