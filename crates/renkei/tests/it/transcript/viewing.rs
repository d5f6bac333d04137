//! F5: viewing the six informations with consent at the reader.

use jiff::ToSpan;

use super::body::consent;
use super::stage::{
    ANOTHER_PATIENT, CENTRE_SYSTEM, CLINIC_DOCTOR, CLINIC_SYSTEM, HOSPITAL_SYSTEM, PATIENT, SAFETY_MANAGER,
    STRANGER, Stage, TODAY, submission,
};
use crate::hub::HOSPITAL;

#[test]
fn the_six_informations_are_seen_for_a_day_after_consent_at_the_reader() {
    let mut stage = Stage::set();
    let (record, disease) = submission(&stage.region, "Condition", |sent| sent.institution == HOSPITAL);
    let patient = stage.admit_patient(&record);
    let member = record.members[0].member_id.clone();
    stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "傷病名の報告単位", &disease.body);
    let of_kind =
        |kind: &str| record.submissions.iter().find(|one| one.kind == kind && one.institution == HOSPITAL);
    if let Some(labs) = of_kind("Observation") {
        stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "検査の報告単位", &labs.body);
    }
    let diseases = format!("/fhir/Condition?patient={patient}");
    let labs = format!("/fhir/Observation?patient={patient}&_count=2");
    let search = format!("/fhir/Patient?identifier={}%7C{member}", fhir::systems::MEMBER_ID);

    stage.scene("同意がなければ、よその医師には患者がいることも分からない");
    stage.ask(CLINIC_DOCTOR, "GET", &search);
    stage.ask(CLINIC_DOCTOR, "GET", &diseases);
    stage.ask(STRANGER, "GET", &diseases);
    stage.ask(ANOTHER_PATIENT, "GET", &diseases);

    stage.scene("リーダーでの同意: 傷病名のまとまりだけ");
    stage.send(CLINIC_SYSTEM, "POST", "/api/v1/consents", "同意", &consent(&member, &["diagnosis"]));
    stage.ask(CLINIC_DOCTOR, "GET", &search);
    stage.ask(CLINIC_DOCTOR, "GET", &diseases);
    stage.ask(CLINIC_DOCTOR, "GET", &labs);

    stage.scene("同意できないもの");
    stage.send(
        CLINIC_SYSTEM,
        "POST",
        "/api/v1/consents",
        "知らないまとまり",
        &consent(&member, &["secrets"]),
    );
    stage.send(
        CLINIC_SYSTEM,
        "POST",
        "/api/v1/consents",
        "知らない番号",
        &consent("0:0:0:0", &["diagnosis"]),
    );
    stage.send(PATIENT, "POST", "/api/v1/consents", "患者が送る", &consent(&member, &["diagnosis"]));

    stage.scene("検査にも同意する");
    stage.send(CLINIC_SYSTEM, "POST", "/api/v1/consents", "同意", &consent(&member, &["treatment"]));
    stage.ask(CLINIC_DOCTOR, "GET", &labs);

    stage.wait_until(TODAY.tomorrow().unwrap(), 9);
    stage.ask(CLINIC_DOCTOR, "GET", &diseases);
    stage.wait_until(TODAY.tomorrow().unwrap(), 11);
    stage.scene("24時間たった");
    stage.ask(CLINIC_DOCTOR, "GET", &diseases);
    stage.ask(PATIENT, "GET", &diseases);

    stage.scene("だれが見たかは、患者と安全管理責任者が読める");
    stage.ask(PATIENT, "GET", &format!("/fhir/AuditEvent?patient={patient}"));
    stage.ask(SAFETY_MANAGER, "GET", &format!("/fhir/AuditEvent?patient={patient}&_count=2"));
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/AuditEvent?patient={patient}"));
    stage.ask(CENTRE_SYSTEM, "GET", &format!("/fhir/AuditEvent?patient={patient}"));

    stage.wait_until(TODAY + 6.years(), 10);
    stage.scene("5年を過ぎた傷病名は、患者自身にも窓の外");
    stage.ask(PATIENT, "GET", &diseases);
    super::compare("f5-viewing", &stage.told());
}
