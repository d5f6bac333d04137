//! Viewing grants as rows; what they mean is decided in `access`.

use jiff::Timestamp;

use crate::sql::{Row, Value, all, instant};
use crate::{Fault, PersonId, Store};

/// A patient's leave for an institution to see groups of information for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose record.
    pub person: PersonId,
    /// Names the grant in the record.
    pub id: audit::EventId,
    /// To which institution.
    pub institution: String,
    /// Codes of consent groups, as `rules/consent.toml` names them.
    pub groups: Vec<String>,
    /// How the consent was given: `card-reader`, `demo`.
    pub source: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a grant.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_grant(&self, grant: Grant) -> Result<(), Fault> {
        self.write(grant.person.bucket().number(), move |tx| {
            tx.execute(
                "insert into viewing_grant (bucket, person, id, institution, groups, source, starts_at, ends_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    grant.person.bucket().number().into(),
                    grant.person.as_bytes().into(),
                    grant.id.as_bytes().into(),
                    grant.institution.as_str().into(),
                    grant.groups.join(" ").as_str().into(),
                    grant.source.as_str().into(),
                    grant.starts_at.as_microsecond().into(),
                    grant.ends_at.as_microsecond().into(),
                ],
            )
            .map(drop)
        })
        .await
    }

    /// All grants of a person, newest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn grants_of(&self, person: PersonId) -> Result<Vec<Grant>, Fault> {
        self.read(move |tx| {
            let sql = "select person, id, institution, groups, source, starts_at, ends_at, revoked_at
                from viewing_grant where bucket = $1 and person = $2 order by starts_at desc";
            let key: [Value<'_>; 2] = [person.bucket().number().into(), person.as_bytes().into()];
            all(tx, sql, &key, parse)
        })
        .await
    }

    /// Who has granted this institution something that holds now: the people it may see.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn granted_to(&self, institution: String, now: Timestamp) -> Result<Vec<Grant>, Fault> {
        self.read(move |tx| {
            let sql = "select person, id, institution, groups, source, starts_at, ends_at, revoked_at
                from viewing_grant where institution = $1 and ends_at > $2 and revoked_at is null
                order by starts_at desc, id";
            all(tx, sql, &[institution.as_str().into(), now.as_microsecond().into()], parse)
        })
        .await
    }
}

fn parse(row: &Row<'_>) -> Result<Grant, Fault> {
    Ok(Grant {
        person: PersonId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a grant's person"))?,
        id: crate::event::id(row, 1)?,
        institution: row.text(2)?,
        groups: row.text(3)?.split(' ').map(str::to_owned).collect(),
        source: row.text(4)?,
        starts_at: instant(row.int(5)?)?,
        ends_at: instant(row.int(6)?)?,
        revoked_at: row.int_or_null(7)?.map(instant).transpose()?,
    })
}
