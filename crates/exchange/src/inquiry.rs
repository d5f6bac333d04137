//! 問い合わせ: a patient asks why somebody looked at their record, and is answered within a term.

use std::sync::LazyLock;

use access::{Viewer, may_answer, may_ask, may_list_inquiries};
use audit::{Event, EventId, Outcome};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::Deserialize;
use store::{Answer, Asking, Fault, Holder, Inquiry, PersonId, new_event_id};

use crate::{Act, Exchange, NotGranted, record};

/// An inquiry with the look it is about.
#[derive(Debug)]
pub struct Inquired {
    /// What was asked.
    pub inquiry: Inquiry,
    /// The look.
    pub look: Option<Event>,
    /// Whether the viewer may answer it.
    pub can_answer: bool,
}

/// The numbers of `rules/inquiries.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    answer_days: i64,
    asked_a_day: usize,
    longest_question: usize,
    longest_answer: usize,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../rules/inquiries.toml"))
        .expect("rules/inquiries.toml is compiled in and a test of this file reads it")
});

/// How many characters a patient may write.
pub fn longest_question() -> usize {
    RULES.longest_question
}

/// How many characters an answer may have.
pub fn longest_answer() -> usize {
    RULES.longest_answer
}

/// Within how many days an inquiry is answered.
pub fn answer_days() -> i64 {
    RULES.answer_days
}

/// Whether this is a look that somebody else can be asked about: not one's own.
pub fn is_askable(event: &Event, viewer: &Viewer) -> bool {
    let is_look = matches!(
        event.act,
        audit::Act::View | audit::Act::Find | audit::Act::ReadRecord | audit::Act::Emergency
    );
    is_look && event.actor.id != viewer.credential
}

/// Whether a look that was asked about may be asked about again: once, when it was answered or the term is over.
pub fn may_ask_again(inquiries: &[&Inquiry], now: Timestamp) -> bool {
    let is_asked_again = inquiries.iter().any(|one| one.is_again);
    let is_over = |one: &&Inquiry| one.answer.is_some() || one.is_overdue(now);
    !is_asked_again && inquiries.iter().any(is_over)
}

impl Exchange {
    /// One look at a person's record, for whoever may ask about it, with what was asked about it already.
    ///
    /// # Errors
    /// See [`NotGranted`]; [`NotGranted::NotFound`] for what is no look at this record.
    pub async fn look_to_ask_about(
        &self,
        viewer: &Viewer,
        person: PersonId,
        look: EventId,
        act: &Act,
    ) -> Result<(Event, Vec<Inquiry>), NotGranted> {
        let person = self.store.head_of(person).await?;
        self.permitted(may_ask(viewer, person), viewer, Some(person), audit::Act::Inquiry, act).await?;
        let event = self.store.event_of(person, look).await?.ok_or(NotGranted::NotFound)?;
        if !is_askable(&event, viewer) {
            return Err(NotGranted::NotFound);
        }
        let mut asked = self.store.inquiries_of(person).await?;
        asked.retain(|one| one.look == look);
        Ok((event, asked))
    }

    /// Asks about a look at a person's record; asked again, it goes to whoever runs the hub.
    ///
    /// # Errors
    /// See [`NotGranted`]; [`NotGranted::Wrong`] says in words what is wrong with the question.
    pub async fn ask(
        &self,
        viewer: &Viewer,
        person: PersonId,
        look: EventId,
        words: &str,
        act: &Act,
    ) -> Result<(), NotGranted> {
        let person = self.store.head_of(person).await?;
        let (event, asked) = self.look_to_ask_about(viewer, person, look, act).await?;
        let rule = may_ask(viewer, person).map_err(NotGranted::Refused)?;
        let words = words.trim();
        if words.chars().count() > RULES.longest_question {
            return Err(NotGranted::Wrong("question-too-long"));
        }
        let asked: Vec<&Inquiry> = asked.iter().collect();
        if !asked.is_empty() && !may_ask_again(&asked, act.now) {
            return Err(NotGranted::Wrong("asked-already"));
        }
        let inquiry = Inquiry {
            id: new_event_id(person.bucket(), act.now).map_err(Fault::from)?,
            person,
            look,
            is_again: !asked.is_empty(),
            institution: event.actor.institution.clone(),
            looker: Holder { credential: event.actor.id.clone(), name: event.actor.name.clone() },
            asker: Holder { credential: viewer.credential.clone(), name: viewer.name.clone() },
            words: words.to_owned(),
            asked_at: act.now,
            due_at: start_of(act.today() + (RULES.answer_days + 1).days()),
            answer: None,
        };
        let mut event = record::event(act, audit::Act::Inquiry, Outcome::Done, viewer, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec!["inquiry-asked".to_owned(), format!("AuditEvent/{look}")];
        match self.store.ask_inquiry(inquiry, start_of(act.today()), RULES.asked_a_day, event).await? {
            Asking::Kept => Ok(()),
            Asking::Already => Err(NotGranted::Wrong("asked-already")),
            Asking::TooMany => Err(NotGranted::Wrong("asked-too-often")),
        }
    }

    /// What patients asked that the viewer may know of, the most pressing first.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn inquiries(&self, viewer: &Viewer, act: &Act) -> Result<Vec<Inquired>, NotGranted> {
        let institution =
            self.permitted(may_list_inquiries(viewer), viewer, None, audit::Act::Inquiry, act).await?;
        let mut event = record::event(act, audit::Act::ReadRecord, Outcome::Done, viewer, "list-inquiries")?;
        event.objects = vec!["inquiries".to_owned()];
        self.store.append(None, event).await?;
        let mut all = Vec::new();
        for inquiry in self.store.inquiries(institution).await? {
            let look = self.store.event_of(inquiry.person, inquiry.look).await?;
            let can_answer = inquiry.answer.is_none() && may_answer(viewer, &inquiry, act.now).is_ok();
            all.push(Inquired { inquiry, look, can_answer });
        }
        Ok(all)
    }

    /// Answers a patient.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn answer(
        &self,
        viewer: &Viewer,
        id: EventId,
        words: &str,
        act: &Act,
    ) -> Result<(), NotGranted> {
        let inquiry = self.store.inquiry(id).await?.ok_or(NotGranted::NotFound)?;
        let ruling = may_answer(viewer, &inquiry, act.now);
        let rule = self.permitted(ruling, viewer, Some(inquiry.person), audit::Act::Inquiry, act).await?;
        let words = words.trim();
        if words.is_empty() {
            return Err(NotGranted::Wrong("answer-missing"));
        }
        if words.chars().count() > RULES.longest_answer {
            return Err(NotGranted::Wrong("answer-too-long"));
        }
        let mut event = record::event(act, audit::Act::Inquiry, Outcome::Done, viewer, rule)?;
        event.patient = Some(inquiry.person.to_string());
        event.objects = vec!["inquiry-answered".to_owned(), format!("AuditEvent/{}", inquiry.look)];
        let by = Holder { credential: viewer.credential.clone(), name: viewer.name.clone() };
        let answer = Answer { at: act.now, by, words: words.to_owned() };
        if self.store.answer_inquiry(id, answer, event).await? {
            Ok(())
        } else {
            Err(NotGranted::Wrong("answered-already"))
        }
    }
}

/// When a day begins in Japan.
fn start_of(day: Date) -> Timestamp {
    let there = day.to_zoned(TimeZone::fixed(offset(9)));
    there.map_or(Timestamp::MAX, |there| there.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_inquiries_reads() {
        assert!(RULES.answer_days > 0 && RULES.asked_a_day > 0);
    }
}
