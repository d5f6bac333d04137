//! What the systems of this flow send: the region's own bundles, and small changes to them.

use demo::{PatientRecord, Region, Submission};
use serde_json::{Value, json};

use super::stage::submission;
use crate::hub::{CLINIC, HOSPITAL};

/// A letter from the clinic to the hospital, and whose it is.
pub(super) fn letter(region: &Region) -> (PatientRecord, Vec<u8>) {
    let (record, sent) = submission(region, "Referral", |sent| sent.institution == CLINIC && is_plain(sent));
    (record, sent.body)
}

/// A letter from the hospital to the clinic that came with a discharge summary: patient, letter, summary.
pub(super) fn letter_with_summary(region: &Region) -> (PatientRecord, Vec<u8>, Vec<u8>) {
    let (record, sent) =
        submission(region, "Referral", |sent| sent.institution == HOSPITAL && !is_plain(sent));
    let json: Value = serde_json::from_slice(&sent.body).unwrap();
    let summary =
        json["entry"].as_array().unwrap().iter().find(|one| one["resource"]["resourceType"] == "Bundle");
    let summary = summary.unwrap()["resource"].to_string().into_bytes();
    (record, sent.body, summary)
}

fn is_plain(sent: &Submission) -> bool {
    !String::from_utf8_lossy(&sent.body).contains("JP_Bundle_eDischargeSummary")
}

/// The same document with another wording: whole new content under the same key.
pub(super) fn reworded(body: &[u8]) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(body).unwrap();
    let words = json["entry"][0]["resource"]["section"][0]["text"]["div"].as_str().unwrap().to_owned();
    let words = words.replacen("</div>", "（訂正版）</div>", 1);
    json["entry"][0]["resource"]["section"][0]["text"]["div"] = json!(words);
    json.to_string().into_bytes()
}

/// The same document under another identifier.
pub(super) fn renumbered(body: &[u8], number: u32) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(body).unwrap();
    let key = json["identifier"]["value"].as_str().unwrap();
    json["identifier"]["value"] = json!(format!("{key}-{number}"));
    json.to_string().into_bytes()
}

/// The same bytes with one text in place of another.
pub(super) fn with(body: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains(old), "{old} stands in it");
    text.replace(old, new).into_bytes()
}

/// A PDF in a DocumentReference.
pub(super) fn pdf(number: &str, title: &str) -> Vec<u8> {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(format!("%PDF-1.4\n% {title}\n%%EOF\n"));
    json!({
        "resourceType": "DocumentReference",
        "masterIdentifier": {"system": "urn:example:renkei:attachment", "value": number},
        "status": "current",
        "description": title,
        "content": [{"attachment": {"contentType": "application/pdf", "title": title, "data": data}}]
    })
    .to_string()
    .into_bytes()
}

/// What `$cancel` is told: the identifier of the Bundle and the insured number, as they were sent.
pub(super) fn key_of(body: &[u8]) -> Vec<u8> {
    let json: Value = serde_json::from_slice(body).unwrap();
    json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "identifier", "valueIdentifier": json["identifier"]},
            {"name": "member", "valueIdentifier": {"system": fhir::systems::MEMBER_ID, "value": member_of(&json)}},
        ]
    })
    .to_string()
    .into_bytes()
}

/// The insured number that a bundle bears.
pub(super) fn member_of(json: &Value) -> String {
    let entries = json["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let mut identifiers = entries
        .filter(|resource| resource["resourceType"] == "Patient")
        .flat_map(|patient| patient["identifier"].as_array().unwrap());
    let found = identifiers.find(|identifier| identifier["system"] == fhir::systems::MEMBER_ID);
    found.unwrap()["value"].as_str().unwrap().to_owned()
}

/// What a card reader hands in.
pub(super) fn consent(member: &str, groups: &[&str]) -> Vec<u8> {
    json!({"member": member, "groups": groups}).to_string().into_bytes()
}
