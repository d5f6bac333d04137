//! A disk that is full, and a disk that does not keep what it was told to keep.

use std::process::Command;
use std::time::Duration;

use crate::hub::{Hub, prepared, steady, token};
use crate::postgres::skipped;

/// A small file system in memory; unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={megabytes}m");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }
}

/// What a later submission of the same unit repeats.
fn identifier(bundle: &[u8]) -> serde_json::Value {
    serde_json::from_slice::<serde_json::Value>(bundle).unwrap()["identifier"].clone()
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn a_full_disk_refuses_whole_units_keeps_what_stands_and_recovers_when_there_is_room() {
    let test = "a_full_disk_refuses_whole_units_keeps_what_stands_and_recovers_when_there_is_room";
    let Some(disk) = SmallDisk::mount(12) else {
        return skipped(test, "mounting a small file system takes root");
    };
    let database = disk.0.path().join("renkei.db");
    let hub = Hub::start_on(&database.display().to_string());
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![0u8; 8 << 20]).unwrap();
    let mut kept = Vec::new();
    let mut full = None;
    'sending: for patient in steady(&hub.region) {
        // A patient's summary is read back by nobody but the patient.
        for sent in patient.submissions.iter().filter(|sent| sent.kind != "PatientSummary") {
            let system = hub.system_once(&sent.institution);
            let answer = hub.post(&system, "/fhir/Bundle", &sent.body);
            match answer.status {
                200 | 201 => kept.push((system, answer.reference("bundle"), sent.body.clone())),
                status => {
                    full = Some((status, sent.clone(), system));
                    break 'sending;
                }
            }
        }
    }
    let (status, refused, system) = full.expect("a disk of 4 MB fills up");
    assert_eq!(status, 507);
    std::fs::remove_file(&ballast).unwrap();
    // Where an older unit stands under the refused one's key, it was not touched, and is replaced only now.
    let older = kept.iter().rfind(|(_, _, body)| identifier(body) == identifier(&refused.body));
    let reads = |(system, reference, body): &(String, String, Vec<u8>)| {
        let read = hub.get(system, &format!("/fhir/{reference}"));
        assert_eq!(read.status, 200, "{}", String::from_utf8_lossy(&read.body));
        assert!(read.body == *body, "{reference} is not what was sent");
    };
    older.into_iter().chain(kept.last()).for_each(reads);
    let expected = if older.is_some() { 200 } else { 201 };
    assert_eq!(hub.post(&system, "/fhir/Bundle", &refused.body).status, expected);
    let last = kept.last().filter(|last| older.is_none_or(|older| older.1 != last.1));
    last.into_iter().for_each(reads);
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_the_hub_ends_and_recovers_on_start() {
    let test = "after_a_failed_sync_nothing_is_acknowledged_the_hub_ends_and_recovers_on_start";
    let strace = Command::new("strace").arg("--version").output();
    if !strace.is_ok_and(|output| output.status.success()) {
        return skipped(test, "strace is not installed");
    }
    let folder = prepared("renkei.db");
    let institution = crate::hub::HOSPITAL;
    let system = token(folder.path(), "institution", &["--institution", institution]);
    let inject = "inject=fsync,fdatasync:error=EIO:when=12+";
    let tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject];
    let mut hub = Hub::run_in(folder, &[&tracer[..], &[env!("CARGO_BIN_EXE_renkei")]].concat());
    let region = crate::hub::region();
    let all = steady(&region).into_iter().flat_map(|patient| &patient.submissions);
    let mut kept = Vec::new();
    for sent in all.filter(|sent| sent.institution == institution) {
        match hub.post_as(&system, "/fhir/Bundle", &sent.body, "application/fhir+json") {
            Ok(answer) if answer.status < 300 => kept.push((answer.reference("bundle"), sent.body.clone())),
            Ok(answer) => {
                assert_eq!(answer.status, 503);
                break;
            }
            Err(_) => break,
        }
    }
    assert_eq!(hub.ended_within(Duration::from_secs(15)), Some(1));
    let hub = Hub::run_in(hub.kill(), &[env!("CARGO_BIN_EXE_renkei")]);
    let (_, standing) = kept.split_last().unwrap_or((&(String::new(), Vec::new()), &[]));
    for (reference, body) in standing {
        let read = hub.get(&system, &format!("/fhir/{reference}"));
        // A later submission of the same key may have replaced this one; what is there is whole.
        assert!(read.status == 404 || read.body == *body, "{reference}");
    }
    if let Some((reference, body)) = kept.last() {
        assert_eq!(&hub.get(&system, &format!("/fhir/{reference}")).body, body);
    }
}
