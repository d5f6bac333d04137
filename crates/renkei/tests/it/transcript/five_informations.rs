//! F1: registering the five informations.

use super::body::with;
use super::stage::{CENTRE_SYSTEM, CLINIC_SYSTEM, HOSPITAL_SYSTEM, PATIENT, STRANGER, Stage, submission};
use crate::hub::HOSPITAL;

#[test]
fn five_informations_are_registered_replaced_refused_and_cancelled() {
    let mut stage = Stage::set();
    let (record, sent) = submission(&stage.region, "Condition", |sent| sent.institution == HOSPITAL);
    let patient = stage.admit_patient(&record);
    let view = format!("/fhir/Condition?patient={patient}");

    stage.scene("登録。同じバイト列をもう一度送っても、最初の受領証が返る");
    let unit = stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "傷病名の報告単位", &sent.body);
    stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "同じバイト列", &sent.body);
    stage.ask(HOSPITAL_SYSTEM, "GET", &view);
    stage.ask(PATIENT, "GET", &view);

    stage.scene("同じキーで新しい内容を送ると、報告単位ごと置き換わる");
    let newer = with(&sent.body, "\"type\":\"collection\"", "\"type\": \"collection\"");
    let newer = stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "新しい報告単位", &newer);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Bundle/{newer}"));

    stage.scene("断られるもの。何も変わらない");
    stage.send(STRANGER, "POST", "/fhir/Bundle", "報告単位", &sent.body);
    stage.send(CLINIC_SYSTEM, "POST", "/fhir/Bundle", "よその施設の報告単位", &sent.body);
    stage.send(PATIENT, "POST", "/fhir/Bundle", "報告単位", &sent.body);
    let member = &record.members[0].member_id;
    let unknown = with(&sent.body, member, "00499902:架空:9999999:00");
    stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "だれのでもない被保険者番号", &unknown);
    stage.send(
        HOSPITAL_SYSTEM,
        "POST",
        "/fhir/Bundle",
        "途中で切れたJSON",
        &sent.body[..sent.body.len() / 2],
    );
    stage.ask(CLINIC_SYSTEM, "DELETE", &format!("/fhir/Bundle/{newer}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &view);

    stage.scene("取消。二度目はもうない");
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{newer}"));
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{newer}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &view);
    stage.ask(PATIENT, "GET", &view);
    stage.ask(CENTRE_SYSTEM, "DELETE", "/fhir/Bundle/no-such-id");
    super::compare("f1-five-informations", &stage.told());
}
