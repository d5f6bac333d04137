//! F2: sending a referral.

use super::body::{letter, letter_with_summary, pdf, renumbered, reworded, with};
use super::stage::{
    ANOTHER_PATIENT, CENTRE_SYSTEM, CLINIC_SYSTEM, CLOSED, HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, NOBODY, PATIENT,
    Stage,
};
use crate::hub::{CLINIC, HOSPITAL};

#[test]
fn a_referral_waits_for_consent_and_opens_by_its_patient_or_by_its_sender() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);

    stage.scene("宛先を探す");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Organization?identifier={HOSPITAL}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Organization?identifier={CLOSED}"));

    stage.scene("同意なしの登録は閲覧保留になる。同じバイト列の再送は最初の受領証、別の内容は409");
    let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "紹介状", &letter);
    stage.send(CLINIC_SYSTEM, "POST", "/fhir/Bundle", "同じバイト列", &letter);
    stage.send(CLINIC_SYSTEM, "POST", "/fhir/Bundle", "同じキーで別の内容", &reworded(&letter));
    let task = format!("/fhir/Task/{unit}");
    stage.ask(CLINIC_SYSTEM, "GET", &task);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));
    stage.ask(HOSPITAL_DOCTOR, "GET", &format!("/fhir/Bundle/{unit}"));
    stage.ask(CENTRE_SYSTEM, "GET", &task);
    stage.ask(CENTRE_SYSTEM, "GET", &format!("/fhir/Bundle/{unit}"));

    stage.scene("閲覧可にできるのは患者と、患者から聞いた紹介元だけ");
    stage.ask(HOSPITAL_SYSTEM, "POST", &format!("{task}/$open"));
    stage.ask(CENTRE_SYSTEM, "POST", &format!("{task}/$open"));
    stage.ask(ANOTHER_PATIENT, "POST", &format!("{task}/$open"));
    stage.ask(PATIENT, "POST", &format!("{task}/$open"));
    stage.ask(PATIENT, "POST", &format!("{task}/$open"));
    stage.ask(
        CLINIC_SYSTEM,
        "GET",
        &format!("/fhir/Task?requester=Organization/{CLINIC}&business-status=open"),
    );

    stage.scene("口頭の同意つきの登録は、届いたときから閲覧可");
    let second = renumbered(&letter, 2);
    stage.register(CLINIC_SYSTEM, "/fhir/Bundle?referral-consent=given", "二通目", &second);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));

    stage.scene("紹介元が後から同意を伝える");
    let third = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "三通目", &renumbered(&letter, 3));
    stage.ask(CLINIC_SYSTEM, "POST", &format!("/fhir/Task/{third}/$open"));

    stage.scene("断られるもの");
    stage.send(CLINIC_SYSTEM, "POST", "/fhir/Bundle?referral-consent=maybe", "紹介状", &letter);
    stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "よその施設の紹介状", &renumbered(&letter, 4));
    for (what, number) in
        [("宛先が廃止された施設", CLOSED), ("宛先がない施設", NOBODY), ("宛先が自施設", CLINIC)]
    {
        let body = with(&renumbered(&letter, 5), HOSPITAL, number);
        stage.send(CLINIC_SYSTEM, "POST", "/fhir/Bundle", what, &body);
    }
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}"));
    stage.ask(PATIENT, "GET", &format!("/fhir/Bundle/{unit}"));
    super::compare("f2-referral-sent", &stage.told());
}

#[test]
fn what_is_sent_along_goes_with_the_letter_and_never_alone() {
    let mut stage = Stage::set();
    let (record, letter, summary) = letter_with_summary(&stage.region);
    stage.admit_patient(&record);
    let heart = pdf("ECG-1", "心電図");

    stage.scene("紹介状より先には送れない。PDFだけの紹介状はない");
    stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "退院時サマリーだけ", &summary);
    stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "PDFだけ", &heart);

    stage.scene("紹介状のあとに、退院時サマリーとPDFを添付する");
    let unit = stage.register(HOSPITAL_SYSTEM, "/fhir/Bundle", "紹介状", &letter);
    let attach = format!("/fhir/Bundle/{unit}/$attach");
    let part = stage.register(HOSPITAL_SYSTEM, &attach, "退院時サマリー", &summary);
    let picture = stage.register(HOSPITAL_SYSTEM, &attach, "心電図PDF", &heart);
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));

    stage.scene(
        "同じ添付の再送は最初の受領証。同じ番号の別の添付、PDFでないもの、よその施設、ほかの紹介状は断る",
    );
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "同じPDF", &heart);
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "同じ番号で別のPDF", &pdf("ECG-1", "別の心電図"));
    let not_pdf = with(&pdf("ECG-2", "画像"), "application/pdf", "image/png");
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "PNG", &not_pdf);
    stage.send(CLINIC_SYSTEM, "POST", &attach, "よその施設からのPDF", &pdf("ECG-3", "心電図"));
    stage.send(PATIENT, "POST", &attach, "患者からのPDF", &pdf("ECG-3", "心電図"));
    stage.send(
        HOSPITAL_SYSTEM,
        "POST",
        &format!("/fhir/Bundle/{part}/$attach"),
        "添付への添付",
        &pdf("ECG-3", "心電図"),
    );
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "紹介状の添付に紹介状", &renumbered(&letter, 2));

    stage.scene("閲覧保留のあいだ、宛先は添付も見られない");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Bundle/{part}"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/DocumentReference/{picture}"));

    stage.scene("添付ひとつだけの取消、そして紹介状ごとの取消");
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{picture}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{unit}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Bundle/{part}"));
    stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));
    stage.send(HOSPITAL_SYSTEM, "POST", &attach, "取消のあとの添付", &heart);
    stage.send(HOSPITAL_SYSTEM, "PUT", &format!("/fhir/Bundle/{unit}"), "取消のあとの変更", &letter);
    stage.ask(PATIENT, "POST", &format!("/fhir/Task/{unit}/$open"));
    stage.ask(HOSPITAL_SYSTEM, "DELETE", &format!("/fhir/Bundle/{unit}"));
    super::compare("f2-attachments", &stage.told());
}
