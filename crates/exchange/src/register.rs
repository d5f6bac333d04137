//! Registering (登録): bytes come in, a receipt goes out, and in between nothing is half done.
//!
//! `Submitted → Parsed → Checked → Admitted → Recorded`: each step takes what the last one earned.

use access::Viewer;
use audit::Outcome;
use fhir::finding::{Finding, Findings, Severity};
use fhir::validate::{Checked, Parsed};
use store::{Admitted, Fault, PersonId, Receipt};
use tokio::task::block_in_place;

use crate::filter::day;
use crate::{Act, Asked, Exchange, Ineligible, Masters, UnknownProfile, extract, record};

/// A registration that stands.
#[derive(Debug)]
pub struct Registered {
    /// What the sender can show later.
    pub receipt: Receipt,
    /// Findings that did not keep the bundle out.
    pub warnings: Findings,
}

/// Why a bundle was not registered. Nothing of it was kept, and what stood before stands.
#[derive(Debug)]
pub enum NotRegistered {
    /// The viewer is no institution's system.
    NotASender,
    /// The bundle is not acceptable; every finding is here.
    Unacceptable(Findings),
    /// The sender is not the institution that the bundle names.
    NotTheSender(Findings),
    /// The store could not keep it.
    Store(Fault),
}

/// Bundles above this size are judged without holding up the thread's other work.
const LARGE_BYTES: usize = 64 << 10;

impl Exchange {
    /// Registers a bundle: all of it durable when this returns, or none of it.
    ///
    /// # Errors
    /// See [`NotRegistered`]; refusals are on record too.
    pub async fn register(
        &self,
        sender: &Viewer,
        bytes: &[u8],
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let outcome = self.try_register(sender, bytes, act).await;
        if let Err(refused @ (NotRegistered::Unacceptable(_) | NotRegistered::NotTheSender(_))) = &outcome {
            let rule = refused.rule();
            let event = record::event(act, record::REGISTER, Outcome::Refused, sender, &rule)?;
            self.store.append(None, event).await?;
        }
        outcome
    }

    async fn try_register(
        &self,
        sender: &Viewer,
        bytes: &[u8],
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let institution = sender.institution.as_deref().filter(|_| sender.role == access::Role::Institution);
        let institution = institution.ok_or(NotRegistered::NotASender)?;
        let checked = self.check(bytes)?;
        let warnings = self.warnings(&checked, act).await?;
        let person = self.person(&checked, act).await?;
        let index = extract::index(&checked);
        let admitted = Admitted::admit(&checked, institution, person, index).map_err(|not| {
            let finding = Finding::new("sender-mismatch").at("Bundle.identifier.value");
            NotRegistered::NotTheSender(Findings(vec![finding.found(not.named).expected(institution)]))
        })?;
        let sealed = self.store.seal(&admitted, act.now)?;
        let mut event = record::event(act, record::REGISTER, Outcome::Done, sender, "own-registration")?;
        event.patient = Some(person.to_string());
        event.objects = vec![format!("Bundle/{}", sealed.id())];
        let receipt = self.store.record(sealed, event).await?;
        Ok(Registered { receipt, warnings })
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

    /// What does not keep a document out: the judges' warnings, and what the masters say of its codes.
    async fn warnings(&self, checked: &Checked<'_>, act: &Act) -> Result<Findings, NotRegistered> {
        let found = Masters(&self.store).findings(checked, act.today(), self.judges.codes).await?;
        if found.0.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(NotRegistered::Unacceptable(found));
        }
        let warnings = checked.warnings().0.iter().cloned().chain(found.0);
        Ok(Findings(warnings.collect()))
    }

    fn check<'a>(&self, bytes: &'a [u8]) -> Result<Checked<'a>, NotRegistered> {
        let check = || self.judges.check(Parsed::parse(bytes, &self.limits)?);
        let checked = if bytes.len() > LARGE_BYTES { block_in_place(check) } else { check() };
        checked.map_err(NotRegistered::Unacceptable)
    }

    /// The person whose number the bundle bears, valid today, in this hub's own id.
    async fn person(&self, checked: &Checked<'_>, act: &Act) -> Result<PersonId, NotRegistered> {
        let member_id = checked.bundle().member_id().unwrap_or_default();
        let insured = self.eligibility.resolve(member_id, day(act.now)).map_err(|ineligible| {
            let finding = match ineligible {
                Ineligible::Unknown => Finding::new("member-unknown"),
                Ineligible::Expired { until } => Finding::new("member-expired")
                    .expected(until.map_or_else(|| "-".to_owned(), |last| last.to_string())),
            };
            let place = "Bundle.entry.resource.ofType(Patient).identifier";
            NotRegistered::Unacceptable(Findings(vec![finding.at(place).found(member_id)]))
        })?;
        Ok(self.store.person_of(member_id, &insured.member_ids(), act.now).await?)
    }
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
            Self::Store(_) => "store".to_owned(),
        }
    }
}

impl From<Fault> for NotRegistered {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}
