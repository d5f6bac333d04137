//! A document's sections in order, each with its text and what its entries say, as parts that a template can list.

use std::collections::VecDeque;

use fhir::bundle::{Bundle, resource_type};
use fhir::finding::Language;
use fhir::json::Node;
use fhir::systems;

use crate::console::clinical::{Allergy, Condition, Prescription, ResultRow, concept_text, unbroken};
use crate::console::narrative::{Block, blocks};
use crate::console::time;
use crate::words::{word, words_with};

/// A document, or one that is attached to it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Its number on the page, from 0.
    pub(crate) number: usize,
    /// Its title.
    pub(crate) title: String,
    /// Its date.
    pub(crate) date: String,
    /// Who wrote it.
    pub(crate) authors: Vec<String>,
    /// Its sections.
    pub(crate) sections: Vec<Section>,
}

/// One section; a section inside another stands after it, one level deeper.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Its heading.
    pub(crate) heading: String,
    /// How deep it lies, from 0.
    pub(crate) level: u8,
    /// Its own text.
    pub(crate) blocks: Vec<Block>,
    /// What its entries say.
    pub(crate) entries: Entries,
}

/// What the entries of a section say, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    /// People, institutions, visits and other things said in a line.
    pub(crate) lines: Vec<String>,
    /// 傷病名
    pub(crate) conditions: Vec<Condition>,
    /// アレルギー
    pub(crate) allergies: Vec<Allergy>,
    /// 処方
    pub(crate) medicines: Vec<Prescription>,
    /// 検査
    pub(crate) results: Vec<ResultRow>,
    /// Numbers and titles of attached parts.
    pub(crate) attached: Vec<(usize, String)>,
}

impl Entries {
    fn is_empty(&self) -> bool {
        self.lines.is_empty()
            && self.conditions.is_empty()
            && self.allergies.is_empty()
            && self.medicines.is_empty()
            && self.results.is_empty()
            && self.attached.is_empty()
    }
}

/// A document and everything attached to it, in order.
///
/// To the patient (`is_for_patient`) nothing marked 未告知 or 未提供 is told of.
pub(crate) fn parts(bundle: Bundle<'_>, is_for_patient: bool, language: Language) -> Vec<Part> {
    let mut reading = Reading { language, is_for_patient, waiting: VecDeque::from([bundle]), found: 1 };
    let mut parts = Vec::new();
    while let Some(bundle) = reading.waiting.pop_front() {
        parts.extend(reading.part(bundle, parts.len()));
    }
    parts
}

struct Reading<'t> {
    language: Language,
    is_for_patient: bool,
    waiting: VecDeque<Bundle<'t>>,
    /// How many parts were met so far.
    found: usize,
}

impl<'t> Reading<'t> {
    fn part(&mut self, bundle: Bundle<'t>, number: usize) -> Option<Part> {
        let composition = bundle
            .entries()
            .map(|entry| entry.resource)
            .find(|node| resource_type(*node) == "Composition")?;
        let authors = composition.all(&["author", "reference"]);
        let authors = authors.iter().filter_map(|author| bundle.resolve(author.str()?)).filter_map(line_of);
        let authors = authors.collect();
        let mut sections = Vec::new();
        for section in composition.all(&["section"]) {
            self.section(bundle, section, 0, &mut sections);
        }
        Some(Part {
            number,
            title: composition.text_at(&["title"]).unwrap_or_default().to_owned(),
            date: composition.text_at(&["date"]).map(time::day_text).unwrap_or_default(),
            authors,
            sections,
        })
    }

    /// Adds a section and those inside it. One that only holds others is not shown itself.
    fn section(&mut self, bundle: Bundle<'t>, node: Node<'t>, level: u8, sections: &mut Vec<Section>) {
        let blocks = node.text_at(&["text", "div"]).map(blocks).unwrap_or_default();
        let entries = self.entries(bundle, node, &blocks);
        let inner = node.all(&["section"]);
        let is_container = blocks.is_empty() && entries.is_empty() && !inner.is_empty();
        if !is_container {
            let heading = node.text_at(&["title"]).or_else(|| node.get("code").and_then(concept_text));
            sections.push(Section {
                heading: heading.unwrap_or_default().to_owned(),
                level,
                blocks,
                entries,
            });
        }
        for section in inner {
            self.section(bundle, section, if is_container { level } else { level + 1 }, sections);
        }
    }

    fn entries(&mut self, bundle: Bundle<'t>, section: Node<'t>, text: &[Block]) -> Entries {
        let mut entries = Entries::default();
        for reference in section.all(&["entry", "reference"]) {
            let resource = reference.str().and_then(|reference| bundle.resolve(reference));
            let Some(resource) = resource.filter(|resource| !self.is_kept_back(*resource)) else { continue };
            self.add(resource, text, &mut entries);
        }
        entries
    }

    fn add(&mut self, resource: Node<'t>, text: &[Block], entries: &mut Entries) {
        match resource_type(resource) {
            "Condition" => entries.conditions.push(Condition::of(resource, self.language)),
            "AllergyIntolerance" => entries.allergies.push(Allergy::of(resource, self.language)),
            "MedicationRequest" | "MedicationStatement" => entries.medicines.push(Prescription::of(resource)),
            "Observation" => {
                let row = ResultRow::of(resource, self.language);
                // The text says it already, word for word.
                if !text.contains(&Block::Paragraph(unbroken(&row.value))) {
                    entries.results.push(row);
                }
            }
            "Bundle" => {
                if let Some(bundle) = Bundle::of(resource) {
                    let title =
                        word(self.language, &format!("kind.{}", store::kind_code(bundle.kind()))).to_owned();
                    entries.attached.push((self.found, title));
                    self.found += 1;
                    self.waiting.push_back(bundle);
                }
            }
            "DocumentReference" => entries.lines.push(attachment(resource, self.language)),
            _ => {
                let line = line_of(resource).filter(|line| !text.contains(&Block::Paragraph(line.clone())));
                entries.lines.extend(line);
            }
        }
    }

    fn is_kept_back(&self, resource: Node<'_>) -> bool {
        let tags = resource.all(&["meta", "tag"]);
        let mut flags = tags.iter().filter(|tag| tag.text_at(&["system"]) == Some(systems::FLAG));
        self.is_for_patient
            && flags.any(|tag| matches!(tag.text_at(&["code"]), Some("UNINFORMED" | "UNDELIVERED")))
    }
}

/// A resource in a line: names, visits, plans; else whatever it says of itself.
fn line_of(resource: Node<'_>) -> Option<String> {
    let line = match resource_type(resource) {
        "Practitioner" | "RelatedPerson" => {
            resource.text_at(&["name", "text"]).or_else(|| resource.text_at(&["name", "family"]))?.to_owned()
        }
        "Organization" => organization(resource)?,
        "Encounter" => encounter(resource),
        // Whose insurance it is stands with the number; no reader of the text needs it.
        "Coverage" => return None,
        "CarePlan" => {
            let parts = [resource.text_at(&["title"]), resource.text_at(&["description"])];
            parts.into_iter().flatten().collect::<Vec<_>>().join("：")
        }
        _ => generic(resource)?,
    };
    Some(unbroken(&line)).filter(|line| !line.is_empty())
}

fn organization(resource: Node<'_>) -> Option<String> {
    let name = resource.text_at(&["name"])?;
    let extensions = resource.all(&["extension"]);
    let department =
        extensions.iter().find(|extension| extension.text_at(&["url"]) == Some(systems::EXT_DEPARTMENT));
    let department = department.and_then(|extension| concept_text(extension.get("valueCodeableConcept")?));
    Some(department.map_or_else(|| name.to_owned(), |department| format!("{name} {department}")))
}

fn encounter(resource: Node<'_>) -> String {
    let date = |end: &str| resource.text_at(&["period", end]).map(time::day_text);
    let days = match (date("start"), date("end")) {
        (Some(start), Some(end)) if start != end => format!("{start} – {end}"),
        (Some(start), _) => start,
        (None, end) => end.unwrap_or_default(),
    };
    let class = resource.text_at(&["class", "display"]).unwrap_or_default();
    let reason = resource.all(&["reasonCode"]).into_iter().find_map(concept_text).unwrap_or_default();
    [class, &days, reason].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn generic(resource: Node<'_>) -> Option<String> {
    let coded = ["code", "vaccineCode", "relationship", "type"];
    let coded = coded.iter().find_map(|element| concept_text(resource.get(element)?));
    let said = ["description", "conclusion", "title"].iter().find_map(|element| resource.text_at(&[element]));
    let note = resource.text_at(&["note", "text"]);
    let day = ["performedDateTime", "occurrenceDateTime", "date"]
        .iter()
        .find_map(|element| resource.text_at(&[element]));
    let day = day.map(time::day_text);
    let parts = [day.as_deref(), coded, said, note];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.is_empty())
}

fn attachment(resource: Node<'_>, language: Language) -> String {
    let title =
        resource.text_at(&["content", "attachment", "title"]).or_else(|| resource.text_at(&["description"]));
    let title = title.or_else(|| resource.get("type").and_then(concept_text)).unwrap_or_default();
    let kind = resource.text_at(&["content", "attachment", "contentType"]).unwrap_or_default();
    words_with(language, "document.attachment", &[("title", title), ("kind", kind)])
}
