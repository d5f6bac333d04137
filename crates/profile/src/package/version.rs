use std::cmp::Ordering;

/// A package's or resource's version, ordered much as semantic versions are: numbers by number, and a version with a
/// tail (`1.3.0-rc3`) before the same without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: Vec<u64>,
    tail: Option<String>,
}

impl Version {
    /// Reads any text: what is no number ends the numbers and begins the tail.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.split('+').next().unwrap_or_default();
        let (head, tail) = text.split_once('-').map_or((text, None), |(head, tail)| (head, Some(tail)));
        let mut numbers = Vec::new();
        let mut parts = head.split('.');
        for part in parts.by_ref() {
            match part.trim_start_matches('v').parse() {
                Ok(number) => numbers.push(number),
                Err(_) => return Self { numbers, tail: Some(text.to_owned()) },
            }
        }
        Self { numbers, tail: tail.map(str::to_owned) }
    }

    /// The numbers without trailing zeros, so that `1.2` and `1.2.0` are one.
    fn significant(&self) -> &[u64] {
        let end = self.numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1);
        &self.numbers[..end]
    }

    /// Whether it has a tail.
    pub(super) fn has_tail(&self) -> bool {
        self.tail.is_some()
    }

    /// Whether both have the same numbers, whatever their tails.
    pub(super) fn is_sibling(&self, other: &Self) -> bool {
        self.significant() == other.significant()
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.significant().cmp(other.significant()).then_with(|| match (&self.tail, &other.tail) {
            (None, None) => self.numbers.len().cmp(&other.numbers.len()),
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(mine), Some(theirs)) => tails(mine, theirs).then_with(|| self.numbers.cmp(&other.numbers)),
        })
    }
}

/// Numbers in tails count as numbers: `rc9` comes before `rc10`.
fn tails(mine: &str, theirs: &str) -> Ordering {
    let split = |text: &str| {
        let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 =
            text[digits..].chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        (text[..digits].to_owned(), number)
    };
    split(mine).cmp(&split(theirs)).then_with(|| mine.cmp(theirs))
}

/// Whether `version` is what a dependency asks for: itself, or under `1.1.x`, `1.1.*`, `~1.1.2`, `^1.1.2`.
pub(super) fn satisfies(version: &str, wanted: &str) -> bool {
    let numbers = |text: &str| Version::of(text).numbers;
    if let Some(start) = wanted.strip_suffix(".x").or_else(|| wanted.strip_suffix(".*")) {
        return version.strip_prefix(start).is_some_and(|rest| rest.starts_with('.'));
    }
    let within = |least: &str, kept: usize| {
        let (mine, least_numbers) = (numbers(version), numbers(least));
        mine.iter().take(kept).eq(least_numbers.iter().take(kept))
            && Version::of(version) >= Version::of(least)
    };
    match wanted.as_bytes().first() {
        Some(b'~') => within(&wanted[1..], 2),
        Some(b'^') => within(&wanted[1..], 1),
        _ => version == wanted,
    }
}
