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

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) json: Json<'a>,
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
pub(super) struct Key {
    start: u32,
    end: u32,
    escaped: bool,
}

/// A fault that ends reading.
pub(super) struct Fault {
    key: &'static str,
    at: usize,
    found: Option<String>,
    expected: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(key: &'static str, at: usize) -> Self {
        Self { key, at, found: None, expected: None }
    }

    pub(super) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    pub(super) fn expected(mut self, expected: &'static str) -> Self {
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

    pub(super) fn push(&mut self, key: Key, kind: Kind, start: usize, end: usize, escaped: bool) {
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
    pub(super) fn glimpse(&self) -> String {
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
