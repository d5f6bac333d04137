//! A list of accounts as CSV. It holds no secret: neither factors nor invitations.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use store::{Account, Fault};

use super::sheet::{COLUMNS, guarded};
use crate::{Identity, Proofing, damaged};

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
        written(&accounts)
    }
}

/// Accounts as CSV in UTF-8, with the mark by which spreadsheets know it. Patients' accounts are left out: they come by
/// their own door.
///
/// # Errors
/// [`Fault::Damaged`] if a row cannot be written.
fn written(accounts: &[Account]) -> Result<Vec<u8>, Fault> {
    let unwritten = |_| damaged("a list of accounts");
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(COLUMNS).map_err(unwritten)?;
    for account in accounts.iter().filter(|one| one.person.is_none()) {
        let cells = cells(account);
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned())).map_err(unwritten)?;
    }
    writer.into_inner().map_err(|_| damaged("a list of accounts"))
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
