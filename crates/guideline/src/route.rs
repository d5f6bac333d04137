//! Which volumes bind an institution, from what it says and what its registers hold (概説編 3.2, 7.0 保守委託機関編).

use crate::item::Audience;

/// What decides which volumes bind.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// What kind of institution it is.
    pub kind: Option<Audience>,
    /// Whether somebody does nothing but run the systems (システム運用専任の担当者).
    pub has_operator: Option<bool>,
    /// Its servers, and PCs on which the record application completes its work.
    pub machines: Vec<Machine>,
}

/// A server, or a PC that counts as one.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name in the register.
    pub name: String,
    /// Whether it stands elsewhere and is used as a service.
    pub is_cloud: bool,
    /// Who updates it for security.
    pub updater: Updater,
}

/// Who bears the security updates of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updater {
    /// A vendor, and contract, terms or SLA say so.
    VendorByContract,
    /// A vendor, but nothing in writing says so.
    VendorUnwritten,
    /// The institution itself.
    Institution,
    /// The register does not say.
    Unknown,
}

impl Updater {
    /// All.
    pub const ALL: [Self; 4] =
        [Self::VendorByContract, Self::VendorUnwritten, Self::Institution, Self::Unknown];

    /// Its code in forms, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::VendorByContract => "vendor-by-contract",
            Self::VendorUnwritten => "vendor-unwritten",
            Self::Institution => "institution",
            Self::Unknown => "unknown",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// 読み方: which volumes bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The volumes, in the order of reading; none while something decisive is not known.
    pub volumes: Vec<Volume>,
    /// The mark of the system type, `Ⅰ` to `Ⅳ`; where machines stand here and elsewhere, the stricter.
    pub system_type: Option<&'static str>,
    /// Whether machines stand both here and elsewhere.
    pub is_mixed: bool,
    /// Whether the set for small institutions helps.
    pub is_small: bool,
    /// Machines that alone stand between it and the shorter path, by name, as far as that path is open at all.
    pub blocking: Vec<(String, Updater)>,
    /// What is not known yet.
    pub open: Vec<OpenQuestion>,
}

/// A volume of 7.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the volumes")]
pub enum Volume {
    Overview,
    Governance,
    Planning,
    Operations,
    Outsourcing,
}

impl Volume {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Governance => "governance",
            Self::Planning => "planning",
            Self::Operations => "operations",
            Self::Outsourcing => "outsourcing",
        }
    }
}

/// What must be known before anything can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenQuestion {
    /// What kind of institution it is.
    Kind,
    /// Whether somebody does nothing but run the systems.
    Operator,
    /// Which machines there are.
    Machines,
}

impl OpenQuestion {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Operator => "operator",
            Self::Machines => "machines",
        }
    }
}

const FULL: [Volume; 4] = [Volume::Overview, Volume::Governance, Volume::Planning, Volume::Operations];
const SHORT: [Volume; 2] = [Volume::Overview, Volume::Outsourcing];

/// Which volumes bind.
///
/// The shorter path is for who has no operator and whose every machine a vendor updates by contract; one machine
/// that is not ends it. Who does not know is on the full path.
pub fn route(of: &Circumstances) -> Route {
    let open = open(of);
    let no_operator = of.has_operator == Some(false);
    let unwritten = of.machines.iter().filter(|one| one.updater != Updater::VendorByContract);
    let blocking: Vec<_> = unwritten.map(|one| (one.name.clone(), one.updater)).collect();
    let is_short = no_operator && !of.machines.is_empty() && blocking.is_empty();
    let volumes = match () {
        () if is_short => SHORT.to_vec(),
        () if of.has_operator.is_none() => Vec::new(),
        () => FULL.to_vec(),
    };
    let here = of.machines.iter().filter(|one| !one.is_cloud).count();
    let system_type = of.has_operator.filter(|_| !of.machines.is_empty()).map(|has| match (has, here) {
        (true, 0) => "Ⅱ",
        (true, _) => "Ⅰ",
        (false, 0) => "Ⅳ",
        (false, _) => "Ⅲ",
    });
    Route {
        volumes,
        system_type,
        is_mixed: here > 0 && here < of.machines.len(),
        is_small: no_operator && of.kind.is_some_and(is_small_kind),
        blocking: if no_operator { blocking } else { Vec::new() },
        open,
    }
}

fn open(of: &Circumstances) -> Vec<OpenQuestion> {
    let asked = [
        (of.kind.is_none(), OpenQuestion::Kind),
        (of.has_operator.is_none(), OpenQuestion::Operator),
        (of.machines.is_empty(), OpenQuestion::Machines),
    ];
    asked.into_iter().filter(|(is_open, _)| *is_open).map(|(_, question)| question).collect()
}

/// Kinds that the guidance for small institutions speaks to.
fn is_small_kind(kind: Audience) -> bool {
    matches!(kind, Audience::Clinic | Audience::DentalClinic | Audience::MaternityHome | Audience::Pharmacy)
}
