//! JSON read once into a flat arena whose strings borrow the bytes.
//!
//! For: cheap, exact reading of documents that must be kept byte for byte. Not for: writing or changing JSON.

mod charset;
mod copies;
mod parse;
mod place;
mod scalar;

pub use place::Position;
pub(crate) use place::{Name, locate, trail};

use std::fmt;
use std::ops::Range;

use copies::Copies;

use crate::finding::Finding;

/// How large and how deep a document may be before it is refused unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one document. The service's own limit of one transmission is 10 MB.
    pub bytes: usize,
    /// Most objects and arrays inside each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 10 * 1024 * 1024, depth: 64 }
    }
}

/// A parsed document: one slot per value, in the order of the text.
pub struct Json<'a> {
    text: &'a str,
    slots: Vec<Slot>,
    copies: Copies,
}

impl<'a> Json<'a> {
    /// Reads `bytes` as one JSON value (RFC 8259), stricter than the letter where documents must be
    /// unambiguous: no byte order mark, no name twice in an object.
    ///
    /// # Errors
    /// The first fault as a [`Finding`] with its place: wrong character code, grammar, size, depth, duplicates.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Finding> {
        let text = charset::text(bytes, limits)?;
        parse::document(text, limits)
    }

    /// The value that is the document.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node { json: self, slot: 0 }
    }

    /// The bytes as they were given.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(crate) fn node(&self, slot: u32) -> Node<'_> {
        Node { json: self, slot }
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes, {} values)", self.text.len(), self.slots.len())
    }
}

/// What sort of JSON value a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// a number, kept as its digits
    Number,
    /// a string
    String,
    /// an array
    Array,
    /// an object
    Object,
}

/// One value; all numbers are offsets into the text or the arena.
#[derive(Clone, Copy)]
struct Slot {
    start: u32,
    end: u32,
    /// The slot after this value and everything inside it.
    after: u32,
    key_start: u32,
    key_end: u32,
    kind: Kind,
    escaped: bool,
    key_escaped: bool,
}

/// A handle to one value of a document; copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    json: &'t Json<'t>,
    slot: u32,
}

impl<'t> Node<'t> {
    /// What sort of value this is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.raw().kind
    }

    /// The member called `name`; none if there is none or this is no object.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        self.children(Kind::Object).find(|child| child.key_bytes() == name.as_bytes())
    }

    /// The members of an object in the order written; nothing for other kinds.
    pub fn members(self) -> impl Iterator<Item = (&'t str, Node<'t>)> {
        self.children(Kind::Object).map(|child| (child.key(), child))
    }

    /// The items of an array in order; nothing for other kinds.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        self.children(Kind::Array)
    }

    /// The text of a string, escapes resolved.
    #[must_use]
    pub fn str(self) -> Option<&'t str> {
        let slot = self.raw();
        if slot.kind != Kind::String {
            return None;
        }
        Some(self.content(slot.start + 1, slot.end - 1, slot.escaped))
    }

    /// The string at the end of a path of member names; where an array stands on the way, its first item is taken.
    #[must_use]
    pub fn text_at(self, path: &[&str]) -> Option<&'t str> {
        self.at(path)?.first().str()
    }

    /// The value at the end of a path of member names; where an array stands on the way, its first item is taken.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, name| node.first().get(name))
    }

    /// Every value at the end of a path of member names, through all items of the arrays on the way and at the end.
    #[must_use]
    pub fn all(self, path: &[&str]) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        self.gather(path, &mut found);
        found
    }

    /// The value of `true` or `false`.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.bytes() == b"true")
    }

    /// The digits of a number exactly as written, precision kept.
    #[must_use]
    pub fn number_text(self) -> Option<&'t str> {
        (self.kind() == Kind::Number).then(|| &self.json.text[self.span()])
    }

    /// Where the value stands in the bytes, quotes and brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        let slot = self.raw();
        slot.start as usize..slot.end as usize
    }

    /// The exact source bytes of the value.
    #[must_use]
    pub fn bytes(self) -> &'t [u8] {
        &self.json.text.as_bytes()[self.span()]
    }

    /// The name under which this value is a member; empty for items and the root.
    #[must_use]
    pub fn key(self) -> &'t str {
        let slot = self.raw();
        self.content(slot.key_start, slot.key_end, slot.key_escaped)
    }

    /// Its place among all values of the document, in the order of the text.
    #[must_use]
    pub fn slot(self) -> u32 {
        self.slot
    }

    pub(crate) fn end_slot(self) -> u32 {
        self.raw().after
    }

    /// Whether nothing is inside it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.raw().after == self.slot + 1
    }

    pub(crate) fn json(self) -> &'t Json<'t> {
        self.json
    }

    /// Itself, or the first item of an array that has one.
    fn first(self) -> Node<'t> {
        self.items().next().unwrap_or(self)
    }

    fn gather(self, path: &[&str], found: &mut Vec<Node<'t>>) {
        if self.kind() == Kind::Array {
            self.items().for_each(|item| item.gather(path, found));
            return;
        }
        match path.split_first() {
            None => found.push(self),
            Some((name, rest)) => {
                if let Some(child) = self.get(name) {
                    child.gather(rest, found);
                }
            }
        }
    }

    #[inline]
    fn raw(self) -> Slot {
        self.json.slots[self.slot as usize]
    }

    /// The name as bytes: to compare them, nobody need know where their letters begin.
    #[inline]
    fn key_bytes(self) -> &'t [u8] {
        let slot = self.raw();
        if slot.key_escaped {
            return self.json.copies.get(slot.key_start).as_bytes();
        }
        &self.json.text.as_bytes()[slot.key_start as usize..slot.key_end as usize]
    }

    #[inline]
    fn content(self, start: u32, end: u32, escaped: bool) -> &'t str {
        if escaped { self.json.copies.get(start) } else { &self.json.text[start as usize..end as usize] }
    }

    fn children(self, kind: Kind) -> Children<'t> {
        let slot = self.raw();
        let end = if slot.kind == kind { slot.after } else { self.slot + 1 };
        Children { json: self.json, next: self.slot + 1, end }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({:?} at byte {})", self.kind(), self.span().start)
    }
}

struct Children<'t> {
    json: &'t Json<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { json: self.json, slot: self.next };
        self.next = self.json.slots[self.next as usize].after;
        Some(node)
    }
}
