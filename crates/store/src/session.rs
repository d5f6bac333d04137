//! Sessions of browsers as rows, and what a sign-in has come to between two requests.

use audit::Event;
use jiff::Timestamp;

use crate::factor::mark_use;
use crate::sql::{Row, all, first, instant};
use crate::{Account, Bucket, DeviceFinding, Fault, Store, Use, account, device_finding, event};

/// A session: an account in a browser, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub hash: [u8; 32],
    /// Names it in lists.
    pub id: String,
    /// Whose.
    pub account: String,
    /// The registered device it is bound to.
    pub device: Option<String>,
    /// Where it came from.
    pub address: String,
    /// Code of the kind of network it came by.
    pub network: String,
    /// What the browser calls itself.
    pub agent: String,
    /// Codes of what it was proved with.
    pub factors: Vec<String>,
    /// When it was begun.
    pub made_at: Timestamp,
    /// When it was last used, to within a minute.
    pub seen_at: Timestamp,
    /// When its holder last proved themselves.
    pub proved_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// What a sign-in or an enrolment has come to between two requests.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// SHA-256 of the cookie that belongs to it.
    pub hash: [u8; 32],
    /// Which step of which way.
    pub kind: String,
    /// For which account, where that is known.
    pub account: Option<String>,
    /// What the next step needs.
    pub state: Vec<u8>,
    /// Until when the next step may come.
    pub ends_at: Timestamp,
}

macro_rules! columns {
    () => {
        "select hash, id, account, device, address, agent, factors, made_at, seen_at, proved_at, ends_at, ended_at,
            network from session "
    };
}

impl Store {
    /// Begins a session, marks what it was proved with as used, keeps what is to be found about its terminal, and puts the
    /// sign-in on record. False if one of `uses` was used before: then nothing is begun.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is begun.
    pub async fn begin_session(
        &self,
        session: Session,
        uses: Vec<Use>,
        finding: Option<DeviceFinding>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let sealed = uses.iter().map(|one| self.seal_use(one)).collect::<Result<Vec<_>, _>>()?;
        let bucket = Bucket::of_text(&session.account);
        self.write(bucket.number(), move |tx| {
            for (one, sealed) in uses.iter().zip(&sealed) {
                if !mark_use(tx, one, sealed.as_deref(), on_record.at)? {
                    return Ok(false);
                }
            }
            insert(tx, &session)?;
            if let Some(finding) = &finding {
                device_finding::count(tx, finding)?;
            }
            account::mark_used(tx, &session.account, on_record.at)?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// Marks that a session's holder proved themselves again, under another cookie from now on. False if one of
    /// `uses` was used before, or the session is over.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn prove_session(
        &self,
        proved: Session,
        cookie: [u8; 32],
        uses: Vec<Use>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let sealed = uses.iter().map(|one| self.seal_use(one)).collect::<Result<Vec<_>, _>>()?;
        let bucket = Bucket::of_text(&proved.account);
        self.write(bucket.number(), move |tx| {
            for (one, sealed) in uses.iter().zip(&sealed) {
                if !mark_use(tx, one, sealed.as_deref(), on_record.at)? {
                    return Ok(false);
                }
            }
            let now = on_record.at.as_microsecond();
            let sql = "update session set hash = $1, factors = $2, seen_at = $3, proved_at = $4
                where hash = $5 and ended_at is null";
            let factors = proved.factors.join(" ");
            let row =
                [(&cookie).into(), factors.as_str().into(), now.into(), now.into(), (&proved.hash).into()];
            if tx.execute(sql, &row)? == 0 {
                return Ok(false);
            }
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// The session of a cookie, with its account.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn session(&self, hash: [u8; 32]) -> Result<Option<(Session, Account)>, Fault> {
        self.read(move |tx| {
            let found = first(tx, concat!(columns!(), "where hash = $1"), &[(&hash).into()], parse)?;
            let Some(session) = found else { return Ok(None) };
            let account = account::account(tx, &session.account)?;
            Ok(account.map(|account| (session, account)))
        })
        .await
    }

    /// Marks that a session was used.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn mark_seen(&self, session: &Session, now: Timestamp) -> Result<(), Fault> {
        let (hash, bucket) = (session.hash, Bucket::of_text(&session.account));
        self.write(bucket.number(), move |tx| {
            let now = now.as_microsecond();
            let sql = "update session set seen_at = $1 where hash = $2 and seen_at < $3";
            tx.execute(sql, &[now.into(), (&hash).into(), now.into()]).map(drop)
        })
        .await
    }

    /// The sessions of an account that were not ended, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn sessions_of(&self, account: String) -> Result<Vec<Session>, Fault> {
        let sql = concat!(columns!(), "where account = $1 and ended_at is null order by made_at desc, id");
        self.read(move |tx| all(tx, sql, &[account.as_str().into()], parse)).await
    }

    /// Ends one session of an account, or (`None`) all, and puts it on record; answers how many.
    ///
    /// # Errors
    /// On any [`Fault`] none is ended.
    pub async fn end_sessions(&self, of: String, id: Option<String>, on_record: Event) -> Result<u64, Fault> {
        let bucket = Bucket::of_text(&of);
        self.write(bucket.number(), move |tx| {
            let ended = match &id {
                None => account::end_all(tx, &of, on_record.at)?,
                Some(id) => {
                    let sql =
                        "update session set ended_at = $1 where account = $2 and id = $3 and ended_at is null";
                    let now = on_record.at.as_microsecond();
                    tx.execute(sql, &[now.into(), of.as_str().into(), id.as_str().into()])?
                }
            };
            event::insert(tx, bucket, None, &on_record)?;
            Ok(ended)
        })
        .await
    }

    /// Keeps what a sign-in has come to, and forgets those whose time is over.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_ceremony(&self, ceremony: Ceremony, now: Timestamp) -> Result<(), Fault> {
        let sealed = self.keyring.wrap(&ceremony.hash, &ceremony.state)?;
        let lane = i64::from(ceremony.hash[0]);
        self.write(lane, move |tx| {
            tx.execute("delete from ceremony where ends_at < $1", &[now.as_microsecond().into()])?;
            let sql =
                "insert into ceremony (hash, kind, account, sealed, ends_at) values ($1, $2, $3, $4, $5)";
            let row = [
                (&ceremony.hash).into(),
                ceremony.kind.as_str().into(),
                ceremony.account.as_deref().into(),
                sealed.as_slice().into(),
                ceremony.ends_at.as_microsecond().into(),
            ];
            tx.execute(sql, &row).map(drop)
        })
        .await
    }

    /// Takes out what a sign-in has come to: it is there once, for one caller, in its time.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn take_ceremony(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Ceremony>, Fault> {
        let lane = i64::from(hash[0]);
        let found = self
            .write(lane, move |tx| {
                let sql = "select hash, kind, account, sealed, ends_at from ceremony where hash = $1";
                let found = first(tx, sql, &[(&hash).into()], parse_ceremony)?;
                let taken = tx.execute("delete from ceremony where hash = $1", &[(&hash).into()])?;
                Ok(found.filter(|_| taken == 1))
            })
            .await?;
        let Some(found) = found.filter(|found| now < found.ends_at) else { return Ok(None) };
        let state = self.keyring.unwrap(&found.hash, &found.state)?;
        Ok(Some(Ceremony { state, ..found }))
    }
}

fn insert(tx: &mut dyn crate::sql::Tx, session: &Session) -> Result<(), Fault> {
    let sql = "insert into session (hash, id, account, device, address, agent, factors, made_at, seen_at, proved_at,
            ends_at, network) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let factors = session.factors.join(" ");
    let row = [
        (&session.hash).into(),
        session.id.as_str().into(),
        session.account.as_str().into(),
        session.device.as_deref().into(),
        session.address.as_str().into(),
        session.agent.as_str().into(),
        factors.as_str().into(),
        session.made_at.as_microsecond().into(),
        session.seen_at.as_microsecond().into(),
        session.proved_at.as_microsecond().into(),
        session.ends_at.as_microsecond().into(),
        session.network.as_str().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<Session, Fault> {
    Ok(Session {
        hash: row.bytes(0)?.try_into().map_err(|_| Fault::Damaged("a session"))?,
        id: row.text(1)?,
        account: row.text(2)?,
        device: row.text_or_null(3)?,
        address: row.text(4)?,
        agent: row.text(5)?,
        factors: row.text(6)?.split_ascii_whitespace().map(str::to_owned).collect(),
        made_at: instant(row.int(7)?)?,
        seen_at: instant(row.int(8)?)?,
        proved_at: instant(row.int(9)?)?,
        ends_at: instant(row.int(10)?)?,
        ended_at: row.int_or_null(11)?.map(instant).transpose()?,
        network: row.text(12)?,
    })
}

fn parse_ceremony(row: &Row<'_>) -> Result<Ceremony, Fault> {
    Ok(Ceremony {
        hash: row.bytes(0)?.try_into().map_err(|_| Fault::Damaged("a ceremony"))?,
        kind: row.text(1)?,
        account: row.text_or_null(2)?,
        state: row.bytes(3)?,
        ends_at: instant(row.int(4)?)?,
    })
}
