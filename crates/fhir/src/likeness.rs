//! How alike two short texts are.

use smallvec::SmallVec;

/// Longer texts are compared in this many of their first letters.
pub const LONGEST: usize = 64;

/// How many letters must be changed, added or taken away to turn one text into the other (Levenshtein).
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    distance_below(a, b, usize::MAX)
}

/// The same, given up with `limit` as soon as it cannot be less.
#[must_use]
pub fn distance_below(a: &str, b: &str, limit: usize) -> usize {
    let letters = |text: &str| text.chars().take(LONGEST).collect::<SmallVec<[char; LONGEST]>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: SmallVec<[usize; 96]> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            corner = above;
            least = least.min(row[j + 1]);
        }
        if least >= limit {
            return limit;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_changed_added_or_taken_away_counts_once() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("green", "grean"), 1);
        assert_eq!(distance("最終", "最終版"), 1);
        assert_eq!(distance("abc", "xyz"), 3);
        assert_eq!(distance_below("abcdef", "uvwxyz", 2), 2);
    }
}
