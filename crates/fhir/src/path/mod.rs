//! FHIRPath: expressions compiled once and run over [`Node`]s without copying them.
//!
//! For: the invariants of R4 and of profiles, discriminators, and questions of people. FHIRPath N1 with FHIR's
//! additions for R4. Not known: types that are not R4's, `defineVariable`, boundaries of values, time zones of the
//! place. What is not known is said when the expression is compiled.
//!
//! To add a function: a row in `functions/mod.rs` and its doing in the file of its group.

mod equal;
mod error;
mod eval;
mod foresee;
mod functions;
mod lexer;
mod operators;
mod parser;
mod plan;
mod quantity;
mod temporal;
mod value;
mod walk;

use std::cell::Cell;
use std::fmt;

pub use error::{EvalError, PathError, PathFault};
pub use quantity::Quantity;
pub use temporal::{Precision, Temporal, TemporalKind};
pub use value::{Element, Value};

pub use crate::r4::TypeId;

use crate::json::Node;
use error::Stop;
use eval::{Eval, Frame};

/// A compiled expression; share it between threads.
pub struct Expression {
    text: Box<str>,
    plan: plan::Op,
}

impl Expression {
    /// Compiles a text. Its nesting is bounded, so that no text is a danger to the one who compiles or runs it.
    ///
    /// # Errors
    /// Where the text is no expression, or asks for what is not known here.
    pub fn compile(text: &str) -> Result<Self, PathError> {
        let plan = plan::plan(parser::parse(text)?)?;
        Ok(Self { text: text.into(), plan })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds, if that is sure from nothing more than which elements the focus has; `presence` says of an
    /// element whether it is there, or none if that is not known.
    #[must_use]
    pub fn foreseen(&self, presence: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        foresee::foreseen(&self.plan, presence)
    }

    /// The elements of the focus on which it looks first, some more than once.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        foresee::names(&self.plan, &mut names);
        names
    }

    /// Every value it gives for `focus`, in order.
    ///
    /// # Errors
    /// If it has no answer for this input, or needs more work than the scope allows.
    pub fn evaluate<'t>(
        &'t self,
        scope: &Scope<'t>,
        focus: &[Value<'t>],
    ) -> Result<Vec<Value<'t>>, EvalError> {
        let values = Eval::new(scope).all(&self.plan, &Frame::of(focus));
        values.map(|values| values.into_vec()).map_err(fault)
    }

    /// Whether it holds of `focus`, as the official validator judges invariants: a single Boolean is itself,
    /// nothing is no, anything else is yes.
    ///
    /// # Errors
    /// If it has no answer for this input, or needs more work than the scope allows.
    pub fn holds<'t>(&'t self, scope: &Scope<'t>, focus: &Value<'t>) -> Result<bool, EvalError> {
        let focus = std::slice::from_ref(focus);
        let truth = Eval::new(scope).truth(&self.plan, &Frame::of(focus));
        match truth.map_err(fault) {
            Ok(truth) => Ok(truth == Some(true)),
            Err(EvalError::NotSingle(_)) => self.evaluate(scope, focus).map(|values| values.len() > 1),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

/// What can resolve an address to a resource.
pub type Resolve<'t> = &'t (dyn Fn(&str) -> Option<Node<'t>> + 't);

/// What can tell of a value and an address (of a value set or a profile) whether they agree; none if it is unknown.
pub type Agree<'t> = &'t (dyn Fn(&Value<'_>, &str) -> Option<bool> + 't);

/// What an expression may know besides its focus.
#[derive(Clone)]
pub struct Scope<'t> {
    /// `%resource`: the resource that holds the focus.
    pub resource: Option<Element<'t>>,
    /// `%rootResource`: the one around it, if it is contained.
    pub root_resource: Option<Element<'t>>,
    /// `%context`: what the expression was first asked of.
    pub context: Option<Value<'t>>,
    /// For `resolve()`, besides what is contained.
    pub resolve: Option<Resolve<'t>>,
    /// For `memberOf()`: a code, Coding or CodeableConcept and a value set.
    pub member_of: Option<Agree<'t>>,
    /// For `conformsTo()`: a resource or element and a profile.
    pub conforms_to: Option<Agree<'t>>,
    /// For `now()`, `today()` and `timeOfDay()`: an instant as FHIR writes it.
    pub now: Option<&'t str>,
    /// How many steps are left; every evaluation draws on them and ends with [`EvalError::Budget`] without.
    pub budget: Cell<u64>,
}

/// Steps enough for any invariant on a document of the largest size; about a quarter of a second.
pub const BUDGET: u64 = 5_000_000;

impl<'t> Scope<'t> {
    /// Without hooks and clock, about `resource`.
    #[must_use]
    pub fn of(resource: Option<Element<'t>>) -> Self {
        Self {
            resource,
            root_resource: resource,
            context: resource.map(Value::Element),
            resolve: None,
            member_of: None,
            conforms_to: None,
            now: None,
            budget: Cell::new(BUDGET),
        }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({:?}, {} steps left)", self.resource, self.budget.get())
    }
}

fn fault(stop: Stop) -> EvalError {
    match stop {
        Stop::Fault(error) => *error,
        Stop::Enough => EvalError::Budget,
    }
}
