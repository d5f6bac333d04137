//! Disasters that an authority declared: where, and from when until when consent is waived.

use jiff::Timestamp;

use crate::sql::{Row, Tx, all, instant};
use crate::{Bucket, Fault, Store};

/// A declared disaster (災害時の閲覧の指定).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disaster {
    /// Names it in grants and in the record.
    pub id: String,
    /// Its name, as people know it.
    pub name: String,
    /// The authority that declared it.
    pub authority: String,
    /// Where: the first two digits of institution numbers (都道府県番号).
    pub prefectures: Vec<String>,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when: that instant is outside.
    pub ends_at: Timestamp,
    /// When it was declared here.
    pub declared_at: Timestamp,
    /// When it was ended early.
    pub ended_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a declaration, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_disaster(&self, disaster: Disaster, event: audit::Event) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&disaster.id);
        self.write(bucket.number(), move |tx| {
            tx.execute(
                "insert into disaster (id, name, authority, prefectures, starts_at, ends_at, declared_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    disaster.id.as_str().into(),
                    disaster.name.as_str().into(),
                    disaster.authority.as_str().into(),
                    disaster.prefectures.join(" ").as_str().into(),
                    disaster.starts_at.as_microsecond().into(),
                    disaster.ends_at.as_microsecond().into(),
                    disaster.declared_at.as_microsecond().into(),
                ],
            )?;
            crate::event::insert(tx, bucket, None, &event)
        })
        .await
    }

    /// Ends a disaster at the event's instant; false if there is none of this id that has not ended yet.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn end_disaster(&self, id: String, event: audit::Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let at = event.at.as_microsecond();
            let sql = "update disaster set ended_at = $1 where id = $2 and ended_at is null and ends_at > $3";
            let is_ended = tx.execute(sql, &[at.into(), id.as_str().into(), at.into()])? == 1;
            if is_ended {
                crate::event::insert(tx, bucket, None, &event)?;
            }
            Ok(is_ended)
        })
        .await
    }

    /// Every disaster that was ever declared, newest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn disasters(&self) -> Result<Vec<Disaster>, Fault> {
        self.read(|tx| {
            let sql = "select id, name, authority, prefectures, starts_at, ends_at, declared_at, ended_at
                from disaster order by starts_at desc, id";
            all(tx, sql, &[], parse)
        })
        .await
    }
}

/// The disasters whose period has not passed.
pub(crate) fn disasters_until(tx: &mut dyn Tx, now: Timestamp) -> Result<Vec<Disaster>, Fault> {
    let sql = "select id, name, authority, prefectures, starts_at, ends_at, declared_at, ended_at
        from disaster where ends_at > $1 order by starts_at, id";
    all(tx, sql, &[now.as_microsecond().into()], parse)
}

fn parse(row: &Row<'_>) -> Result<Disaster, Fault> {
    Ok(Disaster {
        id: row.text(0)?,
        name: row.text(1)?,
        authority: row.text(2)?,
        prefectures: row.text(3)?.split_ascii_whitespace().map(str::to_owned).collect(),
        starts_at: instant(row.int(4)?)?,
        ends_at: instant(row.int(5)?)?,
        declared_at: instant(row.int(6)?)?,
        ended_at: row.int_or_null(7)?.map(instant).transpose()?,
    })
}

impl Disaster {
    /// Whether it holds at an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at && self.ended_at.is_none_or(|ended| at < ended)
    }

    /// Whether an institution stands in its area.
    pub fn covers(&self, institution: &str) -> bool {
        self.prefectures.iter().any(|prefecture| institution.starts_with(prefecture.as_str()))
    }
}
