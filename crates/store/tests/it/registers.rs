//! Registers of safety management, on every engine.

use std::time::Instant;

use jiff::civil::date;
use store::{Holder, RegisterDeed, RegisterQuery, RegisterRow};

use crate::engines::{event, now, on_each_engine};

const HOSPITAL: &str = "4910000001";

fn row(id: u32, name: &str) -> RegisterRow {
    let by = || Holder { credential: "a-1".to_owned(), name: "架空 台帳".to_owned() };
    RegisterRow {
        institution: HOSPITAL.to_owned(),
        register: "devices".to_owned(),
        id: format!("{id:032x}"),
        version: 1,
        name: name.to_owned(),
        state: "in-use".to_owned(),
        is_over: false,
        due: None,
        cells: format!("{{\"label\":\"{name}\"}}"),
        words: store::folded(name),
        made_by: by(),
        made_at: now(),
        changed_by: by(),
        changed_at: now(),
    }
}

fn deed(code: &str) -> RegisterDeed {
    RegisterDeed { code: code.to_owned(), note: String::new() }
}

fn all() -> RegisterQuery {
    RegisterQuery { limit: 50, ..RegisterQuery::default() }
}

#[test]
fn a_register_lists_what_is_overdue_first_and_what_is_over_last() {
    on_each_engine("a_register_lists_what_is_overdue_first", async |engine| {
        let store = &engine.store;
        let rows = vec![
            RegisterRow {
                is_over: true,
                state: "retired".to_owned(),
                due: Some(date(2020, 1, 1)),
                ..row(1, "旧端末")
            },
            row(2, "あ端末"),
            RegisterRow { due: Some(date(2027, 1, 1)), ..row(3, "サーバ") },
            RegisterRow { due: Some(date(2026, 3, 31)), ..row(4, "ＶＰＮ装置") },
            RegisterRow { register: "vendors".to_owned(), ..row(5, "架空ネット") },
            RegisterRow { institution: "4910000002".to_owned(), ..row(6, "よその端末") },
        ];
        let (ours, other): (Vec<_>, Vec<_>) = rows.into_iter().partition(|one| one.institution == HOSPITAL);
        assert!(
            store.keep_register_rows(HOSPITAL, ours, deed("made"), event(now())).await.unwrap().is_none()
        );
        assert!(
            store
                .keep_register_rows("4910000002", other, deed("made"), event(now()))
                .await
                .unwrap()
                .is_none()
        );
        let (found, count) = store.register_rows(HOSPITAL, "devices", all()).await.unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((names, count), (vec!["ＶＰＮ装置", "サーバ", "あ端末", "旧端末"], 4));
        let with =
            async |query: RegisterQuery| store.register_rows(HOSPITAL, "devices", query).await.unwrap();
        assert_eq!(with(RegisterQuery { text: "vpn".to_owned(), ..all() }).await.1, 1);
        assert_eq!(with(RegisterQuery { text: "%".to_owned(), ..all() }).await.1, 0);
        assert_eq!(with(RegisterQuery { state: Some("retired".to_owned()), ..all() }).await.1, 1);
        assert_eq!(with(RegisterQuery { due_before: Some(date(2026, 4, 1)), ..all() }).await.1, 1);
        assert_eq!(with(RegisterQuery { made_by: Some("a-2".to_owned()), ..all() }).await.1, 0);
        let (second, count) = with(RegisterQuery { skip: 1, limit: 1, ..all() }).await;
        assert_eq!((second[0].name.as_str(), count), ("サーバ", 4));
        let counts = store.register_counts(HOSPITAL, date(2026, 4, 1)).await.unwrap();
        let counts: Vec<(&str, i64, i64)> =
            counts.iter().map(|one| (one.register.as_str(), one.open, one.overdue)).collect();
        assert_eq!(counts, [("devices", 3, 1), ("vendors", 1, 0)]);
        assert_eq!(store.all_register_rows(HOSPITAL, None).await.unwrap().len(), 5);
    });
}

#[test]
fn of_two_who_change_a_row_at_once_the_second_is_told_and_the_history_keeps_both() {
    on_each_engine("of_two_who_change_a_row_at_once", async |engine| {
        let store = &engine.store;
        let keep = async |row: RegisterRow, code: &str| {
            store.keep_register_rows(HOSPITAL, vec![row], deed(code), event(now())).await.unwrap()
        };
        assert!(keep(row(1, "端末"), "made").await.is_none());
        let mine = RegisterRow { version: 2, cells: "{\"label\":\"甲\"}".to_owned(), ..row(1, "甲") };
        let theirs = RegisterRow { version: 2, cells: "{\"label\":\"乙\"}".to_owned(), ..row(1, "乙") };
        assert!(keep(theirs.clone(), "changed").await.is_none());
        assert_eq!(keep(mine, "changed").await, Some(theirs.clone()));
        let all_or_none = vec![row(2, "新"), row(1, "丙")];
        let refused =
            store.keep_register_rows(HOSPITAL, all_or_none, deed("imported"), event(now())).await.unwrap();
        assert_eq!(refused, Some(theirs.clone()));
        assert_eq!(store.register_row(HOSPITAL, "devices", &theirs.id).await.unwrap(), Some(theirs.clone()));
        assert_eq!(store.register_rows(HOSPITAL, "devices", all()).await.unwrap().1, 1);
        let history = store.register_versions(HOSPITAL, "devices", &theirs.id).await.unwrap();
        let deeds: Vec<(i64, &str)> = history.iter().map(|one| (one.version, one.deed.as_str())).collect();
        assert_eq!(deeds, [(2, "changed"), (1, "made")]);
        assert_eq!(history[1].cells, "{\"label\":\"端末\"}");
    });
}

#[test]
fn ten_thousand_devices_are_listed_a_page_at_a_time() {
    on_each_engine("ten_thousand_devices_are_listed", async |engine| {
        let store = &engine.store;
        let rows = (0..10_000)
            .map(|id| RegisterRow { due: Some(date(2026, 1, 1)), ..row(id, &format!("PC-{id:05}")) });
        let rows = rows.collect();
        assert!(
            store.keep_register_rows(HOSPITAL, rows, deed("imported"), event(now())).await.unwrap().is_none()
        );
        let began = Instant::now();
        let (found, count) = store.register_rows(HOSPITAL, "devices", all()).await.unwrap();
        assert_eq!((found.len(), count), (50, 10_000));
        let (found, _) = store
            .register_rows(HOSPITAL, "devices", RegisterQuery { text: "09999".to_owned(), ..all() })
            .await
            .unwrap();
        assert_eq!(found[0].name, "PC-09999");
        eprintln!("two pages of ten thousand rows took {:?}", began.elapsed());
    });
}
