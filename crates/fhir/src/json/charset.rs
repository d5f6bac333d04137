//! Are the bytes UTF-8 text at all, and if not, what are they likely to be?

use super::Limits;
use super::place::Position;
use crate::finding::Finding;

/// The bytes as text.
///
/// # Errors
/// Too many bytes, a byte order mark, or another character code than UTF-8, with the place of the first bad byte.
pub(super) fn text<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, Finding> {
    let most = limits.bytes.min(u32::MAX as usize - 1);
    if bytes.len() > most {
        return Err(Finding::new("json-too-large").found(bytes.len().to_string()).expected(most.to_string()));
    }
    if let Some(name) = utf16(bytes) {
        return Err(fault("json-utf16", bytes, 0).found(name));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(fault("json-bom", bytes, 0).found("EF BB BF"));
    }
    str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))
}

fn not_utf8(bytes: &[u8], at: usize) -> Finding {
    let found = bytes[at..].iter().take(4).map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(" ");
    let key = if is_shift_jis(bytes) { "json-shift-jis" } else { "json-invalid-utf8" };
    fault(key, bytes, at).found(found)
}

fn fault(key: &'static str, bytes: &[u8], at: usize) -> Finding {
    Finding::new(key).position(Position::of(bytes, at))
}

fn utf16(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, ..] => Some("UTF-16LE"),
        [0xFE, 0xFF, ..] => Some("UTF-16BE"),
        [0, b'{' | b'[', ..] => Some("UTF-16BE"),
        [b'{' | b'[', 0, ..] => Some("UTF-16LE"),
        _ => None,
    }
}

/// Whether every byte above ASCII fits Shift_JIS: a half-width kana, or a lead byte with a fitting trail byte.
fn is_shift_jis(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut pairs = 0_usize;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (0..=0x7F | 0xA1..=0xDF, _) => tail,
            (0x81..=0x9F | 0xE0..=0xFC, [0x40..=0x7E | 0x80..=0xFC, after @ ..]) => {
                pairs += 1;
                after
            }
            _ => return false,
        };
    }
    pairs > 0
}
