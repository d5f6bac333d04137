//! What a newer edition asks.

use guideline::{Catalogue, changes};

#[test]
fn what_7_0_asks_is_told_with_what_it_alters_and_what_nobody_compared() {
    let report = changes("6.0", "7.0").unwrap();
    assert_eq!(report.changes.len(), 17);
    let lockout = report.changes.iter().find(|one| one.item.id == "mhlw7.chg.4").unwrap();
    assert_eq!(lockout.alters[0].id, "mhlw6.op.14.6");
    assert!(lockout.controls.iter().any(|one| one.id == "account_lockout"));
    assert_eq!(report.kept.len(), 5);
    let of_6 = Catalogue::shipped().items().iter().filter(|one| one.edition.starts_with("mhlw6."));
    assert!(report.uncompared > 150 && report.uncompared < of_6.count());
    assert!(report.moves.is_empty());
}

#[test]
fn from_5_2_the_way_of_every_chapter_is_told_too() {
    let report = changes("5.2", "7.0").unwrap();
    assert_eq!((report.moves.len(), report.changes.len()), (26, 17));
    assert!(changes("5.2", "6.0").unwrap().changes.is_empty());
}

#[test]
fn there_is_no_report_backwards_or_between_what_nobody_knows() {
    assert!(changes("7.0", "6.0").is_none());
    assert!(changes("6.0", "6.0").is_none());
    assert!(changes("6.0", "8.0").is_none());
}
