//! Notices that leave after their act is durable: put into the act's transaction, turned into deliveries afterwards.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, instant};
use crate::{Fault, PersonId, Store, Topic, UnitId, event};

/// What to tell. Carries ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub topic: Topic,
    /// The institution whose unit or act it is: of a referral always its sender, whoever moved it.
    pub from: String,
    /// The institutions it is for besides: of a referral its destination, of persons who were
    /// merged those who registered something of them.
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

    /// Up to `limit` notices that wait, oldest first. [`Store::fan_out`] decides which worker's they are.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn notices(&self, limit: u16) -> Result<Vec<Notice>, Fault> {
        self.read(move |tx| {
            let sql = "select topic, sender, recipients, person, unit, event, created_at
                from notice order by created_at limit $1";
            all(tx, sql, &[i64::from(limit).into()], parse)
        })
        .await
    }

    /// How many notices and deliveries wait.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn waiting_notices(&self) -> Result<i64, Fault> {
        let count =
            |tx: &mut dyn Tx, sql| all(tx, sql, &[], |row| row.int(0)).map(|all| all.iter().sum::<i64>());
        self.read(move |tx| {
            Ok(count(tx, "select count(*) from notice")?
                + count(tx, "select count(*) from delivery where state = 'waiting'")?)
        })
        .await
    }
}

/// Puts news into the transaction of the act that made it. An act tells each topic once.
pub(crate) fn enqueue(tx: &mut dyn Tx, news: &News, event: &Event) -> Result<(), Fault> {
    tx.execute(
        "insert into notice (bucket, event, topic, sender, recipients, person, unit, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            news.person.bucket().number().into(),
            event.id.as_bytes().into(),
            news.topic.code().into(),
            news.from.as_str().into(),
            news.to.join(" ").as_str().into(),
            news.person.as_bytes().into(),
            news.unit.as_ref().map(UnitId::as_bytes).into(),
            event.at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

/// The institutions that registered something of a person.
pub(crate) fn registrars(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<String>, Fault> {
    let sql = "select distinct institution from unit where bucket = $1 and person = $2 order by institution";
    all(tx, sql, &[person.bucket().number().into(), person.as_bytes().into()], |row| row.text(0))
}

fn parse(row: &Row<'_>) -> Result<Notice, Fault> {
    let unit = row.bytes_or_null(4)?;
    let unit = unit.map(|bytes| UnitId::from_row(&bytes).ok_or(Fault::Damaged("a notice's unit")));
    let news = News {
        topic: Topic::from_code(&row.text(0)?).ok_or(Fault::Damaged("a notice's topic"))?,
        from: row.text(1)?,
        to: row.text(2)?.split_whitespace().map(str::to_owned).collect(),
        person: PersonId::from_row(&row.bytes(3)?).ok_or(Fault::Damaged("a notice's person"))?,
        unit: unit.transpose()?,
    };
    Ok(Notice { news, event: event::id(row, 5)?, created_at: instant(row.int(6)?)? })
}
