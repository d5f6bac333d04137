use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::hub::{CLINIC, HOSPITAL, Hub, prepared, renkei_in, steady, token};

const PROGRAM: &str = env!("CARGO_BIN_EXE_renkei");

/// A hub with a terminal at the hospital and one at the clinic.
fn hub() -> Hub {
    let folder = prepared("renkei.db");
    let mut config = fs::read_to_string(folder.path().join("renkei.toml")).unwrap();
    for number in [HOSPITAL, CLINIC] {
        let system = token(folder.path(), "institution", &["--institution", number]);
        let emergency = token(folder.path(), "emergency-clinician", &["--institution", number]);
        fs::write(folder.path().join(format!("{number}.token")), system).unwrap();
        fs::write(folder.path().join(format!("{number}.emergency")), emergency).unwrap();
        config += &format!(
            "[[terminal]]\ninstitution = \"{number}\"\nreq = \"{number}/req\"\nres = \"{number}/res\"\n\
             token_file = \"{number}.token\"\nemergency_token_file = \"{number}.emergency\"\n"
        );
    }
    fs::write(folder.path().join("renkei.toml"), config).unwrap();
    Hub::run_in(folder, &[PROGRAM])
}

/// One institution's terminal.
struct Terminal<'h> {
    hub: &'h Hub,
    number: &'h str,
}

impl Terminal<'_> {
    fn folder(&self, name: &str) -> PathBuf {
        self.hub.folder.path().join(self.number).join(name)
    }

    /// Drops a file as a careful system does: under another name first.
    fn drop(&self, name: &str, text: &[u8]) {
        let draft = self.folder("req").join("draft.tmp");
        fs::create_dir_all(self.folder("req")).unwrap();
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.folder("req").join(name)).unwrap();
    }

    /// The result under a name, taken away as its reader does.
    fn result(&self, name: &str) -> String {
        let path = self.folder("res").join(name);
        for _ in 0..200 {
            if let Ok(bytes) = fs::read(&path) {
                fs::remove_file(&path).unwrap();
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no {name}: {}", self.hub.log());
    }

    /// Sends a message and gives its result.
    fn send(&self, drop: &str, elements: &[(&str, &str)]) -> String {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        let id = format!("x{}", RUNNING.fetch_add(1, Ordering::Relaxed));
        self.drop(&format!("{drop}req_{id}.xml"), message(self.number, &id, elements).as_bytes());
        let result = self.result(&format!("{drop}res_{id}.xml"));
        assert_eq!(of(&result, "ArbitraryFileIdentifier"), id);
        assert_eq!(of(&result, "SegmentOfResult"), "1", "{result}");
        result
    }

    /// The same, which must have been done.
    fn done(&self, drop: &str, elements: &[(&str, &str)]) -> String {
        let result = self.send(drop, elements);
        assert_eq!(of(&result, "ProcessingResultStatus"), "1", "{drop} {result}");
        result
    }
}

fn message(institution: &str, id: &str, elements: &[(&str, &str)]) -> String {
    let body: String = elements.iter().map(|(name, text)| format!("<{name}>{text}</{name}>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><XmlMsg><MessageHeader>\
         <MedicalInstitutionCode>{institution}</MedicalInstitutionCode>\
         <ArbitraryFileIdentifier>{id}</ArbitraryFileIdentifier>\
         <CharacterCodeIdentifier>1</CharacterCodeIdentifier></MessageHeader>\
         <MessageBody>{body}</MessageBody></XmlMsg>"
    )
}

/// The text of the first element of a name; empty where there is none.
fn of(text: &str, name: &str) -> String {
    let inner =
        text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
}

fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn changed(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replacen('{', "{ ", 1).into_bytes()
}

/// The key of a bundle: its identifier's system and value, and the insured number.
fn key(bytes: &[u8]) -> [String; 3] {
    let bundle: Value = serde_json::from_slice(bytes).unwrap();
    let patient =
        bundle["entry"].as_array().unwrap().iter().find(|one| one["resource"]["resourceType"] == "Patient");
    let identifiers = patient.unwrap()["resource"]["identifier"].as_array().unwrap().clone();
    let is_member = |one: &&Value| one["system"].as_str().unwrap().ends_with("JP_Insurance_memberID");
    let member = identifiers.iter().find(is_member).unwrap()["value"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    [text(&bundle["identifier"]["system"]), text(&bundle["identifier"]["value"]), text(&member)]
}

/// What was sent of a kind by the hospital or the clinic, of steady patients.
fn sent<'r>(hub: &'r Hub, kinds: &[&str]) -> Vec<&'r demo::Submission> {
    let patients = steady(&hub.region);
    let all = patients.into_iter().flat_map(|patient| &patient.submissions);
    all.filter(|sent| kinds.contains(&sent.kind)).collect()
}

fn pdf() -> String {
    let pdf = encoded(b"%PDF-1.7\n% fictional\n%%EOF\n");
    json!({
        "resourceType": "DocumentReference",
        "status": "current",
        "masterIdentifier": {"system": "urn:example:fictional", "value": "attachment-1"},
        "content": [{"attachment": {"contentType": "application/pdf", "data": pdf, "title": "架空の画像所見"}}],
    })
    .to_string()
}

/// Registers, changes and cancels through three interfaces.
fn live(terminal: &Terminal<'_>, [register, change, cancel]: [&str; 3], bytes: &[u8]) {
    let registered = terminal.done(register, &[("Document", &encoded(bytes))]);
    let unit = of(&registered, "DocumentId");
    assert!(!unit.is_empty() && of(&registered, "Digest").len() == 64, "{registered}");
    let again = encoded(&changed(bytes));
    terminal.done(change, &[("DocumentId", &unit), ("Document", &again)]);
    let [system, value, member] = key(bytes);
    let key = [
        ("BundleIdentifierSystem", system.as_str()),
        ("BundleIdentifier", value.as_str()),
        ("InsuredNumber", member.as_str()),
    ];
    terminal.done(cancel, &key);
    let gone = terminal.send("CISsi113", &[("DocumentId", &unit)]);
    assert_eq!(of(&gone, "ProcessingResultStatus"), "2");
}

#[test]
fn every_interface_of_the_catalogue_can_be_driven_by_files() {
    let hub = hub();
    let referrals = sent(&hub, &["Referral"]);
    let referral = referrals[0];
    let other = if referral.institution == HOSPITAL { CLINIC } else { HOSPITAL };
    let sender = Terminal { hub: &hub, number: &referral.institution };
    let receiver = Terminal { hub: &hub, number: other };
    let registered = sender.done("CISsi101", &[("Document", &encoded(&referral.body))]);
    let unit = of(&registered, "DocumentId");
    assert!(of(&sender.done("CISsi109", &[]), "Status") == "registered");
    let attached =
        sender.done("CISsi115", &[("DocumentId", &unit), ("Document", &encoded(pdf().as_bytes()))]);
    assert!(!of(&attached, "DocumentId").is_empty());
    let new = changed(&referral.body);
    let elements =
        [("DocumentId", unit.as_str()), ("Document", &encoded(&new)), ("ReferralConsent", "given")];
    let unit = of(&sender.done("CISsi107", &elements), "DocumentId");
    let attached =
        sender.done("CISsi115", &[("DocumentId", &unit), ("Document", &encoded(pdf().as_bytes()))]);
    let told = receiver.result(&format!("CISsi119res_{unit}.xml"));
    assert_eq!(of(&told, "DocumentId"), unit, "{told}");
    let inbox = receiver.done("CISsi111", &[]);
    assert_eq!((of(&inbox, "DocumentId"), of(&inbox, "Status")), (unit.clone(), "open".to_owned()));
    let attachment = of(&inbox, "AttachmentId");
    assert_eq!(attachment, of(&attached, "DocumentId"));
    let fetched = receiver.done("CISsi113", &[("DocumentId", &unit)]);
    assert_eq!(STANDARD.decode(of(&fetched, "Document")).unwrap(), new);
    let fetched = receiver.done("CISsi117", &[("AttachmentId", &attachment)]);
    assert_eq!(STANDARD.decode(of(&fetched, "Document")).unwrap(), pdf().into_bytes());
    let second =
        referrals.iter().find(|one| one.body != referral.body && one.institution == referral.institution);
    if let Some(second) = second {
        sender.done("CISsi101", &[("Document", &encoded(&second.body))]);
        let [system, value, member] = key(&second.body);
        let key = [
            ("BundleIdentifierSystem", system.as_str()),
            ("BundleIdentifier", value.as_str()),
            ("InsuredNumber", member.as_str()),
        ];
        sender.done("CISsi103", &key);
    }
    let at_a_terminal = |kinds: &[&str]| {
        sent(&hub, kinds)
            .into_iter()
            .find(|one| [HOSPITAL, CLINIC].contains(&one.institution.as_str()))
            .unwrap()
    };
    let summary = at_a_terminal(&["PatientSummary"]);
    let terminal = Terminal { hub: &hub, number: &summary.institution };
    live(&terminal, ["CISsi126", "CISsi130", "CISsi128"], &summary.body);
    let clinical = at_a_terminal(&["Condition", "AllergyIntolerance", "Observation"]);
    let terminal = Terminal { hub: &hub, number: &clinical.institution };
    live(&terminal, ["CISsi201", "CISsi207", "CISsi203"], &clinical.body);
    let checkup = as_sent_by(HOSPITAL, &sent(&hub, &["CheckupReport"])[0].body);
    let hospital = Terminal { hub: &hub, number: HOSPITAL };
    live(&hospital, ["CISsi120", "CISsi124", "CISsi122"], &checkup);
    assert!(of(&hospital.done("CISsi301", &[]), "Document").len() > 100);
    let found = hospital.done("OQSsi045", &[("DestinationCode", CLINIC)]);
    assert_eq!(of(&found, "DestinationCode"), CLINIC);
    let unknown = hospital.done("OQSsi045", &[("DestinationCode", "4919999999")]);
    assert_eq!(of(&unknown, "ResultCode"), "institution-unknown");
    let [_, _, member] = key(&referral.body);
    let reason = "搬送時に意識がなく、薬剤アレルギーの確認が必要なため";
    let elements = [("InsuredNumber", member.as_str()), ("Scope", "emergency-summary"), ("Reason", reason)];
    let opened = hospital.done("OQSsi047", &elements);
    assert!(!of(&opened, "PatientId").is_empty(), "{opened}");
    let consent = json!({"member": member, "groups": ["diagnosis"]}).to_string();
    let system = hub.system_once(HOSPITAL);
    let handed = hub.post_as(&system, "/api/v1/consents", consent.as_bytes(), "application/json").unwrap();
    let id = handed.json()["id"].as_str().unwrap().to_owned();
    hospital.done("OQSsi037", &[("ConsentId", &id)]);
    hospital.done("OQSsi039", &[]);
    let listed = renkei_in(hub.folder.path(), &["--json", "conformance"]).stdout;
    let listed = String::from_utf8(listed).unwrap();
    let files: BTreeSet<String> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["files"].as_str().unwrap().to_owned())
        .collect();
    let here = include_str!("terminal.rs");
    let undriven: Vec<&String> = files.iter().filter(|drop| !here.contains(drop.as_str())).collect();
    assert!(second.is_some() && undriven.is_empty(), "{undriven:?}");
}

/// The same document as if another institution had made it.
fn as_sent_by(institution: &str, bytes: &[u8]) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replace("4919999903", institution).into_bytes()
}

#[test]
fn what_cannot_be_read_is_answered_and_put_aside_and_nothing_is_registered() {
    let hub = hub();
    let hospital = Terminal { hub: &hub, number: HOSPITAL };
    let good = message(HOSPITAL, "x", &[]);
    let elsewhere = message(CLINIC, "x", &[]);
    let cases: [(&str, &[u8], &str, &str); 4] = [
        ("CISsi101req_1.xml", b"<XmlMsg>", "CISsi101res_1.xml", "SIM-H-NOT-XML"),
        ("CISsi999req_2.xml", good.as_bytes(), "CISsi999res_2.xml", "SIM-H-INTERFACE"),
        ("CISsi101req_3.xml", elsewhere.as_bytes(), "CISsi101res_3.xml", "SIM-H-INSTITUTION"),
        ("whatever.xml", good.as_bytes(), "error_whatever.xml", "SIM-H-INTERFACE"),
    ];
    for (name, bytes, result, code) in cases {
        hospital.drop(name, bytes);
        let told = hospital.result(result);
        assert_eq!((of(&told, "SegmentOfResult"), of(&told, "ErrorCode")), ("9".to_owned(), code.to_owned()));
        assert!(hospital.folder("req").join("rejected").join(name).exists());
    }
    hospital.drop("CISsi101req_4.xml", &vec![b' '; (10 << 20) + 1]);
    assert_eq!(of(&hospital.result("CISsi101res_4.xml"), "ErrorCode"), "SIM-H-TOO-LARGE");
    let missing = hospital.send("CISsi101", &[]);
    assert_eq!(of(&missing, "ProcessingResultCode"), "SIM-B-MISSING");
    let wrong = hospital.send("CISsi101", &[("Document", "e30=")]);
    assert_eq!(of(&wrong, "ProcessingResultStatus"), "2");
    assert!(of(&wrong, "ResultCode").starts_with("RK-"), "{wrong}");
}

#[test]
fn a_file_dropped_while_the_hub_is_down_is_answered_once_when_it_comes_back() {
    let hub = hub();
    let sent = sent(&hub, &["Condition"]);
    let sent = sent.iter().find(|one| [HOSPITAL, CLINIC].contains(&one.institution.as_str())).unwrap();
    let (number, body) = (sent.institution.clone(), encoded(&sent.body));
    let folder = hub.kill();
    let request = folder.path().join(&number).join("req/CISsi201req_a.xml");
    fs::create_dir_all(request.parent().unwrap()).unwrap();
    let text = message(&number, "a", &[("Document", &body)]);
    fs::write(&request, &text).unwrap();
    let hub = Hub::run_in(folder, &[PROGRAM]);
    let terminal = Terminal { hub: &hub, number: &number };
    let result = terminal.result("CISsi201res_a.xml");
    assert_eq!(of(&result, "ProcessingResultStatus"), "1", "{result}");
    // The same file again, as after a crash before it was taken away: it goes without a second answer.
    fs::write(&request, &text).unwrap();
    for _ in 0..100 {
        if !request.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!request.exists() && !terminal.folder("res").join("CISsi201res_a.xml").exists());
}

#[test]
fn what_the_card_reader_leaves_is_a_consent_and_what_is_wrong_with_it_is_put_aside() {
    let hub = hub();
    let terminal = Terminal { hub: &hub, number: HOSPITAL };
    let record = steady(&hub.region)[0];
    let patient = hub.register_all(record);
    let clinician = hub.token("clinician", &["--institution", HOSPITAL]);
    let path = format!("/fhir/Condition?patient={patient}");
    let parts: Vec<&str> = record.members[0].member_id.split(':').collect();
    let face = |number: &str, flags: &str| {
        format!(
            "<XmlMsg><MessageHeader><MedicalInstitutionCode>{number}</MedicalInstitutionCode></MessageHeader>\
             <MessageBody><ResultList><ResultOfQualificationConfirmation>\
             <InsurerNumber>{}</InsurerNumber><InsuredCardSymbol>{}</InsuredCardSymbol>\
             <InsuredIdentificationNumber>{}</InsuredIdentificationNumber>\
             <InsuredBranchNumber>{}</InsuredBranchNumber>{flags}\
             </ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>",
            parts[0], parts[1], parts[2], parts[3],
        )
    };
    let at = hub_time();
    let name = |id: &str| format!("OQSsiquc01res_face_{id}_{at}.xml");
    let yes = "<OperationInfoConsFlg>1</OperationInfoConsFlg>";
    let halved =
        "<DiagnosisInfoConsFlg>1</DiagnosisInfoConsFlg><PharmacistsInfoConsFlg>0</PharmacistsInfoConsFlg>";
    let large = format!("{}<!--{}-->", face(HOSPITAL, yes), "x".repeat(11 << 20));
    let wrong = [
        ("contradicts", face(HOSPITAL, &format!("{yes}{halved}")), "SIM-F-reader-contradicts"),
        ("nobody", face(HOSPITAL, yes).replace(parts[0], "00000099"), "member-unknown"),
        ("none", face(HOSPITAL, ""), "SIM-F-consent-none"),
        ("elsewhere", face(CLINIC, yes), "SIM-H-INSTITUTION"),
        ("broken", face(HOSPITAL, yes).replace("</XmlMsg>", ""), "SIM-H-NOT-XML"),
        ("large", large, "SIM-H-TOO-LARGE"),
    ];
    for (id, file, code) in wrong {
        terminal.drop(&name(id), file.as_bytes());
        let answer = terminal.result(&name(id).replace("res_face", "ack_face"));
        assert!(answer.contains(code), "{id}: {answer}");
        assert!(terminal.folder("req").join("rejected").join(name(id)).exists(), "{id} is put aside");
        assert_eq!(hub.get(&clinician, &path).codes(), ["no-grant"], "{id} grants nothing");
    }
    terminal.drop(&name("1"), face(HOSPITAL, yes).as_bytes());
    let answer = terminal.result(&name("1").replace("res_face", "ack_face"));
    assert!(answer.contains("<ProcessingResultStatus>1</ProcessingResultStatus>"), "{answer}");
    assert_eq!(hub.get(&clinician, &path).status, 200);
    assert_eq!(hub.get(&clinician, &format!("/fhir/AllergyIntolerance?patient={patient}")).status, 403);
}

/// Now, as the reader's program writes it into names: 14 digits by the clock of Japan.
#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
fn hub_time() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    now.strftime("%Y%m%d%H%M%S").to_string()
}
