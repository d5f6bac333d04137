//! Who plays in the demo: the institutions' systems, the people behind the four doors, and the patients' consents.

use access::{Role, new_token};
use audit::{Act, Actor, Event, Measures, Outcome};
use demo::{InstitutionKind, Region};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use server::DemoDoor;
use store::{Bucket, Fault, Grant, Institution, PersonId, Store, new_event_id};

use crate::commands::demo::replay::StoryClock;

/// Tokens by part.
pub(crate) struct Cast {
    /// Institution number and its system's token.
    pub(crate) systems: Vec<(String, String)>,
    pub(crate) clinician: String,
    pub(crate) safety_manager: String,
    pub(crate) patients: Vec<(PersonId, String)>,
    emergency_clinician: String,
    operator: String,
    developer: String,
    pub(crate) hospital: String,
    /// Somebody with a disease given to nobody, and the system and name of the institution that registered it.
    withholding: Option<(PersonId, String, String)>,
}

/// Consent differs from patient to patient, so that the demo shows what is hidden and why: the hospital's groups by
/// the patient's place in the region. Everybody else consents to all.
const NARROWER_CONSENTS: [(usize, &[&str]); 2] = [(6, &["treatment"]), (8, &["treatment", "checkup"])];
/// This patient has consented to nothing: the clinician is refused.
const NO_CONSENT: usize = 9;

/// The day the region's institutions began to use the service: before the first story.
const SERVICE_BEGAN: Date = date(2015, 4, 1);

const CLINICIAN: &str = "架空 当直 医師";
const EMERGENCY_CLINICIAN: &str = "架空 救急 医師";
const OPERATOR: &str = "架空 運用";
const SAFETY_MANAGER: &str = "見本 安全 （安全管理責任者）";
const DEVELOPER: &str = "例示 ベンダー";

impl Cast {
    /// Gives everyone a token, kept as any token is.
    pub(crate) async fn make(store: &Store, region: &Region, clock: &StoryClock) -> Result<Self, Fault> {
        store.keep_institutions(institutions(region)).await?;
        let now = clock.now();
        let mut systems = Vec::new();
        for one in &region.institutions {
            let name = format!("{}の電子カルテ", one.name);
            let token = token(store, &name, Role::Institution, Some(&one.number), None, now).await?;
            systems.push((one.number.clone(), token));
        }
        let hospital = region.institutions.iter().find(|one| matches!(one.kind, InstitutionKind::Hospital));
        let hospital = hospital.map(|one| one.number.clone()).unwrap_or_default();
        let mut patients = Vec::new();
        for patient in &region.patients {
            let numbers: Vec<_> = patient.members.iter().map(|member| member.member_id.clone()).collect();
            let person = store.person_of(&numbers[0], &numbers, now).await?;
            let text = token(store, &patient.name_kanji, Role::Patient, None, Some(person), now).await?;
            patients.push((person, text));
        }
        let withholding = withholding(region).and_then(|(index, institution)| {
            let (_, token) = systems.iter().find(|(number, _)| *number == institution)?;
            let name = region.institutions.iter().find(|one| one.number == institution)?.name;
            Some((patients.get(index)?.0, token.clone(), name.to_owned()))
        });
        Ok(Self {
            withholding,
            systems,
            clinician: token(store, CLINICIAN, Role::Clinician, Some(&hospital), None, now).await?,
            safety_manager: token(store, SAFETY_MANAGER, Role::SafetyManager, Some(&hospital), None, now)
                .await?,
            emergency_clinician: token(
                store,
                EMERGENCY_CLINICIAN,
                Role::EmergencyClinician,
                Some(&hospital),
                None,
                now,
            )
            .await?,
            operator: token(store, OPERATOR, Role::Operator, None, None, now).await?,
            developer: token(store, DEVELOPER, Role::Developer, None, None, now).await?,
            patients,
            hospital,
        })
    }

    /// The doors of the front page.
    pub(crate) fn doors(&self) -> Vec<DemoDoor> {
        let door = |code, token: &str, name: &str, leads_to: String| DemoDoor {
            code,
            token: token.to_owned(),
            name: name.to_owned(),
            leads_to,
        };
        let mut doors = vec![
            door("clinician", &self.clinician, CLINICIAN, "/patients".to_owned()),
            door("safety-manager", &self.safety_manager, SAFETY_MANAGER, "/audit".to_owned()),
        ];
        if let Some((person, token)) = self.patients.first() {
            doors.push(door("patient", token, "", format!("/patients/{person}")));
        }
        if let Some((person, token, name)) = &self.withholding {
            doors.push(door("institution", token, name, format!("/patients/{person}/projections")));
        }
        let emergency = &self.emergency_clinician;
        doors.push(door("emergency-clinician", emergency, EMERGENCY_CLINICIAN, "/emergency".to_owned()));
        doors.push(door("operator", &self.operator, OPERATOR, "/disasters".to_owned()));
        doors.push(door("developer", &self.developer, DEVELOPER, "/validator".to_owned()));
        doors
    }

    /// The patients came to the hospital today and consented at the reader.
    pub(crate) async fn grant(
        &self,
        store: &Store,
        region: &Region,
        clock: &StoryClock,
    ) -> Result<(), Fault> {
        let now = clock.now();
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

pub(crate) async fn token(
    store: &Store,
    name: &str,
    role: Role,
    institution: Option<&str>,
    person: Option<PersonId>,
    now: Timestamp,
) -> Result<String, Fault> {
    let ends_at = now + SignedDuration::from_hours(24 * 365 * 10);
    let made = new_token(name, role, institution.map(str::to_owned), person, now, ends_at)?;
    let event = on_record(Act::Credential, &made.credential.id, now)?;
    store.keep_credential(made.credential, event).await?;
    Ok(made.text)
}

/// The event of the demo, which sets its own stage.
fn on_record(act: Act, what: &str, now: Timestamp) -> Result<Event, Fault> {
    let actor = Actor {
        id: "-".to_owned(),
        name: "renkei demo".to_owned(),
        role: "operator".to_owned(),
        institution: None,
        is_system: true,
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
