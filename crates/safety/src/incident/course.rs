//! What an incident has come to: a pure function of its entries and the time.

use guideline::Phase;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::{Incident, IncidentEntry};

use super::clock::deadline;
use super::rules::{Duty, Question, Step, duties, questions, steps, undecided_hours};

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The incident was opened.
    Opened,
    /// Something was noted.
    Note,
    /// An earlier entry is set right; it stays as it is.
    Correction,
    /// A step was done.
    StepDone,
    /// A step is not done after all.
    StepUndone,
    /// A step does not apply, with a reason.
    StepSkipped,
    /// A question is answered with yes.
    Yes,
    /// A question is answered with maybe (おそれ).
    Maybe,
    /// A question is answered with no.
    No,
    /// Somebody was told.
    Reported,
    /// A duty does not apply, with a reason.
    Waived,
    /// The next phase began.
    Phase,
    /// Something is to be done afterwards.
    Action,
    /// It was done.
    ActionDone,
    /// The incident was closed.
    Closed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Opened,
        Self::Note,
        Self::Correction,
        Self::StepDone,
        Self::StepUndone,
        Self::StepSkipped,
        Self::Yes,
        Self::Maybe,
        Self::No,
        Self::Reported,
        Self::Waived,
        Self::Phase,
        Self::Action,
        Self::ActionDone,
        Self::Closed,
    ];

    /// Its code in rows, with words in `locale/`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Note => "note",
            Self::Correction => "correction",
            Self::StepDone => "step-done",
            Self::StepUndone => "step-undone",
            Self::StepSkipped => "step-skipped",
            Self::Yes => "yes",
            Self::Maybe => "maybe",
            Self::No => "no",
            Self::Reported => "reported",
            Self::Waived => "waived",
            Self::Phase => "phase",
            Self::Action => "action",
            Self::ActionDone => "action-done",
            Self::Closed => "closed",
        }
    }

    /// The one with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is so.
    Yes,
    /// It may be so (おそれ): counts like a yes.
    Maybe,
    /// It is not so.
    No,
}

/// What an incident has come to.
#[derive(Clone, Debug)]
pub struct Course {
    /// In which phase it is.
    pub phase: Phase,
    /// Each step, in order.
    pub steps: Vec<StepStanding>,
    /// Each question.
    pub questions: Vec<QuestionStanding>,
    /// Each duty.
    pub duties: Vec<DutyStanding>,
    /// What is to be done afterwards.
    pub actions: Vec<ActionItem>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// When a question that nobody answered becomes overdue; none where all are answered.
    pub undecided_until: Option<Timestamp>,
}

/// Where a step stands.
#[derive(Clone, Debug)]
pub struct StepStanding {
    /// The step.
    pub step: &'static Step,
    /// The entry that settled it: done, or not applicable.
    pub settled: Option<IncidentEntry>,
}

/// Where a question stands.
#[derive(Clone, Debug)]
pub struct QuestionStanding {
    /// The question.
    pub question: &'static Question,
    /// What was answered last.
    pub answer: Option<Fact>,
    /// When yes or maybe was first known, whatever was answered since.
    pub known_at: Option<Timestamp>,
}

/// Where a duty stands.
#[derive(Clone, Debug)]
pub struct DutyStanding {
    /// The duty.
    pub duty: &'static Duty,
    /// Where it stands.
    pub state: DutyState,
    /// Until when it is in time; none where it does not arise, or no day is set.
    pub deadline: Option<Timestamp>,
}

/// Where a duty stands.
#[derive(Clone, Debug)]
pub enum DutyState {
    /// A question it depends on is not answered.
    Undecided,
    /// It does not arise.
    NotDue,
    /// It is to be done.
    Open,
    /// It was done, by this entry.
    Reported(IncidentEntry),
    /// It does not apply, by this entry.
    Waived(IncidentEntry),
}

/// Something to be done afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionItem {
    /// The entry by which it was set.
    pub seq: i64,
    /// What.
    pub what: String,
    /// Who.
    pub who: String,
    /// By when.
    pub due: Option<Date>,
    /// Who said that it is done, and when.
    pub done: Option<(String, Timestamp)>,
}

impl DutyStanding {
    /// Whether it is to be done, and its time is over.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        matches!(self.state, DutyState::Open) && self.deadline.is_some_and(|end| end <= now)
    }

    /// Whether it was done, but after its time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        match &self.state {
            DutyState::Reported(entry) => self.deadline.is_some_and(|end| entry.happened_at >= end),
            _ => false,
        }
    }

    /// Whether there is nothing more to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !matches!(self.state, DutyState::Open | DutyState::Undecided)
    }
}

impl Course {
    /// What an incident has come to by its entries, oldest first.
    #[must_use]
    pub fn of(incident: &Incident, entries: &[IncidentEntry]) -> Self {
        let questions: Vec<QuestionStanding> =
            questions().iter().map(|question| answered(question, entries)).collect();
        let is_undecided = questions.iter().any(|one| one.answer.is_none());
        Self {
            phase: phase(entries),
            steps: steps().iter().map(|step| settled(step, entries)).collect(),
            duties: duties().iter().map(|duty| standing(duty, incident, &questions, entries)).collect(),
            actions: actions(entries),
            closed_at: last(entries, &[Kind::Closed], "").map(|entry| entry.at),
            undecided_until: is_undecided
                .then(|| incident.seen_at + SignedDuration::from_hours(undecided_hours())),
            questions,
        }
    }
}

/// The newest entry of one of these kinds about something.
fn last<'e>(entries: &'e [IncidentEntry], kinds: &[Kind], about: &str) -> Option<&'e IncidentEntry> {
    let is_meant = |entry: &&IncidentEntry| {
        entry.about == about && Kind::from_code(&entry.kind).is_some_and(|kind| kinds.contains(&kind))
    };
    entries.iter().rev().find(is_meant)
}

fn phase(entries: &[IncidentEntry]) -> Phase {
    let newest = entries.iter().rev().find(|entry| entry.kind == Kind::Phase.code());
    let phases = [Phase::Detection, Phase::Response, Phase::Recovery, Phase::Aftermath];
    let known = newest.and_then(|entry| phases.into_iter().find(|phase| phase.code() == entry.about));
    known.unwrap_or(Phase::Detection)
}

fn settled(step: &'static Step, entries: &[IncidentEntry]) -> StepStanding {
    let newest = last(entries, &[Kind::StepDone, Kind::StepUndone, Kind::StepSkipped], &step.code);
    let settled = newest.filter(|entry| entry.kind != Kind::StepUndone.code()).cloned();
    StepStanding { step, settled }
}

fn answered(question: &'static Question, entries: &[IncidentEntry]) -> QuestionStanding {
    let of = |kind: Kind| entries.iter().filter(move |one| one.kind == kind.code());
    let known = of(Kind::Yes).chain(of(Kind::Maybe)).filter(|one| one.about == question.code);
    let newest = last(entries, &[Kind::Yes, Kind::Maybe, Kind::No], &question.code);
    let answer = newest.and_then(|entry| match Kind::from_code(&entry.kind)? {
        Kind::Yes => Some(Fact::Yes),
        Kind::Maybe => Some(Fact::Maybe),
        _ => Some(Fact::No),
    });
    QuestionStanding { question, answer, known_at: known.map(|one| one.happened_at).min() }
}

fn standing(
    duty: &'static Duty,
    incident: &Incident,
    questions: &[QuestionStanding],
    entries: &[IncidentEntry],
) -> DutyStanding {
    let of = |code: &String| questions.iter().find(|one| one.question.code == *code);
    let asked: Vec<&QuestionStanding> = duty.when.iter().filter_map(of).collect();
    let known = asked.iter().filter_map(|one| one.known_at).max();
    let is_longer = duty.longer.as_ref().and_then(|longer| of(&longer.when)).is_some_and(is_so);
    let days = duty.longer.as_ref().filter(|_| is_longer).map(|longer| longer.days).or(duty.days);
    let arises = asked.iter().all(|one| is_so(one));
    let deadline = arises.then(|| deadline(duty, known.unwrap_or(incident.seen_at), days)).flatten();
    let state = match last(entries, &[Kind::Reported, Kind::Waived], &duty.code) {
        Some(entry) if entry.kind == Kind::Reported.code() => DutyState::Reported(entry.clone()),
        _ if asked.iter().any(|one| one.answer == Some(Fact::No)) => DutyState::NotDue,
        Some(entry) => DutyState::Waived(entry.clone()),
        None if asked.iter().any(|one| one.answer.is_none()) => DutyState::Undecided,
        None => DutyState::Open,
    };
    DutyStanding { duty, state, deadline }
}

fn is_so(one: &QuestionStanding) -> bool {
    matches!(one.answer, Some(Fact::Yes | Fact::Maybe))
}

fn actions(entries: &[IncidentEntry]) -> Vec<ActionItem> {
    let set = entries.iter().filter(|entry| entry.kind == Kind::Action.code());
    let item = |entry: &IncidentEntry| ActionItem {
        seq: entry.seq,
        what: entry.said.clone(),
        who: entry.who.clone(),
        due: entry.due,
        done: last(entries, &[Kind::ActionDone], &entry.seq.to_string())
            .map(|done| (done.by.name.clone(), done.happened_at)),
    };
    set.map(item).collect()
}
