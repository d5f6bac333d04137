//! アカウント: who works here with the hub, and how they came in. For whoever manages an institution's accounts.

use std::sync::Arc;

use access::{Action, Concern, Role, may_administer};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{
    ADMINISTRATORS, Deed, NotDone, NotMoved, Proofing, Stale, Wanted, idle_days, longest_exception_days,
};
use store::{Account, AccountState, Holder};

use crate::App;
use crate::console::account_invitation::invited_page;
use crate::console::account_providers::{ProviderRow, provider_rows};
use crate::console::form::{read_form, text};
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    rows: Vec<AccountRow>,
    providers: Vec<ProviderRow>,
    tabs: Vec<Tab>,
    /// Which kind of stale accounts is shown, if not all are.
    kind: Option<&'static str>,
    kind_about: Option<String>,
    can_change: bool,
    longest_days: i64,
    error: Option<String>,
}

struct Tab {
    href: &'static str,
    label: String,
    count: usize,
    is_current: bool,
}

/// Which accounts are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    All,
    /// Those that nobody uses.
    Idle,
    /// Those that nobody answers for.
    Orphan,
}

struct AccountRow {
    id: String,
    name: String,
    login: String,
    role: String,
    institution: Option<String>,
    state: String,
    is_active: bool,
    is_invited: bool,
    is_suspended: bool,
    is_own: bool,
    used_at: Option<String>,
    ends_at: Option<String>,
    excepted_until: Option<String>,
    /// Whether it is an institution's, whose manager may except it.
    can_be_excepted: bool,
    /// Why it should be looked at.
    stale: Vec<String>,
    proofing: Option<String>,
}

/// `GET /accounts`.
pub(crate) async fn accounts(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    may_list(&app, &reader)?;
    page(&app, &reader, None).await
}

/// `POST /accounts/stale`: suspends every account of a kind that should be looked at, in one commit.
pub(crate) async fn suspend_stale(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    may_list(&app, &reader)?;
    let show = Show::of(&text(&fields, "kind"));
    if show == Show::All {
        return Err(reader.not_found(&app));
    }
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let stale = app.identity.stale(own(&reader), act).await.map_err(fault)?;
    let decide = |action, concern: &Concern<'_>| may_administer(viewer, action, concern, act.now);
    let mut deeds = Vec::new();
    for (account, _) in stale.iter().filter(|(_, reasons)| show.names(reasons)) {
        let Some(role) = Role::from_code(&account.role) else { continue };
        let wanted = Wanted {
            name: account.name.clone(),
            role,
            ends_at: account.ends_at,
            state: Some(AccountState::Suspended),
        };
        let is_first = is_first(&app, &reader, account).await?;
        // What this viewer may not suspend stays in the list for somebody who may.
        if let Ok(Some(deed)) = Deed::change(viewer, account, &wanted, is_first, &decide, act) {
            deeds.push(deed);
        }
    }
    if deeds.is_empty() {
        return page(&app, &reader, Some("accounts.none-suspended")).await;
    }
    match app.identity.carry_out(deeds, act).await {
        Ok(_) => Ok(to(show.href())),
        Err(NotDone::Store(why)) => Err(fault(why)),
        Err(NotDone::LastAdministrator(_)) => page(&app, &reader, Some("accounts.last-administrator")).await,
        Err(NotDone::Outdated(_) | NotDone::LoginTaken(_)) => {
            page(&app, &reader, Some("accounts.not-there")).await
        }
    }
}

/// `POST /accounts`: suspends, reinstates or ends an account, or invites its holder anew.
pub(crate) async fn change_account(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let account = app.exchange.store.account(text(&fields, "account")).await.map_err(fault)?;
    let account = account.ok_or_else(|| reader.not_found(&app))?;
    let (viewer, act, id) = (&reader.visitor.viewer, &reader.visitor.act, account.id.as_str());
    let (what, is_first) = (text(&fields, "act"), is_first(&app, &reader, &account).await?);
    let holder = Holder { credential: account.id.clone(), name: account.name.clone() };
    let concern = Concern {
        institution: account.institution.as_deref(),
        subject: Role::from_code(&account.role),
        holder: Some(&holder),
        is_first,
    };
    let action = match what.as_str() {
        "suspend" | "reinstate" => Action::AccountSuspend,
        "end" => Action::AccountEnd,
        "invite-anew" => Action::AccountInvite,
        _ => return Err(reader.not_found(&app)),
    };
    let rule = permitted(&app, &reader, action, &concern)?;
    let moved = match what.as_str() {
        "suspend" => app.identity.suspend(viewer, rule, id, act).await,
        "reinstate" => app.identity.reinstate(viewer, rule, id, act).await,
        "end" => app.identity.end(viewer, rule, id, act).await,
        "invite-anew" => match app.identity.invite_anew(viewer, rule, id, act).await {
            Ok(invited) => return Ok(invited_page(&app, &reader, &invited)),
            Err(why) => Err(why),
        },
        _ => return Err(reader.not_found(&app)),
    };
    match moved {
        Ok(()) => Ok(to("/accounts")),
        Err(NotMoved::Store(why)) => Err(fault(why)),
        Err(NotMoved::LastAdministrator) => page(&app, &reader, Some("accounts.last-administrator")).await,
        Err(NotMoved::NotThere) => page(&app, &reader, Some("accounts.not-there")).await,
    }
}

pub(super) fn own(reader: &Reader) -> Option<&str> {
    reader.visitor.viewer.institution.as_deref()
}

fn may_list(app: &App, reader: &Reader) -> Result<&'static str, Refusal> {
    let concern = Concern { institution: own(reader), ..Concern::default() };
    permitted(app, reader, Action::AccountList, &concern)
}

/// The rule that permits, else the page that says why not, or that asks for a fresh proof first.
pub(super) fn permitted(
    app: &App,
    reader: &Reader,
    action: Action,
    concern: &Concern<'_>,
) -> Result<&'static str, Refusal> {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    may_administer(viewer, action, concern, now).map_err(|refusal| match refusal.rule {
        "step-up-needed" if reader.visitor.session.is_some() => Refusal::to_proof(&reader.place.path),
        rule => Refusal::by_rule(reader.frame(app), rule),
    })
}

/// Whether an account is the only one of its institution that keeps accounts.
async fn is_first(app: &App, reader: &Reader, account: &Account) -> Result<bool, Refusal> {
    let keeps = ADMINISTRATORS.contains(&account.role.as_str());
    let others = administrators(app, reader, account.institution.clone()).await?;
    Ok(keeps && !others.iter().any(|one| one.id != account.id))
}

/// Those who keep the accounts of an institution and have not ended.
pub(super) async fn administrators(
    app: &App,
    reader: &Reader,
    institution: Option<String>,
) -> Result<Vec<Account>, Refusal> {
    if institution.is_none() {
        return Ok(Vec::new());
    }
    let all = app.exchange.store.accounts(institution).await;
    let all = all.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let keeps =
        |one: &Account| one.state != AccountState::Ended && ADMINISTRATORS.contains(&one.role.as_str());
    Ok(all.into_iter().filter(keeps).collect())
}

/// The list, as the address asks, with what could not be done.
pub(super) async fn page(app: &App, reader: &Reader, error: Option<&str>) -> Result<Response, Refusal> {
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let all = app.exchange.store.accounts(own(reader).map(str::to_owned)).await.map_err(fault)?;
    let stale = app.identity.stale(own(reader), act).await.map_err(fault)?;
    let frame = reader.frame(app);
    let error = error.map(|key| frame.word(key).to_owned());
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let show =
        Show::of(reader.place.query.split('&').find_map(|pair| pair.strip_prefix("show=")).unwrap_or(""));
    let reasons = |one: &Account| {
        let found = stale.iter().find(|(account, _)| account.id == one.id);
        found.map(|(_, reasons)| reasons.clone()).unwrap_or_default()
    };
    let staff = |one: &&Account| one.state != AccountState::Ended && one.person.is_none();
    let staff: Vec<&Account> = all.iter().filter(staff).collect();
    let tabs = [Show::All, Show::Idle, Show::Orphan].map(|tab| Tab {
        href: tab.href(),
        label: frame.word(tab.key()).to_owned(),
        count: staff.iter().filter(|one| tab.names(&reasons(one))).count(),
        is_current: tab == show,
    });
    let shown = staff.iter().filter(|one| show.names(&reasons(one)));
    let rows = shown.map(|one| row(one, &reasons(one), reader, &frame)).collect();
    let subject = Some(Role::PlanningManager);
    let concern = Concern { institution: own(reader), subject, holder: None, is_first: true };
    let title = frame.word("accounts.title").to_owned();
    let page = AccountsPage {
        rows,
        providers: provider_rows(app, reader).await?,
        tabs: tabs.into(),
        kind: show.code(),
        kind_about: show.about(&frame),
        can_change: may_administer(viewer, Action::AccountInvite, &concern, act.now).is_ok(),
        longest_days: longest_exception_days(),
        error,
        frame: frame.titled(title),
    };
    Ok(page.frame.answer(status, &page))
}

impl Show {
    fn of(code: &str) -> Self {
        match code {
            "idle" => Self::Idle,
            "orphan" => Self::Orphan,
            _ => Self::All,
        }
    }

    fn code(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Idle => Some("idle"),
            Self::Orphan => Some("orphan"),
        }
    }

    fn href(self) -> &'static str {
        match self {
            Self::All => "/accounts",
            Self::Idle => "/accounts?show=idle",
            Self::Orphan => "/accounts?show=orphan",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::All => "accounts.show-all",
            Self::Idle => "accounts.show-idle",
            Self::Orphan => "accounts.show-orphan",
        }
    }

    fn about(self, frame: &Frame) -> Option<String> {
        match self {
            Self::All => None,
            Self::Idle => Some(frame.fill("accounts.about-idle", "days", idle_days())),
            Self::Orphan => Some(frame.word("accounts.about-orphan").to_owned()),
        }
    }

    fn names(self, reasons: &[Stale]) -> bool {
        match self {
            Self::All => true,
            Self::Idle => reasons.iter().any(|reason| !reason.is_orphan()),
            Self::Orphan => reasons.iter().any(|reason| reason.is_orphan()),
        }
    }
}

fn row(account: &Account, stale: &[Stale], reader: &Reader, frame: &Frame) -> AccountRow {
    let now = reader.visitor.act.now;
    let role =
        Role::from_code(&account.role).map_or(account.role.as_str(), |role| frame.word(role_key(role)));
    let proofing: Option<Proofing> =
        account.proofing.as_deref().and_then(|text| serde_json::from_str(text).ok());
    AccountRow {
        role: role.to_owned(),
        institution: match own(reader) {
            Some(_) => None,
            None => account.institution.as_deref().map(|number| reader.institutions.name(number)),
        },
        state: frame.word(&format!("account-state.{}", account.state.code())).to_owned(),
        is_active: account.state == AccountState::Active,
        is_invited: account.state == AccountState::Invited,
        is_suspended: account.state == AccountState::Suspended,
        is_own: account.id == reader.visitor.viewer.credential,
        used_at: account.used_at.map(minute),
        ends_at: account.ends_at.map(minute),
        excepted_until: account.excepted_until.filter(|until| now < *until).map(minute),
        can_be_excepted: own(reader).is_some(),
        stale: stale.iter().map(|one| frame.word(&format!("stale.{}", one.code())).to_owned()).collect(),
        proofing: proofing.map(|one| format!("{} (IAL{}, {})", one.checked, one.level, one.by)),
        id: account.id.clone(),
        name: account.name.clone(),
        login: account.login.clone(),
    }
}
