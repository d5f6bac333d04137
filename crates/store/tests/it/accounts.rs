//! Accounts on every engine: many changed at once, and the last who manages them.

use std::sync::Arc;

use jiff::SignedDuration;
use store::{
    Account, AccountMove, AccountState, Amended, Amendment, Database, Institution, Keyring, Naming,
    PasswordException, Store,
};

use crate::engines::{Engine, event, now, on_each_engine};

const ADMINISTRATORS: &[&str] = &["safety-manager", "planning-manager"];
const FROM: &[AccountState] = &[AccountState::Active];

fn account(id: &str, institution: &str, role: &str) -> Account {
    Account {
        id: id.to_owned(),
        login: id.to_owned(),
        name: "架空 管理".to_owned(),
        role: role.to_owned(),
        institution: Some(institution.to_owned()),
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
    }
}

fn made(account: Account) -> Amendment {
    Amendment {
        before: None,
        after: account,
        invitation: None,
        naming: Naming::Kept,
        on_record: event(now()),
    }
}

fn changed(before: &Account, change: impl Fn(&mut Account)) -> Amendment {
    let mut after = before.clone();
    change(&mut after);
    Amendment { before: Some(before.clone()), ..made(after) }
}

fn ended(before: &Account) -> Amendment {
    changed(before, |account| account.state = AccountState::Ended)
}

async fn amend(store: &Store, amendments: Vec<Amendment>) -> Amended {
    store.amend_accounts(amendments, ADMINISTRATORS, now()).await.unwrap()
}

async fn state(engine: &Engine, id: &str) -> AccountState {
    engine.store.account(id.to_owned()).await.unwrap().unwrap().state
}

/// The store, and on PostgreSQL a second server at the same database.
async fn servers(engine: &Engine) -> [Arc<Store>; 2] {
    let (database, keyring) = (engine.database.clone(), engine.keyring.clone());
    let second = match database {
        Database::Sqlite(_) => Arc::clone(&engine.store),
        Database::Postgres(_) => {
            let open =
                move || Arc::new(Store::open(&database, Keyring::open_or_create(&keyring).unwrap()).unwrap());
            tokio::task::spawn_blocking(open).await.unwrap()
        }
    };
    [Arc::clone(&engine.store), second]
}

#[test]
fn of_two_administrators_who_end_each_other_at_once_exactly_one_stays() {
    on_each_engine("of_two_administrators_who_end_each_other_at_once_exactly_one_stays", async |engine| {
        let servers = servers(&engine).await;
        for round in 0..20 {
            // In half of the rounds the institution stands in no master.
            let number = format!("49199900{round:02}");
            if round % 2 == 0 {
                let known = Institution {
                    number: number.clone(),
                    kind: "hospital".to_owned(),
                    ..Institution::default()
                };
                engine.store.keep_institutions(vec![known]).await.unwrap();
            }
            let ids = [format!("one-{round}"), format!("two-{round}")];
            for id in &ids {
                let kept = account(id, &number, "safety-manager");
                assert!(engine.store.keep_account(kept, None, event(now())).await.unwrap());
            }
            let [first, second] = [0, 1].map(|place| {
                let (store, id) = (Arc::clone(&servers[place]), ids[1 - place].clone());
                tokio::spawn(async move {
                    store.move_account(id, FROM, AccountState::Ended, ADMINISTRATORS, event(now())).await
                })
            });
            let mut moves = [first.await.unwrap().unwrap(), second.await.unwrap().unwrap()];
            moves.sort_by_key(|one| *one != AccountMove::Moved);
            assert_eq!(moves, [AccountMove::Moved, AccountMove::LastAdministrator], "round {round}");
            let states = [state(&engine, &ids[0]).await, state(&engine, &ids[1]).await];
            assert_eq!(states.iter().filter(|one| **one == AccountState::Active).count(), 1);
        }
    });
}

#[test]
fn of_two_lists_that_each_end_the_other_administrator_at_once_exactly_one_is_done() {
    on_each_engine("of_two_lists_that_each_end_the_other_administrator_at_once", async |engine| {
        let servers = servers(&engine).await;
        for round in 0..20 {
            let number = format!("49199901{round:02}");
            let both =
                ["one", "two"].map(|id| account(&format!("{id}-{round}"), &number, "planning-manager"));
            let made = both.clone().map(made).to_vec();
            assert_eq!(amend(&engine.store, made).await, Amended::Done);
            let [first, second] = [0, 1].map(|place| {
                let (store, other) = (Arc::clone(&servers[place]), both[1 - place].clone());
                tokio::spawn(async move { amend(&store, vec![ended(&other)]).await })
            });
            let mut outcomes = [first.await.unwrap(), second.await.unwrap()];
            outcomes.sort_by_key(|one| *one != Amended::Done);
            assert_eq!(outcomes, [Amended::Done, Amended::LastAdministrator(0)], "round {round}");
        }
    });
}

#[test]
fn amendments_are_done_together_or_not_at_all() {
    on_each_engine("amendments_are_done_together_or_not_at_all", async |engine| {
        let [manager, nurse] = [("manager", "safety-manager"), ("nurse", "nurse")]
            .map(|(id, role)| account(id, "4919999901", role));
        assert_eq!(
            amend(&engine.store, vec![made(manager.clone()), made(nurse.clone())]).await,
            Amended::Done
        );

        // One login is taken, one was changed since, one is the last: each time the rest is left as well.
        let renamed = changed(&nurse, |account| account.name = "架空 改名".to_owned());
        let taken = made(Account { id: "other".to_owned(), ..nurse.clone() });
        let outcome = amend(&engine.store, vec![renamed.clone(), taken]).await;
        assert_eq!(outcome, Amended::LoginTaken(1));
        let outdated = changed(&Account { name: "別".to_owned(), ..manager.clone() }, |_| ());
        let outcome = amend(&engine.store, vec![renamed.clone(), outdated]).await;
        assert_eq!(outcome, Amended::Outdated(1));
        let outcome = amend(&engine.store, vec![renamed.clone(), ended(&manager)]).await;
        assert_eq!(outcome, Amended::LastAdministrator(1));
        assert_eq!(engine.store.account("nurse".to_owned()).await.unwrap().unwrap().name, "架空 管理");

        // Who takes over in the same list makes room for the one who goes.
        let heir = changed(&nurse, |account| account.role = "planning-manager".to_owned());
        assert_eq!(amend(&engine.store, vec![ended(&manager), heir]).await, Amended::Done);
        assert_eq!(state(&engine, "manager").await, AccountState::Ended);
    });
}

#[test]
fn an_administrator_whose_end_is_past_counts_for_nobody() {
    on_each_engine("an_administrator_whose_end_is_past_counts_for_nobody", async |engine| {
        let living = account("living", "4919999901", "safety-manager");
        let past = now() - SignedDuration::from_hours(1);
        let gone = Account { ends_at: Some(past), ..account("gone", "4919999901", "safety-manager") };
        assert_eq!(amend(&engine.store, vec![made(living), made(gone)]).await, Amended::Done);
        let moved = engine.store.move_account(
            "living".to_owned(),
            FROM,
            AccountState::Suspended,
            ADMINISTRATORS,
            event(now()),
        );
        assert_eq!(moved.await.unwrap(), AccountMove::LastAdministrator);
    });
}

#[test]
fn what_its_institutions_system_calls_an_account_is_kept_changed_and_forgotten() {
    on_each_engine("what_its_institutions_system_calls_an_account", async |engine| {
        let nurse = account("nurse", "4919999901", "nurse");
        let named = |naming| Amendment { naming, ..changed(&nurse, |_| ()) };
        let first = Amendment { naming: Naming::Named("e-1".to_owned()), ..made(nurse.clone()) };
        assert_eq!(amend(&engine.store, vec![first]).await, Amended::Done);
        let name = || engine.store.external_name("nurse".to_owned());
        assert_eq!(name().await.unwrap().as_deref(), Some("e-1"));
        amend(&engine.store, vec![named(Naming::Named("e-2".to_owned()))]).await;
        amend(&engine.store, vec![named(Naming::Kept)]).await;
        let all = engine.store.external_names("4919999901".to_owned()).await.unwrap();
        assert_eq!(all, [("nurse".to_owned(), "e-2".to_owned())]);
        amend(&engine.store, vec![named(Naming::Unnamed)]).await;
        assert_eq!(name().await.unwrap(), None);
    });
}

#[test]
fn an_exception_stands_with_its_account_until_its_day_or_until_it_is_ended() {
    on_each_engine("an_exception_stands_with_its_account", async |engine| {
        let clerk = account("clerk", "4919999901", "clerk");
        amend(&engine.store, vec![made(clerk)]).await;
        let ends_at = now() + SignedDuration::from_hours(24);
        let kept = PasswordException {
            id: "x".to_owned(),
            account: "clerk".to_owned(),
            reason: "手袋を外せない".to_owned(),
            made_by: "manager".to_owned(),
            made_by_name: "架空 管理".to_owned(),
            made_at: now(),
            ends_at,
        };
        assert!(engine.store.keep_exception(kept.clone(), event(now())).await.unwrap());
        let until = async || engine.store.account("clerk".to_owned()).await.unwrap().unwrap().excepted_until;
        assert_eq!(until().await, Some(ends_at));
        assert_eq!(
            engine.store.exceptions_of("clerk".to_owned()).await.unwrap(),
            std::slice::from_ref(&kept)
        );
        assert!(engine.store.end_exception("clerk".to_owned(), event(now())).await.unwrap());
        assert!(!engine.store.end_exception("clerk".to_owned(), event(now())).await.unwrap());
        assert_eq!(until().await, Some(now()));
        let nobodys = PasswordException { account: "nobody".to_owned(), ..kept };
        assert!(!engine.store.keep_exception(nobodys, event(now())).await.unwrap());
    });
}
