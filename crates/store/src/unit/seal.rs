//! What is computed before a unit is written and after it is read: digest, compression, sealing.

use fhir::bundle::UnitKind;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use crate::body::{DataKey, Part, compress, compress_with_length, decompress, decompress_with_length};
use crate::demographic::SealedDemographics;
use crate::referral::Address;
use crate::{Admitted, Fault, Heading, Index, PersonId, Store, UnitId};

/// An admitted unit ready for the writer: all computing is done, only rows are left.
pub struct SealedUnit {
    pub(super) id: UnitId,
    pub(super) person: PersonId,
    pub(super) member: [u8; 16],
    pub(super) identifier: (String, String),
    pub(super) kind: UnitKind,
    pub(super) institution: String,
    pub(super) digest: [u8; 32],
    pub(super) parts: SealedParts,
    pub(super) received_at: Timestamp,
    pub(super) review_at: Timestamp,
    pub(super) part_of: Option<UnitId>,
    pub(super) address: Option<Address>,
    pub(super) is_change: bool,
    pub(super) demographics: Option<SealedDemographics>,
}

/// The sealed index and body of a unit, with the key that opens both.
pub(crate) struct SealedParts {
    pub(super) size: usize,
    pub(super) items: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) wrapped: Vec<u8>,
}

/// A heading whose index is still sealed.
pub(super) struct SealedHeading {
    pub(super) heading: Heading,
    pub(super) dictionary: i64,
    pub(super) items: Vec<u8>,
    pub(super) wrapped: Vec<u8>,
}

/// A body still sealed, and what decides whether a permit opens it.
pub(super) struct SealedBody {
    pub(super) heading: Heading,
    pub(super) dictionary: i64,
    pub(super) size: usize,
    pub(super) body: Vec<u8>,
    pub(super) wrapped: Vec<u8>,
}

impl SealedUnit {
    /// The id under which the unit will stand.
    pub fn id(&self) -> UnitId {
        self.id
    }

    /// Its kind.
    pub fn kind(&self) -> UnitKind {
        self.kind
    }

    pub(crate) fn person(&self) -> &PersonId {
        &self.person
    }

    pub(crate) fn institution(&self) -> &str {
        &self.institution
    }

    pub(crate) fn identifier(&self) -> &str {
        &self.identifier.1
    }

    pub(crate) fn received_at(&self) -> Timestamp {
        self.received_at
    }
}

impl Store {
    /// Compresses and seals an admitted unit under a data key of its own.
    ///
    /// # Errors
    /// Only when the random source fails.
    pub fn seal(&self, admitted: &Admitted<'_>, now: Timestamp) -> Result<SealedUnit, Fault> {
        let id = match admitted.replaces {
            Some(id) => id,
            None => UnitId::new(admitted.person.bucket(), now)?,
        };
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, admitted.bytes).as_ref());
        let (system, value) = admitted.identifier;
        Ok(SealedUnit {
            id,
            person: admitted.person,
            member: self.owner_hash(admitted),
            identifier: (system.to_owned(), value.to_owned()),
            kind: admitted.kind,
            institution: admitted.institution.to_owned(),
            digest: sum,
            parts: self.seal_parts(&id, &admitted.index, admitted.bytes)?,
            received_at: now,
            review_at: admitted.review_at,
            part_of: admitted.part_of,
            address: admitted.address.clone(),
            is_change: admitted.replaces.is_some(),
            demographics: admitted
                .demographics
                .as_ref()
                .map(|told| self.seal_demographics(told))
                .transpose()?,
        })
    }

    /// A bundle's key holds its person's number. What bears none, a PDF, has its referral there: two institutions may
    /// well give two files one name.
    fn owner_hash(&self, admitted: &Admitted<'_>) -> [u8; 16] {
        match admitted.part_of {
            Some(referral) if admitted.member_id.is_empty() => {
                self.keyring.keyed_hash("referral", &referral.to_string())
            }
            _ => self.keyring.keyed_hash("member", admitted.member_id),
        }
    }

    pub(super) fn seal_parts(&self, id: &UnitId, index: &Index, bytes: &[u8]) -> Result<SealedParts, Fault> {
        let (key, wrapped) = DataKey::new(&self.keyring, id)?;
        let items = serde_json::to_vec(index).map_err(|_| Fault::Damaged("an index that is no JSON"))?;
        Ok(SealedParts {
            size: bytes.len(),
            items: key.seal(id, Part::Items, compress_with_length(&items)?)?,
            body: key.seal(id, Part::Body, compress(bytes)?)?,
            wrapped,
        })
    }

    pub(super) fn open_heading(&self, row: SealedHeading) -> Result<Heading, Fault> {
        let key = DataKey::open(&self.keyring, &row.heading.id, &row.wrapped)?;
        let packed = key.open_part(&row.heading.id, Part::Items, row.items)?;
        let text = decompress_with_length(row.dictionary, &packed)?;
        let index = serde_json::from_slice(&text).map_err(|_| Fault::Damaged("a unit's index"))?;
        Ok(Heading { index, ..row.heading })
    }

    pub(super) fn open_body(&self, row: SealedBody) -> Result<Vec<u8>, Fault> {
        let id = row.heading.id;
        let key = DataKey::open(&self.keyring, &id, &row.wrapped)?;
        decompress(row.dictionary, row.size, &key.open_part(&id, Part::Body, row.body)?)
    }
}
