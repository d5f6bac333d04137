use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};
use store::{News, Topic};

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Role, Viewer};

/// Something one may ask to be told of: a row of `rules/topics.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interest {
    /// Code kept with subscriptions.
    pub code: String,
    criteria: String,
    #[serde(deserialize_with = "topics")]
    topics: Vec<Topic>,
    whose: Whose,
    roles: Vec<String>,
}

/// Which institution of a notice an interest is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whose {
    From,
    To,
    Either,
}

/// Where the institution's number stands in a criteria.
const PLACE: &str = "{institution}";

static INTERESTS: LazyLock<Vec<Interest>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        interest: Vec<Interest>,
    }
    let table: Table = toml::from_str(include_str!("../../../rules/topics.toml"))
        .expect("rules/topics.toml is compiled in and a test reads it");
    table.interest
});

/// The interests of `rules/topics.toml`.
pub fn interests() -> &'static [Interest] {
    &INTERESTS
}

impl Interest {
    /// The interest of this code.
    pub fn of_code(code: &str) -> Option<&'static Self> {
        interests().iter().find(|interest| interest.code == code)
    }

    /// The interest that a Subscription's criteria names, and for which institution. None if the table has no such row.
    pub fn of_criteria(criteria: &str) -> Option<(&'static Self, Option<String>)> {
        interests().iter().find_map(|interest| match interest.criteria.strip_suffix(PLACE) {
            None => (interest.criteria == criteria).then_some((interest, None)),
            Some(beginning) => {
                let number = criteria.strip_prefix(beginning)?;
                let number = number.strip_prefix("Organization/").unwrap_or(number);
                let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| (interest, Some(number.to_owned())))
            }
        })
    }

    /// The criteria as it stands in a Subscription.
    pub fn criteria(&self, institution: Option<&str>) -> String {
        self.criteria.replace(PLACE, institution.unwrap_or_default())
    }

    /// Whether news are what an institution, or (`None`) the operator, asked for.
    pub fn concerns(&self, institution: Option<&str>, news: &News) -> bool {
        let is_about = institution.is_none_or(|number| {
            let from = news.from == number;
            let to = news.to.iter().any(|one| one == number);
            match self.whose {
                Whose::From => from,
                Whose::To => to,
                Whose::Either => from || to,
            }
        });
        is_about && self.topics.contains(&news.topic)
    }

    fn is_for(&self, role: Role) -> bool {
        self.roles.iter().any(|code| code == role.code())
    }
}

/// Whether a viewer may have a subscription to an interest for an institution, and by which rule.
///
/// # Errors
/// The refusing rule.
pub fn may_subscribe(
    viewer: &Viewer,
    interest: &Interest,
    institution: Option<&str>,
) -> Result<&'static str, Refusal> {
    let is_own = institution.is_some() && viewer.institution.as_deref() == institution;
    let is_told = interest.is_for(viewer.role);
    rule(viewer, Action::Subscribe, &Facts { is_own, is_told, ..Facts::default() })
}

/// Whether a viewer may see the subscriptions and deliveries of an institution, or (`None`) the operator's own, and
/// send a delivery again.
///
/// # Errors
/// The refusing rule.
pub fn may_see_notices(viewer: &Viewer, institution: Option<&str>) -> Result<&'static str, Refusal> {
    let is_own = institution.is_some() && viewer.institution.as_deref() == institution;
    rule(viewer, Action::SeeNotices, &Facts { is_own, ..Facts::default() })
}

fn topics<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Topic>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    let topic = |code: &String| {
        Topic::from_code(code).ok_or_else(|| serde::de::Error::custom(format!("no topic is called {code}")))
    };
    codes.iter().map(topic).collect()
}

#[cfg(test)]
mod tests {
    use store::PersonId;

    use super::*;

    #[test]
    fn every_topic_can_be_asked_for_and_every_role_of_the_table_is_known() {
        for topic in Topic::ALL {
            assert!(interests().iter().any(|interest| interest.topics.contains(&topic)), "{topic:?}");
        }
        for code in interests().iter().flat_map(|interest| &interest.roles) {
            assert!(Role::from_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn a_criteria_reads_back_as_it_was_written_and_others_are_unknown() {
        for interest in interests() {
            let criteria = interest.criteria(Some("4919999901"));
            let (found, institution) = Interest::of_criteria(&criteria).unwrap();
            assert_eq!(found.code, interest.code);
            assert_eq!(found.criteria(institution.as_deref()), criteria);
        }
        for unknown in
            ["", "Task", "Task?owner=", "Task?owner=*", "Observation?patient=1", "Task?owner=1&status=x"]
        {
            assert!(Interest::of_criteria(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_referrals_destination_hears_when_it_opens_and_never_before() {
        let news = |topic| News {
            topic,
            from: "4919999901".to_owned(),
            to: vec!["4919999902".to_owned()],
            person: PersonId::new().unwrap(),
            unit: None,
        };
        let inbox = Interest::of_code("referral-inbox").unwrap();
        assert!(inbox.concerns(Some("4919999902"), &news(Topic::ReferralOpen)));
        assert!(!inbox.concerns(Some("4919999902"), &news(Topic::Registered)));
        assert!(!inbox.concerns(Some("4919999901"), &news(Topic::ReferralOpen)));
        assert!(!inbox.concerns(Some("4919999903"), &news(Topic::ReferralOpen)));
    }
}
