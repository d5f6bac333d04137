//! What people do about alerts: answer them, and say whom they watch over.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use store::{Alert, AlertAnswer, Fault, Holder, PersonId, Watched};

use super::rules::{AlertRule, alert_rules};
use super::trail::threshold;
use crate::Identity;

/// Fewest and most characters of a note.
const NOTE: std::ops::RangeInclusive<usize> = 7..=1000;

/// Why an alert was not answered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoNote {
    /// The note is too short or too long.
    #[error("a note has 7 to 1000 characters")]
    Note,
    /// Somebody has answered it.
    #[error("somebody has answered it")]
    NotThere,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why a threshold was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BadThreshold {
    /// No rule of this code has a threshold of an institution's own, or it is outside what the table allows.
    #[error("no such threshold can be set")]
    Range,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Whether an alert is about its reader: it is never shown to them. One person may have several accounts, so the name
/// counts as well.
pub fn is_about(viewer: &Viewer, alert: &Alert) -> bool {
    let subject = &alert.oddity.subject;
    subject.credential == viewer.credential || subject.name == viewer.name
}

/// From how many on an institution is told by a rule.
pub fn threshold_of(rule: &AlertRule, institution: Option<&str>, watched: &Watched) -> i64 {
    threshold(rule, institution, watched)
}

impl Identity {
    /// Says what came of an alert (確認済).
    ///
    /// # Errors
    /// See [`NoNote`].
    pub async fn answer_alert(
        &self,
        by: &Viewer,
        rule: &str,
        alert: &Alert,
        note: &str,
        act: &Act,
    ) -> Result<(), NoNote> {
        if !NOTE.contains(&note.chars().count()) {
            return Err(NoNote::Note);
        }
        let holder = Holder { credential: by.credential.clone(), name: by.name.clone() };
        let answer = AlertAnswer { by: holder, at: act.now, note: note.to_owned() };
        let mut event = on_record(act, audit::Act::Alert, Outcome::Done, by, rule)?;
        event.objects = vec![format!("alert/{}", alert.id), "answered".to_owned()];
        if self.store.answer_alert(alert, answer, event).await? { Ok(()) } else { Err(NoNote::NotThere) }
    }

    /// Watches over a person from now on, or no longer: for an institution, or (`None`) wherever somebody looks.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn watch_over(
        &self,
        by: &Viewer,
        rule: &str,
        person: PersonId,
        institution: Option<&str>,
        is_watched: bool,
        act: &Act,
    ) -> Result<(), Fault> {
        let mut event = on_record(act, audit::Act::Alert, Outcome::Done, by, rule)?;
        let what = if is_watched { "watched" } else { "unwatched" };
        event.objects = vec![format!("Patient/{person}"), what.to_owned()];
        self.store.watch_over(person, institution.map(str::to_owned), is_watched, event).await
    }

    /// Notes which patient the holder of an account is, or (`None`) forgets it.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn holder_is(
        &self,
        by: &Viewer,
        rule: &str,
        account: &str,
        person: Option<PersonId>,
        act: &Act,
    ) -> Result<(), Fault> {
        let mut event = on_record(act, audit::Act::Alert, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{account}"), "holder-noted".to_owned()];
        self.store.holder_is(account.to_owned(), person, event).await
    }

    /// Sets from how many on an institution is told by a rule.
    ///
    /// # Errors
    /// See [`BadThreshold`].
    pub async fn keep_threshold(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        of: &str,
        threshold: i64,
        act: &Act,
    ) -> Result<(), BadThreshold> {
        let known = alert_rules().iter().find(|one| one.code == of);
        let range = known.and_then(|one| Some(one.lowest?..=one.highest?));
        if !range.is_some_and(|range| range.contains(&threshold)) {
            return Err(BadThreshold::Range);
        }
        let mut event = on_record(act, audit::Act::Alert, Outcome::Done, by, rule)?;
        event.objects = vec![format!("threshold/{of}"), threshold.to_string()];
        Ok(self.store.keep_threshold(institution.to_owned(), of.to_owned(), threshold, event).await?)
    }
}
