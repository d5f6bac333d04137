//! The record of acts cannot be altered unseen.

use jiff::SignedDuration;
use store::{BrokenSeal, Database, Keyring, PersonId, Store};

use crate::engines::{bundles, event, now, on_each_engine, register};

#[test]
fn what_is_on_record_is_sealed_page_by_page_and_the_seals_hold() {
    on_each_engine("what_is_on_record_is_sealed_page_by_page_and_the_seals_hold", async |engine| {
        let store = &engine.store;
        assert_eq!(store.seal_events(now()).await.unwrap(), 0);
        let person = PersonId::new().unwrap();
        for (sender, bytes) in bundles(3) {
            register(store, person, &sender, &bytes, now()).await.unwrap();
        }
        assert_eq!(store.seal_events(now()).await.unwrap(), 3);
        assert_eq!(store.seal_events(now()).await.unwrap(), 0);
        store.append(None, event(now())).await.unwrap();
        let check = store.check_seals().await.unwrap();
        assert_eq!((check.pages, check.sealed, check.unsealed, check.broken), (1, 3, 1, None));
        assert_eq!(store.seal_events(now() + SignedDuration::from_mins(1)).await.unwrap(), 1);
        let check = store.check_seals().await.unwrap();
        assert_eq!((check.pages, check.sealed, check.unsealed, check.broken), (2, 4, 0, None));
        assert_eq!(store.units_without_event().await.unwrap(), (3, 0));
    });
}

/// A SQLite hub with two sealed pages, and its file.
fn sealed() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (file, keyring) = (folder.path().join("renkei.db"), folder.path().join("keyring"));
    let store = open(&file, &keyring);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for _ in 0..2 {
            store.append(None, event(now())).await.unwrap();
            store.append(None, event(now())).await.unwrap();
            assert_eq!(store.seal_events(now()).await.unwrap(), 2);
        }
    });
    (folder, file, keyring)
}

fn open(file: &std::path::Path, keyring: &std::path::Path) -> Store {
    Store::open(&Database::Sqlite(file.to_owned()), Keyring::open_or_create(keyring).unwrap()).unwrap()
}

fn broken_after(sql: &str) -> Option<(i64, BrokenSeal)> {
    let (_folder, file, keyring) = sealed();
    rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let store = open(&file, &keyring);
    tokio::runtime::Runtime::new().unwrap().block_on(store.check_seals()).unwrap().broken
}

#[test]
fn whoever_can_write_to_the_database_cannot_alter_the_record_unseen() {
    let first = "(select event from event_sealed where seal = 1 limit 1)";
    let alter = format!("update event set body = replace(body, 'done', 'gone') where id = {first}");
    assert_eq!(broken_after(&alter), Some((1, BrokenSeal::EventAltered)));
    let take_out = format!("delete from event where id = {first}");
    assert_eq!(broken_after(&take_out), Some((1, BrokenSeal::EventGone)));
    let forge = format!("{alter}; update event_seal set digest = zeroblob(32) where seq = 1");
    assert_eq!(broken_after(&forge), Some((1, BrokenSeal::Forged)));
    assert_eq!(broken_after("delete from event_seal where seq = 1"), Some((2, BrokenSeal::Missing)));
    let swap = "update event_seal set mac = (select mac from event_seal where seq = 1) where seq = 2";
    assert_eq!(broken_after(swap), Some((2, BrokenSeal::Forged)));
    assert_eq!(broken_after("select 1"), None);
}
