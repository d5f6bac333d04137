//! What the page of an incident shows: steps, questions, duties with their clock, what is to be done, the timeline.

use guideline::{Catalogue, Phase};
use jiff::Timestamp;
use safety::Contact;
use safety::incident::{Course, DutyStanding, DutyState, Fact, Kind};
use store::IncidentEntry;

use super::incident_words::time_left;
use crate::console::frame::Frame;
use crate::console::time::minute;

/// A phase, to be looked at.
pub(super) struct Tab {
    pub(super) code: &'static str,
    pub(super) name: String,
    pub(super) is_shown: bool,
    pub(super) is_current: bool,
    /// Steps that are settled, of how many.
    pub(super) settled: usize,
    pub(super) of: usize,
}

/// A step, in plain words.
pub(super) struct StepView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) how: String,
    /// What it answers: id and words of items.
    pub(super) items: Vec<(String, String)>,
    pub(super) settled: Option<Settled>,
}

/// Who settled something, and when.
pub(super) struct Settled {
    pub(super) word: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) said: String,
    pub(super) is_late: bool,
}

/// A question that duties depend on.
pub(super) struct QuestionView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) hint: String,
    /// `yes`, `maybe`, `no`, or empty.
    pub(super) answer: &'static str,
    pub(super) known_at: String,
}

/// A duty with its clock.
pub(super) struct DutyView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) limit: String,
    pub(super) basis: String,
    pub(super) source: String,
    pub(super) state: &'static str,
    pub(super) until: String,
    pub(super) left: String,
    pub(super) is_overdue: bool,
    pub(super) settled: Option<Settled>,
    pub(super) contacts: Vec<ContactView>,
}

/// Whom to call for a duty.
pub(super) struct ContactView {
    pub(super) role: String,
    pub(super) phones: String,
    pub(super) checked: String,
}

/// What is to be done afterwards.
pub(super) struct ActionView {
    pub(super) seq: i64,
    pub(super) what: String,
    pub(super) who: String,
    pub(super) due: String,
    pub(super) done: Option<String>,
}

/// An entry of the timeline.
pub(super) struct EntryView {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) about: String,
    pub(super) said: String,
    pub(super) who: String,
    pub(super) happened_at: String,
    /// When it was written, where that is another minute.
    pub(super) written_at: String,
    pub(super) by: String,
}

pub(super) fn tabs(phases: &[Phase], course: &Course, shown: Phase, frame: &Frame) -> Vec<Tab> {
    let tab = |phase: &Phase| {
        let of = course.steps.iter().filter(|one| one.step.phase == *phase);
        Tab {
            code: phase.code(),
            name: frame.word(&format!("phase.{}", phase.code())).to_owned(),
            is_shown: *phase == shown,
            is_current: *phase == course.phase,
            settled: of.clone().filter(|one| one.settled.is_some()).count(),
            of: of.count(),
        }
    };
    phases.iter().map(tab).collect()
}

pub(super) fn step_views(course: &Course, shown: Phase, frame: &Frame) -> Vec<StepView> {
    let of = course.steps.iter().filter(|one| one.step.phase == shown);
    let item = |id: &String| {
        let item = Catalogue::shipped().item(id);
        let words = item.map(|item| if frame.is_english() { item.en.clone() } else { item.ja.clone() });
        (id.clone(), words.unwrap_or_default())
    };
    of.map(|one| StepView {
        name: frame.word(&format!("incident-step.{}", one.step.code)).to_owned(),
        how: frame.word(&format!("incident-how.{}", one.step.code)).to_owned(),
        items: one.step.items.iter().map(item).collect(),
        settled: one.settled.as_ref().map(|entry| settled(entry, false, frame)),
        code: one.step.code.clone(),
    })
    .collect()
}

fn settled(entry: &IncidentEntry, is_late: bool, frame: &Frame) -> Settled {
    Settled {
        word: frame.word(&format!("incident-kind.{}", entry.kind)).to_owned(),
        by: entry.by.name.clone(),
        at: minute(entry.happened_at),
        said: entry.said.clone(),
        is_late,
    }
}

pub(super) fn question_views(course: &Course, frame: &Frame) -> Vec<QuestionView> {
    let view = |one: &safety::incident::QuestionStanding| QuestionView {
        name: frame.word(&format!("incident-question.{}", one.question.code)).to_owned(),
        hint: frame.word(&format!("incident-question-hint.{}", one.question.code)).to_owned(),
        answer: match one.answer {
            Some(Fact::Yes) => "yes",
            Some(Fact::Maybe) => "maybe",
            Some(Fact::No) => "no",
            None => "",
        },
        known_at: one.known_at.map(minute).unwrap_or_default(),
        code: one.question.code.clone(),
    };
    course.questions.iter().map(view).collect()
}

/// The duties: what is open first, the one that ends first at the top.
pub(super) fn duty_views(
    course: &Course,
    contacts: &[Contact],
    now: Timestamp,
    frame: &Frame,
) -> Vec<DutyView> {
    let mut ordered: Vec<&DutyStanding> = course.duties.iter().collect();
    ordered.sort_by_key(|one| (place(&one.state), one.deadline.unwrap_or(Timestamp::MAX)));
    ordered.into_iter().map(|one| duty_view(one, contacts, now, frame)).collect()
}

fn place(state: &DutyState) -> u8 {
    match state {
        DutyState::Open => 0,
        DutyState::Undecided => 1,
        DutyState::Reported(_) | DutyState::Waived(_) => 2,
        DutyState::NotDue => 3,
    }
}

fn duty_view(one: &DutyStanding, contacts: &[Contact], now: Timestamp, frame: &Frame) -> DutyView {
    let code = &one.duty.code;
    let is_open = matches!(one.state, DutyState::Open);
    let entry = match &one.state {
        DutyState::Reported(entry) | DutyState::Waived(entry) => Some(entry),
        _ => None,
    };
    let whom = contacts.iter().filter(|contact| contact.kind == one.duty.to);
    DutyView {
        name: frame.word(&format!("incident-duty.{code}")).to_owned(),
        limit: frame.word(&format!("incident-limit.{code}")).to_owned(),
        basis: frame.word(&format!("incident-basis.{}", one.duty.basis.code())).to_owned(),
        source: one.duty.source.clone(),
        state: match one.state {
            DutyState::Undecided => "undecided",
            DutyState::NotDue => "not-due",
            DutyState::Open => "open",
            DutyState::Reported(_) => "reported",
            DutyState::Waived(_) => "waived",
        },
        until: one.deadline.map(until).unwrap_or_default(),
        left: one.deadline.filter(|_| is_open).map(|end| time_left(end, now, frame)).unwrap_or_default(),
        is_overdue: one.is_overdue(now),
        settled: entry.map(|entry| settled(entry, one.is_late(), frame)),
        contacts: whom.map(|contact| contact_view(contact, frame)).collect(),
        code: code.clone(),
    }
}

/// A deadline at midnight is told as the end of the day before.
pub(super) fn until(end: Timestamp) -> String {
    let told = minute(end);
    match told.strip_suffix(" 00:00") {
        Some(_) => minute(end - jiff::SignedDuration::from_mins(1)).replace("23:59", "24:00"),
        None => told,
    }
}

fn contact_view(contact: &Contact, frame: &Frame) -> ContactView {
    let night = match contact.night_phone.as_str() {
        "" => String::new(),
        phone => frame.fill("incident.night", "phone", phone),
    };
    let checked = match (contact.tested_on, contact.is_reached) {
        (None, _) => frame.word("incident.never-checked").to_owned(),
        (Some(day), Some(false)) => frame.fill("incident.not-reached", "day", day),
        (Some(day), _) => frame.fill("incident.checked", "day", day),
    };
    ContactView {
        role: contact.role.clone(),
        phones: format!("{} {night}", contact.phone).trim().to_owned(),
        checked,
    }
}

/// The open duty that ends first, in a line.
pub(super) fn next_duty(course: &Course, now: Timestamp, frame: &Frame) -> Option<String> {
    let open = course.duties.iter().filter(|one| matches!(one.state, DutyState::Open));
    let (end, one) = open.filter_map(|one| Some((one.deadline?, one))).min_by_key(|(end, _)| *end)?;
    let name = frame.word(&format!("incident-duty.{}", one.duty.code)).to_owned();
    course.closed_at.is_none().then(|| format!("{name} {} {}", until(end), time_left(end, now, frame)))
}

pub(super) fn action_views(course: &Course) -> Vec<ActionView> {
    let view = |one: &safety::incident::ActionItem| ActionView {
        seq: one.seq,
        what: one.what.clone(),
        who: one.who.clone(),
        due: one.due.map(|day| day.to_string()).unwrap_or_default(),
        done: one.done.as_ref().map(|(by, at)| format!("{by} {}", minute(*at))),
    };
    course.actions.iter().map(view).collect()
}

/// The timeline, newest first.
pub(super) fn entry_views(entries: &[IncidentEntry], frame: &Frame) -> Vec<EntryView> {
    let view = |entry: &IncidentEntry| {
        let (happened, written) = (minute(entry.happened_at), minute(entry.at));
        let due = entry.due.map(|day| frame.fill("incident.by-day", "day", day)).unwrap_or_default();
        EntryView {
            seq: entry.seq,
            kind: frame.word(&format!("incident-kind.{}", entry.kind)).to_owned(),
            about: about(entry, frame),
            said: entry.said.clone(),
            who: format!("{} {due}", entry.who).trim().to_owned(),
            written_at: if written == happened { String::new() } else { written },
            happened_at: happened,
            by: entry.by.name.clone(),
        }
    };
    entries.iter().rev().map(view).collect()
}

fn about(entry: &IncidentEntry, frame: &Frame) -> String {
    let of = |section: &str| frame.word(&format!("{section}.{}", entry.about)).to_owned();
    match Kind::from_code(&entry.kind) {
        Some(Kind::StepDone | Kind::StepUndone | Kind::StepSkipped) => of("incident-step"),
        Some(Kind::Yes | Kind::Maybe | Kind::No) => of("incident-question"),
        Some(Kind::Reported | Kind::Waived) => of("incident-duty"),
        Some(Kind::Phase) => of("phase"),
        Some(Kind::Correction | Kind::ActionDone) => frame.fill("incident.of-entry", "number", &entry.about),
        _ => String::new(),
    }
}
