//! The tree made ready to run: names looked up, functions and types known, regular expressions compiled.

use regex::Regex;

use super::error::{PathError, PathFault};
use super::functions::{self, Function};
use super::parser::{Ast, AstKind};
use super::quantity::Quantity;
use super::temporal::Temporal;
use super::value::{Value, decimal};
use crate::r4::TypeId;

/// One step of a plan.
#[derive(Debug)]
pub(super) enum Op {
    Nothing,
    Literal(Value<'static>),
    This,
    Index,
    Total,
    Constant(Constant),
    /// A first name, which may be the type of what is looked at instead of one of its elements.
    TypeOrMember(TypeId, Box<str>),
    Member(Box<Op>, Box<str>),
    Item(Box<Op>, Box<Op>),
    Negate(Box<Op>),
    All(Vec<Op>),
    Any(Vec<Op>),
    Union(Vec<Op>),
    Binary(Operator, Box<Op>, Box<Op>),
    Is(Box<Op>, TypeName),
    OfType(Box<Op>, TypeName),
    Call(Box<Call>),
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) name: &'static str,
    pub(super) input: Op,
    pub(super) arguments: Vec<Op>,
    /// The regular expression, where it is written as a literal.
    pub(super) regex: Option<Regex>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Xor,
    Implies,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    Less,
    More,
    AtMost,
    AtLeast,
    In,
    Contains,
    Plus,
    Minus,
    Join,
    Times,
    Divide,
    Div,
    Mod,
}

#[derive(Debug)]
pub(super) enum Constant {
    Resource,
    RootResource,
    Context,
    Text(String),
}

/// The type that `is`, `as` and `ofType` name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeName {
    Fhir(TypeId),
    System(&'static str),
}

const OPERATORS: [(&str, Operator); 19] = [
    ("xor", Operator::Xor),
    ("implies", Operator::Implies),
    ("=", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("~", Operator::Equivalent),
    ("!~", Operator::NotEquivalent),
    ("<", Operator::Less),
    (">", Operator::More),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("in", Operator::In),
    ("contains", Operator::Contains),
    ("+", Operator::Plus),
    ("-", Operator::Minus),
    ("&", Operator::Join),
    ("*", Operator::Times),
    ("/", Operator::Divide),
    ("div", Operator::Div),
    ("mod", Operator::Mod),
];

const SYSTEM_TYPES: [&str; 8] =
    ["Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity"];

/// Constants whose value is an address.
const ADDRESSES: [(&str, &str); 3] =
    [("ucum", "http://unitsofmeasure.org"), ("sct", "http://snomed.info/sct"), ("loinc", "http://loinc.org")];

/// Makes a tree ready.
pub(super) fn plan(ast: Ast) -> Result<Op, PathError> {
    let at = ast.at;
    let boxed = |ast: Box<Ast>| plan(*ast).map(Box::new);
    Ok(match ast.kind {
        AstKind::Empty => Op::Nothing,
        AstKind::Bool(value) => Op::Literal(Value::Boolean(value)),
        AstKind::Text(text) => Op::Literal(Value::string(text)),
        AstKind::Number(digits) => Op::Literal(number(at, &digits)?),
        AstKind::Moment(text) => {
            let moment = Temporal::literal(&text);
            let wrong = || PathError::new(at, PathFault::Literal(format!("@{text}")));
            Op::Literal(Value::Temporal(moment.ok_or_else(wrong)?))
        }
        AstKind::Quantity(digits, unit) => {
            let value = decimal(&digits).ok_or_else(|| PathError::new(at, PathFault::Literal(digits)))?;
            Op::Literal(Value::Quantity(Box::new(Quantity { value, unit })))
        }
        AstKind::Dollar(name) => dollar(at, &name)?,
        AstKind::Constant(name) => Op::Constant(constant(at, name)?),
        AstKind::Member(None, name) => first_name(name),
        AstKind::Member(Some(input), name) => Op::Member(boxed(input)?, name.into_boxed_str()),
        AstKind::Call(input, name, arguments) => call(at, input, name, arguments)?,
        AstKind::Item(input, index) => Op::Item(boxed(input)?, boxed(index)?),
        AstKind::Negate(inner) => negated(plan(*inner)?),
        AstKind::Chain(operator, parts) => {
            let parts = parts.into_iter().map(plan).collect::<Result<Vec<_>, _>>()?;
            match operator {
                "and" => Op::All(parts),
                "or" => Op::Any(parts),
                _ => Op::Union(parts),
            }
        }
        AstKind::Binary(operator, left, right) => {
            let found = OPERATORS.iter().find(|row| row.0 == operator);
            let operator = found.expect("the parser makes only operators of this table").1;
            Op::Binary(operator, boxed(left)?, boxed(right)?)
        }
        AstKind::Type(operator, input, name) => {
            let name = type_name(at, &name)?;
            if operator == "is" { Op::Is(boxed(input)?, name) } else { Op::OfType(boxed(input)?, name) }
        }
    })
}

fn number(at: usize, digits: &str) -> Result<Value<'static>, PathError> {
    let whole = || digits.parse().ok().map(Value::Integer);
    let value = if digits.contains('.') { decimal(digits).map(Value::Decimal) } else { whole() };
    value.ok_or_else(|| PathError::new(at, PathFault::Literal(digits.to_owned())))
}

fn negated(inner: Op) -> Op {
    match inner {
        Op::Literal(Value::Integer(value)) => Op::Literal(Value::Integer(-value)),
        Op::Literal(Value::Decimal(value)) => Op::Literal(Value::Decimal(-value)),
        other => Op::Negate(Box::new(other)),
    }
}

fn dollar(at: usize, name: &str) -> Result<Op, PathError> {
    match name {
        "this" => Ok(Op::This),
        "index" => Ok(Op::Index),
        "total" => Ok(Op::Total),
        other => Err(PathError::new(at, PathFault::UnknownConstant(format!("${other}")))),
    }
}

fn constant(at: usize, name: String) -> Result<Constant, PathError> {
    let text = |text: String| Ok(Constant::Text(text));
    match name.as_str() {
        "resource" => Ok(Constant::Resource),
        "rootResource" => Ok(Constant::RootResource),
        "context" => Ok(Constant::Context),
        other => {
            if let Some((_, address)) = ADDRESSES.iter().find(|row| row.0 == other) {
                text((*address).to_owned())
            } else if let Some(set) = other.strip_prefix("vs-") {
                text(format!("http://hl7.org/fhir/ValueSet/{set}"))
            } else if let Some(extension) = other.strip_prefix("ext-") {
                text(format!("http://hl7.org/fhir/StructureDefinition/{extension}"))
            } else {
                Err(PathError::new(at, PathFault::UnknownConstant(name)))
            }
        }
    }
}

fn first_name(name: String) -> Op {
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase());
    match TypeId::named(&name).filter(|_| is_type) {
        Some(kind) => Op::TypeOrMember(kind, name.into_boxed_str()),
        None => Op::Member(Box::new(Op::This), name.into_boxed_str()),
    }
}

fn call(at: usize, input: Option<Box<Ast>>, name: String, arguments: Vec<Ast>) -> Result<Op, PathError> {
    let input = match input {
        Some(input) => plan(*input)?,
        None => Op::This,
    };
    let Some((known, function, takes)) = functions::find(&name) else {
        return Err(PathError::new(at, PathFault::UnknownFunction(name)));
    };
    if arguments.len() < takes.0 || arguments.len() > takes.1 {
        let fault = PathFault::Arguments { function: known, takes, given: arguments.len() };
        return Err(PathError::new(at, fault));
    }
    if let Function::Is | Function::OfType = function {
        let name = arguments.into_iter().next().and_then(path_of).unwrap_or_default();
        let name = type_name(at, &name)?;
        let input = Box::new(input);
        return Ok(if function == Function::Is { Op::Is(input, name) } else { Op::OfType(input, name) });
    }
    let arguments = arguments.into_iter().map(plan).collect::<Result<Vec<_>, _>>()?;
    let regex = match (function.takes_regex(), arguments.first()) {
        (true, Some(Op::Literal(Value::String(pattern)))) => {
            let wrong = |reason: String| PathError::new(at, PathFault::Regex(reason));
            Some(functions::regex(pattern, function).map_err(wrong)?)
        }
        _ => None,
    };
    Ok(Op::Call(Box::new(Call { function, name: known, input, arguments, regex })))
}

/// The name that a type is given by as an argument: `Patient`, `FHIR.Patient`.
fn path_of(ast: Ast) -> Option<String> {
    match ast.kind {
        AstKind::Member(None, name) => Some(name),
        AstKind::Member(Some(input), name) => path_of(*input).map(|before| format!("{before}.{name}")),
        _ => None,
    }
}

fn type_name(at: usize, name: &str) -> Result<TypeName, PathError> {
    let system = |name: &str| SYSTEM_TYPES.iter().find(|known| **known == name).map(|n| TypeName::System(n));
    let fhir = |name: &str| TypeId::named(name).map(TypeName::Fhir);
    let found = match name.split_once('.') {
        Some(("System", rest)) => system(rest),
        Some(("FHIR", rest)) => fhir(rest),
        _ => fhir(name).or_else(|| system(name)),
    };
    found.ok_or_else(|| PathError::new(at, PathFault::UnknownType(name.to_owned())))
}
