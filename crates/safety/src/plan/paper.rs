//! The approved plan on paper: its chapters, with the diagram and the contacts as the registers tell them that day.

use jiff::tz::{TimeZone, offset};
use paper::{Block, Document, Section, Side};
use store::PlanApproval;

use super::{Drawn, Plan, chapters};
use crate::incident::{Printed, contact_section, diagram_section};

/// An approved version as a document.
#[must_use]
pub fn plan_document(plan: &Plan, approval: &PlanApproval, printed: &Printed) -> Document {
    let word = |key: &str| printed.word(&format!("bcp-paper.{key}"));
    let version = word("version").replace("{number}", &approval.version.to_string());
    let approved_on = approval.at.to_zoned(TimeZone::fixed(offset(9))).date();
    let mut sections =
        vec![Section { heading: None, begins_page: false, blocks: vec![Block::Paragraph(word("about"))] }];
    for (index, chapter) in chapters().iter().enumerate() {
        let text = plan.approved_text(approval, &chapter.code).map(|one| one.words.as_str());
        let title = printed.word(&format!("bcp-chapter.{}", chapter.code));
        sections.push(Section {
            heading: Some(format!("{} {title}", index + 1)),
            begins_page: index == 0,
            blocks: text.map(paragraphs).unwrap_or_default(),
        });
        match chapter.drawn {
            Some(Drawn::Diagram) => sections.push(diagram_section(printed)),
            Some(Drawn::Contacts) => sections.push(contact_section(printed)),
            None => {}
        }
    }
    Document {
        language: "ja",
        title: word("title"),
        subtitle: Some(version.clone()),
        lines: vec![
            printed.name.clone(),
            format!("{} {} {approved_on}", word("approved-by"), approval.by.name),
            format!("{} {}", word("review-on"), approval.review_on),
            format!("{} {}", word("registers-of"), printed.day),
        ],
        date: printed.day,
        footer: format!("{} {} {} {}", printed.name, word("title"), version, approval.by.name),
        side: Side::Portrait,
        sections,
    }
}

/// An empty line begins a paragraph.
fn paragraphs(text: &str) -> Vec<Block> {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Block::Paragraph(part.to_owned())).collect()
}
