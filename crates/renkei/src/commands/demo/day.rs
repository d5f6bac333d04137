//! A day in the region, played over HTTP against a running hub: each step says what it does and fails where the hub
//! does not do what it must.

use std::sync::Arc;

use access::Role;
use demo::{PatientRecord, Region};
use exchange::{Act, Exchange};
use fhir::systems;
use jiff::civil::{Time, date, time};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{PersonId, Store};

use crate::cli::{Hub, Lang};
use crate::client::{Answer, Client};
use crate::commands::demo::cast::{Cast, part};
use crate::commands::demo::replay::StoryClock;
use crate::commands::{Manner, block_on_here, say};
use crate::fault::Fault;

/// Who is referred, who comes at night without having consented, and who are taken for one person.
const REFERRED: usize = 0;
const AT_NIGHT: usize = 9;
const TAKEN_FOR_ONE: (usize, usize) = (2, 3);

/// When the day begins.
const MORNING: Time = time(9, 0, 0, 0);
const TOKYO: TimeZone = TimeZone::fixed(offset(9));

/// A small PDF, as base64.
const PDF: &str = "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRpYUJveFswIDAgMjAwIDIwMF0+PmVuZG9iagp0cmFpbGVyPDwvUm9vdCAxIDAgUj4+CiUlRU9G";

/// Everything the script needs.
pub(crate) struct Day {
    base_url: String,
    region: Region,
    clock: Arc<StoryClock>,
    exchange: Arc<Exchange>,
    manner: Manner,
    patients: Vec<(PersonId, String)>,
    hospital: (String, String),
    clinic: (String, String),
    clinician: String,
    clinic_clinician: String,
    emergency: String,
    operator: String,
    safety_manager: String,
}

impl Day {
    /// Gives those a token who come in only today.
    pub(crate) async fn prepare(
        store: &Store,
        exchange: Arc<Exchange>,
        (cast, region): (&Cast, &Region),
        clock: Arc<StoryClock>,
        base_url: String,
        manner: Manner,
    ) -> Result<Self, Fault> {
        let now = clock.now();
        let system = |number: &str| cast.systems.iter().find(|(one, _)| one == number).cloned();
        let missing = || Fault::Usage("the region has no such institution".to_owned());
        let hospital = system(&cast.hospital).ok_or_else(missing)?;
        let clinic = sender(region, &cast.hospital).and_then(|number| system(&number)).ok_or_else(missing)?;
        let emergency = Role::EmergencyClinician;
        Ok(Self {
            emergency: part(store, "架空 急（救急科）", emergency, Some(&hospital.0), None, now).await?.token,
            clinic_clinician: part(store, "見本 町子（内科）", Role::Clinician, Some(&clinic.0), None, now)
                .await?
                .token,
            operator: part(store, "想定 運用（連携基盤）", Role::Operator, None, None, now).await?.token,
            patients: cast.patients.clone(),
            clinician: cast.clinician.token.clone(),
            safety_manager: cast.safety_manager.token.clone(),
            region: region.clone(),
            base_url,
            clock,
            exchange,
            manner,
            hospital,
            clinic,
        })
    }

    /// Plays the day from beginning to end. Call it where it may block.
    pub(crate) fn play(&self) -> Result<(), Fault> {
        let tomorrow = self.clock.now().to_zoned(TOKYO).date().tomorrow().map_err(|_| self.no_such_day())?;
        let morning = tomorrow.to_datetime(MORNING).to_zoned(TOKYO).map_err(|_| self.no_such_day())?;
        self.clock.set(morning.timestamp());
        let referral = self.a_referral_goes_its_way()?;
        self.a_referral_is_taken_back()?;
        self.somebody_comes_at_night()?;
        self.a_disaster_is_declared_and_ends()?;
        self.two_are_taken_for_one()?;
        self.the_year_ends(&referral)?;
        self.told("day.end", &[])
    }

    /// Registered without consent, kept from its destination, opened at the reader, fetched, closed to its sender.
    fn a_referral_goes_its_way(&self) -> Result<String, Fault> {
        let patient = self.patient(REFERRED);
        let referral = self.register(&self.letter("DAY-1")?, "")?;
        let pdf = json!({"resourceType": "DocumentReference", "status": "current",
            "masterIdentifier": {"system": systems::RESOURCE_ID, "value": "DAY-1-PDF"},
            "content": [{"attachment": {"contentType": "application/pdf", "title": "紹介状の別紙", "data": PDF}}]});
        self.expect(201, self.post(&self.clinic.1, &format!("/fhir/Bundle/{referral}/$attach"), &pdf)?)?;
        self.told("day.referred", &[("patient", &patient.name_kanji)])?;

        self.after(SignedDuration::from_mins(30));
        let inbox = format!("/fhir/Task?owner={}&business-status=registered", self.hospital.0);
        self.is(self.listed(&self.hospital.1, &inbox)?.contains(&referral), "the inbox tells of it")?;
        self.expect(403, self.get(&self.hospital.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.told("day.held-back", &[])?;

        self.after(SignedDuration::from_mins(30));
        self.consent_at(&self.hospital.1, patient, &["diagnosis", "treatment"])?;
        self.expect(200, self.get(&self.hospital.1, &format!("/fhir/Bundle/{referral}"))?)?;
        let task = self.expect(200, self.get(&self.clinic.1, &format!("/fhir/Task/{referral}"))?)?.json();
        let attached = task["input"][0]["valueReference"]["reference"].as_str().unwrap_or_default();
        self.expect(200, self.get(&self.hospital.1, &format!("/fhir/{attached}"))?)?;
        self.is(state(&task) == "fetched", "the sender reads that it was fetched")?;
        self.expect(409, self.delete(&self.clinic.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.told("day.fetched", &[])?;
        Ok(referral)
    }

    fn a_referral_is_taken_back(&self) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(1));
        let referral = self.register(&self.letter("DAY-2")?, "?referral-consent=given")?;
        self.expect(204, self.delete(&self.clinic.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.expect(404, self.get(&self.hospital.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.expect(410, self.delete(&self.clinic.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.told("day.cancelled", &[])
    }

    /// Refused without a reason to see, opened with one, told, reviewed by somebody else.
    fn somebody_comes_at_night(&self) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(15));
        let patient = self.patient(AT_NIGHT);
        let allergies = format!("/fhir/AllergyIntolerance?patient={}", self.patients[AT_NIGHT].0);
        self.expect(403, self.get(&self.emergency, &allergies)?)?;
        let request = json!({"resourceType": "Parameters", "parameter": [
            {"name": "identifier", "valueIdentifier": {"value": number(patient)}},
            {"name": "scope", "valueCode": "emergency-summary"},
            {"name": "reason", "valueString": "意識障害で搬送され、本人から聴取できないため"},
        ]});
        let opened = self.post(&self.emergency, "/fhir/Patient/$emergency-access", &request)?;
        self.expect(201, opened)?;
        self.expect(200, self.get(&self.emergency, &allergies)?)?;
        self.told("day.emergency", &[("patient", &patient.name_kanji)])?;
        self.review(1)?;
        self.told("day.reviewed", &[])
    }

    fn a_disaster_is_declared_and_ends(&self) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(2));
        let now = self.clock.now();
        let declared = json!({"name": "架空県西部地震", "authority": "架空県災害対策本部",
            "prefectures": [&self.clinic.0[..2]], "starts_at": now.to_string(),
            "ends_at": (now + SignedDuration::from_hours(72)).to_string()});
        let disaster = self.expect(201, self.post(&self.operator, "/api/v1/disasters", &declared)?)?.json();
        let patient = self.patient(AT_NIGHT);
        let request = json!({"resourceType": "Parameters", "parameter": [
            {"name": "identifier", "valueIdentifier": {"value": number(patient)}},
            {"name": "reason", "valueString": "避難所で保険証もカードもないため"},
        ]});
        let medicines = format!("/fhir/MedicationRequest?patient={}", self.patients[AT_NIGHT].0);
        self.expect(403, self.get(&self.clinic_clinician, &medicines)?)?;
        self.expect(201, self.post(&self.clinic_clinician, "/fhir/Patient/$disaster-access", &request)?)?;
        self.expect(200, self.get(&self.clinic_clinician, &medicines)?)?;
        self.told("day.disaster", &[("patient", &patient.name_kanji)])?;

        self.after(SignedDuration::from_hours(6));
        let id = disaster["id"].as_str().unwrap_or_default();
        let ended = self.post(&self.operator, &format!("/api/v1/disasters/{id}/end"), &json!({}))?;
        self.expect(204, ended)?;
        self.expect(403, self.get(&self.clinic_clinician, &medicines)?)?;
        self.told("day.disaster-ended", &[])
    }

    /// While two are one, the record of both is shown; parted, each has exactly their own again.
    fn two_are_taken_for_one(&self) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(1));
        let (one, other) = TAKEN_FOR_ONE;
        let all = ["diagnosis", "treatment", "checkup"];
        self.consent_at(&self.hospital.1, self.patient(one), &all)?;
        self.consent_at(&self.hospital.1, self.patient(other), &all)?;
        let (before, apart) = (self.record_of(one)?, self.record_of(other)?);
        let reference = |at: usize| json!({"reference": format!("Patient/{}", self.patients[at].0)});
        let merge = json!({"resourceType": "Parameters", "parameter": [
            {"name": "source-patient", "valueReference": reference(other)},
            {"name": "target-patient", "valueReference": reference(one)},
        ]});
        self.expect(200, self.post(&self.operator, "/fhir/Patient/$merge", &merge)?)?;
        self.is(self.record_of(one)?.len() > before.len(), "joined, they show more")?;
        self.told("day.merged", &[])?;

        let unmerge = json!({"resourceType": "Parameters", "parameter": [
            {"name": "source-patient", "valueReference": reference(other)},
        ]});
        self.expect(200, self.post(&self.operator, "/fhir/Patient/$unmerge", &unmerge)?)?;
        self.consent_at(&self.hospital.1, self.patient(one), &all)?;
        self.consent_at(&self.hospital.1, self.patient(other), &all)?;
        self.is(self.record_of(one)? == before, "parted, the first has their own again")?;
        self.is(self.record_of(other)? == apart, "parted, the other has their own again")?;
        self.told("day.unmerged", &[])
    }

    /// The clock moves on: the fetched referral goes after a week, what was extracted from it stays; at the end of the
    /// next year nothing is left that is due.
    fn the_year_ends(&self, referral: &str) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(24 * 9));
        let ended = self.end_outlived()?;
        self.is(ended > 0, "a week after it was fetched the referral ends")?;
        let task = self.expect(200, self.get(&self.clinic.1, &format!("/fhir/Task/{referral}"))?)?.json();
        self.is(state(&task) == "deleted", "its sender reads that it was deleted")?;
        self.expect(404, self.get(&self.hospital.1, &format!("/fhir/Bundle/{referral}"))?)?;
        self.consent_at(&self.hospital.1, self.patient(REFERRED), &["diagnosis", "treatment"])?;
        let medicines = format!("/fhir/MedicationRequest?patient={}", self.patients[REFERRED].0);
        let shown = self.listed(&self.clinician, &medicines)?;
        self.is(!shown.is_empty(), "what was prescribed is still shown")?;
        self.told("day.week-later", &[("ended", &ended)])?;

        let year = self.clock.now().to_zoned(TOKYO).year();
        let new_year = date(year + 2, 1, 1).to_zoned(TOKYO);
        self.clock.set(new_year.map_or(self.clock.now(), |midnight| midnight.timestamp()));
        let ended = self.end_outlived()?;
        let plan = block_on_here(self.exchange.retention_plan(self.clock.now()))?;
        self.is(plan.is_empty(), "nothing is left that is due")?;
        let certificates = block_on_here(self.exchange.store.disposals(Timestamp::UNIX_EPOCH, u32::MAX))?;
        self.is(certificates.len() >= ended, "every end has its certificate")?;
        self.told("day.year-end", &[("ended", &ended), ("certificates", &certificates.len())])
    }

    fn no_such_day(&self) -> Fault {
        Fault::Usage(self.manner.words("day.no-such-day", &[]))
    }

    fn end_outlived(&self) -> Result<usize, Fault> {
        let act = Act { now: self.clock.now(), request: "demo-day".to_owned() };
        let mut ended = 0;
        loop {
            let round = block_on_here(self.exchange.end_outlived(&act))?;
            ended += round.ended;
            if round.reviewed == 0 {
                return Ok(ended);
            }
        }
    }

    /// Justifies the looks that wait at the hospital.
    fn review(&self, at_least: usize) -> Result<(), Fault> {
        self.after(SignedDuration::from_hours(6));
        let waiting = self.expect(200, self.get(&self.safety_manager, "/api/v1/reviews")?)?.json();
        let looks = waiting["looks"].as_array().cloned().unwrap_or_default();
        self.is(looks.len() >= at_least, "the look waits for its review")?;
        for look in looks {
            let id = look["id"].as_str().unwrap_or_default();
            let found = json!({"finding": "justified", "note": "搬送記録と照合した"});
            self.expect(204, self.post(&self.safety_manager, &format!("/api/v1/reviews/{id}"), &found)?)?;
        }
        Ok(())
    }

    /// A referral from the clinic to the hospital as the region has it, under an identifier of its own.
    fn letter(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let sent = self.patient(REFERRED).submissions.iter();
        let letter = sent
            .filter(|sent| sent.kind == "Referral" && sent.institution == self.clinic.0)
            .find_map(|sent| serde_json::from_slice::<Value>(&sent.body).ok());
        let mut letter = letter.ok_or_else(|| Fault::Usage("the region has no referral".to_owned()))?;
        let year = self.clock.now().to_zoned(TOKYO).year();
        letter["identifier"]["value"] = json!(format!("{}^{year}^{name}", self.clinic.0));
        Ok(letter.to_string().into_bytes())
    }

    fn register(&self, letter: &[u8], query: &str) -> Result<String, Fault> {
        let answer = self.client(&self.clinic.1).post(&format!("/fhir/Bundle{query}"), letter)?;
        let receipt = self.expect(201, answer)?.json();
        let bundle = receipt["parameter"][0]["valueReference"]["reference"].as_str().unwrap_or_default();
        Ok(bundle.trim_start_matches("Bundle/").to_owned())
    }

    fn consent_at(&self, system: &str, patient: &PatientRecord, groups: &[&str]) -> Result<(), Fault> {
        let consent = json!({"member": number(patient), "groups": groups});
        self.expect(201, self.post(system, "/api/v1/consents", &consent)?).map(drop)
    }

    /// Everything the hospital's clinician sees of somebody, without the order.
    fn record_of(&self, at: usize) -> Result<Vec<String>, Fault> {
        let path = format!("/fhir/Patient/{}/$everything", self.patients[at].0);
        let answer = self.expect(200, self.get(&self.clinician, &path)?)?.json();
        let entries = answer["entry"].as_array().cloned().unwrap_or_default();
        let mut all: Vec<String> = entries
            .iter()
            .filter(|entry| entry["search"]["mode"] == "match")
            .map(|entry| entry["resource"].to_string())
            .collect();
        all.sort_unstable();
        Ok(all)
    }

    /// The ids (or addresses) of what a search finds.
    fn listed(&self, token: &str, path: &str) -> Result<Vec<String>, Fault> {
        let answer = self.expect(200, self.get(token, path)?)?.json();
        let entries = answer["entry"].as_array().cloned().unwrap_or_default();
        let found = entries.iter().filter(|entry| entry["search"]["mode"] == "match");
        Ok(found
            .filter_map(|entry| entry["resource"]["id"].as_str().or(entry["fullUrl"].as_str()))
            .map(str::to_owned)
            .collect())
    }

    fn patient(&self, at: usize) -> &PatientRecord {
        &self.region.patients[at]
    }

    fn after(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    fn client(&self, token: &str) -> Client {
        Client::new(&Hub { hub: self.base_url.clone(), token: token.to_owned() }, Lang::Ja)
    }

    fn get(&self, token: &str, path: &str) -> Result<Answer, Fault> {
        self.client(token).get(path)
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> Result<Answer, Fault> {
        self.client(token).post(path, body.to_string().as_bytes())
    }

    fn delete(&self, token: &str, path: &str) -> Result<Answer, Fault> {
        self.client(token).delete(path)
    }

    #[track_caller]
    fn expect(&self, status: u16, answer: Answer) -> Result<Answer, Fault> {
        if answer.status == status {
            return Ok(answer);
        }
        let place = std::panic::Location::caller().line();
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("wanted", &status), ("found", &answer.status), ("place", &place)];
        let said = self.manner.words("day.unexpected", &values);
        Err(Fault::Usage(format!("{said}\n{}", answer.complaints())))
    }

    fn is(&self, holds: bool, what: &str) -> Result<(), Fault> {
        let why = || Fault::Usage(self.manner.words("day.not-so", &[("what", &what)]));
        if holds { Ok(()) } else { Err(why()) }
    }

    /// Says at which hour of the story what was done.
    fn told(&self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> Result<(), Fault> {
        let now = self.clock.now().to_zoned(TOKYO);
        say(&format!("{}  {}", now.strftime("%Y-%m-%d %H:%M"), self.manner.words(key, values)))
    }
}

/// Who sends the first patient's referral to the hospital.
fn sender(region: &Region, hospital: &str) -> Option<String> {
    let sent = region.patients.get(REFERRED)?.submissions.iter();
    sent.filter(|sent| sent.kind == "Referral" && sent.institution != hospital)
        .map(|sent| sent.institution.clone())
        .next()
}

/// The number that is valid today: the last in time.
fn number(patient: &PatientRecord) -> &str {
    patient.members.last().map_or("", |member| &member.member_id)
}

fn state(task: &Value) -> &str {
    task["businessStatus"]["coding"][0]["code"].as_str().unwrap_or_default()
}
