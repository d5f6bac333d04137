use jiff::SignedDuration;
use store::{Fault, random};

/// The pause after the first failure, in milliseconds.
const FIRST: i64 = 2_000;
/// No pause is longer, before chance is added, in milliseconds: an hour.
const LONGEST: i64 = 3_600_000;

/// How long to wait after so many failures: twice as long each time, up to an hour, moved by as much as a quarter
/// either way by `chance` (0 to 1), so that many who failed together do not come back together.
pub(super) fn pause(failures: i64, chance: f64) -> SignedDuration {
    let doublings = u32::try_from(failures.max(1) - 1).unwrap_or(u32::MAX);
    let even = 2_i64.checked_pow(doublings).and_then(|factor| FIRST.checked_mul(factor));
    let even = even.unwrap_or(LONGEST).min(LONGEST);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "at most an hour")]
    let moved = (even as f64 * (0.75 + chance.clamp(0.0, 1.0) / 2.0)) as i64;
    SignedDuration::from_millis(moved)
}

/// A number from 0 to 1.
///
/// # Errors
/// When the random source fails.
pub(super) fn chance() -> Result<f64, Fault> {
    Ok(f64::from(u32::from_be_bytes(random()?)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_chance_moves_them_by_a_quarter() {
        let middle: Vec<i64> = [1, 2, 3, 4, 40].map(|failures| pause(failures, 0.5).as_secs()).to_vec();
        assert_eq!(middle, [2, 4, 8, 16, 3600]);
        assert_eq!(pause(1, 0.0), SignedDuration::from_millis(1500));
        assert_eq!(pause(i64::MAX, 1.0), SignedDuration::from_secs(4500));
    }
}
