//! 代理人 as rows: who may act for another person, by what relation, from when until when. Who may register them and
//! what they may do is decided in `access`.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, first, instant};
use crate::{Bucket, Fault, Holder, PersonId, Store, event, person};

/// Somebody who may act for another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Names it in the record.
    pub id: EventId,
    /// For whom; the head of their kin.
    pub person: PersonId,
    /// That person's name, as whoever registered it wrote it.
    pub represented: String,
    /// Id of the account that may.
    pub account: String,
    /// Name of its holder.
    pub name: String,
    /// By what relation.
    pub relation: Relation,
    /// What was checked, in words.
    pub evidence: String,
    /// Number of the institution that registered it; none where the hub's operator did.
    pub institution: Option<String>,
    /// Who checked and registered it.
    pub registrar: Holder,
    /// When it was registered: it holds from then.
    pub starts_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// When it was ended before, and by whom.
    pub ended: Option<(Timestamp, Holder)>,
}

/// By what relation somebody acts for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Parent of a child under 15 (親権者).
    Parent,
    /// Guardian of an adult (成年後見人).
    Guardian,
}

macro_rules! columns {
    () => {
        "select id, person, account, name, relation, represented, evidence, institution, registered_by, registrar,
            starts_at, ends_at, ended_at, ended_by, ender from proxy "
    };
}

impl Store {
    /// Keeps a new proxy and puts it on record. False if the account stands for that person already.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_proxy(&self, proxy: Proxy, on_record: Event) -> Result<bool, Fault> {
        let bucket = proxy.person.bucket();
        let represented = self.seal_text(&proxy.id, &proxy.represented)?;
        let evidence = self.seal_text(&proxy.id, &proxy.evidence)?;
        self.write(bucket.number(), move |tx| {
            let holding = of_person(tx, &proxy.person)?;
            let is_there =
                |row: &ProxyRow| row.proxy.account == proxy.account && row.proxy.holds(proxy.starts_at);
            if holding.iter().any(is_there) {
                return Ok(false);
            }
            insert(tx, &proxy, &represented, &evidence)?;
            event::insert(tx, bucket, Some(&proxy.person), &on_record)?;
            Ok(true)
        })
        .await
    }

    /// A proxy by its id.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn proxy(&self, id: EventId) -> Result<Option<Proxy>, Fault> {
        let found = self.read(move |tx| {
            let key = [Bucket::of_id(&id).number().into(), id.as_bytes().into()];
            let found = first(tx, concat!(columns!(), "where bucket = $1 and id = $2"), &key, parse)?;
            at_heads(tx, found.into_iter().collect())
        });
        let found = found.await?;
        Ok(self.unsealed_proxies(found)?.pop())
    }

    /// Everybody who may or might act for a person, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn proxies_of(&self, person: PersonId) -> Result<Vec<Proxy>, Fault> {
        let found = self.read(move |tx| of_person(tx, &person)).await?;
        self.unsealed_proxies(found)
    }

    /// For whom an account may act now, in the order in which they were registered.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn represented_by(&self, account: String, now: Timestamp) -> Result<Vec<Proxy>, Fault> {
        let found = self.read(move |tx| {
            let sql = concat!(columns!(), "where account = $1 order by starts_at, id");
            let found = all(tx, sql, &[account.as_str().into()], parse)?;
            at_heads(tx, found.into_iter().filter(|row| row.proxy.holds(now)).collect())
        });
        let found = found.await?;
        self.unsealed_proxies(found)
    }

    /// The proxies that an institution registered, or (`None`) all, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn proxies(&self, institution: Option<String>) -> Result<Vec<Proxy>, Fault> {
        let found = self.read(move |tx| {
            let found = match &institution {
                Some(number) => {
                    let sql = concat!(columns!(), "where institution = $1 order by starts_at desc, id");
                    all(tx, sql, &[number.as_str().into()], parse)?
                }
                None => all(tx, concat!(columns!(), "order by starts_at desc, id"), &[], parse)?,
            };
            at_heads(tx, found)
        });
        let found = found.await?;
        self.unsealed_proxies(found)
    }

    /// Ends a proxy before its time, and puts it on record. False if it no longer holds.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_proxy(&self, id: EventId, by: Holder, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_id(&id);
        self.write(bucket.number(), move |tx| {
            let at = on_record.at.as_microsecond();
            let sql = "update proxy set ended_at = $1, ended_by = $2, ender = $3
                where bucket = $4 and id = $5 and ended_at is null and ends_at > $6";
            let row: [Value<'_>; 6] = [
                at.into(),
                by.credential.as_str().into(),
                by.name.as_str().into(),
                bucket.number().into(),
                id.as_bytes().into(),
                at.into(),
            ];
            if tx.execute(sql, &row)? == 0 {
                return Ok(false);
            }
            let key = [bucket.number().into(), id.as_bytes().into()];
            let sql = "select person from proxy where bucket = $1 and id = $2";
            let person = first(tx, sql, &key, |row| row.bytes(0))?;
            let person = person.and_then(|bytes| PersonId::from_row(&bytes));
            event::insert(tx, bucket, person.as_ref(), &on_record)?;
            Ok(true)
        })
        .await
    }

    fn unsealed_proxies(&self, rows: Vec<ProxyRow>) -> Result<Vec<Proxy>, Fault> {
        let open = |row: ProxyRow| {
            let represented = self.unseal_text(&row.proxy.id, &row.represented)?;
            let evidence = self.unseal_text(&row.proxy.id, &row.evidence)?;
            Ok(Proxy { represented, evidence, ..row.proxy })
        };
        rows.into_iter().map(open).collect()
    }
}

impl Proxy {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.starts_at <= now && now < self.ends_at
    }
}

impl Relation {
    /// All relations.
    pub const ALL: [Self; 2] = [Self::Parent, Self::Guardian];

    /// The code kept in the store and typed at the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Guardian => "guardian",
        }
    }

    /// The relation with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.code() == code)
    }
}

/// A proxy as it is kept: its free text is still sealed.
struct ProxyRow {
    proxy: Proxy,
    represented: Vec<u8>,
    evidence: Vec<u8>,
}

/// Of a person and their kin, newest first, as their head's.
fn of_person(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<ProxyRow>, Fault> {
    let kin = person::kin(tx, person)?;
    let mut rows = Vec::new();
    for one in &kin.all {
        let key = [one.bucket().number().into(), one.as_bytes().into()];
        let sql = concat!(columns!(), "where bucket = $1 and person = $2");
        rows.extend(all(tx, sql, &key, parse)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.proxy.starts_at, row.proxy.id)));
    for row in &mut rows {
        row.proxy.person = kin.head;
    }
    Ok(rows)
}

/// When persons part, what was registered while they were one ends: nobody knows whose papers were seen.
pub(crate) fn end_registered_since(
    tx: &mut dyn Tx,
    person: &PersonId,
    since: Timestamp,
    at: Timestamp,
) -> Result<(), Fault> {
    let sql = "update proxy set ended_at = $1, ended_by = '-', ender = 'renkei'
        where bucket = $2 and person = $3 and starts_at >= $4 and ended_at is null and ends_at > $5";
    let row: [Value<'_>; 5] = [
        at.as_microsecond().into(),
        person.bucket().number().into(),
        person.as_bytes().into(),
        since.as_microsecond().into(),
        at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn at_heads(tx: &mut dyn Tx, mut rows: Vec<ProxyRow>) -> Result<Vec<ProxyRow>, Fault> {
    for row in &mut rows {
        row.proxy.person = person::head(tx, &row.proxy.person)?;
    }
    Ok(rows)
}

fn insert(tx: &mut dyn Tx, proxy: &Proxy, represented: &[u8], evidence: &[u8]) -> Result<(), Fault> {
    let sql =
        "insert into proxy (bucket, person, id, account, name, relation, represented, evidence, institution,
            registered_by, registrar, starts_at, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let row = [
        proxy.person.bucket().number().into(),
        proxy.person.as_bytes().into(),
        proxy.id.as_bytes().into(),
        proxy.account.as_str().into(),
        proxy.name.as_str().into(),
        proxy.relation.code().into(),
        represented.into(),
        evidence.into(),
        proxy.institution.as_deref().into(),
        proxy.registrar.credential.as_str().into(),
        proxy.registrar.name.as_str().into(),
        proxy.starts_at.as_microsecond().into(),
        proxy.ends_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<ProxyRow, Fault> {
    let damaged = || Fault::Damaged("a proxy");
    let ended_at = row.int_or_null(12)?.map(instant).transpose()?;
    let ender = Holder {
        credential: row.text_or_null(13)?.unwrap_or_default(),
        name: row.text_or_null(14)?.unwrap_or_default(),
    };
    let proxy = Proxy {
        id: event::id(row, 0)?,
        person: PersonId::from_row(&row.bytes(1)?).ok_or_else(damaged)?,
        represented: String::new(),
        account: row.text(2)?,
        name: row.text(3)?,
        relation: Relation::from_code(&row.text(4)?).ok_or_else(damaged)?,
        evidence: String::new(),
        institution: row.text_or_null(7)?,
        registrar: Holder { credential: row.text(8)?, name: row.text(9)? },
        starts_at: instant(row.int(10)?)?,
        ends_at: instant(row.int(11)?)?,
        ended: ended_at.map(|at| (at, ender)),
    };
    Ok(ProxyRow { proxy, represented: row.bytes(5)?, evidence: row.bytes(6)? })
}
