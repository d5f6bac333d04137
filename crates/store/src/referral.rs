//! Referrals on their way, as rows; who may move them is decided above.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::unit::{SealedUnit, person, unit};
use crate::{Fault, News, NotKept, PersonId, Store, Topic, UnitId, event, outbox, person as kin};

/// Where a referral is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReferralState {
    /// 登録済（閲覧保留）: registered, and nobody has consented yet that its destination reads it.
    Registered,
    /// 閲覧可: its destination may fetch it.
    Open,
    /// 取得済: its destination has fetched it.
    Fetched,
    /// 自動消去: destroyed some days after it was fetched.
    Deleted,
    /// 取消: its sender took it back.
    Cancelled,
    /// 期限切れ: destroyed because nobody fetched it in time.
    Expired,
}

/// Whereto a new referral goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The destination's ten digits.
    pub destination: String,
    /// Who has consented that the destination reads it, if anybody: a code of [`Referral::consent`].
    pub consent: Option<&'static str>,
    /// When it expires if nobody fetches it.
    pub ends_at: Timestamp,
}

/// A referral's way so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The document's unit.
    pub unit: UnitId,
    /// Whose, as the head of their kin.
    pub person: PersonId,
    /// Who sent it.
    pub sender: String,
    /// To whom.
    pub destination: String,
    /// `Bundle.identifier.value`.
    pub identifier: String,
    /// Where it is.
    pub state: ReferralState,
    /// Who consented: `sender` (told the sender by word of mouth), `patient`, `reader` (at the destination's card
    /// reader).
    pub consent: Option<String>,
    /// When it was registered, or changed as a whole.
    pub registered_at: Timestamp,
    /// When it last moved.
    pub moved_at: Timestamp,
    /// When it ends by itself; once it has ended, when it did.
    pub ends_at: Timestamp,
}

/// A move that the store is asked to make, if the referral is where the mover believes it is.
#[derive(Clone, Debug)]
pub struct ReferralMove {
    /// The referral must be in one of these states.
    pub from: &'static [ReferralState],
    /// The state it moves to.
    pub to: ReferralState,
    /// Who consented, where the move is a consent.
    pub consent: Option<&'static str>,
    /// When it ends by itself from now on, where the move says so.
    pub ends_at: Option<Timestamp>,
    /// When what the mover has read was registered: a change meanwhile is not what they have read.
    pub read: Option<Timestamp>,
    /// What is told of it, to its sender and its destination.
    pub topic: Topic,
}

/// Which referrals are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferralsOf {
    /// Those an institution sent.
    Sender(String),
    /// Those addressed to an institution.
    Destination(String),
    /// Those of a person.
    Person(PersonId),
}

impl ReferralState {
    /// All states, in the order of the way.
    pub const ALL: [Self; 6] =
        [Self::Registered, Self::Open, Self::Fetched, Self::Deleted, Self::Cancelled, Self::Expired];

    /// The code kept in rows and shown to systems.
    pub fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Open => "open",
            Self::Fetched => "fetched",
            Self::Deleted => "deleted",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the document is gone.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Deleted | Self::Cancelled | Self::Expired)
    }
}

impl Store {
    /// The way of one referral.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn referral(&self, unit: UnitId) -> Result<Option<Referral>, Fault> {
        self.read(move |tx| find(tx, &unit)?.map(|referral| of_head(tx, referral)).transpose()).await
    }

    /// Referrals that moved at or after `since`, the latest moves last.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn referrals(
        &self,
        of: ReferralsOf,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Referral>, Fault> {
        self.read(move |tx| {
            let found = list(tx, &of, since, limit)?;
            found.into_iter().map(|referral| of_head(tx, referral)).collect()
        })
        .await
    }

    /// Moves a referral, with its event and its notice; a move to where it is already leaves its times alone.
    ///
    /// # Errors
    /// [`NotKept`] if it is elsewhere, or there is none.
    pub async fn move_referral(
        &self,
        unit: UnitId,
        step: ReferralMove,
        event: Event,
    ) -> Result<Referral, NotKept> {
        self.write(unit.bucket().number(), move |tx| advance(tx, &unit, &step, &event)).await?
    }
}

/// A changed referral starts its way anew under the same id.
pub(crate) fn insert(tx: &mut dyn Tx, sealed: &SealedUnit, address: &Address) -> Result<(), Fault> {
    let unit = sealed.id();
    let (bucket, id) = (unit.bucket().number(), unit.as_bytes());
    tx.execute("delete from referral where bucket = $1 and unit = $2", &[bucket.into(), id.into()])?;
    let state = if address.consent.is_some() { ReferralState::Open } else { ReferralState::Registered };
    let at = sealed.received_at().as_microsecond();
    tx.execute(
        "insert into referral (bucket, person, unit, sender, destination, identifier, state, consent,
            registered_at, moved_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            bucket.into(),
            sealed.person().as_bytes().into(),
            id.into(),
            sealed.institution().into(),
            address.destination.as_str().into(),
            sealed.identifier().into(),
            state.code().into(),
            address.consent.into(),
            at.into(),
            at.into(),
            address.ends_at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

/// Where a referral is; `None` if the unit is none.
pub(crate) fn state(tx: &mut dyn Tx, unit: &UnitId) -> Result<Option<ReferralState>, Fault> {
    Ok(find(tx, unit)?.map(|referral| referral.state))
}

/// The document is gone; the row stays and says why. Answers whom that concerns besides its sender.
pub(crate) fn end(
    tx: &mut dyn Tx,
    unit: &UnitId,
    state: ReferralState,
    at: Timestamp,
) -> Result<Vec<String>, Fault> {
    let Some(referral) = find(tx, unit)? else { return Ok(Vec::new()) };
    let sql = "update referral set state = $1, moved_at = $2, ends_at = $3 where bucket = $4 and unit = $5";
    let at = at.as_microsecond();
    let row =
        [state.code().into(), at.into(), at.into(), unit.bucket().number().into(), unit.as_bytes().into()];
    tx.execute(sql, &row)?;
    Ok(vec![referral.destination])
}

/// Takes back what the patient, or a card, is believed to have consented to since an instant: what is open by that and
/// was not fetched waits again.
pub(crate) fn close_opened_since(
    tx: &mut dyn Tx,
    person: &PersonId,
    since: Timestamp,
    at: Timestamp,
) -> Result<(), Fault> {
    for mut referral in of_one(tx, person, since.as_microsecond(), i64::from(u32::MAX))? {
        let is_by_patient = matches!(referral.consent.as_deref(), Some("patient" | "reader"));
        if referral.state == ReferralState::Open && is_by_patient {
            referral.state = ReferralState::Registered;
            referral.moved_at = at;
            referral.consent = None;
            update(tx, &referral)?;
        }
    }
    Ok(())
}

fn advance(
    tx: &mut dyn Tx,
    unit: &UnitId,
    step: &ReferralMove,
    event: &Event,
) -> Result<Result<Referral, NotKept>, Fault> {
    let Some(mut referral) = find(tx, unit)? else { return Ok(Err(NotKept::NotThere)) };
    let is_as_read = step.read.is_none_or(|read| read == referral.registered_at);
    if !step.from.contains(&referral.state) || !is_as_read {
        return Ok(Err(NotKept::InState(referral.state)));
    }
    event::insert(tx, referral.person.bucket(), Some(&referral.person), event)?;
    if referral.state == step.to {
        return Ok(Ok(referral));
    }
    referral.state = step.to;
    referral.moved_at = event.at;
    referral.ends_at = step.ends_at.unwrap_or(referral.ends_at);
    referral.consent = step.consent.map(str::to_owned).or(referral.consent);
    update(tx, &referral)?;
    if let Some(ends_at) = step.ends_at {
        review_at(tx, unit, ends_at)?;
    }
    let news = News {
        topic: step.topic,
        from: referral.sender.clone(),
        to: vec![referral.destination.clone()],
        person: referral.person,
        unit: Some(*unit),
    };
    outbox::enqueue(tx, &news, event)?;
    Ok(Ok(referral))
}

fn update(tx: &mut dyn Tx, referral: &Referral) -> Result<(), Fault> {
    tx.execute(
        "update referral set state = $1, moved_at = $2, ends_at = $3, consent = $4
         where bucket = $5 and unit = $6",
        &[
            referral.state.code().into(),
            referral.moved_at.as_microsecond().into(),
            referral.ends_at.as_microsecond().into(),
            referral.consent.as_deref().into(),
            referral.unit.bucket().number().into(),
            referral.unit.as_bytes().into(),
        ],
    )
    .map(drop)
}

/// What was sent along ends with the referral.
fn review_at(tx: &mut dyn Tx, unit: &UnitId, at: Timestamp) -> Result<(), Fault> {
    let (bucket, id, at) = (unit.bucket().number(), unit.as_bytes(), at.as_microsecond());
    let own = "update unit_data_key set review_at = $1 where bucket = $2 and unit = $3";
    tx.execute(own, &[at.into(), bucket.into(), id.into()])?;
    let parts = "update unit_data_key set review_at = $1 where bucket = $2 and part_of = $3";
    tx.execute(parts, &[at.into(), bucket.into(), id.into()]).map(drop)
}

fn find(tx: &mut dyn Tx, unit: &UnitId) -> Result<Option<Referral>, Fault> {
    let sql = "select unit, person, sender, destination, identifier, state, consent, registered_at, moved_at, ends_at
        from referral where bucket = $1 and unit = $2";
    first(tx, sql, &[unit.bucket().number().into(), unit.as_bytes().into()], parse)
}

fn list(tx: &mut dyn Tx, of: &ReferralsOf, since: Timestamp, limit: u32) -> Result<Vec<Referral>, Fault> {
    let (since, limit) = (since.as_microsecond(), i64::from(limit));
    match of {
        ReferralsOf::Sender(number) => {
            let sql = "select unit, person, sender, destination, identifier, state, consent, registered_at, moved_at, ends_at
                from referral where sender = $1 and moved_at >= $2 order by moved_at, unit limit $3";
            all(tx, sql, &[number.as_str().into(), since.into(), limit.into()], parse)
        }
        ReferralsOf::Destination(number) => {
            let sql = "select unit, person, sender, destination, identifier, state, consent, registered_at, moved_at, ends_at
                from referral where destination = $1 and moved_at >= $2 order by moved_at, unit limit $3";
            all(tx, sql, &[number.as_str().into(), since.into(), limit.into()], parse)
        }
        ReferralsOf::Person(person) => {
            let mut found = Vec::new();
            for one in kin::kin(tx, person)?.all {
                found.extend(of_one(tx, &one, since, limit)?);
            }
            found.sort_by_key(|referral: &Referral| (referral.moved_at, referral.unit));
            Ok(found)
        }
    }
}

fn of_one(tx: &mut dyn Tx, person: &PersonId, since: i64, limit: i64) -> Result<Vec<Referral>, Fault> {
    let sql = "select unit, person, sender, destination, identifier, state, consent, registered_at, moved_at, ends_at
        from referral where bucket = $1 and person = $2 and moved_at >= $3 order by moved_at, unit limit $4";
    let key = [person.bucket().number().into(), person.as_bytes().into(), since.into(), limit.into()];
    all(tx, sql, &key, parse)
}

fn of_head(tx: &mut dyn Tx, referral: Referral) -> Result<Referral, Fault> {
    Ok(Referral { person: kin::head(tx, &referral.person)?, ..referral })
}

fn parse(row: &Row<'_>) -> Result<Referral, Fault> {
    Ok(Referral {
        unit: unit(row, 0)?,
        person: person(row, 1)?,
        sender: row.text(2)?,
        destination: row.text(3)?,
        identifier: row.text(4)?,
        state: ReferralState::from_code(&row.text(5)?).ok_or(Fault::Damaged("a referral's state"))?,
        consent: row.text_or_null(6)?,
        registered_at: instant(row.int(7)?)?,
        moved_at: instant(row.int(8)?)?,
        ends_at: instant(row.int(9)?)?,
    })
}
