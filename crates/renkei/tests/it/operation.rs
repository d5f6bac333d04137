//! `POST /fhir/{type}/$validate` as a FHIR client meets it.

use serde_json::{Value, json};

use crate::hub::{Answer, HOSPITAL, Hub, steady};

fn issues(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["issue"].as_array().unwrap().clone()
}

fn line_of(issue: &Value) -> i64 {
    issue["extension"][0]["valueInteger"].as_i64().unwrap()
}

#[test]
fn every_type_can_be_validated_and_metadata_says_so() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let statement = hub.get("", "/fhir/metadata").json();
    let types = statement["rest"][0]["resource"].as_array().unwrap().clone();
    assert!(types.len() > 140);
    for listed in &types {
        let name = listed["type"].as_str().unwrap();
        let operations = listed["operation"].as_array().unwrap();
        assert!(operations.iter().any(|one| one["name"] == "validate"), "{name}");
        let body = json!({"resourceType": name}).to_string();
        let answer = hub.post(&token, &format!("/fhir/{name}/$validate"), body.as_bytes());
        assert!(!answer.codes().contains(&"RK-3005".to_owned()), "{name}");
        issues(&answer);
    }
    for name in ["Karte", "Resource", "HumanName"] {
        assert_eq!(hub.post(&token, &format!("/fhir/{name}/$validate"), b"{}").status, 404, "{name}");
    }
    assert_eq!(hub.post("wrong", "/fhir/Patient/$validate", b"{}").status, 401);
}

#[test]
fn another_type_than_the_address_names_is_a_finding() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let answer = hub.post(
        &token,
        "/fhir/Patient/$validate",
        b"{\"resourceType\":\"Basic\",\"code\":{\"text\":\"x\"}}",
    );
    assert_eq!(answer.codes(), ["RK-3005"]);
    assert_eq!(issues(&answer)[0]["severity"], "error");
    let good = steady(&hub.region)[0].submissions[0].body.clone();
    assert!(!hub.post(&token, "/fhir/Bundle/$validate", &good).codes().iter().any(|code| code == "RK-3005"));
}

#[test]
fn a_resource_inside_parameters_is_judged_where_it_stands() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let body = "{\"resourceType\":\"Parameters\",\"parameter\":[\n{\"name\":\"mode\",\"valueCode\":\"create\"},\n\
                {\"name\":\"resource\",\"resource\":\n  {\"resourceType\":\"Patient\",\n   \"gender\":\"x\"}}]}";
    let issues = issues(&hub.post(&token, "/fhir/Patient/$validate", body.as_bytes()));
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0]["expression"][0].as_str(), line_of(&issues[0])), (Some("Patient.gender"), 5));
    let itself = hub.post(&token, "/fhir/Parameters/$validate", b"{\"resourceType\":\"Parameters\"}");
    assert_eq!(itself.json()["issue"][0]["severity"], "information");
    let empty = hub.post(&token, "/fhir/Patient/$validate", b"{\"resourceType\":\"Parameters\"}");
    assert_eq!(empty.status, 400);
}

#[test]
fn what_is_asked_and_cannot_be_done_is_refused_by_name() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let post = |query: &str| {
        hub.post(&token, &format!("/fhir/Patient/$validate{query}"), b"{\"resourceType\":\"Patient\"}")
    };
    assert_eq!(post("?mode=update").status, 200);
    assert_eq!(post("?mode=delete").status, 400);
    assert_eq!(post("?mode=profile").status, 400);
    let unknown = post("?profile=http://example.jp/Unknown");
    assert_eq!(unknown.status, 422);
    let text = unknown.json()["issue"][0]["details"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("http://example.jp/Unknown"), "{text}");
}
