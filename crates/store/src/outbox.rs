//! Notices that leave after their act is durable. A worker takes one by moving its `due_at` forward, sends it, and
//! removes it; if the worker dies, the notice falls due again.

use audit::Event;
use jiff::{SignedDuration, Timestamp};

use crate::sql::{Tx, all, instant};
use crate::{Fault, PersonId, Store, UnitId};

/// One notice. Carries ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Repeats are recognised by this.
    pub id: audit::EventId,
    /// What happened: `registered`.
    pub topic: String,
    /// The institution it came from.
    pub institution: String,
    /// Whose record it concerns.
    pub person: PersonId,
    /// The unit.
    pub unit: UnitId,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was tried before.
    pub attempts: i64,
    due_at: i64,
    bucket: i64,
}

impl Store {
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
            let sql = "update outbox set due_at = $1, attempts = attempts + 1
                where bucket = $2 and id = $3 and due_at = $4";
            let row = [
                until.as_microsecond().into(),
                notice.bucket.into(),
                notice.id.as_bytes().into(),
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
        let (bucket, id) = (notice.bucket, notice.id);
        self.write(bucket, move |tx| {
            tx.execute(
                "delete from outbox where bucket = $1 and id = $2",
                &[bucket.into(), id.as_bytes().into()],
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
        let count = self.read(|tx| all(tx, "select count(*) from outbox", &[], |row| row.int(0))).await?;
        Ok(count.first().copied().unwrap_or(0))
    }
}

pub(crate) fn enqueue(
    tx: &mut dyn Tx,
    topic: &str,
    institution: &str,
    person: &PersonId,
    unit: &UnitId,
    event: &Event,
) -> Result<(), Fault> {
    let at = event.at.as_microsecond();
    tx.execute(
        "insert into outbox (bucket, id, topic, institution, person, unit, created_at, due_at, attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            unit.bucket().number().into(),
            event.id.as_bytes().into(),
            topic.into(),
            institution.into(),
            person.as_bytes().into(),
            unit.as_bytes().into(),
            at.into(),
            at.into(),
            0.into(),
        ],
    )
    .map(drop)
}

fn due(tx: &mut dyn Tx, now: Timestamp, limit: u16) -> Result<Vec<Notice>, Fault> {
    let sql = "select bucket, id, topic, institution, person, unit, created_at, due_at, attempts from outbox
        where due_at <= $1 order by due_at limit $2";
    all(tx, sql, &[now.as_microsecond().into(), i64::from(limit).into()], |row| {
        Ok(Notice {
            bucket: row.int(0)?,
            id: crate::event::id(row, 1)?,
            topic: row.text(2)?,
            institution: row.text(3)?,
            person: PersonId::from_row(&row.bytes(4)?).ok_or(Fault::Damaged("a notice's person"))?,
            unit: UnitId::from_row(&row.bytes(5)?).ok_or(Fault::Damaged("a notice's unit"))?,
            created_at: instant(row.int(6)?)?,
            due_at: row.int(7)?,
            attempts: row.int(8)?,
        })
    })
}
