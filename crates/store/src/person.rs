//! Kin: persons whom the centre found to be one (名寄せ), and how that is undone.
//!
//! A person's rows never move. A link joins two persons: every read then goes over all kin of their head. Without the
//! link each row is again the record of the person it always belonged to.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, instant};
use crate::{Fault, News, PersonId, Store, Topic, event, grant, new_event_id, outbox, proxy, referral, wish};

/// What came of joining two persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// They are one from now on.
    Done {
        /// The person whom all ids of both lead to.
        head: PersonId,
    },
    /// They were one already.
    AlreadyOne,
}

/// What came of undoing a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmerging {
    /// They are two again.
    Done(Parted),
    /// The person was not joined to another.
    NotMerged,
    /// A number was first met meanwhile whose owner was not told; ask again and repeat.
    Unassigned,
}

/// Two persons who were wrongly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted {
    /// The person who had been joined to the other.
    pub person: PersonId,
    /// The person it had been joined to.
    pub head: PersonId,
    /// Grants that had been given while they were one; they ended, because nobody knows whose they were.
    pub ended_grants: Vec<EventId>,
}

/// Who would go which way if a person were parted from the one they were joined to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// The person who was joined, and whoever is one with them.
    pub joined: Vec<PersonId>,
    /// The person joined to, and whoever is one with them.
    pub head: Vec<PersonId>,
    /// Whose way must be told.
    pub strays: Vec<Stray>,
}

/// A person made for a number that was first met while others were one: whose it is, is told when they part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The person made for the number.
    pub person: PersonId,
    /// The number.
    pub numbers: Vec<String>,
}

/// To whom a stray belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To the person who was joined and is parted now.
    Joined,
    /// To the person who had been joined to.
    Head,
    /// To neither, or nobody knows: they stand alone.
    Neither,
}

/// A person and everybody linked to them.
pub(crate) struct Kin {
    /// Whom all their ids lead to.
    pub(crate) head: PersonId,
    /// All of them, the head first.
    pub(crate) all: Vec<PersonId>,
    /// With whom one of them was wrongly one, and when.
    pub(crate) parted: Vec<Past>,
    links: Vec<Link>,
}

/// A time in which a person was wrongly one with another.
pub(crate) struct Past {
    pub(crate) other: PersonId,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

#[derive(Clone, Copy)]
struct Link {
    branch: PersonId,
    head: PersonId,
    since: Timestamp,
    origin: Origin,
}

/// Why a link stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody joined two persons.
    Merged,
    /// A number was first met while persons were one.
    FirstSeen,
}

impl Store {
    /// The person whom an id leads to: another one if they were found to be one, else the same.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn head_of(&self, person: PersonId) -> Result<PersonId, Fault> {
        self.read(move |tx| head(tx, &person)).await
    }

    /// Everybody who is one with this person, the head first; the person alone if nobody is.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn kin_of(&self, person: PersonId) -> Result<Vec<PersonId>, Fault> {
        self.read(move |tx| Ok(kin(tx, &person)?.all)).await
    }

    /// Joins `person`, with everybody who is one with them, to `into`. The event goes into both records.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn merge(&self, person: PersonId, into: PersonId, event: Event) -> Result<Merging, Fault> {
        self.write(into.bucket().number(), move |tx| merge(tx, &person, &into, &event)).await
    }

    /// Who would go which way if this person were parted from the one they were joined to; `None` if they were not.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn sides(&self, person: PersonId) -> Result<Option<Sides>, Fault> {
        let kin = self.read(move |tx| kin(tx, &person)).await?;
        let Some(link) = kin.link_of(&person) else { return Ok(None) };
        let people = kin.strays_since(link.since);
        let parted = kin.without(&link, &people);
        let side = |one| parted.reached(one).into_iter().map(|(person, _)| person).collect();
        let mut strays = Vec::with_capacity(people.len());
        for person in people {
            strays.push(Stray { person, numbers: self.own_numbers(person).await? });
        }
        Ok(Some(Sides { joined: side(link.branch), head: side(link.head), strays }))
    }

    /// Undoes the joining of `person` to another: each unit, grant and act is again in the record it came with.
    ///
    /// Grants given while they were one end, referrals opened then wait again, proxies registered then end, and refusals wished then hold for both; what was seen then stays in both
    /// records, and so does the event. `strays` tells whose the numbers are that were first met meanwhile.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn unmerge(
        &self,
        person: PersonId,
        strays: Vec<(PersonId, Side)>,
        event: Event,
    ) -> Result<Unmerging, Fault> {
        self.write(person.bucket().number(), move |tx| unmerge(tx, &person, &strays, &event)).await
    }
}

impl Kin {
    /// The link by which a person was merged into another.
    fn link_of(&self, person: &PersonId) -> Option<Link> {
        self.links.iter().find(|link| link.branch == *person && link.origin == Origin::Merged).copied()
    }

    /// The same kin without a link, and without these.
    fn without(&self, link: &Link, strays: &[PersonId]) -> Self {
        let is_left = |one: &&Link| one.branch != link.branch && !strays.contains(&one.branch);
        let links = self.links.iter().filter(is_left).copied().collect();
        Self { head: self.head, all: self.all.clone(), parted: Vec::new(), links }
    }

    fn strays_since(&self, since: Timestamp) -> Vec<PersonId> {
        let links = self.links.iter().filter(|link| link.origin == Origin::FirstSeen && link.since >= since);
        links.map(|link| link.branch).collect()
    }

    /// Whom `person` is one with by these links, each with the time since which they were.
    fn reached(&self, person: PersonId) -> Vec<(PersonId, Timestamp)> {
        let mut reached = vec![(person, Timestamp::MIN)];
        let mut next = 0;
        while let Some((at, since)) = reached.get(next).copied() {
            next += 1;
            for link in &self.links {
                let other = if link.branch == at { link.head } else { link.branch };
                let touches = link.branch == at || link.head == at;
                if touches && reached.iter().all(|(known, _)| *known != other) {
                    reached.push((other, since.max(link.since)));
                }
            }
        }
        reached
    }
}

/// The head of a person's kin.
pub(crate) fn head(tx: &mut dyn Tx, person: &PersonId) -> Result<PersonId, Fault> {
    Ok(kin(tx, person)?.head)
}

/// Everybody linked to a person. One look at an index for whoever was never merged.
pub(crate) fn kin(tx: &mut dyn Tx, person: &PersonId) -> Result<Kin, Fault> {
    let mut all = vec![*person];
    let mut links: Vec<Link> = Vec::new();
    let mut parted = Vec::new();
    let mut next = 0;
    while let Some(at) = all.get(next).copied() {
        next += 1;
        for end in ends_at(tx, &at)? {
            match end {
                End::Parted(past) => parted.push(past),
                End::Linked(link) => {
                    let other = if link.branch == at { link.head } else { link.branch };
                    if link.branch == at {
                        links.push(link);
                    }
                    if !all.contains(&other) {
                        all.push(other);
                    }
                }
            }
        }
    }
    let heads = |one: &PersonId| links.iter().all(|link| link.branch != *one);
    let head = all.iter().copied().find(heads).ok_or(Fault::Damaged("kin without a head"))?;
    all.sort_unstable_by_key(|one| (*one != head, *one));
    parted.retain(|past| !all.contains(&past.other));
    Ok(Kin { head, all, parted, links })
}

/// Joins the person made for a number that was first met while others were one.
pub(crate) fn join_stray(
    tx: &mut dyn Tx,
    stray: PersonId,
    head: PersonId,
    since: Timestamp,
) -> Result<(), Fault> {
    insert_link(tx, &Link { branch: stray, head, since, origin: Origin::FirstSeen })
}

/// Links change one after the other, in however many processes.
pub(crate) fn take_turn(tx: &mut dyn Tx) -> Result<(), Fault> {
    tx.execute("update person_link_turn set taken = taken + 1 where id = $1", &[1.into()]).map(drop)
}

fn merge(tx: &mut dyn Tx, person: &PersonId, into: &PersonId, event: &Event) -> Result<Merging, Fault> {
    take_turn(tx)?;
    let (branch, head) = (head(tx, person)?, head(tx, into)?);
    if branch == head {
        return Ok(Merging::AlreadyOne);
    }
    insert_link(tx, &Link { branch, head, since: event.at, origin: Origin::Merged })?;
    tell(tx, &[branch, head], event)?;
    Ok(Merging::Done { head })
}

fn unmerge(
    tx: &mut dyn Tx,
    person: &PersonId,
    assigned: &[(PersonId, Side)],
    event: &Event,
) -> Result<Unmerging, Fault> {
    take_turn(tx)?;
    let before = kin(tx, person)?;
    let Some(link) = before.link_of(person) else { return Ok(Unmerging::NotMerged) };
    let strays = before.strays_since(link.since);
    if strays.iter().any(|stray| assigned.iter().all(|(known, _)| known != stray)) {
        return Ok(Unmerging::Unassigned);
    }
    delete_link(tx, &link)?;
    for (stray, side) in assigned.iter().filter(|(stray, _)| strays.contains(stray)) {
        assign(tx, &before, stray, *side, &link)?;
    }
    remember(tx, &before, event.at)?;
    let mut ended_grants = Vec::new();
    for one in &before.all {
        ended_grants.extend(grant::end_given_since(tx, one, link.since, event.at)?);
        referral::close_opened_since(tx, one, link.since, event.at)?;
        proxy::end_registered_since(tx, one, link.since, event.at)?;
    }
    let ways = [link.branch, link.head];
    wish::restate(tx, &before.all, &ways, link.since, event.at)?;
    let event = Event { objects: objects(&event.objects, &ended_grants), ..event.clone() };
    tell(tx, &ways, &event)?;
    Ok(Unmerging::Done(Parted { person: link.branch, head: link.head, ended_grants }))
}

/// Moves a stray's link to the side it belongs to.
fn assign(tx: &mut dyn Tx, before: &Kin, stray: &PersonId, side: Side, parting: &Link) -> Result<(), Fault> {
    for link in before.links.iter().filter(|link| link.branch == *stray) {
        delete_link(tx, link)?;
        let head = match side {
            Side::Joined => parting.branch,
            Side::Head => parting.head,
            Side::Neither => continue,
        };
        insert_link(tx, &Link { head, ..*link })?;
    }
    Ok(())
}

/// Remembers for any two who are no longer one that they were, and since when.
fn remember(tx: &mut dyn Tx, before: &Kin, until: Timestamp) -> Result<(), Fault> {
    for one in &before.all {
        let still = kin(tx, one)?.all;
        for (other, since) in before.reached(*one) {
            if !still.contains(&other) {
                insert_end(tx, one, "parted", &other, Origin::Merged, since, Some(until))?;
            }
        }
    }
    Ok(())
}

/// Puts an act on record with each of these persons, and sends word of it.
fn tell(tx: &mut dyn Tx, people: &[PersonId], event: &Event) -> Result<(), Fault> {
    for person in people {
        let id = new_event_id(person.bucket(), event.at)?;
        let theirs = Event { id, patient: Some(person.to_string()), ..event.clone() };
        event::insert(tx, person.bucket(), Some(person), &theirs)?;
        let to = outbox::registrars(tx, person)?;
        let news = News { topic: Topic::Merged, from: String::new(), to, person: *person, unit: None };
        outbox::enqueue(tx, &news, &theirs)?;
    }
    Ok(())
}

fn objects(persons: &[String], grants: &[EventId]) -> Vec<String> {
    let grants = grants.iter().map(|grant| format!("Grant/{grant}"));
    persons.iter().cloned().chain(grants).collect()
}

enum End {
    Linked(Link),
    Parted(Past),
}

fn ends_at(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<End>, Fault> {
    let sql =
        "select relation, other, origin, since, until from person_link where bucket = $1 and person = $2";
    all(tx, sql, &[person.bucket().number().into(), person.as_bytes().into()], |row| end(row, person))
}

fn end(row: &Row<'_>, person: &PersonId) -> Result<End, Fault> {
    let other = PersonId::from_row(&row.bytes(1)?).ok_or(Fault::Damaged("a linked person"))?;
    let since = instant(row.int(3)?)?;
    let origin = if row.text(2)? == Origin::FirstSeen.code() { Origin::FirstSeen } else { Origin::Merged };
    Ok(match row.text(0)?.as_str() {
        "head" => End::Linked(Link { branch: *person, head: other, since, origin }),
        "branch" => End::Linked(Link { branch: other, head: *person, since, origin }),
        _ => {
            let until = row.int_or_null(4)?.map_or(Ok(Timestamp::MAX), instant)?;
            End::Parted(Past { other, since, until })
        }
    })
}

fn insert_link(tx: &mut dyn Tx, link: &Link) -> Result<(), Fault> {
    insert_end(tx, &link.branch, "head", &link.head, link.origin, link.since, None)?;
    insert_end(tx, &link.head, "branch", &link.branch, link.origin, link.since, None)
}

fn insert_end(
    tx: &mut dyn Tx,
    person: &PersonId,
    relation: &str,
    other: &PersonId,
    origin: Origin,
    since: Timestamp,
    until: Option<Timestamp>,
) -> Result<(), Fault> {
    tx.execute(
        "insert into person_link (bucket, person, relation, other, origin, since, until)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &[
            person.bucket().number().into(),
            person.as_bytes().into(),
            relation.into(),
            other.as_bytes().into(),
            origin.code().into(),
            since.as_microsecond().into(),
            until.map(Timestamp::as_microsecond).into(),
        ],
    )
    .map(drop)
}

fn delete_link(tx: &mut dyn Tx, link: &Link) -> Result<(), Fault> {
    let ends = [(&link.branch, "head", &link.head), (&link.head, "branch", &link.branch)];
    for (person, relation, other) in ends {
        let row: [Value<'_>; 4] = [
            person.bucket().number().into(),
            person.as_bytes().into(),
            relation.into(),
            other.as_bytes().into(),
        ];
        let sql =
            "delete from person_link where bucket = $1 and person = $2 and relation = $3 and other = $4";
        tx.execute(sql, &row)?;
    }
    Ok(())
}

impl Origin {
    fn code(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::FirstSeen => "first-seen",
        }
    }
}
