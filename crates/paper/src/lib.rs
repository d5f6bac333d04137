//! How it is put on paper.
//!
//! A [`Document`] becomes PDF, a [`Workbook`] an Excel file, rows become CSV; and what people send comes back as
//! [`Sheet`]s. Texts go in as data and come out as they were: none is ever markup or a formula. This room knows nothing
//! of what they say, does no I/O and asks no clock.

mod delimited;
mod document;
mod pdf;
mod sheets;
mod workbook;
mod xlsx;

pub use delimited::{CsvRow, csv, csv_rows, decoded};
pub use document::{Block, Column, Document, Picture, Section, Side, Table};
pub use pdf::{NotSet, pdf};
pub use sheets::{Cell, Limits, Row, Sheet, Unread, column_name, day, read_sheets, sheet_named};
pub use workbook::{Field, Leaf, Value, Workbook};
pub use xlsx::{NotWritten, xlsx};
