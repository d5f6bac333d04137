//! Report units: admitted, sealed, recorded with their event, read with a permit, ended with a certificate.

mod admitted;
mod end;
mod read;
mod record;
mod seal;

use fhir::bundle::UnitKind;
use jiff::Timestamp;

pub use admitted::{Admitted, NotTheSender};
pub use end::{Disposal, DisposalReason, Due, Ending};
pub(crate) use read::{person, unit};
pub use seal::SealedUnit;

use crate::referral::ReferralState;
use crate::{Fault, Index, PersonId, UnitId};

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

/// Why nothing was kept or moved. Everything stands as it stood.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotKept {
    /// Another document stands under this key; it can be changed, not registered again.
    #[error("{0} stands under this key")]
    Stands(UnitId),
    /// There is no such unit, or no longer.
    #[error("there is no such unit")]
    NotThere,
    /// The referral is in a state in which this cannot be done.
    #[error("the referral is {}", .0.code())]
    InState(ReferralState),
    /// The store could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What is known of a kept unit without opening its body.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Its id.
    pub id: UnitId,
    /// Which kind of unit it is.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// `Bundle.identifier.value`.
    pub identifier: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// The referral it was sent along with.
    pub part_of: Option<UnitId>,
    /// The document's time is over; only what was extracted from it is left.
    pub is_reduced: bool,
    /// When it must be looked at for disposal; a document's end.
    pub review_at: Timestamp,
    /// What stands in it.
    pub index: Index,
}

/// Whose a unit is.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The person, as the head of their kin.
    pub person: PersonId,
    /// The person under whom its rows stand.
    pub holder: PersonId,
    /// The institution that registered it.
    pub institution: String,
    /// Its kind.
    pub kind: UnitKind,
    /// When it was received.
    pub received_at: Timestamp,
    /// The referral it was sent along with.
    pub part_of: Option<UnitId>,
    /// The document's time is over; only what was extracted from it is left.
    pub is_reduced: bool,
    /// When it must be looked at for disposal; a document's end.
    pub review_at: Timestamp,
}

impl Heading {
    /// Whether it is a document whose time is not over: one that can be shown whole.
    pub fn is_document_at(&self, now: Timestamp) -> bool {
        !self.kind.is_collection() && !self.is_reduced && now < self.review_at
    }
}

impl Owner {
    /// Whether it is a document whose time is over.
    pub fn is_over_at(&self, now: Timestamp) -> bool {
        !self.kind.is_collection() && (self.is_reduced || self.review_at <= now)
    }
}

impl Receipt {
    /// The digest in hexadecimal.
    pub fn digest_text(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
