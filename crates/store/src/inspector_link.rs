//! Links by which inspectors read a pack without an account, as rows. What is kept of a secret is its hash.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, all, first, instant};
use crate::{Bucket, Fault, Holder, Store, event};

/// A link by which an inspector reads a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectorLink {
    /// Of which institution.
    pub scope: String,
    /// 32 hexadecimal digits; not the secret.
    pub id: String,
    /// The pack, by id.
    pub pack: String,
    /// To whom it was given, in words.
    pub reader: String,
    /// Who gave it.
    pub by: Holder,
    /// When.
    pub made_at: Timestamp,
    /// From then on it opens nothing.
    pub ends_at: Timestamp,
    /// When it was ended before that, if it was.
    pub ended_at: Option<Timestamp>,
    /// How often it was looked at.
    pub looks: i64,
    /// When last.
    pub looked_at: Option<Timestamp>,
}

impl InspectorLink {
    /// Whether it opens its pack.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }
}

macro_rules! link_columns {
    () => {
        "select scope, id, pack, reader, made_by, made_by_name, made_at, ends_at, ended_at, looks, looked_at
            from inspector_link "
    };
}

impl Store {
    /// Keeps a link under the hash of its secret, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_inspector_link(
        &self,
        link: InspectorLink,
        secret: [u8; 32],
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&link.scope);
        self.write(bucket.number(), move |tx| {
            let sql =
                "insert into inspector_link (scope, id, secret, pack, reader, made_by, made_by_name, made_at,
                    ends_at, looks)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
            let row = [
                link.scope.as_str().into(),
                link.id.as_str().into(),
                (&secret).into(),
                link.pack.as_str().into(),
                link.reader.as_str().into(),
                link.by.credential.as_str().into(),
                link.by.name.as_str().into(),
                link.made_at.as_microsecond().into(),
                link.ends_at.as_microsecond().into(),
            ];
            tx.execute(sql, &row)?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Links of an institution, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inspector_links(&self, scope: String, limit: u16) -> Result<Vec<InspectorLink>, Fault> {
        self.read(move |tx| {
            let sql = concat!(link_columns!(), "where scope = $1 order by made_at desc, id limit $2");
            all(tx, sql, &[scope.as_str().into(), i64::from(limit).into()], parse_link)
        })
        .await
    }

    /// The link of a secret, by its hash.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inspector_link(&self, secret: [u8; 32]) -> Result<Option<InspectorLink>, Fault> {
        self.read(move |tx| {
            first(tx, concat!(link_columns!(), "where secret = $1"), &[(&secret).into()], parse_link)
        })
        .await
    }

    /// Ends a link that is not ended, and puts it on record. False if there is none.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_inspector_link(
        &self,
        scope: String,
        id: String,
        at: Timestamp,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&scope);
        self.write(bucket.number(), move |tx| {
            let sql =
                "update inspector_link set ended_at = $1 where scope = $2 and id = $3 and ended_at is null";
            let row = [at.as_microsecond().into(), scope.as_str().into(), id.as_str().into()];
            let is_ended = tx.execute(sql, &row)? == 1;
            if is_ended {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_ended)
        })
        .await
    }

    /// Counts a look by a link that is open at `at`, and puts it on record. False, and nothing is to be shown, if it is
    /// not open.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept, and nothing is to be shown.
    pub async fn look_by_link(
        &self,
        scope: String,
        id: String,
        at: Timestamp,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&scope);
        self.write(bucket.number(), move |tx| {
            let sql = "update inspector_link set looks = looks + 1, looked_at = $1
                where scope = $2 and id = $3 and ended_at is null and ends_at > $1";
            let row = [at.as_microsecond().into(), scope.as_str().into(), id.as_str().into()];
            let is_open = tx.execute(sql, &row)? == 1;
            if is_open {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_open)
        })
        .await
    }
}

fn parse_link(row: &Row<'_>) -> Result<InspectorLink, Fault> {
    Ok(InspectorLink {
        scope: row.text(0)?,
        id: row.text(1)?,
        pack: row.text(2)?,
        reader: row.text(3)?,
        by: Holder { credential: row.text(4)?, name: row.text(5)? },
        made_at: instant(row.int(6)?)?,
        ends_at: instant(row.int(7)?)?,
        ended_at: row.int_or_null(8)?.map(instant).transpose()?,
        looks: row.int(9)?,
        looked_at: row.int_or_null(10)?.map(instant).transpose()?,
    })
}
