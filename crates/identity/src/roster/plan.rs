//! What a list would do, row by row, before anything is done.

use std::collections::{HashMap, HashSet};

use access::{Act, Action, Concern, Role, Viewer};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use ring::digest::{SHA256, digest};
use store::{Account, AccountState, Fault};

use super::sheet::{Found, SheetFault, SheetRow};
use super::writing::last_day;
use crate::account::{ADMINISTRATORS, Invited, NewAccount, Proofing};
use crate::deed::{Change, Decide, Deed, NotDone, NotWanted, Wanted};
use crate::{Identity, Login, OFFERED};

/// A list held against the accounts that are there.
#[derive(Debug, Default)]
pub struct Plan {
    /// What each row would do, in their order; then those who stand in no row and would be ended.
    pub rows: Vec<PlannedRow>,
    /// What is wrong. Nothing is done as long as anything is.
    pub faults: Vec<SheetFault>,
    deeds: Vec<Deed>,
}

/// What becomes of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The line it stands at; none for whoever stands in no row.
    pub line: Option<u64>,
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// What changes: nothing, if it is as the list has it.
    pub changes: Vec<Change>,
}

/// What rows are held against.
struct Planner<'p> {
    by: &'p Viewer,
    known: HashMap<String, Account>,
    institutions: HashSet<String>,
    decide: &'p Decide<'p>,
    act: &'p Act,
}

const LONGEST_NAME: usize = 60;
const LONGEST_CHECKED: usize = 200;

impl Identity {
    /// Works out what a list would do. With `end_missing`, whoever of the same institutions stands in no row would be
    /// ended, but never whoever asks.
    ///
    /// # Errors
    /// On any [`Fault`] of reading. What is wrong with the list stands in the plan.
    pub async fn plan(
        &self,
        rows: &[SheetRow],
        end_missing: bool,
        by: &Viewer,
        decide: &Decide<'_>,
        act: &Act,
    ) -> Result<Plan, Fault> {
        let all = self.store.accounts(None).await?;
        let institutions = self.store.institution_names().await?.keys().cloned().collect();
        let known = all.into_iter().map(|one| (one.login.clone(), one)).collect();
        let planner = Planner { by, known, institutions, decide, act };
        let mut plan = Plan::default();
        let mut lines = HashMap::new();
        for row in rows {
            let login = row.cell("login").to_ascii_lowercase();
            if let Some(line) = lines.insert(login, row.line) {
                plan.faults.push(row.fault(Some("login"), Found::Twice(line)));
                continue;
            }
            match planner.deed(row) {
                Err(fault) => plan.faults.push(fault),
                Ok(deed) => plan.add(Some(row.line), row.cell("login"), row.cell("name"), deed),
            }
        }
        if end_missing {
            planner.end_missing(&lines, rows, &mut plan)?;
        }
        planner.keep_administrators(&mut plan);
        Ok(plan)
    }

    /// Does what was planned, all of it in one commit or nothing. Answers the links of those who were invited.
    ///
    /// # Errors
    /// See [`NotDone`]. A plan with faults does nothing.
    pub async fn carry_out_plan(&self, plan: Plan, act: &Act) -> Result<Vec<Invited>, NotDone> {
        if !plan.faults.is_empty() || plan.deeds.is_empty() {
            return Ok(Vec::new());
        }
        self.carry_out(plan.deeds, act).await
    }
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deeds.is_empty()
    }

    /// A print of what would be done: another if anything of it is another.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            text += &format!("{:?}\n", (row.line, &row.login, &row.name, &row.changes));
        }
        let print = digest(&SHA256, text.as_bytes());
        print.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    fn add(&mut self, line: Option<u64>, login: &str, name: &str, deed: Option<Deed>) {
        let changes = deed.as_ref().map(|deed| deed.changes().to_vec()).unwrap_or_default();
        self.rows.push(PlannedRow { line, login: login.to_owned(), name: name.to_owned(), changes });
        self.deeds.extend(deed);
    }
}

impl Planner<'_> {
    fn deed(&self, row: &SheetRow) -> Result<Option<Deed>, SheetFault> {
        let login: Login = row.cell("login").parse().map_err(|_| row.wrong("login"))?;
        let name = row.cell("name");
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(row.wrong("name"));
        }
        let role = Role::from_code(row.cell("role")).filter(|role| OFFERED.contains(role));
        let role = role.ok_or_else(|| row.wrong("role"))?;
        match self.known.get(login.as_str()) {
            None => self.invite(row, login, role).map(Some),
            Some(account) => self.change(row, account, role),
        }
    }

    fn invite(&self, row: &SheetRow, login: Login, role: Role) -> Result<Deed, SheetFault> {
        if !["", "invited", "active"].contains(&row.cell("state")) {
            return Err(row.wrong("state"));
        }
        let institution = self.institution(row, role)?;
        let concern = Concern {
            institution: institution.as_deref(),
            subject: Some(role),
            holder: None,
            is_first: institution.as_deref().is_some_and(|number| !self.has_administrator(number)),
        };
        let rule = (self.decide)(Action::AccountInvite, &concern);
        let rule = rule.map_err(|refusal| row.fault(None, Found::Refused(refusal.rule)))?;
        let new = NewAccount {
            login,
            name: row.cell("name").to_owned(),
            role,
            institution,
            person: None,
            proofing: Some(self.proofing(row)?),
            ends_at: self.end(row, None)?,
        };
        // All else was looked at: what is left is an end that is missing or past.
        Deed::make(self.by, rule, new, true, self.act).map_err(|_| row.wrong("ends"))
    }

    fn change(&self, row: &SheetRow, account: &Account, role: Role) -> Result<Option<Deed>, SheetFault> {
        let own = self.by.institution.as_deref();
        let is_theirs = own.is_none() || account.institution.as_deref() == own;
        let has_ended = account.state == AccountState::Ended && row.cell("state") != "ended";
        if !is_theirs || account.person.is_some() || has_ended {
            return Err(row.fault(Some("login"), Found::LoginTaken));
        }
        if account.state == AccountState::Ended {
            return Ok(None);
        }
        let institution = row.cell("institution");
        if !institution.is_empty() && Some(institution) != account.institution.as_deref() {
            return Err(row.fault(Some("institution"), Found::InstitutionKept));
        }
        let state = match row.cell("state") {
            "" | "invited" => None,
            state => Some(AccountState::from_code(state).ok_or_else(|| row.wrong("state"))?),
        };
        let name = row.cell("name").to_owned();
        let wanted = Wanted { name, role, ends_at: self.end(row, account.ends_at)?, state };
        self.changed(account, &wanted).map_err(|why| match why {
            NotWanted::Refused(refusal) => row.fault(None, Found::Refused(refusal.rule)),
            NotWanted::End | NotWanted::Store(_) => row.wrong("ends"),
        })
    }

    fn changed(&self, account: &Account, wanted: &Wanted) -> Result<Option<Deed>, NotWanted> {
        let now = self.act.now;
        let is_other = |one: &&Account| one.id != account.id && one.institution == account.institution;
        let is_first = ADMINISTRATORS.contains(&account.role.as_str())
            && !self.known.values().filter(is_other).any(|one| one.keeps_accounts(ADMINISTRATORS, now));
        Deed::change(self.by, account, wanted, is_first, self.decide, self.act)
    }

    fn end_missing(
        &self,
        lines: &HashMap<String, u64>,
        rows: &[SheetRow],
        plan: &mut Plan,
    ) -> Result<(), Fault> {
        let of_row = |row: &SheetRow| self.known.get(&row.cell("login").to_ascii_lowercase());
        let named: HashSet<String> = rows
            .iter()
            .filter_map(|row| {
                let number = of_row(row).and_then(|account| account.institution.clone());
                number.or_else(|| Some(row.cell("institution").to_owned()).filter(|text| !text.is_empty()))
            })
            .collect();
        let is_of_list = |one: &&Account| match (&self.by.institution, &one.institution) {
            (Some(own), number) => number.as_ref() == Some(own),
            (None, number) => number.as_ref().is_some_and(|number| named.contains(number)),
        };
        let is_staff = |one: &&Account| one.state != AccountState::Ended && one.person.is_none();
        let mut missing: Vec<&Account> = self.known.values().filter(is_of_list).filter(is_staff).collect();
        missing.retain(|one| !lines.contains_key(&one.login) && one.id != self.by.credential);
        missing.sort_by(|one, other| one.login.cmp(&other.login));
        for account in missing {
            let role = Role::from_code(&account.role).ok_or(Fault::Damaged("a role"))?;
            let name = account.name.clone();
            let state = Some(AccountState::Ended);
            let wanted = Wanted { name, role, ends_at: account.ends_at, state };
            match self.changed(account, &wanted) {
                Ok(deed) => plan.add(None, &account.login, &account.name, deed),
                Err(NotWanted::Store(fault)) => return Err(fault),
                Err(NotWanted::Refused(refusal)) => plan.faults.push(SheetFault {
                    line: 0,
                    column: None,
                    found: Found::Refused(refusal.rule),
                }),
                Err(NotWanted::End) => {}
            }
        }
        Ok(())
    }

    /// Says beforehand what the store would refuse: that an institution loses the last who manages its accounts.
    fn keep_administrators(&self, plan: &mut Plan) {
        let now = self.act.now;
        let keeps = |one: &Account| one.keeps_accounts(ADMINISTRATORS, now);
        let lost = plan.deeds.iter().find(|deed| {
            let is_loss = deed.before().is_some_and(keeps) && !keeps(deed.account());
            let is_of_it = |one: &Account| one.institution == deed.account().institution;
            let is_touched = |one: &Account| plan.deeds.iter().any(|deed| deed.account().id == one.id);
            let stays = self.known.values().any(|one| is_of_it(one) && keeps(one) && !is_touched(one));
            let comes = plan.deeds.iter().any(|deed| is_of_it(deed.account()) && keeps(deed.account()));
            is_loss && !stays && !comes
        });
        if let Some(login) = lost.map(|deed| deed.account().login.clone()) {
            let line = plan.rows.iter().find(|row| row.login == login).and_then(|row| row.line);
            let found = Found::LastAdministrator;
            plan.faults.push(SheetFault { line: line.unwrap_or(0), column: None, found });
        }
    }

    fn has_administrator(&self, institution: &str) -> bool {
        let is_of_it = |one: &&Account| one.institution.as_deref() == Some(institution);
        let mut of_it = self.known.values().filter(is_of_it);
        of_it.any(|one| one.state != AccountState::Ended && ADMINISTRATORS.contains(&one.role.as_str()))
    }

    /// The institution of a new account: as the row says, else that of whoever asks.
    fn institution(&self, row: &SheetRow, role: Role) -> Result<Option<String>, SheetFault> {
        let typed = Some(row.cell("institution")).filter(|number| !number.is_empty());
        let number = typed.or(self.by.institution.as_deref());
        match number {
            None if role.acts_for_an_institution() => Err(row.wrong("institution")),
            None => Ok(None),
            Some(number) if !self.institutions.contains(number) => {
                Err(row.fault(Some("institution"), Found::InstitutionUnknown(number.to_owned())))
            }
            Some(number) => Ok(Some(number.to_owned())),
        }
    }

    fn proofing(&self, row: &SheetRow) -> Result<Proofing, SheetFault> {
        let checked = row.cell("checked");
        if checked.is_empty() || checked.chars().count() > LONGEST_CHECKED {
            return Err(row.wrong("checked"));
        }
        let level = row.cell("level").parse().ok().filter(|level| (1..=3).contains(level));
        let by = Some(row.cell("by")).filter(|by| !by.is_empty()).unwrap_or(&self.by.name);
        if by.chars().count() > LONGEST_NAME {
            return Err(row.wrong("by"));
        }
        Ok(Proofing {
            checked: checked.to_owned(),
            by: by.to_owned(),
            level: level.ok_or_else(|| row.wrong("level"))?,
            reference: None,
        })
    }

    /// The end that a row asks for. The last day that is there already is no change, whatever its hour.
    fn end(&self, row: &SheetRow, before: Option<Timestamp>) -> Result<Option<Timestamp>, SheetFault> {
        let typed = row.cell("ends");
        if before.map(last_day).as_deref() == Some(typed) {
            return Ok(before);
        }
        if typed.is_empty() {
            return Ok(None);
        }
        // Spreadsheets write days with slashes.
        let day: Option<Date> = day(&typed.replace('/', "-"));
        let next = day.and_then(|day| day.tomorrow().ok()?.to_zoned(TimeZone::fixed(offset(9))).ok());
        let end = next.map(|next| next.timestamp()).filter(|end| self.act.now < *end);
        end.map(Some).ok_or_else(|| row.wrong("ends"))
    }
}

/// A day with or without leading noughts.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_over = parts.next().is_none();
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| is_over)
}
