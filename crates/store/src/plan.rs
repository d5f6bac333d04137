//! The plan for going on (BCP) as rows: every text a chapter ever had, and every version that was approved. Nothing is
//! written over.

use audit::Event;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, all, day, first, instant};
use crate::{Bucket, Fault, Holder, Store, event};

/// A text that a chapter had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanChapter {
    /// Code of the chapter.
    pub chapter: String,
    /// Which, from one.
    pub version: i64,
    /// What it says.
    pub words: String,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub by: Holder,
}

/// A version of the whole that somebody approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanApproval {
    /// Which, from one.
    pub version: i64,
    /// Which version of each chapter it holds: a JSON object of numbers by chapter.
    pub chapters: String,
    /// The last day it holds without another look.
    pub review_on: Date,
    /// When it was approved.
    pub at: Timestamp,
    /// By whom.
    pub by: Holder,
}

macro_rules! columns {
    () => {
        "select chapter, version, words, at, by_id, by_name from plan_chapter "
    };
}

impl Store {
    /// Keeps a chapter as the version after the one that stands, and puts it on record. Answers what somebody else wrote
    /// meanwhile, where they did; then nothing is kept.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_plan_chapter(
        &self,
        institution: String,
        chapter: PlanChapter,
        on_record: Event,
    ) -> Result<Option<PlanChapter>, Fault> {
        let bucket = Bucket::of_text(&institution);
        self.write(bucket.number(), move |tx| {
            let sql =
                concat!(columns!(), "where institution = $1 and chapter = $2 order by version desc limit 1");
            let key = [institution.as_str().into(), chapter.chapter.as_str().into()];
            let newest = first(tx, sql, &key, parse)?;
            if newest.as_ref().map_or(0, |one| one.version) + 1 != chapter.version {
                return match newest {
                    Some(theirs) => Ok(Some(theirs)),
                    None => Err(Fault::Damaged("a chapter of the plan is gone")),
                };
            }
            tx.execute(
                "insert into plan_chapter (institution, chapter, version, words, at, by_id, by_name)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    institution.as_str().into(),
                    chapter.chapter.as_str().into(),
                    chapter.version.into(),
                    chapter.words.as_str().into(),
                    chapter.at.as_microsecond().into(),
                    chapter.by.credential.as_str().into(),
                    chapter.by.name.as_str().into(),
                ],
            )?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(None)
        })
        .await
    }

    /// Every text that every chapter had, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn plan_chapters(&self, institution: String) -> Result<Vec<PlanChapter>, Fault> {
        self.read(move |tx| {
            let sql = concat!(columns!(), "where institution = $1 order by chapter, version");
            all(tx, sql, &[institution.as_str().into()], parse)
        })
        .await
    }

    /// Keeps an approval as the version after the newest, if the chapters are still the ones it names, and puts it on
    /// record. Otherwise nothing is kept, and the answer is false.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn approve_plan(
        &self,
        institution: String,
        approval: PlanApproval,
        mut chapters: Vec<(String, i64)>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&institution);
        // What engines take for order differs.
        chapters.sort();
        self.write(bucket.number(), move |tx| {
            let of = || [institution.as_str().into()];
            let sql =
                "select chapter, max(version) from plan_chapter where institution = $1 group by chapter";
            let mut standing = all(tx, sql, &of(), |row| Ok((row.text(0)?, row.int(1)?)))?;
            standing.sort();
            let sql =
                "select version from plan_approval where institution = $1 order by version desc limit 1";
            let newest = first(tx, sql, &of(), |row| row.int(0))?.unwrap_or_default();
            if standing != chapters || newest + 1 != approval.version {
                return Ok(false);
            }
            let review_on = approval.review_on.to_string();
            tx.execute(
                "insert into plan_approval (institution, version, chapters, review_on, at, by_id, by_name)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    institution.as_str().into(),
                    approval.version.into(),
                    approval.chapters.as_str().into(),
                    review_on.as_str().into(),
                    approval.at.as_microsecond().into(),
                    approval.by.credential.as_str().into(),
                    approval.by.name.as_str().into(),
                ],
            )?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// The versions that were approved, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn plan_approvals(&self, institution: String) -> Result<Vec<PlanApproval>, Fault> {
        self.read(move |tx| {
            let sql = "select version, chapters, review_on, at, by_id, by_name from plan_approval
                where institution = $1 order by version desc";
            all(tx, sql, &[institution.as_str().into()], |row| {
                Ok(PlanApproval {
                    version: row.int(0)?,
                    chapters: row.text(1)?,
                    review_on: day(row.text(2)?)?,
                    at: instant(row.int(3)?)?,
                    by: Holder { credential: row.text(4)?, name: row.text(5)? },
                })
            })
        })
        .await
    }
}

fn parse(row: &Row<'_>) -> Result<PlanChapter, Fault> {
    Ok(PlanChapter {
        chapter: row.text(0)?,
        version: row.int(1)?,
        words: row.text(2)?,
        at: instant(row.int(3)?)?,
        by: Holder { credential: row.text(4)?, name: row.text(5)? },
    })
}
