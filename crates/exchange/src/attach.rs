//! Sending along with a referral (添付情報登録): a discharge summary as its Bundle, or a PDF in a DocumentReference.

use access::Viewer;
use fhir::bundle::{UnitKind, resource_type};
use fhir::finding::{Finding, Findings};
use fhir::validate::Parsed;
use store::{Admitted, Owner, SealedUnit, UnitId};

use crate::register::{sending_institution, unacceptable};
use crate::{Act, Exchange, NotRegistered, Registered, extract, measure, record, referral};

impl Exchange {
    /// Sends something along with a referral that stands and that nobody has fetched yet.
    ///
    /// # Errors
    /// See [`NotRegistered`]; refusals are on record too.
    pub async fn attach(
        &self,
        sender: &Viewer,
        referral: UnitId,
        bytes: &[u8],
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let outcome = self.try_attach(sender, referral, bytes, act).await;
        self.record_refusal(sender, audit::Act::Attach, outcome, act).await
    }

    async fn try_attach(
        &self,
        sender: &Viewer,
        referral: UnitId,
        bytes: &[u8],
        act: &Act,
    ) -> Result<Registered, NotRegistered> {
        let institution = sending_institution(sender)?;
        let owner = self.store.owner(referral).await?.filter(|owner| owner.kind == UnitKind::Referral);
        let Some(owner) = owner else { return Err(self.no_longer(referral, institution).await?.into()) };
        if owner.institution != institution {
            let finding = Finding::new("sender-mismatch").at("Bundle.identifier.value");
            let findings = Findings(vec![finding.found(&owner.institution).expected(institution)]);
            return Err(NotRegistered::NotTheSender(findings));
        }
        self.still_stands(referral, act).await?;
        let parsed = Parsed::parse(bytes, &self.limits).map_err(NotRegistered::Unacceptable)?;
        let (sealed, warnings) = if resource_type(parsed.root()) == "Bundle" {
            self.seal_discharge_summary(institution, referral, &owner, bytes, act).await?
        } else {
            self.seal_pdf(institution, referral, &owner, parsed, act)?
        };
        let mut event =
            record::about(sender, audit::Act::Attach, "own-registration", owner.holder, sealed.id(), act)?;
        event.measures = measure::of_kind(sealed.kind());
        let receipt = self.store.record(sealed, referral::UNFETCHED, event).await?;
        Ok(Registered { receipt, warnings })
    }

    async fn seal_discharge_summary(
        &self,
        institution: &str,
        referral: UnitId,
        owner: &Owner,
        bytes: &[u8],
        act: &Act,
    ) -> Result<(SealedUnit, Findings), NotRegistered> {
        let checked = self.check(bytes)?;
        let warnings = self.warnings(&checked, act).await?;
        let bundle = checked.bundle();
        if bundle.kind() != UnitKind::DischargeSummary {
            let finding = Finding::new("type-mismatch").at("Bundle.meta.profile");
            return Err(unacceptable(finding.found("Bundle").expected("JP_Bundle_eDischargeSummary")));
        }
        let person = self.person(bundle, act).await?;
        if self.store.head_of(person).await? != owner.person {
            let place = "Bundle.entry.resource.ofType(Patient).identifier";
            let found = bundle.member_id().unwrap_or_default();
            return Err(unacceptable(Finding::new("attachment-other-person").at(place).found(found)));
        }
        let index = extract::index(&checked);
        let admitted = Admitted::admit(&checked, institution, owner.holder, index, owner.review_at);
        let admitted = admitted.map_err(|not| {
            let finding = Finding::new("sender-mismatch").at("Bundle.identifier.value");
            NotRegistered::NotTheSender(Findings(vec![finding.found(not.named).expected(institution)]))
        })?;
        let sealed = self.store.seal(&admitted.part_of(referral), act.now)?;
        Ok((sealed, warnings))
    }

    fn seal_pdf(
        &self,
        institution: &str,
        referral: UnitId,
        owner: &Owner,
        parsed: Parsed<'_>,
        act: &Act,
    ) -> Result<(SealedUnit, Findings), NotRegistered> {
        let checked = self.judges.check_attachment(parsed).map_err(NotRegistered::Unacceptable)?;
        let index = extract::of_attachment(&checked);
        let admitted =
            Admitted::admit_attachment(&checked, institution, owner.holder, index, owner.review_at);
        let sealed = self.store.seal(&admitted.part_of(referral), act.now)?;
        Ok((sealed, Findings(checked.warnings().0.clone())))
    }
}
