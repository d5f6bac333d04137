//! How far our verdicts agree with other people's: the tables in `docs/agreement`, made from the shared data.
//!
//! One file for each kind of evidence: the official test cases, the cases of the JP validator, the guides' examples,
//! and our own rule tables beside the packages. To settle a disagreement: a reason in `xtask/agreement/*.toml`.

mod examples;
mod jp;
mod judge;
mod mutate;
mod official;
mod outcome;
mod packages;
mod place;
mod rules;
mod scope;
mod snapshots;
mod support;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::DeserializeOwned;

use crate::shell::{root, skip};

/// What makes one document from the folder of shared data.
type Maker = fn(&Path) -> Result<String, String>;

const DOCUMENTS: &[(&str, Maker)] = &[
    ("fhir-test-cases.md", official::document),
    ("jp-validator.md", jp::document),
    ("snapshots.md", snapshots::document),
    ("examples.md", examples::document),
    ("rules-and-packages.md", rules::document),
];

/// Writes every document of `docs/agreement`.
pub(crate) fn make() -> Result<(), String> {
    let data = data().ok_or("there is no FHIR data: set RENKEI_FHIR_DATA")?;
    let folder = root().join("docs/agreement");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (name, maker) in DOCUMENTS {
        fs::write(folder.join(name), maker(&data)?).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Every difference between snapshots, a line each.
pub(crate) fn list_snapshots() -> Result<(), String> {
    let data = data().ok_or("there is no FHIR data: set RENKEI_FHIR_DATA")?;
    snapshots::list(&data).map(|lines| eprintln!("{lines}"))
}

/// Whether the committed documents are the ones this program makes.
pub(crate) fn compare() -> Result<(), String> {
    let Some(data) = data() else {
        return skip("docs/agreement", "there is no FHIR data; set RENKEI_FHIR_DATA");
    };
    for (name, maker) in DOCUMENTS {
        let standing = fs::read_to_string(root().join("docs/agreement").join(name));
        let made = maker(&data)?;
        if standing.map_err(|error| format!("{name}: {error}"))? != made {
            return Err(format!(
                "docs/agreement/{name} has changed: run `cargo xtask regen agreement` and look"
            ));
        }
        if made.contains("|  |\n") {
            return Err(format!("docs/agreement/{name}: a difference has no reason, see xtask/agreement"));
        }
    }
    Ok(())
}

/// The folder of shared data, where it is at hand.
fn data() -> Option<PathBuf> {
    let folder =
        std::env::var_os("RENKEI_FHIR_DATA").map_or_else(|| root().join("../shared/fhir"), PathBuf::from);
    folder.join("test-cases").is_dir().then_some(folder)
}

/// Does `work` for every item on all cores; the results stand in the order of the items.
fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let hand = || {
        let take = || {
            let place = next.fetch_add(1, Ordering::Relaxed);
            items.get(place).map(|item| (place, work(item)))
        };
        std::iter::from_fn(take).collect::<Vec<_>>()
    };
    let hands = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..hands).map(|_| scope.spawn(hand)).collect();
        running.into_iter().flat_map(|hand| hand.join().expect("a hand does not panic")).collect()
    });
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_slice(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// A table of ours under `xtask/agreement`.
fn read_toml<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    let path = root().join("xtask/agreement").join(name);
    let text = String::from_utf8(read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
