//! 代理人: who was registered here to act for whom, and how long. For whoever sees the papers.

use std::sync::Arc;

use access::may_list_proxies;
use askama::Template;
use audit::EventId;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{NewProxy, NotProxy};
use store::{PersonId, Proxy, Relation};

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::{Frame, relation_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time;

#[derive(Template)]
#[template(path = "proxies.html")]
struct ProxiesPage {
    frame: Frame,
    rows: Vec<Row>,
    relations: Vec<(&'static str, String)>,
    typed: Typed,
    error: Option<(&'static str, String)>,
}

/// One proxy, as whoever registered it, and the patient, read it.
pub(crate) struct Row {
    /// Its id.
    pub(crate) id: String,
    /// Who may act.
    pub(crate) name: String,
    /// For whom.
    pub(crate) represented: String,
    /// By what relation, in words.
    pub(crate) relation: String,
    /// What was checked.
    pub(crate) evidence: String,
    /// Who registered it, and where.
    pub(crate) registrar: String,
    /// Since when.
    pub(crate) from: String,
    /// Until when.
    pub(crate) until: String,
    /// Whether it holds now.
    pub(crate) holds: bool,
    /// Who ended it, and when.
    pub(crate) ended: Option<String>,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    number: String,
    birth: String,
    login: String,
    relation: String,
    evidence: String,
    until: String,
}

/// `GET /proxies`.
pub(crate) async fn proxies(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, Typed::default(), None).await
}

/// `POST /proxies`: registers one, or ends one (`end`).
pub(crate) async fn change_proxies(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let ended = text(&fields, "end");
    let typed = Typed::of(&fields);
    let outcome = if ended.is_empty() {
        let person = app.exchange.store.find_person(&typed.number).await;
        let person = person.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
        match typed.new_proxy(person) {
            Ok(new) => app.identity.register_proxy(viewer, new, act).await.map(drop),
            Err(field) => return page(&app, &reader, typed, Some((field, "proxies.wrong"))).await,
        }
    } else {
        let id = EventId::try_from(ended).map_err(|_| reader.not_found(&app))?;
        app.identity.end_proxy(viewer, id, act).await
    };
    match outcome {
        Ok(()) => Ok(to("/proxies")),
        Err(why) => {
            let wrong = complaint(&app, &reader, why)?;
            page(&app, &reader, typed, Some(wrong)).await
        }
    }
}

/// The field that is wrong and the key of what is said of it; else the page that says why not.
fn complaint(app: &App, reader: &Reader, why: NotProxy) -> Result<(&'static str, &'static str), Refusal> {
    match why {
        NotProxy::Refused(refusal)
            if refusal.rule == "step-up-needed" && reader.visitor.session.is_some() =>
        {
            Err(Refusal::to_proof("/proxies"))
        }
        NotProxy::Refused(refusal) => Err(Refusal::by_rule(reader.frame(app), refusal.rule)),
        NotProxy::Store(fault) => Err(Refusal::fault(reader.frame(app), &fault)),
        NotProxy::NotThere => Err(reader.not_found(app)),
        NotProxy::NoAccount => Ok(("login", "proxies.no-account")),
        NotProxy::Nobody => Ok(("number", "proxies.nobody")),
        NotProxy::Themselves => Ok(("login", "proxies.themselves")),
        NotProxy::WrongAge => Ok(("birth", "proxies.wrong-age")),
        NotProxy::WrongEnd => Ok(("until", "proxies.wrong-end")),
        NotProxy::NoEvidence => Ok(("evidence", "proxies.no-evidence")),
        NotProxy::Already => Ok(("login", "proxies.already")),
    }
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            number: text(fields, "number"),
            birth: text(fields, "birth"),
            login: text(fields, "login"),
            relation: text(fields, "relation"),
            evidence: text(fields, "evidence"),
            until: text(fields, "until"),
        }
    }

    /// The proxy that was typed; else the field that is wrong.
    fn new_proxy(&self, person: Option<PersonId>) -> Result<NewProxy, &'static str> {
        Ok(NewProxy {
            birth: self.birth.parse().map_err(|_| "birth")?,
            login: self.login.parse().map_err(|_| "login")?,
            relation: Relation::from_code(&self.relation).ok_or("relation")?,
            until: match self.until.as_str() {
                "" => None,
                day => Some(day.parse().map_err(|_| "until")?),
            },
            evidence: self.evidence.clone(),
            person,
        })
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    typed: Typed,
    error: Option<(&'static str, &'static str)>,
) -> Result<Response, Refusal> {
    let frame = reader.frame(app);
    let institution = may_list_proxies(&reader.visitor.viewer);
    let institution = institution.map_err(|refusal| Refusal::by_rule(frame.clone(), refusal.rule))?;
    let all = app.exchange.store.proxies(institution).await;
    let all = all.map_err(|fault| Refusal::fault(frame.clone(), &fault))?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let relation = |one: &Relation| (one.code(), frame.word(relation_key(*one)).to_owned());
    let title = frame.word("proxies.title").to_owned();
    let page = ProxiesPage {
        rows: all.iter().map(|one| row(one, reader, &frame)).collect(),
        relations: Relation::ALL.iter().map(relation).collect(),
        typed,
        frame: if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

/// A proxy as people read it.
pub(crate) fn row(proxy: &Proxy, reader: &Reader, frame: &Frame) -> Row {
    let institution = proxy.institution.as_deref().map(|number| reader.institutions.name(number));
    let institution = institution.unwrap_or_else(|| frame.site.clone());
    Row {
        id: proxy.id.to_string(),
        name: proxy.name.clone(),
        represented: proxy.represented.clone(),
        relation: frame.word(relation_key(proxy.relation)).to_owned(),
        evidence: proxy.evidence.clone(),
        registrar: format!("{institution} {}", proxy.registrar.name),
        from: time::minute(proxy.starts_at),
        until: time::minute(proxy.ends_at),
        holds: proxy.holds(reader.visitor.act.now),
        ended: proxy.ended.as_ref().map(|(at, by)| format!("{} {}", time::minute(*at), by.name)),
    }
}
