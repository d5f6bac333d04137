//! Where an item stands, from evidence, a person's answer, and the time.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::item::{Item, Proof};

/// 証拠: that a control held or failed at a time, and until when that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The control, by id.
    pub control: String,
    /// What it speaks for: `hub`, an institution's number, one system that reports. Where several speak, all must hold.
    pub scope: String,
    /// How it came about.
    pub kind: Proof,
    /// What was found.
    pub verdict: Verdict,
    /// When it was true.
    pub true_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// From when on it counts no more.
    pub holds_until: Timestamp,
}

/// What was found of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
}

impl Verdict {
    /// Its code in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Holds, Self::Fails].into_iter().find(|one| one.code() == code)
    }
}

/// What a person answered an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// はい, by a paper or by their word. It answers only items whose proof is that.
    Yes,
    /// いいえ, with the day by which it shall be yes.
    No {
        /// The day.
        target: Date,
    },
    /// 対象外, because.
    NotApplicable {
        /// The reason.
        reason: String,
    },
}

/// An answer with its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// What it rests on: [`Proof::Document`] or [`Proof::Attest`].
    pub kind: Proof,
    /// When it was given.
    pub at: Timestamp,
    /// From when on はい and 対象外 count no more; a no waits for another answer.
    pub holds_until: Timestamp,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// はい: everything that proves it holds.
    Yes {
        /// How it is proved: the weakest of what it rests on.
        by: Proof,
        /// From when on all of that was true.
        since: Timestamp,
        /// When the first of it ends.
        until: Timestamp,
    },
    /// いいえ: something fails, or a person says so.
    No {
        /// The day by which it shall be yes, where a person set one.
        target: Option<Date>,
        /// The controls that fail; none where only a person said so.
        failing: Vec<String>,
    },
    /// 対象外: a person said so, with a reason.
    NotApplicable {
        /// The reason.
        reason: String,
    },
    /// 未確認: nobody knows.
    Unconfirmed {
        /// Why not.
        why: Why,
    },
}

impl Standing {
    /// Its code, with words in `locale/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Yes { .. } => "yes",
            Self::No { .. } => "no",
            Self::NotApplicable { .. } => "not-applicable",
            Self::Unconfirmed { .. } => "unconfirmed",
        }
    }
}

/// Why nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was ever shown.
    Never,
    /// What was shown counts no more, since then.
    Stale(Timestamp),
    /// A part is proved, another part never was.
    Partial,
}

impl Why {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Stale(_) => "stale",
            Self::Partial => "partial",
        }
    }
}

/// Where an item stands at `now`.
///
/// A control that freshly fails makes it a no, whatever anybody answered. What a person says is not applicable, or
/// not yet so, is believed. A paper or a word proves an item of that kind by itself; any other is proved by all its
/// controls. What is stale proves nothing, and neither does what is dated later than now.
pub fn standing(item: &Item, evidence: &[Proved], answered: Option<&Answered>, now: Timestamp) -> Standing {
    let latest = latest(item, evidence, now);
    let answered = answered.filter(|one| one.at <= now);
    let failing = failing(&latest, now);
    let target = match answered.map(|one| &one.answer) {
        Some(Answer::No { target }) => Some(*target),
        _ => None,
    };
    if target.is_some() || !failing.is_empty() {
        return Standing::No { target, failing };
    }
    match answered {
        Some(Answered { answer: Answer::NotApplicable { reason }, holds_until, .. })
            if *holds_until > now =>
        {
            Standing::NotApplicable { reason: reason.clone() }
        }
        _ if item.proof >= Proof::Document => by_word(answered, now),
        _ => by_controls(item, &latest, now),
    }
}

/// Of each control and scope the latest evidence that is not of the future.
fn latest<'a>(item: &Item, evidence: &'a [Proved], now: Timestamp) -> Vec<&'a Proved> {
    let mut latest: Vec<&Proved> = Vec::new();
    for one in evidence.iter().filter(|one| item.controls.contains(&one.control) && one.true_at <= now) {
        match latest.iter_mut().find(|known| known.control == one.control && known.scope == one.scope) {
            Some(known) if order(known) < order(one) => *known = one,
            Some(_) => {}
            None => latest.push(one),
        }
    }
    latest
}

/// Later is later; of the same moment a failure counts, then what ends first, then what is weaker.
fn order(one: &Proved) -> (Timestamp, Timestamp, bool, Reverse<Timestamp>, Proof) {
    (one.true_at, one.received_at, one.verdict == Verdict::Fails, Reverse(one.holds_until), one.kind)
}

fn failing(latest: &[&Proved], now: Timestamp) -> Vec<String> {
    let fails = latest.iter().filter(|one| one.verdict == Verdict::Fails && one.holds_until > now);
    let mut controls: Vec<String> = fails.map(|one| one.control.clone()).collect();
    controls.sort();
    controls.dedup();
    controls
}

fn by_word(answered: Option<&Answered>, now: Timestamp) -> Standing {
    match answered {
        Some(Answered { answer: Answer::Yes, kind, at, holds_until }) if *holds_until > now => {
            Standing::Yes { by: *kind, since: *at, until: *holds_until }
        }
        Some(past) => Standing::Unconfirmed { why: Why::Stale(past.holds_until) },
        None => Standing::Unconfirmed { why: Why::Never },
    }
}

fn by_controls(item: &Item, latest: &[&Proved], now: Timestamp) -> Standing {
    let unknown = |why| Standing::Unconfirmed { why };
    if let Some(ended) = latest.iter().map(|one| one.holds_until).filter(|until| *until <= now).min() {
        return unknown(Why::Stale(ended));
    }
    if !item.controls.iter().all(|id| latest.iter().any(|one| &one.control == id)) {
        return unknown(if latest.is_empty() { Why::Never } else { Why::Partial });
    }
    let by = latest.iter().map(|one| one.kind).max();
    let since = latest.iter().map(|one| one.true_at).max();
    let until = latest.iter().map(|one| one.holds_until).min();
    match (by, since, until) {
        (Some(by), Some(since), Some(until)) => Standing::Yes { by, since, until },
        _ => unknown(Why::Never),
    }
}
