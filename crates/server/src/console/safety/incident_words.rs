//! How incidents are told: times as forms send them, time that is left, what is wrong.

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use safety::incident::Wrong;

use crate::console::frame::Frame;
use crate::words::words_with;

/// An instant as a browser's form sends it, in Japan's time.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let there: DateTime = text.parse().ok()?;
    there.to_zoned(TimeZone::fixed(offset(9))).ok().map(|there| there.timestamp())
}

/// How much time is left, or by how much it is over.
pub(super) fn time_left(deadline: Timestamp, now: Timestamp, frame: &Frame) -> String {
    let left = deadline.duration_since(now);
    let key = if left > SignedDuration::ZERO { "incident.left" } else { "incident.over" };
    frame.fill(key, "time", span(left.abs(), frame))
}

/// Days and hours; below a day, hours and minutes.
fn span(length: SignedDuration, frame: &Frame) -> String {
    let (hours, minutes) = (length.as_hours(), length.as_mins() % 60);
    let (key, first, second) = match hours {
        24.. => ("incident.days-hours", hours / 24, hours % 24),
        _ => ("incident.hours-minutes", hours, minutes),
    };
    words_with(frame.language, key, &[("first", &first.to_string()), ("second", &second.to_string())])
}

/// The words for what is wrong.
pub(super) fn wrong_key(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Title => "incident.wrong-title",
        Wrong::Said => "incident.wrong-said",
        Wrong::Who => "incident.wrong-who",
        Wrong::Future => "incident.wrong-future",
        Wrong::LongAgo => "incident.wrong-long-ago",
        Wrong::BeforeSeen => "incident.wrong-before-seen",
        Wrong::Due => "incident.wrong-due",
        Wrong::What => "incident.wrong-what",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::frames;

    #[test]
    fn times_are_those_of_japan_and_what_is_left_is_told_in_days_or_hours() {
        let at = instant("2026-11-22T00:30").unwrap();
        assert_eq!(at.to_string(), "2026-11-21T15:30:00Z");
        assert!(instant("2026-11-22").is_none() || instant("11/22").is_none());
        assert!(instant("昨日").is_none());
        let [japanese, _] = frames();
        let later = |hours| at + SignedDuration::from_hours(hours);
        assert_eq!(time_left(later(75), at, &japanese), "あと3日3時間");
        assert_eq!(time_left(at, later(2), &japanese), "2時間0分過ぎています");
    }
}
