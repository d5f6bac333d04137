//! What a patient allows and wishes: consent at a card reader, taking it back, standing wishes.

use access::{LONGEST_GRANT, Refusal, Viewer, consent_groups, may_hand_in_consent, may_revoke, may_wish};
use audit::{EventId, Outcome};
use jiff::{SignedDuration, Timestamp};
use store::{Fault, Grant, PersonId, Stance, Wish, new_event_id};

use crate::filter::day;
use crate::{Act, Exchange, Ineligible, record};

/// What a card reader says that a patient consented to. Adapters make these: the file of the terminal, or a
/// simulated reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderConsent {
    /// The insured number on the card.
    pub member_id: String,
    /// Codes of consent groups.
    pub groups: Vec<String>,
    /// When the patient consented.
    pub given_at: Timestamp,
}

/// A card reader (顔認証付きカードリーダー), in whatever form it answers.
pub trait CardReader {
    /// What the patient consented to.
    ///
    /// # Errors
    /// The code of what is wrong with the reader's answer. Nothing is granted then.
    fn consent(&self) -> Result<ReaderConsent, &'static str>;
}

/// A simulated reader: says what it was told. Not the national reader.
#[derive(Clone, Debug)]
pub struct SimulatedReader(pub ReaderConsent);

impl CardReader for SimulatedReader {
    fn consent(&self) -> Result<ReaderConsent, &'static str> {
        Ok(self.0.clone())
    }
}

/// Everything a person allowed and wished.
#[derive(Debug)]
pub struct Consents {
    /// Every grant, newest first.
    pub grants: Vec<Grant>,
    /// Every expression of a wish, oldest first.
    pub wishes: Vec<Wish>,
}

/// Why an act upon grants was not done. Nothing was changed; the refusal is on record.
#[derive(Debug)]
pub enum NotGranted {
    /// A rule refused.
    Refused(Refusal),
    /// What was asked for makes no sense; the code says why.
    Wrong(&'static str),
    /// There is no such person, grant or disaster, or none that may be told of.
    NotFound,
    /// The store could not do it.
    Store(Fault),
}

/// Clocks of readers may be this far ahead of ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// A wish names at most so many digits of an institution.
const INSTITUTION_DIGITS: usize = 10;

impl Exchange {
    /// Takes in what a patient consented to at a reader of the sender's institution: for 24 hours from then. What waits
    /// there for the patient's consent, addressed to that institution, is opened with it.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn consent_at_reader(
        &self,
        sender: &Viewer,
        reader: &impl CardReader,
        act: &Act,
    ) -> Result<Grant, NotGranted> {
        let rule =
            self.permitted(may_hand_in_consent(sender), sender, None, audit::Act::Consent, act).await?;
        let institution = sender.institution.as_deref().ok_or(NotGranted::Wrong("no-institution"))?;
        let consent = reader.consent().map_err(NotGranted::Wrong)?;
        consent.check(act)?;
        let person = self.person_at_reader(&consent.member_id, act).await?;
        let id = new_event_id(person.bucket(), act.now).map_err(Fault::from)?;
        let ends_at = consent.given_at + LONGEST_GRANT;
        let mut grant =
            Grant::at_card_reader(person, id, institution, consent.groups, consent.given_at, ends_at);
        // A reader's clock that runs ahead opens nothing before our own says so.
        grant.starts_at = grant.starts_at.min(act.now);
        let mut event = record::event(act, audit::Act::Consent, Outcome::Done, sender, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec!["grant".to_owned(), format!("Consent/{id}")];
        self.store.keep_grant(grant.clone(), event).await?;
        self.open_referrals_at_reader(sender, person, institution, act).await?;
        Ok(grant)
    }

    /// Takes a grant back. What was seen was seen; from now on it opens nothing.
    ///
    /// # Errors
    /// See [`NotGranted`]; [`NotGranted::Wrong`] if it had ended already.
    pub async fn revoke(&self, viewer: &Viewer, id: EventId, act: &Act) -> Result<Grant, NotGranted> {
        let grant = self.store.grant(id).await?.ok_or(NotGranted::NotFound)?;
        let rule = self
            .permitted(may_revoke(viewer, &grant), viewer, Some(grant.person), audit::Act::Consent, act)
            .await?;
        if access::end_of(&grant) <= act.now {
            return Err(NotGranted::Wrong("grant-ended"));
        }
        let mut event = record::event(act, audit::Act::Consent, Outcome::Done, viewer, rule)?;
        event.patient = Some(grant.person.to_string());
        event.objects = vec!["revoke".to_owned(), format!("Consent/{id}")];
        if self.store.revoke_grant(grant.person, id, event).await? {
            Ok(grant)
        } else {
            Err(NotGranted::Wrong("grant-ended"))
        }
    }

    /// Puts a patient's wish about some groups beside those before it: for one institution, or (`None`) for all.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn wish(
        &self,
        viewer: &Viewer,
        person: PersonId,
        institution: Option<String>,
        groups: Vec<String>,
        stance: Stance,
        act: &Act,
    ) -> Result<(), NotGranted> {
        let person = self.store.head_of(person).await?;
        let rule =
            self.permitted(may_wish(viewer, person), viewer, Some(person), audit::Act::Consent, act).await?;
        check_groups(&groups)?;
        if let Some(number) = &institution {
            let is_number =
                number.len() == INSTITUTION_DIGITS && number.bytes().all(|digit| digit.is_ascii_digit());
            if !is_number || self.store.institution(number.clone()).await?.is_none() {
                return Err(NotGranted::Wrong("unknown-institution"));
            }
        }
        let id = new_event_id(person.bucket(), act.now).map_err(Fault::from)?;
        let mut event = record::event(act, audit::Act::Consent, Outcome::Done, viewer, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec!["wish".to_owned(), stance.code().to_owned()];
        let source = match (viewer.role, viewer.stands_for) {
            (access::Role::Patient, None) => "patient",
            (access::Role::Patient, Some(_)) => "proxy",
            _ => "operator",
        };
        let source = source.to_owned();
        let wish = Wish { person, id, institution, groups, stance, source, expressed_at: act.now };
        Ok(self.store.keep_wish(wish, event).await?)
    }

    /// Everything a person allowed and wished, for themselves.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn consents(
        &self,
        viewer: &Viewer,
        person: PersonId,
        act: &Act,
    ) -> Result<Consents, NotGranted> {
        let person = self.store.head_of(person).await?;
        let rule = self
            .permitted(may_wish(viewer, person), viewer, Some(person), audit::Act::ReadRecord, act)
            .await?;
        let mut event = record::event(act, audit::Act::ReadRecord, Outcome::Done, viewer, rule)?;
        event.patient = Some(person.to_string());
        event.objects = vec!["consents".to_owned()];
        self.store.append(Some(person), event).await?;
        let (grants, wishes) = (self.store.grants_of(person).await?, self.store.wishes_of(person).await?);
        Ok(Consents { grants, wishes })
    }

    /// Hands a ruling on; a refusal is put on record first.
    pub(crate) async fn permitted<T>(
        &self,
        ruling: Result<T, Refusal>,
        viewer: &Viewer,
        person: Option<PersonId>,
        what: audit::Act,
        act: &Act,
    ) -> Result<T, NotGranted> {
        match ruling {
            Ok(permitted) => Ok(permitted),
            Err(refusal) => {
                let mut event = record::event(act, what, Outcome::Refused, viewer, refusal.rule)?;
                event.patient = person.map(|person| person.to_string());
                self.store.append(person, event).await?;
                Err(NotGranted::Refused(refusal))
            }
        }
    }

    /// The person whose card was read; made on first sight, as at registering.
    async fn person_at_reader(&self, member_id: &str, act: &Act) -> Result<PersonId, NotGranted> {
        let insured = self.eligibility.resolve(member_id, day(act.now)).map_err(|not| {
            NotGranted::Wrong(match not {
                Ineligible::Unknown => "member-unknown",
                Ineligible::Expired { .. } => "member-expired",
            })
        })?;
        Ok(self.store.person_of(member_id, &insured.member_ids(), act.now).await?)
    }
}

impl ReaderConsent {
    fn check(&self, act: &Act) -> Result<(), NotGranted> {
        check_groups(&self.groups)?;
        if self.given_at > act.now + CLOCK_SKEW {
            return Err(NotGranted::Wrong("consent-in-future"));
        }
        if self.given_at + LONGEST_GRANT <= act.now {
            return Err(NotGranted::Wrong("consent-too-old"));
        }
        Ok(())
    }
}

/// At least one group, each known.
fn check_groups(groups: &[String]) -> Result<(), NotGranted> {
    if groups.is_empty() {
        return Err(NotGranted::Wrong("no-groups"));
    }
    let is_known = |code: &String| consent_groups().iter().any(|group| group.code == *code);
    if groups.iter().all(is_known) { Ok(()) } else { Err(NotGranted::Wrong("unknown-group")) }
}

impl From<Fault> for NotGranted {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}
