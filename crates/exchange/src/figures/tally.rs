use std::collections::{BTreeMap, HashMap};

use audit::{Act, Event, Outcome};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::figures::{Days, Figure, Measure, here};

/// Counts event by event.
pub(super) struct Tally {
    days: Days,
    institution: Option<String>,
    vendors: HashMap<String, String>,
    kept: BTreeMap<(&'static str, Date, String, String), u64>,
    referrals: BTreeMap<String, u64>,
    refused: BTreeMap<(String, String), u64>,
    refused_on: BTreeMap<Date, u64>,
    ages: BTreeMap<String, Vec<i64>>,
    documents: HashMap<String, Document>,
    views: BTreeMap<(String, String), u64>,
    looks: BTreeMap<(String, String), u64>,
    wishes: Option<(u64, u64)>,
}

/// A document that was registered in the days that are counted.
struct Document {
    institution: String,
    kind: String,
    at: Timestamp,
    seen_at: Option<Timestamp>,
}

/// Within how many days of its registration a document is read.
const WITHIN_DAYS: [i64; 4] = [1, 3, 7, 14];
/// Below so many, neither median nor share tells anything.
const ENOUGH: usize = 10;
const DAY: i64 = 24 * 3600;

impl Tally {
    pub(super) fn new(days: Days, institution: Option<String>, vendors: HashMap<String, String>) -> Self {
        Self {
            days,
            institution,
            vendors,
            kept: BTreeMap::new(),
            referrals: BTreeMap::new(),
            refused: BTreeMap::new(),
            refused_on: BTreeMap::new(),
            ages: BTreeMap::new(),
            documents: HashMap::new(),
            views: BTreeMap::new(),
            looks: BTreeMap::new(),
            wishes: None,
        }
    }

    pub(super) fn add(&mut self, event: &Event) {
        let is_counted = (self.days.beginning()..self.days.end()).contains(&event.at);
        match (event.act, event.outcome) {
            (Act::Register | Act::Attach, Outcome::Done) if is_counted => self.add_kept("registered", event),
            (Act::Change, Outcome::Done) if is_counted => self.add_kept("changed", event),
            (Act::Cancel, Outcome::Done) if is_counted => self.add_kept("cancelled", event),
            (Act::Register | Act::Attach | Act::Change, Outcome::Refused) if is_counted => {
                self.add_refused(event);
            }
            (Act::View, Outcome::Done) => {
                self.note_seen(event);
                if is_counted && self.is_asked(event) {
                    let purpose = event.purpose.clone().unwrap_or_default();
                    *self.views.entry((purpose, event.rule.clone())).or_default() += 1;
                }
            }
            _ => {}
        }
    }

    pub(super) fn add_looks(&mut self, basis: String, finding: Option<String>, count: i64) {
        let finding = finding.unwrap_or_else(|| "unreviewed".to_owned());
        *self.looks.entry((basis, finding)).or_default() += u64::try_from(count).unwrap_or(0);
    }

    pub(super) fn add_referrals(&mut self, state: String, count: i64) {
        *self.referrals.entry(state).or_default() += u64::try_from(count).unwrap_or(0);
    }

    pub(super) fn add_wishes(&mut self, wished: i64, persons: i64) {
        self.wishes = u64::try_from(wished).ok().zip(u64::try_from(persons).ok());
    }

    /// Everything counted, in the order of the page.
    pub(super) fn figures(mut self) -> Vec<Figure> {
        let mut figures = self.of_registrations();
        figures.extend(self.of_refusals());
        figures.extend(self.of_ages());
        figures.extend(self.of_sight());
        figures.extend(self.referrals.iter().map(|(state, count)| Figure {
            name: "referral",
            by: vec![("state", state.clone())],
            value: Measure::of_patients(*count),
        }));
        figures.extend(self.of_views());
        figures
    }

    fn add_kept(&mut self, what: &'static str, event: &Event) {
        if !self.is_asked(event) {
            return;
        }
        let institution = event.actor.institution.clone().unwrap_or_default();
        let kind = event.measures.kind.clone().unwrap_or_else(|| "unknown".to_owned());
        let key = (what, here(event.at), institution.clone(), kind.clone());
        *self.kept.entry(key).or_default() += 1;
        if let Some(age) = event.measures.age {
            self.ages.entry(kind.clone()).or_default().push(age.max(0));
        }
        let unit = event.objects.iter().find(|object| object.starts_with("Bundle/"));
        if let Some(unit) = unit.filter(|_| what == "registered" && is_document(&kind)) {
            let document = Document { institution, kind, at: event.at, seen_at: None };
            self.documents.insert(unit.clone(), document);
        }
    }

    /// What a system sent in vain; somebody who may not send at all is no system's mistake.
    fn add_refused(&mut self, event: &Event) {
        if !self.is_asked(event) || !event.actor.is_system {
            return;
        }
        let institution = event.actor.institution.as_deref().unwrap_or_default();
        let vendor = self.vendors.get(institution).cloned().unwrap_or_default();
        *self.refused_on.entry(here(event.at)).or_default() += 1;
        let first = std::slice::from_ref(&event.rule);
        let broken = if event.measures.broken.is_empty() { first } else { &event.measures.broken };
        for rule in broken {
            *self.refused.entry((rule.clone(), vendor.clone())).or_default() += 1;
        }
    }

    /// The first time somebody else than its institution opened a document.
    fn note_seen(&mut self, event: &Event) {
        for object in &event.objects {
            let Some(document) = self.documents.get_mut(object) else { continue };
            if event.actor.institution.as_deref() != Some(document.institution.as_str()) {
                document.seen_at = Some(document.seen_at.map_or(event.at, |seen| seen.min(event.at)));
            }
        }
    }

    fn is_asked(&self, event: &Event) -> bool {
        self.institution.is_none() || event.actor.institution == self.institution
    }

    fn of_registrations(&self) -> Vec<Figure> {
        let figures = self.kept.iter().map(|((what, day, institution, kind), count)| Figure {
            name: what,
            by: vec![("day", day.to_string()), ("institution", institution.clone()), ("kind", kind.clone())],
            value: Measure::Count(*count),
        });
        figures.collect()
    }

    /// Errors tell of systems, not of patients: they are counted as they are.
    fn of_refusals(&self) -> Vec<Figure> {
        let by_day = self.refused_on.iter().map(|(day, count)| Figure {
            name: "refused",
            by: vec![("day", day.to_string())],
            value: Measure::Count(*count),
        });
        let by_rule = self.refused.iter().map(|((rule, vendor), count)| Figure {
            name: "broken",
            by: vec![("rule", rule.clone()), ("vendor", vendor.clone())],
            value: Measure::Count(*count),
        });
        by_day.chain(by_rule).collect()
    }

    fn of_ages(&mut self) -> Vec<Figure> {
        let ages = std::mem::take(&mut self.ages);
        ages.into_iter().flat_map(|(kind, ages)| spread("made-to-registered", kind, ages)).collect()
    }

    fn of_sight(&self) -> Vec<Figure> {
        let mut kinds: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
        for document in self.documents.values() {
            kinds.entry(&document.kind).or_default().push(document);
        }
        kinds.into_iter().flat_map(|(kind, documents)| sight(kind, &documents)).collect()
    }

    fn of_views(&self) -> Vec<Figure> {
        let views = self.views.iter().map(|((purpose, rule), count)| Figure {
            name: "viewed",
            by: vec![("purpose", purpose.clone()), ("rule", rule.clone())],
            value: Measure::of_patients(*count),
        });
        let looks = self.looks.iter().map(|((basis, finding), count)| Figure {
            name: "looked",
            by: vec![("basis", basis.clone()), ("finding", finding.clone())],
            value: Measure::of_patients(*count),
        });
        let wishes = self.wishes.into_iter().map(|(wished, persons)| Figure {
            name: "wished",
            by: Vec::new(),
            value: match Measure::of_patients(wished) {
                Measure::Count(_) if persons > 0 => Measure::Percent(wished * 100 / persons),
                few => few,
            },
        });
        views.chain(looks).chain(wishes).collect()
    }
}

/// How many documents of a kind there were, how many others saw, how soon, and which share within some days.
fn sight(kind: &str, documents: &[&Document]) -> Vec<Figure> {
    let by = |label, value: &str| vec![("kind", kind.to_owned()), (label, value.to_owned())];
    let seconds: Vec<i64> = documents
        .iter()
        .filter_map(|one| Some(one.seen_at?.duration_since(one.at).as_secs().max(0)))
        .collect();
    let count = |count: usize| Measure::of_patients(count as u64);
    let mut figures = vec![
        Figure { name: "sent", by: by("state", "registered"), value: Measure::Count(documents.len() as u64) },
        Figure { name: "sent", by: by("state", "seen"), value: count(seconds.len()) },
    ];
    if documents.len() >= ENOUGH {
        figures.extend(WITHIN_DAYS.map(|days| {
            let soon = seconds.iter().filter(|after| **after <= days * DAY).count();
            let share = (soon * 100 / documents.len()) as u64;
            Figure { name: "seen-within", by: by("days", &days.to_string()), value: Measure::Percent(share) }
        }));
    }
    figures.extend(spread("registered-to-seen", kind.to_owned(), seconds));
    figures
}

/// Median and ninetieth percentile, where there are enough to tell of nobody.
fn spread(name: &'static str, kind: String, mut seconds: Vec<i64>) -> Vec<Figure> {
    if seconds.len() < ENOUGH {
        return Vec::new();
    }
    seconds.sort_unstable();
    let percentile = |share: usize| seconds[(seconds.len() * share).div_ceil(100).max(1) - 1];
    let figure = |statistic: &str, value| Figure {
        name,
        by: vec![("kind", kind.clone()), ("statistic", statistic.to_owned())],
        value: Measure::Seconds(value),
    };
    vec![figure("median", percentile(50)), figure("p90", percentile(90))]
}

fn is_document(kind: &str) -> bool {
    store::kind_from_code(kind).is_some_and(|kind| !kind.is_collection())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_not_told_and_none_and_many_are() {
        assert_eq!(
            [0, 1, 9, 10].map(Measure::of_patients),
            [Measure::Count(0), Measure::Few, Measure::Few, Measure::Count(10)]
        );
    }

    #[test]
    fn a_spread_needs_ten_and_names_its_middle_and_its_ninth_tenth() {
        assert!(spread("made-to-registered", "referral".to_owned(), vec![1; 9]).is_empty());
        let figures = spread("made-to-registered", "referral".to_owned(), (1..=10).rev().collect());
        let values: Vec<Measure> = figures.iter().map(|figure| figure.value).collect();
        assert_eq!(values, [Measure::Seconds(5), Measure::Seconds(9)]);
    }
}
