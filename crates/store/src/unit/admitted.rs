use fhir::attachment::CheckedAttachment;
use fhir::bundle::UnitKind;
use fhir::validate::Checked;
use jiff::Timestamp;

use crate::referral::Address;
use crate::{Demographics, Index, PersonId, UnitId};

/// A checked unit whose sender and person are established. The only thing that can be kept.
#[derive(Debug)]
pub struct Admitted<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) kind: UnitKind,
    pub(super) member_id: &'a str,
    pub(super) identifier: (&'a str, &'a str),
    pub(super) institution: &'a str,
    pub(super) person: PersonId,
    pub(super) index: Index,
    pub(super) review_at: Timestamp,
    pub(super) replaces: Option<UnitId>,
    pub(super) part_of: Option<UnitId>,
    pub(super) address: Option<Address>,
    pub(super) demographics: Option<Demographics>,
}

/// The sender is not the institution that the bundle names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTheSender {
    /// The institution number in `Bundle.identifier`.
    pub named: String,
}

impl<'a> Admitted<'a> {
    /// Admits a checked bundle from its sender, to be looked at for disposal at `review_at`.
    ///
    /// # Errors
    /// [`NotTheSender`] unless `sender` is the institution in `Bundle.identifier`.
    pub fn admit(
        checked: &'a Checked<'a>,
        sender: &str,
        person: PersonId,
        index: Index,
        review_at: Timestamp,
    ) -> Result<Self, NotTheSender> {
        let bundle = checked.bundle();
        if bundle.institution() != sender {
            return Err(NotTheSender { named: bundle.institution().to_owned() });
        }
        Ok(Self {
            bytes: checked.bytes(),
            kind: bundle.kind(),
            member_id: bundle.member_id().unwrap_or_default(),
            identifier: bundle.identifier(),
            institution: bundle.institution(),
            person,
            index,
            review_at,
            replaces: None,
            part_of: None,
            address: None,
            demographics: bundle.patient().and_then(Demographics::of),
        })
    }

    /// Admits a checked attachment of a referral of the same sender.
    pub fn admit_attachment(
        checked: &'a CheckedAttachment<'a>,
        sender: &'a str,
        person: PersonId,
        index: Index,
        review_at: Timestamp,
    ) -> Self {
        Self {
            bytes: checked.bytes(),
            kind: UnitKind::Attachment,
            member_id: "",
            identifier: checked.identifier(),
            institution: sender,
            person,
            index,
            review_at,
            replaces: None,
            part_of: None,
            address: None,
            demographics: None,
        }
    }

    /// Takes the place, and the id, of a unit that stands (変更).
    #[must_use]
    pub fn replacing(self, unit: UnitId) -> Self {
        Self { replaces: Some(unit), ..self }
    }

    /// Is sent along with a referral.
    #[must_use]
    pub fn part_of(self, referral: UnitId) -> Self {
        Self { part_of: Some(referral), ..self }
    }

    /// Is a referral to an institution.
    #[must_use]
    pub fn addressed(self, address: Address) -> Self {
        Self { address: Some(address), ..self }
    }
}
