use std::time::Duration;

use serde_json::{Value, json};

use crate::hub::{Answer, HOSPITAL, Hub, prepared, renkei_in, steady};

fn named(names: &[(&str, &str)]) -> Vec<u8> {
    let parameters: Vec<Value> = names
        .iter()
        .map(|(name, id)| json!({"name": name, "valueReference": {"reference": format!("Patient/{id}")}}))
        .collect();
    json!({"resourceType": "Parameters", "parameter": parameters}).to_string().into_bytes()
}

fn merge(hub: &Hub, token: &str, source: &str, target: &str) -> Answer {
    hub.post(token, "/fhir/Patient/$merge", &named(&[("source-patient", source), ("target-patient", target)]))
}

fn unmerge(hub: &Hub, token: &str, source: &str) -> Answer {
    hub.post(token, "/fhir/Patient/$unmerge", &named(&[("source-patient", source)]))
}

fn conditions(hub: &Hub, token: &str, patient: &str) -> usize {
    let answer = hub.get(token, &format!("/fhir/Condition?patient={patient}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.matches().len()
}

#[test]
fn a_wrong_merge_shows_one_record_and_its_undoing_two_again() {
    let hub = Hub::start();
    let [one, other] = [0, 1].map(|index| hub.register_all(steady(&hub.region)[index]));
    let [of_one, of_other] = [&one, &other].map(|id| hub.token("patient", &["--patient", id]));
    let operator = hub.token("operator", &[]);
    let before = (conditions(&hub, &of_one, &one), conditions(&hub, &of_other, &other));
    assert_eq!(hub.get(&of_one, &format!("/fhir/Condition?patient={other}")).status, 403);

    let merged = merge(&hub, &operator, &one, &other);
    assert_eq!(merged.status, 200, "{}", String::from_utf8_lossy(&merged.body));
    assert_eq!(merged.reference("target-patient"), format!("Patient/{other}"));
    for id in [&one, &other] {
        assert_eq!(conditions(&hub, &of_one, id), before.0 + before.1);
        assert_eq!(conditions(&hub, &of_other, id), before.0 + before.1);
    }
    assert_eq!(merge(&hub, &operator, &other, &one).codes(), ["already-one"]);

    let clinician = hub.clinician(&one, "diagnosis");
    assert_eq!(conditions(&hub, &clinician, &other), before.0 + before.1);
    let parted = unmerge(&hub, &operator, &one);
    assert_eq!(parted.status, 200, "{}", String::from_utf8_lossy(&parted.body));
    assert!(parted.parameter("ended-grant")["valueString"].is_string());
    assert_eq!((conditions(&hub, &of_one, &one), conditions(&hub, &of_other, &other)), before);
    assert_eq!(hub.get(&of_one, &format!("/fhir/Condition?patient={other}")).status, 403);
    for id in [&one, &other] {
        assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={id}")).codes(), ["no-grant"]);
    }
    assert_eq!(unmerge(&hub, &operator, &one).codes(), ["not-merged"]);
}

#[test]
fn both_patients_read_who_saw_them_while_they_were_wrongly_one_and_that_it_was_undone() {
    let hub = Hub::start();
    let [one, other] = [0, 1].map(|index| hub.register_all(steady(&hub.region)[index]));
    let operator = hub.token("operator", &[]);
    merge(&hub, &operator, &one, &other);
    let clinician = hub.clinician(&one, "diagnosis");
    conditions(&hub, &clinician, &one);
    unmerge(&hub, &operator, &one);
    for id in [&one, &other] {
        let own = hub.token("patient", &["--patient", id]);
        let events = hub.get(&own, &format!("/fhir/AuditEvent?patient={id}")).matches();
        let text = Value::from(events).to_string();
        let told = |number: &str| text.contains(number);
        assert!(told(HOSPITAL), "{text}");
        assert_eq!(
            text.matches("\"110110\"").count(),
            4,
            "joined and parted, each with a type and a subtype"
        );
        let stranger = if *id == one { &other } else { &one };
        let own_events = text.matches(&format!("\"Patient/{stranger}\"")).count();
        assert!(own_events <= 2, "only the joining and the parting name the other: {text}");
    }
}

#[test]
fn only_the_operator_joins_and_parts_and_only_who_is_known() {
    let hub = Hub::start();
    let [one, other] = [0, 1].map(|index| hub.register_all(steady(&hub.region)[index]));
    for role in [vec!["patient", "--patient", &one], vec!["clinician", "--institution", HOSPITAL]] {
        let token = hub.token(role[0], &role[1..]);
        assert_eq!(merge(&hub, &token, &one, &other).status, 403);
        assert_eq!(unmerge(&hub, &token, &one).status, 403);
    }
    let operator = hub.token("operator", &[]);
    let nobody = "00000000-0000-8000-8000-000000000000";
    assert_eq!(merge(&hub, &operator, &one, nobody).status, 404);
    assert_eq!(unmerge(&hub, &operator, nobody).status, 404);
    assert_eq!(unmerge(&hub, &operator, &one).status, 409);
    assert_eq!(merge(&hub, &operator, &one, "x").status, 400);
    let of_one = hub.token("patient", &["--patient", &one]);
    assert_eq!(hub.get(&of_one, &format!("/fhir/Condition?patient={other}")).status, 403);
}

#[test]
fn at_the_command_line_persons_are_named_by_id_or_by_number() {
    let hub = Hub::start();
    let records = [steady(&hub.region)[0], steady(&hub.region)[1]];
    let [one, other] = records.map(|record| hub.register_all(record));
    let operator = hub.token("operator", &[]);
    let run = |arguments: &[&str]| {
        let all = [arguments, &["--hub", &hub.url, "--token", &operator]].concat();
        let output = renkei_in(hub.folder.path(), &all);
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let number = &records[0].members[0].member_id;
    assert!(run(&["person", "merge", number, "--into", &other]).0);
    let (done, card) = run(&["person", "numbers", &one]);
    assert!(done && card.contains(number) && card.contains(&records[1].members[0].member_id), "{card}");
    assert!(run(&["person", "unmerge", number]).0);
    assert!(!run(&["person", "unmerge", number]).0);
    assert!(!run(&["person", "numbers", &other]).1.contains(number));
}

#[test]
fn a_newborn_is_registered_as_soon_as_the_centre_knows_a_number_and_not_before() {
    let folder = prepared("renkei.db");
    let table = folder.path().join("members.csv");
    let known = std::fs::read_to_string(&table).unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let born = steady(&hub.region)[0];
    let number = &born.members[0].member_id;
    let others: Vec<&str> = known.lines().filter(|line| !line.contains(number)).collect();
    let sent = &born.submissions[0];
    let system = hub.system_once(&sent.institution);
    std::fs::write(&table, others.join("\n")).unwrap();
    hub.tell_to_read_again();
    let refused = || {
        let answer = hub.post(&system, "/fhir/Bundle", &sent.body);
        answer.status == 422 && String::from_utf8_lossy(&answer.body).contains(number)
    };
    assert!(eventually(refused));
    std::fs::write(&table, "person,member_id,valid_from,valid_to\nK1,x,tomorrow,\n").unwrap();
    hub.tell_to_read_again();
    assert!(eventually(|| hub.log().contains("stays as it was")));
    assert!(refused());
    std::fs::write(&table, known).unwrap();
    hub.tell_to_read_again();
    assert!(eventually(|| hub.post(&system, "/fhir/Bundle", &sent.body).status == 201));
}

#[test]
fn a_patient_whom_the_centre_knows_otherwise_is_registered_with_a_warning() {
    let folder = prepared("renkei.db");
    let table = folder.path().join("members.csv");
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let record = steady(&hub.region)[0];
    let number = &record.members[0].member_id;
    let line = |born: &str, sex: &str| {
        let heading = "person,member_id,valid_from,valid_to,birth_date,sex,name_kana";
        std::fs::write(&table, format!("{heading}\nK1,{number},2000-01-01,,{born},{sex},\n")).unwrap();
        hub.tell_to_read_again();
    };
    let sent = &record.submissions[0];
    let warned = || {
        let answer = hub.post(&hub.system_once(&sent.institution), "/fhir/Bundle", &sent.body);
        assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
        answer.parameter("outcome").to_string().matches("RK-3019").count()
    };
    let (born, sex) = (record.birth_date.to_string(), record.gender.code());
    line(&born, sex);
    assert!(eventually(|| warned() == 0));
    line("1901-01-01", sex);
    assert!(eventually(|| warned() == 1));
    line(&born, if sex == "male" { "female" } else { "male" });
    assert!(eventually(|| warned() == 1));
}

fn eventually(holds: impl Fn() -> bool) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        holds()
    })
}
