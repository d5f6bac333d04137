//! Machines that report what they measured, on every engine.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{Bucket, Evidence, Holder, Report, Reporter, Taken, new_event_id};

use crate::engines::{event, now, on_each_engine};

const HOSPITAL: &str = "4910000001";

fn reporter(id: u32, key: &str) -> Reporter {
    Reporter {
        id: format!("{id:032x}"),
        institution: HOSPITAL.to_owned(),
        name: format!("病棟PC-{id:02}"),
        device: None,
        thumbprint: key.to_owned(),
        jwk: "{}".to_owned(),
        ports: Some("22".to_owned()),
        administrators: None,
        made_at: now(),
        made_by: Holder { credential: "a-1".to_owned(), name: "架空 情報".to_owned() },
        ended_at: None,
        last: None,
    }
}

fn report(jti: &str, at: Timestamp) -> Report {
    Report { jti: jti.to_owned(), at, received_at: at, measured: "{}".to_owned() }
}

fn proved(one: &Reporter, holds: bool, at: Timestamp) -> Vec<Evidence> {
    vec![Evidence {
        id: new_event_id(Bucket::of_text(&one.id), at).unwrap(),
        scope: one.institution.clone(),
        control: "patch_state".to_owned(),
        source: one.source(),
        kind: "auto".to_owned(),
        holds,
        measured: "{}".to_owned(),
        true_at: at,
        received_at: at,
        holds_until: at + SignedDuration::from_hours(24),
        by: None,
    }]
}

#[test]
fn a_key_is_registered_once_and_never_again() {
    on_each_engine("a_key_is_registered_once", async |engine| {
        let store = &engine.store;
        assert!(store.keep_reporter(reporter(2, "k-2"), event(now())).await.unwrap());
        assert!(store.keep_reporter(reporter(1, "k-1"), event(now())).await.unwrap());
        assert!(!store.keep_reporter(reporter(3, "k-2"), event(now())).await.unwrap());
        let first = store.reporter_of_key("k-2".to_owned()).await.unwrap().unwrap();
        assert_eq!(first, reporter(2, "k-2"));
        assert!(store.end_reporter(&first, event(now())).await.unwrap());
        assert!(!store.end_reporter(&first, event(now())).await.unwrap(), "once");
        let again = store.keep_reporter(reporter(4, "k-2"), event(now())).await.unwrap();
        assert!(!again, "also after its end");
        let listed = store.reporters(HOSPITAL.to_owned()).await.unwrap();
        let listed: Vec<(&str, bool)> =
            listed.iter().map(|one| (one.name.as_str(), one.is_in_force())).collect();
        assert_eq!(listed, [("病棟PC-01", true), ("病棟PC-02", false)]);
        assert!(store.reporters("4910000002".to_owned()).await.unwrap().is_empty());
    });
}

#[test]
fn a_report_is_kept_once_with_what_it_proves_and_an_older_one_never_after_it() {
    on_each_engine("a_report_is_kept_once", async |engine| {
        let (store, one) = (&engine.store, reporter(1, "k-1"));
        store.keep_reporter(one.clone(), event(now())).await.unwrap();
        let keep = async |jti: &str, at: Timestamp, holds: bool| {
            let taken =
                store.keep_report(one.id.clone(), report(jti, at), proved(&one, holds, at), event(at));
            taken.await.unwrap()
        };
        let later = now() + SignedDuration::from_secs(1);
        assert_eq!(keep("r-1", later, false).await, Taken::Kept);
        assert_eq!(keep("r-1", later, true).await, Taken::Replayed);
        assert_eq!(keep("r-2", later, true).await, Taken::Older, "of the same moment");
        assert_eq!(keep("r-0", now(), true).await, Taken::Older);
        let newest = async || store.newest_evidence(HOSPITAL.to_owned()).await.unwrap();
        assert_eq!(newest().await, proved_again(&newest().await, false), "nothing of the refused is kept");
        let shown = store.reporter(one.id.clone()).await.unwrap().unwrap();
        assert_eq!(shown.last, Some(report("r-1", later)));
        assert_eq!(keep("r-3", later + SignedDuration::from_secs(1), true).await, Taken::Kept);
        assert!(newest().await.iter().all(|one| one.holds) && newest().await.len() == 1);
        store.end_reporter(&one, event(now())).await.unwrap();
        assert!(newest().await.is_empty(), "what it said proves nothing any more");
        assert_eq!(keep("r-4", later + SignedDuration::from_secs(9), true).await, Taken::Ended);
        let all = store.evidence_of(HOSPITAL.to_owned(), "patch_state".to_owned(), 9).await.unwrap();
        assert_eq!(all.len(), 2, "and is kept");
    });
}

fn proved_again(kept: &[Evidence], holds: bool) -> Vec<Evidence> {
    assert_eq!(kept.len(), 1);
    vec![Evidence { holds, ..kept[0].clone() }]
}

#[test]
fn of_the_same_report_sent_many_times_at_once_one_is_kept() {
    on_each_engine("of_the_same_report_sent_many_times", async |engine| {
        let one = reporter(1, "k-1");
        engine.store.keep_reporter(one.clone(), event(now())).await.unwrap();
        let sending = (0..8).map(|_| {
            let (store, one) = (Arc::clone(&engine.store), one.clone());
            tokio::spawn(async move {
                let proved = proved(&one, true, now());
                store.keep_report(one.id.clone(), report("r-1", now()), proved, event(now())).await.unwrap()
            })
        });
        let sending: Vec<_> = sending.collect();
        let mut kept = 0;
        for one in sending {
            match one.await.unwrap() {
                Taken::Kept => kept += 1,
                other => assert_eq!(other, Taken::Replayed),
            }
        }
        assert_eq!(kept, 1);
    });
}
