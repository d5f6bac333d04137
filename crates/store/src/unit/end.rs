//! How units end: the key is destroyed, and a certificate of disposal stays.

use audit::Event;
use fhir::bundle::UnitKind;
use jiff::Timestamp;

use crate::body::NEWEST_DICTIONARY;
use crate::keyring::FIRST_KEY;
use crate::referral::{self, ReferralState};
use crate::sql::{Tx, all, first, instant};
use crate::unit::read::{owner, person, unit};
use crate::unit::seal::SealedParts;
use crate::{
    Fault, Index, News, NotKept, Owner, PersonId, Store, Topic, UnitId, event, kind_from_code, outbox,
};

/// A certificate of disposal: the key of this unit was destroyed, so no copy of it, wherever it lies, opens any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposal {
    /// The unit.
    pub unit: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// SHA-256 of the bytes as registered.
    pub digest: [u8; 32],
    /// Why.
    pub reason: DisposalReason,
    /// When.
    pub at: Timestamp,
    /// The event on record for it.
    pub event: audit::EventId,
}

/// Why a unit was disposed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DisposalReason {
    /// Its sender cancelled it (取消).
    Cancelled,
    /// Its window is over (保存期間の満了).
    Retention,
}

/// How retention ends one unit.
pub struct Ending {
    /// The unit.
    pub unit: UnitId,
    /// What of it is kept on, until when it must be looked at again; nothing if all of it goes.
    pub rest: Option<Rest>,
    /// The state its referral moves to, if it is one.
    pub referral: Option<ReferralState>,
}

/// A unit that must be looked at for disposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The unit.
    pub unit: UnitId,
    /// The person under whom its rows stand.
    pub holder: PersonId,
    /// Since when it is due.
    pub since: Timestamp,
}

/// What is kept of a unit: the extracted resources, sealed under a new key.
pub struct Rest {
    parts: SealedParts,
    review_at: Timestamp,
}

impl DisposalReason {
    /// The code kept in rows and shown in lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Retention => "retention",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Cancelled, Self::Retention].into_iter().find(|reason| reason.code() == code)
    }
}

impl Ending {
    /// Everything of the unit goes.
    pub fn whole(unit: UnitId, referral: Option<ReferralState>) -> Self {
        Self { unit, rest: None, referral }
    }
}

impl Store {
    /// Cancels a unit and what was sent along with it: the keys are destroyed, the certificates and the event stay.
    ///
    /// # Errors
    /// [`NotKept`] if there is none, or it is a referral in none of the `cancellable` states.
    pub async fn cancel(
        &self,
        unit: UnitId,
        cancellable: &'static [ReferralState],
        event: Event,
    ) -> Result<(), NotKept> {
        self.write(unit.bucket().number(), move |tx| cancel(tx, &unit, cancellable, &event)).await?
    }

    /// Seals what is to be kept of a unit under a key of its own.
    ///
    /// # Errors
    /// Only when the random source fails.
    pub fn seal_rest(
        &self,
        unit: UnitId,
        index: &Index,
        bytes: &[u8],
        review_at: Timestamp,
        referral: Option<ReferralState>,
    ) -> Result<Ending, Fault> {
        let rest = Rest { parts: self.seal_parts(&unit, index, bytes)?, review_at };
        Ok(Ending { unit, rest: Some(rest), referral })
    }

    /// Ends units of one person whose time is over, all in one transaction. Units that are gone meanwhile are passed
    /// over; answers how many ended.
    ///
    /// # Errors
    /// On any [`Fault`] everything stands.
    pub async fn end_units(
        &self,
        person: PersonId,
        endings: Vec<Ending>,
        event: Event,
    ) -> Result<usize, Fault> {
        self.write(person.bucket().number(), move |tx| end_units(tx, &person, &endings, &event)).await
    }

    /// Puts off the next look at a unit.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn review_later(&self, units: Vec<(UnitId, Timestamp)>) -> Result<(), Fault> {
        let Some(lane) = units.first().map(|(unit, _)| unit.bucket().number()) else { return Ok(()) };
        self.write(lane, move |tx| put_off(tx, &units)).await
    }

    /// Units that must be looked at for disposal by `until`, the longest due first, with whom their rows stand under and
    /// since when they are due; from behind `after` on.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn due_for_review(
        &self,
        until: Timestamp,
        after: Option<&Due>,
        limit: u32,
    ) -> Result<Vec<Due>, Fault> {
        let after =
            after.map_or((i64::MIN, [0; 16]), |due| (due.since.as_microsecond(), *due.unit.as_bytes()));
        self.read(move |tx| {
            let sql = "select k.unit, u.person, k.review_at from unit_data_key k
                    join unit u on u.bucket = k.bucket and u.id = k.unit
                where k.review_at <= $1 and (k.review_at > $2 or (k.review_at = $2 and k.unit > $3))
                order by k.review_at, k.unit limit $4";
            let key =
                [until.as_microsecond().into(), after.0.into(), (&after.1).into(), i64::from(limit).into()];
            all(tx, sql, &key, |row| {
                Ok(Due { unit: unit(row, 0)?, holder: person(row, 1)?, since: instant(row.int(2)?)? })
            })
        })
        .await
    }

    /// Certificates of disposal since an instant, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn disposals(&self, since: Timestamp, limit: u32) -> Result<Vec<Disposal>, Fault> {
        self.read(move |tx| {
            let sql = "select unit, kind, institution, digest, reason, at, event from disposal
                where at >= $1 order by at, unit limit $2";
            all(tx, sql, &[since.as_microsecond().into(), i64::from(limit).into()], |row| {
                Ok(Disposal {
                    unit: unit(row, 0)?,
                    kind: kind_from_code(&row.text(1)?).ok_or(Fault::Damaged("a unit's kind"))?,
                    institution: row.text(2)?,
                    digest: row.bytes(3)?.try_into().map_err(|_| Fault::Damaged("a digest"))?,
                    reason: DisposalReason::from_code(&row.text(4)?)
                        .ok_or(Fault::Damaged("a disposal's reason"))?,
                    at: instant(row.int(5)?)?,
                    event: event::id(row, 6)?,
                })
            })
        })
        .await
    }

    /// Whether a unit of this id stood here and was disposed of.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn is_disposed(&self, unit: UnitId) -> Result<bool, Fault> {
        self.read(move |tx| {
            let sql = "select at from disposal where bucket = $1 and unit = $2 limit 1";
            let key = [unit.bucket().number().into(), unit.as_bytes().into()];
            Ok(first(tx, sql, &key, |row| row.int(0))?.is_some())
        })
        .await
    }
}

/// Takes a unit and what was sent along with it out of the tables; its key with it.
pub(super) fn remove(tx: &mut dyn Tx, unit: &UnitId) -> Result<(), Fault> {
    for part in parts(tx, unit)? {
        remove_one(tx, &part)?;
    }
    remove_one(tx, unit)
}

fn cancel(
    tx: &mut dyn Tx,
    unit: &UnitId,
    cancellable: &[ReferralState],
    event: &Event,
) -> Result<Result<(), NotKept>, Fault> {
    // An attachment goes as long as its referral may.
    let state = match owner(tx, unit)? {
        None => referral::state(tx, unit)?,
        Some(Owner { part_of: Some(referral), .. }) => referral::state(tx, &referral)?,
        Some(_) => referral::state(tx, unit)?,
    };
    if let Some(state) = state.filter(|state| !cancellable.contains(state)) {
        return Ok(Err(NotKept::InState(state)));
    }
    let Some(owner) = owner(tx, unit)? else { return Ok(Err(NotKept::NotThere)) };
    for part in parts(tx, unit)? {
        certify(tx, &part, DisposalReason::Cancelled, event)?;
    }
    certify(tx, unit, DisposalReason::Cancelled, event)?;
    remove(tx, unit)?;
    event::insert(tx, owner.person.bucket(), Some(&owner.person), event)?;
    let to = referral::end(tx, unit, ReferralState::Cancelled, event.at)?;
    tell(tx, unit, &owner, Topic::Cancelled, to, event)?;
    Ok(Ok(()))
}

fn end_units(tx: &mut dyn Tx, person: &PersonId, endings: &[Ending], event: &Event) -> Result<usize, Fault> {
    let mut ended = 0;
    for ending in endings {
        let Some(owner) = owner(tx, &ending.unit)? else { continue };
        certify(tx, &ending.unit, DisposalReason::Retention, event)?;
        match &ending.rest {
            Some(rest) => reduce(tx, &ending.unit, rest)?,
            None => remove_one(tx, &ending.unit)?,
        }
        if let Some(state) = ending.referral {
            let to = referral::end(tx, &ending.unit, state, event.at)?;
            let topic =
                if state == ReferralState::Deleted { Topic::ReferralDeleted } else { Topic::ReferralExpired };
            tell(tx, &ending.unit, &owner, topic, to, event)?;
        }
        ended += 1;
    }
    if ended > 0 {
        event::insert(tx, person.bucket(), Some(person), event)?;
    }
    Ok(ended)
}

fn put_off(tx: &mut dyn Tx, units: &[(UnitId, Timestamp)]) -> Result<(), Fault> {
    for (unit, at) in units {
        let sql = "update unit_data_key set review_at = $1 where bucket = $2 and unit = $3";
        let row = [at.as_microsecond().into(), unit.bucket().number().into(), unit.as_bytes().into()];
        tx.execute(sql, &row)?;
    }
    Ok(())
}

fn tell(
    tx: &mut dyn Tx,
    unit: &UnitId,
    owner: &Owner,
    topic: Topic,
    to: Vec<String>,
    event: &Event,
) -> Result<(), Fault> {
    let news = News { topic, from: owner.institution.clone(), to, person: owner.person, unit: Some(*unit) };
    outbox::enqueue(tx, &news, event)
}

fn remove_one(tx: &mut dyn Tx, unit: &UnitId) -> Result<(), Fault> {
    let row = [unit.bucket().number().into(), unit.as_bytes().into()];
    tx.execute("delete from unit_data_key where bucket = $1 and unit = $2", &row)?;
    tx.execute("delete from unit where bucket = $1 and id = $2", &row).map(drop)
}

/// The old key is overwritten with the new one: what it opened stays closed.
fn reduce(tx: &mut dyn Tx, unit: &UnitId, rest: &Rest) -> Result<(), Fault> {
    let (bucket, id) = (unit.bucket().number(), unit.as_bytes());
    tx.execute(
        "update unit set size = $1, dictionary = $2, items = $3, body = $4 where bucket = $5 and id = $6",
        &[
            i64::try_from(rest.parts.size).unwrap_or(i64::MAX).into(),
            NEWEST_DICTIONARY.into(),
            rest.parts.items.as_slice().into(),
            rest.parts.body.as_slice().into(),
            bucket.into(),
            id.into(),
        ],
    )?;
    tx.execute(
        "update unit_data_key set keyring_key = $1, wrapped = $2, is_reduced = 1, review_at = $3
         where bucket = $4 and unit = $5",
        &[
            FIRST_KEY.into(),
            rest.parts.wrapped.as_slice().into(),
            rest.review_at.as_microsecond().into(),
            bucket.into(),
            id.into(),
        ],
    )
    .map(drop)
}

fn parts(tx: &mut dyn Tx, referral: &UnitId) -> Result<Vec<UnitId>, Fault> {
    let sql = "select unit from unit_data_key where bucket = $1 and part_of = $2";
    all(tx, sql, &[referral.bucket().number().into(), referral.as_bytes().into()], |row| unit(row, 0))
}

fn certify(tx: &mut dyn Tx, unit: &UnitId, reason: DisposalReason, event: &Event) -> Result<(), Fault> {
    let sql = "select institution, kind, digest from unit where bucket = $1 and id = $2";
    let key = [unit.bucket().number().into(), unit.as_bytes().into()];
    let row = first(tx, sql, &key, |row| Ok((row.text(0)?, row.text(1)?, row.bytes(2)?)))?;
    let Some((institution, kind, digest)) = row else { return Ok(()) };
    tx.execute(
        "insert into disposal (bucket, unit, event, kind, institution, digest, reason, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            unit.bucket().number().into(),
            unit.as_bytes().into(),
            event.id.as_bytes().into(),
            kind.as_str().into(),
            institution.as_str().into(),
            digest.as_slice().into(),
            reason.code().into(),
            event.at.as_microsecond().into(),
        ],
    )
    .map(drop)
}
