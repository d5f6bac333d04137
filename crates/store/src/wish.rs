//! A patient's standing wishes as rows: expressions that are added and never changed. What they mean is decided in
//! `access`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, instant};
use crate::{Fault, PersonId, Store, person};

/// One expression of a patient's wish (患者の意思).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub person: PersonId,
    /// Names it in the record.
    pub id: audit::EventId,
    /// About which institution; `None`: about all.
    pub institution: Option<String>,
    /// About which groups, as `rules/consent.toml` names them.
    pub groups: Vec<String>,
    /// What is wished.
    pub stance: Stance,
    /// How it came: `console`, `operator`; `parting` where it was restated when persons were parted.
    pub source: String,
    /// When.
    pub expressed_at: Timestamp,
}

/// What is wished about some groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// They are not to be shown, except when life is in danger.
    Refuse,
    /// They are not to be shown, not even in emergencies and disasters.
    RefuseAlways,
    /// Nothing is wished any more.
    Withdrawn,
}

impl Store {
    /// Keeps an expression, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_wish(&self, wish: Wish, event: audit::Event) -> Result<(), Fault> {
        let bucket = wish.person.bucket();
        self.write(bucket.number(), move |tx| {
            insert(tx, &wish)?;
            crate::event::insert(tx, bucket, Some(&wish.person), &event)
        })
        .await
    }

    /// Everything a person ever wished, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn wishes_of(&self, person: PersonId) -> Result<Vec<Wish>, Fault> {
        self.read(move |tx| wishes(tx, &person)).await
    }
}

/// What a person and their kin ever wished, oldest first, as their head's.
pub(crate) fn wishes(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<Wish>, Fault> {
    let kin = person::kin(tx, person)?;
    let mut wishes = Vec::new();
    for one in &kin.all {
        wishes.extend(wishes_of_one(tx, one)?);
    }
    wishes.sort_by_key(|wish| (wish.expressed_at, wish.id));
    Ok(wishes.into_iter().map(|wish| Wish { person: kin.head, ..wish }).collect())
}

/// When persons part, what was refused while they were one holds for both of them, and what one of them had refused
/// before and was withdrawn meanwhile holds again: nobody knows who spoke.
pub(crate) fn restate(
    tx: &mut dyn Tx,
    kin: &[PersonId],
    ways: &[PersonId],
    since: Timestamp,
    at: Timestamp,
) -> Result<(), Fault> {
    let mut wishes = Vec::new();
    for one in kin {
        wishes.extend(wishes_of_one(tx, one)?);
    }
    let (before, meanwhile): (Vec<_>, Vec<_>) =
        wishes.into_iter().partition(|wish| wish.expressed_at < since);
    let was_withdrawn =
        |old: &&Wish| meanwhile.iter().any(|new| new.stance == Stance::Withdrawn && new.touches(old));
    let refused = |wish: &&Wish| wish.stance != Stance::Withdrawn;
    for way in ways {
        let own = before.iter().filter(|wish| wish.person == *way).filter(was_withdrawn);
        for ((institution, group), stance) in strictest(own.chain(&meanwhile).filter(refused)) {
            let id = crate::new_event_id(way.bucket(), at)?;
            let (groups, source) = (vec![group], "parting".to_owned());
            insert(tx, &Wish { person: *way, id, institution, groups, stance, source, expressed_at: at })?;
        }
    }
    Ok(())
}

/// Of several refusals of one group by one institution, or by all, the one that reaches furthest.
fn strictest<'w>(refused: impl Iterator<Item = &'w Wish>) -> BTreeMap<(Option<String>, String), Stance> {
    let mut strictest = BTreeMap::new();
    for wish in refused {
        for group in &wish.groups {
            let stance = strictest.entry((wish.institution.clone(), group.clone())).or_insert(wish.stance);
            if wish.stance == Stance::RefuseAlways {
                *stance = Stance::RefuseAlways;
            }
        }
    }
    strictest
}

fn wishes_of_one(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<Wish>, Fault> {
    let sql = "select person, id, institution, groups, stance, source, expressed_at from wish
        where bucket = $1 and person = $2 order by expressed_at, id";
    let key: [Value<'_>; 2] = [person.bucket().number().into(), person.as_bytes().into()];
    all(tx, sql, &key, parse)
}

fn insert(tx: &mut dyn Tx, wish: &Wish) -> Result<(), Fault> {
    tx.execute(
        "insert into wish (bucket, person, id, institution, groups, stance, source, expressed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            wish.person.bucket().number().into(),
            wish.person.as_bytes().into(),
            wish.id.as_bytes().into(),
            wish.institution.as_deref().into(),
            wish.groups.join(" ").as_str().into(),
            wish.stance.code().into(),
            wish.source.as_str().into(),
            wish.expressed_at.as_microsecond().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Wish, Fault> {
    Ok(Wish {
        person: PersonId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a wish's person"))?,
        id: crate::event::id(row, 1)?,
        institution: row.text_or_null(2)?,
        groups: row.text(3)?.split_ascii_whitespace().map(str::to_owned).collect(),
        stance: Stance::from_code(&row.text(4)?).ok_or(Fault::Damaged("a wish's stance"))?,
        source: row.text(5)?,
        expressed_at: instant(row.int(6)?)?,
    })
}

impl Wish {
    /// Whether both speak of the same institution and a group they share.
    fn touches(&self, other: &Self) -> bool {
        self.institution == other.institution && self.groups.iter().any(|group| other.groups.contains(group))
    }
}

impl Stance {
    /// All stances.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::RefuseAlways, Self::Withdrawn];

    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::RefuseAlways => "refuse-always",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The stance with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stance| stance.code() == code)
    }
}
