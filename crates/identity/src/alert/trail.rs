//! What was done lately, and what of it is odd: a pure function of the acts, the rules and whom they watch over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use audit::{Act, Event, EventId, Outcome};
use jiff::Timestamp;
use store::{Holder, OddLook, Oddity, PersonId, Watched};

use super::rules::{AlertRule, alert_rules};
use crate::history::SignInKind;

/// The acts of the last hour or so that rules can be about, by who did them.
#[derive(Default)]
pub(super) struct Trail {
    walks: HashMap<String, Walk>,
}

/// Whose act, when, and which.
#[derive(Clone, Debug)]
pub(super) struct Step {
    subject: String,
    pub(super) at: Timestamp,
    id: EventId,
}

/// What one account did.
struct Walk {
    name: String,
    role: String,
    institution: Option<String>,
    deeds: BTreeMap<(Timestamp, EventId), Deed>,
}

/// One act.
struct Deed {
    act: Act,
    person: Option<PersonId>,
}

impl Trail {
    /// Adds an act that rules can be about. `None` if it is none, or was there.
    pub(super) fn add(&mut self, event: &Event) -> Option<Step> {
        let deed = Deed::of(event)?;
        let actor = &event.actor;
        let walk = self.walks.entry(actor.id.clone()).or_insert_with(|| Walk {
            name: actor.name.clone(),
            role: actor.role.clone(),
            institution: actor.institution.clone(),
            deeds: BTreeMap::new(),
        });
        let is_new = walk.deeds.insert((event.at, event.id), deed).is_none();
        is_new.then(|| Step { subject: actor.id.clone(), at: event.at, id: event.id })
    }

    /// Forgets what was done before.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.walks.retain(|_, walk| {
            walk.deeds = walk.deeds.split_off(&(at, EventId::from_bytes([0; 16])));
            !walk.deeds.is_empty()
        });
    }

    /// What is odd about some acts that were added, each with what it rests on.
    pub(super) fn oddities(&self, new: &[Step], watched: &Watched) -> Vec<Oddity> {
        alert_rules().iter().flat_map(|rule| self.odd_by(rule, new, watched)).collect()
    }

    fn odd_by(&self, rule: &AlertRule, new: &[Step], watched: &Watched) -> Vec<Oddity> {
        let is_meant =
            |step: &&Step| self.walks.get(&step.subject).is_some_and(|walk| rule.means(&walk.role));
        let steps = new.iter().filter(is_meant);
        match rule.code.as_str() {
            "mass-viewing" => self.mass_viewing(rule, steps, watched),
            "impossible-travel" => steps.filter_map(|step| self.travel(rule, step, watched)).collect(),
            _ => steps.filter_map(|step| self.look_at_somebody(rule, step, watched)).collect(),
        }
    }

    /// Whoever saw as many persons' records within the window as the threshold says.
    fn mass_viewing<'t>(
        &'t self,
        rule: &AlertRule,
        new: impl Iterator<Item = &'t Step>,
        watched: &Watched,
    ) -> Vec<Oddity> {
        let mut since: HashMap<&str, Timestamp> = HashMap::new();
        for step in new {
            let at = since.entry(step.subject.as_str()).or_insert(step.at);
            *at = step.at.min(*at);
        }
        let crowds = since.into_iter().filter_map(|(subject, since)| {
            let walk = self.walks.get(subject)?;
            let threshold = threshold(rule, walk.institution.as_deref(), watched);
            Some(walk.oddity(subject, rule, None, walk.crowd(rule, threshold, since)))
        });
        crowds.filter(|oddity| !oddity.looks.is_empty()).collect()
    }

    /// The same human being, by two accounts, in two institutions within the window.
    fn travel(&self, rule: &AlertRule, step: &Step, watched: &Watched) -> Option<Oddity> {
        let of = |account: &str| {
            let whose = watched.staff.iter().filter(|(_, one, _)| one == account);
            whose.map(|(person, ..)| *person).collect::<BTreeSet<PersonId>>()
        };
        let (me, here) = (of(&step.subject), self.walks.get(&step.subject)?);
        let others = watched.staff.iter().filter(|(person, ..)| me.contains(person));
        let others = others.filter_map(|(_, account, _)| Some((account.as_str(), self.walks.get(account)?)));
        let mut elsewhere = others.filter(|(_, walk)| {
            here.institution.is_some() && walk.institution.is_some() && here.institution != walk.institution
        });
        elsewhere.find_map(|(account, walk)| {
            let is_near = |(at, _): &&(Timestamp, EventId)| at.duration_since(step.at).abs() < rule.window();
            let near = walk.deeds.keys().find(is_near)?;
            let (mine, theirs) = (here.look((step.at, step.id))?, walk.look(*near)?);
            // Told to the institution where they came to last.
            Some(if theirs.at <= mine.at {
                here.oddity(&step.subject, rule, None, vec![theirs, mine])
            } else {
                walk.oddity(account, rule, None, vec![mine, theirs])
            })
        })
    }

    /// A look at a person whom a rule watches over.
    fn look_at_somebody(&self, rule: &AlertRule, step: &Step, watched: &Watched) -> Option<Oddity> {
        let walk = self.walks.get(&step.subject)?;
        let look = walk.look((step.at, step.id))?;
        let (person, here) = (look.person?, walk.institution.as_deref());
        let staff = || watched.staff.iter().filter(|(one, ..)| *one == person);
        let is_self = staff().any(|(_, account, _)| *account == step.subject);
        let is_watched = match rule.code.as_str() {
            "vip-look" => {
                let is_here = |of: &Option<String>| of.is_none() || of.as_deref() == here;
                watched.persons.iter().any(|(one, of)| *one == person && is_here(of))
            }
            "self-look" => is_self,
            "colleague-look" => here.is_some() && !is_self && staff().any(|(_, _, of)| of.as_deref() == here),
            _ => false,
        };
        is_watched.then(|| walk.oddity(&step.subject, rule, Some(person), vec![look]))
    }
}

/// From how many on an institution is told by a rule.
pub(super) fn threshold(rule: &AlertRule, institution: Option<&str>, watched: &Watched) -> i64 {
    let own = institution.and_then(|number| watched.thresholds.get(&(number.to_owned(), rule.code.clone())));
    own.copied().unwrap_or(rule.threshold)
}

impl Walk {
    /// The views of every window that ends at or after `since` and holds as many persons as the threshold says.
    fn crowd(&self, rule: &AlertRule, threshold: i64, since: Timestamp) -> Vec<OddLook> {
        let views = self.deeds.iter().filter(|(_, deed)| matches!(deed.act, Act::View | Act::Emergency));
        let views: Vec<(&(Timestamp, EventId), PersonId)> =
            views.filter_map(|(place, deed)| Some((place, deed.person?))).collect();
        let (mut first, mut told) = (0, 0);
        let mut persons: HashMap<PersonId, usize> = HashMap::new();
        let mut looks = Vec::new();
        for (index, ((at, _), person)) in views.iter().enumerate() {
            *persons.entry(*person).or_default() += 1;
            while views[first].0.0 + rule.window() <= *at {
                let gone = views[first].1;
                let left = persons.get(&gone).map_or(0, |count| count - 1);
                if left == 0 {
                    persons.remove(&gone)
                } else {
                    persons.insert(gone, left)
                };
                first += 1;
            }
            let is_crowd = i64::try_from(persons.len()).is_ok_and(|count| threshold <= count);
            if is_crowd && since <= *at {
                looks.extend(
                    views[told.max(first)..=index].iter().filter_map(|(place, _)| self.look(**place)),
                );
                told = index + 1;
            }
        }
        looks
    }

    fn look(&self, place: (Timestamp, EventId)) -> Option<OddLook> {
        let deed = self.deeds.get(&place)?;
        Some(OddLook {
            event: place.1,
            at: place.0,
            act: deed.act.code().to_owned(),
            person: deed.person,
            institution: self.institution.clone(),
        })
    }

    fn oddity(
        &self,
        subject: &str,
        rule: &AlertRule,
        about: Option<PersonId>,
        looks: Vec<OddLook>,
    ) -> Oddity {
        Oddity {
            rule: rule.code.clone(),
            severity: rule.severity.clone(),
            subject: Holder { credential: subject.to_owned(), name: self.name.clone() },
            role: self.role.clone(),
            institution: self.institution.clone(),
            about,
            looks,
        }
    }
}

impl Deed {
    /// An act of a human being of the staff: they opened somebody's record or saw something of it, or signed in. That a
    /// name stands in a list of those who consented is no look at them.
    fn of(event: &Event) -> Option<Self> {
        let person = event.patient.as_deref().and_then(|text| PersonId::from_str(text).ok());
        let is_one = match event.act {
            Act::View | Act::Emergency => person.is_some(),
            Act::SignIn => SignInKind::of(event) == SignInKind::SignedIn,
            _ => false,
        };
        let is_staff = !event.actor.is_system && event.actor.role != "patient";
        (is_one && is_staff && event.outcome == Outcome::Done).then_some(Self { act: event.act, person })
    }
}

#[cfg(test)]
mod tests {
    use audit::{Actor, Measures};
    use jiff::SignedDuration;

    use super::*;

    const HERE: &str = "4919999901";
    const THERE: &str = "4919999902";

    fn person(number: u8) -> PersonId {
        format!("00000000-0000-8000-8000-0000000000{number:02x}").parse().unwrap()
    }

    /// What somebody did at a minute of a day.
    fn event(number: u8, minute: i64, account: &str, institution: &str, patient: Option<u8>) -> Event {
        let midnight: Timestamp = "2026-11-21T00:00:00+09:00".parse().unwrap();
        Event {
            id: EventId::from_bytes([number; 16]),
            at: midnight + SignedDuration::from_mins(minute),
            act: if patient.is_some() { Act::View } else { Act::SignIn },
            outcome: Outcome::Done,
            actor: Actor {
                id: account.to_owned(),
                name: account.to_owned(),
                role: "nurse".to_owned(),
                institution: Some(institution.to_owned()),
                is_system: false,
                on_behalf_of: None,
            },
            patient: patient.map(|number| person(number).to_string()),
            objects: Vec::new(),
            purpose: None,
            rule: "signed-in".to_owned(),
            shown: None,
            measures: Measures::default(),
            request: "r".to_owned(),
        }
    }

    fn odd(events: &[Event], watched: &Watched) -> Vec<(String, usize)> {
        let mut trail = Trail::default();
        let new: Vec<Step> = events.iter().filter_map(|event| trail.add(event)).collect();
        let odd = trail.oddities(&new, watched).into_iter();
        odd.map(|one| (one.rule, one.looks.len())).collect()
    }

    fn threshold_of_three() -> Watched {
        let own = ((HERE.to_owned(), "mass-viewing".to_owned()), 3);
        Watched { thresholds: HashMap::from([own]), ..Watched::default() }
    }

    #[test]
    fn mass_viewing_counts_persons_within_the_window_and_not_one_fewer() {
        let view = |number, minute, patient| event(number, minute, "a", HERE, Some(patient));
        let two = [view(1, 0, 1), view(2, 10, 2), view(3, 20, 1), view(4, 30, 2)];
        assert!(odd(&two, &threshold_of_three()).is_empty(), "two persons, however often");
        let late = [view(1, 0, 1), view(2, 10, 2), view(3, 60, 3)];
        assert!(odd(&late, &threshold_of_three()).is_empty(), "the first is an hour ago");
        let three = [view(1, 0, 1), view(2, 10, 2), view(3, 59, 3)];
        assert_eq!(odd(&three, &threshold_of_three()), [("mass-viewing".to_owned(), 3)]);
        assert!(odd(&three, &Watched::default()).is_empty(), "the hub's own threshold is higher");
    }

    #[test]
    fn mass_viewing_is_found_whichever_act_comes_to_the_record_last() {
        let view = |number, minute, patient| event(number, minute, "a", HERE, Some(patient));
        let three = [view(3, 59, 3), view(2, 10, 2), view(1, 0, 1)];
        let mut trail = Trail::default();
        assert!(three[..2].iter().all(|event| trail.add(event).is_some()));
        let last = trail.add(&three[2]).unwrap();
        assert_eq!(trail.oddities(&[last], &threshold_of_three()).len(), 1);
    }

    #[test]
    fn one_human_being_is_not_at_two_institutions_within_half_an_hour() {
        let staff = |person_number, account: &str, of: &str| {
            (person(person_number), account.to_owned(), Some(of.to_owned()))
        };
        let watched =
            Watched { staff: vec![staff(9, "a", HERE), staff(9, "b", THERE)], ..Watched::default() };
        let far = [event(1, 0, "a", HERE, None), event(2, 30, "b", THERE, None)];
        assert!(odd(&far, &watched).is_empty());
        let near = [event(1, 0, "a", HERE, None), event(2, 29, "b", THERE, None)];
        let found = odd(&near, &watched);
        assert!(found.contains(&("impossible-travel".to_owned(), 2)), "{found:?}");
        let two_people =
            Watched { staff: vec![staff(8, "a", HERE), staff(9, "b", THERE)], ..Watched::default() };
        assert!(odd(&near, &two_people).is_empty());
    }

    #[test]
    fn looks_at_vips_oneself_and_colleagues_are_told_only_where_they_concern() {
        let look = [event(1, 0, "a", HERE, Some(5))];
        let rules = |watched: &Watched| {
            odd(&look, watched).into_iter().map(|(rule, _)| rule).collect::<Vec<String>>()
        };
        let vip = |of: Option<&str>| Watched {
            persons: vec![(person(5), of.map(str::to_owned))],
            ..Watched::default()
        };
        assert_eq!(rules(&vip(None)), ["vip-look"]);
        assert_eq!(rules(&vip(Some(HERE))), ["vip-look"]);
        assert!(rules(&vip(Some(THERE))).is_empty());
        let staff = |account: &str, of: &str| Watched {
            staff: vec![(person(5), account.to_owned(), Some(of.to_owned()))],
            ..Watched::default()
        };
        assert_eq!(rules(&staff("a", HERE)), ["self-look"]);
        assert_eq!(rules(&staff("b", HERE)), ["colleague-look"]);
        assert!(rules(&staff("b", THERE)).is_empty());
        let mut own = event(1, 0, "p", HERE, Some(5));
        own.actor.role = "patient".to_owned();
        assert!(odd(&[own], &vip(None)).is_empty(), "a patient reads their own record");
    }

    #[test]
    fn every_rule_of_the_table_has_a_source_and_a_sensible_range() {
        assert!(alert_rules().len() >= 5);
        for rule in alert_rules() {
            assert!(!rule.source.is_empty() && ["high", "middle", "low"].contains(&rule.severity.as_str()));
            let range = rule.lowest.unwrap_or(rule.threshold)..=rule.highest.unwrap_or(rule.threshold);
            assert!(range.contains(&rule.threshold), "{}", rule.code);
        }
    }
}
