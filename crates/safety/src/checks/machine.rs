//! The machine the hub runs on: its clock, its files, its backups.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use access::Act;
use jiff::SignedDuration;
use serde_json::json;

use super::Reading;
use crate::backup::{drill, manifests};
use crate::place::Place;

/// The newest backup is at most so old: a day, and the time it takes.
const BACKED_UP_WITHIN: SignedDuration = SignedDuration::from_hours(26);
/// So many generations are kept (guideline 6.0 operations 18: at least three).
const GENERATIONS: usize = 3;
/// A restore takes at most so long (ours: the hub's own aim).
const RESTORED_WITHIN_MILLISECONDS: u64 = 60 * 60 * 1000;
/// So much of the file system is free, in percent.
const FREE_PERCENT: u64 = 10;
/// What systemd-timesyncd and chronyd leave while the clock is in step.
const TIMESYNC: &str = "/run/systemd/timesync/synchronized";

pub(super) async fn read(place: &Place, act: &Act) -> Vec<Reading> {
    let mut readings: Vec<Reading> = tokio::task::spawn_blocking(clock).await.into_iter().collect();
    readings.extend(place.database.as_deref().map(|database| files(place, database)));
    readings.extend(place.database.as_deref().map(capacity));
    if let (Some(folder), Some(keyring)) = (&place.backups, &place.keyring) {
        readings.push(generations(folder, act));
        readings.push(restored(folder, keyring).await);
    }
    readings
}

/// What keeps the clock says of it: chrony its offset, systemd-timesyncd whether it is in step.
fn clock() -> Reading {
    let is_marked = Path::new(TIMESYNC).exists();
    let tracked = std::process::Command::new("chronyc").args(["-c", "tracking"]).output();
    let offset = tracked.ok().filter(|output| output.status.success()).and_then(|output| {
        let text = String::from_utf8(output.stdout).ok()?;
        text.split(',').nth(4)?.parse::<f64>().ok()
    });
    let holds = offset.map_or(is_marked, |seconds| seconds.abs() < 1.0);
    Reading::new("time_sync", holds, json!({ "timesyncd": is_marked, "offset_seconds": offset }))
}

/// The data is where it is meant to be, and its keys can be read by the hub's own user only.
fn files(place: &Place, database: &Path) -> Reading {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.mode() & 0o777).ok();
    let (data, keys) = (mode(database), place.keyring.as_deref().and_then(mode));
    let is_closed = |mode: Option<u32>| mode.is_some_and(|mode| mode & 0o077 == 0);
    let text = |mode: Option<u32>| mode.map(|mode| format!("{mode:o}"));
    let measured = json!({ "database_mode": text(data), "keyring_mode": text(keys) });
    Reading::new("data_location", data.is_some() && is_closed(keys), measured)
}

fn capacity(database: &Path) -> Reading {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match rustix::fs::statvfs(folder) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(100) / found.f_blocks.max(1);
            Reading::new("capacity_table", free >= FREE_PERCENT, json!({ "free_percent": free }))
        }
        Err(error) => Reading::failed("capacity_table", &error.to_string()),
    }
}

fn generations(folder: &Path, act: &Act) -> Reading {
    let manifests = match manifests(folder) {
        Ok(manifests) => manifests,
        Err(error) => return Reading::failed("backup_generations", &error.to_string()),
    };
    let there = |name: &str| folder.join(name).exists();
    let kept = manifests.iter().filter(|manifest| there(&manifest.file)).count();
    let newest = manifests.first().map(|manifest| manifest.made_at);
    let is_fresh = newest.is_some_and(|made| act.now.duration_since(made) <= BACKED_UP_WITHIN);
    let measured = json!({ "generations": kept, "newest": newest.map(|at| at.to_string()) });
    Reading::new("backup_generations", is_fresh && kept >= GENERATIONS, measured)
}

async fn restored(folder: &Path, keyring: &Path) -> Reading {
    match drill(folder, keyring).await {
        Ok(drill) => {
            let holds = drill.is_good() && drill.milliseconds <= RESTORED_WITHIN_MILLISECONDS;
            let measured = json!({
                "backup": drill.manifest.file, "milliseconds": drill.milliseconds, "events": drill.manifest.events,
                "units": drill.manifest.units, "same_file": drill.is_same_file, "whole": drill.is_whole,
                "sealed": drill.is_sealed,
            });
            Reading::new("restore_drill", holds, measured)
        }
        Err(error) => Reading::failed("restore_drill", &error.to_string()),
    }
}
