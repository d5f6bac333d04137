//! Accounts that nobody uses (長期間使われていないアカウント) or nobody answers for (持ち主のいないアカウント).

use std::collections::{HashMap, HashSet};

use access::Act;
use store::{Account, AccountState, Fault, Institution};

use crate::Identity;
use crate::account::ADMINISTRATORS;
use crate::rules::rules;

/// Why an account should be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stale {
    /// Nobody came in with it for as long as `rules/sign-in.toml` says.
    Idle,
    /// Its invitation ran out unused.
    NeverTaken,
    /// Its own end is past, and nobody ended it.
    PastEnd,
    /// This hub knows no such institution.
    InstitutionUnknown,
    /// Its institution ceased to be, or no longer uses the service.
    InstitutionEnded,
    /// Nobody at its institution can manage accounts.
    NoAdministrator,
}

impl Stale {
    /// All of them: first what makes an account idle, then what makes it an orphan.
    pub const ALL: [Self; 6] = [
        Self::Idle,
        Self::NeverTaken,
        Self::PastEnd,
        Self::InstitutionUnknown,
        Self::InstitutionEnded,
        Self::NoAdministrator,
    ];

    /// The code of its words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::NeverTaken => "never-taken",
            Self::PastEnd => "past-end",
            Self::InstitutionUnknown => "institution-unknown",
            Self::InstitutionEnded => "institution-ended",
            Self::NoAdministrator => "no-administrator",
        }
    }

    /// Whether nobody answers for it; else nobody uses it.
    #[must_use]
    pub fn is_orphan(self) -> bool {
        !matches!(self, Self::Idle | Self::NeverTaken)
    }
}

/// What accounts are held against.
struct Surroundings {
    institutions: HashMap<String, Institution>,
    administered: HashSet<String>,
    awaited: HashSet<String>,
}

/// After how many days without a sign-in an account counts as idle.
pub fn idle_days() -> i64 {
    rules().account.idle_days
}

impl Identity {
    /// The accounts of an institution, or (`None`) all, that should be looked at, and why. Patients' are left out.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn stale(
        &self,
        institution: Option<&str>,
        act: &Act,
    ) -> Result<Vec<(Account, Vec<Stale>)>, Fault> {
        let all = self.store.accounts(institution.map(str::to_owned)).await?;
        let institutions = self.store.institutions().await?;
        let is_living = |one: &&Account| one.keeps_accounts(ADMINISTRATORS, act.now);
        let surroundings = Surroundings {
            institutions: institutions.into_iter().map(|one| (one.number.clone(), one)).collect(),
            administered: all.iter().filter(is_living).filter_map(|one| one.institution.clone()).collect(),
            awaited: self.store.awaited(act.now).await?,
        };
        let found = all.into_iter().map(|one| {
            let stale = surroundings.stale(&one, act);
            (one, stale)
        });
        Ok(found.filter(|(_, stale)| !stale.is_empty()).collect())
    }
}

impl Surroundings {
    fn stale(&self, account: &Account, act: &Act) -> Vec<Stale> {
        let is_out = !matches!(account.state, AccountState::Invited | AccountState::Active);
        if is_out || account.person.is_some() {
            return Vec::new();
        }
        let last = account.used_at.unwrap_or(account.made_at);
        let is_idle = account.state == AccountState::Active && last + rules().account.idle() <= act.now;
        let is_untaken = account.state == AccountState::Invited && !self.awaited.contains(&account.id);
        let number = account.institution.as_deref();
        let known = number.map(|number| self.institutions.get(number));
        let has_ended = known.flatten().is_some_and(|one| is_over(one, act));
        let is_administered = number.is_none_or(|number| self.administered.contains(number));
        let all = [
            (is_idle, Stale::Idle),
            (is_untaken, Stale::NeverTaken),
            (account.ends_at.is_some_and(|end| end <= act.now), Stale::PastEnd),
            (known == Some(None), Stale::InstitutionUnknown),
            (has_ended, Stale::InstitutionEnded),
            (!is_administered, Stale::NoAdministrator),
        ];
        all.into_iter().filter_map(|(is_so, stale)| is_so.then_some(stale)).collect()
    }
}

fn is_over(institution: &Institution, act: &Act) -> bool {
    let today = act.today();
    institution.ended_on.is_some_and(|day| day <= today)
        || institution.uses_until.is_some_and(|day| day < today)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn act() -> Act {
        Act { now: "2026-11-21T09:00:00+09:00".parse().unwrap(), request: "r".to_owned() }
    }

    fn days_ago(days: i64) -> Timestamp {
        act().now - SignedDuration::from_hours(24 * days)
    }

    fn account(state: AccountState) -> Account {
        Account {
            id: "a".to_owned(),
            login: "kakuu.kango".to_owned(),
            name: "架空 看護".to_owned(),
            role: "nurse".to_owned(),
            institution: Some("4919999901".to_owned()),
            person: None,
            state,
            proofing: None,
            made_by: "-".to_owned(),
            made_at: days_ago(400),
            ends_at: None,
            used_at: Some(days_ago(1)),
            failures: 0,
            quiet_until: act().now,
            excepted_until: None,
        }
    }

    fn stale(account: &Account, change: impl Fn(&mut Surroundings)) -> Vec<Stale> {
        let number = "4919999901".to_owned();
        let hospital = Institution { number: number.clone(), ..Institution::default() };
        let mut around = Surroundings {
            institutions: HashMap::from([(number.clone(), hospital)]),
            administered: HashSet::from([number]),
            awaited: HashSet::new(),
        };
        change(&mut around);
        around.stale(account, &act())
    }

    #[test]
    fn an_account_in_use_that_somebody_answers_for_is_not_stale() {
        assert!(stale(&account(AccountState::Active), |_| ()).is_empty());
        for state in [AccountState::Suspended, AccountState::Ended] {
            assert!(stale(&account(state), |around| around.institutions.clear()).is_empty());
        }
    }

    #[test]
    fn an_account_is_idle_after_as_many_days_as_the_rules_say_and_not_before() {
        let used = |days| Account { used_at: Some(days_ago(days)), ..account(AccountState::Active) };
        assert!(stale(&used(idle_days() - 1), |_| ()).is_empty());
        assert_eq!(stale(&used(idle_days()), |_| ()), [Stale::Idle]);
        let invited = Account { used_at: None, ..account(AccountState::Invited) };
        assert_eq!(stale(&invited, |_| ()), [Stale::NeverTaken]);
        let awaited = |around: &mut Surroundings| around.awaited = ["a".to_owned()].into();
        assert!(stale(&invited, awaited).is_empty());
    }

    #[test]
    fn an_account_is_an_orphan_when_its_institution_its_administrators_or_its_time_are_gone() {
        let active = account(AccountState::Active);
        let past = Account { ends_at: Some(days_ago(1)), ..active.clone() };
        assert_eq!(stale(&past, |_| ()), [Stale::PastEnd]);
        assert_eq!(stale(&active, |around| around.institutions.clear()), [Stale::InstitutionUnknown]);
        assert_eq!(stale(&active, |around| around.administered.clear()), [Stale::NoAdministrator]);
        let ended = stale(&active, |around| {
            let hospital = around.institutions.get_mut("4919999901").unwrap();
            hospital.ended_on = Some(act().today());
        });
        assert_eq!(ended, [Stale::InstitutionEnded]);
        assert!(Stale::InstitutionEnded.is_orphan() && !Stale::Idle.is_orphan());
    }
}
