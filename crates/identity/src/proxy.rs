//! 代理人: who may act for another person. A parent of a child, until the child is 15; a guardian of an adult, until a
//! day that was set. Somebody at an institution, or the hub's operator, has seen the papers and registers it.

use std::sync::LazyLock;

use access::{Act, Refusal, Role, StandsFor, Viewer, may_register_proxy, on_record};
use audit::{EventId, Outcome};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use store::{Account, AccountState, Fault, Holder, PersonId, Proxy, Relation, new_event_id};

use crate::{Identity, Login};

/// A proxy to be registered.
#[derive(Clone, Debug)]
pub struct NewProxy {
    /// Who may act: the login of a patient's account.
    pub login: Login,
    /// For whom; none where the number was nobody's.
    pub person: Option<PersonId>,
    /// When that person was born, as the papers say.
    pub birth: Date,
    /// By what relation.
    pub relation: Relation,
    /// What was checked, in words: at most 200 characters.
    pub evidence: String,
    /// The last day; a guardian's must be set.
    pub until: Option<Date>,
}

/// Why no proxy was registered, or none ended. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotProxy {
    /// A rule refused; the refusal is on record.
    #[error("refused: {}", .0.rule)]
    Refused(Refusal),
    /// No patient's account in use has this login.
    #[error("no patient's account has this login")]
    NoAccount,
    /// Nobody is known by this number who was born on this day.
    #[error("nobody has this number and this day of birth")]
    Nobody,
    /// Nobody acts for themselves.
    #[error("nobody is a proxy of themselves")]
    Themselves,
    /// A parent acts for a child under 15, a guardian for an adult.
    #[error("not of the age at which this relation gives leave")]
    WrongAge,
    /// A guardian's last day must be set, later than today and within the longest time.
    #[error("the last day is missing, past, or too far away")]
    WrongEnd,
    /// What was checked is missing, or too long.
    #[error("what was checked is missing or too long")]
    NoEvidence,
    /// This account stands for that person already.
    #[error("registered already")]
    Already,
    /// There is no such proxy that still holds.
    #[error("there is no such proxy that still holds")]
    NotThere,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// The numbers of `rules/proxies.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    parent: ParentRules,
    guardian: GuardianRules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParentRules {
    until_age: i16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardianRules {
    from_age: i16,
    longest_days: i64,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../rules/proxies.toml"))
        .expect("rules/proxies.toml is compiled in and every test of this file reads it")
});

/// No more is kept of what was checked.
const LONGEST_EVIDENCE: usize = 200;
/// As FHIR codes them: who is born on a day is found under each.
const SEXES: [&str; 4] = ["female", "male", "other", "unknown"];

impl Identity {
    /// For whom a patient's account may act now. Apps act for nobody but the patient who let them in.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn represented_by(&self, viewer: &Viewer, now: Timestamp) -> Result<Vec<Proxy>, Fault> {
        if viewer.role != Role::Patient || viewer.scopes.is_some() {
            return Ok(Vec::new());
        }
        self.store.represented_by(viewer.credential.clone(), now).await
    }

    /// The viewer as they look for a person, if that is one of those they may act for.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn looking_for(
        &self,
        viewer: Viewer,
        person: PersonId,
        represented: &[Proxy],
    ) -> Result<Viewer, Fault> {
        if represented.is_empty() {
            return Ok(viewer);
        }
        let person = self.store.head_of(person).await?;
        let proxy = represented.iter().find(|proxy| proxy.person == person);
        let stands_for = proxy.map(|proxy| StandsFor { person, relation: proxy.relation });
        Ok(Viewer { stands_for, ..viewer })
    }

    /// Lets the holder of an account act for another person.
    ///
    /// # Errors
    /// See [`NotProxy`].
    pub async fn register_proxy(&self, by: &Viewer, new: NewProxy, act: &Act) -> Result<Proxy, NotProxy> {
        let account = self.store.account_of_login(new.login.to_string()).await?;
        let holder = account.as_ref().map_or_else(nobody, holder);
        let rule = self.permitted(by, by.institution.as_deref(), &holder, act).await?;
        let is_in_use = |one: &Account| {
            one.role == Role::Patient.code()
                && matches!(one.state, AccountState::Active | AccountState::Invited)
        };
        let account = account.filter(is_in_use).ok_or(NotProxy::NoAccount)?;
        let evidence = new.evidence.trim().to_owned();
        if evidence.is_empty() || evidence.chars().count() > LONGEST_EVIDENCE {
            return Err(NotProxy::NoEvidence);
        }
        let (person, represented) = self.born_on(new.person, new.birth).await?;
        if account.person == Some(person) {
            return Err(NotProxy::Themselves);
        }
        let id = new_event_id(person.bucket(), act.now).map_err(Fault::from)?;
        let proxy = Proxy {
            id,
            person,
            represented,
            account: account.id,
            name: account.name,
            relation: new.relation,
            evidence,
            institution: by.institution.clone(),
            registrar: Holder { credential: by.credential.clone(), name: by.name.clone() },
            starts_at: act.now,
            ends_at: end(new.relation, new.birth, new.until, act)?,
            ended: None,
        };
        let event = event(by, rule, &proxy, "proxy-registered", act)?;
        if self.store.keep_proxy(proxy.clone(), event).await? { Ok(proxy) } else { Err(NotProxy::Already) }
    }

    /// Ends a proxy before its time.
    ///
    /// # Errors
    /// See [`NotProxy`].
    pub async fn end_proxy(&self, by: &Viewer, id: EventId, act: &Act) -> Result<(), NotProxy> {
        let proxy = self.store.proxy(id).await?.ok_or(NotProxy::NotThere)?;
        let holder = Holder { credential: proxy.account.clone(), name: proxy.name.clone() };
        let rule = self.permitted(by, proxy.institution.as_deref(), &holder, act).await?;
        let event = event(by, rule, &proxy, "proxy-ended", act)?;
        let ender = Holder { credential: by.credential.clone(), name: by.name.clone() };
        if self.store.end_proxy(id, ender, event).await? { Ok(()) } else { Err(NotProxy::NotThere) }
    }

    /// The rule that permits; a refusal is put on record.
    async fn permitted(
        &self,
        by: &Viewer,
        institution: Option<&str>,
        holder: &Holder,
        act: &Act,
    ) -> Result<&'static str, NotProxy> {
        match may_register_proxy(by, institution, holder, act.now) {
            Ok(rule) => Ok(rule),
            Err(refusal) => {
                let event = on_record(act, audit::Act::Proxy, Outcome::Refused, by, refusal.rule)?;
                self.store.append(None, event).await?;
                Err(NotProxy::Refused(refusal))
            }
        }
    }

    /// The person, and the name in their record, if they were born on this day. Whoever types a wrong number and whoever
    /// types a wrong day is told the same.
    async fn born_on(&self, person: Option<PersonId>, birth: Date) -> Result<(PersonId, String), NotProxy> {
        let person = self.store.head_of(person.ok_or(NotProxy::Nobody)?).await?;
        for sex in SEXES {
            let known = self.store.people_by_demographics(birth, sex).await?;
            if let Some(one) = known.into_iter().find(|one| one.person == person) {
                return Ok((person, one.demographics.names.into_iter().next().unwrap_or_default()));
            }
        }
        Err(NotProxy::Nobody)
    }
}

/// When a proxy ends by itself.
fn end(relation: Relation, birth: Date, until: Option<Date>, act: &Act) -> Result<Timestamp, NotProxy> {
    let last = until.map(|day| day.tomorrow().map(start_of)).transpose().map_err(|_| NotProxy::WrongEnd)?;
    if last.is_some_and(|end| end <= act.now) {
        return Err(NotProxy::WrongEnd);
    }
    match relation {
        Relation::Parent => {
            let comes_of_age = start_of(birthday(birth, RULES.parent.until_age));
            if comes_of_age <= act.now {
                return Err(NotProxy::WrongAge);
            }
            Ok(last.map_or(comes_of_age, |last| last.min(comes_of_age)))
        }
        Relation::Guardian => {
            if act.now < start_of(birthday(birth, RULES.guardian.from_age)) {
                return Err(NotProxy::WrongAge);
            }
            let farthest = start_of(act.today() + (RULES.guardian.longest_days + 1).days());
            last.filter(|end| *end <= farthest).ok_or(NotProxy::WrongEnd)
        }
    }
}

/// The day from whose beginning somebody is of an age. Who was born on February 29 has the age full when February is
/// over (民法 143).
fn birthday(birth: Date, age: i16) -> Date {
    let there = birth + i64::from(age).years();
    if there.day() == birth.day() { there } else { there.tomorrow().unwrap_or(there) }
}

/// When a day begins in Japan.
fn start_of(day: Date) -> Timestamp {
    let there = day.to_zoned(TimeZone::fixed(offset(9)));
    there.map_or(Timestamp::MAX, |there| there.timestamp())
}

fn holder(account: &Account) -> Holder {
    Holder { credential: account.id.clone(), name: account.name.clone() }
}

/// Stands for whoever has no account: no viewer is they.
fn nobody() -> Holder {
    Holder { credential: String::new(), name: String::new() }
}

fn event(by: &Viewer, rule: &str, proxy: &Proxy, what: &str, act: &Act) -> Result<audit::Event, Fault> {
    let mut event = on_record(act, audit::Act::Proxy, Outcome::Done, by, rule)?;
    event.patient = Some(proxy.person.to_string());
    event.objects = vec![what.to_owned(), format!("Proxy/{}", proxy.id)];
    Ok(event)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn act(now: &str) -> Act {
        Act { now: now.parse().unwrap(), request: "r".to_owned() }
    }

    #[test]
    fn a_parents_leave_ends_when_the_childs_fifteenth_birthday_begins_in_japan() {
        let day = act("2026-04-01T09:00:00+09:00");
        let ends = end(Relation::Parent, date(2012, 5, 6), None, &day).unwrap();
        assert_eq!(ends, "2027-05-06T00:00:00+09:00".parse().unwrap());
        let eve = act("2027-05-05T23:59:59+09:00");
        assert!(end(Relation::Parent, date(2012, 5, 6), None, &eve).is_ok());
        let birthday = act("2027-05-06T00:00:00+09:00");
        assert!(matches!(end(Relation::Parent, date(2012, 5, 6), None, &birthday), Err(NotProxy::WrongAge)));
        let sooner = end(Relation::Parent, date(2012, 5, 6), Some(date(2026, 12, 31)), &day).unwrap();
        assert_eq!(sooner, "2027-01-01T00:00:00+09:00".parse().unwrap());
    }

    #[test]
    fn who_was_born_on_a_leap_day_is_fifteen_when_february_is_over() {
        assert_eq!(birthday(date(2012, 2, 29), 15), date(2027, 3, 1));
        assert_eq!(birthday(date(2012, 2, 28), 15), date(2027, 2, 28));
        assert_eq!(birthday(date(2012, 2, 29), 16), date(2028, 2, 29));
    }

    #[test]
    fn a_guardian_acts_for_an_adult_and_until_a_day_within_a_year() {
        let day = act("2026-04-01T09:00:00+09:00");
        let until = |day_: Option<Date>| end(Relation::Guardian, date(1940, 1, 1), day_, &day);
        assert!(matches!(until(None), Err(NotProxy::WrongEnd)));
        assert!(matches!(until(Some(date(2026, 3, 31))), Err(NotProxy::WrongEnd)));
        assert!(matches!(until(Some(date(2027, 4, 3))), Err(NotProxy::WrongEnd)));
        assert_eq!(until(Some(date(2026, 9, 30))).unwrap(), "2026-10-01T00:00:00+09:00".parse().unwrap());
        let minor = end(Relation::Guardian, date(2010, 1, 1), Some(date(2026, 9, 30)), &day);
        assert!(matches!(minor, Err(NotProxy::WrongAge)));
    }
}
