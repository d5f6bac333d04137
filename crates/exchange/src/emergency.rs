//! 救急時: privileged staff of a hospital open a record without consent when life is in danger. On record, told to the
//! patient, reviewed afterwards.

use access::{LONGEST_GRANT, Viewer, emergency_scopes, may_open_in_emergency};
use audit::Outcome;
use jiff::SignedDuration;
use store::{Basis, Fault, Grant, Holder, PersonId, Purpose, new_event_id};

use crate::{Act, Described, Exchange, NotGranted, record};

/// Whose record is to be opened.
#[derive(Clone, Debug)]
pub enum Sought {
    /// The person with this insured number, from a card or otherwise.
    Number(String),
    /// The one person who agrees in name, birth date, sex and address.
    Described(Described),
}

/// What is asked for in an emergency.
#[derive(Clone, Debug)]
pub struct EmergencyRequest {
    /// Whose record.
    pub sought: Sought,
    /// `emergency-summary` or `emergency-full`, as `rules/consent.toml` names them.
    pub scope: String,
    /// Why, for the patient's eyes and the reviewer's.
    pub reason: String,
    /// For how many hours.
    pub hours: i64,
}

/// A reason has at least so many characters: 「意識障害で搬送」 is enough, 「救急」 is not.
const SHORTEST_REASON: usize = 7;
/// And at most so many.
const LONGEST_REASON: usize = 1000;

impl Exchange {
    /// Opens a record in an emergency, for the viewer alone and for some hours.
    ///
    /// # Errors
    /// See [`NotGranted`]; nobody is told whether a number is known before they may open it.
    pub async fn open_in_emergency(
        &self,
        viewer: &Viewer,
        request: &EmergencyRequest,
        act: &Act,
    ) -> Result<Grant, NotGranted> {
        let number = viewer.institution.clone().unwrap_or_default();
        let institution = self.store.institution(number).await?;
        let kind = institution.as_ref().map(|institution| institution.kind.as_str());
        let ruling = may_open_in_emergency(viewer, kind);
        self.permitted(ruling, viewer, None, audit::Act::Emergency, act).await?;
        if !emergency_scopes().iter().any(|scope| scope.code == request.scope) {
            return Err(NotGranted::Wrong("unknown-scope"));
        }
        let reason = checked_reason(&request.reason)?;
        let longest = LONGEST_GRANT.as_hours();
        if !(1..=longest).contains(&request.hours) {
            return Err(NotGranted::Wrong("hours"));
        }
        let person = self.sought(viewer, &request.sought, act).await?;
        let opening = Opening {
            basis: Basis::Emergency,
            groups: vec![request.scope.clone()],
            disaster: None,
            reason,
            length: SignedDuration::from_hours(request.hours),
        };
        self.open(viewer, person, opening, act).await
    }

    /// The one person who is sought. A search that finds nobody, or more than one, is on record too; nobody is told
    /// of anybody but the one.
    pub(crate) async fn sought(
        &self,
        viewer: &Viewer,
        sought: &Sought,
        act: &Act,
    ) -> Result<PersonId, NotGranted> {
        let (found, rule, why) = match sought {
            Sought::Number(number) => {
                (self.store.find_person(number).await?, "unknown", NotGranted::NotFound)
            }
            Sought::Described(described) => {
                let candidates = self.candidates(described).await?;
                let mut good = candidates.iter().filter(|candidate| candidate.agrees_in_address);
                match (good.next(), good.next()) {
                    (Some(one), None) => (Some(one.person), "", NotGranted::NotFound),
                    (None, _) => (None, "unknown", NotGranted::NotFound),
                    (Some(_), Some(_)) => (None, "ambiguous", NotGranted::Wrong("ambiguous")),
                }
            }
        };
        if found.is_none() {
            let event = record::event(act, audit::Act::Find, Outcome::Refused, viewer, rule)?;
            self.store.append(None, event).await?;
        }
        found.ok_or(why)
    }

    /// Opens a record for the viewer alone, without consent.
    pub(crate) async fn open(
        &self,
        viewer: &Viewer,
        person: PersonId,
        opening: Opening,
        act: &Act,
    ) -> Result<Grant, NotGranted> {
        let id = new_event_id(person.bucket(), act.now).map_err(Fault::from)?;
        let purpose = if opening.basis == Basis::Emergency { Purpose::Emergency } else { Purpose::Disaster };
        let institution = viewer.institution.clone().ok_or(NotGranted::Wrong("no-institution"))?;
        let grant = Grant {
            person,
            id,
            institution,
            groups: opening.groups,
            basis: opening.basis,
            purpose,
            source: "declared".to_owned(),
            holder: Some(Holder { credential: viewer.credential.clone(), name: viewer.name.clone() }),
            disaster: opening.disaster,
            reason: Some(opening.reason),
            given_at: act.now,
            starts_at: act.now,
            ends_at: act.now + opening.length,
            revoked_at: None,
            review: None,
        };
        let rule = grant.basis.code();
        let mut event = record::event(act, audit::Act::Emergency, Outcome::Done, viewer, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec![format!("Consent/{id}")];
        event.purpose = Some(purpose.code().to_owned());
        self.store.keep_grant(grant.clone(), event).await?;
        Ok(grant)
    }
}

/// What is opened, why and for how long.
pub(crate) struct Opening {
    pub(crate) basis: Basis,
    pub(crate) groups: Vec<String>,
    pub(crate) disaster: Option<String>,
    pub(crate) reason: String,
    pub(crate) length: SignedDuration,
}

/// A reason that says something.
pub(crate) fn checked_reason(reason: &str) -> Result<String, NotGranted> {
    let reason = reason.trim();
    match reason.chars().count() {
        0..SHORTEST_REASON => Err(NotGranted::Wrong("reason-too-short")),
        SHORTEST_REASON..=LONGEST_REASON => Ok(reason.to_owned()),
        _ => Err(NotGranted::Wrong("reason-too-long")),
    }
}
