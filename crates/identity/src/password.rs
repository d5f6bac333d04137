//! Passwords: what is taken for one, and how it is kept (Argon2id).

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use store::{Factor, FactorKind, Fault};
use tokio::sync::Semaphore;

use crate::damaged;
use crate::rules::rules;

/// How many are hashed at once; each takes 19 MiB and some 30 ms of one core.
const AT_ONCE: usize = 1;
/// How many more may wait: about a second. Further ones are turned away, so that a storm of guesses holds neither the
/// connections nor the memory that views need.
const WAITING: usize = 32;

/// Why a text is not taken for a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    /// It is shorter than this.
    TooShort(usize),
    /// It is longer than this.
    TooLong(usize),
    /// It lacks letters or digits.
    OneKind,
    /// It is on lists of leaked or common words, or easily made from them or from the holder's name.
    Guessable,
    /// It was used before.
    Used,
}

/// Hashes and compares, few at a time.
pub(crate) struct Hashing {
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// What is compared with where there is no account, so that it takes as long.
    nobodys: String,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        let nobodys = "$argon2id$v=19$m=19456,t=2,p=1$cmVua2VpLW5vYm9keQ$\
            N0F6bWZ5Y1h4Q1h2b3JqQ2l6a3V2cXJ0c2xtbm9wcXI";
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobodys: nobodys.to_owned(),
        }
    }

    /// What is kept of a password: a PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Fault> {
        let password = password.to_owned();
        self.alone(move || {
            let hashed = Argon2::default().hash_password(password.as_bytes());
            hashed.map(|hash| hash.to_string()).map_err(|_| damaged("a password that does not hash"))
        })
        .await?
    }

    /// Whether a password is the one kept; `None` is nobody's, and takes as long.
    pub(crate) async fn is_right(&self, password: &str, kept: Option<&str>) -> Result<bool, Fault> {
        let (password, is_somebodys) = (password.to_owned(), kept.is_some());
        let kept = kept.unwrap_or(&self.nobodys).to_owned();
        let is_right = self
            .alone(move || {
                let parsed = PasswordHash::new(&kept).map_err(|_| damaged("a kept password"))?;
                Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await?;
        is_right.map(|is_right| is_right && is_somebodys)
    }

    /// Runs a hashing in its turn; [`Fault::Busy`] where too many wait.
    async fn alone<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let _in_queue = self.queue.try_acquire().map_err(|_| Fault::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Fault::Stopped)?;
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        working.await.map_err(|_| Fault::Stopped)
    }

    /// Whether a text may become an account's password: by itself, and by what was used before.
    pub(crate) async fn check(
        &self,
        password: &str,
        is_alone: bool,
        names: &[&str],
        earlier: &[Factor],
    ) -> Result<Result<(), WeakPassword>, Fault> {
        if let Err(weak) = strength(password, is_alone, names) {
            return Ok(Err(weak));
        }
        let passwords = earlier.iter().rev().filter(|factor| factor.kind == FactorKind::Password);
        for factor in passwords.take(rules().password.remembered) {
            let kept = std::str::from_utf8(&factor.secret).map_err(|_| damaged("a kept password"))?;
            if self.is_right(password, Some(kept)).await? {
                return Ok(Err(WeakPassword::Used));
            }
        }
        Ok(Ok(()))
    }
}

/// What the rule says of a password by itself. `is_alone`: no second factor stands beside it.
fn strength(password: &str, is_alone: bool, names: &[&str]) -> Result<(), WeakPassword> {
    let rule = &rules().password;
    let shortest = if is_alone { rule.shortest_alone } else { rule.shortest_beside_another };
    let length = password.chars().count();
    if length < shortest {
        return Err(WeakPassword::TooShort(shortest));
    }
    if length > rule.longest {
        return Err(WeakPassword::TooLong(rule.longest));
    }
    let has = |test: fn(char) -> bool| password.chars().any(test);
    if !has(char::is_alphabetic) || !has(|letter| letter.is_numeric()) {
        return Err(WeakPassword::OneKind);
    }
    let score = zxcvbn::zxcvbn(password, names).score();
    if u8::from(score) < rule.weakest_score { Err(WeakPassword::Guessable) } else { Ok(()) }
}

/// What this hub does with passwords, tried out just now rather than read from a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordTrial {
    /// The fewest characters that were taken beside a second factor.
    pub shortest_beside_another: usize,
    /// The fewest that were taken alone.
    pub shortest_alone: usize,
    /// Letters alone, and digits alone, were refused.
    pub refuses_one_kind: bool,
    /// Words of lists, and the holder's own name, were refused.
    pub refuses_common: bool,
    /// How many earlier passwords are refused.
    pub remembered: usize,
}

/// Tries the password rule with texts of every length and kind (7.0, operations volume 14).
pub fn try_password_rule() -> PasswordTrial {
    let mixed = "k7#mp2vx9qw4zt8rj5n";
    let shortest = |is_alone| {
        let is_taken = |length: &usize| strength(&mixed[..*length], is_alone, &[]).is_ok();
        (1..=mixed.len()).find(is_taken).unwrap_or(usize::MAX)
    };
    let is_refused = |password: &str, why| strength(password, false, &["yamada.hanako"]) == Err(why);
    PasswordTrial {
        shortest_beside_another: shortest(false),
        shortest_alone: shortest(true),
        refuses_one_kind: is_refused("kqmwpvxzrtjhn", WeakPassword::OneKind)
            && is_refused("8203746150923", WeakPassword::OneKind),
        refuses_common: is_refused("password1234", WeakPassword::Guessable)
            && is_refused("yamada.hanako1", WeakPassword::Guessable),
        remembered: rules().password.remembered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_mixed_and_on_no_list() {
        let names = ["tanaka.ichiro", "架空 一郎", "架空病院"];
        let of = |password: &str, is_alone| strength(password, is_alone, &names);
        assert_eq!(of("k7#mp2v", false), Err(WeakPassword::TooShort(8)));
        assert_eq!(of("k7mqp2vx", true), Err(WeakPassword::TooShort(13)));
        assert_eq!(of("kqmwpvxzrtjhn", true), Err(WeakPassword::OneKind));
        assert_eq!(of("password1234", false), Err(WeakPassword::Guessable));
        assert_eq!(of("tanaka.ichiro1", false), Err(WeakPassword::Guessable));
        assert_eq!(of(&"k7".repeat(65), false), Err(WeakPassword::TooLong(128)));
        assert_eq!(of("kawa7mado2tori", true), Ok(()));
        assert_eq!(of("川辺の窓に7羽の鳥が2つ", false), Ok(()));
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_turned_away_and_those_who_wait_are_served() {
        let hashing = Hashing::new();
        let guesses = (0..AT_ONCE + WAITING + 3).map(|_| hashing.is_right("kawa7mado2tori", None));
        let answers = futures_util::future::join_all(guesses).await;
        let away = answers.iter().filter(|answer| matches!(answer, Err(Fault::Busy))).count();
        assert_eq!(away, 3);
        assert!(!hashing.is_right("kawa7mado2tori", None).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_is_compared_and_is_never_right() {
        let hashing = Hashing::new();
        let kept = hashing.hash("kawa7mado2tori").await.unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(hashing.is_right("kawa7mado2tori", Some(&kept)).await.unwrap());
        assert!(!hashing.is_right("kawa7mado2tor", Some(&kept)).await.unwrap());
        assert!(!hashing.is_right("kawa7mado2tori", None).await.unwrap());
    }
}
