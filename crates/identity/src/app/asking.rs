use access::{Act, Level, Scopes, Viewer, on_record, token_hash};
use audit::Outcome;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use store::{AppCode, AppKind, Fault, PersonId, RegisteredApp, Store, random};

/// What an app asks a user for (RFC 6749 §4.1.1, with the PKCE of RFC 7636): checked, and granted by nobody yet.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Which app.
    pub app: RegisteredApp,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Goes back as it came.
    pub state: String,
    /// How far it wants to reach, as far as it is registered for.
    pub scopes: Scopes,
    challenge: String,
}

/// Why an app's question is not put before anybody.
#[derive(Debug, Clone)]
pub enum NotAsked {
    /// It is not certain whose question it is: nothing may go back to the address it names. The code names the words.
    Doubtful(&'static str),
    /// It goes back to the app with an error code of RFC 6749 §4.1.2.1.
    Wrong {
        /// A registered address of the app.
        redirect_uri: String,
        /// As it came.
        state: String,
        /// The error.
        error: &'static str,
    },
    /// It could not be looked up.
    Store(Fault),
}

/// A code is fetched at once; RFC 6749 §4.1.2 lets it last ten minutes at most.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// Longer ones carry more than a state.
const LONGEST_STATE: usize = 1024;
/// SHA-256 in base64url.
const CHALLENGE: usize = 43;

impl Asking {
    /// Reads the parameters of an app's question. `fhir` is the address of the FHIR interface, which it must be for.
    ///
    /// # Errors
    /// Why it is put before nobody.
    pub async fn read(
        store: &Store,
        parameters: &[(String, String)],
        fhir: &str,
        now: Timestamp,
    ) -> Result<Self, NotAsked> {
        let of =
            |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if is_repeated(parameters) {
            return Err(NotAsked::Doubtful("repeated"));
        }
        let app = store.app(of("client_id").unwrap_or_default().to_owned()).await.map_err(NotAsked::Store)?;
        let is_open = |app: &RegisteredApp| app.kind == AppKind::Launched && app.is_in_force(now);
        let app = app.filter(is_open).ok_or(NotAsked::Doubtful("unknown-app"))?;
        let redirect_uri =
            of("redirect_uri").filter(|uri| app.redirect_uris.iter().any(|known| known == uri));
        let redirect_uri = redirect_uri.ok_or(NotAsked::Doubtful("unknown-address"))?.to_owned();
        let state = of("state").unwrap_or_default().to_owned();
        let wrong = |error| NotAsked::Wrong {
            redirect_uri: redirect_uri.clone(),
            state: if state.len() > LONGEST_STATE { String::new() } else { state.clone() },
            error,
        };
        if of("response_type") != Some("code") {
            return Err(wrong("unsupported_response_type"));
        }
        let challenge = of("code_challenge").unwrap_or_default().to_owned();
        let is_proof = of("code_challenge_method") == Some("S256") && is_challenge(&challenge);
        let is_for_us = of("aud").map(|aud| aud.trim_end_matches('/')) == Some(fhir);
        if !is_proof || !is_for_us || state.is_empty() || state.len() > LONGEST_STATE {
            return Err(wrong("invalid_request"));
        }
        let registered = Scopes::known_in(&app.scopes).of_levels(&[Level::Patient, Level::User]);
        let scopes = Scopes::known_in(of("scope").unwrap_or_default()).narrowed_to(&registered);
        if scopes.is_empty() {
            return Err(wrong("invalid_scope"));
        }
        Ok(Self { app, redirect_uri, state, scopes, challenge })
    }
}

/// Makes the code by which the app fetches its token: somebody said yes, as the rule lets them. `patient` is whom the app
/// is opened with.
///
/// # Errors
/// On any [`Fault`].
pub async fn let_in(
    store: &Store,
    asking: &Asking,
    viewer: &Viewer,
    patient: Option<PersonId>,
    rule: &str,
    act: &Act,
) -> Result<String, Fault> {
    let text = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let code = AppCode {
        hash: token_hash(&text),
        app: asking.app.id.clone(),
        holder: viewer.credential.clone(),
        name: viewer.name.clone(),
        role: viewer.role.code().to_owned(),
        institution: viewer.institution.clone(),
        person: viewer.person,
        patient,
        scopes: asking.scopes.to_string(),
        challenge: asking.challenge.clone(),
        redirect_uri: asking.redirect_uri.clone(),
        ends_at: act.now + CODE_LIFE,
    };
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, viewer, rule)?;
    event.objects = vec![format!("app/{}", asking.app.id)];
    store.keep_app_code(code, act.now, event).await?;
    Ok(text)
}

fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// Whether a parameter comes twice, which RFC 6749 §3.1 forbids.
pub fn is_repeated(parameters: &[(String, String)]) -> bool {
    let mut names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
