//! Institutions and insurers: who they are, how they are found, and from when until when they use the service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use crate::folded::folded;
use crate::sql::{Row, Tx, Value, all, day, first};
use crate::{Fault, Store};

/// An institution or insurer. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Institution {
    /// Ten digits (an insurer's eight).
    pub number: String,
    /// 名称
    pub name: String,
    /// `hospital`, `clinic`, `dental`, `pharmacy`, `checkup-centre` or `insurer`.
    pub kind: String,
    /// カナ名称
    pub kana: String,
    /// 電話番号, as written.
    pub phone: String,
    /// 郵便番号, as written.
    pub postcode: String,
    /// 所在地
    pub address: String,
    /// 診療科, by name.
    pub departments: Vec<String>,
    /// Who made its record system.
    pub vendor: Option<String>,
    /// First day it uses the service; `None` if it never did.
    pub uses_from: Option<Date>,
    /// Last day it uses the service.
    pub uses_until: Option<Date>,
    /// The day it ceased to be (廃止); from then on nothing can be sent to it.
    pub ended_on: Option<Date>,
    /// The number it goes on under (移転・法人化).
    pub successor: Option<String>,
}

/// What a destination is looked up by. Every part that is given must match; with none, all match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstitutionQuery {
    /// Part of the name or the kana, in any width and either kana.
    pub name: Option<String>,
    /// Ten digits.
    pub number: Option<String>,
    /// Beginning of the telephone number, with or without hyphens.
    pub phone: Option<String>,
    /// Part of the address.
    pub address: Option<String>,
    /// Beginning of the postcode, with or without its hyphen.
    pub postcode: Option<String>,
}

/// Names by number, as they were when the master of institutions was last imported: every page asks for some.
#[derive(Default)]
pub(crate) struct Names(Mutex<Option<(i64, Arc<HashMap<String, String>>)>>);

const NEWEST_IMPORT: &str =
    "select coalesce(max(imported_at), 0) from master_version where kind = 'institutions'";

const SELECT_ONE: &str = "select number, name, kind, kana, phone, postcode, address, departments, vendor,
        uses_from, uses_until, ended_on, successor
    from institution where number = $1";

const SELECT_ALL: &str = "select number, name, kind, kana, phone, postcode, address, departments, vendor,
        uses_from, uses_until, ended_on, successor
    from institution order by number";

const MATCHES: &str = "select number, name, kind, kana, phone, postcode, address, departments, vendor,
        uses_from, uses_until, ended_on, successor
    from institution
    where (folded_name like $1 or folded_kana like $1) and number like $2 and phone_digits like $3
        and folded_address like $4 and postcode_digits like $5 and kind <> 'insurer'
        and uses_from <= $6 and (uses_until is null or uses_until >= $6) and (ended_on is null or ended_on > $6)
        and number > $7
    order by number limit $8";

const UPSERT: &str =
    "insert into institution (number, name, kind, kana, phone, postcode, address, departments,
        vendor, uses_from, uses_until, ended_on, successor, folded_name, folded_kana, phone_digits,
        postcode_digits, folded_address)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    on conflict (number) do update set name = excluded.name, kind = excluded.kind, kana = excluded.kana,
        phone = excluded.phone, postcode = excluded.postcode, address = excluded.address,
        departments = excluded.departments, vendor = excluded.vendor, uses_from = excluded.uses_from,
        uses_until = excluded.uses_until, ended_on = excluded.ended_on, successor = excluded.successor,
        folded_name = excluded.folded_name, folded_kana = excluded.folded_kana,
        phone_digits = excluded.phone_digits, postcode_digits = excluded.postcode_digits,
        folded_address = excluded.folded_address";

impl Institution {
    /// Whether it can be sent to on this day.
    #[must_use]
    pub fn uses_service_on(&self, day: Date) -> bool {
        self.kind != "insurer"
            && self.uses_from.is_some_and(|from| from <= day)
            && self.uses_until.is_none_or(|until| day <= until)
            && self.ended_on.is_none_or(|ended| day < ended)
    }
}

impl Store {
    /// Adds institutions, or replaces what is known of those that are there.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_institutions(&self, institutions: Vec<Institution>) -> Result<(), Fault> {
        self.write(0, move |tx| institutions.iter().try_for_each(|one| upsert(tx, one))).await?;
        self.names.forget();
        Ok(())
    }

    /// All institutions and insurers, by number.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn institutions(&self) -> Result<Vec<Institution>, Fault> {
        self.read(|tx| all(tx, SELECT_ALL, &[], parse)).await
    }

    /// The names of all institutions and insurers, by number. Read again only after an import, by whichever program.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn institution_names(&self) -> Result<Arc<HashMap<String, String>>, Fault> {
        let newest = self.read(|tx| first(tx, NEWEST_IMPORT, &[], |row| row.int(0))).await?.unwrap_or(0);
        if let Some(names) = self.names.of(newest) {
            return Ok(names);
        }
        let sql = "select number, name from institution";
        let names = self.read(move |tx| all(tx, sql, &[], |row| Ok((row.text(0)?, row.text(1)?)))).await?;
        let names: Arc<HashMap<String, String>> = Arc::new(names.into_iter().collect());
        self.names.keep(newest, Arc::clone(&names));
        Ok(names)
    }

    /// The institution or insurer of this number.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn institution(&self, number: String) -> Result<Option<Institution>, Fault> {
        self.read(move |tx| first(tx, SELECT_ONE, &[number.as_str().into()], parse)).await
    }

    /// Whether the institution of this number uses the service on a day (Asia/Tokyo). An unknown one does not.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn uses_service(&self, number: String, day: Date) -> Result<bool, Fault> {
        Ok(self.institution(number).await?.is_some_and(|one| one.uses_service_on(day)))
    }

    /// Institutions that use the service on a day and match, by number, from after the number given.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn find_institutions(
        &self,
        query: InstitutionQuery,
        day: Date,
        after: String,
        limit: usize,
    ) -> Result<Vec<Institution>, Fault> {
        let part = |text: &Option<String>| {
            text.as_ref().map_or_else(|| "%".to_owned(), |text| format!("%{}%", literal(&folded(text))))
        };
        let start = |text: &Option<String>| match text.as_deref().map(digits) {
            None => "%".to_owned(),
            // Words are the beginning of no number.
            Some(digits) if digits.is_empty() => "-".to_owned(),
            Some(digits) => digits + "%",
        };
        let number = query.number.as_ref().map_or_else(|| "%".to_owned(), |number| literal(number));
        let (name, address) = (part(&query.name), part(&query.address));
        let (phone, postcode) = (start(&query.phone), start(&query.postcode));
        let day = day.to_string();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |tx| {
            let params = [
                name.as_str().into(),
                number.as_str().into(),
                phone.as_str().into(),
                address.as_str().into(),
                postcode.as_str().into(),
                day.as_str().into(),
                after.as_str().into(),
                limit.into(),
            ];
            all(tx, MATCHES, &params, parse)
        })
        .await
    }
}

impl Names {
    fn of(&self, import: i64) -> Option<Arc<HashMap<String, String>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(of, _)| *of == import).map(|(_, names)| Arc::clone(names))
    }

    fn keep(&self, import: i64, names: Arc<HashMap<String, String>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((import, names));
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Keeps one institution, whole.
pub(crate) fn upsert(tx: &mut dyn Tx, one: &Institution) -> Result<(), Fault> {
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    let (from, until, ended) = (text(one.uses_from), text(one.uses_until), text(one.ended_on));
    let departments = one.departments.join("\n");
    let (name, kana, address) = (folded(&one.name), folded(&one.kana), folded(&one.address));
    let (phone, postcode) = (digits(&one.phone), digits(&one.postcode));
    let params: [Value<'_>; 18] = [
        one.number.as_str().into(),
        one.name.as_str().into(),
        one.kind.as_str().into(),
        one.kana.as_str().into(),
        one.phone.as_str().into(),
        one.postcode.as_str().into(),
        one.address.as_str().into(),
        departments.as_str().into(),
        one.vendor.as_deref().into(),
        from.as_deref().into(),
        until.as_deref().into(),
        ended.as_deref().into(),
        one.successor.as_deref().into(),
        name.as_str().into(),
        kana.as_str().into(),
        phone.as_str().into(),
        postcode.as_str().into(),
        address.as_str().into(),
    ];
    tx.execute(UPSERT, &params).map(drop)
}

fn parse(row: &Row<'_>) -> Result<Institution, Fault> {
    Ok(Institution {
        number: row.text(0)?,
        name: row.text(1)?,
        kind: row.text(2)?,
        kana: row.text(3)?,
        phone: row.text(4)?,
        postcode: row.text(5)?,
        address: row.text(6)?,
        departments: row.text(7)?.lines().map(str::to_owned).collect(),
        vendor: row.text_or_null(8)?,
        uses_from: row.text_or_null(9)?.map(day).transpose()?,
        uses_until: row.text_or_null(10)?.map(day).transpose()?,
        ended_on: row.text_or_null(11)?.map(day).transpose()?,
        successor: row.text_or_null(12)?,
    })
}

fn digits(text: &str) -> String {
    text.nfkc().filter(char::is_ascii_digit).collect()
}

/// The text without the signs that mean more than themselves in a pattern: no name holds them.
fn literal(text: &str) -> String {
    text.replace(['%', '_', '\\'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_meet_whatever_width_and_strokes_they_are_written_with() {
        assert_eq!(digits("０００－1111-0001"), "00011110001");
    }
}
