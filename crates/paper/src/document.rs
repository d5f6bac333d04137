//! What is printed: a title, sections, and in them paragraphs, lists, tables and pictures.

use jiff::civil::Date;
use serde::Serialize;

/// A document for A4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The language its lines are broken by: `ja` or `en`.
    pub language: &'static str,
    /// Title; also the PDF's own.
    pub title: String,
    /// Below the title.
    pub subtitle: Option<String>,
    /// Who and when, at the right above the first section, one line each.
    pub lines: Vec<String>,
    /// The day it is of. The same document of the same day is the same bytes.
    pub date: Date,
    /// Left of the page number.
    pub footer: String,
    /// Which side of the sheet is up.
    pub side: Side,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// Which side of the sheet is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The short one.
    #[default]
    Portrait,
    /// The long one: for wide tables.
    Landscape,
}

/// A part under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its heading, also in the PDF's outline.
    pub heading: Option<String>,
    /// Whether it begins a page.
    pub begins_page: bool,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "of", rename_all = "lowercase")]
pub enum Block {
    /// A paragraph. A line end in it begins a new line.
    Paragraph(String),
    /// A paragraph in small type.
    Note(String),
    /// A list with points.
    List(Vec<String>),
    /// A list with numbers.
    Numbered(Vec<String>),
    /// A table.
    Table(Table),
    /// A picture.
    Picture(Picture),
}

/// A table; its head stands again on each page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows. Missing cells are empty, further ones are left out.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What stands above it.
    pub heading: String,
    /// Its share of the width, beside the other columns' shares.
    pub share: u16,
}

/// A picture, as wide as the page allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// SVG that names no other file.
    pub svg: String,
    /// What it shows, for who cannot see it.
    pub description: String,
    /// Its caption.
    pub caption: Option<String>,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(heading: impl Into<String>, share: u16) -> Self {
        Self { heading: heading.into(), share }
    }
}
