//! Identity providers as rows, and the subjects they vouch for: which account is whose.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Account, Bucket, Factor, FactorKind, Fault, PersonId, Store, account, event, factor, person};

/// An OpenID provider that this hub takes sign-ins from.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For whom it vouches.
    pub kind: ProviderKind,
    /// Whose people, by the institution's number; `None` are patients, or whoever runs the hub.
    pub institution: Option<String>,
    /// Name, as it stands on the sign-in page.
    pub name: String,
    /// How it calls itself, exactly.
    pub issuer: String,
    /// How it calls this hub.
    pub client_id: String,
    /// What this hub proves itself to it with; what stands in it is `identity`'s.
    pub secret: Vec<u8>,
    /// What it must show of a sign-in, as `identity` writes it.
    pub terms: String,
    /// Id of the account or credential that registered it.
    pub made_by: String,
    /// When it was registered.
    pub made_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// For whom a provider vouches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// For those who work at an institution, or for the hub.
    Staff,
    /// For patients.
    Patient,
}

macro_rules! columns {
    () => {
        "select id, kind, institution, name, issuer, client_id, sealed, terms, made_by, made_at, ended_at
            from provider "
    };
}

impl Store {
    /// Keeps a new provider, and puts the registering on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_provider(&self, provider: Provider, on_record: Event) -> Result<(), Fault> {
        let sealed = self.keyring.wrap(provider.id.as_bytes(), &provider.secret)?;
        let bucket = Bucket::of_text(&provider.id);
        self.write(bucket.number(), move |tx| {
            insert(tx, &provider, &sealed)?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Every provider that was not ended, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn providers(&self) -> Result<Vec<Provider>, Fault> {
        let sql = concat!(columns!(), "where ended_at is null order by made_at, id");
        let rows = self.read(move |tx| all(tx, sql, &[], parse)).await?;
        rows.into_iter().map(|row| self.open_provider(row)).collect()
    }

    /// The provider of this id, if it was not ended.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn provider(&self, id: String) -> Result<Option<Provider>, Fault> {
        let sql = concat!(columns!(), "where id = $1 and ended_at is null");
        let row = self.read(move |tx| first(tx, sql, &[id.as_str().into()], parse)).await?;
        row.map(|row| self.open_provider(row)).transpose()
    }

    /// Ends a provider, and puts it on record. False if there is none in force.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_provider(&self, id: String, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update provider set ended_at = $1 where id = $2 and ended_at is null";
            let is_ended = tx.execute(sql, &[on_record.at.as_microsecond().into(), id.as_str().into()])? == 1;
            if is_ended {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_ended)
        })
        .await
    }

    /// Links a subject ([`FactorKind::Oidc`]) to its account, and puts it on record. False if the subject is some
    /// account's already.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed; also where two link the same subject at once.
    pub async fn link_subject(&self, subject: Factor, on_record: Event) -> Result<bool, Fault> {
        let sealed = self.seal_factor(&subject)?;
        let bucket = Bucket::of_text(&subject.account);
        self.write(bucket.number(), move |tx| {
            let is_free = is_free(tx, &subject.label)?;
            if is_free {
                factor::insert(tx, &subject, &sealed)?;
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_free)
        })
        .await
    }

    /// Keeps a new account that is in use from now on by its subject, and puts it on record. False if the subject is
    /// some account's already, or the login is taken.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept; also where two open the same at once.
    pub async fn open_account(
        &self,
        opened: Account,
        subject: Factor,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let sealed = self.seal_factor(&subject)?;
        let bucket = Bucket::of_text(&opened.id);
        self.write(bucket.number(), move |tx| {
            if !is_free(tx, &subject.label)? || !account::insert(tx, &opened)? {
                return Ok(false);
            }
            factor::insert(tx, &subject, &sealed)?;
            event::insert(tx, bucket, opened.person.as_ref(), &on_record)?;
            Ok(true)
        })
        .await
    }

    /// Puts an invited account into use, whose holder came by a subject that was linked to it beforehand; its
    /// invitations no longer hold. False if it is not invited.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn activate_account(&self, id: String, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update account set state = 'active' where id = $1 and state = 'invited'";
            let is_invited = tx.execute(sql, &[id.as_str().into()])? == 1;
            if is_invited {
                let sql = "update invitation set used_at = $1 where account = $2 and used_at is null";
                tx.execute(sql, &[on_record.at.as_microsecond().into(), id.as_str().into()])?;
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_invited)
        })
        .await
    }

    /// The account in use of a person as a patient, whoever they are one with.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn patient_account(&self, person: PersonId) -> Result<Option<Account>, Fault> {
        self.read(move |tx| {
            let sql = "select id from account where person = $1 and role = 'patient' and state = 'active'
                order by made_at, id limit 1";
            for one in person::kin(tx, &person)?.all {
                if let Some(id) = first(tx, sql, &[one.as_bytes().into()], |row| row.text(0))? {
                    return account::account(tx, &id);
                }
            }
            Ok(None)
        })
        .await
    }

    fn open_provider(&self, row: Provider) -> Result<Provider, Fault> {
        let secret = self.keyring.unwrap(row.id.as_bytes(), &row.secret)?;
        Ok(Provider { secret, ..row })
    }
}

/// Whether no account has this subject yet.
fn is_free(tx: &mut dyn Tx, label: &str) -> Result<bool, Fault> {
    let sql = "select id from factor where kind = $1 and label = $2 and ended_at is null";
    let row = [FactorKind::Oidc.code().into(), label.into()];
    Ok(first(tx, sql, &row, |row| row.text(0))?.is_none())
}

fn insert(tx: &mut dyn Tx, provider: &Provider, sealed: &[u8]) -> Result<(), Fault> {
    let sql = "insert into provider (id, kind, institution, name, issuer, client_id, sealed, terms, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let row = [
        provider.id.as_str().into(),
        provider.kind.code().into(),
        provider.institution.as_deref().into(),
        provider.name.as_str().into(),
        provider.issuer.as_str().into(),
        provider.client_id.as_str().into(),
        sealed.into(),
        provider.terms.as_str().into(),
        provider.made_by.as_str().into(),
        provider.made_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<Provider, Fault> {
    Ok(Provider {
        id: row.text(0)?,
        kind: ProviderKind::from_code(&row.text(1)?).ok_or(Fault::Damaged("a provider"))?,
        institution: row.text_or_null(2)?,
        name: row.text(3)?,
        issuer: row.text(4)?,
        client_id: row.text(5)?,
        secret: row.bytes(6)?,
        terms: row.text(7)?,
        made_by: row.text(8)?,
        made_at: instant(row.int(9)?)?,
        ended_at: row.int_or_null(10)?.map(instant).transpose()?,
    })
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("id", &self.id).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl ProviderKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Staff, Self::Patient];

    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Patient => "patient",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
