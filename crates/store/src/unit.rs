use audit::Event;
use fhir::bundle::UnitKind;
use fhir::validate::Checked;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use crate::body::{
    DataKey, NEWEST_DICTIONARY, Part, compress, compress_with_length, decompress, decompress_with_length,
};
use crate::keyring::FIRST_KEY;
use crate::sql::{Row, Tx, all, first, instant};
use crate::{
    Fault, Index, News, Permit, PersonId, Reach, Store, Topic, UnitId, event, kind_code, kind_from_code,
    outbox, person,
};

/// A checked bundle whose sender and person are established. The only thing that can be kept.
pub struct Admitted<'a> {
    checked: &'a Checked<'a>,
    person: PersonId,
    index: Index,
}

/// The sender is not the institution that the bundle names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTheSender {
    /// The institution number in `Bundle.identifier`.
    pub named: String,
}

/// An admitted bundle ready for the writer: all computing is done, only rows are left.
pub struct SealedUnit {
    id: UnitId,
    person: PersonId,
    member: [u8; 16],
    identifier: (String, String),
    kind: UnitKind,
    institution: String,
    digest: [u8; 32],
    size: usize,
    items: Vec<u8>,
    body: Vec<u8>,
    wrapped: Vec<u8>,
    received_at: Timestamp,
}

/// What the sender gets and can show later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The unit as it can be read back.
    pub unit: UnitId,
    /// Whose record it went into.
    pub person: PersonId,
    /// When it was received.
    pub received_at: Timestamp,
    /// The event on record for it.
    pub event: audit::EventId,
    /// SHA-256 of the received bytes.
    pub digest: [u8; 32],
    /// What the registering did.
    pub standing: Standing,
}

/// How a registration met what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing stood under this key.
    New,
    /// An older unit stood under this key and was replaced.
    Replaced,
    /// The same bytes stand already; the first receipt was given again.
    Repeated,
}

/// What is known of a kept unit without opening its body.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Its id.
    pub id: UnitId,
    /// Which kind of bundle it is.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// `Bundle.identifier.value`.
    pub identifier: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// What stands in it.
    pub index: Index,
}

impl<'a> Admitted<'a> {
    /// Admits a checked bundle from its sender.
    ///
    /// # Errors
    /// [`NotTheSender`] unless `sender` is the institution in `Bundle.identifier`.
    pub fn admit(
        checked: &'a Checked<'a>,
        sender: &str,
        person: PersonId,
        index: Index,
    ) -> Result<Self, NotTheSender> {
        let named = checked.bundle().institution();
        if named == sender {
            Ok(Self { checked, person, index })
        } else {
            Err(NotTheSender { named: named.to_owned() })
        }
    }
}

impl Receipt {
    /// The digest in hexadecimal.
    pub fn digest_text(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl SealedUnit {
    /// The id the unit will have if it is kept as new.
    pub fn id(&self) -> UnitId {
        self.id
    }

    fn news(&self) -> News {
        News {
            topic: Topic::Registered,
            from: self.institution.clone(),
            to: Vec::new(),
            person: self.person,
            unit: Some(self.id),
        }
    }
}

impl Store {
    /// Compresses and seals an admitted bundle under a data key of its own.
    ///
    /// # Errors
    /// Only when the random source fails.
    pub fn seal(&self, admitted: &Admitted<'_>, now: Timestamp) -> Result<SealedUnit, Fault> {
        let bundle = admitted.checked.bundle();
        let bytes = admitted.checked.bytes();
        let id = UnitId::new(admitted.person.bucket(), now)?;
        let (key, wrapped) = DataKey::new(&self.keyring, &id)?;
        let items =
            serde_json::to_vec(&admitted.index).map_err(|_| Fault::Damaged("an index that is no JSON"))?;
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
        let (system, value) = bundle.identifier();
        Ok(SealedUnit {
            id,
            person: admitted.person,
            member: self.keyring.keyed_hash("member", bundle.member_id().unwrap_or_default()),
            identifier: (system.to_owned(), value.to_owned()),
            kind: bundle.kind(),
            institution: bundle.institution().to_owned(),
            digest: sum,
            size: bytes.len(),
            items: key.seal(&id, Part::Items, compress_with_length(&items)?)?,
            body: key.seal(&id, Part::Body, compress(bytes)?)?,
            wrapped,
            received_at: now,
        })
    }

    /// Keeps a unit, its event and its notice in one durable transaction.
    ///
    /// A unit under the same key (person's number, identifier) is replaced as a whole; the same bytes again leave
    /// everything as it is and answer the first receipt.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept, or (`Unreachable`) sending again settles it.
    pub async fn record(&self, unit: SealedUnit, event: Event) -> Result<Receipt, Fault> {
        let bucket = unit.person.bucket().number();
        self.write(bucket, move |tx| record(tx, &unit, &event)).await
    }

    /// The headings of all units that a permit opens.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn headings(&self, permit: &Permit) -> Result<Vec<Heading>, Fault> {
        let person = *permit.person();
        let rows = self
            .read(move |tx| {
                let mut rows = Vec::new();
                for one in person::kin(tx, &person)?.all {
                    rows.extend(sealed_headings(tx, &one)?);
                }
                rows.sort_by_key(|row| row.heading.received_at);
                Ok(rows)
            })
            .await?;
        let permitted =
            rows.into_iter().filter(|row| opens(permit, row.heading.kind, &row.heading.institution));
        let headings = permitted.map(|row| self.open_heading(row));
        headings.filter(|heading| heading.as_ref().map_or(true, |one| opens_number(permit, one))).collect()
    }

    /// The bytes of units, exactly as they were registered, in the order asked for. Units that are gone, or that
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
        let person = *permit.person();
        let rows = self
            .read(move |tx| {
                let mut rows = Vec::new();
                for one in person::kin(tx, &person)?.all {
                    for unit in units.iter().filter(|unit| unit.bucket() == one.bucket()) {
                        rows.extend(sealed_body(tx, &one, unit)?);
                    }
                }
                rows.sort_by_key(|row| units.iter().position(|unit| *unit == row.id));
                Ok(rows)
            })
            .await?;
        let permitted = rows.into_iter().filter(|row| opens(permit, row.kind, &row.institution));
        permitted.map(|row| Ok((row.id, self.open_body(row)?))).collect()
    }

    /// Whose unit it is (the head of their kin) and who registered it: what must be known before one may decide.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn owner(&self, unit: UnitId) -> Result<Option<Owner>, Fault> {
        self.read(move |tx| {
            let sql = "select person, institution, kind from unit where bucket = $1 and id = $2";
            let found = first(tx, sql, &[unit.bucket().number().into(), unit.as_bytes().into()], |row| {
                Ok(Owner { person: person(row, 0)?, institution: row.text(1)?, kind: kind(row, 2)? })
            })?;
            found.map(|owner| Ok(Owner { person: person::head(tx, &owner.person)?, ..owner })).transpose()
        })
        .await
    }

    fn open_heading(&self, row: SealedHeading) -> Result<Heading, Fault> {
        let key = DataKey::open(&self.keyring, &row.heading.id, &row.wrapped)?;
        let packed = key.open_part(&row.heading.id, Part::Items, row.items)?;
        let text = decompress_with_length(row.dictionary, &packed)?;
        let index = serde_json::from_slice(&text).map_err(|_| Fault::Damaged("a unit's index"))?;
        Ok(Heading { index, ..row.heading })
    }

    fn open_body(&self, row: SealedBody) -> Result<Vec<u8>, Fault> {
        let key = DataKey::open(&self.keyring, &row.id, &row.wrapped)?;
        decompress(row.dictionary, row.size, &key.open_part(&row.id, Part::Body, row.body)?)
    }
}

/// Whose a unit is.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The person.
    pub person: PersonId,
    /// The institution that registered it.
    pub institution: String,
    /// Its kind.
    pub kind: UnitKind,
}

struct SealedHeading {
    heading: Heading,
    dictionary: i64,
    items: Vec<u8>,
    wrapped: Vec<u8>,
}

struct SealedBody {
    id: UnitId,
    kind: UnitKind,
    institution: String,
    dictionary: i64,
    size: usize,
    body: Vec<u8>,
    wrapped: Vec<u8>,
}

fn record(tx: &mut dyn Tx, unit: &SealedUnit, event: &Event) -> Result<Receipt, Fault> {
    let standing = match standing_unit(tx, unit)? {
        Some(standing) if standing.digest == unit.digest => {
            event::insert(tx, unit.person.bucket(), Some(&unit.person), event)?;
            return Ok(standing);
        }
        Some(standing) => {
            delete(tx, &standing.unit)?;
            Standing::Replaced
        }
        None => Standing::New,
    };
    insert(tx, unit, event)?;
    event::insert(tx, unit.person.bucket(), Some(&unit.person), event)?;
    outbox::enqueue(tx, &unit.news(), event)?;
    Ok(Receipt {
        unit: unit.id,
        person: unit.person,
        received_at: unit.received_at,
        event: event.id,
        digest: unit.digest,
        standing,
    })
}

fn standing_unit(tx: &mut dyn Tx, unit: &SealedUnit) -> Result<Option<Receipt>, Fault> {
    let sql = "select id, received_at, event, digest from unit where bucket = $1 and person = $2
        and member = $3 and identifier_system = $4 and identifier = $5";
    let (system, value) = &unit.identifier;
    let key = [
        unit.person.bucket().number().into(),
        unit.person.as_bytes().into(),
        (&unit.member).into(),
        system.as_str().into(),
        value.as_str().into(),
    ];
    first(tx, sql, &key, |row| {
        Ok(Receipt {
            unit: UnitId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a unit's id"))?,
            person: unit.person,
            received_at: instant(row.int(1)?)?,
            event: event::id(row, 2)?,
            digest: row.bytes(3)?.try_into().map_err(|_| Fault::Damaged("a digest"))?,
            standing: Standing::Repeated,
        })
    })
}

fn delete(tx: &mut dyn Tx, unit: &UnitId) -> Result<(), Fault> {
    let row = [unit.bucket().number().into(), unit.as_bytes().into()];
    tx.execute("delete from unit_data_key where bucket = $1 and unit = $2", &row)?;
    tx.execute("delete from unit where bucket = $1 and id = $2", &row).map(drop)
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
            i64::try_from(unit.size).unwrap_or(i64::MAX).into(),
            NEWEST_DICTIONARY.into(),
            unit.items.as_slice().into(),
            unit.body.as_slice().into(),
        ],
    )?;
    tx.execute(
        "insert into unit_data_key (bucket, unit, keyring_key, wrapped) values ($1, $2, $3, $4)",
        &[bucket.into(), unit.id.as_bytes().into(), FIRST_KEY.into(), unit.wrapped.as_slice().into()],
    )
    .map(drop)
}

fn sealed_headings(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<SealedHeading>, Fault> {
    let sql =
        "select u.id, u.kind, u.institution, u.identifier, u.received_at, u.dictionary, u.items, k.wrapped
         from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
         where u.bucket = $1 and u.person = $2";
    all(tx, sql, &[person.bucket().number().into(), person.as_bytes().into()], sealed_heading)
}

fn sealed_heading(row: &Row<'_>) -> Result<SealedHeading, Fault> {
    Ok(SealedHeading {
        heading: Heading {
            id: UnitId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a unit's id"))?,
            kind: kind(row, 1)?,
            institution: row.text(2)?,
            identifier: row.text(3)?,
            received_at: instant(row.int(4)?)?,
            index: Index::default(),
        },
        dictionary: row.int(5)?,
        items: row.bytes(6)?,
        wrapped: row.bytes(7)?,
    })
}

fn sealed_body(tx: &mut dyn Tx, person: &PersonId, unit: &UnitId) -> Result<Option<SealedBody>, Fault> {
    let sql = "select u.kind, u.institution, u.dictionary, u.size, u.body, k.wrapped
        from unit u join unit_data_key k on k.bucket = u.bucket and k.unit = u.id
        where u.bucket = $1 and u.person = $2 and u.id = $3";
    let key = [person.bucket().number().into(), person.as_bytes().into(), unit.as_bytes().into()];
    first(tx, sql, &key, |row| {
        Ok(SealedBody {
            id: *unit,
            kind: kind(row, 0)?,
            institution: row.text(1)?,
            dictionary: row.int(2)?,
            size: usize::try_from(row.int(3)?).map_err(|_| Fault::Damaged("a size"))?,
            body: row.bytes(4)?,
            wrapped: row.bytes(5)?,
        })
    })
}

fn opens(permit: &Permit, kind: UnitKind, institution: &str) -> bool {
    match permit.reach() {
        Reach::Informations(_) => true,
        Reach::Kinds(kinds) => kinds.contains(&kind),
        Reach::RegisteredBy(number) => number == institution,
        Reach::CheckupsUnder(_) => kind == UnitKind::CheckupReport,
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

fn person(row: &Row<'_>, column: usize) -> Result<PersonId, Fault> {
    PersonId::from_row(&row.bytes(column)?).ok_or(Fault::Damaged("a person's id"))
}
