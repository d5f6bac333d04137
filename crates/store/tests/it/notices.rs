use jiff::SignedDuration;
use store::{
    Delivery, DeliveryKey, DeliveryState, Notice, Page, PersonId, Store, Subscription, SubscriptionId,
    SubscriptionState, Terms,
};

use crate::engines::{bundles, event, now, on_each_engine, register};

fn terms() -> Terms {
    Terms {
        institution: Some("4919999901".to_owned()),
        interest: "own-units".to_owned(),
        endpoint: "https://emr.example/notices".to_owned(),
        has_payload: true,
        reason: "試験".to_owned(),
        ends_at: None,
        is_off: false,
    }
}

async fn subscribed(store: &Store) -> Subscription {
    let id = SubscriptionId::new().unwrap();
    store.subscribe(id, terms(), "t-1".to_owned(), event(now())).await.unwrap().0
}

/// One registration, and the notice it left.
async fn told(store: &Store) -> Notice {
    let (sender, bytes) = bundles(1).remove(0);
    register(store, PersonId::new().unwrap(), &sender, &bytes, now()).await.unwrap();
    store.notices(10).await.unwrap().remove(0)
}

async fn waiting(store: &Store) -> (Subscription, Delivery) {
    let subscription = subscribed(store).await;
    store.fan_out(vec![(told(store).await, vec![subscription.id])]).await.unwrap();
    let delivery = store.deliveries(subscription.id, page()).await.unwrap().remove(0);
    (subscription, delivery)
}

fn page() -> Page {
    Page { before: now() + SignedDuration::from_secs(1), limit: 100 }
}

#[test]
fn a_notice_becomes_one_delivery_for_each_who_asked_however_many_workers_see_it() {
    on_each_engine("a_notice_becomes_one_delivery_for_each", async |engine| {
        let (one, two) = (subscribed(&engine.store).await, subscribed(&engine.store).await);
        let notice = told(&engine.store).await;
        let fan_out = || engine.store.fan_out(vec![(notice.clone(), vec![one.id, two.id])]);
        let (first, second) = tokio::join!(fan_out(), fan_out());
        first.unwrap();
        second.unwrap();
        assert!(engine.store.notices(10).await.unwrap().is_empty());
        for subscription in [&one, &two] {
            let deliveries = engine.store.deliveries(subscription.id, page()).await.unwrap();
            assert_eq!(deliveries.len(), 1);
            assert_eq!(deliveries[0].key.event, notice.event);
        }
        assert_eq!(engine.store.waiting_notices().await.unwrap(), 2);
    });
}

#[test]
fn a_delivery_is_taken_by_one_worker_and_falls_due_again_under_the_same_id_if_that_worker_dies() {
    on_each_engine("a_delivery_is_taken_by_one_worker", async |engine| {
        let (subscription, _) = waiting(&engine.store).await;
        let lease = SignedDuration::from_secs(60);
        let take = |at| engine.store.take_due(vec![(subscription.id, 4)], at, at + lease);
        let (one, two) = tokio::join!(take(now()), take(now()));
        let taken = [one.unwrap(), two.unwrap()].concat();
        assert_eq!(taken.len(), 1);
        assert!(take(now()).await.unwrap().is_empty());
        let again = take(now() + lease).await.unwrap();
        assert_eq!(again[0].key, taken[0].key);
        assert_eq!(again[0].attempts, 2);
        engine.store.settle(&again[0], DeliveryState::Arrived, "200".to_owned(), now()).await.unwrap();
        assert_eq!(engine.store.waiting_notices().await.unwrap(), 0);
        assert!(take(now() + lease * 9).await.unwrap().is_empty());
    });
}

#[test]
fn what_was_given_up_can_be_sent_again_and_is_forgotten_in_time() {
    on_each_engine("what_was_given_up_can_be_sent_again", async |engine| {
        let (subscription, delivery) = waiting(&engine.store).await;
        let store = &engine.store;
        store.settle(&delivery, DeliveryState::GivenUp, "503".to_owned(), now()).await.unwrap();
        assert!(store.resend(delivery.key, event(now())).await.unwrap());
        let taken = store.take_due(vec![(subscription.id, 4)], now(), now()).await.unwrap();
        assert_eq!(taken[0].answer.as_deref(), Some("503"));
        let strange = DeliveryKey { event: event(now()).id, ..delivery.key };
        assert!(!store.resend(strange, event(now())).await.unwrap());
        store.settle(&taken[0], DeliveryState::Arrived, "204".to_owned(), now()).await.unwrap();
        assert_eq!(store.forget_deliveries(now()).await.unwrap(), 0);
        assert_eq!(store.forget_deliveries(now() + SignedDuration::from_secs(1)).await.unwrap(), 1);
    });
}

#[test]
fn a_subscription_reads_back_changes_and_goes_with_its_deliveries() {
    on_each_engine("a_subscription_reads_back_changes_and_goes", async |engine| {
        let (subscription, delivery) = waiting(&engine.store).await;
        let store = &engine.store;
        let standing = store.subscription(subscription.id).await.unwrap().unwrap();
        assert_eq!(standing, subscription);
        assert!(store.take_handshake(&standing, now() + SignedDuration::from_secs(9)).await.unwrap());
        assert!(!store.take_handshake(&standing, now() + SignedDuration::from_secs(9)).await.unwrap());
        store.note_endpoint(standing.id, SubscriptionState::Active, None, 0, now()).await.unwrap();
        let wanted = Terms { endpoint: "https://emr.example/other".to_owned(), is_off: true, ..terms() };
        let changed = store.change_subscription(standing.id, wanted, event(now())).await.unwrap().unwrap();
        assert_eq!(changed.state, SubscriptionState::Off);
        store.note_endpoint(standing.id, SubscriptionState::Active, None, 0, now()).await.unwrap();
        let off = store.subscription(standing.id).await.unwrap().unwrap();
        assert_eq!(off.state, SubscriptionState::Off);
        assert_eq!(
            store.signing_secret(&off).unwrap().bytes(),
            store.signing_secret(&standing).unwrap().bytes()
        );
        assert!(store.unsubscribe(standing.id, event(now())).await.unwrap());
        assert!(!store.unsubscribe(standing.id, event(now())).await.unwrap());
        assert!(store.deliveries(delivery.key.subscription, page()).await.unwrap().is_empty());
    });
}

#[test]
fn the_name_of_a_delivery_reads_back() {
    let key = DeliveryKey {
        event: event(now()).id,
        topic: store::Topic::ReferralOpen,
        subscription: SubscriptionId::new().unwrap(),
    };
    assert_eq!(key.to_string().parse::<DeliveryKey>().unwrap(), key);
    assert!(!key.to_string().contains('.'));
    assert!("x".parse::<DeliveryKey>().is_err());
}
