//! What a spreadsheet program opens: leaves with a table each.

use jiff::civil::Date;

/// A workbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbook {
    /// Its title, among the file's properties.
    pub title: String,
    /// The day it is of. The same workbook of the same day is the same bytes.
    pub date: Date,
    /// Its sheets, in order.
    pub leaves: Vec<Leaf>,
}

/// A sheet of a workbook: lines of text, then a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaf {
    /// Its name: what Excel does not take in a name is replaced, and what is too long cut.
    pub name: String,
    /// Lines above the table; the first in bold.
    pub lines: Vec<String>,
    /// The columns; their headings stay in sight and stand again on each printed page.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// A column of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// What stands above it.
    pub heading: String,
    /// Its width in characters of half width.
    pub width: u16,
    /// What may be chosen in it; anything, if empty.
    pub choices: Vec<String>,
}

/// What a cell holds. Text is text, whatever it begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Text; a line end begins a new line.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Date(Date),
    /// A link to an https address. Any other address is written as text.
    Link {
        /// Where it leads.
        address: String,
        /// What is shown.
        text: String,
    },
}

impl Field {
    /// A column of so many half-width characters.
    #[must_use]
    pub fn new(heading: impl Into<String>, width: u16) -> Self {
        Self { heading: heading.into(), width, choices: Vec::new() }
    }

    /// The same, with what may be chosen.
    #[must_use]
    pub fn choices(mut self, choices: impl IntoIterator<Item = String>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<Option<Date>> for Value {
    fn from(date: Option<Date>) -> Self {
        date.map_or(Self::Empty, Self::Date)
    }
}
