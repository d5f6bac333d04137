//! Documents on a line of years, one lane for each institution.

use jiff::civil::{Date, date};

use crate::console::documents::DocumentRow;
use crate::console::svg::{Lane, Svg, lanes};

/// Marks of one lane stand at least this far apart.
const GAP: f64 = 0.045;

/// The picture of a list of documents; none for an empty list.
pub(crate) fn of(rows: &[DocumentRow], label: &str) -> Option<Svg> {
    let first = rows.iter().map(|row| row.date.year()).min()?;
    let last = rows.iter().map(|row| row.date.year()).max()?;
    let place = |day: Date| share(day, first, last);
    let mut all: Vec<Lane> = Vec::new();
    for row in rows.iter().rev() {
        let mark = (place(row.date), row.letter.clone());
        match all.iter_mut().find(|lane| lane.name == row.institution) {
            Some(lane) => lane.marks.push(mark),
            None => all.push(Lane { name: row.institution.clone(), marks: vec![mark] }),
        }
    }
    all.iter_mut().for_each(|lane| spread(&mut lane.marks));
    let ticks: Vec<(f64, String)> = (first..=last)
        .flat_map(|year| {
            let (start, middle) = (date(year, 1, 1), date(year, 7, 1));
            [(place(start), format!("{year}-01")), (place(middle), format!("{year}-07"))]
        })
        .collect();
    Some(lanes(&all, &ticks, label))
}

/// How far along the years a day is, from 0 to 1.
fn share(day: Date, first: i16, last: i16) -> f64 {
    let start = date(first, 1, 1);
    let days = |until: Date| f64::from(until.duration_since(start).as_hours() as i32 / 24);
    days(day) / days(date(last, 12, 31)).max(1.0)
}

/// Moves marks apart that would cover each other.
fn spread(marks: &mut [(f64, String)]) {
    marks.sort_by(|one, other| one.0.total_cmp(&other.0));
    for index in 1..marks.len() {
        marks[index].0 = marks[index].0.max(marks[index - 1].0 + GAP);
    }
    for index in (0..marks.len()).rev() {
        let right = marks.get(index + 1).map_or(1.0, |next| next.0 - GAP);
        marks[index].0 = marks[index].0.min(right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_one_day_stand_side_by_side() {
        let mut marks = vec![(1.0, "a".to_owned()), (1.0, "b".to_owned()), (0.2, "c".to_owned())];
        spread(&mut marks);
        assert!(marks[2].0 - marks[1].0 >= GAP - 1e-9 && marks[2].0 <= 1.0);
    }

    #[test]
    fn the_years_run_from_left_to_right() {
        assert!(share(date(2025, 1, 1), 2025, 2026) < f64::EPSILON);
        assert!((share(date(2026, 12, 31), 2025, 2026) - 1.0).abs() < f64::EPSILON);
    }
}
