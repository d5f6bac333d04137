//! The parser: one pass, no recursion, first fault ends it.

use std::collections::HashSet;

use super::copies::Copies;
use super::place::Position;
use super::{Json, Kind, Limits, Node, Slot};
use crate::finding::Finding;

/// Reads the whole text as one value.
pub(super) fn document<'a>(text: &'a str, limits: &Limits) -> Result<Json<'a>, Finding> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        json: Json { text, slots: Vec::with_capacity(text.len() / 24 + 4), copies: Copies::default() },
        open: Vec::with_capacity(limits.depth.min(64)),
        depth: limits.depth,
    };
    match parser.run() {
        Ok(()) => Ok(parser.json),
        Err(fault) => Err(parser.finding(fault)),
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    json: Json<'a>,
    open: Vec<Open>,
    depth: usize,
}

/// An object or array whose end has not been read yet.
struct Open {
    slot: u32,
    is_object: bool,
    count: u32,
}

/// A name before a value: where it stands, and whether it has escapes.
#[derive(Clone, Copy, Default)]
struct Key {
    start: u32,
    end: u32,
    escaped: bool,
}

struct Fault {
    key: &'static str,
    at: usize,
    found: Option<String>,
    expected: Option<&'static str>,
}

impl Fault {
    fn new(key: &'static str, at: usize) -> Self {
        Self { key, at, found: None, expected: None }
    }

    fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    fn expected(mut self, expected: &'static str) -> Self {
        self.expected = Some(expected);
        self
    }
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at == self.bytes.len() {
            return Err(Fault::new("json-empty", 0));
        }
        self.value(Key::default())?;
        while let Some(top) = self.open.last() {
            if top.is_object { self.member()? } else { self.item()? }
        }
        self.skip_space();
        match self.bytes.get(self.at) {
            None => Ok(()),
            Some(_) => Err(Fault::new("json-trailing", self.at).found(self.glimpse())),
        }
    }

    fn member(&mut self) -> Result<(), Fault> {
        if !self.next_or_close(b'}')? {
            return Ok(());
        }
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.unexpected("\""));
        }
        let (start, end, escaped) = self.string()?;
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(self.unexpected(":"));
        }
        self.at += 1;
        self.skip_space();
        self.value(Key { start, end, escaped })
    }

    fn item(&mut self) -> Result<(), Fault> {
        if self.next_or_close(b']')? { self.value(Key::default()) } else { Ok(()) }
    }

    /// Reads the comma before the next child (true), or the end of the container (false).
    fn next_or_close(&mut self, closing: u8) -> Result<bool, Fault> {
        self.skip_space();
        let first = self.open.last().is_none_or(|top| top.count == 0);
        let byte = self.bytes.get(self.at).copied();
        if byte == Some(closing) {
            self.close()?;
            return Ok(false);
        }
        if !first {
            if byte != Some(b',') {
                return Err(self.unexpected(if closing == b'}' { ", }" } else { ", ]" }));
            }
            let comma = self.at;
            self.at += 1;
            self.skip_space();
            if self.bytes.get(self.at) == Some(&closing) {
                return Err(Fault::new("json-trailing-comma", comma));
            }
        }
        if let Some(top) = self.open.last_mut() {
            top.count += 1;
        }
        Ok(true)
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let Some(top) = self.open.pop() else { return Ok(()) };
        let after = self.json.slots.len() as u32;
        let slot = &mut self.json.slots[top.slot as usize];
        slot.end = self.at as u32;
        slot.after = after;
        if top.is_object && top.count > 1 { self.refuse_twins(top.slot) } else { Ok(()) }
    }

    fn refuse_twins(&self, slot: u32) -> Result<(), Fault> {
        match twin(self.json.node(slot)) {
            None => Ok(()),
            Some(second) => {
                let key_start = self.json.slots[second.slot() as usize].key_start as usize;
                Err(Fault::new("json-duplicate-name", key_start - 1).found(second.key()))
            }
        }
    }

    fn value(&mut self, key: Key) -> Result<(), Fault> {
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'"') => {
                let (_, end, escaped) = self.string()?;
                self.push(key, Kind::String, start, end as usize + 1, escaped);
            }
            Some(b'{') => self.open(key, Kind::Object)?,
            Some(b'[') => self.open(key, Kind::Array)?,
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.push(key, Kind::Number, start, self.at, false);
            }
            Some(b't') => self.literal(key, "true", Kind::Bool)?,
            Some(b'f') => self.literal(key, "false", Kind::Bool)?,
            Some(b'n') => self.literal(key, "null", Kind::Null)?,
            _ => return Err(self.unexpected("{ [ \" 0-9 true false null")),
        }
        Ok(())
    }

    fn open(&mut self, key: Key, kind: Kind) -> Result<(), Fault> {
        if self.open.len() >= self.depth {
            let depth = self.depth.to_string();
            return Err(Fault::new("json-too-deep", self.at).found(depth));
        }
        let slot = self.json.slots.len() as u32;
        self.push(key, kind, self.at, self.at, false);
        self.open.push(Open { slot, is_object: kind == Kind::Object, count: 0 });
        self.at += 1;
        Ok(())
    }

    fn push(&mut self, key: Key, kind: Kind, start: usize, end: usize, escaped: bool) {
        let after = self.json.slots.len() as u32 + 1;
        self.json.slots.push(Slot {
            start: start as u32,
            end: end as u32,
            after,
            key_start: key.start,
            key_end: key.end,
            kind,
            escaped,
            key_escaped: key.escaped,
        });
    }

    fn literal(&mut self, key: Key, word: &'static str, kind: Kind) -> Result<(), Fault> {
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

    fn number(&mut self) -> Result<(), Fault> {
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
    fn string(&mut self) -> Result<(u32, u32, bool), Fault> {
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

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &'static str) -> Fault {
        let Some(byte) = self.bytes.get(self.at) else {
            return Fault::new("json-truncated", self.bytes.len());
        };
        let key = match byte {
            b'\'' => "json-single-quote",
            b'/' | b'#' => "json-comment",
            0 => "json-nul",
            _ => "json-unexpected",
        };
        Fault::new(key, self.at).found(self.glimpse()).expected(expected)
    }

    /// A few characters from here on, to show what was found.
    fn glimpse(&self) -> String {
        self.text[self.at..].chars().take(12).take_while(|c| !c.is_control()).collect()
    }

    fn finding(&self, fault: Fault) -> Finding {
        let mut finding =
            Finding::new(fault.key).position(Position::of(self.bytes, fault.at)).at(self.expression());
        if let Some(found) = fault.found {
            finding = finding.found(found);
        }
        if let Some(expected) = fault.expected {
            finding = finding.expected(expected);
        }
        finding
    }

    /// The way to the innermost container that is still open.
    fn expression(&self) -> String {
        let mut path = String::new();
        for pair in self.open.windows(2) {
            let key = self.json.node(pair[1].slot).key();
            if pair[0].is_object {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            } else {
                path.push_str(&format!("[{}]", pair[0].count.saturating_sub(1)));
            }
        }
        path
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

/// The second member of an object that bears a name already used; few members are compared, many are hashed.
fn twin(object: Node<'_>) -> Option<Node<'_>> {
    const FEW: usize = 12;
    let mut few = [""; FEW];
    let mut many: Option<HashSet<&str>> = None;
    for (count, (key, node)) in object.members().enumerate() {
        let seen = match &mut many {
            Some(names) => !names.insert(key),
            None if count < FEW => few[..count].contains(&key),
            None => {
                let mut names: HashSet<&str> = few.iter().copied().collect();
                let seen = !names.insert(key);
                many = Some(names);
                seen
            }
        };
        if seen {
            return Some(node);
        }
        if count < FEW {
            few[count] = key;
        }
    }
    None
}
