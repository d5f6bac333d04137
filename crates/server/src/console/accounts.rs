//! アカウント: who works here with the hub, and how they came in. For whoever manages an institution's accounts.

use std::sync::Arc;

use access::{Action, Concern, Role, may_administer};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{ADMINISTRATORS, Invited, Login, NewAccount, NotMade, NotMoved, Proofing, Terms};
use store::{Account, AccountState, Holder, Provider};

use crate::App;
use crate::console::form::{Fields, read_form, text};
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
    error: Option<String>,
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
    proofing: Option<String>,
}

/// An identity provider by which accounts come in.
struct ProviderRow {
    name: String,
    institution: Option<String>,
    kind: String,
    issuer: String,
    demands: String,
}

#[derive(Template)]
#[template(path = "account_new.html")]
struct NewAccountPage {
    frame: Frame,
    roles: Vec<(&'static str, String)>,
    institutions: Vec<(String, String)>,
    typed: Typed,
    error: Option<(&'static str, String)>,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    name: String,
    login: String,
    role: String,
    institution: String,
    checked: String,
    level: String,
    ends: String,
}

#[derive(Template)]
#[template(path = "account_invited.html")]
struct InvitedPage {
    frame: Frame,
    name: String,
    login: String,
    address: String,
    picture: String,
    ends_at: String,
}

/// `GET /accounts`.
pub(crate) async fn accounts(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    permitted(
        &app,
        &reader,
        Action::AccountList,
        &Concern { institution: own(&reader), ..Concern::default() },
    )?;
    page(&app, &reader, None).await
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

/// `GET /accounts/new`.
pub(crate) async fn new_account(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    // Whoever may invite anybody may see the form: a manager anyone of theirs, the operator a first manager.
    let subject = Some(Role::PlanningManager);
    let concern = Concern { institution: own(&reader), subject, holder: None, is_first: true };
    permitted(&app, &reader, Action::AccountInvite, &concern)?;
    Ok(form(&app, &reader, Typed { level: "2".to_owned(), ..Typed::default() }, None))
}

/// `POST /accounts/new`: makes an account and shows the link that invites its holder, once.
pub(crate) async fn invite(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let typed = Typed::of(&fields);
    let institution = own(&reader).map(str::to_owned).or_else(|| Some(typed.institution.clone()));
    let institution = institution.filter(|number| !number.is_empty());
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let concern = Concern {
        institution: institution.as_deref(),
        subject: Role::from_code(&typed.role),
        holder: None,
        is_first: lacks_administrator(&app, &reader, institution.clone()).await?,
    };
    let rule = permitted(&app, &reader, Action::AccountInvite, &concern)?;
    let new = match typed.new_account(institution, &viewer.name) {
        Ok(new) => new,
        Err(field) => return Ok(form(&app, &reader, typed, Some((field, "accounts.wrong")))),
    };
    match app.identity.invite(viewer, rule, new, act).await {
        Ok(invited) => Ok(invited_page(&app, &reader, &invited)),
        Err(NotMade::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotMade::LoginTaken) => Ok(form(&app, &reader, typed, Some(("login", "accounts.login-taken")))),
        Err(NotMade::NeedsInstitution) => {
            Ok(form(&app, &reader, typed, Some(("institution", "accounts.needs-institution"))))
        }
        Err(NotMade::NeedsPerson) => Ok(form(&app, &reader, typed, Some(("role", "accounts.needs-person")))),
        Err(NotMade::NeedsEnd | NotMade::EndsBefore) => {
            Ok(form(&app, &reader, typed, Some(("ends", "accounts.needs-end"))))
        }
    }
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: text(fields, "name"),
            login: text(fields, "login"),
            role: text(fields, "role"),
            institution: text(fields, "institution"),
            checked: text(fields, "checked"),
            level: text(fields, "level"),
            ends: text(fields, "ends"),
        }
    }

    /// The account that was typed; else the field that is wrong.
    fn new_account(&self, institution: Option<String>, by: &str) -> Result<NewAccount, &'static str> {
        if self.name.is_empty() || self.name.chars().count() > 60 {
            return Err("name");
        }
        let login: Login = self.login.parse().map_err(|_| "login")?;
        let role = Role::from_code(&self.role).filter(|role| OFFERED.contains(role)).ok_or("role")?;
        let level = self.level.parse().ok().filter(|level| (1..=3).contains(level)).ok_or("level")?;
        if self.checked.is_empty() || self.checked.chars().count() > 200 {
            return Err("checked");
        }
        let ends_at = match self.ends.as_str() {
            "" => None,
            day => Some(crate::console::time::end_of_day(day).ok_or("ends")?),
        };
        let proofing = Proofing { checked: self.checked.clone(), by: by.to_owned(), level, reference: None };
        let institution =
            institution.filter(|_| role.acts_for_an_institution() || role == Role::SafetyManager);
        Ok(NewAccount {
            login,
            name: self.name.clone(),
            role,
            institution,
            person: None,
            proofing: Some(proofing),
            ends_at,
        })
    }
}

/// Roles that an account made here can have: people's, and no patient's, whose accounts come by their own door.
const OFFERED: &[Role] = &[
    Role::Clinician,
    Role::EmergencyClinician,
    Role::Nurse,
    Role::Pharmacist,
    Role::Clerk,
    Role::Executive,
    Role::SafetyManager,
    Role::PlanningManager,
    Role::SystemOperator,
    Role::Maintainer,
    Role::Auditor,
    Role::Insurer,
    Role::Developer,
];

fn own(reader: &Reader) -> Option<&str> {
    reader.visitor.viewer.institution.as_deref()
}

/// The rule that permits, else the page that says why not, or that asks for a fresh proof first.
fn permitted(
    app: &App,
    reader: &Reader,
    action: Action,
    concern: &Concern<'_>,
) -> Result<&'static str, Refusal> {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    may_administer(viewer, action, concern, now).map_err(|refusal| match refusal.rule {
        "step-up-needed" if reader.visitor.session.is_some() => Refusal::to_proof("/accounts"),
        rule => Refusal::by_rule(reader.frame(app), rule),
    })
}

/// Whether an account is the only one of its institution that keeps accounts.
async fn is_first(app: &App, reader: &Reader, account: &Account) -> Result<bool, Refusal> {
    let keeps = ADMINISTRATORS.contains(&account.role.as_str());
    let others = administrators(app, reader, account.institution.clone()).await?;
    Ok(keeps && !others.iter().any(|one| one.id != account.id))
}

/// Whether nobody keeps accounts at an institution yet.
async fn lacks_administrator(
    app: &App,
    reader: &Reader,
    institution: Option<String>,
) -> Result<bool, Refusal> {
    Ok(administrators(app, reader, institution).await?.is_empty())
}

async fn administrators(
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

async fn page(app: &App, reader: &Reader, error: Option<&str>) -> Result<Response, Refusal> {
    let all = app.exchange.store.accounts(own(reader).map(str::to_owned)).await;
    let all = all.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let frame = reader.frame(app);
    let error = error.map(|key| frame.word(key).to_owned());
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let shown = all.iter().filter(|one| one.state != AccountState::Ended && one.person.is_none());
    let rows = shown.map(|one| row(one, reader, &frame)).collect();
    let providers =
        app.identity.providers().await.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let shown = providers
        .iter()
        .filter(|(one, _)| own(reader).is_none() || one.institution.as_deref() == own(reader));
    let providers = shown.map(|(one, terms)| provider_row(one, terms, reader, &frame)).collect();
    let title = frame.word("accounts.title").to_owned();
    let page = AccountsPage { rows, providers, error, frame: frame.titled(title) };
    Ok(page.frame.answer(status, &page))
}

fn row(account: &Account, reader: &Reader, frame: &Frame) -> AccountRow {
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
        proofing: proofing.map(|one| format!("{} (IAL{}, {})", one.checked, one.level, one.by)),
        id: account.id.clone(),
        name: account.name.clone(),
        login: account.login.clone(),
    }
}

fn provider_row(provider: &Provider, terms: &Terms, reader: &Reader, frame: &Frame) -> ProviderRow {
    let demands = &terms.demands;
    ProviderRow {
        name: provider.name.clone(),
        institution: match own(reader) {
            Some(_) => None,
            None => provider.institution.as_deref().map(|number| reader.institutions.name(number)),
        },
        kind: frame.word(&format!("provider-kind.{}", provider.kind.code())).to_owned(),
        issuer: provider.issuer.clone(),
        demands: match (demands.acr.is_empty(), demands.one_suffices) {
            (false, _) => frame.fill("provider.demands-acr", "acr", demands.acr.join(" ")),
            (true, false) => frame.word("provider.demands-two").to_owned(),
            (true, true) => frame.word("provider.demands-one").to_owned(),
        },
    }
}

fn form(app: &App, reader: &Reader, typed: Typed, error: Option<(&'static str, &str)>) -> Response {
    let frame = reader.frame(app);
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let roles = OFFERED.iter().map(|role| (role.code(), frame.word(role_key(*role)).to_owned())).collect();
    let institutions = if own(reader).is_some() { Vec::new() } else { reader.institutions.all() };
    let title = frame.word("accounts.new-title").to_owned();
    let page = NewAccountPage { roles, institutions, typed, error, frame: frame.titled(title) };
    page.frame.answer(status, &page)
}

fn invited_page(app: &App, reader: &Reader, invited: &Invited) -> Response {
    let frame = reader.frame(app);
    let title = frame.word("accounts.invited-title").to_owned();
    let address = format!("{}/invitation/{}", app.base_url, invited.link);
    let page = InvitedPage {
        frame: frame.titled(title),
        name: invited.account.name.clone(),
        login: invited.account.login.clone(),
        picture: crate::console::sign_in::qr(&address),
        address,
        ends_at: minute(invited.ends_at),
    };
    page.frame.answer(StatusCode::OK, &page)
}
