//! Codes on paper for the day the phone is lost: each stands in for the second factor once.

use store::{Account, Factor, FactorKind, Fault, Use, random};

use crate::chance;

/// How many are given out.
pub(crate) const COUNT: usize = 10;
/// Letters that are not taken for one another.
const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz-";

/// New codes as they are told, once, such as `k7mq-p2vx-trjh`: 58 bits each; with what is kept of them.
pub(crate) fn new_codes(
    account: &Account,
    made_at: jiff::Timestamp,
) -> Result<(Vec<String>, Vec<Factor>), Fault> {
    let mut codes = Vec::new();
    let mut factors = Vec::new();
    for number in 1..=COUNT {
        let code = new_code()?;
        factors.push(Factor {
            id: chance::id()?,
            account: account.id.clone(),
            kind: FactorKind::Recovery,
            label: number.to_string(),
            secret: hashed(&code).to_vec(),
            step: 0,
            made_at,
            used_at: None,
            ended_at: None,
        });
        codes.push(code);
    }
    Ok((codes, factors))
}

/// The use of the code among these that was typed, if it was not used before.
pub(crate) fn proved(typed: &str, held: &[Factor]) -> Option<Use> {
    let hashed = hashed(typed);
    let codes = held.iter().filter(|one| one.kind == FactorKind::Recovery && one.ended_at.is_none());
    let mut found = codes.filter(|one| one.step == 0 && one.secret == hashed);
    found.next().map(|one| Use { id: one.id.clone(), step: 1, secret: None })
}

/// A code of 58 bits such as `k7mq-p2vx-trjh`.
pub(crate) fn new_code() -> Result<String, Fault> {
    let mut code = String::new();
    while code.len() < 14 {
        if matches!(code.len(), 4 | 9) {
            code.push('-');
        }
        for byte in random::<16>()? {
            // The last letter is the stroke between groups; whoever draws it draws again.
            let letter = LETTERS[usize::from(byte & 31)];
            if letter != b'-' {
                code.push(char::from(letter));
                break;
            }
        }
    }
    Ok(code)
}

/// What is kept of a code, however it was typed.
pub(crate) fn hashed(code: &str) -> [u8; 32] {
    let letters: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    chance::hash(&letters)
}
