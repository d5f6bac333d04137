//! Notices that leave after their act is durable. A worker takes one by moving its `due_at` forward, sends it, and
//! removes it; if the worker dies, the notice falls due again.

use audit::{Event, EventId};
use jiff::{SignedDuration, Timestamp};

use crate::sql::{Row, Tx, all, instant};
use crate::{Fault, PersonId, Store, Topic, UnitId, event};

/// What to tell. Carries ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub topic: Topic,
    /// The institution that did it.
    pub from: String,
    /// The institutions it is for besides: a referral's destination or its sender, the owners of a unit.
    pub to: Vec<String>,
    /// Whose record it concerns.
    pub person: PersonId,
    /// The unit, where it is about one.
    pub unit: Option<UnitId>,
}

/// News on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The event on record for the act.
    pub event: EventId,
    /// What to tell.
    pub news: News,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was tried before.
    pub attempts: i64,
    due_at: i64,
    bucket: i64,
}

impl Store {
    /// Puts an event on record together with its news; durable when this returns. For acts that keep nothing else.
    ///
    /// # Errors
    /// On a [`Fault`] neither may stand, and nothing the event permits may be answered.
    pub async fn append_telling(&self, event: Event, news: News) -> Result<(), Fault> {
        let bucket = news.person.bucket();
        self.write(bucket.number(), move |tx| {
            event::insert(tx, bucket, Some(&news.person), &event)?;
            enqueue(tx, &news, &event)
        })
        .await
    }

    /// Takes up to `limit` notices that are due, for the length of `lease`.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn due_notices(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u16,
    ) -> Result<Vec<Notice>, Fault> {
        let due = self.read(move |tx| due(tx, now, limit)).await?;
        let mut taken = Vec::with_capacity(due.len());
        for notice in due {
            if self.postpone(&notice, now + lease).await? {
                taken.push(notice);
            }
        }
        Ok(taken)
    }

    /// Moves a notice to a later instant; false if another worker was first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn postpone(&self, notice: &Notice, until: Timestamp) -> Result<bool, Fault> {
        let notice = notice.clone();
        let moved = self.write(notice.bucket, move |tx| {
            let sql = "update notice set due_at = $1, attempts = attempts + 1
                where bucket = $2 and event = $3 and topic = $4 and due_at = $5";
            let row = [
                until.as_microsecond().into(),
                notice.bucket.into(),
                notice.event.as_bytes().into(),
                notice.news.topic.code().into(),
                notice.due_at.into(),
            ];
            tx.execute(sql, &row)
        });
        Ok(moved.await? == 1)
    }

    /// Removes a notice that was delivered.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn delivered(&self, notice: &Notice) -> Result<(), Fault> {
        let (bucket, event, topic) = (notice.bucket, notice.event, notice.news.topic);
        self.write(bucket, move |tx| {
            tx.execute(
                "delete from notice where bucket = $1 and event = $2 and topic = $3",
                &[bucket.into(), event.as_bytes().into(), topic.code().into()],
            )
            .map(drop)
        })
        .await
    }

    /// How many notices wait.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn waiting_notices(&self) -> Result<i64, Fault> {
        let count = self.read(|tx| all(tx, "select count(*) from notice", &[], |row| row.int(0))).await?;
        Ok(count.first().copied().unwrap_or(0))
    }
}

/// Puts news into the transaction of the act that made it. An act tells each topic once.
pub(crate) fn enqueue(tx: &mut dyn Tx, news: &News, event: &Event) -> Result<(), Fault> {
    let at = event.at.as_microsecond();
    tx.execute(
        "insert into notice (bucket, event, topic, sender, recipients, person, unit, created_at, due_at, attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            news.person.bucket().number().into(),
            event.id.as_bytes().into(),
            news.topic.code().into(),
            news.from.as_str().into(),
            news.to.join(" ").as_str().into(),
            news.person.as_bytes().into(),
            news.unit.as_ref().map(UnitId::as_bytes).into(),
            at.into(),
            at.into(),
            0.into(),
        ],
    )
    .map(drop)
}

fn due(tx: &mut dyn Tx, now: Timestamp, limit: u16) -> Result<Vec<Notice>, Fault> {
    let sql = "select topic, sender, recipients, person, unit, event, created_at, attempts, bucket, due_at
        from notice where due_at <= $1 order by due_at limit $2";
    all(tx, sql, &[now.as_microsecond().into(), i64::from(limit).into()], |row| {
        Ok(Notice {
            news: news(row)?,
            event: event::id(row, 5)?,
            created_at: instant(row.int(6)?)?,
            attempts: row.int(7)?,
            bucket: row.int(8)?,
            due_at: row.int(9)?,
        })
    })
}

/// News from the first five columns: topic, sender, recipients, person, unit.
fn news(row: &Row<'_>) -> Result<News, Fault> {
    let unit = row.bytes_or_null(4)?;
    Ok(News {
        topic: Topic::from_code(&row.text(0)?).ok_or(Fault::Damaged("a notice's topic"))?,
        from: row.text(1)?,
        to: row.text(2)?.split_whitespace().map(str::to_owned).collect(),
        person: PersonId::from_row(&row.bytes(3)?).ok_or(Fault::Damaged("a notice's person"))?,
        unit: match unit {
            Some(bytes) => Some(UnitId::from_row(&bytes).ok_or(Fault::Damaged("a notice's unit"))?),
            None => None,
        },
    })
}
