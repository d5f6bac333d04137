//! The XHTML of a narrative (FHIR R4 narrative.html, txt-1 and txt-2): well-formed, without what could act or lead
//! away from the text, and with something to read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What is wrong with a narrative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not well-formed XML, or not one `div` in the namespace of XHTML.
    Form(String),
    /// An element that a narrative may not have.
    Element(String),
    /// An attribute that a narrative may not have, with its element.
    Attribute(String),
    /// Neither text nor a picture (txt-2).
    Empty,
}

impl Fault {
    /// What was found: a reason of the XML reader, a name, or nothing.
    #[must_use]
    pub fn found(&self) -> &str {
        match self {
            Self::Form(found) | Self::Element(found) | Self::Attribute(found) => found,
            Self::Empty => "",
        }
    }
}

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// In the order of their bytes, as all tables here.
const ELEMENTS: [&str; 58] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];

/// Attributes of any element.
const COMMON: [&str; 21] = [
    "abbr",
    "accesskey",
    "align",
    "axis",
    "char",
    "charoff",
    "class",
    "colspan",
    "dir",
    "headers",
    "id",
    "lang",
    "rowspan",
    "scope",
    "span",
    "style",
    "tabindex",
    "title",
    "valign",
    "width",
    "xml:lang",
];

/// Attributes of one element.
const OWN: [(&str, &[&str]); 12] = [
    ("a", &["charset", "coords", "href", "hreflang", "name", "rel", "rev", "shape", "type"]),
    ("area", &["alt", "coords", "href", "nohref", "shape"]),
    ("blockquote", &["cite"]),
    ("div", &["xmlns"]),
    ("img", &["alt", "border", "height", "ismap", "longdesc", "src", "usemap"]),
    ("li", &["value"]),
    ("map", &["name"]),
    ("ol", &["start", "type"]),
    ("pre", &["xml:space"]),
    ("q", &["cite"]),
    ("table", &["border", "cellpadding", "cellspacing", "frame", "rules", "summary"]),
    ("td", &["nowrap"]),
];

/// The first fault of a narrative's `div`; none if it is as it should be.
#[must_use]
pub fn fault(text: &str) -> Option<Fault> {
    let mut check = Check { depth: 0, roots: 0, has_content: false };
    let mut reader = Reader::from_str(text);
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Some(Fault::Form(error.to_string())),
        };
        if matches!(event, Event::Eof) {
            return check.end();
        }
        if let Err(fault) = check.take(&event) {
            return Some(fault);
        }
    }
}

/// The places that narratives name, and those inside their resource that they lead to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Anchors<'t> {
    /// `id` of any element, and `name` of `a`.
    pub names: Vec<&'t str>,
    /// `href` of `a`, for those that begin with `#`, without it.
    pub links: Vec<&'t str>,
}

/// The anchors of a narrative's `div`. Whether it is well formed is [`fault`]'s to tell, so its attributes are only
/// looked for: `href` and `name` may stand on `a` alone.
#[must_use]
pub fn anchors(text: &str) -> Anchors<'_> {
    let mut anchors = Anchors::default();
    for at in memchr::memchr_iter(b'=', text.as_bytes()) {
        let (before, after) = (text[..at].trim_end(), text[at + 1..].trim_start());
        let Some(quote) = after.chars().next().filter(|first| matches!(first, '"' | '\'')) else { continue };
        let Some((value, _)) = after[1..].split_once(quote) else { continue };
        let is = |name: &str| {
            before.strip_suffix(name).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_whitespace()))
        };
        match value.trim() {
            value if is("id") || is("name") => anchors.names.push(value),
            value if is("href") => anchors.links.extend(value.strip_prefix('#')),
            _ => {}
        }
    }
    anchors
}

struct Check {
    depth: usize,
    roots: usize,
    has_content: bool,
}

impl Check {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Fault> {
        match event {
            Event::Start(start) => {
                self.start(start)?;
                self.depth += 1;
            }
            Event::Empty(start) => self.start(start)?,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Text(text) => self.text(text)?,
            Event::CData(text) => self.text(text)?,
            Event::GeneralRef(name) => {
                let is_known = name.starts_with('#') || name.bytes().all(|b| b.is_ascii_alphanumeric());
                if !is_known || name.is_empty() || self.depth == 0 {
                    return Err(Fault::Form(format!("&{};", &**name)));
                }
                self.has_content |= !matches!(&**name, "nbsp" | "#160");
            }
            Event::Comment(_) => {}
            _ => return Err(Fault::Form("<!".to_owned())),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if self.depth == 0 {
            return Err(Fault::Form(text.chars().take(20).collect()));
        }
        self.has_content = true;
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let name = start.name();
        let name = name.as_ref();
        if self.depth == 0 {
            self.roots += 1;
            let space = start.try_get_attribute("xmlns").ok().flatten();
            if name != "div" || self.roots > 1 || space.is_none_or(|space| space.value != NAMESPACE) {
                return Err(Fault::Form(format!("<{name}>")));
            }
        }
        if ELEMENTS.binary_search(&name).is_err() {
            return Err(Fault::Element(name.to_owned()));
        }
        self.has_content |= name == "img";
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| Fault::Form(error.to_string()))?;
            let key = attribute.key.as_ref();
            let own = || OWN.iter().find(|row| row.0 == name).is_some_and(|row| row.1.contains(&key));
            let is_namespace = || key == "xmlns" && attribute.value == NAMESPACE;
            if COMMON.binary_search(&key).is_err() && !own() && !is_namespace() {
                return Err(Fault::Attribute(format!("{name}.{key}")));
            }
        }
        Ok(())
    }

    fn end(self) -> Option<Fault> {
        if self.depth > 0 || self.roots == 0 {
            return Some(Fault::Form("<div>".to_owned()));
        }
        (!self.has_content).then_some(Fault::Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(ELEMENTS.is_sorted() && COMMON.is_sorted() && OWN.is_sorted());
    }
}
