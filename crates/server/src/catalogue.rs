//! The interface catalogue: every interface that the real service lists, and what answers it here. The terminal's files
//! are dispatched by this table, `renkei conformance` prints it, and `docs/conformance.md` is made from it.
//!
//! Names of interfaces: 電子カルテ情報共有サービス 外部インターフェイス一覧. The real ones have no public addresses, file
//! names or element names; ours are simulated.

use fhir::finding::Language;

use crate::words::word;

/// An interface: a request and its result.
#[derive(Debug)]
pub struct Interface {
    /// The request's id; none for what is only a result.
    pub request: Option<&'static str>,
    /// The result's id.
    pub result: &'static str,
    /// The key of its name under `interface`.
    key: &'static str,
    /// What the terminal's files are called: `{drop}req_….xml` and `{drop}res_….xml`. Simulated.
    pub drop: &'static str,
    /// What answers it over HTTP.
    pub call: Call,
    /// What does the same at the command line.
    pub command: Option<&'static str>,
    /// What is simulated besides file names and element names: keys under `simulated`.
    simulated: &'static [&'static str],
}

/// A call over HTTP, and the elements of the message that fill it.
#[derive(Debug)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// The address as in the table of routes. An element fills each place; a last place that nothing fills is left off.
    pub path: &'static str,
    /// Elements that fill the places, in order.
    pub(crate) places: &'static [&'static str],
    /// Query parameters and the elements that fill them; an empty element stands for the sender's own number.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// What the body is made of.
    pub(crate) body: BodyOf,
}

/// What the body of a call is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyOf {
    /// It has none.
    Nothing,
    /// A FHIR resource, byte for byte, in Base64 under `Document`.
    Document,
    /// The key of a report unit: `BundleIdentifierSystem`, `BundleIdentifier`, `InsuredNumberSystem`, `InsuredNumber`.
    Key,
    /// `InsuredNumber`, `Scope`, `Reason`, `Hours`.
    Emergency,
}

impl Interface {
    /// Its name.
    #[must_use]
    pub fn name(&self, language: Language) -> &'static str {
        word(language, self.key)
    }

    /// What is simulated, in words.
    #[must_use]
    pub fn simulated(&self, language: Language) -> Vec<&'static str> {
        let everywhere = ["simulated.files"];
        everywhere.iter().chain(self.simulated).map(|key| word(language, key)).collect()
    }
}

const CONSENT: &[(&str, &str)] = &[("referral-consent", "ReferralConsent")];

const fn interface(
    request: &'static str,
    result: &'static str,
    key: &'static str,
    drop: &'static str,
    call: Call,
    command: Option<&'static str>,
) -> Interface {
    Interface { request: Some(request), result, key, drop, call, command, simulated: &[] }
}

const fn call(method: &'static str, path: &'static str, body: BodyOf) -> Call {
    Call { method, path, places: &[], query: &[], body }
}

const fn at(places: &'static [&'static str], call: Call) -> Call {
    Call { places, ..call }
}

const fn asking(query: &'static [(&'static str, &'static str)], call: Call) -> Call {
    Call { query, ..call }
}

const REGISTER: Call = call("POST", "/fhir/Bundle", BodyOf::Document);
const CHANGE: Call = at(&["DocumentId"], call("PUT", "/fhir/Bundle/{id}", BodyOf::Document));
const CANCEL: Call = call("POST", "/fhir/Bundle/$cancel", BodyOf::Key);
const BUNDLE_REGISTER: Option<&str> = Some("renkei bundle register");

/// Every interface, by its id.
pub static CATALOGUE: &[Interface] = &[
    interface(
        "CIS-IF-101",
        "CIS-IF-102",
        "interface.register-referral",
        "CISsi101",
        asking(CONSENT, REGISTER),
        BUNDLE_REGISTER,
    ),
    interface("CIS-IF-103", "CIS-IF-104", "interface.cancel-referral", "CISsi103", CANCEL, None),
    interface(
        "CIS-IF-107",
        "CIS-IF-108",
        "interface.change-referral",
        "CISsi107",
        asking(CONSENT, CHANGE),
        None,
    ),
    interface(
        "CIS-IF-109",
        "CIS-IF-110",
        "interface.status",
        "CISsi109",
        asking(
            &[("requester", ""), ("business-status", "Status")],
            call("GET", "/fhir/Task", BodyOf::Nothing),
        ),
        None,
    ),
    interface(
        "CIS-IF-111",
        "CIS-IF-112",
        "interface.inbox",
        "CISsi111",
        asking(&[("owner", ""), ("business-status", "Status")], call("GET", "/fhir/Task", BodyOf::Nothing)),
        None,
    ),
    interface(
        "CIS-IF-113",
        "CIS-IF-114",
        "interface.fetch-referral",
        "CISsi113",
        at(&["DocumentId"], call("GET", "/fhir/Bundle/{id}", BodyOf::Nothing)),
        Some("renkei bundle show"),
    ),
    interface(
        "CIS-IF-115",
        "CIS-IF-116",
        "interface.attach",
        "CISsi115",
        at(&["DocumentId"], call("POST", "/fhir/Bundle/{id}/$attach", BodyOf::Document)),
        None,
    ),
    interface(
        "CIS-IF-117",
        "CIS-IF-118",
        "interface.fetch-attachment",
        "CISsi117",
        at(&["AttachmentId"], call("GET", "/fhir/DocumentReference/{id}", BodyOf::Nothing)),
        None,
    ),
    Interface {
        request: None,
        ..interface(
            "",
            "CIS-IF-119",
            "interface.consent-given",
            "CISsi119",
            asking(&[("owner", "")], call("GET", "/fhir/Task", BodyOf::Nothing)),
            None,
        )
    },
    interface(
        "CIS-IF-120",
        "CIS-IF-121",
        "interface.register-checkup",
        "CISsi120",
        REGISTER,
        BUNDLE_REGISTER,
    ),
    interface("CIS-IF-122", "CIS-IF-123", "interface.cancel-checkup", "CISsi122", CANCEL, None),
    interface("CIS-IF-124", "CIS-IF-125", "interface.change-checkup", "CISsi124", CHANGE, None),
    interface(
        "CIS-IF-126",
        "CIS-IF-127",
        "interface.register-summary",
        "CISsi126",
        REGISTER,
        BUNDLE_REGISTER,
    ),
    interface("CIS-IF-128", "CIS-IF-129", "interface.cancel-summary", "CISsi128", CANCEL, None),
    interface("CIS-IF-130", "CIS-IF-131", "interface.change-summary", "CISsi130", CHANGE, None),
    interface(
        "CIS-IF-201",
        "CIS-IF-202",
        "interface.register-clinical",
        "CISsi201",
        REGISTER,
        BUNDLE_REGISTER,
    ),
    interface("CIS-IF-203", "CIS-IF-204", "interface.cancel-clinical", "CISsi203", CANCEL, None),
    // A collection is replaced as a whole by its key.
    interface("CIS-IF-207", "CIS-IF-208", "interface.change-clinical", "CISsi207", REGISTER, BUNDLE_REGISTER),
    interface(
        "CIS-IF-301",
        "CIS-IF-302",
        "interface.master",
        "CISsi301",
        at(
            &["MasterKind"],
            asking(&[("version", "MasterVersion")], call("GET", "/api/v1/masters/{kind}", BodyOf::Nothing)),
        ),
        Some("renkei master list"),
    ),
    interface(
        "OQS-IF-045",
        "OQS-IF-046",
        "interface.destination",
        "OQSsi045",
        asking(
            &[
                ("identifier", "DestinationCode"),
                ("name", "Name"),
                ("phone", "Telephone"),
                ("address-postalcode", "PostalCode"),
                ("address", "Address"),
            ],
            call("GET", "/fhir/Organization", BodyOf::Nothing),
        ),
        None,
    ),
    Interface {
        simulated: &["simulated.eligibility", "simulated.privilege"],
        ..interface(
            "OQS-IF-047",
            "OQS-IF-048",
            "interface.emergency",
            "OQSsi047",
            call("POST", "/fhir/Patient/$emergency-access", BodyOf::Emergency),
            None,
        )
    },
    Interface {
        simulated: &["simulated.eligibility"],
        ..interface(
            "OQS-IF-037",
            "OQS-IF-038",
            "interface.revoke",
            "OQSsi037",
            at(&["ConsentId"], call("DELETE", "/api/v1/consents/{id}", BodyOf::Nothing)),
            Some("renkei consent revoke"),
        )
    },
    interface(
        "OQS-IF-039",
        "OQS-IF-040",
        "interface.address",
        "OQSsi039",
        call("GET", "/fhir/metadata", BodyOf::Nothing),
        None,
    ),
];

/// The interface whose request files begin so.
pub(crate) fn by_drop(drop: &str) -> Option<&'static Interface> {
    CATALOGUE.iter().find(|one| one.drop == drop && one.request.is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn every_interface_leads_to_an_address_that_exists() {
        for one in CATALOGUE {
            assert!(ROUTES.iter().any(|route| route.path == one.call.path), "{}", one.call.path);
            assert_eq!(one.call.places.len(), one.call.path.matches('{').count(), "{}", one.result);
        }
    }

    #[test]
    fn every_interface_of_the_service_is_there_once_and_has_a_name() {
        let ids: Vec<&str> =
            CATALOGUE.iter().flat_map(|one| one.request.into_iter().chain([one.result])).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let drops: BTreeSet<&str> = CATALOGUE.iter().map(|one| one.drop).collect();
        assert_eq!(drops.len(), CATALOGUE.len());
        // 105, 106, 205 and 206 are missing in the service's own list.
        let wanted = (101..=104).chain(107..=131).chain(201..=204).chain(207..=208).chain(301..=302);
        for number in wanted {
            assert!(ids.contains(&&*format!("CIS-IF-{number}")), "{number}");
        }
        for number in [37, 38, 39, 40, 45, 46, 47, 48] {
            assert!(ids.contains(&&*format!("OQS-IF-{number:03}")), "{number}");
        }
        for one in CATALOGUE {
            assert!(!one.name(Language::Japanese).contains("interface."), "{}", one.result);
            assert!(one.simulated(Language::English).iter().all(|word| !word.contains("simulated.")));
        }
    }
}
