use jiff::SignedDuration;
use store::{Device, DeviceCode, DeviceFinding, DeviceFindingKind, DeviceKind, Session, random};

use crate::engines::{event, now, on_each_engine};

fn device(id: &str) -> Device {
    Device {
        id: id.to_owned(),
        institution: "4919999901".to_owned(),
        label: format!("端末 {id}"),
        kind: DeviceKind::Institution,
        owner: None,
        key: None,
        conditions: None,
        asked_at: now(),
        asked_by: "t-1".to_owned(),
        approved_at: Some(now()),
        approved_by: Some("t-1".to_owned()),
        ends_at: None,
        ended_at: None,
    }
}

fn personal(id: &str, key: [u8; 32]) -> Device {
    Device {
        kind: DeviceKind::Personal,
        owner: Some("a-1".to_owned()),
        key: Some(key),
        conditions: Some(1),
        approved_at: None,
        approved_by: None,
        ..device(id)
    }
}

fn code() -> DeviceCode {
    DeviceCode { hash: random().unwrap(), ends_at: now() + SignedDuration::from_mins(15) }
}

fn session(device: &str) -> Session {
    Session {
        hash: random().unwrap(),
        id: format!("s-{device}"),
        account: "a-1".to_owned(),
        device: Some(device.to_owned()),
        address: "192.0.2.1".to_owned(),
        network: "closed".to_owned(),
        agent: "Firefox".to_owned(),
        factors: vec!["passkey".to_owned()],
        made_at: now(),
        seen_at: now(),
        proved_at: now(),
        ends_at: now() + SignedDuration::from_hours(12),
        ended_at: None,
    }
}

fn finding(id: &str, after: SignedDuration) -> DeviceFinding {
    DeviceFinding {
        id: id.to_owned(),
        kind: DeviceFindingKind::Unregistered,
        institution: Some("4919999901".to_owned()),
        account: "a-1".to_owned(),
        address: "192.0.2.1".to_owned(),
        agent: "Firefox".to_owned(),
        network: "open".to_owned(),
        times: 1,
        first_at: now() + after,
        last_at: now() + after,
        resolved_at: None,
        resolved_by: None,
    }
}

#[test]
fn a_code_sets_a_terminal_up_once_and_in_its_time() {
    on_each_engine("a_code_sets_a_terminal_up_once_and_in_its_time", async |engine| {
        let store = &engine.store;
        let (early, late) = (code(), code());
        assert!(store.keep_device(device("d-1"), Some(early.clone()), event(now())).await.unwrap());
        assert!(store.keep_device(device("d-2"), Some(late.clone()), event(now())).await.unwrap());
        let over = event(late.ends_at);
        assert_eq!(store.set_up_device(late.hash, [2; 32], over).await.unwrap(), None);
        let set_up = store.set_up_device(early.hash, [1; 32], event(now())).await.unwrap();
        let expected = Device { key: Some([1; 32]), ..device("d-1") };
        assert_eq!(set_up, Some(expected.clone()));
        assert_eq!(store.set_up_device(early.hash, [3; 32], event(now())).await.unwrap(), None);
        assert_eq!(store.device_of_key([1; 32]).await.unwrap(), Some(expected.clone()));
        assert!(expected.is_in_force(now()) && !device("d-2").is_in_force(now()));

        let anew = code();
        assert!(store.keep_device_code("d-2".to_owned(), anew.clone(), event(now())).await.unwrap());
        assert_eq!(store.set_up_device(late.hash, [2; 32], event(now())).await.unwrap(), None);
        assert!(store.set_up_device(anew.hash, [2; 32], event(now())).await.unwrap().is_some());
    });
}

#[test]
fn two_that_type_the_same_code_at_once_set_up_one_terminal() {
    on_each_engine("two_that_type_the_same_code_at_once_set_up_one_terminal", async |engine| {
        for round in 0..10_u8 {
            let code = code();
            let id = format!("d-{round}");
            engine.store.keep_device(device(&id), Some(code.clone()), event(now())).await.unwrap();
            let tries = (0..4_u8).map(|one| {
                let (store, hash) = (engine.store.clone(), code.hash);
                tokio::spawn(
                    async move { store.set_up_device(hash, [16 * round + one; 32], event(now())).await },
                )
            });
            let mut taken = 0;
            for one in tries.collect::<Vec<_>>() {
                taken += usize::from(one.await.unwrap().unwrap().is_some());
            }
            assert_eq!(taken, 1);
        }
    });
}

#[test]
fn a_personal_terminal_is_approved_once_and_ends_with_its_sessions() {
    on_each_engine("a_personal_terminal_is_approved_once_and_ends_with_its_sessions", async |engine| {
        let store = &engine.store;
        let asked = personal("d-1", [7; 32]);
        assert!(store.keep_device(asked.clone(), None, event(now())).await.unwrap());
        assert!(
            !store.keep_device(personal("d-2", [7; 32]), None, event(now())).await.unwrap(),
            "one key, one terminal"
        );
        assert!(
            !store.keep_device_code("d-1".to_owned(), code(), event(now())).await.unwrap(),
            "it has its key"
        );
        let end = now() + SignedDuration::from_hours(24);
        let approve =
            async || store.approve_device("d-1".to_owned(), "t-2".to_owned(), end, event(now())).await;
        assert!(approve().await.unwrap());
        assert!(!approve().await.unwrap());
        let approved = store.device("d-1".to_owned()).await.unwrap().unwrap();
        assert!(!asked.is_in_force(now()) && approved.is_in_force(now()) && !approved.is_in_force(end));
        let listed = store.devices(Some("4919999901".to_owned())).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&approved));
        assert!(store.devices(Some("4919999902".to_owned())).await.unwrap().is_empty());

        assert!(store.begin_session(session("d-1"), Vec::new(), None, event(now())).await.unwrap());
        assert!(store.end_device("d-1".to_owned(), event(now())).await.unwrap());
        assert!(!store.end_device("d-1".to_owned(), event(now())).await.unwrap());
        assert!(store.sessions_of("a-1".to_owned()).await.unwrap().is_empty());
        assert!(!store.device("d-1".to_owned()).await.unwrap().unwrap().is_in_force(now()));
    });
}

#[test]
fn the_same_finding_is_counted_until_somebody_has_looked_at_it() {
    on_each_engine("the_same_finding_is_counted_until_somebody_has_looked_at_it", async |engine| {
        let store = &engine.store;
        let later = SignedDuration::from_mins(1);
        let first = finding("f-1", SignedDuration::ZERO);
        store.begin_session(session("d-1"), Vec::new(), Some(first.clone()), event(now())).await.unwrap();
        store
            .begin_session(session("d-2"), Vec::new(), Some(finding("f-2", later)), event(now()))
            .await
            .unwrap();
        let counted = DeviceFinding { times: 2, last_at: now() + later, ..first };
        let open = async |institution: Option<&str>| {
            store.device_findings(institution.map(str::to_owned)).await.unwrap()
        };
        assert_eq!(open(Some("4919999901")).await, std::slice::from_ref(&counted));
        assert_eq!(open(None).await, [counted]);
        assert!(open(Some("4919999902")).await.is_empty());
        let resolve =
            async || store.resolve_device_finding("f-1".to_owned(), "t-1".to_owned(), event(now())).await;
        assert!(resolve().await.unwrap());
        assert!(!resolve().await.unwrap());
        let looked_at = store.device_finding("f-1".to_owned()).await.unwrap().unwrap();
        assert_eq!(looked_at.resolved_by.as_deref(), Some("t-1"));

        let strayed = DeviceFinding { kind: DeviceFindingKind::Elsewhere, ..finding("f-3", later) };
        let hash = session("d-1").hash;
        store.end_strayed_session(hash, Some(strayed.clone()), "a-1", event(now())).await.unwrap();
        assert_eq!(open(None).await, [strayed]);
    });
}

#[test]
fn an_institution_changes_what_it_does_with_terminals_it_does_not_know() {
    on_each_engine("an_institution_changes_what_it_does_with_terminals_it_does_not_know", async |engine| {
        let number = "4919999901".to_owned();
        assert_eq!(engine.store.unregistered_devices(number.clone()).await.unwrap(), None);
        for choice in ["refuse", "admit-with-finding"] {
            engine.store.keep_unregistered_devices(number.clone(), choice, event(now())).await.unwrap();
            assert_eq!(
                engine.store.unregistered_devices(number.clone()).await.unwrap().as_deref(),
                Some(choice)
            );
        }
    });
}
