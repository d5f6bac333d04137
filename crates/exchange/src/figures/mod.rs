//! 指標: what the model project wants to learn, counted without patient data: from the record of acts and from tables
//! that hold nothing clinical, never from bodies.

mod tally;

use std::collections::HashMap;

use access::{Viewer, may_see_figures};
use audit::Outcome;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{EventCursor, Fault, LookCount};

use crate::{Act, Exchange, NotShown, record};
use tally::Tally;

/// Which days are counted, both included, in Japan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// Figures of some days.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Which days.
    pub days: Days,
    /// Of one institution, or of all.
    pub institution: Option<String>,
    /// Each figure, in the order of the page.
    pub list: Vec<Figure>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What is counted: a code with words in `locale/`.
    pub name: &'static str,
    /// What it is counted by: label and value.
    pub by: Vec<(&'static str, String)>,
    /// How many, how long, or how large a share.
    pub value: Measure,
}

/// A figure's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// So many.
    Count(u64),
    /// From one to nine: so few that it might tell of somebody.
    Few,
    /// So many seconds.
    Seconds(i64),
    /// So many of a hundred.
    Percent(u64),
}

/// Counts of patients' matters below this are not told.
const TELLING: u64 = 10;
/// How many days can be counted at once.
const MOST_DAYS: i32 = 366;
/// How many days are counted where none are named.
const USUAL_DAYS: i32 = 28;
/// For so long after the last day, looks at its documents still count.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How many events one step of the walk reads.
const STEP: u16 = 2000;

impl Days {
    /// The days that end with the day of `now`.
    pub fn usual(now: Timestamp) -> Self {
        Self::ending(here(now))
    }

    /// As many days as are usual, up to a last one.
    pub fn ending(to: Date) -> Self {
        Self { from: to.saturating_sub((USUAL_DAYS - 1).days()), to }
    }

    /// Whether the days are in order and not too many.
    pub fn are_countable(self) -> bool {
        self.from <= self.to && self.count() <= MOST_DAYS
    }

    /// Every day.
    pub fn each(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |day| *day <= self.to)
    }

    fn count(self) -> i32 {
        self.from.until(self.to).map_or(i32::MAX, |span| span.get_days().saturating_add(1))
    }

    fn beginning(self) -> Timestamp {
        midnight(self.from)
    }

    fn end(self) -> Timestamp {
        midnight(self.to.saturating_add(1.day()))
    }
}

impl Measure {
    /// A count of what concerns patients: few is all that is told of few.
    fn of_patients(count: u64) -> Self {
        if (1..TELLING).contains(&count) { Self::Few } else { Self::Count(count) }
    }
}

impl Exchange {
    /// The figures of some days, as far as the viewer may see them. The asking is on record.
    ///
    /// # Errors
    /// [`NotShown::Refused`] for whoever may see none; [`NotShown::Store`].
    pub async fn figures(&self, viewer: &Viewer, days: Days, act: &Act) -> Result<Figures, NotShown> {
        let permitted = may_see_figures(viewer);
        let (outcome, rule) = match permitted {
            Ok((_, rule)) => (Outcome::Done, rule),
            Err(refusal) => (Outcome::Refused, refusal.rule),
        };
        let mut event = record::event(act, audit::Act::ReadRecord, outcome, viewer, rule)?;
        event.objects = vec!["figures".to_owned()];
        self.store.append(None, event).await?;
        let (institution, _) = permitted.map_err(NotShown::Refused)?;
        let mut tally = self.tally(days, institution, act.now).await?;
        self.add_tables(&mut tally, days, institution).await?;
        Ok(Figures { days, institution: institution.map(str::to_owned), list: tally.figures() })
    }

    async fn tally(&self, days: Days, institution: Option<&str>, now: Timestamp) -> Result<Tally, Fault> {
        let institutions = self.store.institutions().await?;
        let vendors: HashMap<String, String> =
            institutions.into_iter().filter_map(|one| Some((one.number, one.vendor?))).collect();
        let mut tally = Tally::new(days, institution.map(str::to_owned), vendors);
        let until = (days.end() + AFTERWARDS).min(now + SignedDuration::from_secs(1));
        let mut cursor = EventCursor::from(days.beginning());
        loop {
            let events = self.store.events_from(cursor, until, STEP).await?;
            events.iter().for_each(|event| tally.add(event));
            match events.last() {
                Some(last) if events.len() == usize::from(STEP) => cursor = EventCursor::after(last),
                _ => return Ok(tally),
            }
        }
    }

    async fn add_tables(
        &self,
        tally: &mut Tally,
        days: Days,
        institution: Option<&str>,
    ) -> Result<(), Fault> {
        let is_asked = |number: &str| institution.is_none_or(|asked| asked == number);
        let looks = self.store.look_counts(days.beginning(), days.end()).await?;
        let looks = looks.into_iter().filter(|look| is_asked(&look.institution));
        looks.for_each(|LookCount { basis, finding, count, .. }| tally.add_looks(basis, finding, count));
        for (sender, state, count) in self.store.referral_counts(days.beginning(), days.end()).await? {
            if is_asked(&sender) {
                tally.add_referrals(state, count);
            }
        }
        if institution.is_none() {
            let (wished, persons) = self.store.wish_counts().await?;
            tally.add_wishes(wished, persons);
        }
        Ok(())
    }
}

fn here(at: Timestamp) -> Date {
    at.to_zoned(japan()).date()
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(japan()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

fn japan() -> TimeZone {
    TimeZone::fixed(offset(9))
}
