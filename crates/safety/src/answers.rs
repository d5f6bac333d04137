//! Where an institution stands with each item of the guideline: what is proved, what people answered, what is unknown.

use std::collections::HashMap;

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::{Answer, Answered, Catalogue, Item, Proof, Proved, Standing, Verdict, standing};
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{Evidence, Fault, GuidelineAnswer, Holder};

use crate::{HUB, Safety};

/// What a person answered holds for a year (the yearly inspection).
const ANSWER_HOLDS: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 7..=1000;
/// A target lies at most so many days ahead.
const FARTHEST_TARGET_DAYS: i32 = 366 * 5;

/// Everything known of an institution's safety management at a time.
pub struct Overview {
    /// Each item of every edition, and where it stands.
    pub items: Vec<(&'static Item, Standing)>,
    /// The newest evidence of each source for each control: the institution's and the hub's.
    pub evidence: Vec<Evidence>,
    /// The newest answer to each item that anybody answered.
    pub answers: HashMap<String, GuidelineAnswer>,
}

/// Why an answer was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAnswered {
    /// There is no such item.
    #[error("there is no such item")]
    Item,
    /// A no needs a day that is today or later, and not more than five years ahead.
    #[error("a no needs a day")]
    Target,
    /// What it rests on, or why it does not apply, has 7 to 1000 characters.
    #[error("an answer needs a reason")]
    Reason,
    /// Somebody else answered meanwhile: this is what they said.
    #[error("somebody answered meanwhile")]
    Meanwhile(Box<GuidelineAnswer>),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What somebody answers to an item.
#[derive(Clone, Debug)]
pub struct Said {
    /// はい・いいえ・対象外.
    pub answer: Answer,
    /// What it rests on: which paper, who saw what.
    pub reason: String,
    /// The version they saw; 0 where there was none.
    pub seen: i64,
}

impl Safety {
    /// Where an institution stands with every item.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn overview(&self, institution: &str, now: Timestamp) -> Result<Overview, Fault> {
        let mut evidence = self.store.newest_evidence(institution.to_owned()).await?;
        evidence.extend(self.store.newest_evidence(HUB.to_owned()).await?);
        let answers = self.store.guideline_answers(institution.to_owned()).await?;
        let answers: HashMap<_, _> = answers.into_iter().map(|one| (one.item.clone(), one)).collect();
        let mut proved: HashMap<&str, Vec<Proved>> = HashMap::new();
        for one in &evidence {
            proved.entry(one.control.as_str()).or_default().push(as_proved(one));
        }
        let items = Catalogue::shipped().items().iter().map(|item| {
            let of = item.controls.iter().filter_map(|id| proved.get(id.as_str()));
            let of: Vec<Proved> = of.flatten().cloned().collect();
            let answered = answers.get(&item.id).and_then(|one| as_answered(item, one));
            (item, standing(item, &of, answered.as_ref(), now))
        });
        Ok(Overview { items: items.collect(), answers, evidence })
    }

    /// Keeps what somebody answers to an item.
    ///
    /// # Errors
    /// See [`NotAnswered`]; nothing is kept then.
    pub async fn answer(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        item: &str,
        said: &Said,
        act: &Act,
    ) -> Result<(), NotAnswered> {
        let item = Catalogue::shipped().item(item).ok_or(NotAnswered::Item)?;
        if !REASON.contains(&said.reason.trim().chars().count()) {
            return Err(NotAnswered::Reason);
        }
        let (answer, target) = match &said.answer {
            Answer::Yes => ("yes", None),
            Answer::NotApplicable { .. } => ("not-applicable", None),
            Answer::No { target } => ("no", Some(*target)),
        };
        let farthest = act.today().saturating_add(FARTHEST_TARGET_DAYS.days());
        if target.is_some_and(|target| target < act.today() || target > farthest) {
            return Err(NotAnswered::Target);
        }
        let kept = GuidelineAnswer {
            scope: institution.to_owned(),
            item: item.id.clone(),
            version: said.seen + 1,
            answer: answer.to_owned(),
            target,
            reason: Some(said.reason.trim().to_owned()),
            by: Holder { credential: by.credential.clone(), name: by.name.clone() },
            at: act.now,
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("guideline/{}", item.id), answer.to_owned()];
        match self.store.answer_item(kept, said.seen, event).await? {
            None => Ok(()),
            Some(theirs) => Err(NotAnswered::Meanwhile(Box::new(theirs))),
        }
    }
}

/// Each source speaks for itself: where several know something of a control, all must hold.
fn as_proved(one: &Evidence) -> Proved {
    Proved {
        control: one.control.clone(),
        scope: format!("{}/{}", one.scope, one.source),
        kind: Proof::from_code(&one.kind).unwrap_or(Proof::Attest),
        verdict: if one.holds { Verdict::Holds } else { Verdict::Fails },
        true_at: one.true_at,
        received_at: one.received_at,
        holds_until: one.holds_until,
    }
}

fn as_answered(item: &Item, kept: &GuidelineAnswer) -> Option<Answered> {
    let answer = match (kept.answer.as_str(), kept.target) {
        ("yes", _) => Answer::Yes,
        ("not-applicable", _) => Answer::NotApplicable { reason: kept.reason.clone().unwrap_or_default() },
        ("no", Some(target)) => Answer::No { target },
        _ => return None,
    };
    let kind = if item.proof == Proof::Document { Proof::Document } else { Proof::Attest };
    Some(Answered { answer, kind, at: kept.at, holds_until: kept.at + ANSWER_HOLDS })
}
