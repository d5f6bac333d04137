use demo::PatientRecord;

use crate::hub::{HOSPITAL, Hub, endless, prepared, steady};

fn with_flag<'r>(hub: &'r Hub, flag: &str) -> &'r PatientRecord {
    let has_flag = |patient: &&&PatientRecord| {
        patient.submissions.iter().any(|sent| String::from_utf8_lossy(&sent.body).contains(flag))
    };
    steady(&hub.region).iter().find(has_flag).copied().expect("the region has such a patient")
}

#[test]
fn a_clinician_sees_nothing_without_the_patients_grant_and_the_refusal_is_on_record() {
    let hub = Hub::start();
    let patient = hub.register_all(steady(&hub.region)[1]);
    let clinician = hub.token("clinician", &["--institution", HOSPITAL]);
    let refused = hub.get(&clinician, &format!("/fhir/Patient/{patient}/$everything"));
    assert_eq!((refused.status, refused.codes()), (403, vec!["no-grant".to_owned()]));
    let manager = hub.token("safety-manager", &[]);
    let events = hub.get(&manager, &format!("/fhir/AuditEvent?patient={patient}")).matches();
    assert!(events.iter().any(|event| event["outcome"] == "4" && event["outcomeDesc"] == "no-grant"));
}

#[test]
fn a_grant_opens_its_groups_and_counts_what_it_does_not_reach() {
    let hub = Hub::start();
    let patient = hub.register_all(steady(&hub.region)[0]);
    let clinician = hub.clinician(&patient, "treatment");
    let conditions = hub.get(&clinician, &format!("/fhir/Condition?patient={patient}"));
    assert_eq!(conditions.status, 403);
    let labs = hub.get(&clinician, &format!("/fhir/Observation?patient={patient}"));
    assert_eq!(labs.status, 200);
    assert!(labs.matches().len() > 10);
    let summary = hub.get(&clinician, &format!("/fhir/Patient/{patient}/$everything"));
    assert!(summary.matches().iter().all(|resource| resource["resourceType"] != "Condition"));
    assert!(String::from_utf8_lossy(&summary.body).contains("閲覧同意の範囲外"));
    assert!(hub.get(&clinician, &format!("/fhir/MedicationRequest?patient={patient}")).matches().len() > 1);
}

#[test]
fn a_patient_sees_their_own_record_and_nobody_elses() {
    let hub = Hub::start();
    let one = hub.register_all(steady(&hub.region)[0]);
    let other = hub.register_all(steady(&hub.region)[1]);
    let token = hub.token("patient", &["--patient", &one]);
    assert!(hub.get(&token, &format!("/fhir/Condition?patient={one}")).matches().len() > 1);
    assert_eq!(hub.get(&token, &format!("/fhir/Condition?patient={other}")).status, 403);
    assert_eq!(hub.get(&token, &format!("/fhir/AuditEvent?patient={other}")).status, 403);
    assert_eq!(hub.get(&token, "/fhir/AuditEvent").status, 403);
    assert!(hub.get(&token, &format!("/fhir/AuditEvent?patient={one}")).matches().len() > 1);
}

#[test]
fn what_a_patient_was_not_told_is_hidden_from_them_even_as_a_number() {
    let hub = Hub::start();
    let record = with_flag(&hub, "UNINFORMED");
    let patient = hub.register_all(record);
    let path = format!("/fhir/Condition?patient={patient}");
    let clinician = hub.get(&hub.clinician(&patient, "diagnosis"), &path);
    let own = hub.get(&hub.token("patient", &["--patient", &patient]), &path);
    let flagged =
        |answer: &crate::hub::Answer| String::from_utf8_lossy(&answer.body).matches("UNINFORMED").count();
    assert!(flagged(&clinician) > 0);
    assert_eq!(flagged(&own), 0);
    assert!(own.matches().len() < clinician.matches().len());
    assert!(String::from_utf8_lossy(&own.body).contains("非表示の情報はありません"));
}

#[test]
fn what_a_doctor_withholds_is_seen_by_nobody_else_but_counted_for_clinicians() {
    let folder = prepared("renkei.db");
    let hub = Hub::run_in(endless(folder), &[env!("CARGO_BIN_EXE_renkei")]);
    let all = &hub.region.patients;
    let withheld = |patient: &&PatientRecord| {
        patient.submissions.iter().any(|sent| String::from_utf8_lossy(&sent.body).contains("UNDELIVERED"))
    };
    let record = all.iter().find(withheld).unwrap();
    let sent =
        record.submissions.iter().rfind(|sent| String::from_utf8_lossy(&sent.body).contains("UNDELIVERED"));
    let sent = sent.unwrap();
    let answer = hub.post(&hub.system(&sent.institution), "/fhir/Bundle", &sent.body);
    assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
    let patient = answer.reference("patient").replace("Patient/", "");
    let view = hub.get(&hub.clinician(&patient, "diagnosis"), &format!("/fhir/Condition?patient={patient}"));
    assert!(!String::from_utf8_lossy(&view.body).contains("UNDELIVERED"));
    assert!(String::from_utf8_lossy(&view.body).contains("未提供"));
}

#[test]
fn a_person_is_found_by_insured_number_only_by_those_who_may_see_something_of_them() {
    let hub = Hub::start();
    let record = steady(&hub.region)[0];
    let patient = hub.register_all(record);
    let member = &record.members[0].member_id;
    let encoded: String = member.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let system = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
    let path = format!("/fhir/Patient?identifier={system}%7C{encoded}");
    let stranger = hub.token("clinician", &["--institution", "1311234567"]);
    let refused = hub.get(&stranger, &path);
    assert_eq!((refused.status, refused.matches().len()), (200, 0));
    let found = hub.get(&hub.clinician(&patient, "treatment"), &path).matches();
    assert_eq!(found[0]["id"], patient.as_str());
    assert_eq!(found[0]["birthDate"], record.birth_date.to_string());
}

#[test]
fn the_log_tells_of_requests_and_never_of_people_or_tokens() {
    let hub = Hub::start();
    let record = steady(&hub.region)[0];
    let patient = hub.register_all(record);
    let clinician = hub.clinician(&patient, "treatment,diagnosis");
    hub.get(&clinician, &format!("/fhir/Patient/{patient}/$everything"));
    hub.post(&clinician, "/fhir/Bundle/$validate", b"{\"resourceType\":\"Patient\",\"name\":[{\"text\":1}]}");
    let log = hub.log();
    let family = record.name_kanji.split(' ').next().unwrap();
    for telling in [family, &record.members[0].member_id, clinician.as_str(), "rk_"] {
        assert!(!log.contains(telling), "{telling} in {log}");
    }
}
