//! From a subject that a provider vouches for to a session: whose account it is.

use access::{Act, Role, Viewer, on_record};
use audit::Outcome;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use store::{
    Account, AccountState, Factor, FactorKind, Fault, PersonId, Provider, ProviderKind, Session, Use,
};

use crate::device::Place;
use crate::enrolment::Enrolment;
use crate::factors::new_factor;
use crate::provider::ceremony::{NotVouched, Purpose, Vouched};
use crate::provider::registration::terms;
use crate::provider::token::Identified;
use crate::sessions::{Begun, viewer};
use crate::{Identity, Proofing, chance, damaged};

/// Somebody whom a provider vouches for, and what they came for.
pub(super) struct Entry {
    pub(super) provider: Provider,
    pub(super) identified: Identified,
    pub(super) proved: Vec<String>,
    pub(super) purpose: Purpose,
    pub(super) next: String,
}

/// A patient whom an identity adapter vouches for: a card, or a provider for patients. Only adapters make one.
#[derive(Debug)]
pub struct ProvenPerson {
    pub(super) subject: Subject,
    pub(super) number: String,
    pub(super) name: Option<String>,
    pub(super) proved: Vec<String>,
    pub(super) proofing: Proofing,
}

/// A subject, and who vouches for it: what stands in a factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subject {
    /// Name of who vouches, as its holder reads it.
    pub(super) by: String,
    /// How who vouches calls itself.
    pub(super) issuer: String,
    /// For whose people it vouches here: one human being may have an account in each of several institutions.
    pub(super) institution: Option<String>,
    /// How it calls them.
    pub(super) subject: String,
}

impl ProvenPerson {
    /// The insured number by which the person is found.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl Subject {
    fn of(provider: &Provider, subject: &str) -> Self {
        Self {
            by: provider.name.clone(),
            issuer: provider.issuer.clone(),
            institution: provider.institution.clone(),
            subject: subject.to_owned(),
        }
    }

    /// What the factor is found by: it tells nothing of who it is.
    fn label(&self) -> String {
        let mut context = Context::new(&SHA256);
        let institution = self.institution.as_deref().unwrap_or_default();
        [self.issuer.as_str(), "\n", institution, "\n", self.subject.as_str()]
            .into_iter()
            .for_each(|part| context.update(part.as_bytes()));
        context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn factor(&self, account: &str, act: &Act) -> Result<Factor, Fault> {
        let secret = serde_json::to_vec(self).map_err(|_| damaged("a subject"))?;
        new_factor(account, FactorKind::Oidc, &self.label(), secret, act.now)
    }
}

/// Who vouches by a factor, as its holder reads it.
pub(crate) fn vouching_name(factor: &Factor) -> Option<String> {
    serde_json::from_slice::<Subject>(&factor.secret).ok().map(|subject| subject.by)
}

impl Identity {
    pub(super) async fn enter(&self, entry: Entry, place: &Place, act: &Act) -> Result<Vouched, NotVouched> {
        let Entry { provider, identified, proved, purpose, next } = entry;
        let subject = Subject::of(&provider, &identified.subject);
        match purpose {
            Purpose::SignIn if provider.kind == ProviderKind::Patient => {
                let person = proven_person(&provider, subject, &identified, proved)?;
                Ok(Vouched::Person(person, next))
            }
            Purpose::SignIn => {
                let begun = self.sign_in_as(&provider, &subject, proved, place, act).await?;
                Ok(Vouched::In(begun, next))
            }
            Purpose::Invited(link) => {
                let begun = self.accept_by_subject(link, &provider, &subject, proved, place, act).await?;
                Ok(Vouched::In(begun, next))
            }
            Purpose::Link(session) => {
                let (_, account) = self.session_of(session, act).await?;
                self.link(&account, &provider, &subject, act).await?;
                Ok(Vouched::Linked)
            }
            Purpose::Proof(session) => {
                let (session, account) = self.session_of(session, act).await?;
                let factor = self.factor_of(&subject).await?;
                let factor = factor.filter(|factor| factor.account == account.id);
                let used = factor.map(|factor| used(&factor, act)).ok_or(NotVouched::NotYours)?;
                let begun = self.go_on(&account, session, proved, vec![used], act).await?;
                Ok(Vouched::In(begun.ok_or(NotVouched::Over)?, next))
            }
        }
    }

    /// Lets a patient in whom an adapter vouches for: the first time their account is made, later it is found.
    ///
    /// # Errors
    /// [`NotVouched::NotYours`] where the same subject was another person before, [`NotVouched::Unlinked`] where the
    /// account is not in use, or a fault of the store.
    pub async fn admit_person(
        &self,
        proven: ProvenPerson,
        person: PersonId,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotVouched> {
        let person = self.store.head_of(person).await?;
        if let Some(factor) = self.factor_of(&proven.subject).await? {
            let account = self.store.account(factor.account.clone()).await?.ok_or(NotVouched::Unlinked)?;
            if account.person != Some(person) || account.role != Role::Patient.code() {
                return Err(self.in_vain(NotVouched::NotYours, "-", "another-person", place, act).await?);
            }
            return Ok(self.begin(&account, proven.proved, vec![used(&factor, act)], place, act).await?);
        }
        let account = match self.store.patient_account(person).await? {
            Some(account) => {
                let factor = proven.subject.factor(&account.id, act)?;
                let event = change(&account, "factor/oidc", "own-account", act)?;
                self.store.link_subject(factor, event).await?.then_some(account)
            }
            None => self.open_patient(&proven, person, act).await?,
        };
        let account = account.ok_or(NotVouched::Over)?;
        Ok(self.begin(&account, proven.proved, Vec::new(), place, act).await?)
    }

    /// Links a subject to an account beforehand, by an administrator who knows how the provider calls its holder. An
    /// invited account is in use from the first time its holder comes by it.
    ///
    /// # Errors
    /// [`NotVouched::NotThere`], [`NotVouched::NotYours`] where the provider is not for the account's institution,
    /// [`NotVouched::Taken`], or a fault of the store.
    pub async fn expect_subject(
        &self,
        by: &Viewer,
        rule: &str,
        account: &str,
        provider: &str,
        subject: &str,
        act: &Act,
    ) -> Result<(), NotVouched> {
        let provider = self.store.provider(provider.to_owned()).await?.ok_or(NotVouched::NotThere)?;
        let account = self.store.account(account.to_owned()).await?.ok_or(NotVouched::NotThere)?;
        if !is_for(&provider, &account) {
            return Err(NotVouched::NotYours);
        }
        let factor = Subject::of(&provider, subject).factor(&account.id, act)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{}", account.id), "factor/oidc".to_owned()];
        if self.store.link_subject(factor, event).await? { Ok(()) } else { Err(NotVouched::Taken) }
    }

    async fn sign_in_as(
        &self,
        provider: &Provider,
        subject: &Subject,
        proved: Vec<String>,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotVouched> {
        let factor = self.factor_of(subject).await?.ok_or(NotVouched::Unlinked)?;
        let account = self.store.account(factor.account.clone()).await?;
        let account = account.filter(|one| is_for(provider, one)).ok_or(NotVouched::Unlinked)?;
        let account = match account.state {
            AccountState::Invited => {
                let active = Account { state: AccountState::Active, ..account };
                let event = change(&active, "active", "invited-subject", act)?;
                self.store.activate_account(active.id.clone(), event).await?.then_some(active)
            }
            _ => Some(account),
        };
        let account = account.ok_or(NotVouched::Over)?;
        Ok(self.begin(&account, proved, vec![used(&factor, act)], place, act).await?)
    }

    /// Sets up the account of an invitation by the subject its holder came with; what was there before ends.
    async fn accept_by_subject(
        &self,
        link: String,
        provider: &Provider,
        subject: &Subject,
        proved: Vec<String>,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotVouched> {
        let leave = self.of_leave(&Enrolment::Invited(link), act).await;
        let Ok((account, Some(invitation))) = leave else { return Err(NotVouched::NotYours) };
        if !is_for(provider, &account) {
            return Err(NotVouched::NotYours);
        }
        if self.factor_of(subject).await?.is_some_and(|factor| factor.account != account.id) {
            return Err(NotVouched::Taken);
        }
        let active = Account { state: AccountState::Active, ..account };
        let (factor, event) =
            (subject.factor(&active.id, act)?, change(&active, "factor/oidc", "own-account", act)?);
        if !self.store.set_up_factors(invitation, vec![factor], true, event).await? {
            return Err(NotVouched::NotYours);
        }
        Ok(self.begin(&active, proved, Vec::new(), place, act).await?)
    }

    async fn link(
        &self,
        account: &Account,
        provider: &Provider,
        subject: &Subject,
        act: &Act,
    ) -> Result<(), NotVouched> {
        if !is_for(provider, account) {
            return Err(NotVouched::NotYours);
        }
        let factor = subject.factor(&account.id, act)?;
        let event = change(account, "factor/oidc", "own-account", act)?;
        if self.store.link_subject(factor, event).await? { Ok(()) } else { Err(NotVouched::Taken) }
    }

    /// Makes the account of a patient who comes for the first time; none if another was quicker.
    async fn open_patient(
        &self,
        proven: &ProvenPerson,
        person: PersonId,
        act: &Act,
    ) -> Result<Option<Account>, Fault> {
        let id = chance::id()?;
        let proofing = serde_json::to_string(&proven.proofing).map_err(|_| damaged("a proofing"))?;
        let account = Account {
            login: format!("patient.{id}"),
            name: proven.name.clone().unwrap_or_default(),
            role: Role::Patient.code().to_owned(),
            institution: None,
            person: Some(person),
            state: AccountState::Active,
            proofing: Some(proofing),
            made_by: id.clone(),
            made_at: act.now,
            ends_at: None,
            used_at: None,
            failures: 0,
            quiet_until: act.now,
            excepted_until: None,
            id,
        };
        let factor = proven.subject.factor(&account.id, act)?;
        let event = change(&account, "opened", "own-account", act)?;
        let is_opened = self.store.open_account(account.clone(), factor, event).await?;
        Ok(is_opened.then_some(account))
    }

    /// The session that somebody left for a provider from, if it was not ended meanwhile.
    async fn session_of(&self, hash: [u8; 32], act: &Act) -> Result<(Session, Account), NotVouched> {
        let found = self.store.session(hash).await?;
        found
            .filter(|(session, account)| {
                let holds = session.ended_at.is_none() && act.now < session.ends_at;
                holds && viewer(account, Some(session), act.now).is_some()
            })
            .ok_or(NotVouched::NotYours)
    }

    async fn factor_of(&self, subject: &Subject) -> Result<Option<Factor>, Fault> {
        Ok(self.store.factors_called(FactorKind::Oidc, subject.label()).await?.pop())
    }
}

/// Whether a provider vouches for whoever has this account.
fn is_for(provider: &Provider, account: &Account) -> bool {
    let is_patient = account.role == Role::Patient.code();
    is_patient == (provider.kind == ProviderKind::Patient) && provider.institution == account.institution
}

/// A use now: each is later than the one before.
fn used(factor: &Factor, act: &Act) -> Use {
    Use { id: factor.id.clone(), step: act.now.as_microsecond(), secret: None }
}

/// An event about an account, by its own holder.
fn change(account: &Account, what: &str, rule: &str, act: &Act) -> Result<audit::Event, Fault> {
    let holder = viewer(account, None, act.now).unwrap_or_else(Viewer::nobody);
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, &holder, rule)?;
    event.objects = vec![format!("account/{}", account.id), what.to_owned()];
    Ok(event)
}

fn proven_person(
    provider: &Provider,
    subject: Subject,
    identified: &Identified,
    proved: Vec<String>,
) -> Result<ProvenPerson, NotVouched> {
    let claim = terms(provider)?.person.ok_or(NotVouched::NotThere)?;
    let number = identified.claim(&claim.claim).ok_or(NotVouched::Unlinked)?.to_owned();
    let proofing =
        Proofing { checked: claim.checked, by: provider.name.clone(), level: claim.level, reference: None };
    Ok(ProvenPerson { subject, number, name: identified.name.clone(), proved, proofing })
}
