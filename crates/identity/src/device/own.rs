//! What is done on the terminal itself: the code is typed there, and its owner asks there for a personal one.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use store::{Device, DeviceKind, Fault};

use crate::device::rules::rules;
use crate::device::{NotKnown, Place, checked_label, personal_conditions};
use crate::{Identity, chance, recovery};

/// Why a terminal was not set up by a code.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotSetUp {
    /// The code does not hold: never given, used, or over; which one is not told.
    #[error("the code does not hold")]
    Wrong,
    /// Too many wrong attempts came from this address: nothing was looked at.
    #[error("too many attempts from this address")]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why a personal terminal was not asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAsked {
    /// The conditions in force were not accepted.
    #[error("the conditions in force were not accepted")]
    NotAccepted,
    /// It has no name, or one that is too long.
    #[error("the terminal needs a name")]
    WrongLabel,
    /// The account acts for no institution, so nobody could approve it.
    #[error("the account acts for no institution")]
    NoInstitution,
    /// The terminal is known already, or asked for.
    #[error("the terminal is known already")]
    Known,
    /// The account has as many as it may.
    #[error("an account has at most {0} personal terminals")]
    TooMany(usize),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Identity {
    /// A code was typed on a terminal: answers the terminal and the secret that its browser keeps from now on.
    ///
    /// # Errors
    /// See [`NotSetUp`]; attempts in vain are counted with their address and on record.
    pub async fn set_up_device(
        &self,
        typed: &str,
        by: &Viewer,
        place: &Place,
        act: &Act,
    ) -> Result<(Device, String), NotSetUp> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotSetUp::TooMany);
        }
        let secret = chance::secret()?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, "device-code")?;
        event.objects = vec!["device-set-up".to_owned()];
        let key = chance::hash(&secret);
        if let Some(device) = self.store.set_up_device(recovery::hashed(typed), key, event).await? {
            return Ok((device, secret));
        }
        self.attempts.count(&place.address, act.now);
        let refused = on_record(act, audit::Act::Credential, Outcome::Refused, by, "device-code")?;
        self.store.append(None, refused).await?;
        Err(NotSetUp::Wrong)
    }

    /// The holder of an account asks that the terminal they are on may be used (BYOD): answers the secret that its browser
    /// keeps, which counts once somebody else has approved it.
    ///
    /// # Errors
    /// See [`NotAsked`].
    pub async fn ask_for_device(
        &self,
        holder: &Viewer,
        label: &str,
        accepted: Option<i64>,
        place: &Place,
        act: &Act,
    ) -> Result<String, NotAsked> {
        let institution = holder.institution.clone().ok_or(NotAsked::NoInstitution)?;
        if accepted != Some(personal_conditions()) {
            return Err(NotAsked::NotAccepted);
        }
        let label = checked_label(label).map_err(|_: NotKnown| NotAsked::WrongLabel)?;
        if self.device_here(place).await?.is_some_and(|known| known.ended_at.is_none()) {
            return Err(NotAsked::Known);
        }
        let known = self.store.devices(Some(institution.clone())).await?;
        let is_theirs = |one: &&Device| one.owner.as_ref() == Some(&holder.credential);
        let most = rules().personal.most;
        if known.iter().filter(is_theirs).filter(|one| one.ended_at.is_none()).count() >= most {
            return Err(NotAsked::TooMany(most));
        }
        let secret = chance::secret()?;
        let device = Device {
            id: chance::id()?,
            institution,
            label,
            kind: DeviceKind::Personal,
            owner: Some(holder.credential.clone()),
            key: Some(chance::hash(&secret)),
            conditions: accepted,
            asked_at: act.now,
            asked_by: holder.credential.clone(),
            approved_at: None,
            approved_by: None,
            ends_at: None,
            ended_at: None,
        };
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, holder, "own-account")?;
        event.objects = vec![format!("device/{}", device.id), "device-asked".to_owned()];
        if self.store.keep_device(device, None, event).await? { Ok(secret) } else { Err(NotAsked::Known) }
    }
}
