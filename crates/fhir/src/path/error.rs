//! What can go wrong: a text that is no expression, and an expression that has no answer here.

use std::fmt;

/// Why a text is no expression that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The byte in the text where it was noticed.
    pub position: usize,
    /// What it is.
    pub fault: PathFault,
}

/// The kinds of [`PathError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathFault {
    /// The grammar wants something else here.
    Expected {
        /// What may stand here.
        expected: &'static str,
        /// What stands here; empty at the end.
        found: String,
    },
    /// No function has this name.
    UnknownFunction(String),
    /// No type of R4 or of FHIRPath has this name.
    UnknownType(String),
    /// No external constant has this name.
    UnknownConstant(String),
    /// The function is called with another number of arguments.
    Arguments {
        /// The function.
        function: &'static str,
        /// How many it takes, at least and at most.
        takes: (usize, usize),
        /// How many it got.
        given: usize,
    },
    /// A regular expression that cannot be run in linear time, or is none.
    Regex(String),
    /// A date, time or number that is none.
    Literal(String),
    /// More nesting, or a longer chain of steps, than is evaluated.
    TooDeep,
    /// A longer text than is read.
    TooLong,
}

impl PathError {
    pub(super) fn new(position: usize, fault: PathFault) -> Self {
        Self { position, fault }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: ", self.position)?;
        match &self.fault {
            PathFault::Expected { expected, found } if found.is_empty() => {
                write!(f, "expected {expected}, found the end")
            }
            PathFault::Expected { expected, found } => write!(f, "expected {expected}, found {found}"),
            PathFault::UnknownFunction(name) => write!(f, "unknown function {name}()"),
            PathFault::UnknownType(name) => write!(f, "unknown type {name}"),
            PathFault::UnknownConstant(name) => write!(f, "unknown constant %{name}"),
            PathFault::Arguments { function, takes: (least, most), given } => {
                write!(f, "{function}() takes {least} to {most} arguments, not {given}")
            }
            PathFault::Regex(reason) => write!(f, "regular expression refused: {reason}"),
            PathFault::Literal(text) => write!(f, "{text} is no literal"),
            PathFault::TooDeep => write!(f, "nested too deeply"),
            PathFault::TooLong => write!(f, "too long"),
        }
    }
}

impl std::error::Error for PathError {}

/// Why an expression has no answer for this input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvalError {
    /// It needs more work than [`Scope::budget`](super::Scope::budget) allows.
    Budget,
    /// One value was wanted where several stand; names the function or operator.
    NotSingle(&'static str),
    /// The function or operator is not for a value of this type.
    WrongType {
        /// The function or operator.
        function: &'static str,
        /// The type it was given.
        found: String,
    },
    /// A hook of the [`Scope`](super::Scope) is needed that is not there, or does not know the value set or
    /// profile of this address.
    Unknown(String),
    /// A regular expression made at run time is none.
    Regex(String),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Budget => write!(f, "too much work"),
            Self::NotSingle(function) => write!(f, "{function} wants a single value"),
            Self::WrongType { function, found } => write!(f, "{function} is not for {found}"),
            Self::Unknown(what) => write!(f, "{what} is not known here"),
            Self::Regex(reason) => write!(f, "regular expression refused: {reason}"),
        }
    }
}

impl std::error::Error for EvalError {}

pub(super) type Res<T = ()> = Result<T, Stop>;

/// Why values stop flowing: the one who asked has enough, or there is a fault.
#[derive(Debug)]
pub(super) enum Stop {
    Enough,
    Fault(Box<EvalError>),
}

impl From<EvalError> for Stop {
    fn from(error: EvalError) -> Self {
        Self::Fault(Box::new(error))
    }
}

/// Having enough is no fault.
pub(super) fn settled(result: Res) -> Res {
    match result {
        Err(Stop::Enough) => Ok(()),
        other => other,
    }
}
