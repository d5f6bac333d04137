//! 災害時: an authority declares where and from when until when; clinicians there open records without consent and
//! without a card. On record, told to the patient, reviewed afterwards.

use access::{LONGEST_GRANT, Viewer, may_declare, may_open_in_disaster};
use audit::Outcome;
use jiff::{SignedDuration, Timestamp};
use store::{Basis, Disaster, Fault, Grant, random};

use crate::emergency::{Opening, Sought, checked_reason};
use crate::{Act, Exchange, NotGranted, record};

/// What an authority declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The disaster's name, as people know it.
    pub name: String,
    /// The authority.
    pub authority: String,
    /// Two digits of each prefecture, as institution numbers begin.
    pub prefectures: Vec<String>,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when: that instant is outside.
    pub ends_at: Timestamp,
}

/// A declaration reaches at most so far; a longer disaster is declared again.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 92);
/// A name is at most so long.
const LONGEST_NAME: usize = 200;
/// What a disaster opens, as `rules/consent.toml` names it.
const SCOPE: &str = "emergency-full";

impl Exchange {
    /// Declares a disaster.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn declare_disaster(
        &self,
        viewer: &Viewer,
        declaration: Declaration,
        act: &Act,
    ) -> Result<Disaster, NotGranted> {
        let rule = self.permitted(may_declare(viewer), viewer, None, audit::Act::Disaster, act).await?;
        declaration.check(act)?;
        let number = u32::from_be_bytes(random::<4>().map_err(Fault::from)?);
        let disaster = Disaster {
            id: format!("d-{number:08x}"),
            name: declaration.name.trim().to_owned(),
            authority: declaration.authority.trim().to_owned(),
            prefectures: declaration.prefectures,
            starts_at: declaration.starts_at,
            ends_at: declaration.ends_at,
            declared_at: act.now,
            ended_at: None,
        };
        let mut event = record::event(act, audit::Act::Disaster, Outcome::Done, viewer, rule)?;
        event.objects = vec!["declare".to_owned(), disaster.id.clone()];
        self.store.keep_disaster(disaster.clone(), event).await?;
        Ok(disaster)
    }

    /// Ends a disaster now: from this instant on nothing opens by it.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn end_disaster(&self, viewer: &Viewer, id: &str, act: &Act) -> Result<(), NotGranted> {
        let rule = self.permitted(may_declare(viewer), viewer, None, audit::Act::Disaster, act).await?;
        let mut event = record::event(act, audit::Act::Disaster, Outcome::Done, viewer, rule)?;
        event.objects = vec!["end".to_owned(), id.to_owned()];
        if self.store.end_disaster(id.to_owned(), event).await? { Ok(()) } else { Err(NotGranted::NotFound) }
    }

    /// Opens the record of whoever is sought, while a disaster holds where the viewer works.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn open_in_disaster(
        &self,
        viewer: &Viewer,
        sought: &Sought,
        reason: &str,
        act: &Act,
    ) -> Result<Grant, NotGranted> {
        let disaster = self.disaster_for(viewer, act).await?;
        let reason = checked_reason(reason)?;
        let person = self.sought(viewer, sought, act).await?;
        let left = disaster.ends_at.duration_since(act.now);
        let opening = Opening {
            basis: Basis::Disaster,
            groups: vec![SCOPE.to_owned()],
            disaster: Some(disaster.id),
            reason,
            length: left.min(LONGEST_GRANT),
        };
        self.open(viewer, person, opening, act).await
    }

    /// The disaster by which the viewer may look for people now.
    async fn disaster_for(&self, viewer: &Viewer, act: &Act) -> Result<Disaster, NotGranted> {
        let disasters = self.store.disasters().await?;
        let ruling = may_open_in_disaster(viewer, &disasters, act.now);
        self.permitted(ruling, viewer, None, audit::Act::Emergency, act).await.cloned()
    }
}

impl Declaration {
    fn check(&self, act: &Act) -> Result<(), NotGranted> {
        let is_named = |text: &str| (1..=LONGEST_NAME).contains(&text.trim().chars().count());
        if !is_named(&self.name) || !is_named(&self.authority) {
            return Err(NotGranted::Wrong("no-name"));
        }
        let is_prefecture =
            |code: &String| code.len() == 2 && code.bytes().all(|digit| digit.is_ascii_digit());
        if self.prefectures.is_empty() || !self.prefectures.iter().all(is_prefecture) {
            return Err(NotGranted::Wrong("no-prefecture"));
        }
        let length = self.ends_at.duration_since(self.starts_at);
        if length <= SignedDuration::ZERO || length > LONGEST || self.ends_at <= act.now {
            return Err(NotGranted::Wrong("period"));
        }
        Ok(())
    }
}
