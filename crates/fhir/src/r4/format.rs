//! The letter of primitive values (FHIR R4 datatypes.html).

/// A primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Boolean,
    Integer,
    PositiveInt,
    UnsignedInt,
    Decimal,
    String,
    Markdown,
    Code,
    Id,
    Uri,
    Url,
    Canonical,
    Oid,
    Uuid,
    Date,
    DateTime,
    Instant,
    Time,
    Base64,
    Xhtml,
}

/// Which sort of JSON value writes a primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Bool,
    Number,
    Text,
}

const NAMES: [(&str, Primitive); 20] = [
    ("boolean", Primitive::Boolean),
    ("integer", Primitive::Integer),
    ("positiveInt", Primitive::PositiveInt),
    ("unsignedInt", Primitive::UnsignedInt),
    ("decimal", Primitive::Decimal),
    ("string", Primitive::String),
    ("markdown", Primitive::Markdown),
    ("code", Primitive::Code),
    ("id", Primitive::Id),
    ("uri", Primitive::Uri),
    ("url", Primitive::Url),
    ("canonical", Primitive::Canonical),
    ("oid", Primitive::Oid),
    ("uuid", Primitive::Uuid),
    ("date", Primitive::Date),
    ("dateTime", Primitive::DateTime),
    ("instant", Primitive::Instant),
    ("time", Primitive::Time),
    ("base64Binary", Primitive::Base64),
    ("xhtml", Primitive::Xhtml),
];

impl Primitive {
    pub(super) fn of(name: &str) -> Option<Self> {
        NAMES.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|row| row.1 == self).map_or("", |row| row.0)
    }

    pub(super) fn written(self) -> Written {
        match self {
            Self::Boolean => Written::Bool,
            Self::Integer | Self::PositiveInt | Self::UnsignedInt | Self::Decimal => Written::Number,
            _ => Written::Text,
        }
    }

    pub(super) fn is_address(self) -> bool {
        matches!(self, Self::Uri | Self::Url | Self::Canonical)
    }

    /// Whether the text, of a string or the digits of a number, keeps the form of this type.
    pub(super) fn fits(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Boolean | Self::Decimal => true,
            Self::Markdown => bytes.len() <= MOST,
            Self::Integer => is_whole(text, i64::from(i32::MIN)),
            Self::UnsignedInt => is_whole(text, 0),
            Self::PositiveInt => is_whole(text, 1),
            Self::String => bytes.len() <= MOST && !bytes.iter().any(|b| *b < b' ' && !b"\t\r\n".contains(b)),
            Self::Code => is_code(bytes),
            Self::Id => is_id(bytes),
            Self::Uri | Self::Url | Self::Canonical => is_uri(text),
            Self::Oid => is_oid(text),
            Self::Uuid => is_uuid(text),
            Self::Date => is_date(bytes),
            Self::DateTime => is_date_time(bytes),
            Self::Instant => bytes.contains(&b'T') && is_date_time(bytes),
            Self::Time => clock(bytes).is_some_and(<[u8]>::is_empty),
            Self::Base64 => is_base64(bytes),
            Self::Xhtml => text.trim_start().starts_with("<div") && text.trim_end().ends_with('>'),
        }
    }
}

/// A string has no more than 1 MB.
const MOST: usize = 1024 * 1024;

/// Whether an address begins with the name of a scheme, so that it stands for itself.
pub(super) fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && scheme.bytes().all(letter)
}

/// No space in it, and a UUID or OID of its own form.
fn is_uri(text: &str) -> bool {
    let of_its_form = match text.strip_prefix("urn:") {
        Some(rest) if rest.starts_with("uuid:") => is_uuid(text),
        Some(rest) if rest.starts_with("oid:") => is_oid(text),
        _ => true,
    };
    of_its_form && !text.bytes().any(|b| b.is_ascii_whitespace())
}

/// `urn:uuid:` and a UUID in small letters.
fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else { return false };
    let dash = |i: usize| matches!(i, 8 | 13 | 18 | 23);
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    uuid.len() == 36 && uuid.bytes().enumerate().all(|(i, b)| if dash(i) { b == b'-' } else { hex(b) })
}

fn is_whole(text: &str, least: i64) -> bool {
    text.parse::<i64>().is_ok_and(|n| n >= least && n <= i64::from(i32::MAX)) && text != "-0"
}

fn is_code(bytes: &[u8]) -> bool {
    let space = |b: &u8| b.is_ascii_whitespace();
    let ends = bytes.first().is_some_and(space) || bytes.last().is_some_and(space);
    !ends && !bytes.windows(2).any(|pair| space(&pair[0]) && space(&pair[1]))
}

fn is_id(bytes: &[u8]) -> bool {
    (1..=64).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

fn is_oid(text: &str) -> bool {
    let Some(oid) = text.strip_prefix("urn:oid:") else { return false };
    let mut arcs = oid.split('.');
    let root = arcs.next().is_some_and(|arc| matches!(arc, "0" | "1" | "2"));
    let is_arc = |arc: &str| {
        !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
    };
    root && oid.contains('.') && arcs.all(is_arc)
}

fn is_base64(bytes: &[u8]) -> bool {
    let (mut letters, mut padding) = (0_usize, 0_usize);
    for byte in bytes.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => letters += 1,
            _ => return false,
        }
    }
    padding <= 2 && (letters + padding).is_multiple_of(4)
}

fn is_date(bytes: &[u8]) -> bool {
    calendar(bytes).is_some_and(|(_, rest)| rest.is_empty())
}

fn is_date_time(bytes: &[u8]) -> bool {
    match calendar(bytes) {
        None => false,
        Some((_, [])) => true,
        Some((whole, [b'T', rest @ ..])) => whole && clock(rest).is_some_and(is_zone),
        Some(_) => false,
    }
}

/// Reads year, year-month or year-month-day; tells whether the day was there, and the rest.
fn calendar(bytes: &[u8]) -> Option<(bool, &[u8])> {
    let (year, rest) = number(bytes, 4)?;
    if year == 0 {
        return None;
    }
    let Some(rest) = rest.strip_prefix(b"-") else { return Some((false, rest)) };
    let (month, rest) = number(rest, 2)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some(rest) = rest.strip_prefix(b"-") else { return Some((false, rest)) };
    let (day, rest) = number(rest, 2)?;
    (1..=days(year, month)).contains(&day).then_some((true, rest))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `hh:mm:ss` with an optional fraction; gives the rest.
fn clock(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = number(bytes, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = number(rest.strip_prefix(b":")?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(b".") else { return Some(rest) };
    let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    (length > 0).then(|| &fraction[length..])
}

fn is_zone(bytes: &[u8]) -> bool {
    let [b'+' | b'-', rest @ ..] = bytes else { return bytes == b"Z" };
    let Some((hour, rest)) = number(rest, 2) else { return false };
    let Some((minute, [])) = rest.strip_prefix(b":").and_then(|rest| number(rest, 2)) else { return false };
    (hour <= 13 && minute <= 59) || (hour == 14 && minute == 0)
}

fn number(bytes: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_at_checked(digits)?;
    let value = head.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_judged_to_the_letter() {
        let good = ["2024", "2024-02", "2024-02-29", "2021-02-01T13:28:17.239+09:00", "2021-02-01T13:28:17Z"];
        let bad = [
            "",
            "24",
            "2024-2",
            "2023-02-29",
            "2024-13",
            "2021-02-01T13:28+09:00",
            "2021-02-01T13:28:17",
            "2021-02T13:28:17Z",
            "2021-02-01T24:00:00Z",
            "2021-02-01T13:28:17+14:30",
            "0000-01-01",
            "2024-02-29 ",
        ];
        assert!(good.iter().all(|text| Primitive::DateTime.fits(text)));
        assert!(!bad.iter().any(|text| Primitive::DateTime.fits(text)));
        assert!(!Primitive::Date.fits("2021-02-01T13:28:17Z") && !Primitive::Instant.fits("2024-02-29"));
    }

    #[test]
    fn identifiers_and_codes_are_judged_to_the_letter() {
        assert!(
            Primitive::Id.fits("a-1.B") && !Primitive::Id.fits("a_1") && !Primitive::Id.fits(&"a".repeat(65))
        );
        assert!(Primitive::Code.fits("a b") && !Primitive::Code.fits("a  b") && !Primitive::Code.fits(" a"));
        assert!(Primitive::Oid.fits("urn:oid:1.2.0") && !Primitive::Oid.fits("urn:oid:1.02"));
        assert!(is_uuid("urn:uuid:b76ef6f6-f6e3-c110-5039-eee64ef6ab6a"));
        assert!(!is_uuid("urn:uuid:B76EF6F6-f6e3-c110-5039-eee64ef6ab6a"));
        assert!(
            Primitive::Base64.fits("QUJD")
                && Primitive::Base64.fits("QQ==")
                && !Primitive::Base64.fits("QQ=")
        );
        assert!(Primitive::PositiveInt.fits("1") && !Primitive::PositiveInt.fits("0"));
        assert!(!Primitive::Integer.fits("1.0") && !Primitive::Integer.fits("2147483648"));
    }
}
