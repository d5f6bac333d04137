use access::{Act, Role, Viewer};
use identity::{NoNote, Watch, is_about};
use jiff::SignedDuration;
use store::{Alert, PersonId};

use crate::region::{CLINIC, HOSPITAL, RegionOfTwo, act, viewer};

impl RegionOfTwo {
    /// What somebody who watches anew at this instant raises.
    async fn raised(&self, at: &Act) -> usize {
        Watch::default().pass(&self.store, at).await.unwrap()
    }

    async fn all(&self) -> Vec<Alert> {
        self.store.alerts(None, 100).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_counts_once_however_often_and_by_whomever_the_record_is_watched() {
    let region = RegionOfTwo::new();
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let vip = PersonId::new().unwrap();
    let begun = act("2026-11-21T09:00:00+09:00");
    region.identity.watch_over(&Viewer::hub(), "operator", vip, None, true, &begun).await.unwrap();
    let mut watch = Watch::default();
    assert_eq!(watch.pass(&region.store, &begun).await.unwrap(), 0);
    region.views(&nurse, vip, "2026-11-21T09:00:10+09:00").await;
    let soon = act("2026-11-21T09:00:20+09:00");
    assert_eq!(watch.pass(&region.store, &soon).await.unwrap(), 1);
    assert_eq!(watch.pass(&region.store, &soon).await.unwrap(), 0);
    assert_eq!(region.raised(&soon).await, 0, "as after a restart");
    region.views(&nurse, vip, "2026-11-21T09:00:30+09:00").await;
    let later = act("2026-11-21T09:00:40+09:00");
    assert_eq!(region.raised(&later).await, 0, "it goes with the alert that nobody has answered");
    let alerts = region.all().await;
    assert_eq!((alerts.len(), alerts[0].oddity.looks.len()), (1, 2));
    assert_eq!(alerts[0].oddity.about, Some(vip));

    let manager = viewer(&region.account("anzen", Role::SafetyManager, Some(HOSPITAL)).await);
    let say = async |note: &str| {
        region.identity.answer_alert(&manager, "account-manager", &alerts[0], note, &later).await
    };
    assert!(matches!(say("短い").await, Err(NoNote::Note)));
    say("主治医の指示を確かめた").await.unwrap();
    assert!(matches!(say("主治医の指示を確かめた").await, Err(NoNote::NotThere)));
    region.views(&nurse, vip, "2026-11-21T09:01:00+09:00").await;
    assert_eq!(region.raised(&act("2026-11-21T09:01:10+09:00")).await, 1, "what comes after is new");
    assert_eq!(region.all().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_came_late_to_the_record_or_while_nobody_watched_is_not_lost() {
    let region = RegionOfTwo::new();
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let vip = PersonId::new().unwrap();
    let begun = act("2026-11-21T09:00:00+09:00");
    region.identity.watch_over(&Viewer::hub(), "operator", vip, None, true, &begun).await.unwrap();
    let mut watch = Watch::default();
    watch.pass(&region.store, &begun).await.unwrap();
    let passed = act("2026-11-21T09:05:00+09:00");
    watch.pass(&region.store, &passed).await.unwrap();
    // Asked for before the pass, on record after it.
    region.views(&nurse, vip, "2026-11-21T09:04:30+09:00").await;
    assert_eq!(watch.pass(&region.store, &act("2026-11-21T09:06:00+09:00")).await.unwrap(), 1);
    // The hub stood still for a night.
    let second = PersonId::new().unwrap();
    region.identity.watch_over(&Viewer::hub(), "operator", second, None, true, &begun).await.unwrap();
    region.views(&nurse, second, "2026-11-21T09:30:00+09:00").await;
    assert_eq!(region.raised(&act("2026-11-22T08:00:00+09:00")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mass_viewing_is_told_from_the_institutions_own_threshold_on_across_a_restart() {
    let region = RegionOfTwo::new();
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let begun = act("2026-11-21T09:00:00+09:00");
    let hub = Viewer::hub();
    let keep = async |of: &str, number: i64| {
        region.identity.keep_threshold(&hub, "operator", HOSPITAL, of, number, &begun).await
    };
    assert!(keep("mass-viewing", 2).await.is_err() && keep("mass-viewing", 501).await.is_err());
    assert!(keep("vip-look", 3).await.is_err(), "a rule without a range has no threshold of one's own");
    keep("mass-viewing", 3).await.unwrap();
    let persons: Vec<PersonId> = (0..3).map(|_| PersonId::new().unwrap()).collect();
    region.raised(&begun).await;
    region.views(&nurse, persons[0], "2026-11-21T09:10:00+09:00").await;
    region.views(&nurse, persons[1], "2026-11-21T09:20:00+09:00").await;
    region.views(&nurse, persons[0], "2026-11-21T09:30:00+09:00").await;
    assert_eq!(region.raised(&act("2026-11-21T09:40:00+09:00")).await, 0);
    region.views(&nurse, persons[2], "2026-11-21T10:05:00+09:00").await;
    assert_eq!(region.raised(&act("2026-11-21T10:06:00+09:00")).await, 1);
    let alerts = region.all().await;
    assert_eq!(alerts[0].oddity.rule, "mass-viewing");
    assert_eq!(alerts[0].oddity.looks.len(), 4);
    assert!(alerts[0].oddity.looks.iter().all(|look| look.act == "view" && look.person.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_at_oneself_and_at_colleagues_are_told_and_so_is_one_human_being_at_two_places() {
    let region = RegionOfTwo::new();
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let colleague = region.account("doryo", Role::Nurse, Some(HOSPITAL)).await;
    let elsewhere = region.account("kango.b", Role::Nurse, Some(CLINIC)).await;
    let person = PersonId::new().unwrap();
    let begun = act("2026-11-21T09:00:00+09:00");
    let hub = Viewer::hub();
    for account in [&nurse, &elsewhere] {
        let noted = region.identity.holder_is(&hub, "operator", &account.id, Some(person), &begun);
        noted.await.unwrap();
    }
    region.raised(&begun).await;
    region.views(&nurse, person, "2026-11-21T09:00:05+09:00").await;
    region.views(&colleague, person, "2026-11-21T09:00:06+09:00").await;
    let someone_else = PersonId::new().unwrap();
    region.views(&colleague, someone_else, "2026-11-21T09:00:07+09:00").await;
    region.session(&elsewhere, begun.now + SignedDuration::from_mins(29)).await;
    assert_eq!(region.raised(&act("2026-11-21T09:29:30+09:00")).await, 3);
    let mut told: Vec<(String, String)> = Vec::new();
    for alert in region.all().await {
        told.push((alert.oddity.rule.clone(), alert.oddity.subject.credential.clone()));
        assert!(!is_about(&viewer(&region.account(&alert.id.to_string(), Role::Clerk, None).await), &alert));
    }
    told.sort();
    let expected = [("colleague-look", &colleague), ("impossible-travel", &elsewhere), ("self-look", &nurse)];
    let expected = expected.map(|(rule, account)| (rule.to_owned(), account.id.clone()));
    assert_eq!(told, expected);
    let alerts = region.all().await;
    let own = alerts.iter().find(|one| one.oddity.subject.credential == nurse.id).unwrap();
    assert!(is_about(&viewer(&nurse), own) && !is_about(&viewer(&colleague), own));
}
