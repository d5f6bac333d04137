//! Registering (登録) and changing (変更): bytes come in, a receipt goes out, and in between nothing is half done.
//!
//! `Submitted → Parsed → Checked → Admitted → Recorded`: each step takes what the last one earned.

use access::{Viewer, may_register};
use audit::Outcome;
use fhir::bundle::{Bundle, UnitKind};
use fhir::finding::{Finding, Findings, Severity};
use fhir::validate::{Checked, Parsed};
use store::{Admitted, Fault, NotKept, PersonId, Receipt, UnitId};
use tokio::task::block_in_place;

use crate::eligibility::other_identity;
use crate::filter::day;
use crate::{
    Act, Asked, Exchange, Ineligible, Masters, UnknownProfile, extract, measure, record, referral, window,
};

/// A registration that stands.
#[derive(Debug)]
pub struct Registered {
    /// What the sender can show later.
    pub receipt: Receipt,
    /// Findings that did not keep the bundle out.
    pub warnings: Findings,
}

/// Why a unit was not registered, changed or attached. Nothing of it was kept, and what stood before stands.
#[derive(Debug)]
pub enum NotRegistered {
    /// The viewer is no institution's system.
    NotASender,
    /// The unit is not acceptable; every finding is here.
    Unacceptable(Findings),
    /// The sender is not the institution that the unit, or what it is to replace, names.
    NotTheSender(Findings),
    /// The store did not keep it: another stands there, the referral is past that, or a fault.
    NotKept(NotKept),
}

/// What a sender wants done with a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// The unit it is to replace (変更).
    pub replaces: Option<UnitId>,
    /// A referral's patient has consented by word of mouth that its destination reads it (同意済フラグ).
    pub is_consented: bool,
}

/// Bundles above this size are judged without holding up the thread's other work.
const LARGE_BYTES: usize = 64 << 10;

impl Exchange {
    /// Registers a bundle, or puts it in the place of one that stands: all of it durable when this returns, or none.
    ///
    /// # Errors
    /// See [`NotRegistered`]; refusals are on record too.
    pub async fn register(
        &self,
        sender: &Viewer,
        bytes: &[u8],
        sending: Sending,
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let outcome = self.try_register(sender, bytes, sending, act).await;
        let what = if sending.replaces.is_some() { audit::Act::Change } else { audit::Act::Register };
        self.record_refusal(sender, what, outcome, act).await
    }

    async fn try_register(
        &self,
        sender: &Viewer,
        bytes: &[u8],
        sending: Sending,
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let institution = sending_institution(sender)?;
        let checked = self.check(bytes)?;
        let bundle = checked.bundle();
        if bundle.kind() == UnitKind::DischargeSummary {
            return Err(unacceptable(Finding::new("attachment-only").at("Bundle.meta.profile")));
        }
        let warnings = self.warnings(&checked, act).await?;
        let person = self.person(bundle, act).await?;
        let index = extract::index(&checked);
        let review_at = window::review_at(bundle.kind(), &index, act.now);
        let mut admitted =
            Admitted::admit(&checked, institution, person, index, review_at).map_err(|not| {
                let finding = Finding::new("sender-mismatch").at("Bundle.identifier.value");
                NotRegistered::NotTheSender(Findings(vec![finding.found(not.named).expected(institution)]))
            })?;
        if bundle.kind() == UnitKind::Referral {
            let destination = self.addressee(bundle, institution, act).await?;
            admitted = admitted.addressed(referral::address(&destination, sending.is_consented, act.now));
        }
        if let Some(unit) = sending.replaces {
            self.is_the_one(bundle, unit, institution, act).await?;
            admitted = admitted.replacing(unit);
        }
        let sealed = self.store.seal(&admitted, act.now)?;
        let what = if sending.replaces.is_some() { audit::Act::Change } else { audit::Act::Register };
        let mut event = record::about(sender, what, "own-registration", person, sealed.id(), act)?;
        event.measures = measure::of_bundle(bundle, act);
        let receipt = self.store.record(sealed, referral::CHANGE.from, event).await?;
        Ok(Registered { receipt, warnings })
    }

    /// Refusals go on record with their rule; those that tell of the sender's work, with what was found.
    pub(crate) async fn record_refusal(
        &self,
        sender: &Viewer,
        what: audit::Act,
        outcome: Result<Registered, NotRegistered>,
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let found = match &outcome {
            Ok(_) | Err(NotRegistered::NotKept(_)) => return outcome,
            Err(NotRegistered::NotASender) => &Findings::default(),
            Err(NotRegistered::Unacceptable(found) | NotRegistered::NotTheSender(found)) => found,
        };
        let rule = outcome.as_ref().err().map(NotRegistered::rule).unwrap_or_default();
        let mut event = record::event(act, what, Outcome::Refused, sender, &rule)?;
        event.measures = measure::of_refusal(found);
        self.store.append(None, event).await?;
        outcome
    }

    /// Every finding of a document, without keeping anything.
    ///
    /// # Errors
    /// If a profile is asked for that no package at hand defines.
    pub fn validate(&self, bytes: &[u8], asked: &Asked) -> Result<Findings, UnknownProfile> {
        let judge = || match Parsed::parse(bytes, &self.limits) {
            Ok(parsed) => self.judges.examine(&parsed, asked),
            Err(findings) => Ok(findings),
        };
        if bytes.len() > LARGE_BYTES { block_in_place(judge) } else { judge() }
    }

    /// What does not keep a document out: the judges' warnings, what the masters say of its codes, and whether the
    /// centre knows the number as another's.
    pub(crate) async fn warnings(&self, checked: &Checked<'_>, act: &Act) -> Result<Findings, NotRegistered> {
        let found = Masters(&self.store).findings(checked, act.today(), self.judges.codes).await?;
        if found.0.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(NotRegistered::Unacceptable(found));
        }
        let warnings = checked.warnings().0.iter().cloned().chain(found.0);
        let warnings = warnings.chain(other_identity(self.eligibility.as_ref(), checked.bundle()));
        Ok(Findings(warnings.collect()))
    }

    pub(crate) fn check<'a>(&self, bytes: &'a [u8]) -> Result<Checked<'a>, NotRegistered> {
        let check = || self.judges.check(Parsed::parse(bytes, &self.limits)?);
        let checked = if bytes.len() > LARGE_BYTES { block_in_place(check) } else { check() };
        checked.map_err(NotRegistered::Unacceptable)
    }

    /// The person whose number the bundle bears, in this hub's own id. The number must be valid today, unless a unit
    /// stands under it already: what was sent under an old number can be corrected only under that number.
    pub(crate) async fn person(&self, bundle: Bundle<'_>, act: &Act) -> Result<PersonId, NotRegistered> {
        let member_id = bundle.member_id().unwrap_or_default();
        let finding = match self.eligibility.resolve(member_id, day(act.now)) {
            Ok(insured) => {
                return Ok(self.store.person_of(member_id, &insured.member_ids(), act.now).await?);
            }
            Err(Ineligible::Unknown) => Finding::new("member-unknown"),
            Err(Ineligible::Expired { until }) => {
                if self.store.unit_by_key(member_id, bundle.identifier()).await?.is_some()
                    && let Some(person) = self.store.holder_of(member_id).await?
                {
                    return Ok(person);
                }
                let last = until.map_or_else(|| "-".to_owned(), |last| last.to_string());
                Finding::new("member-expired").expected(last)
            }
        };
        let place = "Bundle.entry.resource.ofType(Patient).identifier";
        Err(unacceptable(finding.at(place).found(member_id)))
    }

    /// The institution a referral is addressed to: known, not the sender, and using the service today.
    async fn addressee(&self, bundle: Bundle<'_>, sender: &str, act: &Act) -> Result<String, NotRegistered> {
        let place = "Bundle.entry.resource.ofType(Composition).section";
        let refuse = |code, found: &str| Err(unacceptable(Finding::new(code).at(place).found(found)));
        let Some(number) = bundle.destination() else { return refuse("destination-missing", "") };
        if number == sender {
            return refuse("destination-is-sender", number);
        }
        match self.store.institution(number.to_owned()).await? {
            None => refuse("destination-unknown", number),
            Some(one) if !one.uses_service_on(day(act.now)) => refuse("destination-not-in-service", number),
            Some(_) => Ok(number.to_owned()),
        }
    }

    /// A change must bear the key of the unit it replaces.
    async fn is_the_one(
        &self,
        bundle: Bundle<'_>,
        unit: UnitId,
        sender: &str,
        act: &Act,
    ) -> Result<(), NotRegistered> {
        let identifier = bundle.identifier();
        let stands = self.store.unit_by_key(bundle.member_id().unwrap_or_default(), identifier).await?;
        let Some(owner) = self.store.owner(unit).await? else {
            return Err(self.no_longer(unit, sender).await?.into());
        };
        if owner.kind == UnitKind::Referral {
            self.still_stands(unit, act).await?;
        }
        if stands == Some(unit) {
            return Ok(());
        }
        let finding = Finding::new("change-of-another-unit").at("Bundle.identifier.value");
        Err(unacceptable(finding.found(identifier.1)))
    }
}

/// The institution a sender acts for.
pub(crate) fn sending_institution(sender: &Viewer) -> Result<&str, NotRegistered> {
    let institution = sender.institution.as_deref().filter(|_| may_register(sender).is_ok());
    institution.ok_or(NotRegistered::NotASender)
}

pub(crate) fn unacceptable(finding: Finding) -> NotRegistered {
    NotRegistered::Unacceptable(Findings(vec![finding]))
}

impl NotRegistered {
    /// The rule that goes on record with the refusal.
    fn rule(&self) -> String {
        match self {
            Self::Unacceptable(findings) | Self::NotTheSender(findings) => findings
                .0
                .first()
                .map_or_else(|| "unacceptable".to_owned(), |finding| finding.code.to_string()),
            Self::NotASender => "not-a-sender".to_owned(),
            Self::NotKept(_) => "not-kept".to_owned(),
        }
    }
}

impl From<Fault> for NotRegistered {
    fn from(fault: Fault) -> Self {
        Self::NotKept(fault.into())
    }
}

impl From<NotKept> for NotRegistered {
    fn from(not: NotKept) -> Self {
        Self::NotKept(not)
    }
}
