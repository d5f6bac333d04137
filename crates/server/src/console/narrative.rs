//! A narrative's XHTML as plain blocks: its text, its lists, its tables. No markup of a sender reaches a page.

use crate::console::clinical::unbroken;

/// A block of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A paragraph.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
    /// A table, row by row.
    Table(Vec<Vec<String>>),
}

/// The blocks of a narrative.
pub(crate) fn blocks(xhtml: &str) -> Vec<Block> {
    let mut reading = Reading::default();
    let mut rest = xhtml;
    while let Some(start) = rest.find('<') {
        reading.text(&rest[..start]);
        let after = &rest[start..];
        let end =
            if after.starts_with("<!--") { after.find("-->").map(|at| at + 2) } else { after.find('>') };
        let Some(end) = end else { return reading.finish() };
        reading.tag(&after[1..end]);
        rest = &after[end + 1..];
    }
    reading.text(rest);
    reading.finish()
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    text: String,
    items: Option<Vec<String>>,
    rows: Option<Vec<Vec<String>>>,
    unread: Option<String>,
}

impl Reading {
    fn text(&mut self, text: &str) {
        if self.unread.is_none() {
            self.text.push_str(&decoded(text));
        }
    }

    fn tag(&mut self, tag: &str) {
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let is_end = tag.starts_with('/');
        if let Some(unread) = &self.unread {
            if is_end && *unread == name {
                self.unread = None;
            }
            return;
        }
        match (name.as_str(), is_end) {
            ("script" | "style", false) if !tag.ends_with('/') => self.unread = Some(name),
            ("ul" | "ol", false) if self.rows.is_none() => {
                self.paragraph();
                self.items = Some(Vec::new());
            }
            ("li", _) => self.item(),
            ("ul" | "ol", true) => self.list(),
            ("table", false) => {
                self.paragraph();
                self.rows = Some(Vec::new());
            }
            ("tr", false) => self.row(),
            ("td" | "th", true) => self.cell(),
            ("table", true) => self.table(),
            ("p" | "div" | "br" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "pre", _) => {
                self.paragraph()
            }
            _ => {}
        }
    }

    fn taken(&mut self) -> String {
        unbroken(&std::mem::take(&mut self.text).split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn paragraph(&mut self) {
        if self.items.is_some() || self.rows.is_some() {
            self.text.push(' ');
            return;
        }
        let text = self.taken();
        if !text.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    fn item(&mut self) {
        if self.items.is_none() {
            return self.paragraph();
        }
        let text = self.taken();
        if let (Some(items), false) = (&mut self.items, text.is_empty()) {
            items.push(text);
        }
    }

    fn list(&mut self) {
        self.item();
        if let Some(items) = self.items.take().filter(|items| !items.is_empty()) {
            self.blocks.push(Block::List(items));
        }
    }

    fn row(&mut self) {
        self.text.clear();
        if let Some(rows) = &mut self.rows {
            rows.push(Vec::new());
        }
    }

    fn cell(&mut self) {
        if self.rows.is_none() {
            return self.paragraph();
        }
        let text = self.taken();
        if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
            row.push(text);
        }
    }

    fn table(&mut self) {
        let rows = self.rows.take().unwrap_or_default();
        let rows: Vec<Vec<String>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
        if !rows.is_empty() {
            self.blocks.push(Block::Table(rows));
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.list();
        self.table();
        self.paragraph();
        self.blocks
    }
}

fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let entity =
            rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((end, entity(&rest[1..end])?)));
        match entity {
            Some((end, character)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(text.to_owned())
    }

    #[test]
    fn paragraphs_and_breaks_become_paragraphs() {
        let read = blocks("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>発熱&lt;38℃</p>咳<br/>痰</div>");
        assert_eq!(read, [paragraph("発熱<38℃"), paragraph("咳"), paragraph("痰")]);
    }

    #[test]
    fn lists_and_tables_keep_their_shape() {
        let read = blocks(
            "<div><ul><li>甲</li><li><b>乙</b></li></ul><table><tr><th>項目</th><td>1</td></tr></table></div>",
        );
        let list = Block::List(vec!["甲".to_owned(), "乙".to_owned()]);
        let table = Block::Table(vec![vec!["項目".to_owned(), "1".to_owned()]]);
        assert_eq!(read, [list, table]);
    }

    #[test]
    fn scripts_and_styles_are_not_read() {
        assert_eq!(blocks("<div><script>alert(1)</script>本文<style>p{}</style></div>"), [paragraph("本文")]);
        assert_eq!(blocks("broken <b"), [paragraph("broken")]);
    }
}
