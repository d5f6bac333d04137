//! What would be seen, and why: `access::decide` asked on trial. Nothing is read, nothing is shown.

use access::{
    Asked, Decision, Hindrance, Purpose, Question, Viewer, consent_groups, decide, hindrance, may_simulate,
    refusal,
};
use audit::Outcome;
use fhir::bundle::UnitKind;
use jiff::Timestamp;
use store::{Circumstances, Grant, Information, PersonId, Reach};

use crate::{Act, Exchange, NotGranted, record};

/// The answer to: what would this viewer see of this person, for this purpose, at this time?
#[derive(Debug)]
pub struct Explanation {
    /// Each information and each kind of document, whether it is seen, and by which rule.
    pub lines: Vec<Line>,
    /// Every grant, and what hinders it, if anything does.
    pub grants: Vec<(Grant, Option<Hindrance>)>,
    /// Wishes that close something, by group: code of the group and of the stance.
    pub wishes: Vec<(String, String)>,
}

/// One information or kind of document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub what: What,
    /// Whether it is seen.
    pub is_seen: bool,
    /// By which rule, or why not.
    pub rule: &'static str,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One of the six informations.
    Information(Information),
    /// A kind of document, registered by another institution.
    Document(UnitKind),
}

/// Kinds of document that consent decides about; a referral has its own state.
const DOCUMENTS: [UnitKind; 2] = [UnitKind::CheckupReport, UnitKind::PatientSummary];

impl Exchange {
    /// Explains what a viewer would see at an instant. On record, as it tells of consents.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn explain(
        &self,
        asker: &Viewer,
        viewer: &Viewer,
        person: PersonId,
        purpose: Purpose,
        at: Timestamp,
        act: &Act,
    ) -> Result<Explanation, NotGranted> {
        let person = self.store.head_of(person).await?;
        let rule =
            self.permitted(may_simulate(asker), asker, Some(person), audit::Act::ReadRecord, act).await?;
        let mut event = record::event(act, audit::Act::ReadRecord, Outcome::Done, asker, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec!["consents".to_owned()];
        self.store.append(Some(person), event).await?;
        let circumstances = self.store.circumstances(person, at).await?;
        Ok(explanation(viewer, person, purpose, &circumstances, at))
    }
}

fn explanation(
    viewer: &Viewer,
    person: PersonId,
    purpose: Purpose,
    circumstances: &Circumstances,
    at: Timestamp,
) -> Explanation {
    let ask = |asked: Asked<'_>| decide(&Question { viewer, person, asked, purpose }, circumstances, at);
    let informations = Information::ALL.iter().map(|one| {
        let decision = ask(Asked::Informations(std::slice::from_ref(one)));
        line(What::Information(*one), &decision)
    });
    let documents = DOCUMENTS.into_iter().map(|kind| line(What::Document(kind), &ask(Asked::Unit(kind, ""))));
    let question = Question { viewer, person, asked: Asked::Documents, purpose };
    let of = |grant: &Grant| (grant.clone(), hindrance(grant, &question, circumstances, at).err());
    let mut wishes = Vec::new();
    for grant in &circumstances.grants {
        for group in consent_groups() {
            if let Some(wish) = refusal(grant, group, &circumstances.wishes, at) {
                wishes.push((group.code.clone(), wish.stance.code().to_owned()));
            }
        }
    }
    wishes.sort();
    wishes.dedup();
    Explanation {
        lines: informations.chain(documents).collect(),
        grants: circumstances.grants.iter().map(of).collect(),
        wishes,
    }
}

fn line(what: What, decision: &Decision) -> Line {
    match decision {
        Decision::Permit(permit) => {
            let is_seen = match permit.reach() {
                Reach::Informations(some) => !some.is_empty(),
                Reach::Kinds(some) => !some.is_empty(),
                Reach::RegisteredBy(_) | Reach::CheckupsUnder(_) | Reach::Referral(_) | Reach::Everything => {
                    true
                }
            };
            Line { what, is_seen, rule: permit.rule() }
        }
        Decision::Refuse(refusal) => Line { what, is_seen: false, rule: refusal.rule },
    }
}
