use std::process::Command;

#[test]
fn a_day_in_the_region_ends_as_its_script_says() {
    let played = Command::new(env!("CARGO_BIN_EXE_renkei"))
        .args(["demo", "--port", "0", "day", "--once"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    let hours: Vec<&str> = told.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let day = ["09:00", "09:30", "10:00", "11:00", "02:00", "08:00", "10:00", "16:00", "17:00", "17:00"];
    assert_eq!(hours[..10], day);
    assert_eq!(hours.len(), 13, "{told}");
}
