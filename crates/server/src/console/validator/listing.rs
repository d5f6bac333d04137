//! The source as it was sent, line by line, with every place marked that a finding tells of.

use fhir::finding::Position;

/// The rows of a source.
pub(super) struct Listing {
    pub(super) rows: Vec<Row>,
    /// Whether long lines were broken where JSON allows it, so that a person can read them.
    pub(super) is_broken_up: bool,
}

/// A row: a line or part of one, or a gap where nothing was found.
pub(super) enum Row {
    Line(Line),
    Gap(usize),
}

/// A line, or a part of a long one.
pub(super) struct Line {
    /// Line number, with the column where the part begins.
    pub(super) label: String,
    pub(super) indent: usize,
    pub(super) pieces: Vec<Piece>,
}

/// A run of text; marked if findings tell of it.
pub(super) struct Piece {
    pub(super) text: String,
    /// The numbers of the findings that tell of it.
    pub(super) findings: Vec<usize>,
}

/// A finding's number and place.
pub(super) struct Mark {
    pub(super) number: usize,
    pub(super) at: Position,
}

/// Lines with more characters are broken up.
const LONG: usize = 240;
/// Sources with more rows are shown around their marks only.
const WHOLE: usize = 600;
/// Rows shown before and after a mark.
const AROUND: usize = 4;
/// No more rows than this are shown.
const MOST: usize = 3000;
/// No more characters of one piece are shown.
const PIECE: usize = 2000;

/// A part of a line: where it begins, counted in characters, how deep it is, and its characters.
struct Part<'l> {
    line: usize,
    start: usize,
    indent: usize,
    text: &'l [char],
}

impl Listing {
    /// The listing of a text.
    pub(super) fn of(text: &str, marks: &[Mark]) -> Self {
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let is_broken_up = lines.iter().any(|line| line.len() > LONG);
        let parts: Vec<Part<'_>> =
            lines.iter().enumerate().flat_map(|(index, line)| parts(index, line)).collect();
        let mut marks: Vec<(usize, usize, usize)> = marks.iter().map(|mark| placed(mark, &parts)).collect();
        marks.sort_unstable();
        let is_shown = shown(parts.len(), &marks);
        let mut rows = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if !is_shown(index) {
                match rows.last_mut() {
                    Some(Row::Gap(count)) => *count += 1,
                    _ => rows.push(Row::Gap(1)),
                }
                continue;
            }
            let from = marks.partition_point(|(row, ..)| *row < index);
            let until = marks.partition_point(|(row, ..)| *row <= index);
            let label = if part.start == 0 {
                (part.line + 1).to_string()
            } else {
                format!("{}:{}", part.line + 1, part.start + 1)
            };
            rows.push(Row::Line(Line {
                label,
                indent: part.indent,
                pieces: pieces(part.text, &marks[from..until]),
            }));
        }
        Self { rows, is_broken_up }
    }
}

/// Whether a row is shown: all of a short source, the neighbourhood of marks of a long one.
fn shown(rows: usize, marks: &[(usize, usize, usize)]) -> impl Fn(usize) -> bool {
    let mut near = vec![rows <= WHOLE; rows];
    let mut left = MOST;
    for (row, ..) in marks {
        let end = (row + AROUND + 1).min(rows);
        for is_near in near[row.saturating_sub(AROUND).min(end)..end].iter_mut().filter(|is_near| !**is_near)
        {
            *is_near = left > 0;
            left = left.saturating_sub(1);
        }
    }
    move |index| near[index]
}

/// Row, place in it, number.
fn placed(mark: &Mark, parts: &[Part<'_>]) -> (usize, usize, usize) {
    let (line, column) = (mark.at.line as usize - 1, mark.at.column as usize - 1);
    let after = parts.partition_point(|part| (part.line, part.start) <= (line, column));
    let row = after.saturating_sub(1);
    let place = parts.get(row).map_or(0, |part| column.saturating_sub(part.start).min(part.text.len()));
    (row, place, mark.number)
}

/// The runs of a row's text; marks at one place share one run.
fn pieces(text: &[char], marks: &[(usize, usize, usize)]) -> Vec<Piece> {
    let string = |range: std::ops::Range<usize>| {
        let run = &text[range];
        let more = if run.len() > PIECE { "…" } else { "" };
        format!("{}{more}", run.iter().take(PIECE).collect::<String>())
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = 0;
    let mut last_start = None;
    for (_, place, number) in marks {
        if last_start == Some(*place) || *place < end {
            if let Some(piece) = pieces.last_mut() {
                piece.findings.push(*number);
            }
            continue;
        }
        if *place > end {
            pieces.push(Piece { text: string(end..*place), findings: Vec::new() });
        }
        end = (place + token_length(&text[*place..])).min(text.len());
        pieces.push(Piece { text: string(*place..end), findings: vec![*number] });
        last_start = Some(*place);
    }
    if end < text.len() {
        pieces.push(Piece { text: string(end..text.len()), findings: Vec::new() });
    }
    pieces
}

/// A short line whole; a long one broken after `{`, `[` and `,` and before `}` and `]`, outside strings.
fn parts(index: usize, line: &[char]) -> Vec<Part<'_>> {
    let whole = |start, end: usize, indent| Part { line: index, start, indent, text: &line[start..end] };
    if line.len() <= LONG {
        return vec![whole(0, line.len(), 0)];
    }
    let mut found = Vec::new();
    let (mut start, mut depth, mut indent) = (0, 0_usize, 0);
    let mut string = StringState::Outside;
    for (at, character) in line.iter().enumerate() {
        if !string.is_outside_after(*character) {
            continue;
        }
        let is_empty_container = |next: char| line.get(at + 1) == Some(&next);
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let breaks_after = match character {
            '{' => !is_empty_container('}'),
            '[' => !is_empty_container(']'),
            ',' => true,
            _ => line.get(at + 1).is_some_and(|next| "}]".contains(*next)) && !"{[".contains(*character),
        };
        if breaks_after {
            found.push(whole(start, at + 1, indent));
            start = at + 1;
            let closes = line.get(start).is_some_and(|next| "}]".contains(*next));
            indent = depth.saturating_sub(usize::from(closes)).min(MOST_INDENT);
        }
    }
    if start < line.len() {
        found.push(whole(start, line.len(), indent));
    }
    found
}

/// Deeper parts are not indented further, lest no room is left on a phone.
const MOST_INDENT: usize = 12;

/// Where in a JSON string one is.
#[derive(PartialEq)]
enum StringState {
    Outside,
    Inside,
    Escaped,
}

impl StringState {
    /// Takes one more character; whether one is outside strings after it.
    fn is_outside_after(&mut self, character: char) -> bool {
        *self = match (&self, character) {
            (Self::Outside, '"') | (Self::Escaped, _) => Self::Inside,
            (Self::Inside, '"') => Self::Outside,
            (Self::Inside, '\\') => Self::Escaped,
            (Self::Outside, _) => Self::Outside,
            (Self::Inside, _) => Self::Inside,
        };
        *self == Self::Outside
    }
}

/// How long the JSON value at the beginning of a row's rest is, on that row.
fn token_length(rest: &[char]) -> usize {
    match rest.first() {
        None => 0,
        Some('"') => {
            let mut state = StringState::Outside;
            rest.iter()
                .position(|character| state.is_outside_after(*character))
                .map_or(rest.len(), |end| end + 1)
        }
        Some('{' | '[') => 1,
        Some(_) => {
            rest.iter().position(|c| ",]}".contains(*c) || c.is_whitespace()).unwrap_or(rest.len()).max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: usize, line: u32, column: u32) -> Mark {
        Mark { number, at: Position { line, column } }
    }

    fn marked(listing: &Listing) -> Vec<(String, Vec<usize>)> {
        let lines = listing.rows.iter().filter_map(|row| match row {
            Row::Line(line) => Some(line),
            Row::Gap(_) => None,
        });
        let pieces = lines.flat_map(|line| &line.pieces).filter(|piece| !piece.findings.is_empty());
        pieces.map(|piece| (piece.text.clone(), piece.findings.clone())).collect()
    }

    #[test]
    fn the_value_at_each_place_is_marked_and_nothing_is_lost() {
        let text = "{\n  \"code\": \"E\\\"112\", \"x\": 12\n}";
        let listing = Listing::of(text, &[mark(2, 2, 26), mark(1, 2, 11), mark(3, 2, 11), mark(4, 3, 1)]);
        let wanted = [("\"E\\\"112\"", vec![1, 3]), ("12", vec![2]), ("}", vec![4])];
        assert_eq!(marked(&listing), wanted.map(|(text, numbers)| (text.to_owned(), numbers)));
        let all: String = listing
            .rows
            .iter()
            .map(|row| match row {
                Row::Line(line) => {
                    line.pieces.iter().map(|piece| piece.text.as_str()).collect::<String>() + "\n"
                }
                Row::Gap(_) => String::new(),
            })
            .collect();
        assert_eq!(all.trim_end(), text);
    }

    #[test]
    fn a_document_on_one_line_is_broken_up_and_its_places_still_hold() {
        let line = format!(r#"{{"a":[],"b":[{{"c":"x,{{y}}","d":true}}],"e":"{}"}}"#, "z".repeat(300));
        let column = line.find("true").unwrap() as u32 + 1;
        let listing = Listing::of(&line, &[mark(1, 1, column)]);
        assert!(listing.is_broken_up && listing.rows.len() > 5);
        assert_eq!(marked(&listing), [("true".to_owned(), vec![1])]);
        let Row::Line(second) = &listing.rows[1] else { panic!("a line") };
        assert_eq!(
            (second.label.as_str(), second.indent, second.pieces[0].text.as_str()),
            ("1:2", 1, r#""a":[],"#)
        );
    }

    #[test]
    fn a_long_source_is_shown_around_its_marks() {
        let text = "1\n".repeat(5000);
        let listing = Listing::of(&text, &[mark(1, 2500, 1)]);
        assert_eq!(listing.rows.len(), 2 * AROUND + 3);
        assert!(matches!(listing.rows[0], Row::Gap(2495)));
    }

    #[test]
    fn a_place_after_the_end_does_no_harm() {
        let listing = Listing::of("短い", &[mark(1, 9, 99)]);
        assert_eq!(marked(&listing), [(String::new(), vec![1])]);
        assert!(Listing::of("", &[mark(1, 1, 1)]).rows.is_empty());
    }
}
