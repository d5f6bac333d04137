//! F4: changing and cancelling.

use super::body::{key_of, letter, pdf, renumbered, reworded, with};
use super::stage::{CENTRE_SYSTEM, CLINIC_SYSTEM, HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, PATIENT, Stage, TODAY};
use crate::hub::{CLINIC, HOSPITAL};

#[test]
fn a_change_is_whole_new_content_under_the_same_id_and_key() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle?referral-consent=given", "紹介状", &letter);
    let path = format!("/fhir/Bundle/{unit}");
    stage.register(CLINIC_SYSTEM, &format!("{path}/$attach"), "心電図PDF", &pdf("ECG-1", "心電図"));

    stage.scene("変更は取消と登録を一度に行う。添付は消え、同意もあらためて要る");
    stage.send(CLINIC_SYSTEM, "PUT", &path, "訂正した紹介状", &reworded(&letter));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &path);
    stage.send(
        CLINIC_SYSTEM,
        "PUT",
        &format!("{path}?referral-consent=given"),
        "もう一度訂正した紹介状",
        &letter,
    );
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));

    stage.scene("断られる変更。立っているものはそのまま");
    stage.send(CLINIC_SYSTEM, "PUT", &path, "別のキー", &renumbered(&letter, 2));
    stage.send(HOSPITAL_SYSTEM, "PUT", &path, "よその施設から", &reworded(&letter));
    stage.send(PATIENT, "PUT", &path, "患者から", &reworded(&letter));
    stage.send(CLINIC_SYSTEM, "PUT", &path, "途中で切れたJSON", &letter[..letter.len() / 2]);
    stage.send(CLINIC_SYSTEM, "PUT", "/fhir/Bundle/no-such-id", "ないものの変更", &letter);
    let other = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "別の紹介状", &renumbered(&letter, 3));
    stage.send(
        CLINIC_SYSTEM,
        "PUT",
        &format!("/fhir/Bundle/{other}"),
        "ほかの紹介状のキー",
        &reworded(&letter),
    );
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));
    super::compare("f4-change", &stage.told());
}

#[test]
fn a_cancellation_by_key_wants_the_number_it_was_registered_under() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    let cancel = "/fhir/Bundle/$cancel";
    let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle?referral-consent=given", "紹介状", &letter);

    stage.scene("断られる取消");
    stage.send(HOSPITAL_SYSTEM, "POST", cancel, "宛先が、正しいキーで", &key_of(&letter));
    stage.send(CENTRE_SYSTEM, "POST", cancel, "よその施設が、正しいキーで", &key_of(&letter));
    stage.send(CLINIC_SYSTEM, "POST", cancel, "違う文書番号", &key_of(&renumbered(&letter, 2)));
    let member = &record.members[0].member_id;
    let wrong = with(&key_of(&letter), member, "00499902:架空:9999999:00");
    stage.send(CLINIC_SYSTEM, "POST", cancel, "違う被保険者番号", &wrong);
    stage.send(CLINIC_SYSTEM, "POST", cancel, "キーのないParameters", b"{\"resourceType\":\"Parameters\"}");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));

    stage.scene("取消。二度目は、そのキーのものがもうない");
    stage.send(CLINIC_SYSTEM, "POST", cancel, "正しいキー", &key_of(&letter));
    stage.send(CLINIC_SYSTEM, "POST", cancel, "もう一度", &key_of(&letter));
    stage.ask(CLINIC_SYSTEM, "DELETE", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));

    stage.scene("取消のあとは、同じキーで出し直せる");
    stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "出し直した紹介状", &letter);
    super::compare("f4-cancel", &stage.told());
}

#[test]
fn after_a_job_change_what_was_sent_under_the_old_number_is_cancelled_under_it() {
    let region = demo::region(TODAY);
    let changed = region.patients.iter().find(|one| one.members.len() > 1).unwrap().clone();
    let last = changed.members[0].valid_to.unwrap();
    let old = &changed.members[0].member_id;
    let sent =
        changed.submissions.iter().find(|sent| String::from_utf8_lossy(&sent.body).contains(old)).unwrap();
    let sender = match &*sent.institution {
        HOSPITAL => HOSPITAL_SYSTEM,
        CLINIC => CLINIC_SYSTEM,
        _ => CENTRE_SYSTEM,
    };
    let mut stage = Stage::set_on(last);
    stage.admit_patient(&changed);
    stage.scene("資格のある最後の日に登録し、次の日に職が変わる");
    let unit = stage.register(sender, "/fhir/Bundle", "古い番号の報告単位", &sent.body);
    stage.wait_until(last.tomorrow().unwrap(), 9);
    let fresh = renumbered(&sent.body, 2);
    stage.send(sender, "POST", "/fhir/Bundle", "古い番号での新しい登録", &fresh);
    let newer = with(&sent.body, old, &changed.members[1].member_id);
    stage.send(sender, "POST", "/fhir/Bundle/$cancel", "新しい番号で取消", &key_of(&newer));
    stage.send(sender, "PUT", &format!("/fhir/Bundle/{unit}"), "新しい番号で変更", &newer);
    stage.send(sender, "POST", "/fhir/Bundle/$cancel", "古い番号で取消", &key_of(&sent.body));
    stage.ask(sender, "GET", &format!("/fhir/Bundle/{unit}"));
    super::compare("f4-old-number", &stage.told());
}
