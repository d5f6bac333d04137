//! Whom alerts watch over: persons whose every look-up is told, who among the staff is which patient, and from how many
//! on an institution wants to be told. None of it is ever shown to those who look at records.

use std::collections::HashMap;

use audit::Event;

use crate::sql::{Tx, all};
use crate::{Bucket, Fault, PersonId, Store, event, person};

/// Whom alerts watch over, each person with all their kin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Persons whose every look-up is told, to one institution or (`None`) wherever it happens.
    pub persons: Vec<(PersonId, Option<String>)>,
    /// Accounts whose holder is a patient, with the account's institution.
    pub staff: Vec<(PersonId, String, Option<String>)>,
    /// Institutions' own thresholds, by institution and rule.
    pub thresholds: HashMap<(String, String), i64>,
}

impl Store {
    /// Whom alerts watch over now.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn watched(&self) -> Result<Watched, Fault> {
        self.read(|tx| {
            let mut watched = Watched::default();
            let sql = "select person, institution from watched_person order by made_at";
            for (person, of) in all(tx, sql, &[], |row| Ok((row.bytes(0)?, row.text(1)?)))? {
                let of = Some(of).filter(|number| !number.is_empty());
                watched.persons.extend(kin(tx, &person)?.into_iter().map(|one| (one, of.clone())));
            }
            let sql = "select staff_person.person, account.id, account.institution from staff_person
                join account on account.id = staff_person.account where account.state <> 'ended'";
            let staff = all(tx, sql, &[], |row| Ok((row.bytes(0)?, row.text(1)?, row.text_or_null(2)?)))?;
            for (person, account, of) in staff {
                let kin = kin(tx, &person)?.into_iter();
                watched.staff.extend(kin.map(|one| (one, account.clone(), of.clone())));
            }
            let sql = "select institution, rule, threshold from alert_threshold";
            let own = all(tx, sql, &[], |row| Ok(((row.text(0)?, row.text(1)?), row.int(2)?)))?;
            watched.thresholds = own.into_iter().collect();
            Ok(watched)
        })
        .await
    }

    /// Persons whose every look-up an institution, or (`None`) the hub, is told of, oldest mark first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn watched_persons(&self, institution: Option<String>) -> Result<Vec<PersonId>, Fault> {
        let sql = "select person from watched_person where institution = $1 order by made_at, person";
        self.read(move |tx| {
            let of = institution.as_deref().unwrap_or_default();
            let found = all(tx, sql, &[of.into()], |row| row.bytes(0))?;
            found.iter().map(|bytes| PersonId::from_row(bytes).ok_or(Fault::Damaged("a person"))).collect()
        })
        .await
    }

    /// Watches over a person from now on, or no longer, for an institution or (`None`) everywhere; on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn watch_over(
        &self,
        person: PersonId,
        institution: Option<String>,
        is_watched: bool,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = person.bucket();
        self.write(bucket.number(), move |tx| {
            let of = institution.as_deref().unwrap_or_default();
            if is_watched {
                let sql = "insert into watched_person (bucket, person, institution, made_by, made_at)
                    values ($1, $2, $3, $4, $5) on conflict (bucket, person, institution) do nothing";
                let row = [
                    bucket.number().into(),
                    person.as_bytes().into(),
                    of.into(),
                    on_record.actor.id.as_str().into(),
                    on_record.at.as_microsecond().into(),
                ];
                tx.execute(sql, &row)?;
            } else {
                let sql = "delete from watched_person where bucket = $1 and person = $2 and institution = $3";
                tx.execute(sql, &[bucket.number().into(), person.as_bytes().into(), of.into()])?;
            }
            // Not with the person: whoever reads what was done with their record must not learn of the mark.
            event::insert(tx, Bucket::of_text(&on_record.request), None, &on_record)
        })
        .await
    }

    /// Notes which patient the holder of an account is, or (`None`) that it is not known; on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn holder_is(
        &self,
        account: String,
        person: Option<PersonId>,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&account);
        self.write(bucket.number(), move |tx| {
            tx.execute("delete from staff_person where account = $1", &[account.as_str().into()])?;
            if let Some(person) = &person {
                let sql = "insert into staff_person (bucket, person, account, made_by, made_at)
                    values ($1, $2, $3, $4, $5)";
                let row = [
                    person.bucket().number().into(),
                    person.as_bytes().into(),
                    account.as_str().into(),
                    on_record.actor.id.as_str().into(),
                    on_record.at.as_microsecond().into(),
                ];
                tx.execute(sql, &row)?;
            }
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// From how many on an institution wants to be told by a rule; on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn keep_threshold(
        &self,
        institution: String,
        rule: String,
        threshold: i64,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&institution);
        self.write(bucket.number(), move |tx| {
            let sql = "insert into alert_threshold (institution, rule, threshold) values ($1, $2, $3)
                on conflict (institution, rule) do update set threshold = excluded.threshold";
            tx.execute(sql, &[institution.as_str().into(), rule.as_str().into(), threshold.into()])?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }
}

fn kin(tx: &mut dyn Tx, bytes: &[u8]) -> Result<Vec<PersonId>, Fault> {
    let one = PersonId::from_row(bytes).ok_or(Fault::Damaged("a person"))?;
    Ok(person::kin(tx, &one)?.all)
}
