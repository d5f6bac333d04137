use serde_json::Value;

use crate::hub::{HOSPITAL, Hub, renkei_in, steady};

/// A hub where everything of the steady patients was registered; gives how many units that were, and the persons.
fn busy() -> (Hub, usize, Vec<String>) {
    let hub = Hub::start();
    let patients = steady(&hub.region);
    let count = patients.iter().map(|patient| patient.submissions.len()).sum();
    let persons = patients.iter().map(|patient| hub.register_all(patient)).collect();
    (hub, count, persons)
}

fn figures(hub: &Hub, token: &str) -> Vec<Value> {
    let answer = hub.get(token, "/api/v1/figures");
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["figures"].as_array().unwrap().clone()
}

fn named<'f>(figures: &'f [Value], name: &str) -> Vec<&'f Value> {
    figures.iter().filter(|one| one["figure"] == name).collect()
}

fn sum(figures: &[&Value]) -> i64 {
    figures.iter().filter_map(|one| one["value"].as_i64()).sum()
}

#[test]
fn every_registration_is_counted_by_day_institution_and_kind() {
    let (hub, count, _) = busy();
    let operator = hub.token("operator", &[]);
    let all = figures(&hub, &operator);
    let registered = named(&all, "registered");
    assert_eq!(sum(&registered), i64::try_from(count).unwrap());
    for one in &registered {
        assert!(one["by"]["day"].is_string() && one["by"]["institution"].is_string());
        assert_ne!(one["by"]["kind"], "unknown", "{one}");
    }
    let ages = named(&all, "made-to-registered");
    assert!(ages.iter().any(|one| one["by"]["statistic"] == "median" && one["value"].as_i64() > Some(0)));
}

#[test]
fn a_refusal_is_counted_by_each_rule_it_broke_and_by_vendor() {
    let hub = Hub::start();
    let system = hub.system(HOSPITAL);
    let sent = &steady(&hub.region)[0].submissions[0];
    let mut bundle: Value = serde_json::from_slice(&sent.body).unwrap();
    bundle["type"] = "batch".into();
    bundle.as_object_mut().unwrap().remove("timestamp");
    let refused = hub.post(&system, "/fhir/Bundle", bundle.to_string().as_bytes());
    assert_eq!(refused.status, 422);
    let issues = refused.json()["issue"].as_array().unwrap().clone();
    let is_error = |issue: &&Value| issue["severity"] == "error";
    let mut codes: Vec<String> = issues
        .iter()
        .filter(is_error)
        .map(|issue| issue["details"]["coding"][0]["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    assert!(codes.len() > 1, "{codes:?}");
    let all = figures(&hub, &hub.token("operator", &[]));
    assert_eq!(sum(&named(&all, "refused")), 1);
    let broken = named(&all, "broken");
    let mut counted: Vec<&str> = broken.iter().map(|one| one["by"]["rule"].as_str().unwrap()).collect();
    counted.sort_unstable();
    assert_eq!(counted, codes);
    assert!(broken.iter().all(|one| one["by"]["vendor"].is_string()));
    assert!(named(&all, "registered").is_empty());
}

#[test]
fn few_views_are_not_told_by_number_and_many_are() {
    let (hub, _, persons) = busy();
    let operator = hub.token("operator", &[]);
    let person = &persons[0];
    let clinician = hub.clinician(person, "diagnosis,treatment,checkup");
    let view = || assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={person}")).status, 200);
    let told = || {
        let all = figures(&hub, &operator);
        let views = named(&all, "viewed");
        let granted = views.iter().find(|one| one["by"]["rule"] == "grant").unwrap();
        (granted["value"].clone(), granted["text"].as_str().unwrap().to_owned())
    };
    view();
    assert_eq!(told(), (Value::Null, "<10".to_owned()));
    (0..9).for_each(|_| view());
    assert_eq!(told().1, "10");
}

#[test]
fn a_safety_manager_sees_the_figures_of_their_own_institution_and_others_see_none() {
    let (hub, _, persons) = busy();
    let manager = hub.token("safety-manager", &["--institution", HOSPITAL]);
    let own = figures(&hub, &manager);
    assert!(!own.is_empty());
    for one in named(&own, "registered") {
        assert_eq!(one["by"]["institution"], HOSPITAL);
    }
    assert!(named(&own, "wished").is_empty());
    let others = [
        hub.system_once(HOSPITAL),
        hub.clinician(&persons[0], "treatment"),
        hub.token("developer", &[]),
        hub.token("patient", &["--patient", &persons[0]]),
    ];
    for token in others {
        let answer = hub.get(&token, "/api/v1/figures");
        assert_eq!((answer.status, answer.codes()), (403, vec!["role-sees-no-figures".to_owned()]));
        assert_eq!(hub.get(&token, "/figures").status, 403);
    }
}

#[test]
fn figures_tell_of_no_patient() {
    let (hub, _, persons) = busy();
    let operator = hub.token("operator", &[]);
    let answers = ["/api/v1/figures", "/api/v1/figures?format=csv", "/figures"];
    for path in answers {
        let answer = hub.get(&operator, path);
        assert_eq!(answer.status, 200, "{path}");
        let text = String::from_utf8(answer.body).unwrap();
        for (patient, person) in steady(&hub.region).iter().zip(&persons) {
            assert!(!text.contains(person) && !text.contains(&patient.name_kanji), "{path}");
            assert!(patient.members.iter().all(|member| !text.contains(&member.member_id)), "{path}");
        }
    }
}

#[test]
fn days_that_cannot_be_counted_are_refused() {
    let hub = Hub::start();
    let operator = hub.token("operator", &[]);
    for query in ["from=2026-13-01", "from=2026-04-02&to=2026-04-01", "from=2020-01-01&to=2026-01-01"] {
        let answer = hub.get(&operator, &format!("/api/v1/figures?{query}"));
        assert_eq!((answer.status, answer.codes()), (400, vec!["days-needed".to_owned()]), "{query}");
        assert_eq!(hub.get(&operator, &format!("/figures?{query}")).status, 400);
    }
    let answer = hub.get(&operator, "/api/v1/figures?format=xlsx");
    assert_eq!(answer.codes(), ["format-unknown"]);
    let empty = hub.get(&operator, "/api/v1/figures?from=2020-01-01&to=2020-01-02").json();
    let told = empty["figures"].as_array().unwrap().iter().filter(|one| one["figure"] != "wished");
    assert_eq!(told.count(), 0);
}

#[test]
fn the_command_line_prints_figures_as_lines_and_as_csv() {
    let (hub, count, _) = busy();
    let operator = hub.token("operator", &[]);
    let run = |more: &[&str]| {
        let arguments = [&["figures", "--hub", &hub.url, "--token", &operator], more].concat();
        let output = renkei_in(hub.folder.path(), &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&[]).lines().any(|line| line.starts_with("registered ")));
    let csv = run(&["--csv"]);
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().starts_with("figure,day,institution,vendor,kind"));
    let registered = lines.filter(|line| line.starts_with("registered,"));
    let counts = registered.map(|line| line.split(',').rev().nth(1).unwrap().parse::<usize>().unwrap());
    assert_eq!(counts.sum::<usize>(), count);
}
