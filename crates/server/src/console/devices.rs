//! 端末: which terminals an institution knows, who asks for another, and who signed in on one that it does not know.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Action, Concern, Unregistered};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{NewDevice, NotKnown, ToldCode};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Device, DeviceFinding, DeviceKind, Holder};

use crate::App;
use crate::console::accounts::permitted;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::{day, minute};
use crate::tls::certificate_fingerprint;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    frame: Frame,
    asked: Vec<DeviceRow>,
    known: Vec<DeviceRow>,
    findings: Vec<FindingRow>,
    choices: Vec<Choice>,
    /// The last day that a personal terminal can be approved for.
    latest: String,
    error: Option<(&'static str, String)>,
}

/// A terminal as its own page and the list show it.
pub(crate) struct DeviceRow {
    id: String,
    pub(crate) label: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    /// Until when, for one that ends by itself.
    pub(crate) until: Option<String>,
    owner: Option<String>,
    asked_at: String,
    is_own: bool,
    pub(crate) is_in_force: bool,
    is_over: bool,
    takes_code: bool,
}

struct FindingRow {
    id: String,
    kind: String,
    who: String,
    place: String,
    agent: String,
    times: i64,
    last_at: String,
}

struct Choice {
    code: &'static str,
    label: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct CodePage {
    frame: Frame,
    label: String,
    code: String,
    address: String,
    ends_at: String,
}

/// `GET /devices`.
pub(crate) async fn devices(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    permitted(&app, &reader, Action::ApproveDevice, &of_own(&reader, None))?;
    page(&app, &reader, None).await
}

/// `POST /devices`: adds, approves or ends a terminal, gives one a new code, says that a finding was looked at, or changes
/// what becomes of terminals that nobody knows.
pub(crate) async fn change_devices(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let done = match text(&fields, "act").as_str() {
        "add" => add(&app, &reader, &fields).await?,
        "choose" => choose(&app, &reader, &fields).await?,
        "resolve" => resolve(&app, &reader, &fields).await?,
        what => change(&app, &reader, &fields, what).await?,
    };
    match done {
        Ok(response) => Ok(response),
        Err(NotKnown::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(why) => page(&app, &reader, Some(&why)).await,
    }
}

type Done = Result<Result<Response, NotKnown>, Refusal>;

async fn add(app: &App, reader: &Reader, fields: &Fields) -> Done {
    let rule = permitted(app, reader, Action::ApproveDevice, &of_own(reader, None))?;
    let institution = own(reader).ok_or_else(|| reader.not_found(app))?.to_owned();
    let certificate = match text(fields, "certificate").as_str() {
        "" => None,
        pem => match certificate_fingerprint(pem.as_bytes()) {
            Some(shown) => Some(shown),
            None => return Ok(Err(NotKnown::BadCertificate)),
        },
    };
    let new = NewDevice { institution, label: text(fields, "label"), certificate };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let added = app.identity.add_device(viewer, rule, new, act).await;
    Ok(added.map(|(device, code)| match code {
        Some(code) => code_page(app, reader, &device.label, &code),
        None => to("/devices"),
    }))
}

async fn choose(app: &App, reader: &Reader, fields: &Fields) -> Done {
    let rule = permitted(app, reader, Action::ChangePolicy, &of_own(reader, None))?;
    let institution = own(reader).ok_or_else(|| reader.not_found(app))?;
    let choice = Unregistered::from_code(&text(fields, "choice")).ok_or_else(|| reader.not_found(app))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let chosen = app.identity.choose_unregistered(viewer, rule, institution, choice, act).await;
    Ok(chosen.map(|()| to("/devices")))
}

async fn resolve(app: &App, reader: &Reader, fields: &Fields) -> Done {
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let found = app.exchange.store.device_finding(text(fields, "finding")).await.map_err(fault)?;
    let found = found.filter(|found| found.institution.as_deref() == own(reader));
    let found = found.ok_or_else(|| reader.not_found(app))?;
    // Nobody says of their own sign-in that it was looked at.
    let holder = holder_of(app, reader, Some(&found.account)).await?;
    let rule = permitted(app, reader, Action::ApproveDevice, &of_own(reader, holder.as_ref()))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let resolved = app.identity.resolve_device_finding(viewer, rule, &found.id, act).await;
    Ok(resolved.map(|()| to("/devices")))
}

async fn change(app: &App, reader: &Reader, fields: &Fields, what: &str) -> Done {
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let device = app.exchange.store.device(text(fields, "device")).await.map_err(fault)?;
    let device = device.filter(|device| Some(device.institution.as_str()) == own(reader));
    let device = device.ok_or_else(|| reader.not_found(app))?;
    let holder = holder_of(app, reader, device.owner.as_ref()).await?;
    let rule = permitted(app, reader, Action::ApproveDevice, &of_own(reader, holder.as_ref()))?;
    let (viewer, act, id) = (&reader.visitor.viewer, &reader.visitor.act, device.id.as_str());
    Ok(match what {
        "approve" => {
            let last_day = text(fields, "ends").parse::<Date>().unwrap_or(Date::MIN);
            app.identity.approve_device(viewer, rule, id, last_day, act).await.map(|()| to("/devices"))
        }
        "code" => {
            let told = app.identity.new_device_code(viewer, rule, id, act).await;
            told.map(|code| code_page(app, reader, &device.label, &code))
        }
        "end" => app.identity.end_device(viewer, rule, id, act).await.map(|()| to("/devices")),
        _ => return Err(reader.not_found(app)),
    })
}

/// Whoever has an account, by id and name: one person may have several.
async fn holder_of(app: &App, reader: &Reader, id: Option<&String>) -> Result<Option<Holder>, Refusal> {
    let Some(id) = id else { return Ok(None) };
    let account = app.exchange.store.account(id.clone()).await;
    let account = account.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    Ok(account.map(|account| Holder { credential: account.id, name: account.name }))
}

fn own(reader: &Reader) -> Option<&str> {
    reader.visitor.viewer.institution.as_deref()
}

fn of_own<'a>(reader: &'a Reader, holder: Option<&'a Holder>) -> Concern<'a> {
    Concern { institution: own(reader), holder, ..Concern::default() }
}

async fn page(app: &App, reader: &Reader, error: Option<&NotKnown>) -> Result<Response, Refusal> {
    let institution = own(reader).ok_or_else(|| reader.not_found(app))?.to_owned();
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let (store, now) = (&app.exchange.store, reader.visitor.act.now);
    let accounts = store.accounts(Some(institution.clone())).await.map_err(fault)?;
    let names: HashMap<String, String> = accounts.into_iter().map(|one| (one.id, one.name)).collect();
    let devices = store.devices(Some(institution.clone())).await.map_err(fault)?;
    let findings = store.device_findings(Some(institution.clone())).await.map_err(fault)?;
    let chosen = app.identity.unregistered_devices(&institution).await.map_err(fault)?;
    let frame = reader.frame(app);
    let error = error.map(|why| (field_of(why), words_of(&frame, why)));
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let viewer = reader.visitor.viewer.credential.as_str();
    let row = |device: &Device| {
        let is_own = device.owner.as_deref() == Some(viewer);
        DeviceRow { is_own, ..device_row(device, &names, now, &frame) }
    };
    let is_asked = |device: &&Device| device.approved_at.is_none() && device.ended_at.is_none();
    let asked = devices.iter().filter(is_asked).map(row).collect();
    let known = devices.iter().filter(|device| !is_asked(device)).map(row).collect();
    let findings = findings.iter().map(|found| finding_row(found, &names, &frame)).collect();
    let choices = Unregistered::ALL.map(|one| Choice {
        code: one.code(),
        label: frame.word(&format!("unregistered.{}", one.code())).to_owned(),
        is_chosen: one == chosen,
    });
    let longest = jiff::Span::new().days(identity::longest_personal_days());
    let latest = day(now).checked_add(longest).unwrap_or(Date::MAX).to_string();
    let title = frame.word("devices.title").to_owned();
    let frame = frame.titled(title);
    let page = DevicesPage { asked, known, findings, choices: choices.into(), latest, error, frame };
    Ok(page.frame.answer(status, &page))
}

/// A terminal in words.
pub(crate) fn device_row(
    device: &Device,
    names: &HashMap<String, String>,
    now: Timestamp,
    frame: &Frame,
) -> DeviceRow {
    let is_past = device.ends_at.is_some_and(|end| end <= now);
    let state = match device {
        one if one.ended_at.is_some() => "ended",
        one if one.approved_at.is_none() => "asked",
        _ if is_past => "over",
        one if one.key.is_none() => "awaiting",
        _ => "in-force",
    };
    DeviceRow {
        kind: frame.word(&format!("device-kind.{}", device.kind.code())).to_owned(),
        state: frame.word(&format!("device-state.{state}")).to_owned(),
        until: device.ends_at.map(|end| day(end - jiff::SignedDuration::from_secs(1)).to_string()),
        owner: device.owner.as_ref().map(|id| names.get(id).unwrap_or(id).clone()),
        asked_at: minute(device.asked_at),
        is_own: false,
        is_in_force: state == "in-force",
        is_over: device.ended_at.is_some(),
        takes_code: device.kind == DeviceKind::Institution && device.ended_at.is_none(),
        id: device.id.clone(),
        label: device.label.clone(),
    }
}

fn finding_row(found: &DeviceFinding, names: &HashMap<String, String>, frame: &Frame) -> FindingRow {
    FindingRow {
        kind: frame.word(&format!("device-finding.{}", found.kind.code())).to_owned(),
        who: names.get(&found.account).unwrap_or(&found.account).clone(),
        place: format!("{} ({})", found.address, frame.word(&format!("network.{}", found.network))),
        agent: found.agent.clone(),
        times: found.times,
        last_at: minute(found.last_at),
        id: found.id.clone(),
    }
}

/// The field that was wrong.
fn field_of(why: &NotKnown) -> &'static str {
    match why {
        NotKnown::WrongLabel => "label",
        NotKnown::KeyTaken | NotKnown::BadCertificate => "certificate",
        NotKnown::LocksOut => "choice",
        _ => "devices",
    }
}

fn words_of(frame: &Frame, why: &NotKnown) -> String {
    match why {
        NotKnown::WrongLabel => frame.word("devices.wrong-label").to_owned(),
        NotKnown::BadCertificate => frame.word("devices.bad-certificate").to_owned(),
        NotKnown::KeyTaken => frame.word("devices.key-taken").to_owned(),
        NotKnown::WrongEnd(days) => frame.fill("devices.wrong-end", "days", days),
        NotKnown::LocksOut => frame.word("devices.locks-out").to_owned(),
        NotKnown::NotThere | NotKnown::Store(_) => frame.word("devices.not-there").to_owned(),
    }
}

fn code_page(app: &App, reader: &Reader, label: &str, told: &ToldCode) -> Response {
    let frame = reader.frame(app);
    let title = frame.word("devices.code-title").to_owned();
    let page = CodePage {
        frame: frame.titled(title),
        label: label.to_owned(),
        code: told.code.clone(),
        address: format!("{}/device", app.base_url),
        ends_at: minute(told.ends_at),
    };
    page.frame.answer(StatusCode::OK, &page)
}
