//! The service as simply as it can be told: lists in memory, no keys, no rows, no concurrency.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use audit::EventId;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Span, Timestamp, ToSpan};
use store::{PersonId, ReferralState, UnitId};

use crate::letters::Letter;

/// A resource, as far as it decides who sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) information: &'static str,
    pub(crate) date: Option<Date>,
    pub(crate) code: String,
    /// Tells apart what one unit says twice.
    pub(crate) says: usize,
    pub(crate) is_not_told: bool,
    pub(crate) is_withheld: bool,
    pub(crate) is_long_term: bool,
}

/// An insured number.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) text: String,
    /// Whose it is to the centre.
    pub(crate) person: usize,
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    /// Under whom the hub keeps it.
    pub(crate) holder: Option<usize>,
}

/// A unit that stands.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) id: UnitId,
    pub(crate) holder: usize,
    pub(crate) by: usize,
    pub(crate) what: What,
    pub(crate) items: Vec<Item>,
    pub(crate) received: Timestamp,
    /// When a document's time is over.
    pub(crate) ends: Option<Timestamp>,
    /// Only what was extracted is left of it.
    pub(crate) is_reduced: bool,
}

/// What a unit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A bundle, under a number.
    Bundle(usize, Letter),
    /// A PDF sent along with a referral, by its name.
    Pdf(UnitId, usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Referral {
    pub(crate) unit: UnitId,
    pub(crate) holder: usize,
    pub(crate) by: usize,
    pub(crate) to: usize,
    pub(crate) state: ReferralState,
    pub(crate) is_opened_by_patient: bool,
    pub(crate) registered: Timestamp,
    pub(crate) moved: Timestamp,
    pub(crate) ends: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) id: EventId,
    pub(crate) holder: usize,
    pub(crate) at: usize,
    /// Only the emergency clinician of the institution.
    pub(crate) is_emergency: bool,
    pub(crate) groups: Vec<&'static str>,
    pub(crate) given: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) revoked: bool,
}

#[derive(Clone, Debug)]
struct Wish {
    holder: usize,
    institution: Option<usize>,
    group: &'static str,
    stance: usize,
    at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    branch: usize,
    head: usize,
    since: Timestamp,
    is_stray: bool,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: Timestamp,
    pub(crate) numbers: Vec<Number>,
    pub(crate) holders: Vec<Option<PersonId>>,
    pub(crate) units: Vec<Unit>,
    /// Every unit that ever stood.
    pub(crate) ever: Vec<UnitId>,
    pub(crate) referrals: BTreeMap<UnitId, Referral>,
    pub(crate) grants: Vec<Grant>,
    wishes: Vec<Wish>,
    links: Vec<Link>,
}

/// What somebody sees: the unit, the information and its day, in the order of the units.
pub(crate) type Seen = Vec<(UnitId, &'static str, Option<Date>)>;

pub(crate) const GROUPS: [&str; 3] = ["diagnosis", "treatment", "checkup"];
/// What a patient can say: nothing any more, no, and never.
pub(crate) const WITHDRAWN: usize = 0;
pub(crate) const NEVER_AT_ALL: usize = 2;

struct Fact<'m> {
    unit: &'m Unit,
    item: &'m Item,
    tellings: Vec<(&'m Unit, &'m Item)>,
    is_not_told: bool,
    is_withheld: bool,
}

pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

fn midnight_after(last: Date) -> Timestamp {
    last.tomorrow().unwrap().to_zoned(TimeZone::fixed(offset(9))).unwrap().timestamp()
}

fn last_day(first: Date, keep: Span) -> Date {
    let last = first + keep;
    let by_calendar = keep.get_months() != 0 || keep.get_years() != 0;
    if by_calendar && first == first.last_of_month() { last.last_of_month() } else { last }
}

/// When the time of a document that is received at an instant is over.
pub(crate) fn end_of(kind: &str, received: Timestamp) -> Option<Timestamp> {
    let keep = match kind {
        "Referral" | "PatientSummary" => 6.months(),
        "CheckupReport" => 5.years(),
        _ => return None,
    };
    Some(midnight_after(last_day(day(received), keep)))
}

/// What a group or a scope of emergencies opens.
fn informations(group: &str) -> &'static [&'static str] {
    match group {
        "diagnosis" => &["condition", "infection"],
        "treatment" => &["drug-allergy", "other-allergy", "lab-result", "prescription"],
        "emergency-summary" => &["drug-allergy", "other-allergy", "infection", "condition", "prescription"],
        "emergency-full" => {
            &["drug-allergy", "other-allergy", "infection", "condition", "prescription", "lab-result"]
        }
        _ => &[],
    }
}

fn opens_checkups(group: &str) -> bool {
    matches!(group, "checkup" | "emergency-full")
}

impl Model {
    pub(crate) fn new(now: Timestamp, numbers: Vec<Number>) -> Self {
        Self {
            now,
            numbers,
            holders: Vec::new(),
            units: Vec::new(),
            ever: Vec::new(),
            referrals: BTreeMap::new(),
            grants: Vec::new(),
            wishes: Vec::new(),
            links: Vec::new(),
        }
    }

    // Persons

    /// Everybody who is one with a holder.
    pub(crate) fn kin(&self, holder: usize) -> Vec<usize> {
        let mut kin = vec![holder];
        let mut next = 0;
        while let Some(at) = kin.get(next).copied() {
            next += 1;
            for link in self.links.iter().filter(|link| link.branch == at || link.head == at) {
                let other = if link.branch == at { link.head } else { link.branch };
                if !kin.contains(&other) {
                    kin.push(other);
                }
            }
        }
        kin
    }

    pub(crate) fn head(&self, holder: usize) -> usize {
        let above = self.links.iter().find(|link| link.branch == holder);
        above.map_or(holder, |link| self.head(link.head))
    }

    pub(crate) fn is_valid(&self, number: usize) -> bool {
        let (number, today) = (&self.numbers[number], day(self.now));
        number.from <= today && number.to.is_none_or(|last| today <= last)
    }

    /// Under whom a number is kept; kept on first sight.
    pub(crate) fn holder_of(&mut self, number: usize) -> usize {
        let person = self.numbers[number].person;
        let same: Vec<usize> =
            (0..self.numbers.len()).filter(|other| self.numbers[*other].person == person).collect();
        let mut known: Vec<usize> = same.iter().filter_map(|one| self.numbers[*one].holder).collect();
        known.sort_unstable();
        known.dedup();
        let owner = match known[..] {
            [] => self.newcomer(),
            [one] if self.kin(one).len() == 1 => one,
            _ => return self.holder_alone(number, &known),
        };
        for one in same {
            self.numbers[one].holder.get_or_insert(owner);
        }
        owner
    }

    fn holder_alone(&mut self, number: usize, known: &[usize]) -> usize {
        if let Some(holder) = self.numbers[number].holder {
            return holder;
        }
        let newcomer = self.newcomer();
        self.numbers[number].holder = Some(newcomer);
        let mut heads: Vec<usize> = known.iter().map(|one| self.head(*one)).collect();
        heads.sort_unstable();
        heads.dedup();
        if let [head] = heads[..] {
            self.links.push(Link { branch: newcomer, head, since: self.now, is_stray: true });
        }
        newcomer
    }

    fn newcomer(&mut self) -> usize {
        self.holders.push(None);
        self.holders.len() - 1
    }

    pub(crate) fn merge(&mut self, holder: usize, into: usize) -> bool {
        let (branch, head) = (self.head(holder), self.head(into));
        if branch != head {
            self.links.push(Link { branch, head, since: self.now, is_stray: false });
        }
        branch != head
    }

    pub(crate) fn unmerge(&mut self, holder: usize) -> bool {
        let merged = |link: &Link| link.branch == holder && !link.is_stray;
        let Some(index) = self.links.iter().position(merged) else { return false };
        let kin = self.kin(holder);
        let link = self.links.remove(index);
        let is_stray = |one: &Link| one.is_stray && one.since >= link.since && kin.contains(&one.branch);
        let (strays, rest): (Vec<Link>, Vec<Link>) = self.links.iter().partition(|one| is_stray(one));
        self.links = rest;
        let (joined, other) = (self.kin(link.branch), self.kin(link.head));
        for stray in strays {
            let is_with = |side: &[usize]| self.centre_knows_with(stray.branch, side);
            let head = match (is_with(&joined), is_with(&other)) {
                (true, false) => link.branch,
                (false, true) => link.head,
                _ => continue,
            };
            self.links.push(Link { head, ..stray });
        }
        self.end_what_was_given(&kin, &link);
        true
    }

    /// Whether the centre knows a stray's number together with one of these holders' numbers.
    fn centre_knows_with(&self, stray: usize, side: &[usize]) -> bool {
        let of = |holder: usize| self.numbers.iter().filter(move |number| number.holder == Some(holder));
        let persons: Vec<usize> = of(stray).map(|number| number.person).collect();
        let same = self.numbers.iter().filter(|number| persons.contains(&number.person));
        same.filter_map(|number| number.holder).any(|holder| side.contains(&holder))
    }

    fn end_what_was_given(&mut self, kin: &[usize], link: &Link) {
        for grant in self.grants.iter_mut().filter(|grant| kin.contains(&grant.holder)) {
            grant.revoked |= grant.given >= link.since;
        }
        for referral in self.referrals.values_mut().filter(|one| kin.contains(&one.holder)) {
            let was_opened = referral.is_opened_by_patient && referral.moved >= link.since;
            if was_opened && referral.state == ReferralState::Open {
                referral.state = ReferralState::Registered;
                referral.is_opened_by_patient = false;
                referral.moved = self.now;
            }
        }
        let of_kin = self.wishes.iter().filter(|wish| kin.contains(&wish.holder)).cloned();
        let (before, meanwhile): (Vec<Wish>, Vec<Wish>) = of_kin.partition(|wish| wish.at < link.since);
        for way in [link.branch, link.head] {
            let withdrawn = |old: &&Wish| {
                meanwhile.iter().any(|new| {
                    new.stance == WITHDRAWN && (new.institution, new.group) == (old.institution, old.group)
                })
            };
            let own = before.iter().filter(|wish| wish.holder == way).filter(withdrawn);
            let mut strictest: BTreeMap<(Option<usize>, &'static str), usize> = BTreeMap::new();
            for wish in own.chain(&meanwhile).filter(|wish| wish.stance != WITHDRAWN) {
                let stance = strictest.entry((wish.institution, wish.group)).or_default();
                *stance = (*stance).max(wish.stance);
            }
            self.wishes.extend(strictest.into_iter().map(|((institution, group), stance)| Wish {
                holder: way,
                institution,
                group,
                stance,
                at: self.now,
            }));
        }
    }

    // Units

    pub(crate) fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// The unit under the key of a letter.
    pub(crate) fn under_key(&self, number: usize, identifier: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| {
            matches!(&unit.what, What::Bundle(n, letter) if *n == number && letter.identifier == identifier)
        })
    }

    /// The referral that a unit is, or was sent along with.
    pub(crate) fn referral_of(&self, id: UnitId) -> Option<&Referral> {
        let id = match self.unit(id).map(|unit| &unit.what) {
            Some(What::Pdf(referral, _)) => *referral,
            _ => id,
        };
        self.referrals.get(&id)
    }

    pub(crate) fn is_over(&self, unit: &Unit) -> bool {
        unit.ends.is_some_and(|end| end <= self.now)
    }

    pub(crate) fn put(&mut self, unit: Unit) {
        if !self.ever.contains(&unit.id) {
            self.ever.push(unit.id);
        }
        self.units.push(unit);
    }

    /// Takes a unit away, with what was sent along with it.
    pub(crate) fn take(&mut self, id: UnitId) {
        self.units.retain(|unit| unit.id != id && !matches!(unit.what, What::Pdf(of, _) if of == id));
    }

    /// A consent at a destination's reader opens the referrals that wait for it.
    pub(crate) fn open_at_reader(&mut self, holder: usize, at: usize) {
        let (kin, now) = (self.kin(holder), self.now);
        let waits = |one: &&mut Referral| {
            kin.contains(&one.holder)
                && one.to == at
                && one.state == ReferralState::Registered
                && now < one.ends
        };
        for referral in self.referrals.values_mut().filter(waits) {
            referral.state = ReferralState::Open;
            referral.is_opened_by_patient = true;
            referral.moved = now;
        }
    }

    /// What retention may take of a unit: all its items, or those that nobody will be shown again.
    pub(crate) fn left_of(&self, unit: &Unit) -> Vec<Item> {
        let alone = |other: &Unit| other.holder == unit.holder;
        let mut windows = HashMap::new();
        let mut left = Vec::new();
        for fact in self.facts_of(alone) {
            let is_for_all = !fact.is_not_told && !fact.is_withheld;
            let mut unseen = windows.clone();
            let shows = self.shows(&fact, if is_for_all { &mut windows } else { &mut unseen });
            let own = fact.tellings.iter().filter(|(telling, _)| telling.id == unit.id);
            left.extend(own.filter(|_| shows).map(|(_, item)| (*item).clone()));
        }
        left
    }

    /// A referral's destination has it.
    pub(crate) fn fetched(&mut self, id: UnitId) {
        let now = self.now;
        let Some(referral) = self.referrals.get_mut(&id) else { return };
        if referral.state == ReferralState::Open {
            let longest = midnight_after(last_day(day(referral.registered), 6.months()));
            referral.state = ReferralState::Fetched;
            referral.moved = now;
            referral.ends = longest.min(midnight_after(last_day(day(now), 7.days())));
            let ends = referral.ends;
            let is_it = |unit: &&mut Unit| unit.id == id || matches!(unit.what, What::Pdf(of, _) if of == id);
            self.units.iter_mut().filter(is_it).for_each(|unit| unit.ends = Some(ends));
        }
    }

    /// Where a referral is, its time considered.
    pub(crate) fn state(&self, referral: &Referral) -> ReferralState {
        effective(referral.state, referral.ends, self.now)
    }

    // Leave

    pub(crate) fn wish(&mut self, holder: usize, institution: Option<usize>, group: usize, stance: usize) {
        let holder = self.head(holder);
        self.wishes.push(Wish { holder, institution, group: GROUPS[group], stance, at: self.now });
    }

    /// The groups and scopes open at an institution, wishes considered.
    fn open(&self, holder: usize, at: usize, is_emergency: bool) -> (Vec<&'static str>, bool) {
        let kin = self.kin(holder);
        let holds = |grant: &&Grant| {
            kin.contains(&grant.holder)
                && grant.at == at
                && (!grant.is_emergency || is_emergency)
                && !grant.revoked
                && self.now < grant.ends
        };
        let mut open = Vec::new();
        let mut checkups = false;
        for grant in self.grants.iter().filter(holds) {
            let closed: Vec<&str> =
                GROUPS.into_iter().filter(|group| self.is_refused(&kin, grant, group)).collect();
            for group in &grant.groups {
                let is_open =
                    |one: &&&'static str| !closed.iter().any(|group| informations(group).contains(*one));
                open.extend(informations(group).iter().filter(is_open));
                checkups |= opens_checkups(group) && !closed.contains(&"checkup");
            }
        }
        (open, checkups)
    }

    fn is_refused(&self, kin: &[usize], grant: &Grant, group: &str) -> bool {
        [None, Some(grant.at)].into_iter().any(|institution| {
            let about = |wish: &&Wish| {
                kin.contains(&wish.holder) && wish.institution == institution && wish.group == group
            };
            let newest = self.wishes.iter().filter(about).max_by_key(|wish| wish.at);
            newest.is_some_and(|wish| match (grant.is_emergency, wish.stance) {
                (_, WITHDRAWN) => false,
                (false, _) => grant.given <= wish.at,
                (true, stance) => stance == NEVER_AT_ALL,
            })
        })
    }

    // Views

    /// What a clinician sees; `None` if they are refused.
    pub(crate) fn clinician(&self, holder: usize, at: usize, is_emergency: bool) -> Option<Seen> {
        let (open, _) = self.open(holder, at, is_emergency);
        let facts = self.facts(holder, |_| true);
        let mut windows = HashMap::new();
        let shown = facts.iter().filter(|fact| {
            open.contains(&fact.item.information) && !fact.is_withheld && self.shows(fact, &mut windows)
        });
        (!open.is_empty()).then(|| seen(shown))
    }

    pub(crate) fn patient(&self, holder: usize) -> Seen {
        let facts = self.facts(holder, |_| true);
        let mut windows = HashMap::new();
        seen(
            facts
                .iter()
                .filter(|fact| !fact.is_not_told && !fact.is_withheld && self.shows(fact, &mut windows)),
        )
    }

    /// What an institution sees of what it registered: everything.
    pub(crate) fn own(&self, holder: usize, by: usize) -> Seen {
        seen(self.facts(holder, |unit| unit.by == by).iter())
    }

    pub(crate) fn documents_of_patient(&self, holder: usize) -> Vec<UnitId> {
        self.documents(holder, |_, kind| matches!(kind, "PatientSummary" | "CheckupReport"))
    }

    pub(crate) fn documents_of_clinician(&self, holder: usize, at: usize) -> Vec<UnitId> {
        let (_, checkups) = self.open(holder, at, false);
        self.documents(holder, |by, kind| by == at || (checkups && kind == "CheckupReport"))
    }

    fn documents(&self, holder: usize, is_open: impl Fn(usize, &str) -> bool) -> Vec<UnitId> {
        let kin = self.kin(holder);
        let open = self.units.iter().filter(|unit| {
            let kind = match &unit.what {
                What::Bundle(_, letter) => letter.kind(),
                What::Pdf(..) => "Attachment",
            };
            kin.contains(&unit.holder) && unit.ends.is_some() && !self.is_over(unit) && is_open(unit.by, kind)
        });
        let mut ids: Vec<UnitId> = open.map(|unit| unit.id).collect();
        ids.sort_unstable();
        ids
    }

    fn facts<'m>(&'m self, holder: usize, of: impl Fn(&Unit) -> bool) -> Vec<Fact<'m>> {
        let kin = self.kin(holder);
        self.facts_of(|unit| kin.contains(&unit.holder) && of(unit))
    }

    fn facts_of<'m>(&'m self, of: impl Fn(&Unit) -> bool) -> Vec<Fact<'m>> {
        let mut units: Vec<&Unit> = self.units.iter().filter(|unit| of(unit)).collect();
        units.sort_by_key(|unit| Reverse(unit.received));
        let mut facts: Vec<Fact<'m>> = Vec::new();
        let same = |one: (&Unit, &Item), other: (&Unit, &Item)| {
            one.0.by == other.0.by
                && one.1.information == other.1.information
                && one.1.code == other.1.code
                && one.1.date == other.1.date
        };
        for unit in &units {
            for item in &unit.items {
                let told = facts
                    .iter_mut()
                    .find(|fact| same((fact.unit, fact.item), (unit, item)) && fact.item.says == item.says);
                match told {
                    Some(fact) => fact.tellings.push((unit, item)),
                    None => facts.push(Fact {
                        unit,
                        item,
                        tellings: vec![(unit, item)],
                        is_not_told: false,
                        is_withheld: false,
                    }),
                }
            }
        }
        for fact in &mut facts {
            let all = units.iter().flat_map(|unit| unit.items.iter().map(move |item| (*unit, item)));
            for (_, item) in all.filter(|other| same((fact.unit, fact.item), *other)) {
                fact.is_not_told |= item.is_not_told;
                fact.is_withheld |= item.is_withheld;
            }
        }
        facts.sort_by_key(|fact| Reverse((fact.item.date, fact.unit.received)));
        facts
    }

    /// Whether a fact is in its window; to be asked newest first.
    fn shows<'m>(&self, fact: &Fact<'m>, newer: &mut HashMap<(&'m str, &'m str), usize>) -> bool {
        let (keep, newest, from_date) = match fact.item.information {
            "lab-result" => (1.year(), 3, true),
            "prescription" => (100.days(), 3, true),
            _ => (5.years(), 0, false),
        };
        let count = newer.entry((fact.item.information, fact.item.code.as_str())).or_default();
        *count += 1;
        let is_recent = |(unit, item): &(&Unit, &Item)| {
            let registered = day(unit.received);
            let first = if from_date { item.date.unwrap_or(registered) } else { registered };
            (!from_date && item.is_long_term) || day(self.now) <= last_day(first, keep)
        };
        *count <= newest || fact.tellings.iter().any(is_recent)
    }
}

/// A state, its time considered.
pub(crate) fn effective(state: ReferralState, ends: Timestamp, now: Timestamp) -> ReferralState {
    match state {
        ended if ended.is_ended() || now < ends => ended,
        ReferralState::Fetched => ReferralState::Deleted,
        _ => ReferralState::Expired,
    }
}

pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn seen<'f, 'm: 'f>(facts: impl Iterator<Item = &'f Fact<'m>>) -> Seen {
    let mut seen: Seen = facts.map(|fact| (fact.unit.id, fact.item.information, fact.item.date)).collect();
    seen.sort_unstable();
    seen
}
