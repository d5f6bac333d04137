//! Persons and the insured numbers they have had.

use crate::sql::{Tx, first};
use crate::{Fault, PersonId, Store};

impl Store {
    /// The person behind a set of insured numbers that are known to be one person's; made on first sight.
    ///
    /// Numbers seen for the first time are kept with the person, sealed, findable only through a keyed hash.
    ///
    /// # Errors
    /// On any [`Fault`]; [`Fault::Damaged`] if the numbers were kept as different persons.
    pub async fn person_of(&self, numbers: Vec<String>) -> Result<PersonId, Fault> {
        let mut members = Vec::with_capacity(numbers.len());
        for number in numbers {
            members.push(self.sealed_member(&number)?);
        }
        let known = members.clone();
        if let Some(person) = self.read(move |tx| settled(tx, &known)).await? {
            return Ok(person);
        }
        let newcomer = PersonId::new()?;
        // Everyone who introduces the same person meets on the lane of that person's first number.
        let lane = members.first().map_or(0, |member| i64::from(member.hash[0]));
        self.write(lane, move |tx| introduce(tx, &members, newcomer)).await
    }

    /// The person who has, or had, this insured number; `None` if this hub never met it.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn find_person(&self, number: &str) -> Result<Option<PersonId>, Fault> {
        let hash = self.keyring.keyed_hash("member", number);
        self.read(move |tx| person(tx, &hash)).await
    }

    fn sealed_member(&self, number: &str) -> Result<Member, Fault> {
        let hash = self.keyring.keyed_hash("member", number);
        Ok(Member { hash, sealed: self.keyring.wrap(&hash, number.as_bytes())? })
    }
}

#[derive(Clone)]
struct Member {
    hash: [u8; 16],
    sealed: Vec<u8>,
}

/// The person, if every number is kept already.
fn settled(tx: &mut dyn Tx, members: &[Member]) -> Result<Option<PersonId>, Fault> {
    let mut found = None;
    for member in members {
        match (person(tx, &member.hash)?, found) {
            (None, _) => return Ok(None),
            (Some(one), Some(other)) if one != other => return Err(Fault::Damaged("one person kept as two")),
            (some, _) => found = some,
        }
    }
    Ok(found)
}

fn introduce(tx: &mut dyn Tx, members: &[Member], newcomer: PersonId) -> Result<PersonId, Fault> {
    let mut owner = None;
    for member in members {
        owner = owner.or(person(tx, &member.hash)?);
    }
    let owner = owner.unwrap_or(newcomer);
    for member in members {
        tx.execute(
            "insert into member (hash, person, sealed) values ($1, $2, $3) on conflict (hash) do nothing",
            &[(&member.hash).into(), owner.as_bytes().into(), member.sealed.as_slice().into()],
        )?;
    }
    settled(tx, members)?.ok_or(Fault::Conflict)
}

fn person(tx: &mut dyn Tx, hash: &[u8; 16]) -> Result<Option<PersonId>, Fault> {
    first(tx, "select person from member where hash = $1", &[hash.into()], |row| {
        PersonId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a member's person"))
    })
}
