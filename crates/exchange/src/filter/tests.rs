//! Windows, flags and facts against a naive model that compares everything with everything.

use fhir::bundle::UnitKind;
use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;
use store::{Bucket, Index, NEVER};

use super::*;

/// One telling: unit, information, code, what it says, days before today of itself and flags.
#[derive(Clone, Debug)]
struct Told {
    unit: usize,
    information: Information,
    code: u8,
    says: u8,
    days_ago: i64,
    flags: u8,
}

const TODAY: Date = date(2028, 2, 29);
const UNITS: usize = 5;

fn told() -> impl Strategy<Value = Told> {
    let days_ago = prop_oneof![0..5_i64, 98..103_i64, 363..368_i64, 1820..1832_i64];
    (0..UNITS, 0..6_usize, 0..2_u8, 0..2_u8, days_ago, prop_oneof![3 => Just(0_u8), 1 => 0..8_u8]).prop_map(
        |(unit, information, code, says, days_ago, flags)| Told {
            unit,
            information: Information::ALL[information],
            code,
            says,
            days_ago,
            flags,
        },
    )
}

fn days_before(days: i64) -> Timestamp {
    let noon = TODAY.at(12, 0, 0, 0).to_zoned(TimeZone::fixed(jiff::tz::offset(9))).unwrap().timestamp();
    noon - SignedDuration::from_hours(24 * days)
}

/// Units in the order of registration; unit 0 is the oldest.
fn headings(all: &[Told], registered_days_ago: &[i64]) -> Vec<Heading> {
    let mut ages = registered_days_ago.to_vec();
    ages.sort_unstable_by_key(|age| std::cmp::Reverse(*age));
    let unit = |(number, age): (usize, &i64)| {
        let received_at = days_before(*age) + SignedDuration::from_mins(number as i64);
        let items = all.iter().filter(|told| told.unit == number).map(|told| Item {
            information: told.information,
            span: 0..0,
            date: Some(day(days_before(told.days_ago))),
            code: told.code.to_string(),
            says: told.says.to_string(),
            doctor: String::new(),
            is_long_term: told.flags & 1 != 0,
            is_not_told: told.flags & 2 != 0,
            is_withheld: told.flags & 4 != 0,
        });
        Heading {
            id: UnitId::new(Bucket::of_text("p"), received_at).unwrap(),
            kind: UnitKind::Observation,
            institution: (number % 2).to_string(),
            identifier: number.to_string(),
            received_at,
            part_of: None,
            is_reduced: false,
            review_at: NEVER,
            index: Index { items: items.collect(), ..Index::default() },
        }
    };
    ages.iter().enumerate().map(unit).collect()
}

/// A telling by its unit and its place there.
type Name = (usize, usize);

/// The model: tellings as plain rows, each compared with each.
struct Model<'h> {
    rows: Vec<(Name, &'h Heading, &'h Item)>,
}

impl<'h> Model<'h> {
    fn of(headings: &'h [Heading]) -> Self {
        let rows = headings.iter().enumerate().flat_map(|(unit, heading)| {
            heading.index.items.iter().enumerate().map(move |(place, item)| ((unit, place), heading, item))
        });
        Self { rows: rows.collect() }
    }

    fn is_same(&self, one: usize, other: usize) -> bool {
        self.is_same_matter(one, other)
            && self.rows[one].2.says == self.rows[other].2.says
            && self.ordinal(one) == self.ordinal(other)
    }

    fn is_same_matter(&self, one: usize, other: usize) -> bool {
        let key = |row: usize| {
            let (_, heading, item) = &self.rows[row];
            (&heading.institution, item.information, &item.code, item.date)
        };
        key(one) == key(other)
    }

    /// How many times its unit said the same before.
    fn ordinal(&self, row: usize) -> usize {
        let ((unit, place), _, item) = &self.rows[row];
        let before = self.rows.iter().enumerate().filter(|(other, ((of, at), _, told))| {
            of == unit && at < place && told.says == item.says && self.is_same_matter(row, *other)
        });
        before.count()
    }

    fn is_flagged(&self, row: usize, flag: impl Fn(&Item) -> bool) -> bool {
        (0..self.rows.len()).any(|other| self.is_same_matter(row, other) && flag(self.rows[other].2))
    }

    /// Rows that stand for their fact: no newer unit tells it.
    fn facts(&self) -> Vec<usize> {
        let stands = |row: &usize| {
            (0..self.rows.len())
                .all(|other| !self.is_same(*row, other) || self.rows[other].0 <= self.rows[*row].0)
        };
        (0..self.rows.len()).filter(stands).collect()
    }

    fn is_seen_by(&self, row: usize, projection: Projection) -> bool {
        let (told, given) =
            (!self.is_flagged(row, |item| item.is_not_told), !self.is_flagged(row, |item| item.is_withheld));
        match projection {
            Projection::Patient => told && given,
            _ => given,
        }
    }

    fn shows(&self, row: usize, projection: Projection) -> bool {
        let (_, _, item) = self.rows[row];
        let age = |row: usize| (self.rows[row].2.date, self.rows[row].1.received_at);
        let newer = self.facts().into_iter().filter(|other| {
            let (_, _, told) = self.rows[*other];
            let is_counted = (told.information, &told.code) == (item.information, &item.code);
            let comes_first = age(*other) > age(row)
                || (age(*other) == age(row) && self.rows[*other].0.1 < self.rows[row].0.1);
            is_counted && comes_first && self.is_seen_by(*other, projection)
        });
        let newest = if matches!(item.information, Information::LabResult | Information::Prescription) {
            3
        } else {
            0
        };
        let in_time = (0..self.rows.len()).any(|other| self.is_same(row, other) && self.is_in_time(other));
        self.is_seen_by(row, projection) && (newer.count() < newest || in_time)
    }

    fn is_in_time(&self, row: usize) -> bool {
        let (_, heading, item) = self.rows[row];
        let own = item.date.unwrap();
        match item.information {
            Information::LabResult => TODAY <= years_later(own, 1),
            Information::Prescription => TODAY.duration_since(own).as_hours() / 24 <= 100,
            _ => item.is_long_term || TODAY <= years_later(day(heading.received_at), 5),
        }
    }
}

fn years_later(from: Date, years: i16) -> Date {
    let month = date(from.year() + years, from.month(), 1);
    let is_last = from.day() == from.days_in_month();
    let last = month.days_in_month();
    date(month.year(), month.month(), if is_last { last } else { from.day().min(last) })
}

fn name(headings: &[Heading], fact: &Fact<'_>) -> Name {
    let unit = headings.iter().position(|heading| std::ptr::eq(heading, fact.heading)).unwrap();
    (unit, fact.heading.index.items.iter().position(|item| std::ptr::eq(item, fact.item)).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_equals_a_naive_model_in_every_projection(
        all in prop::collection::vec(told(), 0..24),
        ages in prop::collection::vec(prop_oneof![0..400_i64, 1820..1832_i64], UNITS),
    ) {
        let headings = headings(&all, &ages);
        let model = Model::of(&headings);
        let mut ever_shown = Vec::new();
        for projection in [Projection::Clinician, Projection::Patient] {
            let eyes = Eyes { projection, consented: &Information::ALL };
            let filtered = filter(&headings, &eyes, &Information::ALL, TODAY);
            let mut shown: Vec<Name> = filtered.shown.iter().map(|fact| name(&headings, fact)).collect();
            shown.sort_unstable();
            let facts = model.facts();
            let expected = facts.iter().copied().filter(|row| model.shows(*row, projection));
            let expected: Vec<Name> = expected.map(|row| model.rows[row].0).collect();
            prop_assert_eq!(&shown, &expected);
            ever_shown.extend(filtered.shown.iter().flat_map(|fact| {
                fact.tellings().map(|(_, item)| std::ptr::from_ref(item)).collect::<Vec<_>>()
            }));
        }
        for (_, item) in outlived(&headings, TODAY) {
            prop_assert!(!ever_shown.contains(&std::ptr::from_ref(item)), "destroyed although shown");
        }
    }

    #[test]
    fn what_nobody_is_shown_again_stays_hidden_on_every_later_day(
        all in prop::collection::vec(told(), 0..24),
        ages in prop::collection::vec(0..400_i64, UNITS),
        later in 0..4000_i32,
    ) {
        let headings = headings(&all, &ages);
        let then = TODAY.saturating_add(jiff::Span::new().days(later));
        let still: Vec<_> = outlived(&headings, then).into_iter().map(|(_, item)| std::ptr::from_ref(item)).collect();
        for (_, item) in outlived(&headings, TODAY) {
            prop_assert!(still.contains(&std::ptr::from_ref(item)));
        }
    }
}

#[test]
fn the_same_result_in_a_report_and_in_a_letter_is_shown_once_with_both_sources() {
    let result =
        |unit| Told { unit, information: Information::LabResult, code: 1, says: 1, days_ago: 3, flags: 0 };
    let headings = headings(&[result(0), result(2)], &[4, 3, 2, 1, 0]);
    let eyes = Eyes { projection: Projection::Clinician, consented: &Information::ALL };
    let shown = filter(&headings, &eyes, &Information::ALL, TODAY).shown;
    assert_eq!(shown.len(), 1);
    let units: Vec<UnitId> = shown[0].tellings().map(|(heading, _)| heading.id).collect();
    assert_eq!(units, [headings[2].id, headings[0].id], "the one registered last is shown");
}

#[test]
fn a_disease_withheld_in_one_registration_is_not_given_away_by_another() {
    let disease = |unit, flags| Told {
        unit,
        information: Information::Condition,
        code: 1,
        says: u8::from(flags == 0),
        days_ago: 3,
        flags,
    };
    let headings = headings(&[disease(0, 4), disease(2, 0)], &[4, 3, 2, 1, 0]);
    for projection in [Projection::Clinician, Projection::Patient] {
        let eyes = Eyes { projection, consented: &Information::ALL };
        assert!(filter(&headings, &eyes, &Information::ALL, TODAY).shown.is_empty());
    }
}
