//! Writing a chapter, approving the whole, and what that proves.

use std::collections::BTreeMap;

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::Proof;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Evidence, Fault, Holder, PlanApproval, PlanChapter};

use super::{Plan, chapters, versions_of};
use crate::Safety;
use crate::checks::evidence;

/// The control that an approved plan proves.
const CONTROL: &str = "bcp_document_state";
/// Where its evidence comes from.
const SOURCE: &str = "plan";
/// Fewest and most characters of a chapter.
const WORDS: std::ops::RangeInclusive<usize> = 2..=20_000;
/// It is looked at again within a year.
const REVIEWED_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Why a chapter was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotWrittenDown {
    /// There is no such chapter.
    #[error("there is no such chapter")]
    Chapter,
    /// A chapter has 2 to 20,000 readable characters.
    #[error("a chapter has 2 to 20,000 characters")]
    Words,
    /// Somebody else wrote meanwhile: this is what stands now.
    #[error("somebody wrote meanwhile")]
    Meanwhile(Box<PlanChapter>),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why the whole was not approved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotApproved {
    /// Whoever wrote of it cannot approve it.
    #[error("somebody else must approve it")]
    FourEyes,
    /// These chapters nobody has written.
    #[error("chapters are missing")]
    Missing(Vec<&'static str>),
    /// The day by which it is looked at again lies after today, and within a year.
    #[error("it is looked at again within a year")]
    Review,
    /// It is not what they had before them any more.
    #[error("somebody wrote meanwhile")]
    Meanwhile,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Safety {
    /// Keeps what a chapter is to say, as the version after the one that was `seen` (0: none).
    ///
    /// # Errors
    /// See [`NotWrittenDown`].
    pub async fn keep_chapter(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        (chapter, seen): (&str, i64),
        words: &str,
        act: &Act,
    ) -> Result<(), NotWrittenDown> {
        if !chapters().iter().any(|one| one.code == chapter) {
            return Err(NotWrittenDown::Chapter);
        }
        let words = words.trim().replace("\r\n", "\n");
        let is_readable = words.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
        if !is_readable || !WORDS.contains(&words.chars().count()) {
            return Err(NotWrittenDown::Words);
        }
        let kept = PlanChapter {
            chapter: chapter.to_owned(),
            version: seen.saturating_add(1),
            words,
            at: act.now,
            by: holder(by),
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("bcp/{chapter}"), format!("version/{}", kept.version)];
        match self.store.keep_plan_chapter(institution.to_owned(), kept, event).await? {
            None => Ok(()),
            Some(theirs) => Err(NotWrittenDown::Meanwhile(Box::new(theirs))),
        }
    }

    /// Approves the plan as it stands, if it is what they had before them (`seen`), until a day by which it must be looked at
    /// again.
    ///
    /// # Errors
    /// See [`NotApproved`].
    pub async fn approve_plan(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        seen: &BTreeMap<String, i64>,
        review_on: Date,
        act: &Act,
    ) -> Result<(), NotApproved> {
        let plan = self.plan(institution).await?;
        let missing = plan.missing();
        if !missing.is_empty() {
            return Err(NotApproved::Missing(missing));
        }
        if plan.standing() != *seen {
            return Err(NotApproved::Meanwhile);
        }
        if plan.is_by(by) {
            return Err(NotApproved::FourEyes);
        }
        let today = act.today();
        if review_on <= today || review_on > today.saturating_add(REVIEWED_WITHIN) {
            return Err(NotApproved::Review);
        }
        let approval = PlanApproval {
            version: plan.approved().map_or(1, |newest| newest.version + 1),
            chapters: json!(seen).to_string(),
            review_on,
            at: act.now,
            by: holder(by),
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects =
            vec!["bcp".to_owned(), "approved".to_owned(), format!("version/{}", approval.version)];
        let chapters = seen.iter().map(|(code, version)| (code.clone(), *version)).collect();
        if !self.store.approve_plan(institution.to_owned(), approval, chapters, event).await? {
            return Err(NotApproved::Meanwhile);
        }
        if let Some(kept) = self.read_plan(institution, by, act).await? {
            let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
            event.objects = vec![format!("evidence/{CONTROL}"), institution.to_owned()];
            self.store.keep_evidence(vec![kept], event).await?;
        }
        Ok(())
    }

    /// What the plan proves. One that nobody approved proves nothing: the institution may keep its plan elsewhere, in the
    /// register of documents.
    pub(crate) async fn read_plan(
        &self,
        institution: &str,
        by: &Viewer,
        act: &Act,
    ) -> Result<Option<Evidence>, Fault> {
        let plan = self.plan(institution).await?;
        let Some(approval) = plan.approved() else { return Ok(None) };
        let holds = holds(&plan, approval, act.today());
        let measured = json!({
            "plan_version": approval.version,
            "approved_by": approval.by.name,
            "review_on": approval.review_on.to_string(),
            "chapters_written": versions_of(approval).len(),
            "chapters_changed": chapters().iter().filter(|one| plan.is_changed(&one.code)).count(),
        });
        let mut kept = evidence(
            institution,
            SOURCE,
            Proof::Document,
            (CONTROL, holds, measured.to_string()),
            by,
            act.now,
            act,
        )?;
        if let Some(end) = end_of(approval.review_on).filter(|end| *end > act.now) {
            kept.holds_until = kept.holds_until.min(end);
        }
        Ok(Some(kept))
    }
}

/// Whether it need not be looked at yet, and holds every chapter there must be.
fn holds(plan: &Plan, approval: &PlanApproval, today: Date) -> bool {
    let is_whole = chapters().iter().all(|one| plan.approved_text(approval, &one.code).is_some());
    plan.is_in_time(today) && is_whole
}

fn end_of(day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(TimeZone::fixed(offset(9))).ok()?;
    Some(next.timestamp())
}

fn holder(by: &Viewer) -> Holder {
    Holder { credential: by.credential.clone(), name: by.name.clone() }
}
