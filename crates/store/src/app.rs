//! Apps that institutions let in, the codes and tokens lent to them, and the assertions they have used up.

use jiff::Timestamp;

use crate::credential;
use crate::sql::{Row, Tx, all, first, instant};
use crate::{Bucket, Credential, Fault, PersonId, Store};

/// A registered app. Its id is public; what proves it is a key of its key set, or, where it has none, the code that
/// somebody's browser brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredApp {
    /// The `client_id`.
    pub id: String,
    /// Name, as whoever lets it in reads it.
    pub name: String,
    /// Whose people may let it in, or (a backend) for whom it acts; `None` is an app for patients.
    pub institution: Option<String>,
    /// How it works.
    pub kind: AppKind,
    /// Its public keys, as a JSON Web Key Set (RFC 7517).
    pub jwks: Option<String>,
    /// Where its codes may be brought, exactly.
    pub redirect_uris: Vec<String>,
    /// How far it may reach at most, as SMART scopes parted by spaces.
    pub scopes: String,
    /// Who registered it.
    pub made_by: String,
    /// When it was registered.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it was ended early.
    pub ended_at: Option<Timestamp>,
}

/// How an app works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppKind {
    /// By itself, for its institution (SMART Backend Services).
    Backend,
    /// Opened by somebody, for them (SMART App Launch).
    Launched,
}

/// What somebody let an app do, until the app has fetched its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppCode {
    /// SHA-256 of the code.
    pub hash: [u8; 32],
    /// Which app.
    pub app: String,
    /// Credential of whoever let it.
    pub holder: String,
    /// Their name.
    pub name: String,
    /// Their role, as `access` codes roles.
    pub role: String,
    /// Their institution.
    pub institution: Option<String>,
    /// The person they are, if they are a patient.
    pub person: Option<PersonId>,
    /// The patient that the app is opened with.
    pub patient: Option<PersonId>,
    /// How far it may reach.
    pub scopes: String,
    /// SHA-256 of the verifier in base64url (RFC 7636, `S256`).
    pub challenge: String,
    /// Where the code was brought.
    pub redirect_uri: String,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// An assertion by its hash: good once, remembered until it is past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentAssertion {
    /// Hash over the app's id and the assertion's `jti`.
    pub hash: [u8; 32],
    /// Until when it must be remembered.
    pub ends_at: Timestamp,
}

/// How lending a token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lending {
    /// The token is kept.
    Done,
    /// The assertion was used before; nothing is kept.
    Replayed,
    /// The code was used before; the token that was lent by it is ended.
    Spent,
}

const ONE: &str =
    "select id, name, institution, kind, jwks, redirect_uris, scopes, made_by, made_at, ends_at,
        ended_at
    from app where id = $1";

const ALL: &str =
    "select id, name, institution, kind, jwks, redirect_uris, scopes, made_by, made_at, ends_at,
        ended_at
    from app order by made_at, id";

const CODE: &str = "select hash, app, holder, name, role, institution, person, patient, scopes, challenge,
        redirect_uri, ends_at
    from app_code where hash = $1";

impl RegisteredApp {
    /// Whether it may be let in at this time.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.made_at <= now && now < self.ends_at && self.ended_at.is_none()
    }
}

impl AppKind {
    /// The code kept in rows.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Launched => "app",
        }
    }
}

impl Store {
    /// Keeps a new app, and puts the registering on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_app(&self, app: RegisteredApp, event: audit::Event) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&app.id);
        self.write(bucket.number(), move |tx| {
            insert_app(tx, &app)?;
            crate::event::insert(tx, bucket, None, &event)
        })
        .await
    }

    /// The app of this id, in force or not.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn app(&self, id: String) -> Result<Option<RegisteredApp>, Fault> {
        self.read(move |tx| first(tx, ONE, &[id.as_str().into()], parse)).await
    }

    /// All apps, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn apps(&self) -> Result<Vec<RegisteredApp>, Fault> {
        self.read(|tx| all(tx, ALL, &[], parse)).await
    }

    /// Ends an app, and with it every token lent to it; false if there is none of that id still in force.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn end_app(&self, id: String, now: Timestamp, event: audit::Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update app set ended_at = $1 where id = $2 and ended_at is null";
            let ended = tx.execute(sql, &[now.as_microsecond().into(), id.as_str().into()])? == 1;
            if ended {
                crate::event::insert(tx, bucket, None, &event)?;
            }
            Ok(ended)
        })
        .await
    }

    /// Keeps a code, and puts on record that somebody let an app in. Codes that are past go.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_app_code(
        &self,
        code: AppCode,
        now: Timestamp,
        event: audit::Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&code.app);
        self.write(bucket.number(), move |tx| {
            tx.execute("delete from app_code where ends_at < $1", &[long_past(now).into()])?;
            insert_code(tx, &code)?;
            crate::event::insert(tx, bucket, None, &event)
        })
        .await
    }

    /// The code with this hash, used or not, past or not.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn app_code(&self, hash: [u8; 32]) -> Result<Option<AppCode>, Fault> {
        self.read(move |tx| first(tx, CODE, &[(&hash).into()], parse_code)).await
    }

    /// Lends a token to an app: spends its assertion and its code, where there are such, and keeps the token, all or
    /// nothing. A code that comes twice was stolen by somebody: it ends the token it was exchanged for.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn lend(
        &self,
        credential: Credential,
        assertion: Option<SpentAssertion>,
        now: Timestamp,
        event: audit::Event,
    ) -> Result<Lending, Fault> {
        let bucket = Bucket::of_text(&credential.id);
        self.write(bucket.number(), move |tx| {
            if !spend_assertion(tx, assertion, now)? {
                return Ok(Lending::Replayed);
            }
            let code = credential.lent.as_ref().and_then(|lent| lent.code);
            if !spend_code(tx, code, now)? {
                return Ok(Lending::Spent);
            }
            let sql = "delete from token where app is not null and ends_at < $1";
            tx.execute(sql, &[long_past(now).into()])?;
            credential::insert(tx, &credential)?;
            crate::event::insert(tx, bucket, None, &event)?;
            Ok(Lending::Done)
        })
        .await
    }

    /// Remembers an assertion that proved an app and lends nothing; false if it was used before.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn spend(&self, assertion: SpentAssertion, now: Timestamp) -> Result<bool, Fault> {
        self.write(0, move |tx| spend_assertion(tx, Some(assertion), now)).await
    }

    /// Ends one token that was lent to an app; it was theirs to give back, so nothing is put on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn end_lent(&self, id: String, now: Timestamp) -> Result<(), Fault> {
        self.write(0, move |tx| {
            let sql =
                "update token set revoked_at = $1 where id = $2 and app is not null and revoked_at is null";
            tx.execute(sql, &[now.as_microsecond().into(), id.as_str().into()]).map(drop)
        })
        .await
    }
}

/// Rows go a day after their end; until then they say why something is refused.
fn long_past(now: Timestamp) -> i64 {
    now.as_microsecond() - 24 * 3600 * 1_000_000
}

fn spend_assertion(
    tx: &mut dyn Tx,
    assertion: Option<SpentAssertion>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Some(assertion) = assertion else { return Ok(true) };
    tx.execute("delete from assertion_seen where ends_at < $1", &[long_past(now).into()])?;
    let sql = "insert into assertion_seen (hash, ends_at) values ($1, $2) on conflict (hash) do nothing";
    Ok(tx.execute(sql, &[(&assertion.hash).into(), assertion.ends_at.as_microsecond().into()])? == 1)
}

fn spend_code(tx: &mut dyn Tx, code: Option<[u8; 32]>, now: Timestamp) -> Result<bool, Fault> {
    let Some(code) = code else { return Ok(true) };
    let now = now.as_microsecond();
    let sql = "update app_code set used_at = $1 where hash = $2 and used_at is null";
    if tx.execute(sql, &[now.into(), (&code).into()])? == 1 {
        return Ok(true);
    }
    let sql = "update token set revoked_at = $1 where code = $2 and revoked_at is null";
    tx.execute(sql, &[now.into(), (&code).into()])?;
    Ok(false)
}

fn insert_app(tx: &mut dyn Tx, app: &RegisteredApp) -> Result<(), Fault> {
    tx.execute(
        "insert into app (id, name, institution, kind, jwks, redirect_uris, scopes, made_by, made_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            app.id.as_str().into(),
            app.name.as_str().into(),
            app.institution.as_deref().into(),
            app.kind.code().into(),
            app.jwks.as_deref().into(),
            app.redirect_uris.join(" ").as_str().into(),
            app.scopes.as_str().into(),
            app.made_by.as_str().into(),
            app.made_at.as_microsecond().into(),
            app.ends_at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

fn insert_code(tx: &mut dyn Tx, code: &AppCode) -> Result<(), Fault> {
    tx.execute(
        "insert into app_code (hash, app, holder, name, role, institution, person, patient, scopes, challenge,
            redirect_uri, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            (&code.hash).into(),
            code.app.as_str().into(),
            code.holder.as_str().into(),
            code.name.as_str().into(),
            code.role.as_str().into(),
            code.institution.as_deref().into(),
            code.person.as_ref().map(PersonId::as_bytes).into(),
            code.patient.as_ref().map(PersonId::as_bytes).into(),
            code.scopes.as_str().into(),
            code.challenge.as_str().into(),
            code.redirect_uri.as_str().into(),
            code.ends_at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<RegisteredApp, Fault> {
    Ok(RegisteredApp {
        id: row.text(0)?,
        name: row.text(1)?,
        institution: row.text_or_null(2)?,
        kind: match row.text(3)?.as_str() {
            "backend" => AppKind::Backend,
            "app" => AppKind::Launched,
            _ => return Err(Fault::Damaged("the kind of an app")),
        },
        jwks: row.text_or_null(4)?,
        redirect_uris: row.text(5)?.split_whitespace().map(str::to_owned).collect(),
        scopes: row.text(6)?,
        made_by: row.text(7)?,
        made_at: instant(row.int(8)?)?,
        ends_at: instant(row.int(9)?)?,
        ended_at: row.int_or_null(10)?.map(instant).transpose()?,
    })
}

fn parse_code(row: &Row<'_>) -> Result<AppCode, Fault> {
    let damaged = Fault::Damaged("an app's code");
    Ok(AppCode {
        hash: row.bytes(0)?.try_into().map_err(|_| damaged)?,
        app: row.text(1)?,
        holder: row.text(2)?,
        name: row.text(3)?,
        role: row.text(4)?,
        institution: row.text_or_null(5)?,
        person: credential::person_of(row.bytes_or_null(6)?)?,
        patient: credential::person_of(row.bytes_or_null(7)?)?,
        scopes: row.text(8)?,
        challenge: row.text(9)?,
        redirect_uri: row.text(10)?,
        ends_at: instant(row.int(11)?)?,
    })
}
