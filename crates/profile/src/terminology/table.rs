//! A table of codes that the user brought, kept as text beside the packages.
//!
//! Form: a first line `renkei codes 1 complete` or `… fragment`, then a line `system<TAB>url<TAB>version` before the
//! codes of each system, and for each code `code<TAB>display<TAB>from<TAB>to` and its other words. A tab, a line feed or
//! a backslash inside a cell is written `\t`, `\n`, `\\`.

use std::fmt::Write as _;

use super::{CodeSystem, Concept, Content, Designation};

const HEAD: &str = "renkei codes 1 ";
const SYSTEM: &str = "system";

/// The code systems of one table.
#[derive(Debug)]
pub struct CodeTable {
    /// What it is called in the folder.
    pub name: String,
    /// Whether a code that is not in it is none.
    pub is_complete: bool,
    /// Its systems, each with its codes.
    pub systems: Vec<CodeSystem>,
}

impl CodeTable {
    /// How many codes it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.systems.iter().map(|system| system.concepts().len()).sum()
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{HEAD}{}\n", if self.is_complete { "complete" } else { "fragment" });
        for system in &self.systems {
            let version = system.version.as_deref().unwrap_or_default();
            let _ = writeln!(text, "{SYSTEM}\t{}\t{}", escaped(&system.url), escaped(version));
            for concept in system.concepts() {
                let cell = |cell: &Option<String>| escaped(cell.as_deref().unwrap_or_default());
                let (from, to) = (cell(&concept.valid_from), cell(&concept.valid_to));
                let _ = write!(text, "{}\t{}\t{from}\t{to}", escaped(&concept.code), cell(&concept.display));
                for word in &concept.designations {
                    let _ = write!(text, "\t{}", escaped(&word.value));
                }
                text.push('\n');
            }
        }
        text
    }

    /// The first line that is not of this form, if there is one.
    pub(crate) fn from_text(name: &str, text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let is_complete = match head.strip_prefix(HEAD) {
            Some("complete") => true,
            Some("fragment") => false,
            _ => return Err(head.chars().take(80).collect()),
        };
        let content = if is_complete { Content::Complete } else { Content::Fragment };
        let mut systems: Vec<(String, String, Vec<Concept>)> = Vec::new();
        for line in lines {
            let cells: Vec<String> = line.split('\t').map(plain).collect();
            match (cells.as_slice(), systems.last_mut()) {
                // A code may be called `system`; a line of codes has at least four cells.
                ([first, url, version], _) if first == SYSTEM => {
                    systems.push((url.clone(), version.clone(), Vec::new()));
                }
                ([code, display, from, to, words @ ..], Some((.., concepts))) => {
                    concepts.push(concept(code, display, from, to, words));
                }
                _ => return Err(line.chars().take(80).collect()),
            }
        }
        let systems = systems.into_iter().map(|(url, version, concepts)| {
            CodeSystem::of(
                &url,
                Some(version.as_str()).filter(|version| !version.is_empty()),
                content,
                concepts,
            )
        });
        Ok(Self { name: name.to_owned(), is_complete, systems: systems.collect() })
    }
}

fn concept(code: &str, display: &str, from: &str, to: &str, words: &[String]) -> Concept {
    let told = |cell: &str| Some(cell.to_owned()).filter(|cell| !cell.is_empty());
    Concept {
        code: code.to_owned(),
        display: told(display),
        designations: words.iter().map(|word| Designation { language: None, value: word.clone() }).collect(),
        valid_from: told(from),
        valid_to: told(to),
        ..Concept::default()
    }
}

fn escaped(cell: &str) -> String {
    cell.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "")
}

fn plain(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some(other)) => out.push(other),
            _ => out.push(c),
        }
    }
    out
}
