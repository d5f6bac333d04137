//! An act at the same time as its opposite: one of them wins, and everything agrees with which.

use std::sync::{Arc, LazyLock};

use access::Purpose;
use jiff::civil::date;
use store::{Database, ReferralState, UnitId};

use crate::letters::{Letter, TEMPLATES, pdf};
use crate::model::Number;
use crate::postgres::{Postgres, skipped};
use crate::world::World;

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

const ROUNDS: usize = 20;

/// Runs a promise on each engine, with a person known to the centre.
fn on_each_engine(test: &str, promise: impl AsyncFn(Arc<World>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Database::Sqlite(folder.path().join("renkei.db"));
    let world = prepared(&runtime, &sqlite);
    runtime.block_on(promise(world));
    match SERVER.as_ref() {
        None => skipped(test, "PostgreSQL is not installed"),
        Some(server) => {
            let database = Database::Postgres(server.database());
            let world = prepared(&runtime, &database);
            runtime.block_on(promise(world));
        }
    }
}

fn prepared(runtime: &tokio::runtime::Runtime, database: &Database) -> Arc<World> {
    let world = World::open(database);
    runtime.block_on(world.keep_institutions());
    let (text, from) = (MEMBER.to_owned(), date(2020, 4, 1));
    world.tell_centre(&[Number { text, person: 0, from, to: None, holder: None }]);
    Arc::new(world)
}

const MEMBER: &str = "00499901:架国:0:01";
const SENDER: usize = 0;
const DESTINATION: usize = 1;

fn letter(world: &World, round: usize, destination: usize) -> Letter {
    let template = TEMPLATES.iter().position(|template| template.kind == "Referral").unwrap();
    let sender = world.institutions[SENDER].clone();
    Letter {
        template,
        identifier: format!("{sender}^2026^R{round}"),
        sender,
        destination: world.institutions[destination].clone(),
        member_id: MEMBER.to_owned(),
        date: date(2026, 3, 1),
        flag: None,
    }
}

/// A referral that its destination may fetch.
async fn open_referral(world: &World, round: usize) -> UnitId {
    world.register(SENDER, &letter(world, round, DESTINATION).bytes(), None, true).await.unwrap()
}

async fn state(world: &World, unit: UnitId) -> ReferralState {
    world.exchange.store.referral(unit).await.unwrap().unwrap().state
}

async fn body(world: &World, unit: UnitId) -> Option<Vec<u8>> {
    let viewer = world.system(DESTINATION);
    let shown = world.exchange.unit(&viewer, unit, Purpose::Treatment, &world.act()).await;
    shown.ok().flatten().map(|unit| unit.body.to_vec())
}

/// Runs both at once, each on a thread of its own.
async fn both<A: Send + 'static, B: Send + 'static>(
    one: impl Future<Output = A> + Send + 'static,
    other: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let (one, other) = (tokio::spawn(one), tokio::spawn(other));
    (one.await.unwrap(), other.await.unwrap())
}

#[test]
fn a_referral_is_fetched_or_cancelled_never_both() {
    on_each_engine("a_referral_is_fetched_or_cancelled_never_both", async |world| {
        for round in 0..ROUNDS {
            let unit = open_referral(&world, round).await;
            let (fetching, cancelling) = (Arc::clone(&world), Arc::clone(&world));
            let (fetched, cancelled) =
                both(async move { fetching.fetch(DESTINATION, unit).await }, async move {
                    cancelling.cancel(SENDER, unit).await
                })
                .await;
            assert_ne!(fetched, cancelled.is_ok(), "round {round}: {cancelled:?}");
            let expected = if fetched { ReferralState::Fetched } else { ReferralState::Cancelled };
            assert_eq!(state(&world, unit).await, expected);
            assert_eq!(world.exchange.store.owner(unit).await.unwrap().is_some(), fetched);
        }
    });
}

#[test]
fn who_fetches_a_referral_while_it_is_changed_gets_the_text_that_stands() {
    on_each_engine("who_fetches_a_referral_while_it_is_changed", async |world| {
        for round in 0..ROUNDS {
            let unit = open_referral(&world, round).await;
            let old = letter(&world, round, DESTINATION).bytes();
            let new = [&b" "[..], &old].concat();
            let (fetching, changing, sent) = (Arc::clone(&world), Arc::clone(&world), new.clone());
            let (fetched, changed) = both(async move { body(&fetching, unit).await }, async move {
                changing.register(SENDER, &sent, Some(unit), true).await
            })
            .await;
            let state = state(&world, unit).await;
            match (&fetched, &changed) {
                (Some(text), Ok(_)) => {
                    assert!(*text == new, "round {round}: what was fetched does not stand")
                }
                (Some(text), Err(_)) => assert!(*text == old, "round {round}"),
                (None, Ok(_)) => assert_eq!(state, ReferralState::Open),
                (None, Err(why)) => panic!("neither won: {why}"),
            }
            assert_eq!(state == ReferralState::Fetched, fetched.is_some(), "round {round}");
        }
    });
}

#[test]
fn a_referral_is_opened_and_then_cancelled_or_cancelled_and_never_opened() {
    on_each_engine("a_referral_is_opened_and_then_cancelled", async |world| {
        for round in 0..ROUNDS {
            let bytes = letter(&world, round, DESTINATION).bytes();
            let unit = world.register(SENDER, &bytes, None, false).await.unwrap();
            let (opening, cancelling) = (Arc::clone(&world), Arc::clone(&world));
            let (_, cancelled) =
                both(async move { opening.open_referral(&opening.system(SENDER), unit).await }, async move {
                    cancelling.cancel(SENDER, unit).await
                })
                .await;
            assert!(cancelled.is_ok(), "{cancelled:?}");
            assert_eq!(state(&world, unit).await, ReferralState::Cancelled);
            assert!(!world.fetch(DESTINATION, unit).await);
        }
    });
}

#[test]
fn what_is_sent_along_while_its_referral_is_cancelled_does_not_outlive_it() {
    on_each_engine("what_is_sent_along_while_its_referral_is_cancelled", async |world| {
        for round in 0..ROUNDS {
            let unit = open_referral(&world, round).await;
            let (attaching, cancelling) = (Arc::clone(&world), Arc::clone(&world));
            let (attached, cancelled) =
                both(async move { attaching.attach(SENDER, unit, &pdf("one")).await }, async move {
                    cancelling.cancel(SENDER, unit).await
                })
                .await;
            assert!(cancelled.is_ok(), "{cancelled:?}");
            if let Ok(part) = attached {
                assert!(world.exchange.store.owner(part).await.unwrap().is_none(), "round {round}");
            }
        }
    });
}

#[test]
fn of_a_merge_and_its_undoing_at_once_the_last_stands_and_every_unit_is_where_it_belongs() {
    on_each_engine("of_a_merge_and_its_undoing_at_once", async |world| {
        let numbers: Vec<Number> = (0..2)
            .map(|person| Number {
                text: format!("00499901:架国:{person}:01"),
                person,
                from: date(2020, 4, 1),
                to: None,
                holder: None,
            })
            .collect();
        world.tell_centre(&numbers);
        let condition = |round: usize, person: usize| Letter {
            template: 0,
            member_id: numbers[person].text.clone(),
            identifier: format!("{}^2026^C{round}-{person}", world.institutions[SENDER]),
            ..letter(&world, round, SENDER)
        };
        let mut people = Vec::new();
        for (person, number) in numbers.iter().enumerate() {
            world.register(SENDER, &condition(0, person).bytes(), None, false).await.unwrap();
            people.push(world.exchange.store.holder_of(&number.text).await.unwrap().unwrap());
        }
        for round in 1..ROUNDS {
            let (merging, parting, sending) = (Arc::clone(&world), Arc::clone(&world), Arc::clone(&world));
            let (one, other, bytes) = (people[0], people[1], condition(round, 0).bytes());
            let merged = tokio::spawn(async move {
                let act = merging.act();
                merging.exchange.merge(&merging.operator(), one, other, &act).await
            });
            let parted = tokio::spawn(async move {
                let act = parting.act();
                parting.exchange.unmerge(&parting.operator(), one, &act).await
            });
            let unit = sending.register(SENDER, &bytes, None, false).await.unwrap();
            // Either may come first; nothing else may go wrong.
            let (merged, parted) = (merged.await.unwrap(), parted.await.unwrap());
            assert!(merged.is_ok() || parted.is_ok(), "{merged:?} {parted:?}");
            let owner = world.exchange.store.owner(unit).await.unwrap().unwrap();
            assert_eq!(owner.holder, one);
            assert_eq!(owner.person, world.exchange.store.head_of(one).await.unwrap());
        }
    });
}
