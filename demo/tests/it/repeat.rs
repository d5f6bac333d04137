//! The same seed and day, the same bytes.

use crate::{TODAY, crowd, region};

#[test]
fn the_region_repeats_itself_byte_for_byte() {
    let (once, again) = (region(), demo::region(TODAY));
    for (one, other) in once.patients.iter().zip(&again.patients) {
        assert_eq!(one.submissions, other.submissions);
    }
}

#[test]
fn a_population_repeats_itself_and_does_not_depend_on_its_size() {
    for (long, short) in crowd().iter().zip(demo::population(7, 30, TODAY)) {
        assert_eq!((&long.key, &long.submissions), (&short.key, &short.submissions));
    }
    assert_eq!(demo::population(7, 10_000, TODAY).take(2).count(), 2);
}

#[test]
fn another_seed_tells_of_other_people() {
    let one = demo::population(1, 20, TODAY).map(|record| record.name_kanji).collect::<Vec<_>>();
    let other = demo::population(2, 20, TODAY).map(|record| record.name_kanji).collect::<Vec<_>>();
    assert_ne!(one, other);
}

#[test]
fn two_tellings_of_one_tale_differ() {
    let story = crowd()[0].story;
    let told: Vec<_> = crowd().iter().filter(|record| record.story == story).collect();
    assert!(told.len() > 1);
    assert!(told.windows(2).all(|pair| pair[0].submissions[0].body != pair[1].submissions[0].body));
}

#[test]
fn every_day_can_be_the_last() {
    for day in [(2024, 2, 29), (2025, 1, 1), (2026, 12, 31), (2027, 3, 28)] {
        let today = jiff::civil::date(day.0, day.1, day.2);
        let end = today.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        for record in demo::region(today).patients {
            assert!(record.submissions.iter().all(|one| one.at <= end), "{}", record.key);
        }
    }
}
