//! Incidents and the continuity plan, on every engine.

use audit::Event;
use jiff::civil::date;
use store::{Bucket, Holder, Incident, IncidentEntry, NotAppended, PlanApproval, PlanChapter, new_event_id};

use crate::engines::{event, now, on_each_engine};

const HOSPITAL: &str = "4910000001";

fn by() -> Holder {
    Holder { credential: "a-1".to_owned(), name: "架空 情報".to_owned() }
}

fn incident(id: &str) -> Incident {
    Incident {
        institution: HOSPITAL.to_owned(),
        id: id.to_owned(),
        title: "電子カルテが開かない".to_owned(),
        is_drill: false,
        seen_at: now(),
        opened_at: now(),
        opened_by: by(),
    }
}

/// An entry, and the event that tells of it.
fn entry(id: &str, seq: i64, said: &str) -> (IncidentEntry, Event) {
    let told = Event {
        id: new_event_id(Bucket::of_text(HOSPITAL), now()).unwrap(),
        act: audit::Act::Safety,
        objects: vec![format!("incident/{id}"), format!("sha256/{seq}")],
        ..event(now())
    };
    let entry = IncidentEntry {
        seq,
        event: told.id,
        kind: "note".to_owned(),
        about: String::new(),
        said: said.to_owned(),
        who: String::new(),
        due: (seq == 2).then_some(date(2026, 4, 30)),
        happened_at: now(),
        at: now(),
        by: by(),
    };
    (entry, told)
}

#[test]
fn a_timeline_takes_each_entry_once_in_order_and_each_is_on_record() {
    on_each_engine("a_timeline_takes_each_entry_once_in_order", async |engine| {
        let store = &engine.store;
        let append = async |id: &str, seq: i64, said: &str| {
            let (entry, told) = entry(id, seq, said);
            store.append_to_incident(HOSPITAL.to_owned(), id.to_owned(), entry, told).await.unwrap()
        };
        let (first, told) = entry("i-1", 1, "画面がおかしい");
        store.open_incident(incident("i-1"), first, told).await.unwrap();
        assert_eq!(append("i-1", 2, "院長に電話した").await, Ok(()));
        assert_eq!(append("i-1", 2, "事業者に電話した").await, Err(NotAppended::Meanwhile));
        assert_eq!(append("i-1", 4, "先の番号").await, Err(NotAppended::Meanwhile));
        assert_eq!(append("i-2", 1, "ないもの").await, Err(NotAppended::NotThere));
        let of = |number: &str| (number.to_owned(), "i-1".to_owned());
        let (number, id) = of(HOSPITAL);
        let entries = store.incident_entries(number, id).await.unwrap();
        assert_eq!(
            entries.iter().map(|one| one.said.as_str()).collect::<Vec<_>>(),
            ["画面がおかしい", "院長に電話した"]
        );
        assert_eq!(entries[1].due, Some(date(2026, 4, 30)));
        let (number, id) = of(HOSPITAL);
        let trace = store.incident_trace(number, id).await.unwrap();
        assert_eq!(trace.events, 2);
        assert_eq!(trace.objects[1].as_ref().unwrap()[1], "sha256/2");
        assert_eq!(store.incidents(HOSPITAL.to_owned(), 10).await.unwrap(), [incident("i-1")]);
        assert!(store.incidents("4910000002".to_owned(), 10).await.unwrap().is_empty());
        let (number, id) = of("4910000002");
        assert!(store.incident(number, id).await.unwrap().is_none());
    });
}

#[test]
fn a_plan_keeps_every_text_and_approves_only_what_still_stands() {
    on_each_engine("a_plan_keeps_every_text_and_approves_only_what_still_stands", async |engine| {
        let store = &engine.store;
        let keep = async |chapter: &str, version: i64, words: &str| {
            let text = PlanChapter {
                chapter: chapter.to_owned(),
                version,
                words: words.to_owned(),
                at: now(),
                by: by(),
            };
            store.keep_plan_chapter(HOSPITAL.to_owned(), text, event(now())).await.unwrap()
        };
        assert!(keep("purpose", 1, "目的").await.is_none());
        assert!(keep("people", 1, "体制").await.is_none());
        assert!(keep("people", 2, "新しい体制").await.is_none());
        assert_eq!(keep("people", 2, "ほかの体制").await.unwrap().words, "新しい体制");
        let approve = async |version: i64, people: i64| {
            let approval = PlanApproval {
                version,
                chapters: "{}".to_owned(),
                review_on: date(2027, 3, 31),
                at: now(),
                by: by(),
            };
            let seen = vec![("purpose".to_owned(), 1), ("people".to_owned(), people)];
            store.approve_plan(HOSPITAL.to_owned(), approval, seen, event(now())).await.unwrap()
        };
        assert!(!approve(1, 1).await, "the chapter has a newer text");
        assert!(approve(1, 2).await);
        assert!(!approve(1, 2).await, "that version is approved already");
        let approvals = store.plan_approvals(HOSPITAL.to_owned()).await.unwrap();
        assert_eq!((approvals.len(), approvals[0].review_on), (1, date(2027, 3, 31)));
        assert_eq!(store.plan_chapters(HOSPITAL.to_owned()).await.unwrap().len(), 3);
        assert!(store.plan_chapters("4910000002".to_owned()).await.unwrap().is_empty());
    });
}
