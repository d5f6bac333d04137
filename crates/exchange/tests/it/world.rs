//! The real exchange, with everybody's credentials.

use std::sync::Arc;

use access::{Assurance, Purpose, Role, Viewer};
use exchange::referral::Mailbox;
use exchange::{
    Act, EmergencyRequest, Exchange, Judges, ReaderConsent, Sending, SimulatedCentre, SimulatedReader, Sought,
};
use fhir::json::Limits;
use jiff::Timestamp;
use store::{Database, Information, Institution, Keyring, PersonId, Stance, Store, UnitId};

use crate::model::{Item, Number, Seen, effective};

/// A hub in memory, or nearly so.
pub(crate) struct World {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) centre: Arc<SimulatedCentre>,
    pub(crate) institutions: Vec<String>,
    pub(crate) now: Timestamp,
    acts: std::sync::atomic::AtomicU64,
}

/// What an act answered: the unit or grant it made, or why not.
pub(crate) type Answer<T> = Result<T, String>;

impl World {
    pub(crate) fn open(database: &Database) -> Self {
        let store = Store::open(database, Keyring::fleeting().unwrap()).unwrap();
        let centre = Arc::new(SimulatedCentre::default());
        let exchange = Exchange {
            store: Arc::new(store),
            judges: Judges::new(None),
            eligibility: Box::new(Arc::clone(&centre)),
            limits: Limits::default(),
        };
        let institutions = demo::institutions().into_iter().map(|one| one.number).collect();
        let now = "2026-04-01T00:00:00Z".parse().unwrap();
        let acts = std::sync::atomic::AtomicU64::default();
        Self { exchange: Arc::new(exchange), centre, institutions, now, acts }
    }

    pub(crate) async fn keep_institutions(&self) {
        let known = self.institutions.iter().map(|number| Institution {
            number: number.clone(),
            name: number.clone(),
            kind: "hospital".to_owned(),
            uses_from: Some(jiff::civil::date(2025, 1, 1)),
            ..Institution::default()
        });
        self.exchange.store.keep_institutions(known.collect()).await.unwrap();
    }

    /// Tells the centre whose numbers are whose.
    pub(crate) fn tell_centre(&self, numbers: &[Number]) {
        let mut text = "person,member_id,valid_from,valid_to\n".to_owned();
        for number in numbers {
            let last = number.to.map(|day| day.to_string()).unwrap_or_default();
            text += &format!("P{},{},{},{last}\n", number.person, number.text, number.from);
        }
        self.centre.replace(&text).unwrap();
    }

    pub(crate) fn act(&self) -> Act {
        let number = self.acts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // No two acts happen at the same instant.
        let now = self.now + jiff::SignedDuration::from_micros(i64::try_from(number).unwrap());
        Act { now, request: format!("r-{number}") }
    }

    pub(crate) fn system(&self, index: usize) -> Viewer {
        self.viewer(Role::Institution, index)
    }

    pub(crate) fn clinician(&self, index: usize, is_emergency: bool) -> Viewer {
        self.viewer(if is_emergency { Role::EmergencyClinician } else { Role::Clinician }, index)
    }

    fn viewer(&self, role: Role, index: usize) -> Viewer {
        Viewer {
            credential: format!("{}-{index}", role.code()),
            name: role.code().to_owned(),
            role,
            institution: Some(self.institutions[index].clone()),
            person: None,
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        }
    }

    /// A patient as the door lets them in: their id leads to the head of their kin.
    pub(crate) async fn patient(&self, person: PersonId) -> Viewer {
        let head = self.exchange.store.head_of(person).await.unwrap();
        let person = Some(head);
        Viewer {
            credential: "patient".to_owned(),
            name: "患者".to_owned(),
            role: Role::Patient,
            institution: None,
            person,
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        }
    }

    pub(crate) fn operator(&self) -> Viewer {
        Viewer {
            credential: "operator".to_owned(),
            name: "運用者".to_owned(),
            role: Role::Operator,
            institution: None,
            person: None,
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        }
    }

    // Acts

    pub(crate) async fn register(
        &self,
        by: usize,
        bytes: &[u8],
        replaces: Option<UnitId>,
        is_consented: bool,
    ) -> Answer<UnitId> {
        let sending = Sending { replaces, is_consented };
        let registered = self.exchange.register(&self.system(by), bytes, sending, &self.act()).await;
        registered.map(|one| one.receipt.unit).map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn attach(&self, by: usize, referral: UnitId, bytes: &[u8]) -> Answer<UnitId> {
        let attached = self.exchange.attach(&self.system(by), referral, bytes, &self.act()).await;
        attached.map(|one| one.receipt.unit).map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn cancel(&self, by: usize, unit: UnitId) -> Answer<()> {
        let cancelled = self.exchange.cancel(&self.system(by), unit, &self.act()).await;
        cancelled.map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn open_referral(&self, by: &Viewer, unit: UnitId) -> Answer<()> {
        let opened = self.exchange.open_referral(by, unit, &self.act()).await;
        opened.map(drop).map_err(|why| format!("{why:?}"))
    }

    /// Whether the unit is shown whole.
    pub(crate) async fn fetch(&self, by: usize, unit: UnitId) -> bool {
        let shown = self.exchange.unit(&self.system(by), unit, Purpose::Treatment, &self.act()).await;
        matches!(shown, Ok(Some(_)))
    }

    pub(crate) async fn consent(
        &self,
        at: usize,
        member_id: &str,
        groups: &[&str],
    ) -> Answer<audit::EventId> {
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        let consent = ReaderConsent { member_id: member_id.to_owned(), groups, given_at: self.now };
        let reader = SimulatedReader(consent);
        let grant = self.exchange.consent_at_reader(&self.system(at), &reader, &self.act()).await;
        grant.map(|grant| grant.id).map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn revoke(&self, patient: PersonId, grant: audit::EventId) -> Answer<()> {
        let viewer = self.patient(patient).await;
        let revoked = self.exchange.revoke(&viewer, grant, &self.act()).await;
        revoked.map(drop).map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn wish(
        &self,
        patient: PersonId,
        institution: Option<usize>,
        group: &str,
        stance: Stance,
    ) -> Answer<()> {
        let institution = institution.map(|index| self.institutions[index].clone());
        let viewer = self.patient(patient).await;
        let groups = vec![group.to_owned()];
        let wished = self.exchange.wish(&viewer, patient, institution, groups, stance, &self.act()).await;
        wished.map_err(|why| format!("{why:?}"))
    }

    pub(crate) async fn emergency(&self, by: usize, member_id: &str, scope: &str) -> Answer<audit::EventId> {
        let request = EmergencyRequest {
            sought: Sought::Number(member_id.to_owned()),
            scope: scope.to_owned(),
            reason: "意識障害で搬送された".to_owned(),
            hours: 12,
        };
        let viewer = self.clinician(by, true);
        let opened = self.exchange.open_in_emergency(&viewer, &request, &self.act()).await;
        opened.map(|grant| grant.id).map_err(|why| format!("{why:?}"))
    }

    // Views

    /// What a viewer is shown of a person's six informations; `None` if they are refused.
    pub(crate) async fn seen(&self, viewer: &Viewer, person: PersonId) -> Option<Seen> {
        let all = &Information::ALL;
        let view = self.exchange.view(viewer, person, all, Purpose::Treatment, &self.act()).await.ok()?;
        let items = view.items.iter();
        let mut seen: Seen = items.map(|item| (item.unit, item.information.code(), item.date)).collect();
        seen.sort_unstable();
        Some(seen)
    }

    /// What an institution registered of a person.
    pub(crate) async fn items(&self, by: usize, person: PersonId) -> Vec<Item> {
        let all = &Information::ALL;
        let viewer = self.system(by);
        let view = self.exchange.view(&viewer, person, all, Purpose::Treatment, &self.act()).await.unwrap();
        let items = view.items.into_iter().enumerate().map(|(says, item)| Item {
            information: item.information.code(),
            date: item.date,
            code: item.code,
            says,
            is_not_told: item.is_not_told,
            is_withheld: item.is_withheld,
            is_long_term: false,
        });
        items.collect()
    }

    pub(crate) async fn documents(&self, viewer: &Viewer, person: PersonId) -> Vec<UnitId> {
        let documents = self.exchange.documents(viewer, person, Purpose::Treatment, &self.act()).await;
        let mut ids: Vec<UnitId> = documents.unwrap().into_iter().map(|one| one.unit).collect();
        ids.sort_unstable();
        ids
    }

    /// Units and states of an institution's referrals.
    pub(crate) async fn mailbox(&self, index: usize, which: Mailbox) -> Vec<(UnitId, &'static str)> {
        let viewer = self.system(index);
        let found = self.exchange.referrals(&viewer, which, Timestamp::UNIX_EPOCH, &self.act()).await;
        let states =
            found.unwrap().into_iter().map(|one| (one.unit, effective(one.state, one.ends_at, self.now)));
        let mut states: Vec<_> = states.map(|(unit, state)| (unit, state.code())).collect();
        states.sort_unstable();
        states
    }
}
