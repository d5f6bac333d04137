//! Persons and the insured numbers they have had.
//!
//! A number belongs to one person for ever. Which numbers are one person's is the centre's knowledge; what this hub
//! once assigned it changes only by joining and parting persons (`person.rs`).

use jiff::Timestamp;

use crate::sql::{Tx, all, first};
use crate::{Fault, PersonId, Store, person};

impl Store {
    /// The person under whom units with this number are kept; made on first sight, together with the other numbers
    /// that are known to be the same person's.
    ///
    /// Numbers seen for the first time are kept with the person, sealed, findable only through a keyed hash. A number
    /// first seen while two persons are one gets a person of its own, joined to them: should they part, it can go
    /// with either. Should the others be kept as different persons, it stands alone until somebody joins them.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn person_of(
        &self,
        number: &str,
        others: &[String],
        now: Timestamp,
    ) -> Result<PersonId, Fault> {
        let asked = self.sealed_member(number)?;
        let others = others.iter().filter(|other| *other != number);
        let others = others.map(|other| self.sealed_member(other)).collect::<Result<Vec<_>, Fault>>()?;
        let known = (asked.hash, others.iter().map(|other| other.hash).collect::<Vec<_>>());
        if let Some(person) = self.read(move |tx| settled(tx, &known.0, &known.1)).await? {
            return Ok(person);
        }
        let newcomer = PersonId::new()?;
        let lane = i64::from(asked.hash[0]);
        self.write(lane, move |tx| introduce(tx, &asked, &others, newcomer, now)).await
    }

    /// The person who has, or had, this insured number, as the head of their kin; `None` if this hub never met it.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn find_person(&self, number: &str) -> Result<Option<PersonId>, Fault> {
        let hash = self.keyring.keyed_hash("member", number);
        self.read(move |tx| holder(tx, &hash)?.map(|holder| person::head(tx, &holder)).transpose()).await
    }

    /// The person under whom units with this number are kept, whoever they are one with.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn holder_of(&self, number: &str) -> Result<Option<PersonId>, Fault> {
        let hash = self.keyring.keyed_hash("member", number);
        self.read(move |tx| holder(tx, &hash)).await
    }

    /// The numbers kept with this very person, kin left out.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn own_numbers(&self, person: PersonId) -> Result<Vec<String>, Fault> {
        let sql = "select hash, sealed from member where person = $1";
        let rows = self
            .read(move |tx| {
                all(tx, sql, &[person.as_bytes().into()], |row| Ok((row.bytes(0)?, row.bytes(1)?)))
            })
            .await?;
        let mut numbers = Vec::with_capacity(rows.len());
        for (hash, sealed) in rows {
            let number = self.keyring.unwrap(&hash, &sealed)?;
            numbers.push(String::from_utf8(number).map_err(|_| Fault::Damaged("an insured number"))?);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn sealed_member(&self, number: &str) -> Result<Member, Fault> {
        let hash = self.keyring.keyed_hash("member", number);
        Ok(Member { hash, sealed: self.keyring.wrap(&hash, number.as_bytes())? })
    }
}

struct Member {
    hash: [u8; 16],
    sealed: Vec<u8>,
}

/// The person of a number that is kept already, unless another number is yet to be kept with this same person.
fn settled(tx: &mut dyn Tx, asked: &[u8; 16], others: &[[u8; 16]]) -> Result<Option<PersonId>, Fault> {
    let Some(found) = holder(tx, asked)? else { return Ok(None) };
    let mut is_alone = true;
    let mut is_whole = true;
    for other in others {
        let holder = holder(tx, other)?;
        is_whole &= holder.is_some();
        is_alone &= holder.is_none_or(|holder| holder == found);
    }
    Ok((is_whole || !is_alone || person::kin(tx, &found)?.all.len() > 1).then_some(found))
}

fn introduce(
    tx: &mut dyn Tx,
    asked: &Member,
    others: &[Member],
    newcomer: PersonId,
    now: Timestamp,
) -> Result<PersonId, Fault> {
    let known = holders(tx, asked, others)?;
    match known[..] {
        [] => introduce_all(tx, asked, others, newcomer),
        [one] if person::kin(tx, &one)?.all.len() == 1 => introduce_all(tx, asked, others, one),
        _ => introduce_alone(tx, asked, others, newcomer, now),
    }
}

/// Keeps every number that is not kept yet with `owner`.
fn introduce_all(
    tx: &mut dyn Tx,
    asked: &Member,
    others: &[Member],
    owner: PersonId,
) -> Result<PersonId, Fault> {
    keep(tx, asked, &owner)?;
    for other in others {
        keep(tx, other, &owner)?;
    }
    // Somebody else may have introduced one of them at the same time: then begin again, and find theirs.
    if holders(tx, asked, others)? == [owner] { Ok(owner) } else { Err(Fault::Conflict) }
}

/// Keeps one number with a person of its own, joined to the others if these are one.
fn introduce_alone(
    tx: &mut dyn Tx,
    asked: &Member,
    others: &[Member],
    newcomer: PersonId,
    now: Timestamp,
) -> Result<PersonId, Fault> {
    person::take_turn(tx)?;
    if let Some(kept) = holder(tx, &asked.hash)? {
        return Ok(kept);
    }
    let mut heads = Vec::new();
    for known in holders(tx, asked, others)? {
        heads.push(person::head(tx, &known)?);
    }
    heads.sort_unstable();
    heads.dedup();
    keep(tx, asked, &newcomer)?;
    if holder(tx, &asked.hash)? != Some(newcomer) {
        return Err(Fault::Conflict);
    }
    if let [head] = heads[..] {
        person::join_stray(tx, newcomer, head, now)?;
    }
    Ok(newcomer)
}

/// The different persons under whom any of the numbers are kept.
fn holders(tx: &mut dyn Tx, asked: &Member, others: &[Member]) -> Result<Vec<PersonId>, Fault> {
    let mut holders = Vec::new();
    for member in std::iter::once(asked).chain(others) {
        holders.extend(holder(tx, &member.hash)?);
    }
    holders.sort_unstable();
    holders.dedup();
    Ok(holders)
}

fn keep(tx: &mut dyn Tx, member: &Member, owner: &PersonId) -> Result<(), Fault> {
    tx.execute(
        "insert into member (hash, person, sealed) values ($1, $2, $3) on conflict (hash) do nothing",
        &[(&member.hash).into(), owner.as_bytes().into(), member.sealed.as_slice().into()],
    )
    .map(drop)
}

fn holder(tx: &mut dyn Tx, hash: &[u8; 16]) -> Result<Option<PersonId>, Fault> {
    first(tx, "select person from member where hash = $1", &[hash.into()], |row| {
        PersonId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a member's person"))
    })
}
