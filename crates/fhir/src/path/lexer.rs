//! Text to tokens.

use super::error::{PathError, PathFault};

/// One word of the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'e> {
    Name(&'e str),
    /// `` `name` ``, which is never a keyword
    Quoted(String),
    Text(String),
    Number(&'e str),
    /// `@2015-02-04T14:34`, without the `@`
    Moment(&'e str),
    /// `$this`, without the `$`
    Dollar(&'e str),
    /// `%resource`, without the `%`
    Constant(String),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 22] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "=", "~", "<", ">", "|", "+", "-", "*",
    "/", "&",
];

pub(super) struct Lexer<'e> {
    text: &'e str,
    at: usize,
}

impl<'e> Lexer<'e> {
    pub(super) fn new(text: &'e str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(usize, Token<'e>), PathError> {
        self.skip_space()?;
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return Ok((start, Token::End)) };
        let token = match first {
            'a'..='z' | 'A'..='Z' | '_' => Token::Name(self.word()),
            '0'..='9' => Token::Number(self.number()),
            '\'' => Token::Text(self.quoted('\'')?),
            '"' => Token::Text(self.quoted('"')?),
            '`' => Token::Quoted(self.quoted('`')?),
            '@' => {
                self.at += 1;
                Token::Moment(self.moment())
            }
            '$' => {
                self.at += 1;
                Token::Dollar(self.word())
            }
            '%' => {
                self.at += 1;
                Token::Constant(self.constant()?)
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Token::Symbol(symbol)
                }
                None => return Err(self.unexpected(start, "a term")),
            },
        };
        Ok((start, token))
    }

    fn constant(&mut self) -> Result<String, PathError> {
        match self.text[self.at..].chars().next() {
            Some(quote @ ('`' | '\'' | '"')) => self.quoted(quote),
            _ => {
                let start = self.at;
                self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
                Ok(self.text[start..self.at].to_owned())
            }
        }
    }

    fn skip_space(&mut self) -> Result<(), PathError> {
        loop {
            self.take_while(char::is_whitespace);
            let rest = &self.text[self.at..];
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                match rest.find("*/") {
                    Some(end) if end >= 2 => self.at += end + 2,
                    _ => return Err(self.unexpected(self.text.len(), "*/")),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> &'e str {
        let start = self.at;
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        &self.text[start..self.at]
    }

    fn number(&mut self) -> &'e str {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut after = self.text[self.at..].chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        &self.text[start..self.at]
    }

    /// A date or time: a `.` belongs to it only before digits, `+` and `-` only where a zone or a part follows.
    fn moment(&mut self) -> &'e str {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let digit_next = bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit);
            let belongs = match byte {
                b'0'..=b'9' | b'T' | b'Z' | b':' => true,
                b'.' | b'-' | b'+' => digit_next,
                _ => false,
            };
            if !belongs {
                break;
            }
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }

    fn quoted(&mut self, quote: char) -> Result<String, PathError> {
        let start = self.at;
        let mut out = String::new();
        let mut chars = self.text[start + 1..].char_indices();
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                self.at = start + 1 + offset + 1;
                return Ok(out);
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('f') => out.push('\u{c}'),
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    let wrong = || PathError::new(start, PathFault::Literal(format!("\\u{digits}")));
                    out.push(code.ok_or_else(wrong)?);
                }
                Some(same @ ('\\' | '/' | '\'' | '"' | '`')) => out.push(same),
                Some(other) => return Err(PathError::new(start, PathFault::Literal(format!("\\{other}")))),
                None => break,
            }
        }
        Err(self.unexpected(self.text.len(), "a closing quote"))
    }

    fn unexpected(&self, at: usize, expected: &'static str) -> PathError {
        let found = self.text[at..].chars().take(12).collect();
        PathError::new(at, PathFault::Expected { expected, found })
    }
}
