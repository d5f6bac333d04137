//! What a bundle holds of the six informations, and where: the unit's index.

use fhir::attachment::CheckedAttachment;
use fhir::bundle::{Bundle, UnitKind, profiles, resource_type};
use fhir::json::Node;
use fhir::systems;
use fhir::validate::Checked;
use jiff::civil::Date;
use store::{Index, Information, Item};

use crate::fact::said;

/// The index of a checked bundle.
///
/// Report units give what they carry; referrals and discharge summaries give their prescriptions (処方 is never sent
/// on its own) and the other kinds, from bundles inside them too.
pub(crate) fn index(checked: &Checked<'_>) -> Index {
    let bundle = checked.bundle();
    let composition = bundle
        .entries()
        .map(|entry| entry.resource)
        .find(|resource| resource_type(*resource) == "Composition");
    let is_checkup = bundle.kind() == UnitKind::CheckupReport;
    let checkup = composition.filter(|_| is_checkup).and_then(|node| node.at(&["event"]));
    let examined = checkup.and_then(|event| day_of(event.text_at(&["period", "start"])?));
    let written = composition.and_then(|node| day_of(node.text_at(&["date"])?));
    Index {
        patient: bundle.patient().map(span).unwrap_or_default(),
        date: examined.or(written).or_else(|| day_of(bundle.timestamp())),
        title: composition.and_then(|node| node.text_at(&["title"])).unwrap_or_default().to_owned(),
        member: bundle.member_id().filter(|_| is_checkup).unwrap_or_default().to_owned(),
        programme: checkup
            .and_then(|event| event.text_at(&["code", "coding", "code"]))
            .unwrap_or_default()
            .to_owned(),
        items: items(bundle),
    }
}

/// The index of a PDF.
pub(crate) fn of_attachment(checked: &CheckedAttachment<'_>) -> Index {
    Index { date: day_of(checked.date()), title: checked.title().to_owned(), ..Index::default() }
}

fn items(bundle: Bundle<'_>) -> Vec<Item> {
    let own = bundle.entries().filter_map(|entry| item(bundle, entry.resource));
    own.chain(bundle.bundles().flat_map(items)).collect()
}

fn item(bundle: Bundle<'_>, resource: Node<'_>) -> Option<Item> {
    let information = information(bundle.kind(), resource)?;
    let flags = || flags(resource);
    Some(Item {
        information,
        span: span(resource),
        date: date(resource),
        code: code(resource),
        says: said(resource),
        doctor: doctor(bundle, resource).unwrap_or_default(),
        is_long_term: flags().any(|code| code == "LTS"),
        is_not_told: flags().any(|code| code == "UNINFORMED"),
        is_withheld: flags().any(|code| code == "UNDELIVERED"),
    })
}

/// Which of the six informations a resource is. From documents only what keeps the rules of the five that are sent on
/// their own: what claims their profile, and no suspicion.
fn information(kind: UnitKind, resource: Node<'_>) -> Option<Information> {
    if !kind.is_collection() && !is_extracted(kind, resource) {
        return None;
    }
    match resource_type(resource) {
        "MedicationRequest" if !kind.is_collection() => Some(Information::Prescription),
        "Condition" => Some(Information::Condition),
        "AllergyIntolerance" => Some(allergy(resource)),
        "Observation" => Some(observation(resource)),
        _ => None,
    }
}

/// Patient summaries are for the patient alone, and checkups have a family of profiles of their own.
fn is_extracted(kind: UnitKind, resource: Node<'_>) -> bool {
    let is_source = matches!(kind, UnitKind::Referral | UnitKind::DischargeSummary);
    let wanted = match resource_type(resource) {
        "MedicationRequest" => return is_source,
        "Condition" => systems::CONDITION,
        "AllergyIntolerance" => systems::ALLERGY,
        "Observation" => systems::LAB_RESULT,
        _ => return false,
    };
    let doubtful = ["unconfirmed", "refuted", "entered-in-error", "provisional", "differential"];
    let statuses = resource.all(&["verificationStatus", "coding", "code"]);
    is_source
        && profiles(resource).any(|profile| profile == wanted)
        && !statuses.iter().filter_map(|status| status.str()).any(|status| doubtful.contains(&status))
}

/// Category `medication` is 薬剤アレルギー等; anything else is その他アレルギー等.
fn allergy(resource: Node<'_>) -> Information {
    let categories = resource.get("category").into_iter().flat_map(Node::items);
    if categories.filter_map(Node::str).any(|category| category == "medication") {
        Information::DrugAllergy
    } else {
        Information::OtherAllergy
    }
}

/// Whether a result is 検査 or 感染症 is decided by the code system alone.
fn observation(resource: Node<'_>) -> Information {
    if codings(resource)
        .any(|(system, _)| [systems::LAB_INFECTION_10, systems::LAB_INFECTION_11].contains(&system))
    {
        Information::Infection
    } else {
        Information::LabResult
    }
}

fn flags(resource: Node<'_>) -> impl Iterator<Item = &str> {
    let tags = resource.get("meta").and_then(|meta| meta.get("tag")).into_iter().flat_map(Node::items);
    tags.filter(|tag| tag.text_at(&["system"]) == Some(systems::FLAG))
        .filter_map(|tag| tag.text_at(&["code"]))
}

/// The day a resource is about, by its type's own element.
pub(crate) fn date(resource: Node<'_>) -> Option<Date> {
    let elements = ["effectiveDateTime", "authoredOn", "onsetDateTime", "recordedDate", "issued"];
    elements.iter().find_map(|element| day_of(resource.text_at(&[element])?))
}

/// Results and prescriptions of one code are counted together: the first standard code, else the text. A code that
/// stands for whatever has none (未コード化) is no code.
fn code(resource: Node<'_>) -> String {
    let is_uncoded = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte == b'9');
    let standard = codings(resource).find(|(system, _)| *system != systems::LAB_LOCAL);
    let standard = standard.filter(|(_, code)| !is_uncoded(code));
    let text = concept(resource).and_then(|concept| concept.text_at(&["text"]));
    standard.map(|(_, code)| code).or(text).unwrap_or_default().to_owned()
}

fn codings(resource: Node<'_>) -> impl Iterator<Item = (&str, &str)> {
    let codings = concept(resource).and_then(|concept| concept.get("coding"));
    let codings = codings.into_iter().flat_map(Node::items);
    codings.filter_map(|coding| Some((coding.text_at(&["system"])?, coding.text_at(&["code"])?)))
}

fn concept(resource: Node<'_>) -> Option<Node<'_>> {
    resource.get("code").or_else(|| resource.get("medicationCodeableConcept"))
}

/// Who tested or prescribed, by the local number (ローカル医師ID): the contained Practitioner, or one of the bundle's.
fn doctor(bundle: Bundle<'_>, resource: Node<'_>) -> Option<String> {
    let named = [resource.all(&["requester", "reference"]), resource.all(&["performer", "reference"])];
    let contained = resource.all(&["contained"]);
    let resolve = |reference: Node<'_>| match reference.str()?.strip_prefix('#') {
        Some(id) => contained.iter().copied().find(|one| one.text_at(&["id"]) == Some(id)),
        None => bundle.resolve(reference.str()?),
    };
    named.iter().flatten().filter_map(|reference| resolve(*reference)).find_map(doctor_number)
}

/// A doctor's number with the ten digits of the institution that gave it.
pub(crate) fn doctor_number(practitioner: Node<'_>) -> Option<String> {
    practitioner.all(&["identifier"]).iter().find_map(|identifier| {
        let of =
            identifier.text_at(&["system"])?.strip_prefix(systems::LOCAL_DOCTOR_ID)?.strip_prefix('1')?;
        Some(format!("{of} {}", identifier.text_at(&["value"])?))
    })
}

/// The first day of a FHIR date or dateTime, however precise.
pub(crate) fn day_of(text: &str) -> Option<Date> {
    match text.len() {
        4 => format!("{text}-01-01").parse().ok(),
        7 => format!("{text}-01").parse().ok(),
        _ => text.get(..10)?.parse().ok(),
    }
}

fn span(node: Node<'_>) -> std::ops::Range<u32> {
    let span = node.span();
    let offset = |at: usize| u32::try_from(at).expect("a body is at most some megabytes");
    offset(span.start)..offset(span.end)
}
