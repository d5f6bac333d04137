//! The patient's own door: who may act for another, and until when; asking why somebody looked, and being answered.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use access::{Assurance, Role, Viewer, new_token};
use demo::PatientRecord;
use identity::{Identity, NewProxy, NotProxy};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use store::{Account, AccountState, PersonId, Relation};

use crate::browser::{Browser, PASSWORD, invited};
use crate::hub::{HOSPITAL, Hub, renkei_in, steady, today};
use crate::transcript::stage::{HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, SAFETY_MANAGER, Stage, TODAY, at, event};

/// A hub whose clock the test holds, a child with a record, and their mother.
struct Scene {
    stage: Stage,
    identity: Identity,
    record: PatientRecord,
    child: PersonId,
    own: String,
    mother: String,
}

struct Page {
    status: u16,
    html: String,
}

impl Scene {
    fn set() -> Self {
        let mut stage = Stage::set();
        let record = stage.region.patients.iter().find(|one| is_child(one, TODAY)).unwrap().clone();
        for sent in record.submissions.iter().filter(|sent| sent.institution == HOSPITAL).take(2) {
            let said = stage.send(HOSPITAL_SYSTEM, "POST", "/fhir/Bundle", "", &sent.body);
            assert!(said.status < 300, "{}", said.json);
        }
        let numbers: Vec<_> = record.members.iter().map(|member| member.member_id.clone()).collect();
        let child =
            stage.runtime.block_on(stage.store.person_of(&numbers[0], &numbers, stage.now())).unwrap();
        let identity = Identity::new(Arc::clone(&stage.store), "http://hub.example", "架空県の試験");
        let own = admit(&stage, "child", "架空 子", Role::Patient, None, Some(child));
        let mother = PersonId::new().unwrap();
        let mother = admit(&stage, "mother", "架空 母", Role::Patient, None, Some(mother));
        Self { stage, identity, record, child, own, mother }
    }

    /// Registers the mother, or whoever else, for the child, as a clerk of the hospital.
    fn register(&self, login: &str, change: impl Fn(NewProxy) -> NewProxy) -> Result<store::Proxy, NotProxy> {
        let new = NewProxy {
            login: login.parse().unwrap(),
            person: Some(self.child),
            birth: self.record.birth_date,
            relation: Relation::Parent,
            evidence: "戸籍全部事項証明書と運転免許証".to_owned(),
            until: None,
        };
        let act = access::Act { now: self.stage.now(), request: "test".to_owned() };
        self.stage.runtime.block_on(self.identity.register_proxy(&clerk(), change(new), &act))
    }

    fn wait_until(&self, at: Timestamp) {
        self.stage.clock.store(at.as_microsecond(), Ordering::SeqCst);
    }

    fn get(&self, token: &str, path: &str) -> Page {
        let request = agent().get(format!("{}{path}", self.stage.url)).header("accept", "text/html");
        page(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    fn post(&self, token: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        // No two acts at one instant: lists are in the order of time.
        self.stage.clock.fetch_add(1_000_000, Ordering::SeqCst);
        let request = agent().post(format!("{}{path}", self.stage.url));
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let request = request.header("authorization", format!("Bearer {token}"));
        page(request.send_form(fields.collect::<Vec<_>>()).unwrap())
    }

    /// The doctor of the hospital looks at the child's record, by the consent at its reader; answers the name of the
    /// look, as the patient's page has it.
    fn look(&mut self) -> String {
        let given = json!({"member": self.record.members[0].member_id, "groups": ["diagnosis", "treatment"]});
        let body = given.to_string();
        let said = self.stage.send(HOSPITAL_SYSTEM, "POST", "/api/v1/consents", "", body.as_bytes());
        assert_eq!(said.status, 201, "{}", said.json);
        let path = format!("/fhir/Condition?patient={}", self.child);
        assert_eq!(self.stage.ask(HOSPITAL_DOCTOR, "GET", &path).status, 200);
        let seen = self.get(&self.own, &self.seen_by()).html;
        let row = seen.split("<li id=\"look-").find(|row| row.contains(HOSPITAL_DOCTOR)).unwrap();
        row[..32].to_owned()
    }

    fn seen_by(&self) -> String {
        format!("/patients/{}/seen-by", self.child)
    }

    fn row(&self, token: &str, look: &str) -> String {
        let seen = self.get(token, &self.seen_by()).html;
        let row = seen.split("<li id=\"look-").find(|row| row.starts_with(look)).unwrap();
        row.split("<li id=").next().unwrap().to_owned()
    }
}

fn is_child(record: &PatientRecord, day: Date) -> bool {
    record.birth_date + 15.years() > day && record.members.len() == 1
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn page(mut response: ureq::http::Response<ureq::Body>) -> Page {
    Page { status: response.status().as_u16(), html: response.body_mut().read_to_string().unwrap() }
}

/// Whoever sees papers at the hospital's desk, just proved.
fn clerk() -> Viewer {
    Viewer {
        credential: "a-clerk".to_owned(),
        name: "架空 事務".to_owned(),
        role: Role::Clerk,
        institution: Some(HOSPITAL.to_owned()),
        assurance: Assurance::FULL,
        ..Viewer::nobody()
    }
}

/// Gives somebody an account, and a token by which they act as it.
fn admit(
    stage: &Stage,
    login: &str,
    name: &str,
    role: Role,
    institution: Option<&str>,
    person: Option<PersonId>,
) -> String {
    let now = stage.now();
    let ends_at = now + SignedDuration::from_hours(24 * 365 * 20);
    let made = new_token(name, role, institution.map(str::to_owned), person, now, ends_at).unwrap();
    let account = Account {
        id: made.credential.id.clone(),
        login: login.to_owned(),
        name: name.to_owned(),
        role: role.code().to_owned(),
        institution: institution.map(str::to_owned),
        person,
        state: AccountState::Active,
        proofing: None,
        made_by: "test".to_owned(),
        made_at: now,
        ends_at: None,
        used_at: None,
        failures: 0,
        quiet_until: now,
        excepted_until: None,
    };
    stage.runtime.block_on(stage.store.keep_credential(made.credential, event(now))).unwrap();
    assert!(stage.runtime.block_on(stage.store.keep_account(account, None, event(now))).unwrap());
    made.text
}

#[test]
fn a_mother_sees_her_childs_record_until_the_fifteenth_birthday_begins_in_japan() {
    let scene = Scene::set();
    let own = format!("/patients/{}", scene.child);
    assert_eq!(scene.get(&scene.mother, &own).status, 403);
    scene.register("mother", |new| new).unwrap();
    for end in ["", "/documents", "/seen-by", "/consents"] {
        let page = scene.get(&scene.mother, &format!("{own}{end}"));
        assert_eq!(page.status, 200, "{end}");
        let said = format!("{} さんの情報を、代理人として見ています", scene.record.name_kanji);
        assert!(page.html.contains(&said), "{end}: the page says for whom it is");
    }
    assert!(scene.get(&scene.mother, "/for-whom").html.contains(&own));
    let told = scene.get(&scene.own, &format!("{own}/consents")).html;
    assert!(
        told.contains("わたしの代理人") && told.contains("架空 母") && told.contains("戸籍全部事項証明書")
    );
    let birthday = at(scene.record.birth_date + 15.years(), 0);
    scene.wait_until(birthday - SignedDuration::from_secs(1));
    assert_eq!(scene.get(&scene.mother, &own).status, 200);
    scene.wait_until(birthday);
    assert_eq!(scene.get(&scene.mother, &own).status, 403, "from its first second on");
    assert!(!scene.get(&scene.mother, "/for-whom").html.contains(&own));
    assert!(matches!(scene.register("mother", |new| new), Err(NotProxy::WrongAge)));
}

#[test]
fn what_a_proxy_does_stands_in_the_record_under_their_own_name_and_for_whom() {
    let scene = Scene::set();
    scene.register("mother", |new| new).unwrap();
    let own = format!("/patients/{}", scene.child);
    assert_eq!(scene.get(&scene.mother, &own).status, 200);
    let wish = [("stance", "refuse"), ("group-diagnosis", "1"), ("institution", "")];
    assert_eq!(scene.post(&scene.mother, &format!("{own}/consents"), &wish).status, 303);
    let wishes = scene.stage.runtime.block_on(scene.stage.store.wishes_of(scene.child)).unwrap();
    assert_eq!(wishes[0].source, "proxy");
    let seen = scene.get(&scene.own, &scene.seen_by()).html;
    let rows: Vec<&str> = seen.split("<li id=").filter(|row| row.contains("架空 母")).collect();
    assert!(rows.iter().all(|row| row.contains("代理人（親権者")), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("閲覧")) && rows.iter().any(|row| row.contains("意思")));
    let path = format!("/fhir/AuditEvent?patient={}", scene.child);
    let events = scene.stage.voice(SAFETY_MANAGER).say("GET", &path, None).json;
    let agents = events["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]["agent"]);
    let by_proxy: Vec<_> = agents.filter(|agents| agents[0]["who"]["display"] == "架空 母").collect();
    assert!(!by_proxy.is_empty());
    for agents in by_proxy {
        assert_eq!((&agents[0]["requestor"], &agents[1]["requestor"]), (&json!(true), &json!(false)));
        assert_eq!(agents[1]["who"]["reference"], format!("Patient/{}", scene.child));
    }
}

#[test]
fn a_proxy_of_one_is_no_proxy_of_another_and_lends_it_to_no_system() {
    let scene = Scene::set();
    scene.register("mother", |new| new).unwrap();
    let another = PersonId::new().unwrap();
    for end in ["", "/seen-by", "/consents"] {
        assert_eq!(scene.get(&scene.mother, &format!("/patients/{another}{end}")).status, 403, "{end}");
    }
    let by_query = format!("/patients/{another}?for={}", scene.child);
    assert_eq!(scene.get(&scene.mother, &by_query).status, 403, "the address names the person");
    let fhir = format!("/fhir/Condition?patient={}", scene.child);
    assert_eq!(scene.get(&scene.mother, &fhir).status, 403, "proxies look by the pages");
    let stranger = admit(&scene.stage, "stranger", "架空 他人", Role::Patient, None, Some(another));
    assert_eq!(scene.get(&stranger, &format!("/patients/{}", scene.child)).status, 403);
}

#[test]
fn a_guardians_leave_ends_on_its_day_and_a_proxy_ends_when_whoever_registered_it_says_so() {
    let scene = Scene::set();
    let adult = scene.stage.region.patients.iter().find(|one| one.birth_date + 30.years() < TODAY).unwrap();
    let number = adult.members[0].member_id.clone();
    let person = scene.stage.runtime.block_on(scene.stage.store.person_of(
        &number,
        std::slice::from_ref(&number),
        scene.stage.now(),
    ));
    let person = person.unwrap();
    let guardian = |new: NewProxy| NewProxy {
        person: Some(person),
        birth: adult.birth_date,
        relation: Relation::Guardian,
        until: Some(TODAY + 30.days()),
        ..new
    };
    assert!(
        matches!(scene.register("mother", guardian), Err(NotProxy::Nobody)),
        "nothing tells of their birth yet"
    );
    let sent = adult.submissions.iter().find(|sent| sent.institution == HOSPITAL).unwrap().body.clone();
    let said = scene.stage.voice(HOSPITAL_SYSTEM).say("POST", "/fhir/Bundle", Some(&sent));
    assert!(said.status < 300, "{}", said.json);
    assert!(matches!(
        scene.register("mother", |new| NewProxy { until: None, ..guardian(new) }),
        Err(NotProxy::WrongEnd)
    ));
    scene.register("mother", guardian).unwrap();
    assert!(matches!(scene.register("mother", guardian), Err(NotProxy::Already)));
    let page = format!("/patients/{person}");
    let end = at(TODAY + 31.days(), 0);
    scene.wait_until(end - SignedDuration::from_secs(1));
    assert_eq!(scene.get(&scene.mother, &page).status, 200);
    scene.wait_until(end);
    assert_eq!(scene.get(&scene.mother, &page).status, 403);

    let proxy = scene.register("mother", |new| new).unwrap();
    let own = format!("/patients/{}", scene.child);
    assert_eq!(scene.get(&scene.mother, &own).status, 200);
    let act = access::Act { now: scene.stage.now(), request: "test".to_owned() };
    let elsewhere = Viewer { institution: Some("4919999902".to_owned()), ..clerk() };
    let refused = scene.stage.runtime.block_on(scene.identity.end_proxy(&elsewhere, proxy.id, &act));
    assert!(matches!(refused, Err(NotProxy::Refused(refusal)) if refusal.rule == "not-proxy-registrar"));
    scene.stage.runtime.block_on(scene.identity.end_proxy(&clerk(), proxy.id, &act)).unwrap();
    assert_eq!(scene.get(&scene.mother, &own).status, 403);
}

#[test]
fn nobody_registers_themselves_and_a_wrong_birth_reads_as_a_wrong_number() {
    let scene = Scene::set();
    let elsewhere = |new: NewProxy| NewProxy { birth: new.birth + 1.day(), ..new };
    assert!(matches!(scene.register("mother", elsewhere), Err(NotProxy::Nobody)));
    assert!(matches!(
        scene.register("mother", |new| NewProxy { person: None, ..new }),
        Err(NotProxy::Nobody)
    ));
    assert!(matches!(scene.register("nobody", |new| new), Err(NotProxy::NoAccount)));
    assert!(matches!(scene.register("child", |new| new), Err(NotProxy::Themselves)));
    let silent = |new: NewProxy| NewProxy { evidence: " ".to_owned(), ..new };
    assert!(matches!(scene.register("mother", silent), Err(NotProxy::NoEvidence)));
    admit(&scene.stage, "clerk-at-home", "架空 事務", Role::Patient, None, Some(PersonId::new().unwrap()));
    let refused = scene.register("clerk-at-home", |new| new);
    assert!(matches!(refused, Err(NotProxy::Refused(refusal)) if refusal.rule == "done-by-another"));
}

#[test]
fn a_patient_asks_about_a_look_and_is_answered_at_the_look() {
    let mut scene = Scene::set();
    let look = scene.look();
    let ask = format!("{}/{look}", scene.seen_by());
    assert!(scene.row(&scene.own, &look).contains(&ask), "each look can be asked about");
    let asking = scene.get(&scene.own, &ask);
    assert_eq!(asking.status, 200);
    assert!(asking.html.contains(HOSPITAL_DOCTOR) && asking.html.contains("14日以内"));
    let long = "あ".repeat(501);
    let refused = scene.post(&scene.own, &ask, &[("words", &long)]);
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("500文字まで"));
    assert_eq!(scene.post(&scene.own, &ask, &[("words", "受診していない日です <なぜ>")]).status, 303);
    assert!(scene.row(&scene.own, &look).contains("2026-06-24 までに回答があります"));
    let again = scene.post(&scene.own, &ask, &[("words", "")]);
    assert_eq!(again.status, 422, "one inquiry for one look");

    let manager = admit(&scene.stage, "planner", "架空 企画", Role::PlanningManager, Some(HOSPITAL), None);
    let waiting = scene.get(&manager, "/inquiries").html;
    assert!(waiting.contains("受診していない日です &#60;なぜ&#62;") && waiting.contains(HOSPITAL_DOCTOR));
    assert!(waiting.contains("患者からの問い合わせ 1件が、回答を待っています"), "the badge");
    let id = waiting.split("name=\"id\" value=\"").nth(1).unwrap()[..32].to_owned();
    let elsewhere = admit(&scene.stage, "far", "架空 遠方", Role::PlanningManager, Some("4919999902"), None);
    let answer = [("id", &*id), ("answer", "検査の結果を確かめるためです。")];
    assert!(!scene.get(&elsewhere, "/inquiries").html.contains("受診していない"));
    assert_eq!(scene.post(&elsewhere, "/inquiries", &answer).status, 403);
    assert_eq!(scene.post(&manager, "/inquiries", &[("id", &*id), ("answer", " ")]).status, 422);
    assert_eq!(scene.post(&manager, "/inquiries", &answer).status, 303);
    assert_eq!(scene.post(&manager, "/inquiries", &answer).status, 422, "an answer stands");
    let row = scene.row(&scene.own, &look);
    assert!(row.contains("検査の結果を確かめるためです") && row.contains("架空 企画"));
    let seen = scene.get(&scene.own, &scene.seen_by()).html;
    assert!(
        seen.contains("問い合わせ：たずねた") && seen.contains("問い合わせ：回答した"),
        "both are on record"
    );

    assert!(row.contains("もう一度たずねる"));
    assert_eq!(scene.post(&scene.own, &ask, &[("words", "納得できません")]).status, 303);
    assert!(!scene.row(&scene.own, &look).contains("もう一度たずねる<"));
    let operator = admit(&scene.stage, "hub", "架空 運用", Role::Operator, None, None);
    let waiting = scene.get(&operator, "/inquiries").html;
    let id = waiting.split("name=\"id\" value=\"").nth(1).unwrap()[..32].to_owned();
    assert_eq!(scene.post(&manager, "/inquiries", &[("id", &*id), ("answer", "前と同じです")]).status, 403);
    assert_eq!(scene.post(&operator, "/inquiries", &[("id", &*id), ("answer", "確かめました")]).status, 303);
    assert_eq!(scene.post(&scene.own, &ask, &[("words", "")]).status, 422, "once more, and no more");
}

#[test]
fn an_overdue_inquiry_is_marked_to_the_institution_the_operator_and_the_patient() {
    let mut scene = Scene::set();
    let look = scene.look();
    let ask = format!("{}/{look}", scene.seen_by());
    assert_eq!(scene.post(&scene.own, &ask, &[("words", "")]).status, 303);
    let manager = admit(&scene.stage, "planner", "架空 企画", Role::PlanningManager, Some(HOSPITAL), None);
    let operator = admit(&scene.stage, "hub", "架空 運用", Role::Operator, None, None);
    scene.wait_until(at(TODAY + 15.days(), 0) - SignedDuration::from_secs(1));
    assert!(!scene.get(&manager, "/inquiries").html.contains("期限を過ぎています"));
    assert!(!scene.row(&scene.own, &look).contains("もう一度たずねる"));
    scene.wait_until(at(TODAY + 15.days(), 0));
    assert!(scene.get(&manager, "/inquiries").html.contains("うち1件は期限を過ぎています"));
    assert!(scene.get(&operator, "/inquiries").html.contains("期限を過ぎています"));
    let row = scene.row(&scene.own, &look);
    assert!(
        row.contains("2026-06-24 の期限を過ぎても、回答がありません") && row.contains("もう一度たずねる")
    );
}

#[test]
fn only_looks_at_ones_own_record_by_others_can_be_asked_about() {
    let mut scene = Scene::set();
    let look = scene.look();
    let ask = format!("{}/{look}", scene.seen_by());
    let another = PersonId::new().unwrap();
    let stranger = admit(&scene.stage, "stranger", "架空 他人", Role::Patient, None, Some(another));
    assert_eq!(scene.post(&stranger, &ask, &[("words", "")]).status, 403, "somebody else's record");
    let moved = format!("/patients/{another}/seen-by/{look}");
    assert_eq!(scene.post(&stranger, &moved, &[("words", "")]).status, 404, "no look at their record");
    for nothing in ["0".repeat(32), "x".to_owned(), "%00".to_owned()] {
        let path = format!("{}/{nothing}", scene.seen_by());
        assert_eq!(scene.post(&scene.own, &path, &[("words", "")]).status, 404, "{nothing}");
        assert_eq!(scene.get(&scene.own, &path).status, 404, "{nothing}");
    }
    let seen = scene.get(&scene.own, &scene.seen_by()).html;
    let mine = seen.split("<li id=\"look-").skip(1).find(|row| row.contains("架空 子")).unwrap();
    let path = format!("{}/{}", scene.seen_by(), &mine[..32]);
    assert_eq!(scene.post(&scene.own, &path, &[("words", "")]).status, 404, "one's own look");
    let doctor = admit(&scene.stage, "doctor", "架空 医師", Role::Clinician, Some(HOSPITAL), None);
    assert_eq!(scene.get(&doctor, &ask).status, 403);
    assert_eq!(scene.get(&doctor, "/inquiries").status, 403);
    scene.register("mother", |new| new).unwrap();
    assert_eq!(scene.post(&scene.mother, &ask, &[("words", "子のために")]).status, 303, "a proxy may ask");
}

#[test]
fn nobody_answers_for_their_own_look_and_nobody_asks_more_often_a_day_than_the_table_says() {
    let mut scene = Scene::set();
    scene.look();
    let manager = admit(&scene.stage, "safety", "架空 安全", Role::SafetyManager, Some(HOSPITAL), None);
    for _ in 0..6 {
        scene.stage.clock.fetch_add(1_000_000, Ordering::SeqCst);
        assert_eq!(scene.get(&manager, &scene.seen_by()).status, 200);
    }
    let seen = scene.get(&scene.own, &scene.seen_by()).html;
    let theirs = seen.split("<li id=\"look-").skip(1).filter(|row| row.contains("架空 安全"));
    let looks: Vec<String> = theirs.map(|row| format!("{}/{}", scene.seen_by(), &row[..32])).collect();
    let asked: Vec<u16> =
        looks.iter().take(6).map(|look| scene.post(&scene.own, look, &[("words", "")]).status).collect();
    assert_eq!(asked, [303, 303, 303, 303, 303, 422]);
    scene.wait_until(at(TODAY.tomorrow().unwrap(), 0));
    assert_eq!(scene.post(&scene.own, &looks[5], &[("words", "")]).status, 303, "the next day");
    let planner = admit(&scene.stage, "planner", "架空 企画", Role::PlanningManager, Some(HOSPITAL), None);
    let waiting = scene.get(&planner, "/inquiries").html;
    let id = &waiting.split("name=\"id\" value=\"").nth(1).unwrap()[..32];
    let answer = [("id", id), ("answer", "点検のためです")];
    let refused = scene.post(&manager, "/inquiries", &answer);
    assert_eq!(refused.status, 403);
    assert!(refused.html.contains("done-by-another"));
    assert!(!scene.get(&manager, "/inquiries").html.contains("name=\"id\""));
    assert_eq!(scene.post(&planner, "/inquiries", &answer).status, 303);
}

#[test]
fn looks_are_shown_by_month_and_what_is_no_month_is_refused() {
    let mut scene = Scene::set();
    let look = scene.look();
    let page = |query: &str| scene.get(&scene.own, &format!("{}?{query}", scene.seen_by()));
    assert!(page("month=2026-06").html.contains(&look));
    assert!(!page("month=2026-05").html.contains(&look));
    assert!(page("month=").html.contains(&look));
    for bad in ["month=2026-13", "month=x", "month=2026-06-01"] {
        assert_eq!(page(bad).status, 400, "{bad}");
    }
}

#[test]
fn a_clerk_registers_a_mother_in_the_console_and_ends_it_and_nobody_else_may() {
    let hub = Hub::start();
    let record = steady(&hub.region).into_iter().find(|one| is_child(one, today())).unwrap().clone();
    let child = hub.register_all(&record);
    let other = steady(&hub.region).into_iter().find(|one| one.key != record.key).unwrap().clone();
    let invitation = renkei_in(
        hub.folder.path(),
        &[
            "account",
            "invite",
            "kakuu.haha",
            "--name",
            "架空 母",
            "--role",
            "patient",
            "--patient",
            &hub.register_all(&other),
            "--checked",
            "マイナンバーカード",
        ],
    );
    let invitation = String::from_utf8(invitation.stdout).unwrap();
    let mother = Browser::of(&hub);
    let link = &invitation[invitation.find("/invitation/").unwrap()..];
    mother.accept(link.trim(), PASSWORD);
    let clerk = Browser::of(&hub);
    clerk.accept(&invited(&hub, "kakuu.jimu", "clerk"), PASSWORD);
    let nurse = Browser::of(&hub);
    nurse.accept(&invited(&hub, "kakuu.kango", "nurse"), PASSWORD);

    let number = record.members[0].member_id.clone();
    let birth = record.birth_date.to_string();
    let form = |birth: &str| {
        [
            ("number", number.clone()),
            ("birth", birth.to_owned()),
            ("login", "kakuu.haha".to_owned()),
            ("relation", "parent".to_owned()),
            ("evidence", "戸籍全部事項証明書".to_owned()),
            ("until", String::new()),
        ]
    };
    let post = |browser: &Browser<'_>, birth: &str| {
        let form = form(birth);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/proxies", &form)
    };
    assert_eq!(nurse.get("/proxies").status, 403);
    assert_eq!(post(&nurse, &birth).status, 403);
    for (wrong, said) in
        [("2020-13-01", "この欄を確かめてください"), ("2020-01-01", "両方に合う人が見つかりません")]
    {
        let refused = post(&clerk, wrong);
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains(said), "{wrong}");
    }
    assert_eq!(mother.get(&format!("/patients/{child}")).status, 403);
    assert_eq!(post(&clerk, &birth).status, 303);
    assert_eq!(mother.get(&format!("/patients/{child}")).status, 200);
    assert!(mother.get("/for-whom").html.contains(&record.name_kanji));
    let listed = renkei_in(hub.folder.path(), &["proxy", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed["patient"], &listed["relation"]), (&json!(child), &json!("parent")));
    let ended = clerk.post("/proxies", &[("end", listed["id"].as_str().unwrap())]);
    assert_eq!(ended.status, 303);
    assert_eq!(mother.get(&format!("/patients/{child}")).status, 403, "at once");
    assert!(
        !renkei_in(hub.folder.path(), &["proxy", "end", listed["id"].as_str().unwrap()]).status.success()
    );
    let added = [
        "proxy",
        "add",
        "kakuu.haha",
        "--patient",
        &child,
        "--birth",
        &birth,
        "--relation",
        "parent",
        "--checked",
        "戸籍全部事項証明書",
    ];
    let added = renkei_in(hub.folder.path(), &added);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(mother.get(&format!("/patients/{child}")).status, 200);
}
