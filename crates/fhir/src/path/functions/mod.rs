//! The functions by name, each group in its own file.

mod boundary;
mod collection;
mod convert;
mod fhir;
mod number;
mod test;
mod text;

use regex::{Regex, RegexBuilder};

use super::error::{EvalError, Res};
use super::eval::{Eval, Frame, Sink};
use super::plan::Call;
use super::value::Value;

pub(super) use convert::shown;
pub(super) use test::truth;

/// What a function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Is,
    OfType,
    Collection(Collection),
    Test(Test),
    Text(Text),
    Convert(Convert),
    Number(Number),
    Fhir(Fhir),
    Boundary(Boundary),
}

/// Functions that give collections or choose among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Where,
    Select,
    Repeat,
    Count,
    Distinct,
    Single,
    First,
    Last,
    Tail,
    Skip,
    Take,
    Intersect,
    Exclude,
    Union,
    Combine,
    Iif,
    Aggregate,
    Trace,
    Children,
    Descendants,
    Type,
    Sort,
}

/// Functions that say yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Exists,
    Empty,
    All,
    Not,
    AllTrue,
    AnyTrue,
    AllFalse,
    AnyFalse,
    SubsetOf,
    SupersetOf,
    IsDistinct,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    MatchesFull,
    HasValue,
    MemberOf,
    ConformsTo,
    HtmlChecks,
    ConvertsTo(Target),
    Comparable,
}

/// Functions of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    IndexOf,
    LastIndexOf,
    Substring,
    Upper,
    Lower,
    Replace,
    ReplaceMatches,
    Length,
    ToChars,
    Trim,
    Split,
    Join,
    Encode,
    Decode,
    Escape,
    Unescape,
}

/// Functions between types, and of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convert {
    To(Target),
    Now,
    Today,
    TimeOfDay,
}

/// What `toX()` and `convertsToX()` make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

/// Functions of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Abs,
    Ceiling,
    Exp,
    Floor,
    Ln,
    Log,
    Power,
    Round,
    Sqrt,
    Truncate,
}

/// Functions that FHIR adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fhir {
    Extension,
    GetValue,
    Resolve,
}

/// Functions of how exact a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    Low,
    High,
    Precision,
}

type Row = (&'static str, Function, (usize, usize));

const fn row(name: &'static str, function: Function, least: usize, most: usize) -> Row {
    (name, function, (least, most))
}

/// Name, function, least and most arguments.
const FUNCTIONS: [Row; 97] = [
    row("is", Function::Is, 1, 1),
    row("as", Function::OfType, 1, 1),
    row("ofType", Function::OfType, 1, 1),
    row("where", Function::Collection(Collection::Where), 1, 1),
    row("select", Function::Collection(Collection::Select), 1, 1),
    row("repeat", Function::Collection(Collection::Repeat), 1, 1),
    row("count", Function::Collection(Collection::Count), 0, 0),
    row("distinct", Function::Collection(Collection::Distinct), 0, 0),
    row("single", Function::Collection(Collection::Single), 0, 0),
    row("first", Function::Collection(Collection::First), 0, 0),
    row("last", Function::Collection(Collection::Last), 0, 0),
    row("tail", Function::Collection(Collection::Tail), 0, 0),
    row("skip", Function::Collection(Collection::Skip), 1, 1),
    row("take", Function::Collection(Collection::Take), 1, 1),
    row("intersect", Function::Collection(Collection::Intersect), 1, 1),
    row("exclude", Function::Collection(Collection::Exclude), 1, 1),
    row("union", Function::Collection(Collection::Union), 1, 1),
    row("combine", Function::Collection(Collection::Combine), 1, 1),
    row("iif", Function::Collection(Collection::Iif), 2, 3),
    row("aggregate", Function::Collection(Collection::Aggregate), 1, 2),
    row("trace", Function::Collection(Collection::Trace), 1, 2),
    row("children", Function::Collection(Collection::Children), 0, 0),
    row("descendants", Function::Collection(Collection::Descendants), 0, 0),
    row("type", Function::Collection(Collection::Type), 0, 0),
    row("sort", Function::Collection(Collection::Sort), 0, 8),
    row("exists", Function::Test(Test::Exists), 0, 1),
    row("empty", Function::Test(Test::Empty), 0, 0),
    row("all", Function::Test(Test::All), 1, 1),
    row("not", Function::Test(Test::Not), 0, 0),
    row("allTrue", Function::Test(Test::AllTrue), 0, 0),
    row("anyTrue", Function::Test(Test::AnyTrue), 0, 0),
    row("allFalse", Function::Test(Test::AllFalse), 0, 0),
    row("anyFalse", Function::Test(Test::AnyFalse), 0, 0),
    row("subsetOf", Function::Test(Test::SubsetOf), 1, 1),
    row("supersetOf", Function::Test(Test::SupersetOf), 1, 1),
    row("isDistinct", Function::Test(Test::IsDistinct), 0, 0),
    row("startsWith", Function::Test(Test::StartsWith), 1, 1),
    row("endsWith", Function::Test(Test::EndsWith), 1, 1),
    row("contains", Function::Test(Test::Contains), 1, 1),
    row("matches", Function::Test(Test::Matches), 1, 1),
    row("matchesFull", Function::Test(Test::MatchesFull), 1, 1),
    row("hasValue", Function::Test(Test::HasValue), 0, 0),
    row("memberOf", Function::Test(Test::MemberOf), 1, 1),
    row("conformsTo", Function::Test(Test::ConformsTo), 1, 1),
    row("htmlChecks", Function::Test(Test::HtmlChecks), 0, 0),
    row("comparable", Function::Test(Test::Comparable), 1, 1),
    row("convertsToBoolean", Function::Test(Test::ConvertsTo(Target::Boolean)), 0, 0),
    row("convertsToInteger", Function::Test(Test::ConvertsTo(Target::Integer)), 0, 0),
    row("convertsToDecimal", Function::Test(Test::ConvertsTo(Target::Decimal)), 0, 0),
    row("convertsToString", Function::Test(Test::ConvertsTo(Target::String)), 0, 0),
    row("convertsToDate", Function::Test(Test::ConvertsTo(Target::Date)), 0, 0),
    row("convertsToDateTime", Function::Test(Test::ConvertsTo(Target::DateTime)), 0, 0),
    row("convertsToTime", Function::Test(Test::ConvertsTo(Target::Time)), 0, 0),
    row("convertsToQuantity", Function::Test(Test::ConvertsTo(Target::Quantity)), 0, 1),
    row("indexOf", Function::Text(Text::IndexOf), 1, 1),
    row("lastIndexOf", Function::Text(Text::LastIndexOf), 1, 1),
    row("substring", Function::Text(Text::Substring), 1, 2),
    row("upper", Function::Text(Text::Upper), 0, 0),
    row("lower", Function::Text(Text::Lower), 0, 0),
    row("replace", Function::Text(Text::Replace), 2, 2),
    row("replaceMatches", Function::Text(Text::ReplaceMatches), 2, 2),
    row("length", Function::Text(Text::Length), 0, 0),
    row("toChars", Function::Text(Text::ToChars), 0, 0),
    row("trim", Function::Text(Text::Trim), 0, 0),
    row("split", Function::Text(Text::Split), 1, 1),
    row("join", Function::Text(Text::Join), 0, 1),
    row("encode", Function::Text(Text::Encode), 1, 1),
    row("decode", Function::Text(Text::Decode), 1, 1),
    row("escape", Function::Text(Text::Escape), 1, 1),
    row("unescape", Function::Text(Text::Unescape), 1, 1),
    row("toBoolean", Function::Convert(Convert::To(Target::Boolean)), 0, 0),
    row("toInteger", Function::Convert(Convert::To(Target::Integer)), 0, 0),
    row("toDecimal", Function::Convert(Convert::To(Target::Decimal)), 0, 0),
    row("toString", Function::Convert(Convert::To(Target::String)), 0, 0),
    row("toDate", Function::Convert(Convert::To(Target::Date)), 0, 0),
    row("toDateTime", Function::Convert(Convert::To(Target::DateTime)), 0, 0),
    row("toTime", Function::Convert(Convert::To(Target::Time)), 0, 0),
    row("toQuantity", Function::Convert(Convert::To(Target::Quantity)), 0, 1),
    row("now", Function::Convert(Convert::Now), 0, 0),
    row("today", Function::Convert(Convert::Today), 0, 0),
    row("timeOfDay", Function::Convert(Convert::TimeOfDay), 0, 0),
    row("abs", Function::Number(Number::Abs), 0, 0),
    row("ceiling", Function::Number(Number::Ceiling), 0, 0),
    row("exp", Function::Number(Number::Exp), 0, 0),
    row("floor", Function::Number(Number::Floor), 0, 0),
    row("ln", Function::Number(Number::Ln), 0, 0),
    row("log", Function::Number(Number::Log), 1, 1),
    row("power", Function::Number(Number::Power), 1, 1),
    row("round", Function::Number(Number::Round), 0, 1),
    row("sqrt", Function::Number(Number::Sqrt), 0, 0),
    row("truncate", Function::Number(Number::Truncate), 0, 0),
    row("extension", Function::Fhir(Fhir::Extension), 1, 1),
    row("getValue", Function::Fhir(Fhir::GetValue), 0, 0),
    row("resolve", Function::Fhir(Fhir::Resolve), 0, 0),
    row("lowBoundary", Function::Boundary(Boundary::Low), 0, 1),
    row("highBoundary", Function::Boundary(Boundary::High), 0, 1),
    row("precision", Function::Boundary(Boundary::Precision), 0, 0),
];

/// The function called `name`, and how many arguments it takes.
pub(super) fn find(name: &str) -> Option<Row> {
    FUNCTIONS.iter().find(|row| row.0 == name).copied()
}

impl Function {
    pub(super) fn takes_regex(self) -> bool {
        matches!(self, Self::Test(Test::Matches | Test::MatchesFull) | Self::Text(Text::ReplaceMatches))
    }
}

/// Compiles a pattern as FHIRPath wants it: a dot is any character, and only `matchesFull` wants the whole string.
pub(super) fn regex(pattern: &str, function: Function) -> Result<Regex, String> {
    let whole = function == Function::Test(Test::MatchesFull);
    let pattern = if whole { format!("^(?:{pattern})$") } else { pattern.to_owned() };
    let built = RegexBuilder::new(&pattern).dot_matches_new_line(true).size_limit(1 << 20).build();
    built.map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}

/// Calls a function whose result is no yes or no.
pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    match call.function {
        Function::Collection(function) => collection::call(eval, function, call, frame, sink),
        Function::Text(function) => text::call(eval, function, call, frame, sink),
        Function::Convert(function) => convert::call(eval, function, call, frame, sink),
        Function::Number(function) => number::call(eval, function, call, frame, sink),
        Function::Fhir(function) => fhir::call(eval, function, call, frame, sink),
        Function::Boundary(function) => boundary::call(eval, function, call, frame, sink),
        Function::Test(function) => match truth(eval, function, call, frame)? {
            Some(value) => sink(Value::Boolean(value)),
            None => Ok(()),
        },
        Function::Is | Function::OfType => Ok(()),
    }
}

/// The fault that a function is given a value it is not for.
pub(super) fn wrong_type(function: &'static str, value: &Value<'_>) -> EvalError {
    let (space, name) = value.type_name();
    EvalError::WrongType { function, found: format!("{space}.{name}") }
}
