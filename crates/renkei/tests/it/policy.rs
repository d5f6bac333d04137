use std::fs;

use crate::hub::{HOSPITAL, Hub, prepared, renkei_in, steady};

const NARROWED: &str = "// 薬剤師は文書を見ない。
forbid (principal == Role::\"pharmacist\", action in Action::\"view\", resource);
";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_policy_file_is_checked_and_what_is_wrong_is_told_with_its_line_in_both_languages() {
    let folder = prepared("renkei.db");
    fs::write(folder.path().join("good.cedar"), NARROWED).unwrap();
    fs::write(folder.path().join("wide.cedar"), "\n\npermit (principal, action, resource);").unwrap();
    fs::write(folder.path().join("closed.cedar"), "forbid (principal, action, resource);").unwrap();
    let check = |file: &str, more: &[&str]| {
        renkei_in(folder.path(), &[&["policy", "check", file][..], more].concat())
    };
    assert_eq!(check("good.cedar", &[]).status.code(), Some(0));
    let wide = check("wide.cedar", &[]);
    assert_eq!(wide.status.code(), Some(1));
    assert!(text(&wide.stdout).contains("wide.cedar: 3 行目"), "{}", text(&wide.stdout));
    assert!(text(&check("wide.cedar", &["--lang", "en"]).stdout).contains("line 3"));
    let closed = text(&check("closed.cedar", &[]).stdout);
    assert!(closed.contains("1 行目") && closed.contains("アカウントの一覧を見る"), "{closed}");
    assert_eq!(check("absent.cedar", &[]).status.code(), Some(2));
}

#[test]
fn a_ruling_is_explained_by_the_policy_that_made_it() {
    let folder = prepared("renkei.db");
    let explain = |arguments: &[&str]| {
        let told = renkei_in(folder.path(), &[&["policy", "explain"][..], arguments].concat());
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        text(&told.stdout)
    };
    let nurse = ["--role", "nurse", "--act", "view-informations", "--fact"];
    let permitted = explain(&[&nurse[..], &["opened_by=card-reader"]].concat());
    assert!(permitted.contains("grant") && permitted.contains("@id(\"grant\")"), "{permitted}");
    let refused = explain(&["--role", "maintainer", "--act", "alter-acts"]);
    assert!(refused.contains("nobody-alters-the-record"), "{refused}");
    let unknown = renkei_in(folder.path(), &["policy", "explain", "--role", "nurse", "--act", "levitate"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn an_institution_that_narrows_its_policy_is_obeyed_and_a_hub_does_not_start_on_a_wrong_one() {
    let folder = prepared("renkei.db");
    fs::write(folder.path().join("policy.narrow.cedar"), NARROWED).unwrap();
    let config = folder.path().join("renkei.toml");
    let whole = fs::read_to_string(&config).unwrap();
    let number = format!("number = \"{HOSPITAL}\"");
    assert!(whole.contains(&number), "{whole}");
    let narrowed = whole.replace(&number, &format!("{number}\npolicy = \"policy.narrow.cedar\""));
    fs::write(&config, narrowed).unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let id = hub.register_all(steady(&hub.region)[0]);
    drop(hub.clinician(&id, "diagnosis,treatment,checkup"));
    let seen = |role: &str| {
        let token = hub.token(role, &["--institution", HOSPITAL]);
        hub.get(&token, &format!("/fhir/Observation?patient={id}"))
    };
    assert_eq!(seen("nurse").status, 200);
    assert_eq!((seen("pharmacist").status, seen("pharmacist").codes()), (403, vec!["narrowed".to_owned()]));
    let folder = hub.kill();
    fs::write(folder.path().join("policy.narrow.cedar"), "permit (principal, action, resource);").unwrap();
    let refused = renkei_in(folder.path(), &["serve", "--config", "renkei.toml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("policy.narrow.cedar"), "{}", text(&refused.stderr));
}

#[test]
fn any_act_can_be_tried_with_any_facts_and_nothing_of_it_is_on_record() {
    let hub = Hub::start();
    let manager = hub.token("safety-manager", &["--institution", HOSPITAL]);
    let asked = |facts: &str| {
        let page = hub.page(&manager, &format!("/policy/simulator?{facts}"));
        assert_eq!(page.status, 200);
        text(&page.body)
    };
    let refused = asked("role=nurse&act=account-invite");
    assert!(refused.contains("<code>not-account-manager</code>") && refused.contains("name=\"subject\""));
    let permitted =
        asked("role=planning-manager&act=account-invite&is_own=yes&subject=nurse&is_by_viewer=no");
    assert!(permitted.contains("<code>account-manager</code>"), "{permitted}");
    assert!(permitted.contains("permit ("), "the policy itself");
    let own = asked("role=planning-manager&act=account-invite&is_own=yes&subject=nurse&is_by_viewer=yes");
    assert!(own.contains("<code>done-by-another</code>"));
    let nurse = hub.token("nurse", &["--institution", HOSPITAL]);
    assert_eq!(hub.page(&nurse, "/policy/simulator?role=nurse&act=view-unit").status, 403);
    let record = text(&hub.page(&manager, "/audit").body);
    assert!(!record.contains("account-invite"));
}
