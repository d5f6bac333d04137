use access::{Act, Level, Role, Scopes, new_token, on_record, viewer_of};
use audit::{Event, Outcome};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use ring::digest::{SHA256, digest};
use store::{AppCode, AppKind, Credential, Fault, Lending, Lent, PersonId, Store};

use crate::app::assertion::AssertionFault;
use crate::app::client::{Client, ClientFault};

/// A token just lent to an app. Its text is shown once and never kept.
#[derive(Debug)]
pub struct Loan {
    /// What the app presents.
    pub token: String,
    /// How far it reaches.
    pub scopes: Scopes,
    /// How long it lasts.
    pub life: SignedDuration,
    /// The patient that the app was opened with.
    pub patient: Option<PersonId>,
}

/// Why no token is lent, by the error codes of RFC 6749 §5.2.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LendFault {
    /// `invalid_client`
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// `unauthorized_client`: this kind of app gets no token this way.
    #[error("this kind of app gets no token this way")]
    Kind,
    /// `invalid_grant`: the code is unknown, used, past, of another app, for another address, or its verifier is wrong.
    #[error("the code does not hold")]
    Code,
    /// `invalid_scope`: nothing that was asked for is registered.
    #[error("nothing that was asked for is registered")]
    Scope,
}

/// A backend's token, as SMART App Launch 2.2 ("Backend Services") has it at most.
const BACKEND_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// An opened app's token: about a consultation. There is no refreshing; the user is asked again.
const OPENED_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// An insurer's number; an institution's has ten digits.
const INSURER_DIGITS: usize = 8;
/// A verifier has 43 to 128 characters (RFC 7636 §4.1).
const VERIFIER: std::ops::RangeInclusive<usize> = 43..=128;

impl From<Fault> for LendFault {
    fn from(fault: Fault) -> Self {
        Self::Client(ClientFault::Store(fault))
    }
}

/// Lends a backend a token for its institution, as far as it asked and is registered.
///
/// # Errors
/// Why not.
pub async fn lend_to_backend(
    store: &Store,
    client: Client,
    asked: &str,
    act: &Act,
) -> Result<Loan, LendFault> {
    let Client { app, assertion } = client;
    let institution = app.institution.clone().filter(|_| app.kind == AppKind::Backend && assertion.is_some());
    let institution = institution.ok_or(LendFault::Kind)?;
    let registered = Scopes::known_in(&app.scopes).of_levels(&[Level::System]);
    let scopes = Scopes::known_in(asked).narrowed_to(&registered);
    if scopes.is_empty() {
        return Err(LendFault::Scope);
    }
    let role = if institution.len() == INSURER_DIGITS { Role::Insurer } else { Role::Institution };
    let ends_at = app.ends_at.min(act.now + BACKEND_LIFE);
    let made = new_token(&app.name, role, Some(institution), None, act.now, ends_at)?;
    let lent =
        Lent { app: app.id.clone(), holder: app.id, scopes: scopes.to_string(), patient: None, code: None };
    let credential = Credential { lent: Some(lent), ..made.credential };
    let event = event(&credential, act)?;
    match store.lend(credential, assertion, act.now, event).await? {
        Lending::Done => {
            Ok(Loan { token: made.text, scopes, life: ends_at.duration_since(act.now), patient: None })
        }
        Lending::Replayed | Lending::Spent => Err(ClientFault::from(AssertionFault::Replayed).into()),
    }
}

/// Lends an app the token for its code: what somebody let it do, and no more than is registered still.
///
/// # Errors
/// Why not. What is wrong with a code is not told.
pub async fn lend_by_code(
    store: &Store,
    client: Client,
    code: &str,
    verifier: &str,
    redirect_uri: &str,
    act: &Act,
) -> Result<Loan, LendFault> {
    let Client { app, assertion } = client;
    let known = store.app_code(access::token_hash(code)).await?;
    let holds = |known: &AppCode| {
        known.app == app.id
            && known.redirect_uri == redirect_uri
            && act.now < known.ends_at
            && VERIFIER.contains(&verifier.len())
            && URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == known.challenge
    };
    let known = known.filter(holds).ok_or(LendFault::Code)?;
    let role = Role::from_code(&known.role).ok_or(LendFault::Code)?;
    let registered = Scopes::known_in(&app.scopes);
    let scopes = Scopes::known_in(&known.scopes).narrowed_to(&registered);
    let ends_at = app.ends_at.min(act.now + OPENED_LIFE);
    let made = new_token(&known.name, role, known.institution, known.person, act.now, ends_at)?;
    let lent = Lent {
        app: app.id,
        holder: known.holder,
        scopes: scopes.to_string(),
        patient: known.patient,
        code: Some(known.hash),
    };
    let credential = Credential { lent: Some(lent), ..made.credential };
    let event = event(&credential, act)?;
    match store.lend(credential, assertion, act.now, event).await? {
        Lending::Done => Ok(Loan {
            token: made.text,
            scopes,
            life: ends_at.duration_since(act.now),
            patient: known.patient,
        }),
        Lending::Replayed => Err(ClientFault::from(AssertionFault::Replayed).into()),
        Lending::Spent => Err(LendFault::Code),
    }
}

/// That an app got a token stands in the record, under the name of whoever it acts for.
fn event(credential: &Credential, act: &Act) -> Result<Event, Fault> {
    let viewer = viewer_of(credential.clone()).ok_or(Fault::Damaged("the role of an app's token"))?;
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, &viewer, "app-registered")?;
    event.objects = credential.lent.iter().map(|lent| format!("app/{}", lent.app)).collect();
    Ok(event)
}
