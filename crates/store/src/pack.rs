//! Inspection packs (検査資料一式) as rows.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, all, first, instant};
use crate::{Bucket, Fault, Holder, Store, event};

/// A pack, without its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectionPack {
    /// Of which institution, by its ten digits.
    pub scope: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// The edition of its form, by id.
    pub edition: String,
    /// Who had it made.
    pub by: Holder,
    /// When.
    pub made_at: Timestamp,
    /// How many parts it is put together in.
    pub steps: i64,
    /// How many of them are done.
    pub done: i64,
    /// Where it stands.
    pub state: PackState,
    /// SHA-256 of the archive in hexadecimal digits, once there is one.
    pub sha256: Option<String>,
}

/// Where a pack stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackState {
    /// It is being put together.
    Making,
    /// It can be handed over.
    Ready,
    /// It could not be put together.
    Failed,
}

impl PackState {
    /// Its code in rows, with words in `locale/`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

macro_rules! columns {
    () => {
        "select scope, id, edition, made_by, made_by_name, made_at, steps, done, state, sha256 from inspection_pack "
    };
}

impl Store {
    /// Keeps that a pack is being put together, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn begin_pack(&self, pack: InspectionPack, on_record: Event) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&pack.scope);
        self.write(bucket.number(), move |tx| {
            let sql = "insert into inspection_pack (scope, id, edition, made_by, made_by_name, made_at, steps, done, state)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let row = [
                pack.scope.as_str().into(),
                pack.id.as_str().into(),
                pack.edition.as_str().into(),
                pack.by.credential.as_str().into(),
                pack.by.name.as_str().into(),
                pack.made_at.as_microsecond().into(),
                pack.steps.into(),
                pack.done.into(),
                pack.state.code().into(),
            ];
            tx.execute(sql, &row)?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Counts how much of a pack is done.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn pack_is_at(&self, scope: String, id: String, done: i64) -> Result<(), Fault> {
        self.write(Bucket::of_text(&scope).number(), move |tx| {
            let sql = "update inspection_pack set done = $1 where scope = $2 and id = $3 and done < $1";
            tx.execute(sql, &[done.into(), scope.as_str().into(), id.as_str().into()]).map(drop)
        })
        .await
    }

    /// Keeps a pack's archive with its SHA-256, or (`None`) that there is none. A pack that is over stays as it is.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn end_pack(
        &self,
        scope: String,
        id: String,
        archive: Option<(String, Vec<u8>)>,
    ) -> Result<(), Fault> {
        self.write(Bucket::of_text(&scope).number(), move |tx| {
            let state = if archive.is_some() { PackState::Ready } else { PackState::Failed };
            let sql = "update inspection_pack set state = $1, sha256 = $2, archive = $3
                where scope = $4 and id = $5 and state = 'making'";
            let row = [
                state.code().into(),
                archive.as_ref().map(|(sum, _)| sum.as_str()).into(),
                archive.as_ref().map(|(_, bytes)| bytes.as_slice()).into(),
                scope.as_str().into(),
                id.as_str().into(),
            ];
            tx.execute(sql, &row).map(drop)
        })
        .await
    }

    /// Packs of an institution, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn packs(&self, scope: String, limit: u16) -> Result<Vec<InspectionPack>, Fault> {
        self.read(move |tx| {
            let sql = concat!(columns!(), "where scope = $1 order by made_at desc, id limit $2");
            all(tx, sql, &[scope.as_str().into(), i64::from(limit).into()], parse)
        })
        .await
    }

    /// A pack.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn pack(&self, scope: String, id: String) -> Result<Option<InspectionPack>, Fault> {
        self.read(move |tx| {
            first(
                tx,
                concat!(columns!(), "where scope = $1 and id = $2"),
                &[scope.as_str().into(), id.as_str().into()],
                parse,
            )
        })
        .await
    }

    /// The archive of a pack that is ready.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn pack_archive(&self, scope: String, id: String) -> Result<Option<Vec<u8>>, Fault> {
        self.read(move |tx| {
            let sql = "select archive from inspection_pack where scope = $1 and id = $2 and state = 'ready'";
            first(tx, sql, &[scope.as_str().into(), id.as_str().into()], |row| row.bytes(0))
        })
        .await
    }

    /// Acts of safety management by those of an institution, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn safety_acts(&self, institution: String, limit: u16) -> Result<Vec<Event>, Fault> {
        self.read(move |tx| {
            let sql = "select body from event where institution = $1 and act = 'safety' and person is null
                order by at desc, id desc limit $2";
            all(tx, sql, &[institution.as_str().into(), i64::from(limit).into()], event::parse)
        })
        .await
    }
}

fn parse(row: &Row<'_>) -> Result<InspectionPack, Fault> {
    let state = match row.text(8)?.as_str() {
        "making" => PackState::Making,
        "ready" => PackState::Ready,
        "failed" => PackState::Failed,
        _ => return Err(Fault::Damaged("the state of a pack")),
    };
    Ok(InspectionPack {
        scope: row.text(0)?,
        id: row.text(1)?,
        edition: row.text(2)?,
        by: Holder { credential: row.text(3)?, name: row.text(4)? },
        made_at: instant(row.int(5)?)?,
        steps: row.int(6)?,
        done: row.int(7)?,
        state,
        sha256: row.text_or_null(9)?,
    })
}
