//! Documents end at midnight in Japan, on the day their period says.

use std::sync::Arc;

use access::{Assurance, Purpose, Role, Viewer};
use demo::{PatientRecord, Submission};
use exchange::{Act, Exchange, Judges, Sending, SimulatedCentre, SimulatedMember};
use fhir::json::Limits;
use jiff::civil::date;
use store::{Database, Keyring, PersonId, Store, UnitId};

fn at(text: &str) -> Act {
    Act { now: text.parse().unwrap(), request: "r-1".to_owned() }
}

/// An exchange of its own, for whom every number of the region is valid always.
fn exchange(folder: &tempfile::TempDir, region: &demo::Region) -> Exchange {
    let members = region.patients.iter().flat_map(|patient| {
        patient.members.iter().map(|member| SimulatedMember {
            person: patient.key.clone(),
            member_id: member.member_id.clone(),
            valid_from: date(1990, 1, 1),
            valid_to: None,
            identity: None,
        })
    });
    let database = Database::Sqlite(folder.path().join("renkei.db"));
    let store = Arc::new(Store::open(&database, Keyring::fleeting().unwrap()).unwrap());
    Exchange {
        store,
        judges: Judges::new(None),
        eligibility: Box::new(SimulatedCentre::of(members)),
        limits: Limits::default(),
    }
}

fn viewer(role: Role, institution: Option<&str>, person: Option<PersonId>) -> Viewer {
    Viewer {
        credential: "t-1".to_owned(),
        name: "試験 太郎".to_owned(),
        role,
        institution: institution.map(str::to_owned),
        person,
        assurance: Assurance::TOKEN,
        scopes: None,
        stands_for: None,
    }
}

/// The first of a kind that anybody sent.
fn first<'r>(region: &'r demo::Region, kind: &str) -> &'r Submission {
    let sent = |patient: &'r PatientRecord| patient.submissions.iter().find(|sent| sent.kind == kind);
    region.patients.iter().find_map(sent).unwrap()
}

struct Kept {
    exchange: Exchange,
    patient: Viewer,
    person: PersonId,
    unit: UnitId,
    _folder: tempfile::TempDir,
}

/// A document of a kind, registered at an instant.
async fn kept(kind: &str, registered: &str) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let region = demo::region(date(2026, 2, 1));
    let exchange = exchange(&folder, &region);
    let sent = first(&region, kind);
    let sender = viewer(Role::Institution, Some(&sent.institution), None);
    let registered =
        exchange.register(&sender, &sent.body, Sending::default(), &at(registered)).await.unwrap();
    let person = registered.receipt.person;
    let patient = viewer(Role::Patient, None, Some(person));
    Kept { exchange, patient, person, unit: registered.receipt.unit, _folder: folder }
}

impl Kept {
    /// Whether the patient finds the document in the list, and whether it opens.
    async fn shows(&self, when: &str) -> (bool, bool) {
        let (act, purpose) = (at(when), Purpose::PatientRequest);
        let listed = self.exchange.documents(&self.patient, self.person, purpose, &act).await.unwrap();
        let opened = self.exchange.unit(&self.patient, self.unit, purpose, &act).await.unwrap();
        (listed.iter().any(|document| document.unit == self.unit), opened.is_some())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_summary_is_hidden_after_six_months_at_midnight_in_japan() {
    let summary = kept("PatientSummary", "2026-08-31T23:59:59+09:00").await;
    assert_eq!(summary.shows("2027-02-28T23:59:59.999999+09:00").await, (true, true));
    assert_eq!(summary.shows("2027-03-01T00:00:00+09:00").await, (false, false));
    let summary = kept("PatientSummary", "2026-05-21T00:00:00+09:00").await;
    assert_eq!(summary.shows("2026-11-21T14:59:59Z").await, (true, true));
    assert_eq!(summary.shows("2026-11-21T15:00:00Z").await, (false, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkup_is_shown_for_five_years_to_the_day() {
    let checkup = kept("CheckupReport", "2026-03-10T09:00:00+09:00").await;
    assert_eq!(checkup.shows("2031-03-10T23:59:59+09:00").await, (true, true));
    assert_eq!(checkup.shows("2031-03-11T00:00:00+09:00").await, (false, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_gathers_nothing_once_it_is_hidden() {
    let summary = kept("PatientSummary", "2026-05-21T09:00:00+09:00").await;
    for (when, is_there) in [("2026-11-21T23:00:00+09:00", true), ("2026-11-22T00:00:00+09:00", false)] {
        let (act, purpose) = (at(when), Purpose::PatientRequest);
        let linked = summary.exchange.linked_of(&summary.patient, summary.unit, purpose, &act).await;
        assert_eq!(linked.unwrap().is_some(), is_there);
    }
}
