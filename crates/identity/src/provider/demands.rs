//! What a provider must show of how it made sure who somebody is: `acr` and `amr` of its ID token.

use serde::{Deserialize, Serialize};
use store::FactorKind;

use crate::provider::rules::{Methods, rules};

/// What a provider must show, by what was agreed at its registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demands {
    /// Values of `acr` of which one must be shown; each stands for two factors, by agreement with the provider.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Whether, without such values, `amr` may show less than two factors. The session then counts as it was shown.
    #[serde(default)]
    pub one_suffices: bool,
}

/// What a session is marked with that another vouched for with two factors.
pub(crate) const VOUCHED_TWO: &str = "oidc-two-factor";

impl Demands {
    /// What a session is proved with that begins by this showing; none where it shows less than is demanded.
    pub(super) fn met_by(&self, acr: Option<&str>, amr: &[String]) -> Option<Vec<String>> {
        let methods = &rules().amr;
        let is_two = if self.acr.is_empty() {
            methods.show_two(amr)
        } else if acr.is_some_and(|acr| self.acr.iter().any(|one| one == acr)) {
            true
        } else {
            return None;
        };
        if !is_two && !self.one_suffices {
            return None;
        }
        let mut proved = vec![FactorKind::Oidc.code().to_owned()];
        let mut known: Vec<&String> = amr.iter().filter(|name| methods.knows(name)).collect();
        known.sort_unstable();
        known.dedup();
        proved.extend(known.into_iter().map(|name| format!("amr-{name}")));
        proved.extend(is_two.then(|| VOUCHED_TWO.to_owned()));
        Some(proved)
    }
}

impl Methods {
    /// Whether these show two kinds of proof. Two of one kind are one.
    fn show_two(&self, amr: &[String]) -> bool {
        let shows = |kind: &[String]| amr.iter().any(|name| kind.contains(name));
        let kinds = [&self.knowledge, &self.possession, &self.inherence];
        shows(&self.several) || kinds.into_iter().filter(|kind| shows(kind)).count() > 1
    }

    fn knows(&self, name: &String) -> bool {
        [&self.knowledge, &self.possession, &self.inherence, &self.several]
            .into_iter()
            .any(|kind| kind.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(demands: &Demands, acr: Option<&str>, amr: &[&str]) -> Option<Vec<String>> {
        demands.met_by(acr, &amr.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn two_of_a_kind_are_one_factor_and_a_name_nobody_knows_is_none() {
        let demands = Demands::default();
        for weak in [&["pwd"][..], &["pwd", "pin"], &["pwd", "user"], &["otp", "hwk"], &[], &["MFA"]] {
            assert_eq!(met(&demands, None, weak), None, "{weak:?}");
        }
        for strong in [&["pwd", "otp"][..], &["mfa"], &["hwk", "pin"], &["swk", "fpt"]] {
            assert!(met(&demands, None, strong).unwrap().iter().any(|one| one == VOUCHED_TWO), "{strong:?}");
        }
    }

    #[test]
    fn where_a_context_was_agreed_nothing_else_stands_for_it() {
        let demands = Demands { acr: vec!["urn:two".to_owned()], one_suffices: false };
        assert_eq!(met(&demands, Some("urn:one"), &["mfa"]), None);
        assert_eq!(met(&demands, None, &["pwd", "otp"]), None);
        assert_eq!(met(&demands, Some("urn:two"), &[]).unwrap(), ["oidc", VOUCHED_TWO]);
    }

    #[test]
    fn where_one_suffices_the_session_is_marked_by_what_was_shown() {
        let demands = Demands { acr: Vec::new(), one_suffices: true };
        assert_eq!(met(&demands, None, &["pwd", "x x"]).unwrap(), ["oidc", "amr-pwd"]);
        assert_eq!(
            met(&demands, None, &["pwd", "otp"]).unwrap(),
            ["oidc", "amr-otp", "amr-pwd", VOUCHED_TWO]
        );
    }
}
