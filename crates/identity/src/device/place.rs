//! Where a browser is: what is known of its terminal when somebody signs in, and with every request after that.

use access::{Act, Network, Refusal, Viewer, may_sign_in_on, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Account, Device, DeviceFinding, DeviceFindingKind, DeviceKind, Fault, Session};

use crate::{Identity, chance};

/// Where a browser is.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Address it comes from.
    pub address: String,
    /// The kind of network that address belongs to.
    pub network: Network,
    /// What it calls itself.
    pub agent: String,
    /// The secret that its terminal was given, if it shows one.
    pub secret: Option<String>,
    /// SHA-256 of the client certificate that was verified on its connection, if there was one.
    pub certificate: Option<[u8; 32]>,
}

/// No more of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 200;

impl Place {
    /// What the browser calls itself, as it is kept.
    pub(crate) fn agent(&self) -> String {
        self.agent.chars().take(LONGEST_AGENT).collect()
    }

    /// Every key that the terminal shows.
    fn keys(&self) -> impl Iterator<Item = [u8; 32]> {
        self.certificate.into_iter().chain(self.secret.as_deref().map(chance::hash))
    }
}

impl Identity {
    /// The terminal that shows itself at a place, in whatever state.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn device_here(&self, place: &Place) -> Result<Option<Device>, Fault> {
        for key in place.keys() {
            if let Some(found) = self.store.device_of_key(key).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The rule by which an account may sign in at a place, and the terminal there if it is registered for it.
    pub(crate) async fn admitted(
        &self,
        account: &Account,
        place: &Place,
        now: Timestamp,
    ) -> Result<Result<(&'static str, Option<Device>), Refusal>, Fault> {
        let here = self.device_here(place).await?;
        let here = here.filter(|device| device.is_in_force(now) && is_for(device, account));
        let policy = match &account.institution {
            Some(institution) => Some(self.unregistered_devices(institution).await?),
            None => None,
        };
        Ok(may_sign_in_on(here.is_some(), policy).map(|rule| (rule, here)))
    }

    /// Whether a session may go on at a place: on the terminal that it began on. Else it is ended, and on record.
    pub(crate) async fn is_at_home(
        &self,
        session: &Session,
        viewer: &Viewer,
        place: &Place,
        act: &Act,
    ) -> Result<bool, Fault> {
        let Some(id) = &session.device else { return Ok(true) };
        let device = self.store.device(id.clone()).await?;
        let is_here = |device: &Device| place.keys().any(|key| device.key == Some(key));
        let device = device.filter(is_here);
        if device.as_ref().is_some_and(|device| device.is_in_force(act.now)) {
            return Ok(true);
        }
        let rule = if device.is_some() { "device-over" } else { "other-device" };
        let mut event = on_record(act, audit::Act::SignIn, Outcome::Refused, viewer, rule)?;
        event.objects =
            vec![format!("account/{}", session.account), format!("device/{id}"), "session-ended".to_owned()];
        let finding = match device {
            Some(_) => None,
            None => Some(finding(
                DeviceFindingKind::Elsewhere,
                &session.account,
                viewer.institution.clone(),
                place,
                act,
            )?),
        };
        self.store.end_strayed_session(session.hash, finding, &session.account, event).await?;
        Ok(false)
    }
}

/// Something that happened to an account on a terminal that nobody knows.
pub(crate) fn finding(
    kind: DeviceFindingKind,
    account: &str,
    institution: Option<String>,
    place: &Place,
    act: &Act,
) -> Result<DeviceFinding, Fault> {
    Ok(DeviceFinding {
        id: chance::id()?,
        kind,
        institution,
        account: account.to_owned(),
        address: place.address.clone(),
        agent: place.agent(),
        network: place.network.code().to_owned(),
        times: 1,
        first_at: act.now,
        last_at: act.now,
        resolved_at: None,
        resolved_by: None,
    })
}

/// Whether a terminal is registered for an account: its institution's own for all of that, a personal one for its owner.
fn is_for(device: &Device, account: &Account) -> bool {
    match device.kind {
        DeviceKind::Institution => account.institution.as_ref() == Some(&device.institution),
        DeviceKind::Personal => device.owner.as_ref() == Some(&account.id),
    }
}
