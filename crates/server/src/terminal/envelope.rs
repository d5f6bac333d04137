//! The envelope of every file that goes by the terminal: `XmlMsg`, as the online eligibility system has it.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};

/// The largest file that may go by the terminal.
pub(crate) const LARGEST_BYTES: usize = 10 << 20;
/// How deep elements may lie in each other, and how many there may be.
const DEEPEST: usize = 16;
const MOST_ELEMENTS: usize = 20_000;

/// A whole file: header and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) header: Header,
    /// `MessageBody`.
    pub(crate) body: Element,
}

/// `MessageHeader`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// `MedicalInstitutionCode`: who sends, or who is answered.
    pub(crate) institution: String,
    /// `ArbitraryFileIdentifier`: chosen by the sender, echoed back.
    pub(crate) file: String,
    /// `CharacterCodeIdentifier` (OQSCD005).
    pub(crate) characters: Characters,
    /// Only on results.
    pub(crate) result: Option<TransportResult>,
}

/// How the sending went, as far as the header tells: `SegmentOfResult`, `ErrorCode`, `ErrorMessage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransportResult {
    pub(crate) segment: Segment,
    pub(crate) error_code: String,
    pub(crate) error_message: String,
}

/// `SegmentOfResult` (OQSCD003).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// 1 正常終了
    Done,
    /// 2 処理中
    Working,
    /// 9 異常終了
    Failed,
}

/// `CharacterCodeIdentifier` (OQSCD005).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Characters {
    /// 1
    #[default]
    Utf8,
    /// 2
    ShiftJis,
}

/// An element: a name, and either text or children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// Larger than [`LARGEST_BYTES`].
    TooLarge,
    /// Neither UTF-8 nor Shift_JIS, or not the one that the header names.
    Characters,
    /// Not well-formed XML, or XML with a DTD, which nobody needs.
    NotXml,
    /// XML, but no `XmlMsg` with a header and a body.
    NotAMessage,
    /// Deeper or more than anything that is meant.
    TooDeep,
}

impl Malformed {
    /// The `ErrorCode` of the header (simulated: the real codes are not public).
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "SIM-H-TOO-LARGE",
            Self::Characters => "SIM-H-CHARACTERS",
            Self::NotXml => "SIM-H-NOT-XML",
            Self::NotAMessage => "SIM-H-NOT-A-MESSAGE",
            Self::TooDeep => "SIM-H-TOO-DEEP",
        }
    }

    /// The key of the words that say so.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "terminal.too-large",
            Self::Characters => "terminal.characters",
            Self::NotXml => "terminal.not-xml",
            Self::NotAMessage => "terminal.not-a-message",
            Self::TooDeep => "terminal.too-deep",
        }
    }
}

impl Message {
    /// Reads a file.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > LARGEST_BYTES {
            return Err(Malformed::TooLarge);
        }
        let (text, characters) = decoded(bytes)?;
        let mut root = Element::parse(&text)?;
        let header = root.take("MessageHeader").filter(|_| root.name == "XmlMsg");
        let header = Header::of(&header.ok_or(Malformed::NotAMessage)?, characters)?;
        Ok(Self { header, body: root.take("MessageBody").ok_or(Malformed::NotAMessage)? })
    }

    /// The file, in the characters that its header names.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let encoding = match self.header.characters {
            Characters::Utf8 => "UTF-8",
            Characters::ShiftJis => "Shift_JIS",
        };
        let mut text = format!("<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"no\"?>\n");
        Element::of("XmlMsg", vec![self.header.element(), self.body.clone()]).write(&mut text);
        match self.header.characters {
            Characters::Utf8 => text.into_bytes(),
            // What Shift_JIS cannot write becomes a character reference, which XML reads.
            Characters::ShiftJis => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
        }
    }
}

impl Header {
    fn of(element: &Element, characters: Characters) -> Result<Self, Malformed> {
        let named = element.text_of("CharacterCodeIdentifier");
        if named.is_some_and(|named| named != characters.code()) {
            return Err(Malformed::Characters);
        }
        let text = |name| element.text_of(name).unwrap_or_default().to_owned();
        let segment = match element.text_of("SegmentOfResult") {
            None => None,
            Some("1") => Some(Segment::Done),
            Some("2") => Some(Segment::Working),
            Some("9") => Some(Segment::Failed),
            Some(_) => return Err(Malformed::NotAMessage),
        };
        Ok(Self {
            institution: text("MedicalInstitutionCode"),
            file: text("ArbitraryFileIdentifier"),
            characters,
            result: segment.map(|segment| TransportResult {
                segment,
                error_code: text("ErrorCode"),
                error_message: text("ErrorMessage"),
            }),
        })
    }

    fn element(&self) -> Element {
        let mut children = vec![
            Element::leaf("MedicalInstitutionCode", &self.institution),
            Element::leaf("ArbitraryFileIdentifier", &self.file),
        ];
        if let Some(result) = &self.result {
            let segment = match result.segment {
                Segment::Done => "1",
                Segment::Working => "2",
                Segment::Failed => "9",
            };
            children.push(Element::leaf("SegmentOfResult", segment));
            children.push(Element::leaf("ErrorCode", &result.error_code));
            children.push(Element::leaf("ErrorMessage", &result.error_message));
        }
        children.push(Element::leaf("CharacterCodeIdentifier", self.characters.code()));
        Element::of("MessageHeader", children)
    }
}

impl Characters {
    fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "1",
            Self::ShiftJis => "2",
        }
    }
}

impl Element {
    /// An element with text.
    pub(crate) fn leaf(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), children: Vec::new() }
    }

    /// An element with children.
    pub(crate) fn of(name: &str, children: Vec<Self>) -> Self {
        Self { name: name.to_owned(), text: String::new(), children }
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name, without the space around it; `None` where there is none or it is empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    fn take(&mut self, name: &str) -> Option<Self> {
        let place = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.remove(place))
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader::from_str(text);
        // Elements still open, outermost first; below them a holder for the root.
        let mut open = vec![Self::default()];
        let mut count = 0;
        loop {
            let event = reader.read_event().map_err(|_| Malformed::NotXml)?;
            match event {
                Event::Start(start) => open.push(named(&start)),
                Event::Empty(start) => add(&mut open, named(&start))?,
                Event::End(_) => {
                    let closed = open.pop().ok_or(Malformed::NotXml)?;
                    add(&mut open, closed)?;
                }
                Event::Text(text) => say(&mut open, &text)?,
                Event::CData(text) => say(&mut open, &text)?,
                Event::GeneralRef(name) => say(&mut open, &referred(&name)?)?,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => continue,
                Event::DocType(_) => return Err(Malformed::NotXml),
                Event::Eof => break,
            }
            count += 1;
            if open.len() > DEEPEST || count > 3 * MOST_ELEMENTS {
                return Err(Malformed::TooDeep);
            }
        }
        let [holder] = open.as_mut_slice() else { return Err(Malformed::NotXml) };
        if holder.children.len() == 1 { Ok(holder.children.remove(0)) } else { Err(Malformed::NotXml) }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}>", self.name));
        out.push_str(&escape::escape(self.text.as_str()));
        self.children.iter().for_each(|child| child.write(out));
        out.push_str(&format!("</{}>", self.name));
    }
}

fn named(start: &BytesStart<'_>) -> Element {
    Element::leaf(start.local_name().as_ref(), "")
}

fn add(open: &mut [Element], child: Element) -> Result<(), Malformed> {
    open.last_mut().ok_or(Malformed::NotXml)?.children.push(child);
    Ok(())
}

/// Text counts inside an element; outside the root only space may stand.
fn say(open: &mut [Element], text: &str) -> Result<(), Malformed> {
    match open {
        [_] if text.trim().is_empty() => Ok(()),
        [_, .., innermost] => {
            innermost.text.push_str(text);
            Ok(())
        }
        _ => Err(Malformed::NotXml),
    }
}

/// The character behind `&name;`: one of XML's five, or a number.
fn referred(name: &str) -> Result<Cow<'static, str>, Malformed> {
    if let Some(known) = escape::resolve_xml_entity(name) {
        return Ok(Cow::Borrowed(known));
    }
    let number = name.strip_prefix('#').ok_or(Malformed::NotXml)?;
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let letter = number.ok().and_then(char::from_u32).filter(|letter| *letter != '\0');
    letter.map(|letter| Cow::Owned(letter.to_string())).ok_or(Malformed::NotXml)
}

/// The text, by what the XML declaration names; without one, or with another, it must be UTF-8.
fn decoded(bytes: &[u8]) -> Result<(Cow<'_, str>, Characters), Malformed> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let declaration = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let declaration =
        String::from_utf8_lossy(&declaration[..declaration.len().min(200)]).to_ascii_lowercase();
    let is_shift_jis = ["shift_jis", "shift-jis", "windows-31j", "ms932"];
    if is_shift_jis.iter().any(|name| declaration.contains(name)) && declaration.starts_with("<?xml") {
        let (text, _, has_errors) = encoding_rs::SHIFT_JIS.decode(bytes);
        return if has_errors { Err(Malformed::Characters) } else { Ok((text, Characters::ShiftJis)) };
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::Characters)?;
    Ok((Cow::Borrowed(text), Characters::Utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(characters: Characters, text: &str) -> Message {
        Message {
            header: Header {
                institution: "4919999901".to_owned(),
                file: "abc <1> & 2".to_owned(),
                characters,
                result: Some(TransportResult {
                    segment: Segment::Failed,
                    error_code: "SIM-1".to_owned(),
                    error_message: "読めません".to_owned(),
                }),
            },
            body: Element::of("MessageBody", vec![Element::leaf("Name", text)]),
        }
    }

    #[test]
    fn a_message_reads_back_in_either_characters() {
        for (characters, text) in
            [(Characters::Utf8, "架空\u{2028}𠮷 <a> &amp; \"q\""), (Characters::ShiftJis, "架空 髙𠮷 & <")]
        {
            let sent = message(characters, text);
            assert_eq!(Message::parse(&sent.to_bytes()), Ok(sent));
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_reason() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        let cases: [(&[u8], Malformed); 10] = [
            (b"", Malformed::NotXml),
            (b"<XmlMsg>", Malformed::NotXml),
            (b"<XmlMsg/>", Malformed::NotAMessage),
            (b"<Other><MessageHeader/><MessageBody/></Other>", Malformed::NotAMessage),
            (b"<XmlMsg><MessageHeader/></XmlMsg>", Malformed::NotAMessage),
            (b"<!DOCTYPE a [<!ENTITY b 'c'>]><XmlMsg/>", Malformed::NotXml),
            (b"<XmlMsg>&b;</XmlMsg>", Malformed::NotXml),
            (b"<XmlMsg/><XmlMsg/>", Malformed::NotXml),
            (b"\x93\xfa<XmlMsg/>", Malformed::Characters),
            (deep.as_bytes(), Malformed::TooDeep),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Message::parse(bytes), Err(expected), "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(Message::parse(&vec![b' '; LARGEST_BYTES + 1]), Err(Malformed::TooLarge));
    }

    #[test]
    fn a_header_that_names_other_characters_than_the_file_has_is_refused() {
        let text = String::from_utf8(message(Characters::Utf8, "x").to_bytes()).unwrap();
        let lying = text.replace("<CharacterCodeIdentifier>1", "<CharacterCodeIdentifier>2");
        assert_eq!(Message::parse(lying.as_bytes()), Err(Malformed::Characters));
    }
}
