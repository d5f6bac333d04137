//! アプリ: which vendors' programs an institution lets in, and how far.

use std::sync::Arc;

use access::{ACCOUNTS_SCOPE, Action, Concern, may_administer, on_record};
use askama::Template;
use audit::Outcome;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::app::{KeySetFault, NotRegistered, Registration};
use jiff::SignedDuration;
use store::{AppKind, RegisteredApp};

use crate::App;
use crate::console::accounts::own;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage {
    frame: Frame,
    rows: Vec<AppRow>,
    /// Whether the reader has just proved who they are, as registering wants.
    is_fresh: bool,
    institutions: Vec<(String, String)>,
    typed: Typed,
    error: Option<(&'static str, String)>,
    /// The id of the app that was just registered.
    made: Option<String>,
}

struct AppRow {
    id: String,
    name: String,
    kind: String,
    institution: Option<String>,
    scopes: String,
    addresses: Vec<String>,
    ends_at: String,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    name: String,
    kind: String,
    institution: String,
    jwks: String,
    addresses: String,
    scopes: String,
}

/// A key set of ten keys, and a little more.
const FORM_BYTES: usize = 64 << 10;
/// How long an app is registered for; then it is asked anew.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// `GET /apps`.
pub(crate) async fn apps(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, Typed::default(), None, None).await
}

/// `POST /apps`: registers an app, or ends one.
pub(crate) async fn change_apps(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    match text(&fields, "end").as_str() {
        "" => register(&app, &reader, Typed::of(&fields)).await,
        id => end(&app, &reader, id.to_owned()).await,
    }
}

async fn register(app: &App, reader: &Reader, typed: Typed) -> Result<Response, Refusal> {
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let store = &app.exchange.store;
    let institution = own(reader).map(str::to_owned);
    let institution =
        institution.or_else(|| Some(typed.institution.clone()).filter(|number| !number.is_empty()));
    let rule = permitted(app, reader, Action::RegisterApp, institution.as_deref())?;
    if typed.scopes.split_whitespace().any(|scope| scope == ACCOUNTS_SCOPE) {
        // Nobody lets an app do what they may not do themselves.
        permitted(app, reader, Action::ExportAccounts, institution.as_deref())?;
    }
    let registration = typed.registration(institution, &viewer.name, act.now + LIFE);
    let made = match registration.check(act.now) {
        Ok(made) => made,
        Err(NotRegistered::Store(fault)) => return Err(Refusal::fault(reader.frame(app), &fault)),
        Err(why) => return page(app, reader, typed, Some(wrong(&why)), None).await,
    };
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, viewer, rule).map_err(fault)?;
    event.objects = vec![format!("app/{}", made.id), "registered".to_owned()];
    let id = made.id.clone();
    store.keep_app(made, event).await.map_err(fault)?;
    page(app, reader, Typed::default(), None, Some(id)).await
}

async fn end(app: &App, reader: &Reader, id: String) -> Result<Response, Refusal> {
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let found = app.exchange.store.app(id.clone()).await.map_err(fault)?;
    let found = found.filter(|one| is_shown(one, reader)).ok_or_else(|| reader.not_found(app))?;
    let rule = permitted(app, reader, Action::RegisterApp, found.institution.as_deref())?;
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, viewer, rule).map_err(fault)?;
    event.objects = vec![format!("app/{id}"), "ended".to_owned()];
    app.exchange.store.end_app(id, act.now, event).await.map_err(fault)?;
    Ok(to("/apps"))
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            name: text(fields, "name"),
            kind: text(fields, "kind"),
            institution: text(fields, "institution"),
            jwks: text(fields, "jwks"),
            addresses: text(fields, "addresses"),
            scopes: text(fields, "scopes"),
        }
    }

    fn registration(&self, institution: Option<String>, by: &str, ends_at: jiff::Timestamp) -> Registration {
        Registration {
            name: self.name.clone(),
            institution,
            kind: if self.kind == "app" { AppKind::Launched } else { AppKind::Backend },
            jwks: Some(self.jwks.clone()).filter(|text| !text.is_empty()),
            redirect_uris: self.addresses.split_whitespace().map(str::to_owned).collect(),
            scopes: self.scopes.clone(),
            by: by.to_owned(),
            ends_at,
        }
    }
}

/// Which field is wrong, and how to mend it.
fn wrong(why: &NotRegistered) -> (&'static str, &'static str) {
    match why {
        NotRegistered::Name | NotRegistered::Store(_) => ("name", "apps.not-name"),
        NotRegistered::Institution => ("institution", "apps.not-institution"),
        NotRegistered::Keys => ("jwks", "apps.not-keys"),
        NotRegistered::KeySet(KeySetFault::Private) => ("jwks", "apps.not-private"),
        NotRegistered::KeySet(_) => ("jwks", "apps.not-key-set"),
        NotRegistered::Addresses => ("addresses", "apps.not-addresses"),
        NotRegistered::Address(_) => ("addresses", "apps.not-address"),
        NotRegistered::Scope(_) => ("scopes", "apps.not-scope"),
        NotRegistered::ScopeKind => ("scopes", "apps.not-scope-kind"),
    }
}

fn permitted(
    app: &App,
    reader: &Reader,
    action: Action,
    institution: Option<&str>,
) -> Result<&'static str, Refusal> {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    let concern = Concern { institution, ..Concern::default() };
    may_administer(viewer, action, &concern, now).map_err(|refusal| match refusal.rule {
        "step-up-needed" if reader.visitor.session.is_some() => Refusal::to_proof("/apps"),
        rule => Refusal::by_rule(reader.frame(app), rule),
    })
}

/// An institution sees its own apps, the operator all.
fn is_shown(one: &RegisteredApp, reader: &Reader) -> bool {
    own(reader).is_none_or(|number| one.institution.as_deref() == Some(number))
}

async fn page(
    app: &App,
    reader: &Reader,
    typed: Typed,
    error: Option<(&'static str, &'static str)>,
    made: Option<String>,
) -> Result<Response, Refusal> {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    let concern = Concern { institution: own(reader), ..Concern::default() };
    // Whoever may register once they have proved themselves again may see what is registered.
    let is_fresh = match may_administer(viewer, Action::RegisterApp, &concern, now) {
        Ok(_) => true,
        Err(refusal) if refusal.rule == "step-up-needed" => false,
        Err(refusal) => return Err(Refusal::by_rule(reader.frame(app), refusal.rule)),
    };
    let all = app.exchange.store.apps().await;
    let all = all.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let frame = reader.frame(app);
    let in_force = all.iter().filter(|one| one.is_in_force(now) && is_shown(one, reader));
    let rows = in_force.map(|one| row(one, reader, &frame)).collect();
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let institutions = if own(reader).is_some() { Vec::new() } else { reader.institutions.all() };
    let title = frame.word("apps.title").to_owned();
    let page = AppsPage { rows, is_fresh, institutions, typed, error, made, frame: frame.titled(title) };
    Ok(page.frame.answer(status, &page))
}

fn row(one: &RegisteredApp, reader: &Reader, frame: &Frame) -> AppRow {
    let kind = match one.kind {
        AppKind::Backend => "apps.backend",
        AppKind::Launched => "apps.launched",
    };
    AppRow {
        id: one.id.clone(),
        name: one.name.clone(),
        kind: frame.word(kind).to_owned(),
        institution: one.institution.as_deref().map(|number| reader.institutions.name(number)),
        scopes: one.scopes.clone(),
        addresses: one.redirect_uris.clone(),
        ends_at: minute(one.ends_at),
    }
}
