//! The benchmarks at their smallest: that they run and measure, not what they measure.

use std::fs;
use std::process::Output;

use crate::hub::renkei_in;

/// Runs a benchmark; none of its calls may be refused.
fn bench(arguments: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = renkei_in(folder.path(), &[&["bench"][..], arguments].concat());
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_ne!(output.status.code(), Some(2), "{told}{complaint}");
    (output, told)
}

#[test]
fn every_call_of_every_service_is_measured_beside_its_floor_and_none_is_refused() {
    for (command, calls) in [("view", 1), ("refer", 3), ("inbox", 1), ("summary", 2), ("checkup", 3)] {
        let (output, told) = bench(&[command, "--seconds", "1", "--clients", "2", "--patients", "60"]);
        assert!(output.status.success(), "{command}: {told}");
        let measured: Vec<&str> = told.lines().filter(|line| line.contains("p99")).collect();
        assert_eq!(measured.len(), calls, "{command}: {told}");
        assert!(measured.iter().all(|line| line.contains("比") && line.contains("拒否 0 ")), "{told}");
        assert!(measured.iter().all(|line| !line.contains("       0 件/秒")), "{command}: {told}");
    }
}

#[test]
fn views_are_measured_at_every_size_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("size.svg");
    let (_, told) =
        bench(&["size", "--units", "100,400", "--views", "40", "--svg", picture.to_str().unwrap()]);
    let measured: Vec<&str> = told.lines().filter(|line| line.contains("p99")).collect();
    assert_eq!(measured.len(), 2, "{told}");
    assert!(measured[0].trim_start().starts_with("100 ") && measured[1].trim_start().starts_with("400 "));
    let svg = fs::read_to_string(picture).unwrap();
    assert!(svg.contains("患者一人の閲覧にかかる時間") && svg.contains(">p50<") && svg.contains(">p99<"));
}

#[test]
fn what_is_due_is_destroyed_while_patients_look_at_the_rest() {
    let (_, told) = bench(&["retention", "--units", "400", "--seconds", "1", "--clients", "2"]);
    let last = told.lines().last().unwrap();
    let ended = last.split("件を調べ、").nth(1).unwrap().split('件').next().unwrap();
    assert!(ended.parse::<usize>().unwrap() > 100, "{told}");
    assert_eq!(told.lines().filter(|line| line.contains("p99")).count(), 3, "{told}");
}
