use crate::hub::{CLINIC, HOSPITAL, Hub};

fn numbers(found: &[serde_json::Value]) -> Vec<&str> {
    found.iter().filter_map(|one| one["id"].as_str()).collect()
}

#[test]
fn a_destination_is_found_by_its_number_or_a_part_of_its_name_and_pages_follow_each_other() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let by_name = hub.get(&token, "/fhir/Organization?name=%E3%83%95%E3%82%A1%E3%83%9F%E3%83%AA%E3%83%BC");
    assert_eq!(numbers(&by_name.matches()), [CLINIC]);
    let found = hub.get(&token, &format!("/fhir/Organization?identifier={CLINIC}")).matches();
    assert_eq!(found[0]["active"], true);
    assert_eq!(found[0]["name"], "架空ファミリークリニック");
    let mut path = "/fhir/Organization?_count=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = hub.get(&token, &path);
        seen.extend(numbers(&page.matches()).into_iter().map(str::to_owned));
        let json = page.json();
        let next = json["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next");
        let Some(next) = next else { break };
        path = next["url"].as_str().unwrap().strip_prefix(&hub.url).unwrap().to_owned();
    }
    assert_eq!(seen, ["4919999901", "4919999902", "4919999903"]);
}

#[test]
fn a_number_that_cannot_be_sent_to_is_answered_with_the_reason() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let answer = hub.get(&token, "/fhir/Organization?identifier=4919999999");
    assert_eq!(answer.status, 200);
    assert!(answer.matches().is_empty());
    let outcome = &answer.json()["entry"][0];
    assert_eq!(outcome["search"]["mode"], "outcome");
    let code = &outcome["resource"]["issue"][0]["details"]["coding"][0]["code"];
    assert_eq!(code, "institution-unknown");
    assert_eq!(hub.get(&token, "/fhir/Organization/4919999999").status, 404);
    assert_eq!(hub.get(&token, &format!("/fhir/Organization/{CLINIC}")).status, 200);
}

#[test]
fn the_directory_is_for_institutions_and_their_people() {
    let hub = Hub::start();
    let developer = hub.token("developer", &[]);
    assert_eq!(hub.get(&developer, "/fhir/Organization?name=x").status, 403);
    assert_eq!(hub.get("", "/fhir/Organization?name=x").status, 401);
    let clinician = hub.token("clinician", &["--institution", HOSPITAL]);
    assert_eq!(hub.get(&clinician, "/fhir/Organization?name=x").status, 200);
}
