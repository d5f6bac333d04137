//! What a version of a master would say against all that is stored: counts, and no patient data.

use std::collections::{BTreeMap, HashMap};

use access::Viewer;
use audit::Outcome;
use fhir::bundle::Bundle;
use fhir::json::{Json, Limits};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{Fault, MasterRow, MasterVersion, SurveyPlace};

use super::{Masters, codes};
use crate::filter::day;
use crate::{Act, record};

/// How many units one step judges.
const AT_ONCE: u16 = 200;

/// How old an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Age {
    /// Less than a year.
    UnderOne,
    /// One to five years.
    UnderFive,
    /// Five years and more.
    Older,
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tally {
    /// The key of the finding.
    pub rule: String,
    /// The institution that registered it.
    pub institution: String,
    /// Who made that institution's record system.
    pub vendor: String,
    /// How old the item is.
    pub age: Age,
}

/// How far the judging has come. Written down after every step, so that it goes on where it stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Units judged.
    pub units: u64,
    /// Codes judged.
    pub codes: u64,
    /// Whether all are judged.
    pub is_done: bool,
    /// The bucket it is at, of 1024.
    pub bucket: u16,
    after: [u8; 16],
    /// How often each finding was made.
    pub tallies: Vec<(Tally, u64)>,
}

/// The judging of all that is stored by one version.
pub struct Revalidation {
    /// The version.
    pub version: MasterVersion,
    /// How far it has come.
    pub progress: Progress,
    rows: HashMap<String, Vec<MasterRow>>,
    vendors: HashMap<String, String>,
}

impl Age {
    /// The code that names its words.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnderOne => "under-one",
            Self::UnderFive => "under-five",
            Self::Older => "older",
        }
    }

    fn of(item: Date, today: Date) -> Self {
        let years = |count: i16| today.saturating_sub(jiff::Span::new().years(count));
        match item {
            item if item > years(1) => Self::UnderOne,
            item if item > years(5) => Self::UnderFive,
            _ => Self::Older,
        }
    }
}

impl Masters<'_> {
    /// Begins to judge all that is stored by a version, or goes on where it stopped. That it began stands on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn revalidate(
        &self,
        version: MasterVersion,
        again: bool,
        by: &Viewer,
        act: &Act,
    ) -> Result<Revalidation, Fault> {
        let (kind, name) = (version.kind.clone(), version.version.clone());
        let known = self.0.revalidation(kind.clone(), name.clone()).await?.filter(|_| !again);
        let known = known.and_then(|state| serde_json::from_str(&state).ok());
        let is_new = known.is_none();
        let progress: Progress = known.unwrap_or_default();
        if is_new {
            let mut event = record::event(act, audit::Act::Master, Outcome::Done, by, "operator")?;
            event.objects = vec![format!("revalidate {kind} {name}")];
            self.0.keep_revalidation(kind, name, state(&progress)?, Some(event)).await?;
        }
        let mut rows: HashMap<String, Vec<MasterRow>> = HashMap::new();
        for row in self.rows(&version).await? {
            rows.entry(row.code.clone()).or_default().push(row);
        }
        let vendors = self.0.institutions().await?.into_iter();
        let vendors = vendors.filter_map(|one| Some((one.number, one.vendor?))).collect();
        Ok(Revalidation { version, progress, rows, vendors })
    }

    /// Judges some hundred units more; false when all are judged.
    ///
    /// # Errors
    /// On any [`Fault`]; the step can be taken again.
    pub async fn revalidate_more(&self, running: &mut Revalidation, act: &Act) -> Result<bool, Fault> {
        let mut progress = running.progress.clone();
        if progress.is_done {
            return Ok(false);
        }
        let place = SurveyPlace { bucket: progress.bucket, after: progress.after };
        let mut tallies: BTreeMap<Tally, u64> = progress.tallies.into_iter().collect();
        let today = day(act.now);
        let (mut units, mut count) = (0, 0);
        let mut judge = |institution: &str, bytes: &[u8]| {
            units += 1;
            count += running.judge(institution, bytes, today, &mut tallies);
        };
        let next = self.0.survey(place, AT_ONCE, &mut judge).await?;
        progress = Progress {
            units: progress.units + units,
            codes: progress.codes + count,
            is_done: next.is_none(),
            bucket: next.map_or(progress.bucket, |next| next.bucket),
            after: next.map_or([0; 16], |next| next.after),
            tallies: tallies.into_iter().collect(),
        };
        let (kind, name) = (running.version.kind.clone(), running.version.version.clone());
        // Empty buckets are passed in no time; to write each one down would cost a sync.
        if units > 0 || progress.is_done {
            self.0.keep_revalidation(kind, name, state(&progress)?, None).await?;
        }
        running.progress = progress;
        Ok(!running.progress.is_done)
    }
}

impl Revalidation {
    /// Counts what the version says against one document; answers how many of its codes it rules.
    fn judge(&self, institution: &str, bytes: &[u8], today: Date, tallies: &mut BTreeMap<Tally, u64>) -> u64 {
        let Ok(json) = Json::parse(bytes, &Limits::default()) else { return 0 };
        let Some(bundle) = Bundle::of(json.root()) else { return 0 };
        let mut count = 0;
        let ruled = codes::written(bundle, today).into_iter().filter(|one| one.kind == self.version.kind);
        for one in ruled {
            count += 1;
            let rows = self.rows.get(&one.code).map_or(&[][..], Vec::as_slice);
            let Some((rule, _)) = codes::wrong(rows, one.day) else { continue };
            let tally = Tally {
                rule: rule.to_owned(),
                institution: institution.to_owned(),
                vendor: self.vendors.get(institution).cloned().unwrap_or_default(),
                age: Age::of(one.day, today),
            };
            *tallies.entry(tally).or_default() += 1;
        }
        count
    }
}

fn state(progress: &Progress) -> Result<String, Fault> {
    serde_json::to_string(progress).map_err(|_| Fault::Damaged("a revalidation that is no JSON"))
}
