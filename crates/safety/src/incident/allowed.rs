//! What can be written into a timeline as things stand, and in which words and times.

use access::Act;
use guideline::Phase;
use jiff::SignedDuration;
use jiff::civil::Date;
use store::{Incident, IncidentEntry};

use super::acts::{Deed, Happened, NotWritten, Wrong};
use super::course::{Course, Fact, Kind};
use super::rules::{duties, questions, steps};

/// Fewest and most characters of a name.
pub(super) const TITLE: std::ops::RangeInclusive<usize> = 2..=80;
/// Fewest and most characters of what is said.
pub(super) const SAID: std::ops::RangeInclusive<usize> = 2..=4000;
/// What is to be done afterwards is due at most so many days ahead.
const FARTHEST_DUE_DAYS: i64 = 366 * 5;

/// What a deed becomes as an entry, before who and when.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) about: String,
    pub(super) who: String,
    pub(super) due: Option<Date>,
}

impl Draft {
    fn of(kind: Kind, about: impl Into<String>) -> Self {
        Self { kind, about: about.into(), who: String::new(), due: None }
    }
}

/// The entry a deed becomes, where it can be done as things stand.
pub(super) fn allowed(
    deed: &Deed,
    entries: &[IncidentEntry],
    course: &Course,
    act: &Act,
) -> Result<Draft, NotWritten> {
    if course.closed_at.is_some() && !matches!(deed, Deed::Correct(_) | Deed::Finish(_)) {
        return Err(NotWritten::Closed);
    }
    let known = |is_known: bool, draft: Draft| is_known.then_some(draft).ok_or(WHAT);
    let step = |code: &String| course.steps.iter().find(|one| one.step.code == *code);
    let is_duty = |code: &String| duties().iter().any(|one| one.code == *code);
    match deed {
        Deed::Note => Ok(Draft::of(Kind::Note, "")),
        Deed::Correct(of) => {
            let is_known = entries.iter().any(|entry| entry.seq == *of);
            known(is_known, Draft::of(Kind::Correction, of.to_string()))
        }
        Deed::Do(code) => {
            let is_open = step(code).is_some_and(|one| one.settled.is_none());
            known(is_open, Draft::of(Kind::StepDone, code))
        }
        Deed::Undo(code) => {
            let is_settled = step(code).is_some_and(|one| one.settled.is_some());
            known(is_settled, Draft::of(Kind::StepUndone, code))
        }
        Deed::Skip(code) => {
            let is_known = steps().iter().any(|one| one.code == *code);
            known(is_known, Draft::of(Kind::StepSkipped, code))
        }
        Deed::Answer(code, fact) => {
            let is_known = questions().iter().any(|one| one.code == *code);
            let kind = match fact {
                Fact::Yes => Kind::Yes,
                Fact::Maybe => Kind::Maybe,
                Fact::No => Kind::No,
            };
            known(is_known, Draft::of(kind, code))
        }
        Deed::Report(code) => known(is_duty(code), Draft::of(Kind::Reported, code)),
        Deed::Waive(code) => known(is_duty(code), Draft::of(Kind::Waived, code)),
        Deed::MoveOn(phase) => {
            known(*phase != course.phase && *phase != Phase::Peace, Draft::of(Kind::Phase, phase.code()))
        }
        Deed::Plan(who, due) => {
            let who = said(who, &TITLE, Wrong::Who)?;
            let today = act.today();
            let farthest = today.saturating_add(SignedDuration::from_hours(24 * FARTHEST_DUE_DAYS));
            let due = due.filter(|due| (today..=farthest).contains(due));
            let due = due.ok_or(NotWritten::Wrong(Wrong::Due))?;
            Ok(Draft { kind: Kind::Action, about: String::new(), who, due: Some(due) })
        }
        Deed::Finish(of) => {
            let is_open = course.actions.iter().any(|one| one.seq == *of && one.done.is_none());
            known(is_open, Draft::of(Kind::ActionDone, of.to_string()))
        }
        Deed::Close => {
            let open = still_open(course);
            if open.is_empty() { Ok(Draft::of(Kind::Closed, "")) } else { Err(NotWritten::Open(open)) }
        }
    }
}

const WHAT: NotWritten = NotWritten::Wrong(Wrong::What);

/// Codes of what keeps an incident from being closed: duties and questions. In a drill as well, so that closing is
/// practised.
fn still_open(course: &Course) -> Vec<String> {
    let questions = course.questions.iter().filter(|one| one.answer.is_none());
    let questions = questions.map(|one| format!("incident-question.{}", one.question.code));
    let duties = course.duties.iter().filter(|one| !one.is_settled());
    questions.chain(duties.map(|one| format!("incident-duty.{}", one.duty.code))).collect()
}

/// What was said and when, where both can stand.
pub(super) fn checked(
    deed: &Deed,
    happened: &Happened,
    incident: &Incident,
    act: &Act,
) -> Result<Happened, NotWritten> {
    if happened.at > act.now {
        return Err(NotWritten::Wrong(Wrong::Future));
    }
    // What is found in a record may be older than what anybody noticed.
    let may_be_older = matches!(deed, Deed::Note | Deed::Correct(_));
    if happened.at < incident.seen_at && !may_be_older {
        return Err(NotWritten::Wrong(Wrong::BeforeSeen));
    }
    let speaks_for_itself =
        matches!(deed, Deed::Do(_) | Deed::Answer(..) | Deed::MoveOn(_) | Deed::Finish(_));
    if speaks_for_itself && happened.said.trim().is_empty() {
        return Ok(Happened { said: String::new(), at: happened.at });
    }
    Ok(Happened { said: said(&happened.said, &SAID, Wrong::Said)?, at: happened.at })
}

/// A text without space around it, with one kind of line ends, and without signs that nobody can read.
pub(super) fn said(
    text: &str,
    length: &std::ops::RangeInclusive<usize>,
    wrong: Wrong,
) -> Result<String, NotWritten> {
    let text = text.trim().replace("\r\n", "\n");
    let is_readable = text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    if is_readable && length.contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(NotWritten::Wrong(wrong))
    }
}
