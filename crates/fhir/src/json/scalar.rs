//! Strings, numbers and words: the leaves of the grammar.

use super::Kind;
use super::parse::{Fault, Key, Parser};

impl Parser<'_> {
    pub(super) fn literal(&mut self, key: Key, word: &'static str, kind: Kind) -> Result<(), Fault> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) && rest.get(word.len()).is_none_or(|b| !is_word(*b)) {
            let start = self.at;
            self.at += word.len();
            self.push(key, kind, start, self.at, false);
            return Ok(());
        }
        if word.as_bytes().starts_with(rest) {
            return Err(Fault::new("json-truncated", self.bytes.len()));
        }
        Err(Fault::new("json-bad-word", self.at).found(self.glimpse()).expected("true false null"))
    }

    pub(super) fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let bad = |p: &Self| {
            let end = p.bytes[start..].iter().position(|b| !is_word(*b) && !b"+-.".contains(b));
            let end = end.map_or(p.bytes.len(), |n| start + n);
            if p.at == p.bytes.len() {
                return Fault::new("json-truncated", p.at);
            }
            Fault::new("json-bad-number", start).found(&p.text[start..end])
        };
        self.at += usize::from(self.bytes[self.at] == b'-');
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.bytes[self.at - whole] == b'0') {
            return Err(bad(self));
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(bad(self));
            }
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(bad(self));
            }
        }
        if self.bytes.get(self.at).is_some_and(|b| is_word(*b) || *b == b'.') {
            Err(bad(self))
        } else {
            Ok(())
        }
    }

    fn digits(&mut self) -> usize {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        count
    }

    /// Reads a string from its opening quote; gives where its content stands and whether it has escapes.
    pub(super) fn string(&mut self) -> Result<(u32, u32, bool), Fault> {
        let start = self.at + 1;
        self.at = start;
        let stop = self.run_end()?;
        if self.bytes[stop] == b'"' {
            self.at = stop + 1;
            return Ok((start as u32, stop as u32, false));
        }
        self.copied_string(start, stop)
    }

    fn copied_string(&mut self, start: usize, mut stop: usize) -> Result<(u32, u32, bool), Fault> {
        let mut run = start;
        let mut resolved = Vec::new();
        while self.bytes[stop] == b'\\' {
            self.at = stop;
            let c = self.escape()?;
            resolved.push((run, stop, c));
            run = self.at;
            stop = self.run_end()?;
        }
        let mut copy = self.json.copies.begin();
        for (from, to, c) in resolved {
            copy.push_str(&self.text[from..to]);
            copy.push(c);
        }
        copy.push_str(&self.text[run..stop]);
        copy.finish(start as u32);
        self.at = stop + 1;
        Ok((start as u32, stop as u32, true))
    }

    /// The next quote or backslash; bytes below space are refused on the way. Short strings are walked, long ones
    /// searched.
    fn run_end(&self) -> Result<usize, Fault> {
        let near = &self.bytes[self.at..self.bytes.len().min(self.at + 24)];
        if let Some(found) = near.iter().position(|b| STOPS[*b as usize]) {
            let at = self.at + found;
            return if near[found] < b' ' { Err(self.control(at)) } else { Ok(at) };
        }
        let from = self.at + near.len();
        let rest = &self.bytes[from..];
        let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        if rest[..length].iter().fold(false, |bad, b| bad | (*b < b' ')) {
            let found = rest.iter().position(|b| *b < b' ').unwrap_or(0);
            return Err(self.control(from + found));
        }
        if length == rest.len() {
            return Err(Fault::new("json-truncated", self.bytes.len()));
        }
        Ok(from + length)
    }

    fn control(&self, at: usize) -> Fault {
        let byte = self.bytes[at];
        let key = if byte == 0 { "json-nul" } else { "json-control-character" };
        Fault::new(key, at).found(format!("U+{byte:04X}"))
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let at = self.at;
        let Some(letter) = self.bytes.get(at + 1) else { return Err(Fault::new("json-truncated", at + 1)) };
        self.at += 2;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(at),
            _ => {
                let found: String = self.text[at..].chars().take(2).collect();
                return Err(Fault::new("json-bad-escape", at).found(found));
            }
        })
    }

    fn unicode(&mut self, at: usize) -> Result<char, Fault> {
        let first = self.four_digits(at)?;
        if !(0xD800..0xE000).contains(&first) {
            return self.scalar(first, at);
        }
        let lone = |p: &Self| {
            let found: String = p.text[at..].chars().take(6).collect();
            Fault::new("json-lone-surrogate", at).found(found)
        };
        if first >= 0xDC00 {
            return Err(lone(self));
        }
        match self.bytes.get(self.at..self.at + 2) {
            Some(b"\\u") => {}
            None => return Err(Fault::new("json-truncated", self.bytes.len())),
            Some(_) => return Err(lone(self)),
        }
        self.at += 2;
        let second = self.four_digits(self.at - 2)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(lone(self));
        }
        self.scalar(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00), at)
    }

    fn scalar(&self, value: u32, at: usize) -> Result<char, Fault> {
        if value == 0 {
            return Err(Fault::new("json-nul", at).found("\\u0000"));
        }
        char::from_u32(value).ok_or_else(|| Fault::new("json-bad-escape", at))
    }

    fn four_digits(&mut self, at: usize) -> Result<u32, Fault> {
        let Some(digits) = self.bytes.get(self.at..self.at + 4) else {
            return Err(Fault::new("json-truncated", self.bytes.len()));
        };
        let mut value = 0;
        for digit in digits {
            let Some(number) = (*digit as char).to_digit(16) else {
                let found: String = self.text[at..].chars().take(6).collect();
                return Err(Fault::new("json-bad-escape", at).found(found));
            };
            value = value * 16 + number;
        }
        self.at += 4;
        Ok(value)
    }
}

const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        stops[byte] = true;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
