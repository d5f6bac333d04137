//! Typed views of a Bundle of the service; nothing is copied.

use crate::json::Node;
use crate::systems;

/// What a report unit carries, known from its profile and its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnitKind {
    /// 傷病名
    Condition,
    /// 薬剤アレルギー等・その他アレルギー等
    AllergyIntolerance,
    /// 検査・感染症
    Observation,
    /// 診療情報提供書
    Referral,
    /// 退院時サマリー
    DischargeSummary,
    /// 患者サマリー
    PatientSummary,
    /// 健康診断結果報告書
    CheckupReport,
    /// 添付情報: a DocumentReference that holds a PDF, the one unit that is no Bundle
    Attachment,
}

impl UnitKind {
    /// The kind of `node`, if it is a Bundle of the service.
    #[must_use]
    pub fn of(node: Node<'_>) -> Option<Self> {
        if node.text_at(&["resourceType"]) != Some("Bundle") {
            return None;
        }
        profiles(node).find_map(|canonical| match canonical {
            systems::BUNDLE_REFERRAL => Some(Self::Referral),
            systems::BUNDLE_DISCHARGE => Some(Self::DischargeSummary),
            systems::BUNDLE_SUMMARY => Some(Self::PatientSummary),
            systems::BUNDLE_CHECKUP => Some(Self::CheckupReport),
            systems::BUNDLE_CLINS => Self::of_tag(node),
            _ => None,
        })
    }

    /// Whether it is one of the five informations (a collection), not a document.
    #[must_use]
    pub fn is_collection(self) -> bool {
        matches!(self, Self::Condition | Self::AllergyIntolerance | Self::Observation)
    }

    /// The name of the one resource type of a collection; none for documents.
    #[must_use]
    pub fn resource_type(self) -> Option<&'static str> {
        match self {
            Self::Condition => Some("Condition"),
            Self::AllergyIntolerance => Some("AllergyIntolerance"),
            Self::Observation => Some("Observation"),
            _ => None,
        }
    }

    fn of_tag(node: Node<'_>) -> Option<Self> {
        let tags = node.all(&["meta", "tag"]);
        let tag = tags.iter().find(|tag| tag.text_at(&["system"]) == Some(systems::BUNDLE_RESOURCE_TYPE))?;
        match tag.text_at(&["code"])? {
            "Condition" => Some(Self::Condition),
            "AllergyIntolerance" => Some(Self::AllergyIntolerance),
            "Observation" => Some(Self::Observation),
            _ => None,
        }
    }
}

/// A Bundle of the service.
#[derive(Debug, Clone, Copy)]
pub struct Bundle<'t> {
    node: Node<'t>,
    kind: UnitKind,
    urls: &'t [UrlRow],
}

/// One entry's fullUrl: the slots of the Bundle, of the fullUrl and of the resource.
pub(crate) type UrlRow = (u32, u32, u32);

impl<'t> Bundle<'t> {
    /// The view of `node` if it is a Bundle of the service; [`Bundle::resolve`] then searches entry by entry.
    #[must_use]
    pub fn of(node: Node<'t>) -> Option<Self> {
        Self::indexed(node, &[])
    }

    pub(crate) fn indexed(node: Node<'t>, urls: &'t [UrlRow]) -> Option<Self> {
        UnitKind::of(node).map(|kind| Self { node, kind, urls })
    }

    /// What it carries.
    #[must_use]
    pub fn kind(self) -> UnitKind {
        self.kind
    }

    /// The Bundle's own node.
    #[must_use]
    pub fn node(self) -> Node<'t> {
        self.node
    }

    /// System and value of `Bundle.identifier`; empty texts where an unchecked Bundle has none.
    #[must_use]
    pub fn identifier(self) -> (&'t str, &'t str) {
        let text = |name| self.node.text_at(&["identifier", name]).unwrap_or_default();
        (text("system"), text("value"))
    }

    /// The 10-digit number of the sending institution: the identifier's value before the first `^`.
    #[must_use]
    pub fn institution(self) -> &'t str {
        self.identifier().1.split('^').next().unwrap_or_default()
    }

    /// `Bundle.timestamp` as written, an instant; empty where an unchecked Bundle has none.
    #[must_use]
    pub fn timestamp(self) -> &'t str {
        self.node.text_at(&["timestamp"]).unwrap_or_default()
    }

    /// The entries in order.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        entries(self.node)
    }

    /// The Patient.
    #[must_use]
    pub fn patient(self) -> Option<Node<'t>> {
        self.entries().map(|entry| entry.resource).find(|node| resource_type(*node) == "Patient")
    }

    /// The insured person's number (被保険者個人識別子), or the welfare recipient's where that is given instead.
    #[must_use]
    pub fn member_id(self) -> Option<&'t str> {
        let identifiers = self.patient()?.all(&["identifier"]);
        let of = |system| {
            let of_system = identifiers.iter().find(|id| id.text_at(&["system"]) == Some(system));
            of_system.and_then(|id| id.text_at(&["value"]))
        };
        of(systems::MEMBER_ID).or_else(|| of(systems::PUBLIC_PAYER_ID))
    }

    /// The 10-digit number of the institution that a referral is addressed to: the Organization of its section 910
    /// (紹介先情報).
    #[must_use]
    pub fn destination(self) -> Option<&'t str> {
        let composition = self.entries().map(|entry| entry.resource);
        let composition = composition.into_iter().find(|node| resource_type(*node) == "Composition")?;
        let sections = composition.all(&["section"]);
        let addressed = sections.iter().filter(|section| {
            section.all(&["code", "coding"]).iter().any(|coding| coding.text_at(&["code"]) == Some("910"))
        });
        let named = addressed.flat_map(|section| section.all(&["entry"]));
        named
            .filter_map(|entry| self.resolve(entry.text_at(&["reference"])?))
            .filter(|resource| resource_type(*resource) == "Organization")
            .find_map(institution_number)
    }

    /// The resource of the entry whose fullUrl is `reference`.
    #[must_use]
    pub fn resolve(self, reference: &str) -> Option<Node<'t>> {
        if self.urls.is_empty() {
            return self.entries().find(|e| e.full_url == Some(reference)).map(|entry| entry.resource);
        }
        let json = self.node.json();
        let key = |row: &UrlRow| (row.0, json.node(row.1).str().unwrap_or_default());
        let wanted = (self.node.slot(), reference);
        let found = self.urls.binary_search_by(|row| key(row).cmp(&wanted)).ok()?;
        Some(json.node(self.urls[found].2))
    }

    /// The Bundles of the service that stand as entries: a discharge summary inside a referral.
    pub fn bundles(self) -> impl Iterator<Item = Bundle<'t>> {
        let urls = self.urls;
        self.entries().filter_map(move |entry| Bundle::indexed(entry.resource, urls))
    }
}

/// One entry of a Bundle.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// Its address inside the Bundle; a fresh `urn:uuid:` at every sending, never a key.
    pub full_url: Option<&'t str>,
    /// Its resource.
    pub resource: Node<'t>,
}

/// The 10-digit number of an Organization, as its identifier or in the extension.
fn institution_number(organization: Node<'_>) -> Option<&str> {
    let of = |found: Vec<Node<'_>>| {
        found
            .into_iter()
            .find(|node| node.text_at(&["system"]) == Some(systems::INSTITUTION_ID))
            .map(Node::slot)
    };
    let identifier = of(organization.all(&["identifier"]));
    let slot = identifier.or_else(|| of(organization.all(&["extension", "valueIdentifier"])))?;
    organization.json().node(slot).text_at(&["value"])
}

/// The type of a resource; empty if it says none.
#[must_use]
pub fn resource_type(resource: Node<'_>) -> &str {
    resource.get("resourceType").and_then(Node::str).unwrap_or_default()
}

/// The types of resources R4 knows, by name.
#[must_use]
pub fn resource_types() -> Vec<&'static str> {
    crate::r4::resource_types()
}

/// The canonicals a resource claims, without `|version`.
pub fn profiles<'t>(resource: Node<'t>) -> impl Iterator<Item = &'t str> {
    let profiles = resource.get("meta").and_then(|meta| meta.get("profile"));
    profiles.into_iter().flat_map(Node::items).filter_map(Node::str).map(systems::canonical_of)
}

/// The entries of a Bundle in order.
pub fn entries<'t>(bundle: Node<'t>) -> impl Iterator<Item = Entry<'t>> {
    let items = bundle.get("entry").into_iter().flat_map(Node::items);
    items.filter_map(|entry| {
        let resource = entry.get("resource")?;
        Some(Entry { full_url: entry.get("fullUrl").and_then(Node::str), resource })
    })
}

/// The fullUrls of a Bundle and of all Bundles inside it, sorted for search.
pub(crate) fn url_index(root: Node<'_>) -> Vec<UrlRow> {
    let mut rows = Vec::new();
    let mut waiting = vec![root];
    while let Some(bundle) = waiting.pop() {
        for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = entry.get("fullUrl") {
                rows.push((bundle.slot(), url.slot(), resource.slot()));
            }
            if resource_type(resource) == "Bundle" {
                waiting.push(resource);
            }
        }
    }
    let json = root.json();
    rows.sort_by_key(|row| (row.0, json.node(row.1).str().unwrap_or_default()));
    rows
}
