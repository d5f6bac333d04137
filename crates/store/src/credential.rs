//! Credentials.

use jiff::Timestamp;

use crate::sql::{Row, all, first, instant};
use crate::{Fault, PersonId, Store, person};

/// A credential as it is kept: the hash of a token, whom it stands for, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Names it in lists and in the record.
    pub id: String,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Name of its holder.
    pub name: String,
    /// Role code, as `access` names roles.
    pub role: String,
    /// The holder's institution.
    pub institution: Option<String>,
    /// The person, if the holder is a patient.
    pub person: Option<PersonId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it was ended early.
    pub revoked_at: Option<Timestamp>,
}

const CREDENTIAL: &str = "select id, hash, name, role, institution, person, created_at, ends_at, revoked_at
    from token where hash = $1";

impl Store {
    /// Keeps a new credential, and puts the making on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_credential(&self, credential: Credential, event: audit::Event) -> Result<(), Fault> {
        let bucket = crate::Bucket::of_text(&credential.id);
        self.write(bucket.number(), move |tx| {
            tx.execute(
                "insert into token (id, hash, name, role, institution, person, created_at, ends_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    credential.id.as_str().into(),
                    (&credential.hash).into(),
                    credential.name.as_str().into(),
                    credential.role.as_str().into(),
                    credential.institution.as_deref().into(),
                    credential.person.as_ref().map(PersonId::as_bytes).into(),
                    credential.created_at.as_microsecond().into(),
                    credential.ends_at.as_microsecond().into(),
                ],
            )?;
            crate::event::insert(tx, bucket, None, &event)
        })
        .await
    }

    /// The credential with this hash; a patient's leads to the head of their kin.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn credential(&self, hash: [u8; 32]) -> Result<Option<Credential>, Fault> {
        self.read(move |tx| {
            let found = first(tx, CREDENTIAL, &[(&hash).into()], parse)?;
            found
                .map(|found| {
                    let person = found.person.map(|person| person::head(tx, &person)).transpose()?;
                    Ok(Credential { person, ..found })
                })
                .transpose()
        })
        .await
    }

    /// All credentials, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn credentials(&self) -> Result<Vec<Credential>, Fault> {
        let sql = "select id, hash, name, role, institution, person, created_at, ends_at, revoked_at
            from token order by created_at, id";
        self.read(move |tx| all(tx, sql, &[], parse)).await
    }

    /// Ends a credential; false if there is none of that id still in force.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn revoke_credential(
        &self,
        id: String,
        now: Timestamp,
        event: audit::Event,
    ) -> Result<bool, Fault> {
        let bucket = crate::Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update token set revoked_at = $1 where id = $2 and revoked_at is null";
            let ended = tx.execute(sql, &[now.as_microsecond().into(), id.as_str().into()])? == 1;
            if ended {
                crate::event::insert(tx, bucket, None, &event)?;
            }
            Ok(ended)
        })
        .await
    }
}

fn parse(row: &Row<'_>) -> Result<Credential, Fault> {
    let damaged = Fault::Damaged("a credential");
    let person = row.bytes_or_null(5)?;
    Ok(Credential {
        id: row.text(0)?,
        hash: row.bytes(1)?.try_into().map_err(|_| damaged.clone())?,
        name: row.text(2)?,
        role: row.text(3)?,
        institution: row.text_or_null(4)?,
        person: person.map(|bytes| PersonId::from_row(&bytes).ok_or(damaged)).transpose()?,
        created_at: instant(row.int(6)?)?,
        ends_at: instant(row.int(7)?)?,
        revoked_at: row.int_or_null(8)?.map(instant).transpose()?,
    })
}
