//! Persons joined and parted (名寄せ), and what is known of their numbers.
//!
//! Who is whom is the centre's knowledge; it reaches the hub through its operator. Nothing moves: see `store`.

use access::{Refusal, Viewer, may_join_persons};
use audit::Outcome;
use store::{Fault, Merging, Parted, PersonId, Side, Sides, Stray, Unmerging};

use crate::{Act, Exchange, InsuredNumber, record};

/// Why persons were not joined, not parted, or not told of. Nothing was changed.
#[derive(Debug)]
pub enum NotJoined {
    /// A rule refused; the refusal is on record.
    Refused(Refusal),
    /// This hub knows no such person.
    Unknown,
    /// They were one already.
    AlreadyOne,
    /// The person was not joined to another.
    NotMerged,
    /// The store could not do it.
    Store(Fault),
}

/// A person with everybody who is one with them.
#[derive(Clone, Debug)]
pub struct PersonCard {
    /// Whom all ids lead to.
    pub head: PersonId,
    /// All of them, the head first.
    pub kin: Vec<KinCard>,
}

/// One of the persons who are one.
#[derive(Clone, Debug)]
pub struct KinCard {
    /// In this hub's id.
    pub person: PersonId,
    /// The numbers kept with this person, and what the centre says of each today.
    pub numbers: Vec<(String, Option<InsuredNumber>)>,
}

impl Exchange {
    /// Whose an insured number is that somebody proved to be theirs; made on first sight, as at registering. None if the
    /// centre does not know it.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn person_of_number(&self, number: &str, act: &Act) -> Result<Option<PersonId>, Fault> {
        let Ok(insured) = self.eligibility.owner(number) else { return Ok(None) };
        self.store.person_of(number, &insured.member_ids(), act.now).await.map(Some)
    }

    /// Joins a person to another: from now on every id of both leads to one record.
    ///
    /// # Errors
    /// See [`NotJoined`].
    pub async fn merge(
        &self,
        viewer: &Viewer,
        person: PersonId,
        into: PersonId,
        act: &Act,
    ) -> Result<PersonId, NotJoined> {
        let rule = self.joining(viewer, person, audit::Act::Merge, act).await?;
        self.known(person).await?;
        self.known(into).await?;
        let mut event = record::event(act, audit::Act::Merge, Outcome::Done, viewer, rule)?;
        event.objects = vec![format!("Patient/{person}"), format!("Patient/{into}")];
        match self.store.merge(person, into, event).await? {
            Merging::Done { head } => Ok(head),
            Merging::AlreadyOne => Err(NotJoined::AlreadyOne),
        }
    }

    /// Parts a person from the one they were wrongly joined to: each unit is back where its number belongs.
    ///
    /// # Errors
    /// See [`NotJoined`].
    pub async fn unmerge(&self, viewer: &Viewer, person: PersonId, act: &Act) -> Result<Parted, NotJoined> {
        let rule = self.joining(viewer, person, audit::Act::Unmerge, act).await?;
        self.known(person).await?;
        loop {
            let Some(sides) = self.store.sides(person).await? else { return Err(NotJoined::NotMerged) };
            let mut event = record::event(act, audit::Act::Unmerge, Outcome::Done, viewer, rule)?;
            event.objects = vec![format!("Patient/{person}")];
            match self.store.unmerge(person, self.ways(&sides).await?, event).await? {
                Unmerging::Done(parted) => return Ok(parted),
                Unmerging::NotMerged => return Err(NotJoined::NotMerged),
                // A number was first met between the question and the act.
                Unmerging::Unassigned => {}
            }
        }
    }

    /// A person's numbers, and who is one with them.
    ///
    /// # Errors
    /// See [`NotJoined`].
    pub async fn person_card(
        &self,
        viewer: &Viewer,
        person: PersonId,
        act: &Act,
    ) -> Result<PersonCard, NotJoined> {
        let rule = self.joining(viewer, person, audit::Act::Find, act).await?;
        self.known(person).await?;
        let mut event = record::event(act, audit::Act::Find, Outcome::Done, viewer, rule)?;
        event.patient = Some(person.to_string());
        self.store.append(Some(person), event).await?;
        let mut kin = Vec::new();
        for person in self.store.kin_of(person).await? {
            let numbers = self.store.own_numbers(person).await?;
            let numbers = numbers.into_iter().map(|number| {
                let period = self.eligibility.owner(&number).ok();
                let period = period.and_then(|insured| insured.number(&number).cloned());
                (number, period)
            });
            kin.push(KinCard { person, numbers: numbers.collect() });
        }
        let head = kin.first().map_or(person, |card| card.person);
        Ok(PersonCard { head, kin })
    }

    /// The rule that lets a viewer join persons; a refusal goes on record.
    async fn joining(
        &self,
        viewer: &Viewer,
        person: PersonId,
        what: audit::Act,
        act: &Act,
    ) -> Result<&'static str, NotJoined> {
        match may_join_persons(viewer) {
            Ok(rule) => Ok(rule),
            Err(refusal) => {
                let mut event = record::event(act, what, Outcome::Refused, viewer, refusal.rule)?;
                event.objects = vec![format!("Patient/{person}")];
                self.store.append(None, event).await?;
                Err(NotJoined::Refused(refusal))
            }
        }
    }

    async fn known(&self, person: PersonId) -> Result<(), NotJoined> {
        let numbers = self.store.own_numbers(person).await?;
        if numbers.is_empty() { Err(NotJoined::Unknown) } else { Ok(()) }
    }

    /// Which way each number goes that was first met while two were one: with whom the centre knows it.
    async fn ways(&self, sides: &Sides) -> Result<Vec<(PersonId, Side)>, NotJoined> {
        let mut ways = Vec::with_capacity(sides.strays.len());
        for stray in &sides.strays {
            ways.push((stray.person, self.way(stray, sides).await?));
        }
        Ok(ways)
    }

    async fn way(&self, stray: &Stray, sides: &Sides) -> Result<Side, NotJoined> {
        let known = stray.numbers.iter().filter_map(|number| self.eligibility.owner(number).ok());
        let (mut to_joined, mut to_head) = (false, false);
        for number in known.flat_map(|insured| insured.member_ids()) {
            let holder = self.store.holder_of(&number).await?;
            to_joined |= holder.is_some_and(|holder| sides.joined.contains(&holder));
            to_head |= holder.is_some_and(|holder| sides.head.contains(&holder));
        }
        Ok(match (to_joined, to_head) {
            (true, false) => Side::Joined,
            (false, true) => Side::Head,
            _ => Side::Neither,
        })
    }
}

impl From<Fault> for NotJoined {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}
