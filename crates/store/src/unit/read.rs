//! Reading units: headings and bodies take a [`Permit`].

use fhir::bundle::UnitKind;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::unit::seal::{SealedBody, SealedHeading};
use crate::{Fault, Heading, Index, Owner, Permit, PersonId, Reach, Store, UnitId, kind_from_code};
use crate::{event, person as kin};

impl Store {
    /// The headings of all units that a permit opens, the oldest registration first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn headings(&self, permit: &Permit) -> Result<Vec<Heading>, Fault> {
        let opened = permit.clone();
        let rows = self
            .read(move |tx| {
                let mut rows = Vec::new();
                for one in whose(tx, &opened)? {
                    rows.extend(sealed_headings(tx, &one)?);
                }
                rows.sort_by_key(|row| row.heading.received_at);
                Ok(rows)
            })
            .await?;
        let permitted = rows.into_iter().filter(|row| opens(permit, &row.heading));
        let headings = permitted.map(|row| self.open_heading(row));
        headings.filter(|heading| heading.as_ref().map_or(true, |one| opens_number(permit, one))).collect()
    }

    /// The bodies of units, exactly as they were registered, in the order asked for. Units that are gone, or that
    /// the permit does not open, are left out.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn bodies(&self, permit: &Permit, units: Vec<UnitId>) -> Result<Vec<(UnitId, Vec<u8>)>, Fault> {
        let units = match permit.reach() {
            // Under whose number a report stands is known from its sealed index alone.
            Reach::CheckupsUnder(_) => {
                let permitted = self.headings(permit).await?;
                let is_open = |unit: &UnitId| permitted.iter().any(|heading| heading.id == *unit);
                units.into_iter().filter(is_open).collect()
            }
            _ => units,
        };
        let opened = permit.clone();
        let rows = self
            .read(move |tx| {
                let mut rows = Vec::new();
                for one in whose(tx, &opened)? {
                    for unit in units.iter().filter(|unit| unit.bucket() == one.bucket()) {
                        rows.extend(sealed_body(tx, &one, unit)?);
                    }
                }
                rows.sort_by_key(|row| units.iter().position(|unit| *unit == row.heading.id));
                Ok(rows)
            })
            .await?;
        let permitted = rows.into_iter().filter(|row| opens(permit, &row.heading));
        permitted.map(|row| Ok((row.heading.id, self.open_body(row)?))).collect()
    }

    /// Whose unit it is (the head of their kin) and who registered it: what must be known before one may decide.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn owner(&self, unit: UnitId) -> Result<Option<Owner>, Fault> {
        self.read(move |tx| {
            let found = owner(tx, &unit)?;
            found.map(|owner| Ok(Owner { person: kin::head(tx, &owner.person)?, ..owner })).transpose()
        })
        .await
    }

    /// What was sent along with a referral: ids and kinds, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn parts_of(&self, referral: UnitId) -> Result<Vec<(UnitId, UnitKind)>, Fault> {
        self.read(move |tx| {
            let sql = "select u.id, u.kind from unit_data_key k join unit u on u.bucket = k.bucket and u.id = k.unit
                where k.bucket = $1 and k.part_of = $2 order by u.received_at, u.id";
            let key = [referral.bucket().number().into(), referral.as_bytes().into()];
            all(tx, sql, &key, |row| Ok((unit(row, 0)?, kind(row, 1)?)))
        })
        .await
    }

    /// The unit under a key: its person's number as sent, and its identifier.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn unit_by_key(
        &self,
        member_id: &str,
        identifier: (&str, &str),
    ) -> Result<Option<UnitId>, Fault> {
        let Some(person) = self.holder_of(member_id).await? else { return Ok(None) };
        let member = self.keyring.keyed_hash("member", member_id);
        let identifier = (identifier.0.to_owned(), identifier.1.to_owned());
        self.read(move |tx| under_key(tx, &person, &member, &identifier))
            .await
            .map(|stands| stands.map(|stands| stands.unit))
    }
}

pub(super) fn owner(tx: &mut dyn Tx, unit: &UnitId) -> Result<Option<Owner>, Fault> {
    let sql = "select u.person, u.institution, u.kind, u.received_at, k.part_of, k.is_reduced, k.review_at
        from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
        where u.bucket = $1 and u.id = $2";
    first(tx, sql, &[unit.bucket().number().into(), unit.as_bytes().into()], |row| {
        let holder = person(row, 0)?;
        Ok(Owner {
            person: holder,
            holder,
            institution: row.text(1)?,
            kind: kind(row, 2)?,
            received_at: instant(row.int(3)?)?,
            part_of: unit_or_null(row, 4)?,
            is_reduced: row.int(5)? == 1,
            review_at: instant(row.int(6)?)?,
        })
    })
}

/// The unit that stands under a key.
pub(super) struct Stands {
    pub(super) unit: UnitId,
    pub(super) received_at: Timestamp,
    pub(super) event: audit::EventId,
    pub(super) digest: [u8; 32],
    pub(super) kind: UnitKind,
    pub(super) is_reduced: bool,
}

pub(super) fn under_key(
    tx: &mut dyn Tx,
    person: &PersonId,
    member: &[u8; 16],
    identifier: &(String, String),
) -> Result<Option<Stands>, Fault> {
    let sql = "select u.id, u.received_at, u.event, u.digest, k.is_reduced, u.kind
        from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
        where u.bucket = $1 and u.person = $2 and u.member = $3 and u.identifier_system = $4 and u.identifier = $5";
    let key = [
        person.bucket().number().into(),
        person.as_bytes().into(),
        member.into(),
        identifier.0.as_str().into(),
        identifier.1.as_str().into(),
    ];
    first(tx, sql, &key, |row| {
        Ok(Stands {
            unit: unit(row, 0)?,
            received_at: instant(row.int(1)?)?,
            event: event::id(row, 2)?,
            digest: row.bytes(3)?.try_into().map_err(|_| Fault::Damaged("a digest"))?,
            is_reduced: row.int(4)? == 1,
            kind: kind(row, 5)?,
        })
    })
}

fn sealed_headings(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<SealedHeading>, Fault> {
    let sql = "select u.id, u.kind, u.institution, u.identifier, u.received_at, k.part_of, k.is_reduced,
            k.review_at, u.dictionary, u.items, k.wrapped
        from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
        where u.bucket = $1 and u.person = $2";
    all(tx, sql, &[person.bucket().number().into(), person.as_bytes().into()], |row| {
        let dictionary = row.int(8)?;
        Ok(SealedHeading {
            heading: heading(row)?,
            dictionary,
            items: row.bytes(9)?,
            wrapped: row.bytes(10)?,
        })
    })
}

pub(super) fn sealed_body(
    tx: &mut dyn Tx,
    person: &PersonId,
    unit: &UnitId,
) -> Result<Option<SealedBody>, Fault> {
    let sql = "select u.id, u.kind, u.institution, u.identifier, u.received_at, k.part_of, k.is_reduced,
            k.review_at, u.dictionary, u.size, u.body, k.wrapped
        from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
        where u.bucket = $1 and u.person = $2 and u.id = $3";
    let key = [person.bucket().number().into(), person.as_bytes().into(), unit.as_bytes().into()];
    first(tx, sql, &key, |row| {
        Ok(SealedBody {
            heading: heading(row)?,
            dictionary: row.int(8)?,
            size: usize::try_from(row.int(9)?).map_err(|_| Fault::Damaged("a size"))?,
            body: row.bytes(10)?,
            wrapped: row.bytes(11)?,
        })
    })
}

/// Whose units a permit opens: those of a person and their kin. Retention looks at each person alone, for what is
/// old beside another's newer results is not old once they are parted.
fn whose(tx: &mut dyn Tx, permit: &Permit) -> Result<Vec<PersonId>, Fault> {
    match permit.reach() {
        Reach::Everything => Ok(vec![*permit.person()]),
        _ => Ok(kin::kin(tx, permit.person())?.all),
    }
}

/// The first eight columns of both queries, without the index.
fn heading(row: &Row<'_>) -> Result<Heading, Fault> {
    Ok(Heading {
        id: unit(row, 0)?,
        kind: kind(row, 1)?,
        institution: row.text(2)?,
        identifier: row.text(3)?,
        received_at: instant(row.int(4)?)?,
        part_of: unit_or_null(row, 5)?,
        is_reduced: row.int(6)? == 1,
        review_at: instant(row.int(7)?)?,
        index: Index::default(),
    })
}

fn opens(permit: &Permit, heading: &Heading) -> bool {
    match permit.reach() {
        Reach::Informations(_) | Reach::Everything => true,
        Reach::Kinds(kinds) => kinds.contains(&heading.kind) && !heading.is_reduced,
        Reach::RegisteredBy(number) => *number == heading.institution,
        Reach::CheckupsUnder(_) => heading.kind == UnitKind::CheckupReport,
        Reach::Referral(unit) => {
            (heading.id == *unit || heading.part_of == Some(*unit)) && !heading.is_reduced
        }
    }
}

fn opens_number(permit: &Permit, heading: &Heading) -> bool {
    match permit.reach() {
        Reach::CheckupsUnder(insurer) => {
            heading.index.member.split_once(':').is_some_and(|(number, _)| number == insurer)
        }
        _ => true,
    }
}

fn kind(row: &Row<'_>, column: usize) -> Result<UnitKind, Fault> {
    kind_from_code(&row.text(column)?).ok_or(Fault::Damaged("a unit's kind"))
}

pub(crate) fn person(row: &Row<'_>, column: usize) -> Result<PersonId, Fault> {
    PersonId::from_row(&row.bytes(column)?).ok_or(Fault::Damaged("a person's id"))
}

pub(crate) fn unit(row: &Row<'_>, column: usize) -> Result<UnitId, Fault> {
    UnitId::from_row(&row.bytes(column)?).ok_or(Fault::Damaged("a unit's id"))
}

fn unit_or_null(row: &Row<'_>, column: usize) -> Result<Option<UnitId>, Fault> {
    let bytes = row.bytes_or_null(column)?;
    bytes.map(|bytes| UnitId::from_row(&bytes).ok_or(Fault::Damaged("a unit's id"))).transpose()
}
