use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use identity::app::{Curve, KeySetFault, NotRegistered, Registration, SigningFault, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{AppKind, random};

use crate::cli::{App, AppForm, Register};
use crate::commands::token::on_record;
use crate::commands::{Manner, block_on, say, serve, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

pub(crate) fn run(command: App, manner: Manner) -> Result<bool, Fault> {
    let now = system_clock()();
    match command {
        App::Key { out } => make_key(&out, manner),
        App::Register(register) => enrol(register, now, manner),
        App::List { config } => list(&config.config, now, manner),
        App::End { id, config } => {
            let store = serve::open_store(&Config::read(&config.config)?)?;
            let ended = block_on(store.end_app(id.clone(), now, on_record("app end", now)?))??;
            talk(&manner.words(if ended { "app.ended" } else { "app.unknown" }, &[("id", &id)]));
            Ok(ended)
        }
        App::Token { client_id, key, scope, hub } => {
            let key = fs::read_to_string(&key).map_err(|error| Fault::File(key, error))?;
            let key = SigningKey::from_pem(&key, Curve::P384).map_err(|fault| unusable(fault, manner))?;
            fetch(&key, &client_id, &scope, hub.trim_end_matches('/'), now, manner)
        }
    }
}

fn make_key(out: &Path, manner: Manner) -> Result<bool, Fault> {
    say(&kept_key(out, Curve::P384, manner)?.jwks())?;
    Ok(true)
}

/// Makes a key, and keeps its private side in a new file that only its owner may read.
pub(super) fn kept_key(out: &Path, curve: Curve, manner: Manner) -> Result<SigningKey, Fault> {
    let (key, pem) = SigningKey::generate(curve).map_err(|fault| unusable(fault, manner))?;
    let at = |error| Fault::File(out.to_owned(), error);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(out).map_err(at)?;
    file.write_all(pem.as_bytes()).map_err(at)?;
    talk(&manner.words("app.key-made", &[("path", &out.display())]));
    Ok(key)
}

fn enrol(register: Register, now: Timestamp, manner: Manner) -> Result<bool, Fault> {
    let jwks = register.jwks.map(|path| fs::read_to_string(&path).map_err(|error| Fault::File(path, error)));
    let registration = Registration {
        name: register.name,
        institution: register.institution,
        kind: match register.kind {
            AppForm::Backend => AppKind::Backend,
            AppForm::App => AppKind::Launched,
        },
        jwks: jwks.transpose()?,
        redirect_uris: register.redirect_uri,
        scopes: register.scopes,
        by: std::env::var("USER").unwrap_or_else(|_| "-".to_owned()),
        ends_at: now + SignedDuration::from_hours(24 * register.days),
    };
    let app = registration.check(now).map_err(|why| refused(&why, manner))?;
    let store = serve::open_store(&Config::read(&register.config.config)?)?;
    if let Some(number) = &app.institution
        && block_on(store.institution(number.clone()))??.is_none()
    {
        return Err(Fault::Usage(manner.words("app.institution-unknown", &[("number", number)])));
    }
    let id = app.id.clone();
    block_on(store.keep_app(app, on_record(&format!("app register {id}"), now)?))??;
    talk(&manner.words("app.registered", &[("id", &id)]));
    say(&id)?;
    Ok(true)
}

fn list(config: &Path, now: Timestamp, manner: Manner) -> Result<bool, Fault> {
    let store = serve::open_store(&Config::read(config)?)?;
    for app in block_on(store.apps())?? {
        let is_in_force = app.is_in_force(now);
        let institution = app.institution.clone().unwrap_or_else(|| "-".to_owned());
        say(&if manner.json {
            json!({"id": app.id, "name": app.name, "kind": app.kind.code(), "institution": app.institution,
                "scopes": app.scopes, "redirect_uris": app.redirect_uris, "ends_at": app.ends_at.to_string(),
                "in_force": is_in_force})
            .to_string()
        } else {
            let state = manner.words(if is_in_force { "app.in-force" } else { "app.over" }, &[]);
            let (kind, ends_at) = (app.kind.code(), app.ends_at);
            format!("{}  {state}  {kind:<8} {institution}  {ends_at}  {}  {}", app.id, app.name, app.scopes)
        })?;
    }
    Ok(true)
}

/// Asks the hub for a token, as any vendor's program does.
fn fetch(
    key: &SigningKey,
    app: &str,
    scope: &str,
    hub: &str,
    now: Timestamp,
    manner: Manner,
) -> Result<bool, Fault> {
    let jti: String =
        random::<16>().map_err(store::Fault::from)?.iter().map(|byte| format!("{byte:02x}")).collect();
    let address = format!("{hub}/oauth/token");
    let assertion = key.assertion(app, &address, &jti, now).map_err(|fault| unusable(fault, manner))?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
        ("scope", scope),
    ];
    let unheard = |error: ureq::Error| Fault::Hub(hub.to_owned(), error.to_string());
    let request = agent.post(&address).header("accept-language", manner.lang.tag());
    let mut answer = request.send_form(form).map_err(unheard)?;
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().map_err(unheard)?)
        .map_err(|error| Fault::Hub(hub.to_owned(), error.to_string()))?;
    let Some(token) = body["access_token"].as_str() else {
        let (error, why) = (&body["error"], &body["message"]);
        let (error, why) = (error.as_str().unwrap_or_default(), why.as_str().unwrap_or_default());
        talk(&format!("{error}: {why}"));
        return Ok(false);
    };
    let scope = body["scope"].as_str().unwrap_or_default();
    talk(&manner.words("app.lent", &[("seconds", &body["expires_in"]), ("scope", &scope)]));
    say(token)?;
    Ok(true)
}

fn refused(why: &NotRegistered, manner: Manner) -> Fault {
    let (key, value) = match why {
        NotRegistered::Store(fault) => return Fault::Store(fault.clone()),
        NotRegistered::Name => ("app.not-name", ""),
        NotRegistered::Institution => ("app.not-institution", ""),
        NotRegistered::Keys => ("app.not-keys", ""),
        NotRegistered::KeySet(KeySetFault::NotAKeySet) => ("app.not-a-key-set", ""),
        NotRegistered::KeySet(KeySetFault::Count) => ("app.not-key-count", ""),
        NotRegistered::KeySet(KeySetFault::Private) => ("app.not-private-key", ""),
        NotRegistered::KeySet(KeySetFault::KeyId) => ("app.not-key-id", ""),
        NotRegistered::KeySet(KeySetFault::Unsuitable) => ("app.not-unsuitable-key", ""),
        NotRegistered::Addresses => ("app.not-addresses", ""),
        NotRegistered::Address(address) => ("app.not-address", address.as_str()),
        NotRegistered::Scope(scope) => ("app.not-unknown-scope", scope.0.as_str()),
        NotRegistered::ScopeKind => ("app.not-scope-kind", ""),
    };
    Fault::Usage(manner.words(key, &[("value", &value)]))
}

/// Why a key cannot be used.
pub(super) fn unusable(fault: SigningFault, manner: Manner) -> Fault {
    let key = match fault {
        SigningFault::NotAKey => "app.not-a-private-key",
        SigningFault::NoRandomness => "app.no-randomness",
    };
    Fault::Usage(manner.words(key, &[]))
}
