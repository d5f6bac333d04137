//! What incidents prove, and what they leave to do.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::Proof;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Evidence, Fault, Incident, IncidentEntry, IncidentTrace};

use super::acts::objects;
use super::course::{Course, DutyState, Kind};
use super::rules::Basis;
use crate::Safety;
use crate::checks::evidence;

/// The control that incidents prove.
const CONTROL: &str = "incident_clock";
/// Where its evidence comes from.
const SOURCE: &str = "incidents";
/// No institution has more in the years that are kept.
const ALL: u16 = u16::MAX;
/// What was longer ago proves nothing, unless it is open.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Something that an incident leaves to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Somebody is to be told.
    Duty {
        /// Id of the incident.
        incident: String,
        /// Code of the duty.
        duty: String,
        /// Until when it is in time.
        deadline: Option<Timestamp>,
    },
    /// A question that duties depend on is not answered.
    Question {
        /// Id of the incident.
        incident: String,
        /// Code of the question.
        question: String,
    },
    /// Something was to be done afterwards.
    Action {
        /// Id of the incident.
        incident: String,
        /// What.
        what: String,
        /// Who.
        who: String,
        /// By when.
        due: Option<Date>,
    },
}

/// Whether a timeline is as it was written: no entry is missing or added, and each says what its event was made of.
#[must_use]
pub fn is_sealed(incident: &Incident, entries: &[IncidentEntry], trace: &IncidentTrace) -> bool {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let as_written = |(seq, (entry, told)): (i64, (&IncidentEntry, &Option<Vec<String>>))| {
        entry.seq == seq && told.as_ref().is_some_and(|told| *told == objects(incident, entry))
    };
    count > 0
        && trace.events == count
        && trace.objects.len() == entries.len()
        && (1..).zip(entries.iter().zip(&trace.objects)).all(as_written)
}

/// An incident with what it has come to.
struct Looked {
    incident: Incident,
    course: Course,
    is_sealed: bool,
    entries: usize,
}

impl Safety {
    /// What open incidents leave to do, and what was to be done after closed ones: what ends first comes first. A drill
    /// leaves only what is to be done after it.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn incident_tasks(&self, institution: &str) -> Result<Vec<Task>, Fault> {
        let mut duties = Vec::new();
        let mut actions = Vec::new();
        for incident in self.store.incidents(institution.to_owned(), ALL).await? {
            let (scope, id) = (institution.to_owned(), incident.id.clone());
            let entries = self.store.incident_entries(scope, id.clone()).await?;
            let course = Course::of(&incident, &entries);
            let open = course.actions.into_iter().filter(|one| one.done.is_none());
            actions.extend(open.map(|one| Task::Action {
                incident: id.clone(),
                what: one.what,
                who: one.who,
                due: one.due,
            }));
            if incident.is_drill || course.closed_at.is_some() {
                continue;
            }
            let unanswered = course.questions.iter().filter(|one| one.answer.is_none());
            duties.extend(unanswered.map(|one| {
                let question = one.question.code.clone();
                (course.undecided_until, Task::Question { incident: id.clone(), question })
            }));
            let open = course.duties.iter().filter(|one| matches!(one.state, DutyState::Open));
            duties.extend(open.map(|one| {
                let (duty, deadline) = (one.duty.code.clone(), one.deadline);
                (deadline, Task::Duty { incident: id.clone(), duty, deadline })
            }));
        }
        duties.sort_by_key(|(end, _)| end.unwrap_or(Timestamp::MAX));
        actions.sort_by_key(|task| match task {
            Task::Action { due, .. } => due.unwrap_or(Date::MAX),
            _ => Date::MAX,
        });
        Ok(duties.into_iter().map(|(_, task)| task).chain(actions).collect())
    }

    /// What the incidents of an institution prove. Where there was none, and no drill within a year, nothing was measured:
    /// that is no evidence.
    pub(crate) async fn read_incidents(
        &self,
        institution: &str,
        by: &Viewer,
        act: &Act,
    ) -> Result<Option<Evidence>, Fault> {
        let mut looked = Vec::new();
        for incident in self.store.incidents(institution.to_owned(), ALL).await? {
            let one = self.look_at(incident).await?;
            let is_recent = act.now.duration_since(one.incident.opened_at) <= LOOKED_BACK;
            // A drill that is not over measured nothing yet.
            let counts = if one.incident.is_drill { one.course.closed_at.is_some() } else { true };
            if counts && (is_recent || one.course.closed_at.is_none()) {
                looked.push(one);
            }
        }
        if looked.is_empty() {
            return Ok(None);
        }
        let (holds, measured, ends) = measure(&looked, act.now);
        let kept = (CONTROL, holds, measured.to_string());
        let mut evidence = evidence(institution, SOURCE, Proof::Auto, kept, by, act.now, act)?;
        if let Some(end) = ends {
            // From then on somebody is late, unless they were told meanwhile.
            evidence.holds_until = evidence.holds_until.min(end);
        }
        Ok(Some(evidence))
    }

    /// Proves it anew as soon as something was written, so that nobody waits for the next round.
    pub(super) async fn prove_incidents(
        &self,
        institution: &str,
        by: &Viewer,
        rule: &str,
        act: &Act,
    ) -> Result<(), Fault> {
        let Some(kept) = self.read_incidents(institution, by, act).await? else { return Ok(()) };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("evidence/{CONTROL}"), institution.to_owned()];
        self.store.keep_evidence(vec![kept], event).await
    }

    /// An incident's timeline held against the record.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    async fn look_at(&self, incident: Incident) -> Result<Looked, Fault> {
        let key = || (incident.institution.clone(), incident.id.clone());
        let (scope, id) = key();
        let entries = self.store.incident_entries(scope, id).await?;
        let (scope, id) = key();
        let trace = self.store.incident_trace(scope, id).await?;
        Ok(Looked {
            course: Course::of(&incident, &entries),
            is_sealed: is_sealed(&incident, &entries, &trace),
            entries: entries.iter().filter(|entry| Kind::from_code(&entry.kind).is_some()).count(),
            incident,
        })
    }
}

/// Whether the control holds, what was counted, and when the first open duty ends.
fn measure(looked: &[Looked], now: Timestamp) -> (bool, serde_json::Value, Option<Timestamp>) {
    let real: Vec<&Looked> = looked.iter().filter(|one| !one.incident.is_drill).collect();
    let open: Vec<&&Looked> = real.iter().filter(|one| one.course.closed_at.is_none()).collect();
    let duties = || open.iter().flat_map(|one| &one.course.duties);
    let is_bound = |basis: Basis| basis != Basis::Aim;
    let overdue = duties().filter(|one| is_bound(one.duty.basis) && one.is_overdue(now)).count();
    let past_aim = duties().filter(|one| !is_bound(one.duty.basis) && one.is_overdue(now)).count();
    let undecided_ends = open.iter().filter_map(|one| one.course.undecided_until);
    let undecided = undecided_ends.clone().filter(|end| *end <= now).count();
    let late = real.iter().flat_map(|one| &one.course.duties).filter(|one| one.is_late()).count();
    let unsealed = looked.iter().filter(|one| !one.is_sealed).count();
    let waiting = duties().filter(|one| is_bound(one.duty.basis) && matches!(one.state, DutyState::Open));
    let ends = waiting.filter_map(|one| one.deadline).chain(undecided_ends).filter(|end| *end > now).min();
    let measured = json!({
        "incidents": real.len(),
        "drills": looked.len() - real.len(),
        "incidents_open": open.len(),
        "duties_overdue": overdue,
        "aims_past": past_aim,
        "questions_overdue": undecided,
        "reported_late": late,
        "entries": looked.iter().map(|one| one.entries).sum::<usize>(),
        "timelines_altered": unsealed,
    });
    (overdue == 0 && undecided == 0 && unsealed == 0, measured, ends)
}
