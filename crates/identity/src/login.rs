use std::fmt;
use std::str::FromStr;

/// What the holder of an account types: 3 to 64 of `a-z`, `0-9`, `.`, `-`, `_`, `@`; capitals are taken for small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

/// A text that is no login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login is 3 to 64 of a-z, 0-9 and . - _ @")]
pub struct BadLogin;

impl Login {
    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Login {
    type Err = BadLogin;

    fn from_str(text: &str) -> Result<Self, BadLogin> {
        let text = text.trim().to_ascii_lowercase();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
        if (3..=64).contains(&text.len()) && text.bytes().all(is_letter) {
            Ok(Self(text))
        } else {
            Err(BadLogin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_one_however_it_is_typed() {
        assert_eq!(
            " Tanaka.Ichiro ".parse::<Login>().map(|login| login.to_string()),
            Ok("tanaka.ichiro".into())
        );
        for bad in ["", "ab", "a b c", "田中", "a'--", &"a".repeat(65)] {
            assert_eq!(bad.parse::<Login>(), Err(BadLogin), "{bad}");
        }
    }
}
