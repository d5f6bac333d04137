use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use store::{Credential, Fault, Lent, PersonId, Store, random};

use crate::{Assurance, Role, Scopes, Viewer};

/// A token just made: its text is shown once and never kept.
pub struct NewToken {
    /// What its holder presents: `rk_` and 64 hexadecimal digits.
    pub text: String,
    /// What the store keeps.
    pub credential: Credential,
}

/// Why a presented token does not open the door.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenFault {
    /// It is unknown, ended or revoked; which one is not told.
    #[error("the token is unknown or has ended")]
    NotInForce,
    /// It could not be looked up.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Makes a token for a holder.
///
/// # Errors
/// When the random source fails.
pub fn new_token(
    name: &str,
    role: Role,
    institution: Option<String>,
    person: Option<PersonId>,
    now: Timestamp,
    ends_at: Timestamp,
) -> Result<NewToken, Fault> {
    let text = format!("rk_{}", hexadecimal(&random::<32>()?));
    let credential = Credential {
        id: format!("t-{}", hexadecimal(&random::<6>()?)),
        hash: token_hash(&text),
        name: name.to_owned(),
        role: role.code().to_owned(),
        institution,
        person,
        created_at: now,
        ends_at,
        revoked_at: None,
        lent: None,
    };
    Ok(NewToken { text, credential })
}

/// What the store keeps of a token. A token is 256 random bits, so a plain hash suffices.
pub fn token_hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Who presents this token.
///
/// # Errors
/// [`TokenFault::NotInForce`] for any token that does not hold now.
pub async fn authenticate(store: &Store, text: &str, now: Timestamp) -> Result<Viewer, TokenFault> {
    let credential = store.credential(token_hash(text)).await?.ok_or(TokenFault::NotInForce)?;
    let is_in_force =
        credential.created_at <= now && now < credential.ends_at && credential.revoked_at.is_none();
    viewer_of(credential).filter(|_| is_in_force).ok_or(TokenFault::NotInForce)
}

/// Who a credential stands for; none where this program does not know its role.
pub fn viewer_of(credential: Credential) -> Option<Viewer> {
    let role = Role::from_code(&credential.role)?;
    // A scope this program no longer knows lets nothing.
    let scopes = |lent: &Lent| Scopes::known_in(&lent.scopes).opened_with(lent.patient);
    Some(Viewer {
        scopes: credential.lent.as_ref().map(scopes),
        credential: credential.lent.map_or(credential.id, |lent| lent.holder),
        name: credential.name,
        role,
        institution: credential.institution,
        person: credential.person,
        assurance: Assurance::TOKEN,
        stands_for: None,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
