//! The terminals that an institution knows: its own, which a one-time code or a certificate registers, and its people's
//! (BYOD), which they ask for and somebody else approves until an end. Who may is decided in `access`.

mod network;
mod own;
mod place;
mod rules;

use access::{Act, Unregistered, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use store::{Device, DeviceCode, DeviceKind, FactorKind, Fault};

use crate::device::rules::rules;
use crate::{Identity, chance, recovery};

pub use network::{BadNetwork, Networks};
pub use own::{NotAsked, NotSetUp};
pub use place::Place;
pub(crate) use place::finding;

/// A terminal of the institution's own, to be registered.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// The institution that keeps it.
    pub institution: String,
    /// Its 管理番号.
    pub label: String,
    /// SHA-256 of its client certificate; without one it is set up by a code.
    pub certificate: Option<[u8; 32]>,
}

/// A one-time code, told once.
#[derive(Debug)]
pub struct ToldCode {
    /// What is typed on the terminal, as in `k7mq-p2vx-trjh`.
    pub code: String,
    /// Until when it holds.
    pub ends_at: Timestamp,
}

/// Why a terminal was not registered, approved or ended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotKnown {
    /// No such terminal is in a state that this could be done to.
    #[error("there is no such terminal in a state that this could be done to")]
    NotThere,
    /// It has no name, or one that is too long.
    #[error("a terminal has a name of at most 60 letters")]
    WrongLabel,
    /// What was given as a certificate is none.
    #[error("this is no certificate in PEM")]
    BadCertificate,
    /// The certificate belongs to another terminal.
    #[error("the certificate belongs to another terminal")]
    KeyTaken,
    /// A personal terminal ends after today, and within the longest time.
    #[error("the end of a personal terminal is today or later, at most {0} days away")]
    WrongEnd(i64),
    /// Nobody of the institution would get in any more: it has no terminal in use.
    #[error("the institution has no registered terminal in use, so nobody of it would get in")]
    LocksOut,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// No terminal's name is longer, in letters.
const LONGEST_LABEL: usize = 60;

/// How long a personal terminal is approved for at most, in days.
pub fn longest_personal_days() -> i64 {
    rules().personal.longest_days
}

/// The version of the conditions for personal terminals that is in force.
pub fn personal_conditions() -> i64 {
    rules().personal.conditions
}

impl Identity {
    /// Registers a terminal of an institution: by its certificate, or by the code that is told here.
    ///
    /// # Errors
    /// See [`NotKnown`]; nothing is registered.
    pub async fn add_device(
        &self,
        by: &Viewer,
        rule: &str,
        new: NewDevice,
        act: &Act,
    ) -> Result<(Device, Option<ToldCode>), NotKnown> {
        let label = checked_label(&new.label)?;
        let device = Device {
            id: chance::id()?,
            institution: new.institution,
            label,
            kind: DeviceKind::Institution,
            owner: None,
            key: new.certificate,
            conditions: None,
            asked_at: act.now,
            asked_by: by.credential.clone(),
            approved_at: Some(act.now),
            approved_by: Some(by.credential.clone()),
            ends_at: None,
            ended_at: None,
        };
        if let Some(key) = &device.key
            && !self.store.factors_called(FactorKind::Certificate, chance::hexadecimal(key)).await?.is_empty()
        {
            return Err(NotKnown::KeyTaken);
        }
        let (told, kept) = match device.key {
            Some(_) => (None, None),
            None => new_code(act).map(|(told, kept)| (Some(told), Some(kept)))?,
        };
        let event = self.done(by, rule, &device.id, "device-added", act)?;
        if self.store.keep_device(device.clone(), kept, event).await? {
            Ok((device, told))
        } else {
            Err(NotKnown::KeyTaken)
        }
    }

    /// A new code for a terminal of the institution's own: for a code that ran out, or a browser that lost its secret. The
    /// terminal as it was set up before is known until the code is used.
    ///
    /// # Errors
    /// See [`NotKnown`].
    pub async fn new_device_code(
        &self,
        by: &Viewer,
        rule: &str,
        id: &str,
        act: &Act,
    ) -> Result<ToldCode, NotKnown> {
        let (told, kept) = new_code(act)?;
        let event = self.done(by, rule, id, "device-code", act)?;
        let is_kept = self.store.keep_device_code(id.to_owned(), kept, event).await?;
        if is_kept { Ok(told) } else { Err(NotKnown::NotThere) }
    }

    /// Approves a personal terminal that its owner asked for, until a day is over in Japan.
    ///
    /// # Errors
    /// See [`NotKnown`].
    pub async fn approve_device(
        &self,
        by: &Viewer,
        rule: &str,
        id: &str,
        last_day: Date,
        act: &Act,
    ) -> Result<(), NotKnown> {
        let longest = longest_personal_days();
        let latest = act.today().checked_add(jiff::Span::new().days(longest)).unwrap_or(Date::MAX);
        if last_day < act.today() || last_day > latest {
            return Err(NotKnown::WrongEnd(longest));
        }
        let ends_at = last_day.tomorrow().ok().and_then(|day| day.to_zoned(japan()).ok());
        let ends_at = ends_at.ok_or(NotKnown::WrongEnd(longest))?.timestamp();
        let event = self.done(by, rule, id, "device-approved", act)?;
        let by = by.credential.clone();
        let is_approved = self.store.approve_device(id.to_owned(), by, ends_at, event).await?;
        if is_approved { Ok(()) } else { Err(NotKnown::NotThere) }
    }

    /// Ends a terminal, and every session on it.
    ///
    /// # Errors
    /// See [`NotKnown`].
    pub async fn end_device(&self, by: &Viewer, rule: &str, id: &str, act: &Act) -> Result<(), NotKnown> {
        let event = self.done(by, rule, id, "device-ended", act)?;
        let is_ended = self.store.end_device(id.to_owned(), event).await?;
        if is_ended { Ok(()) } else { Err(NotKnown::NotThere) }
    }

    /// Marks that somebody has looked at a finding.
    ///
    /// # Errors
    /// See [`NotKnown`].
    pub async fn resolve_device_finding(
        &self,
        by: &Viewer,
        rule: &str,
        id: &str,
        act: &Act,
    ) -> Result<(), NotKnown> {
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("device-finding/{id}"), "resolved".to_owned()];
        let by = by.credential.clone();
        let is_resolved = self.store.resolve_device_finding(id.to_owned(), by, event).await?;
        if is_resolved { Ok(()) } else { Err(NotKnown::NotThere) }
    }

    /// What an institution does with terminals it does not know.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn unregistered_devices(&self, institution: &str) -> Result<Unregistered, Fault> {
        let said = self.store.unregistered_devices(institution.to_owned()).await?;
        // A choice that a later program wrote is no leave.
        Ok(said.map_or_else(Unregistered::default, |code| {
            Unregistered::from_code(&code).unwrap_or(Unregistered::Refuse)
        }))
    }

    /// Changes what an institution does with terminals it does not know.
    ///
    /// # Errors
    /// [`NotKnown::LocksOut`] if they would be refused and none is known; or a fault.
    pub async fn choose_unregistered(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        choice: Unregistered,
        act: &Act,
    ) -> Result<(), NotKnown> {
        if choice == Unregistered::Refuse {
            let known = self.store.devices(Some(institution.to_owned())).await?;
            if !known.iter().any(|device| device.is_in_force(act.now)) {
                return Err(NotKnown::LocksOut);
            }
        }
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects =
            vec![format!("institution/{institution}"), format!("unregistered-devices/{}", choice.code())];
        Ok(self.store.keep_unregistered_devices(institution.to_owned(), choice.code(), event).await?)
    }

    fn done(&self, by: &Viewer, rule: &str, id: &str, what: &str, act: &Act) -> Result<audit::Event, Fault> {
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("device/{id}"), what.to_owned()];
        Ok(event)
    }
}

fn new_code(act: &Act) -> Result<(ToldCode, DeviceCode), Fault> {
    let code = recovery::new_code()?;
    let ends_at = act.now + rules().code.holds();
    Ok((ToldCode { ends_at, code: code.clone() }, DeviceCode { hash: recovery::hashed(&code), ends_at }))
}

fn checked_label(label: &str) -> Result<String, NotKnown> {
    let label = label.trim();
    let is_one =
        !label.is_empty() && label.chars().count() <= LONGEST_LABEL && !label.contains(char::is_control);
    if is_one { Ok(label.to_owned()) } else { Err(NotKnown::WrongLabel) }
}

fn japan() -> TimeZone {
    TimeZone::fixed(offset(9))
}
