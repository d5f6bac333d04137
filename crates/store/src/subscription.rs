//! Subscriptions as rows: who asked to be told of what, and where. Who may is decided in `access`.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Bucket, Fault, Store, SubscriptionId, event, random};

/// Somebody's terms to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// For which institution; none for the operator's own.
    pub institution: Option<String>,
    /// A code of `rules/topics.toml`.
    pub interest: String,
    /// Where notices are sent.
    pub endpoint: String,
    /// Whether notices carry ids, or nothing at all.
    pub has_payload: bool,
    /// Why, in the words of whoever asked.
    pub reason: String,
    /// Where it stands.
    pub state: SubscriptionState,
    /// What went wrong last.
    pub error: Option<String>,
    /// Id of the credential that asked.
    pub made_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends, if it was given an end.
    pub ends_at: Option<Timestamp>,
    /// How often its endpoint failed since it last answered.
    pub failures: i64,
    /// Nothing is sent before.
    pub quiet_until: Timestamp,
    wrapped: Vec<u8>,
}

/// Where a subscription stands; the codes are R4's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Its endpoint has not answered yet.
    Requested,
    /// Notices are sent.
    Active,
    /// Its endpoint fails; notices are kept and tried.
    Error,
    /// Nothing is sent.
    Off,
}

/// What signs the notices of a subscription: 32 bytes, told once.
pub struct SigningSecret([u8; 32]);

/// What is asked for when a subscription is made or changed.
#[derive(Clone, Debug)]
pub struct Terms {
    /// For which institution; none for the operator's own.
    pub institution: Option<String>,
    /// A code of `rules/topics.toml`.
    pub interest: String,
    /// Where notices are sent.
    pub endpoint: String,
    /// Whether notices carry ids, or nothing at all.
    pub has_payload: bool,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// Whether it is wanted, or only kept.
    pub is_off: bool,
}

const COLUMNS: &str =
    "select id, institution, interest, endpoint, has_payload, reason, state, error, made_by, made_at,
    ends_at, failures, quiet_until, secret from subscription order by made_at, id";
const ONE: &str =
    "select id, institution, interest, endpoint, has_payload, reason, state, error, made_by, made_at,
    ends_at, failures, quiet_until, secret from subscription where id = $1";

impl Store {
    /// Keeps a new subscription and puts it on record. Its secret cannot be asked for again.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn subscribe(
        &self,
        id: SubscriptionId,
        terms: Terms,
        made_by: String,
        event: Event,
    ) -> Result<(Subscription, SigningSecret), Fault> {
        let secret: [u8; 32] = random()?;
        let subscription = Subscription {
            id,
            institution: terms.institution,
            interest: terms.interest,
            endpoint: terms.endpoint,
            has_payload: terms.has_payload,
            reason: terms.reason,
            state: if terms.is_off { SubscriptionState::Off } else { SubscriptionState::Requested },
            error: None,
            made_by,
            made_at: event.at,
            ends_at: terms.ends_at,
            failures: 0,
            quiet_until: event.at,
            wrapped: self.keyring.wrap(id.as_bytes(), &secret)?,
        };
        let row = subscription.clone();
        self.write(id.bucket().number(), move |tx| {
            insert(tx, &row)?;
            event::insert(tx, Bucket::of_text(&event.request), None, &event)
        })
        .await?;
        Ok((subscription, SigningSecret(secret)))
    }

    /// Changes a subscription that is there; its endpoint must answer again. None if it is gone.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn change_subscription(
        &self,
        id: SubscriptionId,
        terms: Terms,
        event: Event,
    ) -> Result<Option<Subscription>, Fault> {
        self.write(id.bucket().number(), move |tx| {
            let state = if terms.is_off { SubscriptionState::Off } else { SubscriptionState::Requested };
            let sql = "update subscription set institution = $1, interest = $2, endpoint = $3, has_payload = $4,
                reason = $5, state = $6, error = null, ends_at = $7, failures = 0, quiet_until = $8 where id = $9";
            let changed = tx.execute(
                sql,
                &[
                    terms.institution.as_deref().into(),
                    terms.interest.as_str().into(),
                    terms.endpoint.as_str().into(),
                    i64::from(terms.has_payload).into(),
                    terms.reason.as_str().into(),
                    state.code().into(),
                    terms.ends_at.map(Timestamp::as_microsecond).into(),
                    event.at.as_microsecond().into(),
                    id.as_bytes().into(),
                ],
            )?;
            if changed == 1 {
                event::insert(tx, Bucket::of_text(&event.request), None, &event)?;
            }
            first(tx, ONE, &[id.as_bytes().into()], parse)
        })
        .await
    }

    /// Ends a subscription: it and its deliveries are gone. False if it was gone already.
    ///
    /// # Errors
    /// On any [`Fault`] it stands.
    pub async fn unsubscribe(&self, id: SubscriptionId, event: Event) -> Result<bool, Fault> {
        self.write(id.bucket().number(), move |tx| {
            let ended = tx.execute("delete from subscription where id = $1", &[id.as_bytes().into()])? == 1;
            if ended {
                tx.execute("delete from delivery where subscription = $1", &[id.as_bytes().into()])?;
                event::insert(tx, Bucket::of_text(&event.request), None, &event)?;
            }
            Ok(ended)
        })
        .await
    }

    /// One subscription.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
        self.read(move |tx| first(tx, ONE, &[id.as_bytes().into()], parse)).await
    }

    /// Every subscription, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Fault> {
        self.read(|tx| all(tx, COLUMNS, &[], parse)).await
    }

    /// Takes a subscription whose endpoint is to be asked for the first time, until `until`; false if another worker
    /// was first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn take_handshake(&self, asked: &Subscription, until: Timestamp) -> Result<bool, Fault> {
        let (id, quiet_until) = (asked.id, asked.quiet_until);
        self.write(id.bucket().number(), move |tx| {
            let sql = "update subscription set quiet_until = $1
                where id = $2 and quiet_until = $3 and state = 'requested'";
            let row =
                [until.as_microsecond().into(), id.as_bytes().into(), quiet_until.as_microsecond().into()];
            Ok(tx.execute(sql, &row)? == 1)
        })
        .await
    }

    /// Notes how an endpoint stands after it was asked. A subscription turned off meanwhile stays off.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn note_endpoint(
        &self,
        id: SubscriptionId,
        state: SubscriptionState,
        error: Option<String>,
        failures: i64,
        quiet_until: Timestamp,
    ) -> Result<(), Fault> {
        self.write(id.bucket().number(), move |tx| {
            let sql = "update subscription set state = $1, error = $2, failures = $3, quiet_until = $4
                where id = $5 and state <> 'off'";
            tx.execute(
                sql,
                &[
                    state.code().into(),
                    error.as_deref().into(),
                    failures.into(),
                    quiet_until.as_microsecond().into(),
                    id.as_bytes().into(),
                ],
            )
            .map(drop)
        })
        .await
    }

    /// What signs this subscription's notices.
    ///
    /// # Errors
    /// When the keyring does not open it.
    pub fn signing_secret(&self, subscription: &Subscription) -> Result<SigningSecret, Fault> {
        let secret = self.keyring.unwrap(subscription.id.as_bytes(), &subscription.wrapped)?;
        secret.try_into().map(SigningSecret).map_err(|_| Fault::Damaged("a signing secret"))
    }
}

impl Subscription {
    /// Whether notices are made for it at an instant.
    pub fn is_live(&self, now: Timestamp) -> bool {
        matches!(self.state, SubscriptionState::Active | SubscriptionState::Error) && !self.has_ended(now)
    }

    /// Whether its own end has come.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

impl SubscriptionState {
    /// The code in rows and in FHIR.
    pub fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Requested, Self::Active, Self::Error, Self::Off].into_iter().find(|one| one.code() == code)
    }
}

impl SigningSecret {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn insert(tx: &mut dyn Tx, row: &Subscription) -> Result<(), Fault> {
    tx.execute(
        "insert into subscription (id, institution, interest, endpoint, has_payload, reason, state, secret,
            made_by, made_at, ends_at, failures, quiet_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            row.id.as_bytes().into(),
            row.institution.as_deref().into(),
            row.interest.as_str().into(),
            row.endpoint.as_str().into(),
            i64::from(row.has_payload).into(),
            row.reason.as_str().into(),
            row.state.code().into(),
            row.wrapped.as_slice().into(),
            row.made_by.as_str().into(),
            row.made_at.as_microsecond().into(),
            row.ends_at.map(Timestamp::as_microsecond).into(),
            row.failures.into(),
            row.quiet_until.as_microsecond().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Subscription, Fault> {
    Ok(Subscription {
        id: SubscriptionId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a subscription's id"))?,
        institution: row.text_or_null(1)?,
        interest: row.text(2)?,
        endpoint: row.text(3)?,
        has_payload: row.int(4)? != 0,
        reason: row.text(5)?,
        state: SubscriptionState::from_code(&row.text(6)?).ok_or(Fault::Damaged("a subscription's state"))?,
        error: row.text_or_null(7)?,
        made_by: row.text(8)?,
        made_at: instant(row.int(9)?)?,
        ends_at: row.int_or_null(10)?.map(instant).transpose()?,
        failures: row.int(11)?,
        quiet_until: instant(row.int(12)?)?,
        wrapped: row.bytes(13)?,
    })
}
