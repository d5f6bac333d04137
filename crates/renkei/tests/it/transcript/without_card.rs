//! F7: patients without a card: what is registered of them, and who can see it.

use super::stage::{
    CLINIC_DOCTOR, CLINIC_SYSTEM, HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, PATIENT, Stage, submission,
};
use crate::hub::HOSPITAL;

#[test]
fn without_a_card_all_can_be_registered_and_nobody_elsewhere_sees_it() {
    let mut stage = Stage::set();
    let (record, sent) = submission(&stage.region, "Condition", |sent| sent.institution == HOSPITAL);
    let patient = stage.admit_patient(&record);
    let view = format!("/fhir/Condition?patient={patient}");

    stage.scene("登録に要るのは、有効な被保険者番号だけ");
    let unit = stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "傷病名の報告単位", &sent.body);

    stage.scene("同意のしようがないので、よそからは見えない。自施設の医師にも、同意なしにはまとめて見えない");
    stage.ask(CLINIC_DOCTOR, "GET", &view);
    stage.ask(CLINIC_SYSTEM, "GET", &view);
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &view);

    stage.scene("登録した施設は自分の登録を、患者は（マイナポータルを使えば）自分の記録を読める");
    stage.ask(HOSPITAL_SYSTEM, "GET", &view);
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(PATIENT, "GET", &view);
    super::compare("f7-without-card", &stage.told());
}
