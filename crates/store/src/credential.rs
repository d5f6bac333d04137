//! Credentials.

use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
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
    /// To which app it was lent; `None` for one that its holder bears themselves.
    pub lent: Option<Lent>,
}

/// What is known of a token that was lent to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// The app's id.
    pub app: String,
    /// Credential of whoever the app acts for: the app itself, where nobody opened it.
    pub holder: String,
    /// How far it reaches, as SMART scopes parted by spaces.
    pub scopes: String,
    /// The patient that the app was opened with.
    pub patient: Option<PersonId>,
    /// Hash of the code it was exchanged for.
    pub code: Option<[u8; 32]>,
}

// What was lent to an app ends with the app, and with the account of whoever lent it.
const CREDENTIAL: &str =
    "select token.id, token.hash, token.name, token.role, token.institution, token.person,
        token.created_at, token.ends_at,
        coalesce(token.revoked_at, app.ended_at,
            case when account.id is null or (account.state = 'active' and account.role = token.role) then null
                else token.created_at end),
        token.app, token.holder, token.scopes, token.patient, token.code
    from token left join app on app.id = token.app left join account on account.id = token.holder
    where token.hash = $1";

impl Store {
    /// Keeps a new credential, and puts the making on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_credential(&self, credential: Credential, event: audit::Event) -> Result<(), Fault> {
        let bucket = crate::Bucket::of_text(&credential.id);
        self.write(bucket.number(), move |tx| {
            insert(tx, &credential)?;
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
                    let mut head = |person: Option<PersonId>| match person {
                        Some(person) => person::head(tx, &person).map(Some),
                        None => Ok(None),
                    };
                    let person = head(found.person)?;
                    let lent = match found.lent {
                        Some(lent) => Some(Lent { patient: head(lent.patient)?, ..lent }),
                        None => None,
                    };
                    Ok(Credential { person, lent, ..found })
                })
                .transpose()
        })
        .await
    }

    /// All credentials that their holders bear themselves, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn credentials(&self) -> Result<Vec<Credential>, Fault> {
        let sql =
            "select id, hash, name, role, institution, person, created_at, ends_at, revoked_at, app, holder,
                scopes, patient, code
            from token where app is null order by created_at, id";
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

/// Keeps a token.
pub(crate) fn insert(tx: &mut dyn Tx, credential: &Credential) -> Result<(), Fault> {
    let lent = credential.lent.as_ref();
    tx.execute(
        "insert into token (id, hash, name, role, institution, person, created_at, ends_at, app, holder, scopes,
            patient, code)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            credential.id.as_str().into(),
            (&credential.hash).into(),
            credential.name.as_str().into(),
            credential.role.as_str().into(),
            credential.institution.as_deref().into(),
            credential.person.as_ref().map(PersonId::as_bytes).into(),
            credential.created_at.as_microsecond().into(),
            credential.ends_at.as_microsecond().into(),
            lent.map(|lent| lent.app.as_str()).into(),
            lent.map(|lent| lent.holder.as_str()).into(),
            lent.map(|lent| lent.scopes.as_str()).into(),
            lent.and_then(|lent| lent.patient.as_ref()).map(PersonId::as_bytes).into(),
            lent.and_then(|lent| lent.code.as_ref()).into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Credential, Fault> {
    let damaged = Fault::Damaged("a credential");
    Ok(Credential {
        id: row.text(0)?,
        hash: row.bytes(1)?.try_into().map_err(|_| damaged)?,
        name: row.text(2)?,
        role: row.text(3)?,
        institution: row.text_or_null(4)?,
        person: person_of(row.bytes_or_null(5)?)?,
        created_at: instant(row.int(6)?)?,
        ends_at: instant(row.int(7)?)?,
        revoked_at: row.int_or_null(8)?.map(instant).transpose()?,
        lent: row.text_or_null(9)?.map(|app| lent(app, row)).transpose()?,
    })
}

fn lent(app: String, row: &Row<'_>) -> Result<Lent, Fault> {
    let code = row.bytes_or_null(13)?.map(<[u8; 32]>::try_from).transpose();
    Ok(Lent {
        app,
        holder: row.text(10)?,
        scopes: row.text(11)?,
        patient: person_of(row.bytes_or_null(12)?)?,
        code: code.map_err(|_| Fault::Damaged("a credential"))?,
    })
}

/// A person as rows of credentials keep one.
pub(crate) fn person_of(bytes: Option<Vec<u8>>) -> Result<Option<PersonId>, Fault> {
    let person = |bytes: Vec<u8>| PersonId::from_row(&bytes).ok_or(Fault::Damaged("a credential's person"));
    bytes.map(person).transpose()
}
