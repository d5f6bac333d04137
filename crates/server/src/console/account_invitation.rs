//! アカウントに招く: a form, and the link that is shown once.

use std::sync::Arc;

use access::{Action, Concern, Role};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{Invited, Login, NewAccount, NotMade, OFFERED, Proofing};

use crate::App;
use crate::console::accounts::{administrators, own, permitted};
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::FORM_BYTES;
use crate::console::time::minute;

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

/// Whether nobody keeps accounts at an institution yet.
async fn lacks_administrator(
    app: &App,
    reader: &Reader,
    institution: Option<String>,
) -> Result<bool, Refusal> {
    Ok(administrators(app, reader, institution).await?.is_empty())
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

/// The page with the link that lets somebody in, and its picture.
pub(super) fn invited_page(app: &App, reader: &Reader, invited: &Invited) -> Response {
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
