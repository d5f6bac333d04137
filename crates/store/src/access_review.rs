//! Access reviews (権利の棚卸し) as rows: a campaign, the rights it asks about, and what came of each.

use audit::Event;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, Tx, all, day, first, instant};
use crate::{AccountMove, AccountState, Bucket, Fault, Holder, Store, account, event};

/// A campaign: every right of an institution, or of the hub itself, is confirmed or withdrawn until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessReview {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What its opener calls it.
    pub name: String,
    /// Whose accounts; `None` for the hub's own.
    pub institution: Option<String>,
    /// Who opened it.
    pub opened_by: Holder,
    /// When.
    pub opened_at: Timestamp,
    /// The last day on which it can be answered, in Japan.
    pub due: Date,
    /// The midnight after that day.
    pub ends_at: Timestamp,
    /// When all was answered or lapsed.
    pub closed_at: Option<Timestamp>,
}

/// A right as it stood when its campaign was opened, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedRight {
    /// The account.
    pub account: String,
    /// What its holder types.
    pub login: String,
    /// Its holder's name.
    pub name: String,
    /// Its role, by code.
    pub role: String,
    /// Codes of what it proves itself with.
    pub factors: Vec<String>,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
    /// What came of it.
    pub state: RightState,
    /// Who said so; for what lapsed, the hub.
    pub answer: Option<RightAnswer>,
}

/// What somebody said of a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightAnswer {
    /// Who.
    pub by: Holder,
    /// When.
    pub at: Timestamp,
    /// Why it was withdrawn.
    pub reason: Option<String>,
}

/// What came of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RightState {
    /// Nobody has said anything yet.
    Open,
    /// It goes on.
    Confirmed,
    /// It was taken away: the account is suspended.
    Withdrawn,
    /// Nobody answered in time: the account is suspended.
    Lapsed,
    /// Nobody answered in time, but it is the last that manages its institution's accounts: a finding.
    Overdue,
    /// The account had been put out of use before anybody answered.
    Gone,
}

/// What came of answering a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RightMove {
    /// It stands there now.
    Moved(RightState),
    /// There is no such right that waits for an answer.
    NotThere,
    /// It cannot be withdrawn: it is the last that manages its institution's accounts.
    LastAdministrator,
}

macro_rules! columns {
    () => {
        "select id, name, institution, opened_by, opened_by_name, opened_at, due, ends_at, closed_at
            from access_review "
    };
}

impl Store {
    /// Opens a campaign about some rights and puts it on record. False if one is open for the same accounts.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is opened.
    pub async fn open_access_review(
        &self,
        review: AccessReview,
        rights: Vec<ReviewedRight>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let lane = lane(&review);
        self.write(lane.number(), move |tx| {
            let sql =
                "select id from access_review where coalesce(institution, '') = $1 and closed_at is null";
            let of = review.institution.as_deref().unwrap_or_default();
            if first(tx, sql, &[of.into()], |row| row.text(0))?.is_some() {
                return Ok(false);
            }
            insert(tx, &review)?;
            rights.iter().try_for_each(|right| insert_right(tx, &review.id, right))?;
            event::insert(tx, lane, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// Campaigns, newest first, with how many rights each asks about and how many of them are unanswered.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn access_reviews(&self) -> Result<Vec<(AccessReview, i64, i64)>, Fault> {
        self.read(|tx| {
            let reviews = all(tx, concat!(columns!(), "order by opened_at desc, id"), &[], parse)?;
            let sql = "select count(*), sum(case when state = 'open' then 1 else 0 end)
                from access_review_right where review = $1";
            let counted = reviews.into_iter().map(|review| {
                let counts = first(tx, sql, &[review.id.as_str().into()], |row| {
                    Ok((row.int(0)?, row.int_or_null(1)?.unwrap_or(0)))
                })?;
                let (rights, open) = counts.unwrap_or_default();
                Ok((review, rights, open))
            });
            counted.collect()
        })
        .await
    }

    /// A campaign and its rights, by login.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn access_review(
        &self,
        id: String,
    ) -> Result<Option<(AccessReview, Vec<ReviewedRight>)>, Fault> {
        self.read(move |tx| {
            let found = first(tx, concat!(columns!(), "where id = $1"), &[id.as_str().into()], parse)?;
            let Some(review) = found else { return Ok(None) };
            let sql =
                "select account, login, name, role, factors, used_at, state, answered_by, answered_by_name,
                answered_at, reason from access_review_right where review = $1 order by login";
            Ok(Some((review, all(tx, sql, &[id.as_str().into()], parse_right)?)))
        })
        .await
    }

    /// Campaigns that are not closed and whose last day is over.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn due_access_reviews(&self, now: Timestamp) -> Result<Vec<AccessReview>, Fault> {
        let sql = concat!(columns!(), "where closed_at is null and ends_at <= $1 order by ends_at, id");
        self.read(move |tx| all(tx, sql, &[now.as_microsecond().into()], parse)).await
    }

    /// Confirms or withdraws a right that waits, and puts it on record. What is withdrawn is suspended in the same
    /// commit, and its sessions end.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn answer_right(
        &self,
        review: AccessReview,
        account: String,
        to: RightState,
        answer: RightAnswer,
        administrators: &'static [&'static str],
        on_record: Event,
    ) -> Result<RightMove, Fault> {
        let lane = lane(&review);
        self.write(lane.number(), move |tx| {
            if !waits(tx, &review.id, &account)? || review.ends_at <= answer.at {
                return Ok(RightMove::NotThere);
            }
            if to == RightState::Withdrawn {
                match suspend(tx, &account, administrators, answer.at)? {
                    AccountMove::Moved => {}
                    AccountMove::NotThere => return Ok(RightMove::NotThere),
                    AccountMove::LastAdministrator => return Ok(RightMove::LastAdministrator),
                }
            }
            keep_answer(tx, &review.id, &account, to, &answer)?;
            put_on_record(tx, &account, to, &on_record)?;
            close_if_done(tx, &review.id, answer.at)?;
            Ok(RightMove::Moved(to))
        })
        .await
    }

    /// Lets a right lapse that nobody answered until the end of its campaign's last day: the account is suspended and
    /// its sessions end, unless it is the last that manages accounts. On record either way.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn lapse_right(
        &self,
        review: AccessReview,
        account: String,
        hub: RightAnswer,
        administrators: &'static [&'static str],
        on_record: Event,
    ) -> Result<RightMove, Fault> {
        let lane = lane(&review);
        self.write(lane.number(), move |tx| {
            if !waits(tx, &review.id, &account)? || hub.at < review.ends_at {
                return Ok(RightMove::NotThere);
            }
            let to = match suspend(tx, &account, administrators, hub.at)? {
                AccountMove::Moved => RightState::Lapsed,
                AccountMove::LastAdministrator => RightState::Overdue,
                AccountMove::NotThere => RightState::Gone,
            };
            keep_answer(tx, &review.id, &account, to, &hub)?;
            put_on_record(tx, &account, to, &on_record)?;
            close_if_done(tx, &review.id, hub.at)?;
            Ok(RightMove::Moved(to))
        })
        .await
    }
}

fn lane(review: &AccessReview) -> Bucket {
    Bucket::of_text(review.institution.as_deref().unwrap_or(&review.id))
}

fn waits(tx: &mut dyn Tx, review: &str, account: &str) -> Result<bool, Fault> {
    // Whoever else answers the same right waits here, on whichever server.
    let sql =
        "update access_review_right set state = state where review = $1 and account = $2 and state = 'open'";
    Ok(tx.execute(sql, &[review.into(), account.into()])? == 1)
}

fn suspend(tx: &mut dyn Tx, id: &str, administrators: &[&str], at: Timestamp) -> Result<AccountMove, Fault> {
    match account::account(tx, id)?.filter(|one| one.state == AccountState::Active) {
        None => Ok(AccountMove::NotThere),
        Some(found) if is_last_operator(tx, &found)? => Ok(AccountMove::LastAdministrator),
        Some(found) => account::change_state(tx, &found, AccountState::Suspended, administrators, at),
    }
}

/// Whether an account is the last by which somebody runs the hub from a browser.
fn is_last_operator(tx: &mut dyn Tx, found: &account::Account) -> Result<bool, Fault> {
    if found.role != "operator" {
        return Ok(false);
    }
    let sql = "select id from account where role = 'operator' and state = 'active' and id <> $1 limit 1";
    Ok(first(tx, sql, &[found.id.as_str().into()], |row| row.text(0))?.is_none())
}

fn keep_answer(
    tx: &mut dyn Tx,
    review: &str,
    account: &str,
    to: RightState,
    answer: &RightAnswer,
) -> Result<(), Fault> {
    let sql = "update access_review_right
        set state = $1, answered_by = $2, answered_by_name = $3, answered_at = $4, reason = $5
        where review = $6 and account = $7";
    let row = [
        to.code().into(),
        answer.by.credential.as_str().into(),
        answer.by.name.as_str().into(),
        answer.at.as_microsecond().into(),
        answer.reason.as_deref().into(),
        review.into(),
        account.into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn put_on_record(tx: &mut dyn Tx, account: &str, to: RightState, event: &Event) -> Result<(), Fault> {
    let objects = event.objects.iter().cloned().chain([to.code().to_owned()]).collect();
    event::insert(tx, Bucket::of_text(account), None, &Event { objects, ..event.clone() })
}

fn close_if_done(tx: &mut dyn Tx, review: &str, at: Timestamp) -> Result<(), Fault> {
    let sql = "select account from access_review_right where review = $1 and state = 'open' limit 1";
    if first(tx, sql, &[review.into()], |row| row.text(0))?.is_none() {
        let sql = "update access_review set closed_at = $1 where id = $2 and closed_at is null";
        tx.execute(sql, &[at.as_microsecond().into(), review.into()])?;
    }
    Ok(())
}

fn insert(tx: &mut dyn Tx, review: &AccessReview) -> Result<(), Fault> {
    let sql = "insert into access_review (id, name, institution, opened_by, opened_by_name, opened_at, due, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let due = review.due.to_string();
    let row = [
        review.id.as_str().into(),
        review.name.as_str().into(),
        review.institution.as_deref().into(),
        review.opened_by.credential.as_str().into(),
        review.opened_by.name.as_str().into(),
        review.opened_at.as_microsecond().into(),
        due.as_str().into(),
        review.ends_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn insert_right(tx: &mut dyn Tx, review: &str, right: &ReviewedRight) -> Result<(), Fault> {
    let sql = "insert into access_review_right (review, account, login, name, role, factors, used_at, state)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let factors = right.factors.join(" ");
    let row = [
        review.into(),
        right.account.as_str().into(),
        right.login.as_str().into(),
        right.name.as_str().into(),
        right.role.as_str().into(),
        factors.as_str().into(),
        right.used_at.map(Timestamp::as_microsecond).into(),
        right.state.code().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<AccessReview, Fault> {
    Ok(AccessReview {
        id: row.text(0)?,
        name: row.text(1)?,
        institution: row.text_or_null(2)?,
        opened_by: Holder { credential: row.text(3)?, name: row.text(4)? },
        opened_at: instant(row.int(5)?)?,
        due: day(row.text(6)?)?,
        ends_at: instant(row.int(7)?)?,
        closed_at: row.int_or_null(8)?.map(instant).transpose()?,
    })
}

fn parse_right(row: &Row<'_>) -> Result<ReviewedRight, Fault> {
    let answer = match (row.text_or_null(7)?, row.text_or_null(8)?, row.int_or_null(9)?) {
        (Some(credential), Some(name), Some(at)) => Some(RightAnswer {
            by: Holder { credential, name },
            at: instant(at)?,
            reason: row.text_or_null(10)?,
        }),
        _ => None,
    };
    Ok(ReviewedRight {
        account: row.text(0)?,
        login: row.text(1)?,
        name: row.text(2)?,
        role: row.text(3)?,
        factors: row.text(4)?.split_ascii_whitespace().map(str::to_owned).collect(),
        used_at: row.int_or_null(5)?.map(instant).transpose()?,
        state: RightState::from_code(&row.text(6)?).ok_or(Fault::Damaged("a reviewed right"))?,
        answer,
    })
}

impl RightState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Confirmed, Self::Withdrawn, Self::Lapsed, Self::Overdue, Self::Gone];

    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::Overdue => "overdue",
            Self::Gone => "gone",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}
