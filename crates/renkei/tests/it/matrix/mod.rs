//! The matrix of roles and acts, over HTTP: what the policies never permit is refused at the address where it is asked
//! for. The cells come from the policies themselves, the requests from one table.

mod doors;
mod requests;

use access::Role;
use access::policy::{Action, Cell, matrix};

use crate::access_review::said;
use crate::browser::{Browser, PASSWORD, between, invited};
use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, renkei_in, steady};
use requests::{Request, request};

/// What the acts are done to: a patient, a referral to another institution, a look without consent, an account.
pub(crate) struct Scene {
    pub(crate) hub: Hub,
    pub(crate) patient: String,
    pub(crate) member: String,
    pub(crate) other: String,
    pub(crate) referral: String,
    pub(crate) unit: String,
    pub(crate) bundle: Vec<u8>,
    pub(crate) grant: String,
    pub(crate) look: String,
    pub(crate) account: String,
    pub(crate) alert: String,
    /// What somebody of the hospital asked to take out.
    pub(crate) take_out: String,
    /// A look that the patient can ask about, and what they asked about another.
    pub(crate) seen: String,
    pub(crate) inquiry: String,
}

/// Acts that no address of the hub does. Whoever makes one puts it into the table of requests.
const WITHOUT_ADDRESS: &[Action] = &[Action::HandleKeys];

/// Acts that no token does: their doer has just proved who they are.
const BY_SESSION: &[Action] = &[Action::RegisterProxy, Action::ChangePolicy];

/// Acts that every role may do in some case: there is no cell to refuse.
const EVERYBODYS: &[Action] = &[Action::Subscribe, Action::EndSessions];

impl Scene {
    fn set() -> Self {
        let hub = Hub::start();
        let [record, other] = [0, 1].map(|index| steady(&hub.region)[index].clone());
        let (patient, other) = (hub.register_all(&record), hub.register_all(&other));
        let member = record.members[0].member_id.clone();
        let patients = steady(&hub.region);
        let mut all = patients.iter().flat_map(|patient| &patient.submissions);
        let referral = all.find(|one| one.kind == "Referral" && one.institution == HOSPITAL).unwrap();
        let system = hub.system_once(HOSPITAL);
        let receipt = hub.post(&system, "/fhir/Bundle", &referral.body);
        let own = record.submissions.iter().find(|one| one.institution == HOSPITAL).unwrap();
        let bundle = own.body.clone();
        let unit = hub.post(&system, "/fhir/Bundle", &bundle);
        let consent = serde_json::json!({"member": member, "groups": ["diagnosis", "treatment"]});
        let grant = hub.post(&system, "/api/v1/consents", consent.to_string().as_bytes());
        let mut scene = Self {
            referral: receipt.reference("bundle").replace("Bundle/", ""),
            unit: unit.reference("bundle").replace("Bundle/", ""),
            grant: grant.json()["id"].as_str().unwrap().to_owned(),
            bundle,
            patient,
            member,
            other,
            look: String::new(),
            seen: String::new(),
            inquiry: String::new(),
            account: account(&hub),
            alert: String::new(),
            take_out: String::new(),
            hub,
        };
        // The other account is ended on the way; this one stays, for a review to ask about.
        Browser::of(&scene.hub).accept(&invited(&scene.hub, "kakuu.nokoru", "clerk"), PASSWORD);
        said(&scene.hub, &["alerts", "watch", &scene.patient]);
        let staff = scene.hub.named("架空 救急", "emergency-clinician", HOSPITAL);
        let opened = request(Action::OpenInEmergency, &scene).unwrap().sent(&scene.hub, &staff);
        scene.look = opened.parameter("consent")["valueString"].as_str().unwrap().to_owned();
        said(&scene.hub, &["alerts", "run"]);
        scene.alert = said(&scene.hub, &["alerts", "list"]).split_whitespace().next().unwrap().to_owned();
        let declared = request(Action::DeclareDisaster, &scene).unwrap();
        assert_eq!(declared.sent(&scene.hub, &scene.token(Role::Operator)).status, 201);
        scene.ask();
        scene.take_out = scene.asked_to_take_out();
        scene
    }

    /// A nurse asks to take something out; its id.
    fn asked_to_take_out(&self) -> String {
        let nurse = self.hub.named("架空 看護", "nurse", HOSPITAL);
        let asked = [
            ("what", "訪問看護の予定表"),
            ("medium", "paper"),
            ("content", "no-patients"),
            ("purpose", "訪問看護"),
            ("destination", "架空市内"),
            ("taken-by", "架空 看護"),
            ("encrypted", "no"),
            ("from", "2026-11-01"),
            ("due", "2099-12-31"),
        ];
        assert!(Request::form("/safety/registers/take-outs", &asked).sent(&self.hub, &nurse).status < 400);
        let page = self.hub.page(&nurse, "/safety/registers/take-outs");
        let page = String::from_utf8_lossy(&page.body).into_owned();
        between(&page, "<th scope=\"row\"><a href=\"/safety/registers/take-outs/", "\"").to_owned()
    }

    /// The patient asks about the look in the emergency; the safety manager's own can be asked about as well.
    fn ask(&mut self) {
        let manager = self.hub.named("架空 安全", "safety-manager", HOSPITAL);
        let path = format!("/fhir/AuditEvent?patient={}", self.patient);
        self.hub.get(&manager, &path);
        let acts = self.hub.get(&manager, &path).matches();
        let by = |name: &str| {
            let found = acts.iter().find(|act| {
                act["agent"][0]["who"]["display"].as_str().is_some_and(|who| who.starts_with(name))
            });
            found.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let asked = Request::form(&format!("/patients/{}/seen-by/{}", self.patient, by("架空 救急")), &[]);
        assert!(asked.sent(&self.hub, &self.token(Role::Patient)).status < 400);
        let page = self.hub.page(&manager, "/inquiries");
        let page = String::from_utf8_lossy(&page.body).into_owned();
        self.inquiry = between(&page, "name=\"id\" value=\"", "\"").to_owned();
        self.seen = by("架空 安全");
    }

    /// Somebody of a role, by a token.
    fn token(&self, role: Role) -> String {
        let more: &[&str] = match role {
            Role::Patient => &["--patient", &self.patient],
            Role::Developer | Role::Operator => &[],
            _ => &["--institution", HOSPITAL],
        };
        self.hub.token(role.code(), more)
    }
}

/// An account of the hospital that is in use; its id.
fn account(hub: &Hub) -> String {
    Browser::of(hub).accept(&invited(hub, "kakuu.shokuin", "clerk"), PASSWORD);
    let list = renkei_in(hub.folder.path(), &["--json", "account", "list"]);
    let told: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    told["id"].as_str().unwrap().to_owned()
}

/// The cells of an act that the policies leave empty.
fn empty(cells: Vec<Cell>) -> impl Iterator<Item = Cell> {
    cells.into_iter().filter(|cell| cell.permits.is_empty())
}

/// The rule that a refusal names, as FHIR tells it or as a page does.
fn rule_of(answer: &Answer) -> String {
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    let shown = page.split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>"));
    answer.codes().pop().or(shown.map(|(rule, _)| rule.to_owned())).unwrap_or_default()
}

#[test]
fn what_a_role_may_never_do_is_refused_by_its_rule_wherever_it_is_asked_for() {
    let scene = Scene::set();
    let tokens: Vec<(Role, String)> = Role::ALL.into_iter().map(|role| (role, scene.token(role))).collect();
    let mut tried = 0;
    for (action, cells) in matrix() {
        let is_left_out = WITHOUT_ADDRESS.contains(&action) || EVERYBODYS.contains(&action);
        let Some(request) = request(action, &scene) else {
            assert!(is_left_out, "{} has no request", action.code());
            assert!(!EVERYBODYS.contains(&action) || empty(cells).next().is_none(), "{}", action.code());
            continue;
        };
        assert!(!is_left_out, "{} has a request", action.code());
        for cell in empty(cells) {
            let (_, token) = tokens.iter().find(|(role, _)| *role == cell.role).unwrap();
            let answer = request.sent(&scene.hub, token);
            let (status, rule) = (answer.status, rule_of(&answer));
            let what = format!("{} by {}: {status} {rule}", action.code(), cell.role.code());
            assert!(request.refuses_with(status), "{what}");
            assert!(
                status != 403 || cell.refusals.contains(rule.as_str()),
                "{what}, not {:?}",
                cell.refusals
            );
            tried += 1;
        }
    }
    eprintln!("{tried} empty cells were tried over HTTP");
    assert!(tried > 250, "{tried}");
}

#[test]
fn each_request_of_the_matrix_is_one_that_somebody_may_make() {
    let scene = Scene::set();
    for (action, cells) in matrix() {
        let Some(request) = request(action, &scene) else { continue };
        let may = request.by(cells.iter().find(|cell| !cell.permits.is_empty()).map(|cell| cell.role));
        let Some(role) = may.filter(|_| !BY_SESSION.contains(&action)) else { continue };
        let answer = request.sent(&scene.hub, &scene.token(role));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status < 400, "{} by {}: {} {text}", action.code(), role.code(), answer.status);
    }
}

#[test]
fn a_refusal_is_put_on_record_with_its_rule() {
    let scene = Scene::set();
    let clerk = scene.token(Role::Clerk);
    let manager = scene.hub.named("架空 安全", "safety-manager", CLINIC);
    for (action, cells) in matrix() {
        let Some(request) = request(action, &scene).filter(Request::is_on_record) else { continue };
        let Some(cell) = empty(cells).find(|cell| cell.role == Role::Clerk) else { continue };
        request.sent(&scene.hub, &clerk);
        let events = scene.hub.get(&manager, "/fhir/AuditEvent?_count=5").matches();
        let is_told = events.iter().any(|event| {
            let rule = event["outcomeDesc"].as_str().unwrap_or_default();
            let who = event["agent"][0]["who"]["display"].as_str().unwrap_or_default();
            event["outcome"] != "0" && cell.refusals.contains(rule) && who.starts_with("試験 太郎")
        });
        assert!(is_told, "{} leaves no trace", action.code());
    }
}
