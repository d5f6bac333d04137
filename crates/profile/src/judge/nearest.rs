//! Which code or display was probably meant.

use fhir::likeness::{LONGEST, distance, distance_below};
use unicode_normalization::UnicodeNormalization;

use crate::program::{BETWEEN, CodeSet, Program, Words};

/// More words than this are not compared one by one.
const MOST_COMPARED: usize = 5_000;

/// A set of up to so many codes is told whole.
const FEW: usize = 8;

/// The value set's address and the code in it that was probably meant: by display, then by spelling; of a small set
/// that has none, every code.
pub(super) fn nearest_code(
    program: &Program,
    set: &CodeSet,
    system: Option<&str>,
    code: &str,
    display: Option<&str>,
) -> String {
    let by_display = display.and_then(|display| {
        set.systems.iter().find_map(|part| {
            let table = program.code_system(&part.system)?;
            let place = (0..table.displays.len())
                .take(MOST_COMPARED)
                .find(|place| table.displays.get(*place).split(BETWEEN).any(|one| one == display))?;
            let code = table.codes.get(place);
            part.codes.find(code).map(|_| (&*part.system, code))
        })
    });
    let near = by_display.or_else(|| {
        let same = set.systems.iter().filter(|part| system.is_none_or(|system| system == &*part.system));
        let parts: Vec<_> = same.collect();
        let parts = if parts.is_empty() { set.systems.iter().collect() } else { parts };
        let found = parts.into_iter().filter_map(|part| {
            let word = nearest_word(&part.codes, code)?;
            Some((distance(word, code), &*part.system, word))
        });
        found.min_by_key(|(distance, ..)| *distance).map(|(_, system, word)| (system, word))
    });
    match near {
        Some((near_system, near)) if system.is_some_and(|system| system != near_system) => {
            format!("{} ({near_system}#{near})", set.url)
        }
        Some((_, near)) => format!("{} ({near})", set.url),
        None if (1..=FEW).contains(&set.systems.iter().map(|part| part.codes.len()).sum()) => {
            let codes: Vec<&str> = set.systems.iter().flat_map(|part| part.codes.iter()).collect();
            format!("{} ({})", set.url, codes.join(" | "))
        }
        None => set.url.to_string(),
    }
}

/// The word from which the one found differs least, if a third of its letters or fewer would have to change.
pub(super) fn nearest_word<'w>(words: &'w Words, found: &str) -> Option<&'w str> {
    if found.len() > LONGEST {
        return None;
    }
    let mut best = None;
    let mut least = found.chars().count() / 3 + 2;
    for word in words.iter().take(MOST_COMPARED) {
        // Every letter too many or too few is a change, and a letter has at most four bytes.
        if word.len().abs_diff(found.len()) < least.saturating_mul(4) {
            let distance = distance_below(word, found, least);
            if distance < least {
                (best, least) = (Some(word), distance);
            }
        }
    }
    best
}

/// The display that looks like the one found, and which characters differ from it, by their code points.
pub(super) fn lookalike(found: &str, displays: &str) -> Option<(String, String)> {
    let plain = |text: &str| text.nfkc().filter(|c| !c.is_whitespace()).collect::<String>();
    let folded = plain(found);
    let meant = displays.split(BETWEEN).find(|one| plain(one) == folded)?;
    let odd: Vec<String> = found
        .chars()
        .filter(|c| !meant.contains(*c))
        .map(|c| format!("{c} U+{:04X}", u32::from(c)))
        .collect();
    let missing: Vec<String> = meant
        .chars()
        .filter(|c| !found.contains(*c))
        .map(|c| format!("{c} U+{:04X}", u32::from(c)))
        .collect();
    Some((meant.to_owned(), format!("({} ≠ {})", odd.join(", "), missing.join(", "))))
}
