//! 問い合わせ as rows: what patients asked about looks at their records, and the answers.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, first, instant};
use crate::{Bucket, Fault, Holder, PersonId, Store, event, person};

/// What somebody asked about a look at their record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Names it in the record.
    pub id: EventId,
    /// Whose record was looked at; the head of their kin.
    pub person: PersonId,
    /// The look, an event of the record.
    pub look: EventId,
    /// Whether it was asked before: then it is for whoever runs the hub.
    pub is_again: bool,
    /// Number of the institution of whoever looked.
    pub institution: Option<String>,
    /// Who looked.
    pub looker: Holder,
    /// Who asks: the patient, or somebody who may act for them.
    pub asker: Holder,
    /// In their words; may be empty.
    pub words: String,
    /// When.
    pub asked_at: Timestamp,
    /// By when it must be answered.
    pub due_at: Timestamp,
    /// The answer, once there is one.
    pub answer: Option<Answer>,
}

/// An answer to a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// Who answers.
    pub by: Holder,
    /// In their words.
    pub words: String,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It is kept.
    Kept,
    /// It was asked already.
    Already,
    /// Too many were asked about this record since the instant given.
    TooMany,
}

/// How many inquiries wait for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// All of them.
    pub open: usize,
    /// Those that should have been answered.
    pub overdue: usize,
}

macro_rules! columns {
    () => {
        "select id, person, look, round, institution, looked_by, looker, asked_by, asker, words, asked_at, due_at,
            answered_at, answered_by, answerer, answer from inquiry "
    };
}

impl Store {
    /// Keeps an inquiry and puts it on record, unless it was asked already, or `most` were asked about this record
    /// since an instant.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn ask_inquiry(
        &self,
        inquiry: Inquiry,
        since: Timestamp,
        most: usize,
        on_record: Event,
    ) -> Result<Asking, Fault> {
        let bucket = inquiry.person.bucket();
        let words = self.seal_text(&inquiry.id, &inquiry.words)?;
        self.write(bucket.number(), move |tx| {
            let before = of_person(tx, &inquiry.person)?;
            let is_same = |row: &InquiryRow| {
                row.inquiry.look == inquiry.look && row.inquiry.is_again == inquiry.is_again
            };
            if before.iter().any(is_same) {
                return Ok(Asking::Already);
            }
            if before.iter().filter(|row| row.inquiry.asked_at >= since).count() >= most {
                return Ok(Asking::TooMany);
            }
            if insert(tx, &inquiry, &words)? == 0 {
                return Ok(Asking::Already);
            }
            event::insert(tx, bucket, Some(&inquiry.person), &on_record)?;
            Ok(Asking::Kept)
        })
        .await
    }

    /// What was asked about a person's record, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inquiries_of(&self, person: PersonId) -> Result<Vec<Inquiry>, Fault> {
        let found = self.read(move |tx| of_person(tx, &person)).await?;
        self.unsealed_inquiries(found)
    }

    /// What was asked about looks by people of an institution, or (`None`) all, the most pressing first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inquiries(&self, institution: Option<String>) -> Result<Vec<Inquiry>, Fault> {
        let found = self.read(move |tx| {
            let mut found = match &institution {
                Some(number) => {
                    let sql = concat!(columns!(), "where institution = $1 order by due_at, id");
                    all(tx, sql, &[number.as_str().into()], parse)?
                }
                None => all(tx, concat!(columns!(), "order by due_at, id"), &[], parse)?,
            };
            for row in &mut found {
                row.inquiry.person = person::head(tx, &row.inquiry.person)?;
            }
            Ok(found)
        });
        let found = found.await?;
        self.unsealed_inquiries(found)
    }

    /// How many of an institution's inquiries wait, those asked again left out; or (`None`) how many of those that are
    /// for whoever runs the hub.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inquiries_waiting(
        &self,
        institution: Option<String>,
        now: Timestamp,
    ) -> Result<Waiting, Fault> {
        let due = self.read(move |tx| match &institution {
            Some(number) => {
                let sql = "select due_at from inquiry
                    where institution = $1 and answered_at is null and round = 1";
                all(tx, sql, &[number.as_str().into()], |row| row.int(0))
            }
            None => {
                let sql = "select due_at from inquiry
                    where answered_at is null and (round = 2 or institution is null)";
                all(tx, sql, &[], |row| row.int(0))
            }
        });
        let due = due.await?;
        let overdue = due.iter().filter(|due| **due <= now.as_microsecond()).count();
        Ok(Waiting { open: due.len(), overdue })
    }

    /// An inquiry by its id.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn inquiry(&self, id: EventId) -> Result<Option<Inquiry>, Fault> {
        let found = self.read(move |tx| {
            let key = [Bucket::of_id(&id).number().into(), id.as_bytes().into()];
            let found = first(tx, concat!(columns!(), "where bucket = $1 and id = $2"), &key, parse)?;
            Ok(found.into_iter().collect())
        });
        let found = found.await?;
        Ok(self.unsealed_inquiries(found)?.pop())
    }

    /// Keeps the answer to an inquiry and puts it on record; false if there is one already, or no such inquiry.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn answer_inquiry(&self, id: EventId, answer: Answer, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_id(&id);
        let words = self.seal_text(&id, &answer.words)?;
        self.write(bucket.number(), move |tx| {
            let key = [bucket.number().into(), id.as_bytes().into()];
            let found = first(tx, concat!(columns!(), "where bucket = $1 and id = $2"), &key, parse)?;
            let Some(found) = found.filter(|row| row.inquiry.answer.is_none()) else { return Ok(false) };
            let sql = "update inquiry set answered_at = $1, answered_by = $2, answerer = $3, answer = $4
                where bucket = $5 and id = $6 and answered_at is null";
            let row: [Value<'_>; 6] = [
                answer.at.as_microsecond().into(),
                answer.by.credential.as_str().into(),
                answer.by.name.as_str().into(),
                words.as_slice().into(),
                bucket.number().into(),
                id.as_bytes().into(),
            ];
            if tx.execute(sql, &row)? == 0 {
                return Ok(false);
            }
            event::insert(tx, bucket, Some(&found.inquiry.person), &on_record)?;
            Ok(true)
        })
        .await
    }

    fn unsealed_inquiries(&self, rows: Vec<InquiryRow>) -> Result<Vec<Inquiry>, Fault> {
        let open = |row: InquiryRow| {
            let mut inquiry = row.inquiry;
            inquiry.words = self.unseal_text(&inquiry.id, &row.words)?;
            if let (Some(answer), Some(sealed)) = (&mut inquiry.answer, row.answer) {
                answer.words = self.unseal_text(&inquiry.id, &sealed)?;
            }
            Ok(inquiry)
        };
        rows.into_iter().map(open).collect()
    }
}

impl Inquiry {
    /// Whether it should have been answered.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.answer.is_none() && self.due_at <= now
    }

    /// Whether whoever runs the hub must answer it: asked again, or about a look that no institution answers for.
    pub fn is_for_the_hub(&self) -> bool {
        self.is_again || self.institution.is_none()
    }
}

/// An inquiry as it is kept: what people wrote is still sealed.
struct InquiryRow {
    inquiry: Inquiry,
    words: Vec<u8>,
    answer: Option<Vec<u8>>,
}

/// About the record of a person and their kin, newest first, as their head's.
fn of_person(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<InquiryRow>, Fault> {
    let kin = person::kin(tx, person)?;
    let mut rows = Vec::new();
    for one in &kin.all {
        let key = [one.bucket().number().into(), one.as_bytes().into()];
        let sql = concat!(columns!(), "where bucket = $1 and person = $2");
        rows.extend(all(tx, sql, &key, parse)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.inquiry.asked_at, row.inquiry.id)));
    for row in &mut rows {
        row.inquiry.person = kin.head;
    }
    Ok(rows)
}

fn insert(tx: &mut dyn Tx, inquiry: &Inquiry, words: &[u8]) -> Result<u64, Fault> {
    let sql = "insert into inquiry (bucket, person, id, look, round, institution, looked_by, looker, asked_by, asker,
            words, asked_at, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (bucket, look, round) do nothing";
    let row = [
        inquiry.person.bucket().number().into(),
        inquiry.person.as_bytes().into(),
        inquiry.id.as_bytes().into(),
        inquiry.look.as_bytes().into(),
        if inquiry.is_again { 2 } else { 1 }.into(),
        inquiry.institution.as_deref().into(),
        inquiry.looker.credential.as_str().into(),
        inquiry.looker.name.as_str().into(),
        inquiry.asker.credential.as_str().into(),
        inquiry.asker.name.as_str().into(),
        words.into(),
        inquiry.asked_at.as_microsecond().into(),
        inquiry.due_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row)
}

fn parse(row: &Row<'_>) -> Result<InquiryRow, Fault> {
    let answered_at = row.int_or_null(12)?.map(instant).transpose()?;
    let answerer = Holder {
        credential: row.text_or_null(13)?.unwrap_or_default(),
        name: row.text_or_null(14)?.unwrap_or_default(),
    };
    let inquiry = Inquiry {
        id: event::id(row, 0)?,
        person: PersonId::from_row(&row.bytes(1)?).ok_or(Fault::Damaged("an inquiry's person"))?,
        look: event::id(row, 2)?,
        is_again: row.int(3)? == 2,
        institution: row.text_or_null(4)?,
        looker: Holder { credential: row.text(5)?, name: row.text(6)? },
        asker: Holder { credential: row.text(7)?, name: row.text(8)? },
        words: String::new(),
        asked_at: instant(row.int(10)?)?,
        due_at: instant(row.int(11)?)?,
        answer: answered_at.map(|at| Answer { at, by: answerer, words: String::new() }),
    };
    Ok(InquiryRow { inquiry, words: row.bytes(9)?, answer: row.bytes_or_null(15)? })
}
