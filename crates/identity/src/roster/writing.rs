//! A list of accounts as CSV. It holds no secret: neither factors nor invitations.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use store::{Account, Fault};

use super::sheet::COLUMNS;
use crate::{Identity, Proofing};

impl Identity {
    /// The accounts of an institution, or (`None`) all, as CSV. That they were taken out is on record first.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is told.
    pub async fn export(
        &self,
        by: &Viewer,
        rule: &str,
        institution: Option<&str>,
        act: &Act,
    ) -> Result<Vec<u8>, Fault> {
        let accounts = self.store.accounts(institution.map(str::to_owned)).await?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec!["accounts".to_owned(), "exported".to_owned()];
        self.store.append(None, event).await?;
        Ok(written(&accounts))
    }
}

/// Accounts as CSV. Patients' accounts are left out: they come by their own door.
fn written(accounts: &[Account]) -> Vec<u8> {
    let staff = accounts.iter().filter(|one| one.person.is_none());
    paper::csv(std::iter::once(COLUMNS.map(str::to_owned)).chain(staff.map(cells)))
}

fn cells(account: &Account) -> [String; COLUMNS.len()] {
    let proofing: Option<Proofing> =
        account.proofing.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let (checked, level, by) =
        proofing.map_or_else(Default::default, |one| (one.checked, one.level.to_string(), one.by));
    [
        account.login.clone(),
        account.name.clone(),
        account.role.clone(),
        account.institution.clone().unwrap_or_default(),
        account.state.code().to_owned(),
        account.ends_at.map(last_day).unwrap_or_default(),
        checked,
        level,
        by,
        moment(account.made_at),
        account.used_at.map(moment).unwrap_or_default(),
    ]
}

/// The last day, in Japan, on which an end has not come yet.
pub(super) fn last_day(end: Timestamp) -> String {
    let moment = end - jiff::SignedDuration::from_micros(1);
    moment.to_zoned(TimeZone::fixed(offset(9))).date().to_string()
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%d %H:%M").to_string()
}
