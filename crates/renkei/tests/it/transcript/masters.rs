//! F6: masters are compared and downloaded.

use super::stage::{CLINIC_SYSTEM, PATIENT, STRANGER, Stage, TODAY, submission};

const FIRST: &str =
    "コード,FHIR識別名,適用開始日,適用終了日\nA01,架空の検査1,20250401,\nA02,架空の検査2,20250401,20260630\n";
const SECOND: &str =
    "コード,FHIR識別名,適用開始日,適用終了日\nA01,架空の検査1（改称）,20250401,\nA03,架空の検査3,20260701,\n";

#[test]
fn an_institution_compares_its_masters_with_the_centre_and_downloads_what_changed() {
    let mut stage = Stage::set();
    let (record, _) = submission(&stage.region, "Condition", |_| true);
    stage.admit_patient(&record);
    let path = "/api/v1/masters/lab-items";
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?format=json"));

    stage.import("lab-items", "2026-04", TODAY, FIRST);
    stage.ask(CLINIC_SYSTEM, "GET", "/api/v1/masters");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?format=json"));

    stage.import("lab-items", "2026-07", TODAY.saturating_add(jiff::Span::new().days(21)), SECOND);
    stage.scene("次の版は、その日が来るまで効かない");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?format=json"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?format=json&version=2026-07"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}/difference?from=2026-04&to=2026-07"));
    stage.wait_until(TODAY.saturating_add(jiff::Span::new().days(21)), 0);
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?format=json"));

    stage.scene("断られるもの");
    stage.ask(CLINIC_SYSTEM, "GET", "/api/v1/masters/dreams");
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}?version=1999-01"));
    stage.ask(CLINIC_SYSTEM, "GET", &format!("{path}/difference?from=2026-04"));
    stage.ask(PATIENT, "GET", "/api/v1/masters");
    stage.ask(STRANGER, "GET", "/api/v1/masters");
    super::compare("f6-masters", &stage.told());
}
