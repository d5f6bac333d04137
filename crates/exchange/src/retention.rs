//! Retention (保存期間): what nobody will be shown again is destroyed, by destroying its key. Reading does not wait for
//! it: the windows hold to the day whether or not this has run.

use std::collections::{BTreeMap, BTreeSet};

use access::{Viewer, for_retention};
use audit::Outcome;
use fhir::bundle::UnitKind;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use store::{Due, Ending, Fault, Heading, Item, NEVER, PersonId, Referral, ReferralState, UnitId};
use tracing::error;

use crate::filter::{day, outlived};
use crate::reduce::reduced;
use crate::referral::{DELETE, EXPIRE};
use crate::window::{day_after, last_day};
use crate::{Act, Exchange, record};

/// How many units one round looks at.
const ROUND: u32 = 512;
/// How many persons are looked at together: enough that their endings share commits, and few enough that whoever views
/// meanwhile does not wait for them.
const TOGETHER: usize = 4;
/// What stands only for being among the newest is looked at again after this.
const AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A unit that cannot be read must not hold up the others.
const AFTER_A_FAULT: SignedDuration = SignedDuration::from_hours(24);

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Units looked at.
    pub reviewed: usize,
    /// Units of which all, or all but what was extracted, was destroyed.
    pub ended: usize,
}

/// What retention would do to a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The unit.
    pub unit: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// When its time is over.
    pub since: Timestamp,
    /// How many extracted resources would be kept on; 0 if all of it goes.
    pub kept: usize,
}

/// What is to become of a unit that is due.
enum Verdict<'h> {
    /// Its time is over; these resources are still shown.
    Over(Vec<&'h Item>),
    /// Not yet.
    Later(Timestamp),
}

impl Exchange {
    /// What would go by `at`, if nothing were registered until then: in the order of time.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn retention_plan(&self, at: Timestamp) -> Result<Vec<Planned>, Fault> {
        let mut planned = Vec::new();
        let mut after: Option<Due> = None;
        loop {
            let due = self.store.due_for_review(at, after.as_ref(), ROUND).await?;
            let Some(last) = due.last().copied() else { break };
            after = Some(last);
            for (holder, units) in by_holder(due) {
                let headings = self.store.headings(&for_retention(holder)).await?;
                let gone = gone(&headings, at);
                for (due, heading) in standing(&units, &headings) {
                    if let Verdict::Over(kept) = verdict(heading, &gone, at) {
                        planned.push(Planned {
                            unit: due.unit,
                            kind: heading.kind,
                            institution: heading.institution.clone(),
                            since: due.since,
                            kept: kept.len(),
                        });
                    }
                }
            }
        }
        planned.sort_by_key(|one| (one.since, one.unit));
        Ok(planned)
    }

    /// Ends what is due, one round: all of at most some hundred persons, the longest due first. Call it again until it
    /// reviews nothing. Interrupted at any point it loses nothing and goes on where it was.
    ///
    /// # Errors
    /// On a [`Fault`] of the list itself; persons whose record cannot be read are passed over for a day.
    pub async fn end_outlived(&self, act: &Act) -> Result<Ended, Fault> {
        let due = self.store.due_for_review(act.now, None, ROUND).await?;
        let rounds = stream::iter(by_holder(due))
            .map(async |(holder, units)| match self.look_at(holder, act).await {
                Ok(round) => Ok(round),
                Err(fault @ (Fault::Stopped | Fault::Full | Fault::Busy | Fault::Unreachable(_))) => {
                    Err(fault)
                }
                Err(fault) => {
                    error!(%fault, units = units.len(), "retention passes over a person's units for a day");
                    let later = act.now + AFTER_A_FAULT;
                    self.store.review_later(units.iter().map(|due| (due.unit, later)).collect()).await?;
                    Ok(Ended { reviewed: units.len(), ended: 0 })
                }
            })
            .buffer_unordered(TOGETHER)
            .collect::<Vec<Result<Ended, Fault>>>()
            .await;
        rounds.into_iter().try_fold(Ended::default(), |sum, round| {
            let round = round?;
            Ok(Ended { reviewed: sum.reviewed + round.reviewed, ended: sum.ended + round.ended })
        })
    }

    /// Looks at whatever is due of one person, and ends what of it is over.
    async fn look_at(&self, holder: PersonId, act: &Act) -> Result<Ended, Fault> {
        let headings = self.store.headings(&for_retention(holder)).await?;
        let gone = gone(&headings, act.now);
        let (mut later, mut over, mut reviewed) = (Vec::new(), Vec::new(), 0);
        for heading in headings.iter().filter(|heading| heading.review_at <= act.now) {
            reviewed += 1;
            match verdict(heading, &gone, act.now) {
                Verdict::Later(at) => later.push((heading.id, at)),
                Verdict::Over(kept) => over.push((heading, kept)),
            }
        }
        let (referrals, others) = self.endings(holder, over, act).await?;
        self.store.review_later(later).await?;
        // A referral's end is told by an event of its own; all others of a person end with one.
        let shares = referrals.into_iter().map(|ending| vec![ending]);
        let mut ended = 0;
        for share in shares.chain([others]).filter(|share| !share.is_empty()) {
            ended += self.end(holder, share, act).await?;
        }
        Ok(Ended { reviewed, ended })
    }

    /// How units end that are over: referrals, and the others. What goes on of a document is sealed under a key of its
    /// own.
    async fn endings(
        &self,
        holder: PersonId,
        over: Vec<(&Heading, Vec<&Item>)>,
        act: &Act,
    ) -> Result<(Vec<Ending>, Vec<Ending>), Fault> {
        let resting = over.iter().filter(|(_, kept)| !kept.is_empty()).map(|(heading, _)| heading.id);
        let bodies = self.store.bodies(&for_retention(holder), resting.collect()).await?;
        let states = try_join_all(over.iter().map(async |(heading, _)| match heading.kind {
            UnitKind::Referral => Ok(self.store.referral(heading.id).await?.and_then(|one| end_state(&one))),
            _ => Ok::<_, Fault>(None),
        }));
        let states = states.await?;
        let (mut referrals, mut others) = (Vec::new(), Vec::new());
        for ((heading, kept), state) in over.into_iter().zip(states) {
            let ending = if kept.is_empty() {
                Ending::whole(heading.id, state)
            } else {
                let body = bodies.iter().find(|(unit, _)| *unit == heading.id);
                let reduced = body.and_then(|(_, body)| reduced(body, &heading.index, &kept));
                let (body, index) =
                    reduced.ok_or(Fault::Damaged("a document does not hold what its index names"))?;
                let next = next_look(heading, &kept, act.now);
                self.store.seal_rest(heading.id, &index, &body, next, state)?
            };
            if state.is_some() { referrals.push(ending) } else { others.push(ending) }
        }
        Ok((referrals, others))
    }

    async fn end(&self, holder: PersonId, endings: Vec<Ending>, act: &Act) -> Result<usize, Fault> {
        let hub = Viewer::hub();
        let mut event = record::event(act, audit::Act::Dispose, Outcome::Done, &hub, "retention")?;
        event.patient = Some(holder.to_string());
        event.objects = endings.iter().map(|ending| format!("Bundle/{}", ending.unit)).collect();
        self.store.end_units(holder, endings, event).await
    }
}

/// Resources that nobody will be shown again, by unit and place.
fn gone(headings: &[Heading], at: Timestamp) -> BTreeSet<(UnitId, u32)> {
    outlived(headings, day(at)).into_iter().map(|(heading, item)| (heading.id, item.span.start)).collect()
}

/// A document's time is over when it comes, and what was extracted from it goes on; anything else stands as long as
/// one of its resources is shown.
fn verdict<'h>(heading: &'h Heading, gone: &BTreeSet<(UnitId, u32)>, at: Timestamp) -> Verdict<'h> {
    if at < heading.review_at {
        return Verdict::Later(heading.review_at);
    }
    let items = heading.index.items.iter();
    let kept: Vec<&Item> = items.filter(|item| !gone.contains(&(heading.id, item.span.start))).collect();
    let is_whole_document = !heading.kind.is_collection() && !heading.is_reduced;
    if is_whole_document || kept.is_empty() {
        Verdict::Over(kept)
    } else {
        Verdict::Later(next_look(heading, &kept, at))
    }
}

/// When the last of some resources may go.
fn next_look(heading: &Heading, kept: &[&Item], now: Timestamp) -> Timestamp {
    let registered = day(heading.received_at);
    let ends = kept.iter().map(|item| last_day(item, registered).map_or(NEVER, day_after));
    ends.max().unwrap_or(now).max(now + AGAIN)
}

fn end_state(referral: &Referral) -> Option<ReferralState> {
    [EXPIRE, DELETE].into_iter().find(|step| step.from.contains(&referral.state)).map(|step| step.to)
}

fn by_holder(due: Vec<Due>) -> BTreeMap<PersonId, Vec<Due>> {
    let mut holders: BTreeMap<PersonId, Vec<Due>> = BTreeMap::new();
    for one in due {
        holders.entry(one.holder).or_default().push(one);
    }
    holders
}

/// The due units that still stand, with their headings.
fn standing<'h>(due: &[Due], headings: &'h [Heading]) -> impl Iterator<Item = (Due, &'h Heading)> {
    let due = due.to_vec();
    due.into_iter().filter_map(|due| Some((due, headings.iter().find(|heading| heading.id == due.unit)?)))
}
