//! Cost grows with size and no faster; the figures themselves come from `examples/throughput.rs`.

use std::time::Instant;

use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use serde_json::Value;

use crate::fixtures;

fn seconds(validator: &Validator, entries: u32) -> f64 {
    let resources: Vec<Value> = (0..entries).map(|_| fixtures::condition()).collect();
    let bytes = fixtures::bundle("Condition", resources).to_string().into_bytes();
    let limits = Limits { bytes: usize::MAX, depth: 64 };
    let begin = Instant::now();
    let parsed = Parsed::parse(&bytes, &limits).expect("it is JSON");
    let checked = validator.check(parsed).expect("it keeps every rule");
    let found = checked
        .bundle()
        .entries()
        .filter(|e| e.full_url.is_some_and(|u| checked.bundle().resolve(u).is_some()));
    assert_eq!(found.count(), entries as usize + 1);
    begin.elapsed().as_secs_f64()
}

#[test]
fn ten_thousand_entries_cost_about_ten_times_a_thousand() {
    let validator = Validator::new();
    seconds(&validator, 100);
    let thousand = seconds(&validator, 1_000).min(seconds(&validator, 1_000));
    let ten_thousand = seconds(&validator, 10_000);
    assert!(ten_thousand < thousand * 40.0, "{thousand} s, then {ten_thousand} s");
}

/// Each of these was a way to make a judge work for minutes on a few megabytes.
#[test]
fn hostile_documents_are_judged_in_time() {
    let validator = Validator::new();
    let many = |piece: &str, count: usize| vec![piece; count].join(",");
    let unknown: Vec<String> = (0..200_000).map(|i| format!("\"x{i}\":1")).collect();
    let documents = [
        format!("{{\"resourceType\":\"Patient\",{}}}", unknown.join(",")),
        format!("{{\"resourceType\":\"Patient\",\"name\":[{{\"given\":[{}]}}]}}", many("null", 500_000)),
        format!("{{\"resourceType\":\"Patient\",\"contact\":[{}]}}", many("{\"gender\":\"x\"}", 100_000)),
        format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}",
            many("{}", 200_000)
        ),
    ];
    for document in documents {
        let begin = Instant::now();
        let parsed = Parsed::parse(document.as_bytes(), &Limits::default()).expect("it is JSON");
        assert!(validator.examine(&parsed).has_errors());
        assert!(begin.elapsed().as_secs() < 10, "{} took {:?}", &document[..60], begin.elapsed());
    }
}
