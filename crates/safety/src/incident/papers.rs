//! What lies ready in print for the hour when nothing works: whom to call, what to do in which order, whom to tell by when,
//! how everything hangs together, and forms to go on with on paper.

use guideline::Phase;
use jiff::civil::Date;
use paper::{Block, Column, Document, Picture, Section, Side, Table};
use store::RegisterRow;

use super::rules::{Duty, duties, steps};
use crate::contacts::{Contact, contacts};
use crate::diagram::{Link, diagram};

/// What is printed, and for whom.
pub struct Printed {
    /// Name of the institution.
    pub name: String,
    /// The day it is of.
    pub day: Date,
    /// Who has it made.
    pub by: String,
    /// The rows of its registers.
    pub rows: Vec<RegisterRow>,
    /// The system diagram, as SVG.
    pub diagram: String,
    /// The words, by key.
    pub words: fn(&str) -> String,
}

/// The forms (紙の様式) and the keys of their columns, or (where there is one column) of their lines.
const FORMS: [(&str, &[&str]); 4] = [
    ("identity", &["name", "kana", "birth", "sex", "number", "allergy", "medicines", "blood", "contact"]),
    ("record", &["when", "complaint", "findings", "treatment", "signed"]),
    ("prescription", &["medicine", "dose", "times", "days", "remarks"]),
    ("tests", &["test", "specimen", "urgent", "taken-at", "result"]),
];
/// Empty lines of a form.
const EMPTY: usize = 9;
/// A line that a hand can write in.
const ROOM: &str = "\u{3000}\n\u{3000}\n\u{3000}";

impl Printed {
    pub(crate) fn word(&self, key: &str) -> String {
        (self.words)(key)
    }
}

/// The set, one document.
#[must_use]
pub fn papers(printed: &Printed) -> Document {
    let word = |key: &str| printed.word(&format!("incident-paper.{key}"));
    let mut sections = vec![
        Section { heading: None, begins_page: false, blocks: vec![Block::Paragraph(word("about"))] },
        contact_section(printed),
    ];
    sections.extend(step_sections(printed));
    sections.push(duty_section(printed));
    sections.push(diagram_section(printed));
    sections.push(log_form(printed));
    sections.extend(FORMS.iter().map(|(form, keys)| form_section(printed, form, keys)));
    Document {
        language: "ja",
        title: word("title"),
        subtitle: None,
        lines: vec![
            printed.name.clone(),
            format!("{} {}", word("made"), printed.day),
            format!("{} {}", word("made-by"), printed.by),
        ],
        date: printed.day,
        footer: printed.name.clone(),
        side: Side::Portrait,
        sections,
    }
}

/// Whom to call, in order.
pub(crate) fn contact_section(printed: &Printed) -> Section {
    let word = |key: &str| printed.word(&format!("incident-paper.{key}"));
    let columns = [("order", 5), ("role", 22), ("person", 20), ("phone", 17), ("night", 17), ("tested", 13)];
    let row = |(index, one): (usize, &Contact)| {
        let kind = printed.word(&format!("register-choice.{}", one.kind));
        let tested = one.tested_on.map_or_else(|| word("never"), |day| day.to_string());
        let reached =
            if one.is_reached == Some(false) { format!("\n{}", word("not-reached")) } else { String::new() };
        let deputy = if one.deputy.is_empty() {
            String::new()
        } else {
            format!("\n{} {}", word("deputy"), one.deputy)
        };
        vec![
            (index + 1).to_string(),
            format!("{}\n{kind}", one.role),
            format!("{}{deputy}", one.name),
            one.phone.clone(),
            one.night_phone.clone(),
            format!("{tested}{reached}"),
        ]
    };
    let rows = contacts(&printed.rows).iter().enumerate().map(row).collect();
    table_section(word("contacts"), columns.map(|(key, share)| Column::new(word(key), share)).to_vec(), rows)
}

fn step_sections(printed: &Printed) -> Vec<Section> {
    let phases = [Phase::Detection, Phase::Response, Phase::Recovery, Phase::Aftermath];
    let of = |(index, phase): (usize, Phase)| {
        let told = steps().iter().filter(|step| step.phase == phase).map(|step| {
            let code = &step.code;
            let (name, how) = (format!("incident-step.{code}"), format!("incident-how.{code}"));
            format!("□ {}\n{}", printed.word(&name), printed.word(&how))
        });
        Section {
            heading: Some(format!("{} {}", index + 1, printed.word(&format!("phase.{}", phase.code())))),
            begins_page: index == 0,
            blocks: vec![Block::Numbered(told.collect())],
        }
    };
    phases.into_iter().enumerate().map(of).collect()
}

fn duty_section(printed: &Printed) -> Section {
    let word = |key: &str| printed.word(&format!("incident-paper.{key}"));
    let columns = [("duty", 24), ("limit", 20), ("to", 26), ("source", 34), ("reported", 20)];
    let known = contacts(&printed.rows);
    let row = |duty: &Duty| {
        let to: Vec<String> = known
            .iter()
            .filter(|one| one.kind == duty.to && duty.to != "internal")
            .map(|one| format!("{} {}", one.role, one.phone))
            .collect();
        let when: Vec<String> =
            duty.when.iter().map(|code| printed.word(&format!("incident-question.{code}"))).collect();
        vec![
            format!("{}\n{}", printed.word(&format!("incident-duty.{}", duty.code)), when.join("\n")),
            printed.word(&format!("incident-limit.{}", duty.code)),
            to.join("\n"),
            duty.source.clone(),
            String::new(),
        ]
    };
    let rows = duties().iter().map(row).collect();
    let columns = columns.map(|(key, share)| Column::new(word(key), share)).to_vec();
    Section { begins_page: true, ..table_section(word("duties"), columns, rows) }
}

/// The picture of the network, and its links as a table.
pub(crate) fn diagram_section(printed: &Printed) -> Section {
    let word = |key: &str| printed.word(&format!("incident-paper.{key}"));
    let drawn = diagram(&printed.rows);
    let choice = |code: &str| {
        if code.is_empty() { String::new() } else { printed.word(&format!("register-choice.{code}")) }
    };
    let row =
        |link: &Link| vec![link.peer.clone(), choice(&link.line), choice(&link.zone), link.boundary.clone()];
    let columns = [("peer", 26), ("line", 16), ("zone", 16), ("boundary", 42)];
    let columns = columns.map(|(key, share)| Column::new(word(key), share)).to_vec();
    let picture = Picture { svg: printed.diagram.clone(), description: word("diagram"), caption: None };
    let rows = drawn.links.iter().map(row).collect();
    Section {
        heading: Some(word("diagram")),
        begins_page: true,
        blocks: vec![Block::Picture(picture), Block::Table(Table { columns, rows })],
    }
}

fn log_form(printed: &Printed) -> Section {
    let word = |key: &str| printed.word(&format!("incident-paper.{key}"));
    let columns = [("when", 18), ("what", 60), ("who", 18)];
    let columns = columns.map(|(key, share)| Column::new(word(key), share)).to_vec();
    let rows = vec![vec![ROOM.to_owned()]; EMPTY + 4];
    Section { begins_page: true, ..table_section(word("log"), columns, rows) }
}

/// A form to fill in by hand: one about a person has a line for each thing, the others lines that are all alike.
fn form_section(printed: &Printed, form: &str, keys: &[&str]) -> Section {
    let word = |key: &str| printed.word(&format!("incident-form.{key}"));
    let of = |key: &&str| printed.word(&format!("incident-form.{form}-{key}"));
    let is_one = form == "identity";
    let head = vec![Column::new(word("patient"), 50), Column::new(word("department"), 50)];
    let table = if is_one {
        let rows = keys.iter().map(|key| vec![of(key), ROOM.to_owned()]).collect();
        Table { columns: vec![Column::new(word("item"), 30), Column::new(word("entry"), 70)], rows }
    } else {
        let columns = keys.iter().map(|key| Column::new(of(key), 20)).collect();
        Table { columns, rows: vec![vec![ROOM.to_owned()]; EMPTY] }
    };
    let head = Table { columns: head, rows: vec![vec![ROOM.to_owned(), ROOM.to_owned()]] };
    let mut blocks = vec![Block::Note(word("about"))];
    if !is_one {
        blocks.push(Block::Table(head));
    }
    blocks.push(Block::Table(table));
    Section { heading: Some(word(form)), begins_page: true, blocks }
}

fn table_section(heading: String, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Section {
    Section {
        heading: Some(heading),
        begins_page: false,
        blocks: vec![Block::Table(Table { columns, rows })],
    }
}
