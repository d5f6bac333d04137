//! On which terminals somebody may sign in.

use crate::Refusal;

/// The kind of network that somebody comes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// Nobody else is on it: a leased line, a VPN of the institution, the machine itself.
    Closed,
    /// Anybody may be on it.
    #[default]
    Open,
    /// A mobile carrier's.
    Mobile,
}

/// What an institution does with terminals it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unregistered {
    /// Nobody signs in on them.
    Refuse,
    /// Its people sign in on them, and somebody looks at each afterwards.
    #[default]
    AdmitWithFinding,
}

/// Whether somebody who has proved who they are may sign in on a terminal, and by which rule. `policy` is what their
/// institution does with terminals it does not know; those who act for none bring whichever they have.
///
/// # Errors
/// The refusing rule.
pub fn may_sign_in_on(is_registered: bool, policy: Option<Unregistered>) -> Result<&'static str, Refusal> {
    match (is_registered, policy) {
        (true, _) => Ok("registered-device"),
        (false, None) => Ok("device-of-nobody"),
        (false, Some(Unregistered::AdmitWithFinding)) => Ok("unregistered-device-admitted"),
        (false, Some(Unregistered::Refuse)) => Err(Refusal { rule: "unregistered-device" }),
    }
}

impl Network {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::Mobile];

    /// The code kept in the store and written in configurations.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Mobile => "mobile",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.code() == code)
    }
}

impl Unregistered {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::AdmitWithFinding, Self::Refuse];

    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::AdmitWithFinding => "admit-with-finding",
        }
    }

    /// The choice with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_its_institution_says_so_is_a_terminal_refused_that_it_does_not_know() {
        let rule = |is_registered, policy| may_sign_in_on(is_registered, policy).map_err(|why| why.rule);
        let (refuse, admit) = (Some(Unregistered::Refuse), Some(Unregistered::AdmitWithFinding));
        assert_eq!(rule(false, refuse), Err("unregistered-device"));
        assert_eq!(rule(false, admit), Ok("unregistered-device-admitted"));
        assert_eq!(rule(false, None), Ok("device-of-nobody"));
        assert!(
            [refuse, admit, None].into_iter().all(|policy| rule(true, policy) == Ok("registered-device"))
        );
    }
}
