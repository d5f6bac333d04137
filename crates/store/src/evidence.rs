//! Evidence for the guideline's controls, and what people answered to its items, as rows. Nothing is written over.

use audit::{Event, EventId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, Tx, Value, all, first, instant};
use crate::{Bucket, Fault, Holder, Store, event};

/// Something that proved a control, or showed that it does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// By which it is named.
    pub id: EventId,
    /// Of which institution, by its ten digits; `hub` for what the hub proves of itself.
    pub scope: String,
    /// Id of the control.
    pub control: String,
    /// Where it came from: `check`, `registers`, `report:…`, `sheet`. The newest of a source takes the place of
    /// its older ones.
    pub source: String,
    /// How it proves: `auto`, `assisted`, `document`, `attest`.
    pub kind: String,
    /// Whether the control holds.
    pub holds: bool,
    /// What was measured: a JSON object of numbers, words and days. No patient, no secret.
    pub measured: String,
    /// When it was so.
    pub true_at: Timestamp,
    /// When the hub learned it.
    pub received_at: Timestamp,
    /// From then on it proves nothing any more.
    pub holds_until: Timestamp,
    /// Who says so, where somebody does.
    pub by: Option<Holder>,
}

/// What a person answered to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidelineAnswer {
    /// Of which institution.
    pub scope: String,
    /// Id of the item.
    pub item: String,
    /// 1 for the first, then counting.
    pub version: i64,
    /// `yes`, `no`, `not-applicable`.
    pub answer: String,
    /// By when it is to be done, where it is not.
    pub target: Option<Date>,
    /// Why it does not apply, or what the answer rests on.
    pub reason: Option<String>,
    /// Who answered.
    pub by: Holder,
    /// When.
    pub at: Timestamp,
}

macro_rules! columns {
    () => {
        "select scope, id, control, source, kind, verdict, measured, true_at, received_at, holds_until, person,
            person_name from evidence "
    };
}

macro_rules! answer_columns {
    () => {
        "select scope, item, version, answer, target, reason, person, person_name, at from guideline_answer "
    };
}

impl Store {
    /// Keeps evidence, with the event that tells of it, all in one commit.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_evidence(&self, all: Vec<Evidence>, on_record: Event) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&on_record.request);
        self.write(bucket.number(), move |tx| {
            all.iter().try_for_each(|one| insert(tx, one))?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Keeps evidence of one source in the place of everything that was newest of it, with the event that tells of it, all
    /// in one commit.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn replace_evidence(
        &self,
        scope: String,
        source: &'static str,
        all: Vec<Evidence>,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&on_record.request);
        self.write(bucket.number(), move |tx| {
            retire_source(tx, &scope, source)?;
            all.iter().try_for_each(|one| insert(tx, one))?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// The newest evidence of each source for each control, in a scope.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn newest_evidence(&self, scope: String) -> Result<Vec<Evidence>, Fault> {
        self.read(move |tx| {
            let sql = concat!(columns!(), "where scope = $1 and is_newest = 1 order by control, source");
            all(tx, sql, &[scope.as_str().into()], parse)
        })
        .await
    }

    /// What was ever known of a control in a scope, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn evidence_of(
        &self,
        scope: String,
        control: String,
        limit: u16,
    ) -> Result<Vec<Evidence>, Fault> {
        self.read(move |tx| {
            let sql = concat!(
                columns!(),
                "where scope = $1 and control = $2 order by received_at desc, id desc limit $3"
            );
            all(tx, sql, &[scope.as_str().into(), control.as_str().into(), i64::from(limit).into()], parse)
        })
        .await
    }

    /// Keeps an answer, if `seen` is still the newest version of it (0: none yet). Otherwise answers what is.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn answer_item(
        &self,
        answer: GuidelineAnswer,
        seen: i64,
        on_record: Event,
    ) -> Result<Option<GuidelineAnswer>, Fault> {
        let bucket = Bucket::of_text(&answer.scope);
        self.write(bucket.number(), move |tx| {
            let newest = newest_answer(tx, &answer.scope, &answer.item)?;
            if newest.as_ref().map_or(0, |newest| newest.version) != seen {
                return Ok(newest);
            }
            let sql =
                "update guideline_answer set is_newest = 0 where scope = $1 and item = $2 and is_newest = 1";
            tx.execute(sql, &[answer.scope.as_str().into(), answer.item.as_str().into()])?;
            insert_answer(tx, &GuidelineAnswer { version: seen + 1, ..answer.clone() })?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(None)
        })
        .await
    }

    /// The newest answer to each item, in a scope.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn guideline_answers(&self, scope: String) -> Result<Vec<GuidelineAnswer>, Fault> {
        self.read(move |tx| {
            let sql = concat!(answer_columns!(), "where scope = $1 and is_newest = 1 order by item");
            all(tx, sql, &[scope.as_str().into()], parse_answer)
        })
        .await
    }
}

/// Keeps evidence; it takes the place of what was newest of its source.
pub(crate) fn insert(tx: &mut dyn Tx, one: &Evidence) -> Result<(), Fault> {
    let key: [Value<'_>; 3] =
        [one.scope.as_str().into(), one.control.as_str().into(), one.source.as_str().into()];
    let sql = "update evidence set is_newest = 0
        where scope = $1 and control = $2 and source = $3 and is_newest = 1";
    tx.execute(sql, &key)?;
    tx.execute(
        "insert into evidence (scope, id, control, source, kind, verdict, measured, true_at, received_at,
            holds_until, person, person_name, is_newest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)",
        &[
            one.scope.as_str().into(),
            one.id.as_bytes().into(),
            one.control.as_str().into(),
            one.source.as_str().into(),
            one.kind.as_str().into(),
            if one.holds { "holds" } else { "fails" }.into(),
            one.measured.as_str().into(),
            one.true_at.as_microsecond().into(),
            one.received_at.as_microsecond().into(),
            one.holds_until.as_microsecond().into(),
            one.by.as_ref().map(|by| by.credential.as_str()).into(),
            one.by.as_ref().map(|by| by.name.as_str()).into(),
        ],
    )
    .map(drop)
}

/// What a source said proves nothing any more, and is kept.
pub(crate) fn retire_source(tx: &mut dyn Tx, scope: &str, source: &str) -> Result<(), Fault> {
    let sql = "update evidence set is_newest = 0 where scope = $1 and source = $2 and is_newest = 1";
    tx.execute(sql, &[scope.into(), source.into()]).map(drop)
}

fn newest_answer(tx: &mut dyn Tx, scope: &str, item: &str) -> Result<Option<GuidelineAnswer>, Fault> {
    let sql = concat!(answer_columns!(), "where scope = $1 and item = $2 order by version desc limit 1");
    first(tx, sql, &[scope.into(), item.into()], parse_answer)
}

fn insert_answer(tx: &mut dyn Tx, answer: &GuidelineAnswer) -> Result<(), Fault> {
    let target = answer.target.map(|day| day.to_string());
    tx.execute(
        "insert into guideline_answer (scope, item, version, answer, target, reason, person, person_name, at,
            is_newest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
        &[
            answer.scope.as_str().into(),
            answer.item.as_str().into(),
            answer.version.into(),
            answer.answer.as_str().into(),
            target.as_deref().into(),
            answer.reason.as_deref().into(),
            answer.by.credential.as_str().into(),
            answer.by.name.as_str().into(),
            answer.at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Evidence, Fault> {
    let by = row.text_or_null(10)?.zip(row.text_or_null(11)?);
    Ok(Evidence {
        scope: row.text(0)?,
        id: event::id(row, 1)?,
        control: row.text(2)?,
        source: row.text(3)?,
        kind: row.text(4)?,
        holds: row.text(5)? == "holds",
        measured: row.text(6)?,
        true_at: instant(row.int(7)?)?,
        received_at: instant(row.int(8)?)?,
        holds_until: instant(row.int(9)?)?,
        by: by.map(|(credential, name)| Holder { credential, name }),
    })
}

fn parse_answer(row: &Row<'_>) -> Result<GuidelineAnswer, Fault> {
    let target = row.text_or_null(4)?.map(|day| day.parse()).transpose();
    Ok(GuidelineAnswer {
        scope: row.text(0)?,
        item: row.text(1)?,
        version: row.int(2)?,
        answer: row.text(3)?,
        target: target.map_err(|_| Fault::Damaged("the target of an answer"))?,
        reason: row.text_or_null(5)?,
        by: Holder { credential: row.text(6)?, name: row.text(7)? },
        at: instant(row.int(8)?)?,
    })
}
