use super::laws::{Book, Said, laws};
use super::remembered::remembered;
use super::{Action, Facts, Narrowing, facts};
use crate::{Assurance, Refusal, Role, Viewer};

/// Who, how surely, and what stands about it: all that the policies can ask.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What the viewer is.
    pub role: Role,
    /// How sure it is that it is they.
    pub assurance: Assurance,
    /// Whether they act for an institution.
    pub has_institution: bool,
    /// The rest.
    pub facts: &'a Facts,
}

/// A ruling, and the policy that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What was ruled.
    pub ruling: Result<&'static str, Refusal>,
    /// The text of the policy, unless it is that no policy permits.
    pub policy: Option<String>,
}

impl<'a> Case<'a> {
    pub(super) fn of(viewer: &Viewer, facts: &'a Facts) -> Self {
        let (role, assurance) = (viewer.role, viewer.assurance);
        Self { role, assurance, has_institution: viewer.institution.is_some(), facts }
    }

    /// What the policies rule on an action, narrowed or not.
    ///
    /// # Errors
    /// The refusing rule.
    pub fn rule(&self, action: Action, narrowing: Option<&Narrowing>) -> Result<&'static str, Refusal> {
        let laws = laws();
        self.weigh(action, narrowing)
            .map_err(|why| Refusal { rule: why.name(action) })
            .map(|place| laws.rights.name(place))
    }

    /// First who may, then what is asked even of them: the outcome is as if all policies stood in one text, but whoever
    /// may not at all is not told of a second factor.
    fn weigh(&self, action: Action, narrowing: Option<&Narrowing>) -> Result<usize, Against> {
        let permitting = remembered(self, action, || self.weigh_shipped(action))?;
        let Some(narrowing) = narrowing else { return Ok(permitting) };
        let context = facts::context(self, action).ok_or(Against::Silence)?;
        match narrowing.book.ask(self.role, action, &context) {
            Said::Nothing => Ok(permitting),
            Said::Forbid(place) => Err(Against::Narrowing(Some(place))),
            Said::Permit(_) | Said::Broken => Err(Against::Narrowing(None)),
        }
    }

    fn weigh_shipped(&self, action: Action) -> Result<usize, Against> {
        let laws = laws();
        let context = facts::context(self, action).ok_or(Against::Silence)?;
        let permitting = match laws.rights.ask(self.role, action, &context) {
            Said::Permit(place) => place,
            Said::Forbid(place) => return Err(Against::Right(place)),
            Said::Nothing | Said::Broken => return Err(Against::Silence),
        };
        match laws.conditions.ask(self.role, action, &context) {
            Said::Nothing => Ok(permitting),
            Said::Permit(_) | Said::Broken => Err(Against::Silence),
            Said::Forbid(place) => Err(Against::Condition(place)),
        }
    }
}

/// What refuses: a policy at a place of a book, or that none permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Against {
    Right(usize),
    Condition(usize),
    Narrowing(Option<usize>),
    Silence,
}

impl Against {
    fn name(self, action: Action) -> &'static str {
        match self {
            Self::Right(place) => laws().rights.name(place),
            Self::Condition(place) => laws().conditions.name(place),
            Self::Narrowing(_) => "narrowed",
            Self::Silence => action.otherwise(),
        }
    }

    fn text(self, narrowing: Option<&Narrowing>) -> Option<String> {
        let text = |book: &Book, place| Some(book.text(place));
        match self {
            Self::Right(place) => text(&laws().rights, place),
            Self::Condition(place) => text(&laws().conditions, place),
            Self::Narrowing(place) => text(&narrowing?.book, place?),
            Self::Silence => None,
        }
    }
}

/// What the policies say of a case, and which of them.
pub fn explain(case: &Case<'_>, action: Action, narrowing: Option<&Narrowing>) -> Explained {
    let weighed = case.weigh(action, narrowing);
    let policy = match weighed {
        Ok(place) => Some(laws().rights.text(place)),
        Err(against) => against.text(narrowing),
    };
    Explained { ruling: case.rule(action, narrowing), policy }
}

#[cfg(test)]
mod tests {
    use super::super::axes::settings;
    use super::*;

    #[test]
    fn what_was_ruled_before_is_what_the_policies_rule_of_every_act_by_every_role_by_day_and_by_night() {
        let hours = ["2026-04-01T09:00:00+09:00", "2026-04-01T23:00:00+09:00", "2026-04-05T09:00:00+09:00"];
        for action in Action::ALL {
            // Every case is put before the policies elsewhere; of each act's, some are asked again here.
            for setting in settings(action).step_by(7) {
                for hour in hours {
                    let facts = Facts { at: Some(hour.parse().unwrap()), ..setting.facts.clone() };
                    for role in Role::ALL {
                        let case = Case { facts: &facts, ..setting.case(role) };
                        let ruled = case.weigh_shipped(action);
                        assert_eq!(case.weigh(action, None), ruled);
                        assert_eq!(case.weigh(action, None), ruled);
                    }
                }
            }
        }
    }
}
