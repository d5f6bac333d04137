//! The fictional region makes clinical sense, is well-formed, and repeats itself byte for byte.

mod clinic;
mod form;
mod judged;
mod repeat;

use std::sync::LazyLock;

use demo::{PatientRecord, Region};
use jiff::civil::{Date, date};
use serde_json::Value;

const TODAY: Date = date(2026, 11, 20);

fn region() -> &'static Region {
    static REGION: LazyLock<Region> = LazyLock::new(|| demo::region(TODAY));
    &REGION
}

/// Enough people that every tale is told several times.
fn crowd() -> &'static [PatientRecord] {
    static CROWD: LazyLock<Vec<PatientRecord>> = LazyLock::new(|| demo::population(7, 120, TODAY).collect());
    &CROWD
}

fn patient(number: usize) -> &'static PatientRecord {
    &region().patients[number - 1]
}

fn bodies<'a>(record: &'a PatientRecord, kind: &'a str) -> impl Iterator<Item = Value> + 'a {
    record
        .submissions
        .iter()
        .filter(move |one| one.kind == kind)
        .map(|one| serde_json::from_slice(&one.body).expect("JSON"))
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"].as_array().expect("entries").iter().map(|entry| &entry["resource"])
}

/// Every resource of a type in everything sent, those of attached documents too.
fn all_of(record: &PatientRecord, resource_type: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for submission in &record.submissions {
        let bundle: Value = serde_json::from_slice(&submission.body).expect("JSON");
        let mut bundles = vec![bundle];
        while let Some(bundle) = bundles.pop() {
            for resource in resources(&bundle) {
                if resource["resourceType"] == resource_type {
                    found.push(resource.clone());
                }
                if resource["resourceType"] == "Bundle" {
                    bundles.push(resource.clone());
                }
            }
        }
    }
    found
}
