//! What accounts prove themselves with, as rows: sealed, so that the database alone opens no door.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, instant};
use crate::{Bucket, Fault, Invitation, Store, account, event};

/// One thing an account proves itself with.
#[derive(Clone, PartialEq, Eq)]
pub struct Factor {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Whose.
    pub account: String,
    /// What it is.
    pub kind: FactorKind,
    /// What its holder calls it, such as the name of a phone.
    pub label: String,
    /// What it is proved by; what stands in it is `identity`'s.
    pub secret: Vec<u8>,
    /// The last step that was used, for those that count: each is taken once.
    pub step: i64,
    /// When it was set up.
    pub made_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// What an account can prove itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactorKind {
    /// A passkey (WebAuthn) that checks its holder: two factors in one.
    Passkey,
    /// A password.
    Password,
    /// A code by the clock (TOTP, RFC 6238).
    Totp,
    /// Codes on paper for the day the phone is lost, each used once.
    Recovery,
    /// An identity at the institution's own provider (OpenID Connect).
    Oidc,
    /// A client certificate.
    Certificate,
}

/// What is kept of a factor after it was used.
pub struct Use {
    /// Which factor.
    pub id: String,
    /// The step now used; it must be later than the last.
    pub step: i64,
    /// What it is proved by from now on, if that changed.
    pub secret: Option<Vec<u8>>,
}

const FACTORS: &str = "select id, account, kind, label, sealed, step, made_at, used_at, ended_at from factor
    where account = $1 order by made_at, id";
const LIKE: &str = "select id, account, kind, label, sealed, step, made_at, used_at, ended_at from factor
    where kind = $1 and label = $2 and ended_at is null";

impl Store {
    /// Sets up factors of an account by an invitation, which is used up; the account is active from now on. With
    /// `is_anew`, all that was set up before is ended, and every session. False if the invitation does not hold.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is set up.
    pub async fn set_up_factors(
        &self,
        invitation: Invitation,
        factors: Vec<Factor>,
        is_anew: bool,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let sealed = factors.iter().map(|factor| self.seal_factor(factor)).collect::<Result<Vec<_>, _>>()?;
        let bucket = Bucket::of_text(&invitation.account);
        self.write(bucket.number(), move |tx| {
            if !account::use_invitation(tx, &invitation.hash, on_record.at)? {
                return Ok(false);
            }
            if is_anew {
                end_factors(tx, &invitation.account, on_record.at)?;
                account::end_all(tx, &invitation.account, on_record.at)?;
            }
            for (factor, sealed) in factors.iter().zip(&sealed) {
                insert(tx, factor, sealed)?;
            }
            account::activate(tx, &invitation.account)?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// Adds factors to an account in use; those named in `ended` end with it. Puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn change_factors(
        &self,
        account: String,
        added: Vec<Factor>,
        ended: Vec<String>,
        on_record: Event,
    ) -> Result<(), Fault> {
        let sealed = added.iter().map(|factor| self.seal_factor(factor)).collect::<Result<Vec<_>, _>>()?;
        let bucket = Bucket::of_text(&account);
        self.write(bucket.number(), move |tx| {
            for id in &ended {
                let sql =
                    "update factor set ended_at = $1 where id = $2 and account = $3 and ended_at is null";
                let row = [on_record.at.as_microsecond().into(), id.as_str().into(), account.as_str().into()];
                tx.execute(sql, &row)?;
            }
            for (factor, sealed) in added.iter().zip(&sealed) {
                insert(tx, factor, sealed)?;
            }
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Every factor an account ever had, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn factors_of(&self, account: String) -> Result<Vec<Factor>, Fault> {
        let rows = self.read(move |tx| all(tx, FACTORS, &[account.as_str().into()], parse)).await?;
        rows.into_iter().map(|row| self.open_factor(row)).collect()
    }

    /// The factors in force of one kind and label, of whichever account: for identities that another names.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn factors_called(&self, kind: FactorKind, label: String) -> Result<Vec<Factor>, Fault> {
        let rows =
            self.read(move |tx| all(tx, LIKE, &[kind.code().into(), label.as_str().into()], parse)).await?;
        rows.into_iter().map(|row| self.open_factor(row)).collect()
    }

    pub(crate) fn seal_factor(&self, factor: &Factor) -> Result<Vec<u8>, Fault> {
        self.keyring.wrap(factor.id.as_bytes(), &factor.secret)
    }

    pub(crate) fn seal_use(&self, one: &Use) -> Result<Option<Vec<u8>>, Fault> {
        one.secret.as_ref().map(|secret| self.keyring.wrap(one.id.as_bytes(), secret)).transpose()
    }

    fn open_factor(&self, factor: Factor) -> Result<Factor, Fault> {
        let secret = self.keyring.unwrap(factor.id.as_bytes(), &factor.secret)?;
        Ok(Factor { secret, ..factor })
    }
}

/// Marks a use: false if this step, or a later one, was used before.
pub(crate) fn mark_use(
    tx: &mut dyn Tx,
    one: &Use,
    sealed: Option<&[u8]>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let now = now.as_microsecond();
    let sql = "update factor set step = $1, used_at = $2 where id = $3 and step < $4 and ended_at is null";
    let is_new =
        tx.execute(sql, &[one.step.into(), now.into(), one.id.as_str().into(), one.step.into()])? == 1;
    if let (true, Some(sealed)) = (is_new, sealed) {
        let sql = "update factor set sealed = $1 where id = $2";
        tx.execute(sql, &[sealed.into(), one.id.as_str().into()])?;
    }
    Ok(is_new)
}

fn end_factors(tx: &mut dyn Tx, account: &str, now: Timestamp) -> Result<(), Fault> {
    let sql = "update factor set ended_at = $1 where account = $2 and ended_at is null";
    tx.execute(sql, &[now.as_microsecond().into(), account.into()]).map(drop)
}

pub(crate) fn insert(tx: &mut dyn Tx, factor: &Factor, sealed: &[u8]) -> Result<(), Fault> {
    let sql = "insert into factor (id, account, kind, label, sealed, step, made_at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let row = [
        factor.id.as_str().into(),
        factor.account.as_str().into(),
        factor.kind.code().into(),
        factor.label.as_str().into(),
        sealed.into(),
        factor.step.into(),
        factor.made_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<Factor, Fault> {
    Ok(Factor {
        id: row.text(0)?,
        account: row.text(1)?,
        kind: FactorKind::from_code(&row.text(2)?).ok_or(Fault::Damaged("a factor"))?,
        label: row.text(3)?,
        secret: row.bytes(4)?,
        step: row.int(5)?,
        made_at: instant(row.int(6)?)?,
        used_at: row.int_or_null(7)?.map(instant).transpose()?,
        ended_at: row.int_or_null(8)?.map(instant).transpose()?,
    })
}

impl std::fmt::Debug for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Factor").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl FactorKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Passkey, Self::Password, Self::Totp, Self::Recovery, Self::Oidc, Self::Certificate];

    /// The code kept in the store and with sessions.
    pub fn code(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
            Self::Oidc => "oidc",
            Self::Certificate => "certificate",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
