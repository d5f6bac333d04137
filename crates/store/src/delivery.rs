//! Deliveries as rows: one notice for one subscription, tried until it arrives or is given up.

use audit::EventId;
use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, instant};
use crate::{Fault, Notice, PersonId, Store, SubscriptionId, Topic, UnitId, event};

/// One notice on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Names it, in rows and to the endpoint.
    pub key: DeliveryKey,
    /// Whose record it concerns.
    pub person: PersonId,
    /// The unit, where it is about one.
    pub unit: Option<UnitId>,
    /// When the act happened.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// What the endpoint answered last: a status, or why there was none.
    pub answer: Option<String>,
    /// When it arrived or was given up.
    pub settled_at: Option<Timestamp>,
    bucket: i64,
}

/// A delivery is the same however often it is sent: the event, the topic and the subscription name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    /// The event on record for the act.
    pub event: EventId,
    /// What it tells of.
    pub topic: Topic,
    /// Whom it is sent for.
    pub subscription: SubscriptionId,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It will be tried.
    Waiting,
    /// Its endpoint took it.
    Arrived,
    /// It was tried for as long as is tried.
    GivenUp,
}

const COLUMNS_DUE: &str =
    "select event, topic, subscription, person, unit, created_at, state, due_at, attempts,
    answer, settled_at, bucket from delivery
    where subscription = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3";
const COLUMNS_NEWEST: &str =
    "select event, topic, subscription, person, unit, created_at, state, due_at, attempts,
    answer, settled_at, bucket from delivery
    where subscription = $1 and created_at < $2 order by created_at desc limit $3";

impl Store {
    /// Turns notices into deliveries: each notice is removed and its deliveries are made in one transaction. A notice
    /// that another worker removed first makes none here.
    ///
    /// # Errors
    /// On any [`Fault`] every notice still waits.
    pub async fn fan_out(&self, notices: Vec<(Notice, Vec<SubscriptionId>)>) -> Result<(), Fault> {
        let lane = notices.first().map_or(0, |(notice, _)| notice.news.person.bucket().number());
        self.write(lane, move |tx| {
            notices.iter().try_for_each(|(notice, subscriptions)| fan_out(tx, notice, subscriptions))
        })
        .await
    }

    /// Takes what is due for subscriptions, until `until`: of each at most as many as are named with it, oldest
    /// first. What is taken is nobody else's until then.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn take_due(
        &self,
        of: Vec<(SubscriptionId, u16)>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Delivery>, Fault> {
        let due = self.read(move |tx| {
            let due = of.iter().map(|(subscription, limit)| {
                let key: [Value<'_>; 3] =
                    [subscription.as_bytes().into(), now.as_microsecond().into(), i64::from(*limit).into()];
                all(tx, COLUMNS_DUE, &key, parse)
            });
            Ok(due.collect::<Result<Vec<_>, Fault>>()?.concat())
        });
        let due = due.await?;
        let Some(first) = due.first() else { return Ok(due) };
        self.write(first.bucket, move |tx| {
            let mut taken = Vec::with_capacity(due.len());
            for delivery in &due {
                if postpone(tx, delivery, until)? {
                    taken.push(Delivery {
                        attempts: delivery.attempts + 1,
                        due_at: until,
                        ..delivery.clone()
                    });
                }
            }
            Ok(taken)
        })
        .await
    }

    /// Notes that a delivery arrived or was given up.
    ///
    /// # Errors
    /// On any [`Fault`] it falls due again.
    pub async fn settle(
        &self,
        delivery: &Delivery,
        state: DeliveryState,
        answer: String,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let (key, bucket) = (delivery.key, delivery.bucket);
        self.write(bucket, move |tx| {
            let sql = "update delivery set state = $1, answer = $2, settled_at = $3
                where bucket = $4 and event = $5 and topic = $6 and subscription = $7";
            tx.execute(
                sql,
                &[
                    state.code().into(),
                    answer.as_str().into(),
                    now.as_microsecond().into(),
                    bucket.into(),
                    key.event.as_bytes().into(),
                    key.topic.code().into(),
                    key.subscription.as_bytes().into(),
                ],
            )
            .map(drop)
        })
        .await
    }

    /// Notes that a delivery did not arrive and when it is tried next.
    ///
    /// # Errors
    /// On any [`Fault`] it falls due when its lease ends.
    pub async fn try_later(
        &self,
        delivery: &Delivery,
        answer: String,
        due_at: Timestamp,
    ) -> Result<(), Fault> {
        let (key, bucket) = (delivery.key, delivery.bucket);
        self.write(bucket, move |tx| {
            let sql = "update delivery set answer = $1, due_at = $2
                where bucket = $3 and event = $4 and topic = $5 and subscription = $6 and state = 'waiting'";
            tx.execute(
                sql,
                &[
                    answer.as_str().into(),
                    due_at.as_microsecond().into(),
                    bucket.into(),
                    key.event.as_bytes().into(),
                    key.topic.code().into(),
                    key.subscription.as_bytes().into(),
                ],
            )
            .map(drop)
        })
        .await
    }

    /// Sends a delivery again, whatever became of it; its endpoint is tried at once. False if it is gone.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn resend(&self, key: DeliveryKey, event: audit::Event) -> Result<bool, Fault> {
        let now = event.at.as_microsecond();
        self.write(key.subscription.bucket().number(), move |tx| {
            let sql = "update delivery set state = 'waiting', due_at = $1, settled_at = null
                where subscription = $2 and event = $3 and topic = $4";
            let subscription = key.subscription.as_bytes();
            let row = [now.into(), subscription.into(), key.event.as_bytes().into(), key.topic.code().into()];
            let is_there = tx.execute(sql, &row)? == 1;
            if is_there {
                let sql = "update subscription set quiet_until = $1 where id = $2";
                tx.execute(sql, &[now.into(), subscription.into()])?;
                event::insert(tx, crate::Bucket::of_text(&event.request), None, &event)?;
            }
            Ok(is_there)
        })
        .await
    }

    /// Deliveries of a subscription made before an instant, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn deliveries(
        &self,
        subscription: SubscriptionId,
        page: crate::Page,
    ) -> Result<Vec<Delivery>, Fault> {
        self.read(move |tx| {
            let key: [Value<'_>; 3] = [
                subscription.as_bytes().into(),
                page.before.as_microsecond().into(),
                i64::from(page.limit).into(),
            ];
            all(tx, COLUMNS_NEWEST, &key, parse)
        })
        .await
    }

    /// Forgets deliveries of acts before an instant, whatever became of them; answers how many.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, Fault> {
        self.write(0, move |tx| {
            let sql = "delete from delivery where created_at < $1";
            tx.execute(sql, &[before.as_microsecond().into()])
        })
        .await
    }
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Arrived, Self::GivenUp];

    /// The code in rows and in lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Arrived => "arrived",
            Self::GivenUp => "given-up",
        }
    }
}

impl std::fmt::Display for DeliveryKey {
    /// Without dots: what is signed separates its parts with them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_{}", self.event, self.topic.code(), self.subscription)
    }
}

impl std::str::FromStr for DeliveryKey {
    type Err = crate::NotAnId;

    fn from_str(text: &str) -> Result<Self, crate::NotAnId> {
        let mut parts = text.split('_');
        let mut part = || parts.next().ok_or(crate::NotAnId);
        let event = EventId::try_from(part()?.to_owned()).map_err(|_| crate::NotAnId)?;
        let topic = Topic::from_code(part()?).ok_or(crate::NotAnId)?;
        let subscription = part()?.parse()?;
        if parts.next().is_none() { Ok(Self { event, topic, subscription }) } else { Err(crate::NotAnId) }
    }
}

fn fan_out(tx: &mut dyn Tx, notice: &Notice, subscriptions: &[SubscriptionId]) -> Result<(), Fault> {
    let bucket = notice.news.person.bucket().number();
    let removed = tx.execute(
        "delete from notice where bucket = $1 and event = $2 and topic = $3",
        &[bucket.into(), notice.event.as_bytes().into(), notice.news.topic.code().into()],
    )?;
    if removed == 0 {
        return Ok(());
    }
    subscriptions.iter().try_for_each(|subscription| {
        tx.execute(
            "insert into delivery (bucket, event, topic, subscription, person, unit, created_at, state, due_at, attempts)
             values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, 0)",
            &[
                bucket.into(),
                notice.event.as_bytes().into(),
                notice.news.topic.code().into(),
                subscription.as_bytes().into(),
                notice.news.person.as_bytes().into(),
                notice.news.unit.as_ref().map(UnitId::as_bytes).into(),
                notice.created_at.as_microsecond().into(),
                notice.created_at.as_microsecond().into(),
            ],
        )
        .map(drop)
    })
}

/// Moves a waiting delivery to a later instant and counts the attempt; false if another worker was first.
fn postpone(tx: &mut dyn Tx, delivery: &Delivery, until: Timestamp) -> Result<bool, Fault> {
    let sql = "update delivery set due_at = $1, attempts = attempts + 1
        where bucket = $2 and event = $3 and topic = $4 and subscription = $5 and due_at = $6 and state = 'waiting'";
    let row = [
        until.as_microsecond().into(),
        delivery.bucket.into(),
        delivery.key.event.as_bytes().into(),
        delivery.key.topic.code().into(),
        delivery.key.subscription.as_bytes().into(),
        delivery.due_at.as_microsecond().into(),
    ];
    Ok(tx.execute(sql, &row)? == 1)
}

fn parse(row: &Row<'_>) -> Result<Delivery, Fault> {
    let unit = row.bytes_or_null(4)?;
    let unit = unit.map(|bytes| UnitId::from_row(&bytes).ok_or(Fault::Damaged("a delivery's unit")));
    let state = row.text(6)?;
    let state = DeliveryState::ALL.into_iter().find(|one| one.code() == state);
    Ok(Delivery {
        key: DeliveryKey {
            event: event::id(row, 0)?,
            topic: Topic::from_code(&row.text(1)?).ok_or(Fault::Damaged("a delivery's topic"))?,
            subscription: SubscriptionId::from_row(&row.bytes(2)?)
                .ok_or(Fault::Damaged("a delivery's subscription"))?,
        },
        person: PersonId::from_row(&row.bytes(3)?).ok_or(Fault::Damaged("a delivery's person"))?,
        unit: unit.transpose()?,
        created_at: instant(row.int(5)?)?,
        state: state.ok_or(Fault::Damaged("a delivery's state"))?,
        due_at: instant(row.int(7)?)?,
        attempts: row.int(8)?,
        answer: row.text_or_null(9)?,
        settled_at: row.int_or_null(10)?.map(instant).transpose()?,
        bucket: row.int(11)?,
    })
}
