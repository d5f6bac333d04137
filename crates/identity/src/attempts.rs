use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::rules::rules;

/// Wrong attempts by address in the running minute. Kept in memory: what must outlive a restart is counted with the
/// account.
#[derive(Default)]
pub(crate) struct Attempts {
    minute: Mutex<(i64, HashMap<String, u32>)>,
}

impl Attempts {
    /// Whether an address may try once more.
    pub(crate) fn may_try(&self, address: &str, now: Timestamp) -> bool {
        let minute = self.of(now);
        minute.1.get(address).is_none_or(|count| *count < rules().address.attempts_a_minute)
    }

    /// Counts a wrong attempt.
    pub(crate) fn count(&self, address: &str, now: Timestamp) {
        *self.of(now).1.entry(address.to_owned()).or_default() += 1;
    }

    fn of(&self, now: Timestamp) -> std::sync::MutexGuard<'_, (i64, HashMap<String, u32>)> {
        let mut minute = self.minute.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let running = now.as_second().div_euclid(60);
        if minute.0 != running {
            *minute = (running, HashMap::new());
        }
        minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_guesses_waits_for_the_next_minute_and_others_do_not() {
        let (attempts, now) = (Attempts::default(), Timestamp::UNIX_EPOCH);
        for _ in 0..rules().address.attempts_a_minute {
            assert!(attempts.may_try("192.0.2.1", now));
            attempts.count("192.0.2.1", now);
        }
        assert!(!attempts.may_try("192.0.2.1", now));
        assert!(attempts.may_try("192.0.2.2", now));
        assert!(attempts.may_try("192.0.2.1", now + jiff::SignedDuration::from_secs(60)));
    }
}
