//! The numbers of `rules/sign-in.toml`.

use std::sync::LazyLock;

use jiff::SignedDuration;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    pub(crate) password: Password,
    pub(crate) lock_out: LockOut,
    pub(crate) address: Address,
    pub(crate) session: Session,
    pub(crate) invitation: Invitation,
    pub(crate) access_review: AccessReview,
    pub(crate) account: Account,
    pub(crate) exception: Exception,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Password {
    pub(crate) shortest_beside_another: usize,
    pub(crate) shortest_alone: usize,
    pub(crate) longest: usize,
    pub(crate) remembered: usize,
    pub(crate) weakest_score: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockOut {
    free_attempts: i64,
    first_seconds: i64,
    longest_seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    pub(crate) attempts_a_minute: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    idle_minutes: i64,
    longest_hours: i64,
    fresh_minutes: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invitation {
    hours: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessReview {
    pub(crate) longest_days: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) idle_days: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    pub(crate) longest_days: i64,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../rules/sign-in.toml"))
        .expect("rules/sign-in.toml is compiled in and every test of this room reads it")
});

pub(crate) fn rules() -> &'static Rules {
    &RULES
}

impl LockOut {
    /// How long nothing more is looked at after so many attempts in vain.
    pub(crate) fn quiet(&self, failures: i64) -> SignedDuration {
        let beyond = failures - self.free_attempts;
        if beyond < 0 {
            return SignedDuration::ZERO;
        }
        let doubled = self.first_seconds.saturating_mul(1 << beyond.min(20));
        SignedDuration::from_secs(doubled.min(self.longest_seconds))
    }
}

impl Session {
    pub(crate) fn idle(&self) -> SignedDuration {
        SignedDuration::from_mins(self.idle_minutes)
    }

    pub(crate) fn longest(&self) -> SignedDuration {
        SignedDuration::from_hours(self.longest_hours)
    }

    pub(crate) fn fresh(&self) -> SignedDuration {
        SignedDuration::from_mins(self.fresh_minutes)
    }
}

impl Invitation {
    pub(crate) fn holds(&self) -> SignedDuration {
        SignedDuration::from_hours(self.hours)
    }
}

impl Account {
    pub(crate) fn idle(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.idle_days)
    }
}

impl Exception {
    pub(crate) fn longest(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.longest_days)
    }
}

/// When an account locks after wrong attempts, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRule {
    /// So many wrong attempts cost nothing.
    pub free_attempts: i64,
    /// Seconds of the first lock; it doubles with each further attempt.
    pub first_seconds: i64,
    /// Wrong attempts an address has in a minute.
    pub address_attempts: u32,
}

/// The rule by which accounts lock.
pub fn lock_rule() -> LockRule {
    let rules = rules();
    LockRule {
        free_attempts: rules.lock_out.free_attempts,
        first_seconds: rules.lock_out.first_seconds,
        address_attempts: rules.address.attempts_a_minute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_attempt_beyond_the_free_ones_doubles_the_wait_up_to_an_hour() {
        let quiet = |failures| rules().lock_out.quiet(failures).as_secs();
        assert_eq!([4, 5, 6, 7].map(quiet), [0, 30, 60, 120]);
        assert_eq!(quiet(50), 3600);
        assert_eq!(quiet(i64::MAX), 3600);
    }
}
