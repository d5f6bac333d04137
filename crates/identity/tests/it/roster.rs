use access::{Action, Concern, Refusal, Role, may_administer};
use identity::roster::{Found, Plan, read};
use identity::{Change, NotDone};
use store::AccountState;

use crate::house::{House, after, viewer};

const HEAD: &str = "login,name,role,state,ends,checked,level\n";
const TWO: &str =
    "kakuu.kanri,架空 管理,safety-manager,,,職員証と対面,3\nkakuu.kango,架空 看護,nurse,,,職員証と対面,2\n";

async fn plan_as(house: &House, role: Role, text: &str, end_missing: bool) -> Plan {
    let (viewer, act) = (viewer(role), after(0));
    let decide = |action: Action, concern: &Concern<'_>| -> Result<&'static str, Refusal> {
        may_administer(&viewer, action, concern, act.now)
    };
    let rows = read(format!("{HEAD}{text}").as_bytes()).unwrap();
    house.identity.plan(&rows, end_missing, &viewer, &decide, &act).await.unwrap()
}

async fn plan(house: &House, text: &str) -> Plan {
    plan_as(house, Role::PlanningManager, text, false).await
}

fn changes(plan: &Plan) -> Vec<(String, Vec<Change>)> {
    plan.rows.iter().map(|row| (row.login.clone(), row.changes.clone())).collect()
}

fn found(plan: &Plan) -> Vec<(u64, &'static str)> {
    plan.faults.iter().map(|fault| (fault.line, fault.found.code())).collect()
}

/// A hospital with two accounts in use.
async fn staffed() -> House {
    let house = House::new().await;
    let planned = plan(&house, TWO).await;
    assert_eq!(found(&planned), []);
    let invited = house.identity.carry_out_plan(planned, &after(0)).await.unwrap();
    assert_eq!(invited.len(), 2);
    for one in invited {
        let leave = identity::Enrolment::Invited(one.link);
        let manager = viewer(Role::PlanningManager);
        let until = after(30).now;
        let (id, act) = (one.account.id, after(0));
        house.identity.except(&manager, "account-manager", &id, "試験", until, &act).await.unwrap();
        let place = crate::house::place();
        house.identity.enrol_password_alone(&leave, "kawa7mado2tori", &place, &act).await.unwrap();
    }
    house
}

#[tokio::test]
async fn whoever_is_new_is_invited_with_what_was_checked_and_nothing_happens_before() {
    let house = House::new().await;
    let planned = plan(&house, TWO).await;
    assert_eq!(changes(&planned)[1], ("kakuu.kango".to_owned(), vec![Change::Invited]));
    assert!(house.store.accounts(None).await.unwrap().is_empty());
    house.identity.carry_out_plan(planned, &after(0)).await.unwrap();
    let nurse = house.account("kakuu.kango").await;
    assert_eq!(nurse.state, AccountState::Invited);
    assert!(nurse.proofing.unwrap().contains("職員証と対面"));
}

#[tokio::test]
async fn the_same_list_again_changes_nothing_and_names_roles_ends_and_states_change() {
    let house = staffed().await;
    let again = plan(&house, TWO).await;
    assert!(again.is_empty() && found(&again).is_empty());
    let change = "kakuu.kango,架空 改姓,pharmacist,suspended,2027/3/31,,\n";
    let planned = plan(&house, change).await;
    let expected = vec![Change::Renamed, Change::Role, Change::End, Change::Suspended];
    assert_eq!(changes(&planned), [("kakuu.kango".to_owned(), expected)]);
    house.identity.carry_out_plan(planned, &after(0)).await.unwrap();
    let nurse = house.account("kakuu.kango").await;
    assert_eq!((nurse.name.as_str(), nurse.role.as_str()), ("架空 改姓", "pharmacist"));
    assert_eq!(nurse.ends_at.unwrap().to_string(), "2027-03-31T15:00:00Z");
    assert_eq!(nurse.state, AccountState::Suspended);
    assert_eq!(house.account("kakuu.kanri").await.state, AccountState::Active, "who stands in no row stays");
}

#[tokio::test]
async fn whoever_stands_in_no_row_is_ended_only_where_that_is_asked_for_and_never_the_last_administrator() {
    let house = staffed().await;
    let only_manager = "kakuu.kanri,架空 管理,safety-manager,,,,\n";
    let ended = plan_as(&house, Role::PlanningManager, only_manager, true).await;
    assert_eq!(changes(&ended)[1], ("kakuu.kango".to_owned(), vec![Change::Ended]));
    let only_nurse = "kakuu.kango,架空 看護,nurse,,,,\n";
    let refused = plan_as(&house, Role::PlanningManager, only_nurse, true).await;
    assert_eq!(found(&refused), [(0, "last-administrator")]);
    let done = house.identity.carry_out_plan(refused, &after(0)).await.unwrap();
    assert!(done.is_empty(), "a plan with faults does nothing");
    assert_eq!(house.account("kakuu.kanri").await.state, AccountState::Active);
}

#[tokio::test]
async fn each_wrong_row_is_told_at_its_line_and_column() {
    let house = staffed().await;
    let text = "\
x,名,nurse,,,証,2\n\
kakuu.a,,nurse,,,証,2\n\
kakuu.b,名,patient,,,証,2\n\
kakuu.c,名,nurse,,,,2\n\
kakuu.d,名,nurse,,,証,4\n\
kakuu.e,名,nurse,,2020-01-01,証,2\n\
kakuu.f,名,maintainer,,,証,2\n\
kakuu.g,名,insurer,,,証,2\n\
KAKUU.KANGO,名,nurse,gone,,,\n\
kakuu.kango,名,nurse,,,,\n";
    let planned = plan(&house, text).await;
    let columns: Vec<_> = planned.faults.iter().map(|fault| (fault.line, fault.column)).collect();
    let expected = [
        (2, Some("login")),
        (3, Some("name")),
        (4, Some("role")),
        (5, Some("checked")),
        (6, Some("level")),
        (7, Some("ends")),
        (8, Some("ends")),
        (9, None),
        (10, Some("state")),
        (11, Some("login")),
    ];
    assert_eq!(columns, expected);
    assert_eq!(planned.faults[7].found, Found::Refused("not-account-manager"));
    assert_eq!(planned.faults[9].found, Found::Twice(10));
}

#[tokio::test]
async fn whoever_may_not_keep_accounts_imports_nothing() {
    let house = House::new().await;
    for role in [Role::Nurse, Role::SystemOperator, Role::Auditor, Role::Executive] {
        let planned = plan_as(&house, role, TWO, false).await;
        assert_eq!(found(&planned), [(2, "refused"), (3, "refused")], "{role:?}");
    }
}

#[tokio::test]
async fn a_plan_that_accounts_have_outrun_is_not_carried_out_and_its_print_is_another() {
    let house = staffed().await;
    let change = "kakuu.kango,架空 改姓,nurse,,,,\n";
    let (late, print) = (plan(&house, change).await, plan(&house, change).await.print());
    let manager = viewer(Role::PlanningManager);
    let id = house.account("kakuu.kango").await.id;
    house.identity.suspend(&manager, "account-manager", &id, &after(0)).await.unwrap();
    let outcome = house.identity.carry_out_plan(late, &after(0)).await;
    assert!(matches!(outcome, Err(NotDone::Outdated(0))));
    assert_eq!(plan(&house, change).await.print(), print, "the same would still be done");
    let reinstated = "kakuu.kango,架空 改姓,nurse,active,,,\n";
    assert_ne!(plan(&house, reinstated).await.print(), print);
}
