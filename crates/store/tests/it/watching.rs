//! Access reviews, alerts and histories of sign-ins, on every engine.

use audit::{Act, Event};
use jiff::SignedDuration;
use jiff::civil::date;
use store::{
    AccessReview, Account, AccountState, AlertAnswer, Bucket, Holder, OddLook, Oddity, Page, PersonId,
    ReviewedRight, RightAnswer, RightMove, RightState, new_event_id,
};

use crate::engines::{Engine, event, now, on_each_engine};

const HOSPITAL: &str = "4919999901";
const MANAGERS: &[&str] = &["planning-manager"];

async fn account(engine: &Engine, id: &str, role: &str) {
    let account = Account {
        id: id.to_owned(),
        login: id.to_owned(),
        name: format!("架空 {id}"),
        role: role.to_owned(),
        institution: Some(HOSPITAL.to_owned()),
        person: None,
        state: AccountState::Active,
        proofing: None,
        made_by: "test".to_owned(),
        made_at: now(),
        ends_at: None,
        used_at: None,
        failures: 0,
        quiet_until: now(),
        excepted_until: None,
    };
    assert!(engine.store.keep_account(account, None, event(now())).await.unwrap());
}

fn holder(name: &str) -> Holder {
    Holder { credential: name.to_owned(), name: name.to_owned() }
}

fn review(id: &str) -> AccessReview {
    AccessReview {
        id: id.to_owned(),
        name: "棚卸し".to_owned(),
        institution: Some(HOSPITAL.to_owned()),
        opened_by: holder("opener"),
        opened_at: now(),
        due: date(2026, 4, 30),
        ends_at: "2026-05-01T00:00:00+09:00".parse().unwrap(),
        closed_at: None,
    }
}

fn right(account: &str) -> ReviewedRight {
    ReviewedRight {
        account: account.to_owned(),
        login: account.to_owned(),
        name: format!("架空 {account}"),
        role: "nurse".to_owned(),
        factors: vec!["passkey".to_owned(), "totp".to_owned()],
        used_at: Some(now()),
        state: RightState::Open,
        answer: None,
    }
}

fn answer(at: jiff::Timestamp) -> RightAnswer {
    RightAnswer { by: holder("manager"), at, reason: Some("退職".to_owned()) }
}

#[test]
fn a_right_is_answered_once_and_what_is_withdrawn_is_suspended_in_the_same_commit() {
    on_each_engine("a_right_is_answered_once", async |engine| {
        let store = &engine.store;
        for (id, role) in [("n1", "nurse"), ("n2", "nurse"), ("m1", "planning-manager")] {
            account(&engine, id, role).await;
        }
        let rights = ["n1", "n2", "m1"].map(right).to_vec();
        assert!(store.open_access_review(review("r1"), rights.clone(), event(now())).await.unwrap());
        assert!(!store.open_access_review(review("r2"), rights.clone(), event(now())).await.unwrap());
        let (kept, read) = store.access_review("r1".to_owned()).await.unwrap().unwrap();
        assert_eq!(kept, review("r1"));
        assert_eq!(read.len(), 3);
        assert!(rights.iter().all(|right| read.contains(right)));
        let say = async |account: &str, to| {
            let said = answer(now());
            let (review, on_record) = (review("r1"), event(now()));
            store.answer_right(review, account.to_owned(), to, said, MANAGERS, on_record).await.unwrap()
        };
        assert_eq!(say("n1", RightState::Confirmed).await, RightMove::Moved(RightState::Confirmed));
        assert_eq!(say("n1", RightState::Withdrawn).await, RightMove::NotThere);
        let (one, two) = tokio::join!(say("n2", RightState::Withdrawn), say("n2", RightState::Confirmed));
        let moved = [one, two].into_iter().filter(|one| matches!(one, RightMove::Moved(_))).count();
        assert_eq!(moved, 1, "of two at once exactly one is heard");
        assert_eq!(say("m1", RightState::Withdrawn).await, RightMove::LastAdministrator);
        let counted = store.access_reviews().await.unwrap();
        assert_eq!((counted[0].1, counted[0].2), (3, 1));
    });
}

#[test]
fn what_nobody_answered_lapses_after_the_last_day_and_closes_the_review() {
    on_each_engine("what_nobody_answered_lapses", async |engine| {
        let store = &engine.store;
        account(&engine, "n1", "nurse").await;
        account(&engine, "m1", "planning-manager").await;
        let rights = ["n1", "m1", "gone"].map(right).to_vec();
        assert!(store.open_access_review(review("r1"), rights, event(now())).await.unwrap());
        let ends = review("r1").ends_at;
        let before = ends - SignedDuration::from_micros(1);
        assert!(store.due_access_reviews(before).await.unwrap().is_empty());
        assert_eq!(store.due_access_reviews(ends).await.unwrap().len(), 1);
        let lapse = async |account: &str, at| {
            let (hub, on_record) = (answer(at), event(at));
            store.lapse_right(review("r1"), account.to_owned(), hub, MANAGERS, on_record).await.unwrap()
        };
        assert_eq!(lapse("n1", before).await, RightMove::NotThere);
        assert_eq!(lapse("n1", ends).await, RightMove::Moved(RightState::Lapsed));
        assert_eq!(lapse("m1", ends).await, RightMove::Moved(RightState::Overdue));
        assert_eq!(lapse("gone", ends).await, RightMove::Moved(RightState::Gone));
        let state = async |id: &str| store.account(id.to_owned()).await.unwrap().unwrap().state;
        assert_eq!((state("n1").await, state("m1").await), (AccountState::Suspended, AccountState::Active));
        let (closed, _) = store.access_review("r1".to_owned()).await.unwrap().unwrap();
        assert_eq!(closed.closed_at, Some(ends));
        assert!(store.due_access_reviews(ends).await.unwrap().is_empty());
    });
}

fn look(person: PersonId, number: u8) -> OddLook {
    OddLook {
        event: audit::EventId::from_bytes([number; 16]),
        at: now() + SignedDuration::from_secs(number.into()),
        act: "view".to_owned(),
        person: Some(person),
        institution: Some(HOSPITAL.to_owned()),
    }
}

fn oddity(person: PersonId, looks: &[u8]) -> Oddity {
    Oddity {
        rule: "vip-look".to_owned(),
        severity: "high".to_owned(),
        subject: holder("nurse"),
        role: "nurse".to_owned(),
        institution: Some(HOSPITAL.to_owned()),
        about: Some(person),
        looks: looks.iter().map(|number| look(person, *number)).collect(),
    }
}

fn raising() -> Event {
    Event { id: new_event_id(Bucket::of_text("raise"), now()).unwrap(), act: Act::Alert, ..event(now()) }
}

#[test]
fn an_act_counts_once_for_a_rule_and_goes_with_the_alert_that_nobody_has_answered() {
    on_each_engine("an_act_counts_once_for_a_rule", async |engine| {
        let store = &engine.store;
        let (vip, other) = (PersonId::new().unwrap(), PersonId::new().unwrap());
        assert!(store.raise_alert(oddity(vip, &[1, 2]), raising()).await.unwrap());
        assert!(!store.raise_alert(oddity(vip, &[1, 2]), raising()).await.unwrap());
        assert!(!store.raise_alert(oddity(vip, &[2, 3]), raising()).await.unwrap());
        assert!(store.raise_alert(oddity(other, &[4]), raising()).await.unwrap());
        let all = store.alerts(Some(HOSPITAL.to_owned()), 10).await.unwrap();
        let of = |person| all.iter().find(|one| one.oddity.about == Some(person)).unwrap();
        assert_eq!(of(vip).oddity, oddity(vip, &[1, 2, 3]));
        assert!(store.alerts(Some("1311234567".to_owned()), 10).await.unwrap().is_empty());
        let said = AlertAnswer { by: holder("manager"), at: now(), note: "確かめた".to_owned() };
        assert!(store.answer_alert(of(vip), said.clone(), event(now())).await.unwrap());
        assert!(!store.answer_alert(of(vip), said.clone(), event(now())).await.unwrap());
        assert_eq!(store.alert(of(vip).id).await.unwrap().unwrap().answer, Some(said));
        assert!(!store.raise_alert(oddity(vip, &[1]), raising()).await.unwrap(), "it was answered");
        assert!(store.raise_alert(oddity(vip, &[5]), raising()).await.unwrap());
    });
}

#[test]
fn whom_alerts_watch_over_is_kept_with_all_their_kin_and_the_position_never_goes_back() {
    on_each_engine("whom_alerts_watch_over_is_kept", async |engine| {
        let store = &engine.store;
        account(&engine, "n1", "nurse").await;
        let person = PersonId::new().unwrap();
        let hospital = Some(HOSPITAL.to_owned());
        for of in [None, hospital.clone()] {
            store.watch_over(person, of.clone(), true, event(now())).await.unwrap();
            store.watch_over(person, of, true, event(now())).await.unwrap();
        }
        store.holder_is("n1".to_owned(), Some(person), event(now())).await.unwrap();
        for threshold in [5, 7] {
            let rule = "mass-viewing".to_owned();
            store.keep_threshold(HOSPITAL.to_owned(), rule, threshold, event(now())).await.unwrap();
        }
        let watched = store.watched().await.unwrap();
        assert_eq!(watched.persons.len(), 2);
        assert_eq!(watched.staff, [(person, "n1".to_owned(), hospital.clone())]);
        assert_eq!(watched.thresholds[&(HOSPITAL.to_owned(), "mass-viewing".to_owned())], 7);
        store.watch_over(person, hospital.clone(), false, event(now())).await.unwrap();
        assert!(store.watched_persons(hospital).await.unwrap().is_empty());
        assert_eq!(store.watched_persons(None).await.unwrap(), [person]);
        store.holder_is("n1".to_owned(), None, event(now())).await.unwrap();
        assert!(store.watched().await.unwrap().staff.is_empty());
        let page = Page { before: now() + SignedDuration::from_secs(1), limit: 50 };
        assert!(store.events_of(person, page).await.unwrap().is_empty(), "the marks are not theirs to read");

        assert_eq!(store.watched_until().await.unwrap(), None);
        let later = now() + SignedDuration::from_secs(60);
        for at in [now(), later, now()] {
            store.mark_watched(at).await.unwrap();
        }
        assert_eq!(store.watched_until().await.unwrap(), Some(later));
    });
}

#[test]
fn the_sign_ins_of_an_account_are_its_own_newest_first() {
    on_each_engine("the_sign_ins_of_an_account_are_its_own", async |engine| {
        let store = &engine.store;
        account(&engine, "n1", "nurse").await;
        let tried = |account: &str, second: i64| Event {
            act: Act::SignIn,
            objects: vec![format!("account/{account}"), "address/192.0.2.7".to_owned()],
            ..event(now() + SignedDuration::from_secs(second))
        };
        for (id, second) in [("n1", 1), ("n1", 3), ("n2", 2)] {
            let on_record = tried(id, second);
            store.count_failure(id.to_owned(), now(), on_record).await.unwrap();
        }
        let page = Page { before: now() + SignedDuration::from_secs(60), limit: 30 };
        let found = store.sign_ins_of("n1".to_owned(), page).await.unwrap();
        let seconds = found.iter().map(|event| event.at.duration_since(now()).as_secs());
        assert_eq!(seconds.collect::<Vec<_>>(), [3, 1]);
        let first = Page { limit: 1, ..page };
        assert_eq!(store.sign_ins_of("n1".to_owned(), first).await.unwrap().len(), 1);
    });
}
