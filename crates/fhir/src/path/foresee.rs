//! What an expression gives when no more is known than which elements its focus has, so that most invariants need
//! not be run at all.

use super::functions::{Collection, Function, Test};
use super::plan::{Call, Op, Operator};

/// What is known of a result before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sure {
    Nothing,
    Something,
    Yes,
    No,
    Unknown,
}

/// Whether an element is there; none if that is not known.
pub(super) type Presence<'p> = &'p dyn Fn(&str) -> Option<bool>;

/// Yes or no, if that much is sure.
pub(super) fn foreseen(op: &Op, presence: Presence<'_>) -> Option<bool> {
    match sure(op, presence) {
        Sure::Yes => Some(true),
        Sure::No | Sure::Nothing => Some(false),
        Sure::Something | Sure::Unknown => None,
    }
}

/// The names of elements of the focus on which the result may depend.
pub(super) fn names<'o>(op: &'o Op, found: &mut Vec<&'o str>) {
    match op {
        Op::Member(input, name) if matches!(**input, Op::This) => found.push(name),
        Op::Member(input, _) | Op::Item(input, _) | Op::Is(input, _) | Op::OfType(input, _) => {
            names(input, found);
        }
        Op::All(parts) | Op::Any(parts) | Op::Union(parts) => {
            parts.iter().for_each(|part| names(part, found));
        }
        Op::Binary(_, left, right) => {
            names(left, found);
            names(right, found);
        }
        Op::Call(call) => names(&call.input, found),
        _ => {}
    }
}

impl Sure {
    fn of(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }

    /// What it is where a yes or no is wanted.
    fn as_truth(self) -> Self {
        if self == Self::Something { Self::Unknown } else { self }
    }

    /// Nothing from nothing; anything else cannot be told.
    fn passed(self) -> Self {
        if self == Self::Nothing { Self::Nothing } else { Self::Unknown }
    }
}

fn sure(op: &Op, presence: Presence<'_>) -> Sure {
    match op {
        Op::Nothing => Sure::Nothing,
        Op::Literal(value) => value.boolean().map_or(Sure::Something, Sure::of),
        Op::This | Op::Index => Sure::Something,
        Op::Member(input, name) if matches!(**input, Op::This) => match presence(name) {
            Some(true) => Sure::Something,
            Some(false) => Sure::Nothing,
            None => Sure::Unknown,
        },
        Op::Member(input, _) | Op::Item(input, _) | Op::Is(input, _) | Op::OfType(input, _) => {
            sure(input, presence).passed()
        }
        Op::All(parts) => row(parts, presence, Sure::No),
        Op::Any(parts) => row(parts, presence, Sure::Yes),
        Op::Union(parts) => {
            let parts = parts.iter().map(|part| sure(part, presence));
            parts.fold(Sure::Nothing, |all, part| match (all, part) {
                (Sure::Nothing, Sure::Nothing) => Sure::Nothing,
                (Sure::Unknown, Sure::Unknown | Sure::Nothing) | (Sure::Nothing, Sure::Unknown) => {
                    Sure::Unknown
                }
                _ => Sure::Something,
            })
        }
        Op::Binary(operator, left, right) => binary(*operator, sure(left, presence), sure(right, presence)),
        Op::Call(call) => function(call, presence),
        Op::Negate(inner) => sure(inner, presence).passed(),
        Op::Total | Op::Constant(_) | Op::TypeOrMember(..) => Sure::Unknown,
    }
}

/// `and`, settled by a no, or `or`, settled by a yes.
fn row(parts: &[Op], presence: Presence<'_>, settles: Sure) -> Sure {
    let mut all = if settles == Sure::No { Sure::Yes } else { Sure::No };
    for part in parts {
        match sure(part, presence).as_truth() {
            part if part == settles => return settles,
            Sure::Unknown => all = Sure::Unknown,
            Sure::Nothing if all != Sure::Unknown => all = Sure::Nothing,
            _ => {}
        }
    }
    all
}

fn binary(operator: Operator, left: Sure, right: Sure) -> Sure {
    let is_known = |side| matches!(side, Sure::Yes | Sure::No);
    match operator {
        Operator::Implies => match (left.as_truth(), right.as_truth()) {
            (Sure::No, _) | (_, Sure::Yes) => Sure::Yes,
            (Sure::Yes, right) => right,
            (Sure::Nothing, Sure::No | Sure::Nothing) => Sure::Nothing,
            _ => Sure::Unknown,
        },
        Operator::Join => Sure::Something,
        Operator::Equivalent | Operator::NotEquivalent => Sure::Unknown,
        Operator::In => left.passed(),
        Operator::Contains => right.passed(),
        _ if left == Sure::Nothing || right == Sure::Nothing => Sure::Nothing,
        Operator::Equal if is_known(left) && is_known(right) => Sure::of(left == right),
        Operator::NotEqual | Operator::Xor if is_known(left) && is_known(right) => Sure::of(left != right),
        _ => Sure::Unknown,
    }
}

fn function(call: &Call, presence: Presence<'_>) -> Sure {
    let input = sure(&call.input, presence);
    match call.function {
        Function::Test(test) => match (test, input) {
            (Test::Exists | Test::AnyTrue | Test::AnyFalse | Test::HasValue, Sure::Nothing) => Sure::No,
            (Test::Exists, Sure::Something | Sure::Yes | Sure::No) if call.arguments.is_empty() => Sure::Yes,
            (Test::Empty, Sure::Something | Sure::Yes | Sure::No) => Sure::No,
            (Test::Empty | Test::All | Test::AllTrue | Test::AllFalse, Sure::Nothing) => Sure::Yes,
            (Test::SubsetOf | Test::IsDistinct, Sure::Nothing) => Sure::Yes,
            (Test::Not, Sure::Yes) => Sure::No,
            (Test::Not, Sure::No) => Sure::Yes,
            (Test::SupersetOf, _) => Sure::Unknown,
            (_, input) => input.passed(),
        },
        Function::Collection(Collection::Count) => Sure::Something,
        Function::Collection(Collection::Trace) => input,
        Function::Collection(
            Collection::Combine | Collection::Union | Collection::Iif | Collection::Aggregate,
        ) => Sure::Unknown,
        Function::Convert(super::functions::Convert::To(_)) => input.passed(),
        Function::Convert(_) => Sure::Something,
        _ => input.passed(),
    }
}
