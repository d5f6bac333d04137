//! Tokens to a tree, by precedence climbing (FHIRPath N1, grammar).

use super::error::{PathError, PathFault};
use super::lexer::{Lexer, Token};

/// A part of an expression and where it begins.
#[derive(Debug)]
pub(super) struct Ast {
    pub(super) at: usize,
    pub(super) kind: AstKind,
    depth: usize,
}

#[derive(Debug)]
pub(super) enum AstKind {
    Empty,
    Bool(bool),
    Text(String),
    Number(String),
    Moment(String),
    Quantity(String, String),
    /// `$this`, `$index` or `$total`
    Dollar(String),
    Constant(String),
    Member(Option<Box<Ast>>, String),
    Call(Option<Box<Ast>>, String, Vec<Ast>),
    Item(Box<Ast>, Box<Ast>),
    Negate(Box<Ast>),
    /// Operators in a row that may be taken together: `and`, `or`, `|`.
    Chain(&'static str, Vec<Ast>),
    Binary(&'static str, Box<Ast>, Box<Ast>),
    /// `is` or `as` with a type's name.
    Type(&'static str, Box<Ast>, String),
}

/// Most parentheses and arguments inside each other.
const NESTING: usize = 48;
/// Longest chain of parts that wait for each other.
const DEPTH: usize = 120;
/// Longest text.
const LENGTH: usize = 64 * 1024;

/// The tree of a whole text.
pub(super) fn parse(text: &str) -> Result<Ast, PathError> {
    if text.len() > LENGTH {
        return Err(PathError::new(LENGTH, PathFault::TooLong));
    }
    let mut lexer = Lexer::new(text);
    let (at, token) = lexer.next()?;
    let mut parser = Parser { text, lexer, at, token, nesting: 0 };
    let ast = parser.expression(1)?;
    match parser.token {
        Token::End => Ok(ast),
        _ => Err(parser.expected("an operator")),
    }
}

struct Parser<'e> {
    text: &'e str,
    lexer: Lexer<'e>,
    at: usize,
    token: Token<'e>,
    nesting: usize,
}

/// The operators by how strongly they bind.
const OPERATORS: [(&str, u8); 25] = [
    ("implies", 1),
    ("or", 2),
    ("xor", 2),
    ("and", 3),
    ("in", 4),
    ("contains", 4),
    ("=", 5),
    ("~", 5),
    ("!=", 5),
    ("!~", 5),
    ("<", 6),
    (">", 6),
    ("<=", 6),
    (">=", 6),
    ("|", 7),
    ("is", 8),
    ("as", 8),
    ("+", 9),
    ("-", 9),
    ("&", 9),
    ("*", 10),
    ("/", 10),
    ("div", 10),
    ("mod", 10),
    (".", 12),
];
const UNARY: u8 = 11;

const UNITS: [&str; 16] = [
    "year",
    "years",
    "month",
    "months",
    "week",
    "weeks",
    "day",
    "days",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "millisecond",
    "milliseconds",
];

impl<'e> Parser<'e> {
    fn expression(&mut self, least: u8) -> Result<Ast, PathError> {
        self.nesting += 1;
        if self.nesting > NESTING {
            return Err(PathError::new(self.at, PathFault::TooDeep));
        }
        let mut left = self.operand()?;
        while let Some((operator, strength)) = self.operator().filter(|(_, strength)| *strength >= least) {
            let at = self.at;
            self.advance()?;
            left = match operator {
                "is" | "as" => {
                    let name = self.type_name()?;
                    self.ast(at, AstKind::Type(operator, Box::new(left), name))?
                }
                _ => {
                    let right = self.expression(strength + 1)?;
                    self.joined(at, operator, left, right)?
                }
            };
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn joined(&self, at: usize, operator: &'static str, left: Ast, right: Ast) -> Result<Ast, PathError> {
        let kind = match (operator, left) {
            ("and" | "or" | "|", Ast { kind: AstKind::Chain(same, mut parts), .. }) if same == operator => {
                parts.push(right);
                AstKind::Chain(operator, parts)
            }
            ("and" | "or" | "|", left) => AstKind::Chain(operator, vec![left, right]),
            (_, left) => AstKind::Binary(operator, Box::new(left), Box::new(right)),
        };
        self.ast(at, kind)
    }

    /// The operator here, and how strongly it binds; `.` and `[` are read with the operand.
    fn operator(&self) -> Option<(&'static str, u8)> {
        let word = match &self.token {
            Token::Name(word) => word,
            Token::Symbol(symbol) => symbol,
            _ => return None,
        };
        OPERATORS.iter().find(|(name, strength)| name == word && *strength < UNARY).copied()
    }

    fn operand(&mut self) -> Result<Ast, PathError> {
        let at = self.at;
        if self.accept("-")? {
            let inner = self.expression(UNARY)?;
            return self.ast(at, AstKind::Negate(Box::new(inner)));
        }
        if self.accept("+")? {
            return self.expression(UNARY);
        }
        let mut ast = self.term()?;
        loop {
            let at = self.at;
            if self.accept(".")? {
                ast = self.invocation(Some(Box::new(ast)))?;
            } else if self.accept("[")? {
                let index = self.expression(1)?;
                self.demand("]")?;
                ast = self.ast(at, AstKind::Item(Box::new(ast), Box::new(index)))?;
            } else {
                return Ok(ast);
            }
        }
    }

    fn term(&mut self) -> Result<Ast, PathError> {
        let at = self.at;
        let kind = match &self.token {
            Token::Symbol("(") => {
                self.advance()?;
                let inner = self.expression(1)?;
                self.demand(")")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.advance()?;
                self.demand("}")?;
                return self.ast(at, AstKind::Empty);
            }
            Token::Name("true") => AstKind::Bool(true),
            Token::Name("false") => AstKind::Bool(false),
            Token::Name(_) | Token::Quoted(_) | Token::Dollar(_) => return self.invocation(None),
            Token::Text(text) => AstKind::Text(text.clone()),
            Token::Moment(text) => AstKind::Moment((*text).to_owned()),
            Token::Constant(name) => AstKind::Constant(name.clone()),
            Token::Number(digits) => {
                let digits = (*digits).to_owned();
                self.advance()?;
                return self.number(at, digits);
            }
            _ => return Err(self.expected("a term")),
        };
        self.advance()?;
        self.ast(at, kind)
    }

    fn number(&mut self, at: usize, digits: String) -> Result<Ast, PathError> {
        let unit = match &self.token {
            Token::Text(unit) => unit.clone(),
            Token::Name(word) if UNITS.contains(word) => (*word).to_owned(),
            _ => return self.ast(at, AstKind::Number(digits)),
        };
        self.advance()?;
        self.ast(at, AstKind::Quantity(digits, unit))
    }

    /// A name, a function with its arguments, or `$this`.
    fn invocation(&mut self, input: Option<Box<Ast>>) -> Result<Ast, PathError> {
        let at = self.at;
        let name = match &self.token {
            Token::Name(name) => (*name).to_owned(),
            Token::Quoted(name) => name.clone(),
            Token::Dollar(name) if input.is_none() => {
                let kind = AstKind::Dollar((*name).to_owned());
                self.advance()?;
                return self.ast(at, kind);
            }
            _ => return Err(self.expected("a name")),
        };
        self.advance()?;
        if !self.accept("(")? {
            return self.ast(at, AstKind::Member(input, name));
        }
        let mut arguments = Vec::new();
        if !self.accept(")")? {
            loop {
                arguments.push(self.expression(1)?);
                if !self.accept(",")? {
                    break;
                }
            }
            self.demand(")")?;
        }
        self.ast(at, AstKind::Call(input, name, arguments))
    }

    fn type_name(&mut self) -> Result<String, PathError> {
        let mut name = String::new();
        loop {
            match &self.token {
                Token::Name(part) => name.push_str(part),
                Token::Quoted(part) => name.push_str(part),
                _ => return Err(self.expected("a type")),
            }
            self.advance()?;
            if !self.accept(".")? {
                return Ok(name);
            }
            name.push('.');
        }
    }

    fn ast(&self, at: usize, kind: AstKind) -> Result<Ast, PathError> {
        let deepest = |parts: &[Ast]| parts.iter().map(|part| part.depth).max().unwrap_or(0);
        let inner = match &kind {
            AstKind::Member(input, _) => input.as_ref().map_or(0, |input| input.depth),
            AstKind::Call(input, _, parts) => {
                input.as_ref().map_or(0, |input| input.depth).max(deepest(parts))
            }
            AstKind::Item(left, right) | AstKind::Binary(_, left, right) => left.depth.max(right.depth),
            AstKind::Negate(inner) | AstKind::Type(_, inner, _) => inner.depth,
            AstKind::Chain(_, parts) => deepest(parts),
            _ => 0,
        };
        if inner >= DEPTH {
            return Err(PathError::new(at, PathFault::TooDeep));
        }
        Ok(Ast { at, kind, depth: inner + 1 })
    }

    fn advance(&mut self) -> Result<(), PathError> {
        (self.at, self.token) = self.lexer.next()?;
        Ok(())
    }

    fn accept(&mut self, symbol: &str) -> Result<bool, PathError> {
        let is_here = matches!(self.token, Token::Symbol(found) if found == symbol);
        if is_here {
            self.advance()?;
        }
        Ok(is_here)
    }

    fn demand(&mut self, symbol: &'static str) -> Result<(), PathError> {
        if self.accept(symbol)? { Ok(()) } else { Err(self.expected(symbol)) }
    }

    fn expected(&self, expected: &'static str) -> PathError {
        let found = self.text[self.at..].chars().take(12).collect();
        PathError::new(self.at, PathFault::Expected { expected, found })
    }
}
