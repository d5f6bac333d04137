//! Passkeys (WebAuthn level 3): the browser's answers are checked by `webauthn-rs`; their holder is always verified, so
//! that a passkey is two factors in one.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::{Account, Factor, FactorKind, Fault, Use};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};

use crate::chance::hash;
use crate::damaged;

/// How long a browser may take.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Passkeys(Webauthn);

/// What a browser is asked, and what its answer will be judged by.
pub(crate) struct Asked {
    /// JSON for `navigator.credentials`.
    pub(crate) options: String,
    /// Kept until the answer comes.
    pub(crate) state: Vec<u8>,
}

/// A kept passkey with the count of its uses: what [`Use::step`] wants to grow.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    passkey: Passkey,
}

impl Passkeys {
    /// For a hub at this address, if that has a name.
    pub(crate) fn new(origin: &Url, site: &str) -> Option<Self> {
        let builder = WebauthnBuilder::new(origin.domain()?, origin).ok()?;
        builder.rp_name(site).timeout(PATIENCE).build().ok().map(Self)
    }

    /// Asks for a new passkey of an account that has these already.
    pub(crate) fn ask_new(&self, account: &Account, held: &[Factor]) -> Result<Asked, Fault> {
        let handle = Uuid::parse_str(&account.id).map_err(|_| damaged("an account's id"))?;
        let known = kept(held)?.iter().map(|(_, kept)| kept.passkey.cred_id().clone()).collect();
        let (mut options, state) = self
            .0
            .start_passkey_registration(handle, &account.login, &account.name, Some(known))
            .map_err(|_| damaged("a new passkey cannot be asked for"))?;
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(webauthn_rs_proto::ResidentKeyRequirement::Preferred);
        }
        asked(&options, &state)
    }

    /// The secret of a new passkey, from the browser's answer. None if the answer is not one to what was asked.
    pub(crate) fn new_secret(&self, state: &[u8], answer: &str) -> Option<Vec<u8>> {
        let state: PasskeyRegistration = serde_json::from_slice(state).ok()?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        let passkey = self.0.finish_passkey_registration(&answer, &state).ok()?;
        serde_json::to_vec(&Kept { passkey }).ok()
    }

    /// Asks for a passkey: one of these, of a login without any (`salt` makes up what looks like one), or (`None`) any.
    pub(crate) fn ask(&self, held: Option<&[Factor]>, salt: &str) -> Result<Asked, Fault> {
        let (mut options, state) = self
            .0
            .start_discoverable_authentication()
            .map_err(|_| damaged("a passkey cannot be asked for"))?;
        options.mediation = None;
        if let Some(held) = held {
            let mut ids: Vec<Vec<u8>> =
                kept(held)?.iter().map(|(_, kept)| kept.passkey.cred_id().to_vec()).collect();
            if ids.is_empty() {
                ids.push(hash(salt).to_vec());
            }
            options.public_key.allow_credentials = ids.into_iter().map(allowed).collect();
        }
        asked(&options, &state)
    }

    /// Whose passkey a browser says it used, if it says so.
    pub(crate) fn account_of(&self, answer: &str) -> Option<String> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let (handle, _) = self.0.identify_discoverable_authentication(&answer).ok()?;
        Some(handle.simple().to_string())
    }

    /// The use of one of these passkeys that a browser's answer proves. None if it proves none.
    pub(crate) fn proved(&self, state: &[u8], answer: &str, held: &[Factor]) -> Result<Option<Use>, Fault> {
        let state: Option<DiscoverableAuthentication> = serde_json::from_slice(state).ok();
        let answer: Option<PublicKeyCredential> = serde_json::from_str(answer).ok();
        let (Some(state), Some(answer)) = (state, answer) else { return Ok(None) };
        let held = kept(held)?;
        let found = held
            .into_iter()
            .find(|(_, kept)| kept.passkey.cred_id().as_slice() == answer.get_credential_id());
        let Some((factor, mut kept)) = found else { return Ok(None) };
        let Ok(result) = self.0.finish_discoverable_authentication_v2(&answer, state, &kept.passkey) else {
            return Ok(None);
        };
        if !result.user_verified() {
            return Ok(None);
        }
        kept.passkey.update_credential(&result);
        let secret = serde_json::to_vec(&kept).map_err(|_| damaged("a passkey"))?;
        // Passkeys that are copied between a person's own devices do not count; each of their uses is a step all the
        // same, and the challenge is taken out of the store before it is answered, so that none is used twice.
        Ok(Some(Use { id: factor.id.clone(), step: factor.step + 1, secret: Some(secret) }))
    }
}

fn kept<'h>(held: &'h [Factor]) -> Result<Vec<(&'h Factor, Kept)>, Fault> {
    let passkeys = held.iter().filter(|one| one.kind == FactorKind::Passkey && one.ended_at.is_none());
    let read = |one: &'h Factor| match serde_json::from_slice(&one.secret) {
        Ok(kept) => Ok((one, kept)),
        Err(_) => Err(damaged("a passkey")),
    };
    passkeys.map(read).collect()
}

fn allowed(id: Vec<u8>) -> webauthn_rs_proto::AllowCredentials {
    webauthn_rs_proto::AllowCredentials { type_: "public-key".to_owned(), id, transports: None }
}

fn asked(options: &impl Serialize, state: &impl Serialize) -> Result<Asked, Fault> {
    let options = serde_json::to_string(options).map_err(|_| damaged("a challenge"))?;
    let state = serde_json::to_vec(state).map_err(|_| damaged("a challenge"))?;
    Ok(Asked { options, state })
}
