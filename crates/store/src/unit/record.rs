//! Writing units: a unit, its event and its notice in one transaction.

use audit::Event;
use jiff::Timestamp;

use crate::body::NEWEST_DICTIONARY;
use crate::keyring::FIRST_KEY;
use crate::referral::{self, ReferralState};
use crate::sql::Tx;
use crate::unit::end::remove;
use crate::unit::read::{Stands, under_key};
use crate::unit::seal::SealedUnit;
use crate::{
    Fault, News, NotKept, Receipt, Standing, Store, Topic, UnitId, demographic, event, kind_code, outbox,
};

impl Store {
    /// Keeps a unit, its event and its notice in one durable transaction.
    ///
    /// A collection under the same key (person's number, identifier) is replaced as a whole; a document only by a
    /// change ([`crate::Admitted::replacing`]), and a referral only in one of the `changeable` states. The same bytes
    /// again leave everything as it is and answer the first receipt.
    ///
    /// # Errors
    /// [`NotKept`]: nothing is kept, or (`Unreachable`) sending again settles it.
    pub async fn record(
        &self,
        unit: SealedUnit,
        changeable: &'static [ReferralState],
        event: Event,
    ) -> Result<Receipt, NotKept> {
        let bucket = unit.person.bucket().number();
        self.write(bucket, move |tx| record(tx, &unit, changeable, &event)).await?
    }
}

fn record(
    tx: &mut dyn Tx,
    unit: &SealedUnit,
    changeable: &[ReferralState],
    event: &Event,
) -> Result<Result<Receipt, NotKept>, Fault> {
    let stands = under_key(tx, &unit.person, &unit.member, &unit.identifier)?;
    if let Some(same) = stands.as_ref().filter(|stands| stands.digest == unit.digest && !stands.is_reduced) {
        event::insert(tx, unit.person.bucket(), Some(&unit.person), event)?;
        return Ok(Ok(receipt(unit, same.unit, same.received_at, same.event, Standing::Repeated)));
    }
    if let Some(refused) = refusal(tx, unit, stands.as_ref(), changeable)? {
        return Ok(Err(refused));
    }
    if let Some(old) = &stands {
        remove(tx, &old.unit)?;
    }
    insert(tx, unit, event)?;
    if let Some(told) = &unit.demographics {
        demographic::note(tx, &unit.person, told)?;
    }
    if let Some(address) = &unit.address {
        referral::insert(tx, unit, address)?;
    }
    event::insert(tx, unit.person.bucket(), Some(&unit.person), event)?;
    for news in news(unit) {
        outbox::enqueue(tx, &news, event)?;
    }
    let standing = if stands.is_some() { Standing::Replaced } else { Standing::New };
    Ok(Ok(receipt(unit, unit.id, unit.received_at, event.id, standing)))
}

/// Why a unit that is not the one that stands cannot be kept.
fn refusal(
    tx: &mut dyn Tx,
    unit: &SealedUnit,
    stands: Option<&Stands>,
    changeable: &[ReferralState],
) -> Result<Option<NotKept>, Fault> {
    let movable = |state: Option<ReferralState>| match state {
        Some(state) if !changeable.contains(&state) => Some(NotKept::InState(state)),
        _ => None,
    };
    if let Some(referral) = &unit.part_of {
        // Sending along is possible only while the referral stands and nobody has fetched it.
        let state = referral::state(tx, referral)?;
        if state.is_none() || movable(state).is_some() {
            return Ok(Some(movable(state).unwrap_or(NotKept::NotThere)));
        }
    }
    Ok(match stands {
        // A document's place is taken by its own kind alone: a referral's way would lead to something else.
        Some(stands) if stands.kind != unit.kind && !stands.kind.is_collection() => {
            Some(NotKept::Stands(stands.unit))
        }
        Some(stands) if unit.is_change && stands.unit == unit.id => movable(referral::state(tx, &unit.id)?),
        // Of a document whose time is over only what was extracted is left: it may be registered anew.
        Some(stands) if stands.is_reduced && !unit.is_change => None,
        Some(stands) if unit.is_change || !unit.kind.is_collection() => Some(NotKept::Stands(stands.unit)),
        None if unit.is_change => Some(NotKept::NotThere),
        _ => None,
    })
}

/// What is told of it; a referral that may be read is told to its destination.
fn news(unit: &SealedUnit) -> Vec<News> {
    let about = |topic, to| News {
        topic,
        from: unit.institution.clone(),
        to,
        person: unit.person,
        unit: Some(unit.id),
    };
    let topic = if unit.is_change { Topic::Changed } else { Topic::Registered };
    let open = unit.address.iter().filter(|address| address.consent.is_some());
    let open = open.map(|address| about(Topic::ReferralOpen, vec![address.destination.clone()]));
    [about(topic, Vec::new())].into_iter().chain(open).collect()
}

fn receipt(
    unit: &SealedUnit,
    id: UnitId,
    received_at: Timestamp,
    event: audit::EventId,
    standing: Standing,
) -> Receipt {
    Receipt { unit: id, person: unit.person, received_at, event, digest: unit.digest, standing }
}

fn insert(tx: &mut dyn Tx, unit: &SealedUnit, event: &Event) -> Result<(), Fault> {
    let bucket = unit.person.bucket().number();
    let (system, value) = &unit.identifier;
    tx.execute(
        "insert into unit (bucket, person, id, member, identifier_system, identifier, kind, institution,
            received_at, event, digest, size, dictionary, items, body)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &[
            bucket.into(),
            unit.person.as_bytes().into(),
            unit.id.as_bytes().into(),
            (&unit.member).into(),
            system.as_str().into(),
            value.as_str().into(),
            kind_code(unit.kind).into(),
            unit.institution.as_str().into(),
            unit.received_at.as_microsecond().into(),
            event.id.as_bytes().into(),
            (&unit.digest).into(),
            i64::try_from(unit.parts.size).unwrap_or(i64::MAX).into(),
            NEWEST_DICTIONARY.into(),
            unit.parts.items.as_slice().into(),
            unit.parts.body.as_slice().into(),
        ],
    )?;
    tx.execute(
        "insert into unit_data_key (bucket, unit, keyring_key, wrapped, part_of, review_at)
         values ($1, $2, $3, $4, $5, $6)",
        &[
            bucket.into(),
            unit.id.as_bytes().into(),
            FIRST_KEY.into(),
            unit.parts.wrapped.as_slice().into(),
            unit.part_of.as_ref().map(|unit| unit.as_bytes()).into(),
            unit.review_at.as_microsecond().into(),
        ],
    )
    .map(drop)
}
