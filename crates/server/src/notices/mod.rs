//! Notices leave after their act is durable: each becomes a delivery for everyone who asked, and each delivery is sent
//! until it arrives or is given up. Any number of servers may do this on one database at once.

mod message;
mod pause;
mod post;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access::Interest;
use exchange::Endpoints;
use jiff::{SignedDuration, Timestamp};
use store::{Delivery, DeliveryState, Fault, Notice, Store, Subscription, SubscriptionId, SubscriptionState};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use crate::Clock;
use message::Message;
use pause::{chance, pause};
use post::{Answer, Post};

pub(crate) use message::secret_text;

/// How notices are sent.
#[derive(Clone, Debug)]
pub struct NoticeSettings {
    /// Which addresses may be called.
    pub endpoints: Endpoints,
    /// How long an endpoint has to answer.
    pub timeout: Duration,
    /// How long a delivery is tried.
    pub patience: SignedDuration,
}

/// How often the tables are looked at without a hint.
const TICK: Duration = Duration::from_millis(500);
/// The shortest time between two looks.
const BREATH: Duration = Duration::from_millis(20);
/// How long to wait when the store does not answer.
const TROUBLE: Duration = Duration::from_secs(5);
/// How many notices become deliveries in one transaction.
const TOGETHER: u16 = 64;
/// How many such transactions run before deliveries have their turn.
const TRANSACTIONS: usize = 16;
/// How many calls run at once.
const CALLS: usize = 32;
/// How many of them go to one subscription.
const CALLS_EACH: u16 = 4;
/// After so many failures in a row a subscription is in error.
const FAILURES_TO_ERROR: i64 = 5;
/// So often an endpoint is asked whether it wants notices at all.
const HANDSHAKES: i64 = 5;
/// A delivery is tried at least so often, even if the hub stood still for longer than its patience.
const ATTEMPTS_AT_LEAST: i64 = 8;
/// Deliveries stay in the list for so long after they were tried for as long as is tried.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            endpoints: Endpoints::default(),
            timeout: Duration::from_secs(10),
            patience: SignedDuration::from_hours(24 * 3),
        }
    }
}

/// Delivers notices for ever.
pub async fn deliver_notices(store: Arc<Store>, settings: NoticeSettings, clock: Clock) {
    let mut stirred = store.stirred();
    let mut worker = Worker {
        post: Arc::new(Post::new(&settings)),
        store,
        settings,
        clock,
        calls: JoinSet::new(),
        running: HashMap::new(),
        forgotten_at: Timestamp::MIN,
    };
    loop {
        if let Err(fault) = worker.round().await {
            warn!(%fault, "notices wait");
            tokio::time::sleep(TROUBLE).await;
        }
        tokio::time::sleep(BREATH).await;
        tokio::select! {
            _ = stirred.changed() => {}
            Some(ended) = worker.calls.join_next() => worker.note_ended(ended.ok()),
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

struct Worker {
    store: Arc<Store>,
    settings: NoticeSettings,
    clock: Clock,
    post: Arc<Post>,
    calls: JoinSet<SubscriptionId>,
    running: HashMap<SubscriptionId, u16>,
    forgotten_at: Timestamp,
}

impl Worker {
    async fn round(&mut self) -> Result<(), Fault> {
        while let Some(ended) = self.calls.try_join_next() {
            self.note_ended(ended.ok());
        }
        let now = (self.clock)();
        let subscriptions = self.store.subscriptions().await?;
        for _ in 0..TRANSACTIONS {
            if self.fan_out(&subscriptions, now).await? < usize::from(TOGETHER) {
                break;
            }
        }
        for subscription in &subscriptions {
            self.shake_hands(subscription, now).await?;
        }
        self.send_due(&subscriptions, now).await?;
        if self.forgotten_at + HOUR < now {
            self.store.forget_deliveries(now - self.settings.patience - REMEMBERED).await?;
            self.forgotten_at = now;
        }
        Ok(())
    }

    async fn fan_out(&self, subscriptions: &[Subscription], now: Timestamp) -> Result<usize, Fault> {
        let notices = self.store.notices(TOGETHER).await?;
        if notices.is_empty() {
            return Ok(0);
        }
        let addressed = notices.iter().map(|notice| (notice.clone(), addressees(notice, subscriptions, now)));
        self.store.fan_out(addressed.collect()).await?;
        for notice in &notices {
            self.store.ring(&notice.news.from);
            notice.news.to.iter().for_each(|institution| self.store.ring(institution));
        }
        debug!(count = notices.len(), "notices became deliveries");
        Ok(notices.len())
    }

    async fn shake_hands(&mut self, subscription: &Subscription, now: Timestamp) -> Result<(), Fault> {
        let is_wanted = subscription.state == SubscriptionState::Requested
            && subscription.quiet_until <= now
            && !subscription.has_ended(now)
            && self.calls.len() < CALLS
            && !self.running.contains_key(&subscription.id);
        if is_wanted && self.store.take_handshake(subscription, self.lease(now)).await? {
            let (call, subscription) = (self.call(), subscription.clone());
            self.start(subscription.id, async move { call.shake_hands(&subscription).await });
        }
        Ok(())
    }

    async fn send_due(&mut self, subscriptions: &[Subscription], now: Timestamp) -> Result<(), Fault> {
        let mut room = CALLS.saturating_sub(self.calls.len());
        let mut asked = Vec::new();
        for subscription in subscriptions {
            let each = self.allowance(subscription, now).min(u16::try_from(room).unwrap_or(CALLS_EACH));
            if each > 0 {
                asked.push((subscription.id, each));
                room -= usize::from(each);
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        for delivery in self.store.take_due(asked, now, self.lease(now)).await? {
            let found = subscriptions.iter().find(|one| one.id == delivery.key.subscription);
            if let Some(subscription) = found.cloned() {
                let call = self.call();
                self.start(subscription.id, async move { call.deliver(&subscription, &delivery).await });
            }
        }
        Ok(())
    }

    /// How many calls more may go to a subscription; one that fails is tried with one at a time.
    fn allowance(&self, subscription: &Subscription, now: Timestamp) -> u16 {
        if !subscription.is_live(now) || subscription.quiet_until > now {
            return 0;
        }
        let most = if subscription.failures > 0 { 1 } else { CALLS_EACH };
        most.saturating_sub(self.running.get(&subscription.id).copied().unwrap_or(0))
    }

    /// What is taken is this worker's until then; long enough for a call that runs into its timeout.
    fn lease(&self, now: Timestamp) -> Timestamp {
        let timeout = SignedDuration::try_from(self.settings.timeout).unwrap_or(HOUR);
        now + timeout * 2 + SignedDuration::from_secs(5)
    }

    fn call(&self) -> Call {
        Call {
            store: Arc::clone(&self.store),
            post: Arc::clone(&self.post),
            clock: Arc::clone(&self.clock),
            patience: self.settings.patience,
        }
    }

    fn start(
        &mut self,
        subscription: SubscriptionId,
        call: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) {
        *self.running.entry(subscription).or_default() += 1;
        self.calls.spawn(async move {
            if let Err(fault) = call.await {
                warn!(%fault, %subscription, "what became of a notice could not be kept; it will be sent again");
            }
            subscription
        });
    }

    fn note_ended(&mut self, subscription: Option<SubscriptionId>) {
        let Some(subscription) = subscription else {
            // A call that panicked cannot say whose it was: count anew from what still runs.
            self.running.clear();
            return;
        };
        if let Some(count) = self.running.get_mut(&subscription) {
            *count = count.saturating_sub(1);
        }
        self.running.retain(|_, count| *count > 0);
    }
}

/// One call to one endpoint, and what becomes of it.
struct Call {
    store: Arc<Store>,
    post: Arc<Post>,
    clock: Clock,
    patience: SignedDuration,
}

impl Call {
    async fn shake_hands(&self, subscription: &Subscription) -> Result<(), Fault> {
        let answer = self.send(subscription, Message::handshake(subscription)).await?;
        let (now, failures) = ((self.clock)(), subscription.failures + 1);
        let (state, error, failures) = match answer {
            Answer::Taken(_) => (SubscriptionState::Active, None, 0),
            Answer::Refused(why) | Answer::Gone(why) if failures >= HANDSHAKES => {
                (SubscriptionState::Off, Some(why), failures)
            }
            Answer::Refused(why) | Answer::Gone(why) => (SubscriptionState::Requested, Some(why), failures),
        };
        info!(subscription = %subscription.id, state = state.code(), "an endpoint was asked");
        let quiet_until = if failures == 0 { now } else { now + pause(failures, chance()?) };
        self.store.note_endpoint(subscription.id, state, error, failures, quiet_until).await
    }

    async fn deliver(&self, subscription: &Subscription, delivery: &Delivery) -> Result<(), Fault> {
        let answer = self.send(subscription, Message::notice(subscription, delivery)).await?;
        let now = (self.clock)();
        match answer {
            Answer::Taken(answer) => {
                self.store.settle(delivery, DeliveryState::Arrived, answer, now).await?;
                self.note_recovered(subscription, now).await
            }
            Answer::Gone(answer) => {
                self.store.settle(delivery, DeliveryState::GivenUp, answer.clone(), now).await?;
                let (off, failures) = (SubscriptionState::Off, subscription.failures + 1);
                self.store.note_endpoint(subscription.id, off, Some(answer), failures, now).await
            }
            Answer::Refused(answer) => {
                self.put_off(delivery, answer.clone(), now).await?;
                self.note_failed(subscription, answer, now).await
            }
        }
    }

    async fn send(&self, subscription: &Subscription, message: Message) -> Result<Answer, Fault> {
        let secret = self.store.signing_secret(subscription)?;
        let (post, now) = (Arc::clone(&self.post), (self.clock)());
        let endpoint = subscription.endpoint.clone();
        let sent = tokio::task::spawn_blocking(move || post.send(&endpoint, &message, &secret, now));
        sent.await.map_err(|_| Fault::Busy)
    }

    async fn put_off(&self, delivery: &Delivery, answer: String, now: Timestamp) -> Result<(), Fault> {
        let is_old = delivery.created_at + self.patience <= now;
        if is_old && delivery.attempts >= ATTEMPTS_AT_LEAST {
            return self.store.settle(delivery, DeliveryState::GivenUp, answer, now).await;
        }
        self.store.try_later(delivery, answer, now + pause(delivery.attempts, chance()?)).await
    }

    async fn note_failed(
        &self,
        subscription: &Subscription,
        why: String,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let failures = subscription.failures + 1;
        let is_error = failures >= FAILURES_TO_ERROR;
        let state = if is_error { SubscriptionState::Error } else { SubscriptionState::Active };
        let quiet_until = now + pause(failures, chance()?);
        self.store.note_endpoint(subscription.id, state, Some(why), failures, quiet_until).await
    }

    async fn note_recovered(&self, subscription: &Subscription, now: Timestamp) -> Result<(), Fault> {
        if subscription.failures == 0 && subscription.state == SubscriptionState::Active {
            return Ok(());
        }
        self.store.note_endpoint(subscription.id, SubscriptionState::Active, None, 0, now).await
    }
}

fn addressees(notice: &Notice, subscriptions: &[Subscription], now: Timestamp) -> Vec<SubscriptionId> {
    let concerned = subscriptions.iter().filter(|one| {
        let interest = Interest::of_code(&one.interest);
        one.is_live(now)
            && interest.is_some_and(|interest| interest.concerns(one.institution.as_deref(), &notice.news))
    });
    concerned.map(|one| one.id).collect()
}
