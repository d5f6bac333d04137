//! F3: receiving a referral, and how it ends.

use jiff::ToSpan;

use super::body::{consent, letter, letter_with_summary, pdf, renumbered, reworded};
use super::stage::{
    CENTRE_SYSTEM, CLINIC_DOCTOR, CLINIC_SYSTEM, HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, PATIENT, Stage, TODAY,
};
use crate::hub::{CLINIC, HOSPITAL};

#[test]
fn a_referral_is_fetched_by_its_destination_and_destroyed_a_week_later() {
    let mut stage = Stage::set();
    let (record, letter, summary) = letter_with_summary(&stage.region);
    stage.admit_patient(&record);
    let inbox = format!("/fhir/Task?owner=Organization/{CLINIC}");
    let unit = stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "紹介状", &letter);
    let attach = format!("/fhir/Bundle/{unit}/$attach");
    let part = stage.register(HOSPITAL_SYSTEM, &attach, "退院時サマリー", &summary);
    let picture = stage.register(HOSPITAL_SYSTEM, &attach, "心電図PDF", &pdf("ECG-1", "心電図"));

    stage.scene("閲覧保留のあいだ、宛先は届いたことだけを知る");
    stage.ask(CLINIC_SYSTEM, "GET", &inbox);
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));

    stage.scene("患者が紹介先のカードリーダーで同意する。別の施設での同意は効かない");
    let member = &record.members[0].member_id;
    let given = consent(member, &["treatment"]);
    stage.send(CENTRE_SYSTEM, "POST", "/api/v1/consents", "健診センターのリーダーでの同意", &given);
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.send(CLINIC_SYSTEM, "POST", "/api/v1/consents", "紹介先のリーダーでの同意", &given);

    stage.scene("取得。紹介状と添付が読め、紹介元に取得済と伝わる");
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Bundle/{part}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/DocumentReference/{picture}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?requester=Organization/{HOSPITAL}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));

    stage.scene("取得のあとは、だれも動かせない");
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{part}"));
    stage.send(HOSPITAL_SYSTEM, "PUT", &format!("/fhir/Bundle/{unit}"), "変更", &reworded(&letter));
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "添付", &pdf("ECG-2", "心電図"));
    stage.ask(PATIENT, "POST", &format!("/fhir/Task/{unit}/$open"));

    stage.wait_until(TODAY + 7.days(), 23);
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.wait_until(TODAY + 8.days(), 0);
    stage.ask(CLINIC_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(CLINIC_SYSTEM, "GET", &inbox);
    stage.retain();
    stage.ask(CLINIC_SYSTEM, "GET", &inbox);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Bundle/{part}"));
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{unit}"));
    super::compare("f3-referral-received", &stage.told());
}

#[test]
fn a_referral_that_nobody_fetches_expires_after_six_months_to_the_day() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    let waiting = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "閲覧保留の紹介状", &letter);
    let second = renumbered(&letter, 2);
    let open =
        stage.register(CLINIC_SYSTEM, "/fhir/Bundle?referral-consent=given", "閲覧可の紹介状", &second);
    let last = TODAY + 6.months();

    stage.wait_until(last, 23);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));
    stage.wait_until(last.tomorrow().unwrap(), 0);
    stage.scene("期限を過ぎたら、消去がまだ動いていなくても、だれにも何もできない");
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{open}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Bundle/{open}"));
    stage.ask(PATIENT, "POST", &format!("/fhir/Task/{waiting}/$open"));
    stage.ask(CLINIC_SYSTEM, "POST", &format!("/fhir/Task/{waiting}/$open"));
    stage.send(CLINIC_SYSTEM, "PUT", &format!("/fhir/Bundle/{waiting}"), "変更", &reworded(&letter));
    stage.send(
        CLINIC_SYSTEM,
        "POST",
        &format!("/fhir/Bundle/{waiting}/$attach"),
        "添付",
        &pdf("ECG-1", "心電図"),
    );
    stage.ask(CLINIC_SYSTEM, "DELETE", &format!("/fhir/Bundle/{waiting}"));

    stage.retain();
    stage.scene("消去のあとも、答えは同じ");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{waiting}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{open}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{open}"));
    stage.ask(PATIENT, "POST", &format!("/fhir/Task/{waiting}/$open"));
    stage.send(CLINIC_SYSTEM, "PUT", &format!("/fhir/Bundle/{waiting}"), "変更", &reworded(&letter));
    stage.send(
        CLINIC_SYSTEM,
        "POST",
        &format!("/fhir/Bundle/{waiting}/$attach"),
        "添付",
        &pdf("ECG-1", "心電図"),
    );
    stage.ask(CLINIC_SYSTEM, "DELETE", &format!("/fhir/Bundle/{waiting}"));

    stage.scene("同じキーで、あらためて登録できる");
    stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "出し直した紹介状", &letter);
    super::compare("f3-referral-expires", &stage.told());
}
