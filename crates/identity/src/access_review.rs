//! Access reviews (権利の棚卸し): somebody else than its holder says of each right that it is still needed. What nobody
//! answers lapses.

use access::{Act, Role, Viewer, on_record};
use audit::{Event, Outcome};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use store::{
    AccessReview, Account, AccountState, Fault, Holder, ReviewedRight, RightAnswer, RightMove, RightState,
};

use crate::rules::rules;
use crate::{ADMINISTRATORS, Identity, chance};

/// By this rule a right ends that nobody answered.
const UNANSWERED: &str = "access-review-unanswered";
/// No name and no reason is longer, in characters.
const LONGEST: usize = 200;

/// A campaign to be opened.
#[derive(Clone, Debug)]
pub struct NewAccessReview {
    /// What it is called.
    pub name: String,
    /// Whose accounts; `None` for the hub's own.
    pub institution: Option<String>,
    /// The last day on which it can be answered, in Japan.
    pub due: Date,
}

/// What is said of a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is still needed.
    Confirm,
    /// It is not, for this reason.
    Withdraw(String),
}

/// Why no campaign was opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotOpened {
    /// It has no name, or too long a one.
    #[error("a campaign needs a name of at most {LONGEST} characters")]
    Name,
    /// Its last day is past, or too far away.
    #[error("the last day is past, or more than a quarter away")]
    Due,
    /// One is open for the same accounts.
    #[error("one is open already")]
    AlreadyOpen,
    /// There is no account in use.
    #[error("there is no account in use")]
    Nobody,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why an answer was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAnswered {
    /// There is no such right that waits for an answer.
    #[error("no such right waits for an answer")]
    NotThere,
    /// Whoever withdraws says why.
    #[error("a withdrawal needs a reason of at most {LONGEST} characters")]
    Reason,
    /// It is the last that can manage its institution's accounts.
    #[error("it is the last that manages its institution's accounts")]
    LastAdministrator,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What a round over the campaigns that are over did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LapsedRights {
    /// Rights that lapsed: their accounts are suspended.
    pub lapsed: usize,
    /// Rights that nobody answered and that could not end: each is the last that manages accounts.
    pub overdue: usize,
}

impl Identity {
    /// Opens a campaign over every account in use, and answers its id.
    ///
    /// # Errors
    /// See [`NotOpened`]; nothing is opened.
    pub async fn open_access_review(
        &self,
        by: &Viewer,
        rule: &str,
        new: NewAccessReview,
        act: &Act,
    ) -> Result<String, NotOpened> {
        if new.name.is_empty() || new.name.chars().count() > LONGEST {
            return Err(NotOpened::Name);
        }
        let today = act.today();
        let last = today.saturating_add(rules().access_review.longest_days.days());
        if new.due < today || last < new.due {
            return Err(NotOpened::Due);
        }
        let rights = self.rights_of(new.institution.as_deref()).await?;
        if rights.is_empty() {
            return Err(NotOpened::Nobody);
        }
        let review = AccessReview {
            id: chance::id()?,
            name: new.name,
            institution: new.institution,
            opened_by: holder(by),
            opened_at: act.now,
            due: new.due,
            ends_at: midnight_after(new.due),
            closed_at: None,
        };
        let id = review.id.clone();
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("access-review/{id}"), "opened".to_owned()];
        let is_opened = self.store.open_access_review(review, rights, event).await?;
        if is_opened { Ok(id) } else { Err(NotOpened::AlreadyOpen) }
    }

    /// Confirms or withdraws a right of a campaign.
    ///
    /// # Errors
    /// See [`NotAnswered`]; nothing is changed.
    pub async fn answer_right(
        &self,
        by: &Viewer,
        rule: &str,
        review: &AccessReview,
        account: &str,
        answer: Answer,
        act: &Act,
    ) -> Result<(), NotAnswered> {
        let (to, reason) = match answer {
            Answer::Confirm => (RightState::Confirmed, None),
            Answer::Withdraw(reason) if reason.is_empty() || reason.chars().count() > LONGEST => {
                return Err(NotAnswered::Reason);
            }
            Answer::Withdraw(reason) => (RightState::Withdrawn, Some(reason)),
        };
        let answer = RightAnswer { by: holder(by), at: act.now, reason };
        let event = event(by, rule, review, account, act)?;
        let answered =
            self.store.answer_right(review.clone(), account.to_owned(), to, answer, ADMINISTRATORS, event);
        match answered.await? {
            RightMove::Moved(_) => Ok(()),
            RightMove::NotThere => Err(NotAnswered::NotThere),
            RightMove::LastAdministrator => Err(NotAnswered::LastAdministrator),
        }
    }

    /// Ends the campaigns whose last day is over: every right that nobody answered lapses.
    ///
    /// # Errors
    /// On a [`Fault`] the rest waits for the next round.
    pub async fn end_access_reviews(&self, act: &Act) -> Result<LapsedRights, Fault> {
        let (hub, mut round) = (Viewer::hub(), LapsedRights::default());
        for due in self.store.due_access_reviews(act.now).await? {
            let Some((review, rights)) = self.store.access_review(due.id).await? else { continue };
            for right in rights.into_iter().filter(|right| right.state == RightState::Open) {
                let event = event(&hub, UNANSWERED, &review, &right.account, act)?;
                let answer = RightAnswer { by: holder(&hub), at: act.now, reason: None };
                let lapsed =
                    self.store.lapse_right(review.clone(), right.account, answer, ADMINISTRATORS, event);
                match lapsed.await? {
                    RightMove::Moved(RightState::Lapsed) => round.lapsed += 1,
                    RightMove::Moved(RightState::Overdue) => round.overdue += 1,
                    RightMove::Moved(_) | RightMove::NotThere | RightMove::LastAdministrator => {}
                }
            }
        }
        Ok(round)
    }

    /// The rights that a campaign asks about: of every account in use but patients'.
    async fn rights_of(&self, institution: Option<&str>) -> Result<Vec<ReviewedRight>, Fault> {
        let accounts = self.store.accounts(institution.map(str::to_owned)).await?;
        let mut rights = Vec::new();
        for account in accounts.into_iter().filter(|one| is_meant(one, institution)) {
            let held = self.held(&account.id).await?;
            let mut factors: Vec<String> = held.iter().map(|one| one.kind.code().to_owned()).collect();
            factors.dedup();
            rights.push(ReviewedRight {
                account: account.id,
                login: account.login,
                name: account.name,
                role: account.role,
                factors,
                used_at: account.used_at,
                state: RightState::Open,
                answer: None,
            });
        }
        Ok(rights)
    }
}

/// What came of a campaign, as evidence: CSV, a line for each right. Cells that a spreadsheet would calculate are made
/// text by an apostrophe.
pub fn evidence(review: &AccessReview, rights: &[ReviewedRight]) -> String {
    let mut csv =
        "review,due,login,name,role,factors,last_used,state,answered_by,answered_at,reason\r\n".to_owned();
    for right in rights {
        let answer = right.answer.as_ref();
        let cells = [
            review.name.clone(),
            review.due.to_string(),
            right.login.clone(),
            right.name.clone(),
            right.role.clone(),
            right.factors.join(" "),
            right.used_at.map(|at| at.to_string()).unwrap_or_default(),
            right.state.code().to_owned(),
            answer.map(|one| one.by.name.clone()).unwrap_or_default(),
            answer.map(|one| one.at.to_string()).unwrap_or_default(),
            answer.and_then(|one| one.reason.clone()).unwrap_or_default(),
        ];
        csv.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        csv.push_str("\r\n");
    }
    csv
}

fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// An institution's managers answer for its staff; the hub's operators for those whom no institution's managers invite.
fn is_meant(account: &Account, institution: Option<&str>) -> bool {
    let is_insurer = account.role == Role::Insurer.code();
    let is_there = match institution {
        Some(_) => !is_insurer,
        None => is_insurer || (account.institution.is_none() && account.role != Role::Patient.code()),
    };
    account.state == AccountState::Active && is_there
}

fn event(by: &Viewer, rule: &str, review: &AccessReview, account: &str, act: &Act) -> Result<Event, Fault> {
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
    event.objects = vec![format!("account/{account}"), format!("access-review/{}", review.id)];
    Ok(event)
}

fn holder(viewer: &Viewer) -> Holder {
    Holder { credential: viewer.credential.clone(), name: viewer.name.clone() }
}

fn midnight_after(day: Date) -> Timestamp {
    let next = day.saturating_add(1.day());
    next.to_zoned(TimeZone::fixed(offset(9))).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_ends_at_midnight_in_japan() {
        let day: Date = "2026-11-30".parse().unwrap();
        assert_eq!(midnight_after(day).to_string(), "2026-11-30T15:00:00Z");
    }

    #[test]
    fn a_cell_that_a_spreadsheet_would_calculate_is_text() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("say \"yes\", please"), "\"say \"\"yes\"\", please\"");
    }
}
