//! Who plays in the demo: the institutions' systems, the people behind the four doors, and the patients' consents.

use access::{Role, new_token};
use audit::{Act, Actor, Event, Measures, Outcome};
use demo::{InstitutionKind, PatientRecord, Region};
use identity::SimulatedCard;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use server::DemoDoor;
use store::{
    Account, AccountState, Bucket, Credential, Fault, Grant, Institution, PersonId, Store, new_event_id,
};

use crate::commands::demo::replay::StoryClock;
use crate::commands::demo::{apps, guardian};

/// One who plays: an account that a door lets in, and a token by which scripts act as the same.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) token: String,
    account: String,
}

/// Everybody who plays.
pub(crate) struct Cast {
    /// Institution number and its system's token.
    pub(crate) systems: Vec<(String, String)>,
    pub(crate) clinician: Part,
    pub(crate) safety_manager: Part,
    pub(crate) patients: Vec<(PersonId, String)>,
    own: Option<Part>,
    emergency_clinician: Part,
    operator: Part,
    developer: Part,
    pub(crate) hospital: String,
    /// Somebody with a disease given to nobody, and the system and name of the institution that registered it.
    withholding: Option<(PersonId, Part, String)>,
}

/// Consent differs from patient to patient, so that the demo shows what is hidden and why: the hospital's groups by
/// the patient's place in the region. Everybody else consents to all.
const NARROWER_CONSENTS: [(usize, &[&str]); 2] = [(6, &["treatment"]), (8, &["treatment", "checkup"])];
/// This patient has consented to nothing: the clinician is refused.
const NO_CONSENT: usize = 9;

/// Of so many persons there is a card at the simulated reader.
const CARDS: usize = 4;
/// The PIN of every simulated card: it is shown beside it.
const CARD_PIN: &str = "1234";

/// The day the region's institutions began to use the service: before the first story.
const SERVICE_BEGAN: Date = date(2015, 4, 1);

const CLINICIAN: &str = "架空 当直 医師";
const EMERGENCY_CLINICIAN: &str = "架空 救急 医師";
const OPERATOR: &str = "架空 運用";
const SAFETY_MANAGER: &str = "見本 安全 （安全管理責任者）";
const DEVELOPER: &str = "例示 ベンダー";

/// Simulated cards of the first persons of the region.
pub(crate) fn cards(region: &Region) -> Vec<SimulatedCard> {
    let card = |patient: &PatientRecord| SimulatedCard {
        serial: patient.key.clone(),
        name: patient.name_kanji.clone(),
        number: patient.members[0].member_id.clone(),
        pin: CARD_PIN.to_owned(),
    };
    region.patients.iter().filter(|patient| !patient.members.is_empty()).take(CARDS).map(card).collect()
}

impl Cast {
    /// Gives everyone a token, kept as any token is.
    pub(crate) async fn make(store: &Store, region: &Region, clock: &StoryClock) -> Result<Self, Fault> {
        store.keep_institutions(institutions(region)).await?;
        let now = clock.now();
        let mut systems: Vec<(String, Part)> = Vec::new();
        for one in &region.institutions {
            let name = format!("{}の電子カルテ", one.name);
            let part = part(store, &name, Role::Institution, Some(&one.number), None, now).await?;
            systems.push((one.number.clone(), part));
        }
        let hospital = region.institutions.iter().find(|one| matches!(one.kind, InstitutionKind::Hospital));
        let hospital = hospital.map(|one| one.number.clone()).unwrap_or_default();
        apps::register(store, &hospital, now).await?;
        let (mut patients, mut own) = (Vec::new(), None);
        for patient in &region.patients {
            let numbers: Vec<_> = patient.members.iter().map(|member| member.member_id.clone()).collect();
            let person = store.person_of(&numbers[0], &numbers, now).await?;
            let part = part(store, &patient.name_kanji, Role::Patient, None, Some(person), now).await?;
            patients.push((person, part.token.clone()));
            own.get_or_insert(part);
        }
        let withholding = withholding(region).and_then(|(index, institution)| {
            let (_, system) = systems.iter().find(|(number, _)| *number == institution)?;
            let name = region.institutions.iter().find(|one| one.number == institution)?.name;
            Some((patients.get(index)?.0, system.clone(), name.to_owned()))
        });
        Ok(Self {
            withholding,
            own,
            systems: systems.into_iter().map(|(number, part)| (number, part.token)).collect(),
            clinician: part(store, CLINICIAN, Role::Clinician, Some(&hospital), None, now).await?,
            safety_manager: part(store, SAFETY_MANAGER, Role::SafetyManager, Some(&hospital), None, now)
                .await?,
            emergency_clinician: part(
                store,
                EMERGENCY_CLINICIAN,
                Role::EmergencyClinician,
                Some(&hospital),
                None,
                now,
            )
            .await?,
            operator: part(store, OPERATOR, Role::Operator, None, None, now).await?,
            developer: part(store, DEVELOPER, Role::Developer, None, None, now).await?,
            patients,
            hospital,
        })
    }

    /// The doors of the front page.
    pub(crate) fn doors(&self) -> Vec<DemoDoor> {
        let door = |code, part: &Part, name: &str, leads_to: String| DemoDoor {
            code,
            account: part.account.clone(),
            name: name.to_owned(),
            leads_to,
        };
        let mut doors = vec![
            door("clinician", &self.clinician, CLINICIAN, "/patients".to_owned()),
            door("safety-manager", &self.safety_manager, SAFETY_MANAGER, "/safety".to_owned()),
        ];
        if let (Some((person, _)), Some(own)) = (self.patients.first(), &self.own) {
            doors.push(door("patient", own, "", format!("/patients/{person}")));
        }
        if let Some((person, system, name)) = &self.withholding {
            doors.push(door("institution", system, name, format!("/patients/{person}/projections")));
        }
        let emergency = &self.emergency_clinician;
        doors.push(door("emergency-clinician", emergency, EMERGENCY_CLINICIAN, "/emergency".to_owned()));
        doors.push(door("operator", &self.operator, OPERATOR, "/disasters".to_owned()));
        doors.push(door("developer", &self.developer, DEVELOPER, "/validator".to_owned()));
        doors
    }

    /// The patients came to the hospital today and consented at the reader; one of them acts for another.
    pub(crate) async fn grant(
        &self,
        store: &Store,
        region: &Region,
        clock: &StoryClock,
    ) -> Result<(), Fault> {
        let now = clock.now();
        if let Some(own) = &self.own {
            let people: Vec<PersonId> = self.patients.iter().map(|(person, _)| *person).collect();
            guardian::register(store, region, &people, &own.account, now).await?;
        }
        for (index, (person, _)) in self.patients.iter().enumerate().take(region.patients.len()) {
            let narrower =
                NARROWER_CONSENTS.iter().find(|(place, _)| *place == index).map(|(_, groups)| *groups);
            let all = access::consent_groups().iter().map(|group| group.code.as_str());
            let groups: Vec<&str> = narrower.map_or_else(|| all.collect(), <[&str]>::to_vec);
            if index != NO_CONSENT {
                let event =
                    Event { patient: Some(person.to_string()), ..on_record(Act::Consent, "grant", now)? };
                store.keep_grant(consent(*person, &self.hospital, &groups, now)?, event).await?;
            }
        }
        Ok(())
    }
}

/// The patient with a withheld disease by their place in the region, and who registered it last.
fn withholding(region: &Region) -> Option<(usize, String)> {
    let is_withheld = |body: &[u8]| String::from_utf8_lossy(body).contains("UNDELIVERED");
    region.patients.iter().enumerate().find_map(|(index, patient)| {
        let sent = patient.submissions.iter().rfind(|sent| is_withheld(&sent.body))?;
        Some((index, sent.institution.clone()))
    })
}

fn consent(person: PersonId, institution: &str, groups: &[&str], now: Timestamp) -> Result<Grant, Fault> {
    let id = new_event_id(person.bucket(), now)?;
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Ok(Grant::at_card_reader(person, id, institution, groups, now, now + access::LONGEST_GRANT))
}

/// The region's institutions and insurers as the hub keeps them.
fn institutions(region: &Region) -> Vec<Institution> {
    let insurers = demo::insurers().into_iter().map(|one| Institution {
        number: one.number,
        name: one.name.to_owned(),
        kind: "insurer".to_owned(),
        ..Institution::default()
    });
    region.institutions.iter().map(institution).chain(insurers).collect()
}

fn institution(one: &demo::Institution) -> Institution {
    let kind = match one.kind {
        InstitutionKind::Hospital => "hospital",
        InstitutionKind::Clinic => "clinic",
        InstitutionKind::CheckupCentre => "checkup-centre",
    };
    Institution {
        number: one.number.clone(),
        name: one.name.to_owned(),
        kind: kind.to_owned(),
        kana: one.kana.to_owned(),
        phone: one.phone.to_owned(),
        postcode: one.postcode.to_owned(),
        address: one.address.to_owned(),
        vendor: Some(one.vendor.to_owned()),
        uses_from: Some(SERVICE_BEGAN),
        ..Institution::default()
    }
}

/// Makes an account in use, and a token that acts as it.
pub(crate) async fn part(
    store: &Store,
    name: &str,
    role: Role,
    institution: Option<&str>,
    person: Option<PersonId>,
    now: Timestamp,
) -> Result<Part, Fault> {
    let ends_at = now + SignedDuration::from_hours(24 * 365 * 10);
    let made = new_token(name, role, institution.map(str::to_owned), person, now, ends_at)?;
    let id = made.credential.id.trim_start_matches("t-").repeat(3)[..32].to_owned();
    let credential = Credential { id: id.clone(), ..made.credential };
    let event = on_record(Act::Credential, &id, now)?;
    store.keep_credential(credential, event).await?;
    let account = Account {
        id: id.clone(),
        login: format!("{}-{}", role.code(), &id[..8]),
        name: name.to_owned(),
        role: role.code().to_owned(),
        institution: institution.map(str::to_owned),
        person,
        state: AccountState::Active,
        proofing: None,
        made_by: "renkei demo".to_owned(),
        made_at: now,
        ends_at: None,
        used_at: None,
        failures: 0,
        quiet_until: now,
        excepted_until: None,
    };
    store.keep_account(account, None, on_record(Act::Credential, &format!("account/{id}"), now)?).await?;
    Ok(Part { token: made.text, account: id })
}

/// The event of the demo, which sets its own stage.
pub(crate) fn on_record(act: Act, what: &str, now: Timestamp) -> Result<Event, Fault> {
    let actor = Actor {
        id: "-".to_owned(),
        name: "renkei demo".to_owned(),
        role: "operator".to_owned(),
        institution: None,
        is_system: true,
        on_behalf_of: None,
    };
    Ok(Event {
        id: new_event_id(Bucket::of_text(what), now)?,
        at: now,
        act,
        outcome: Outcome::Done,
        actor,
        patient: None,
        objects: vec![what.to_owned()],
        purpose: None,
        rule: "operator".to_owned(),
        shown: None,
        measures: Measures::default(),
        request: "demo".to_owned(),
    })
}
