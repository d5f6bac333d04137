//! Each act as a request that would do it.

use access::Role;
use access::policy::Action;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Scene;
use crate::hub::{Answer, HOSPITAL, Hub, encoded, today};
use crate::smart::now;

/// A request, and how the hub says no to it.
pub(crate) struct Request {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    media: &'static str,
    manner: Manner,
    by: Option<Role>,
    takes_factors: bool,
}

/// How a refusal looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// 403 with the rule, which is on record.
    Recorded,
    /// 403 with the rule, for what concerns no patient.
    Told,
    /// 403, or 400 where it is not the list of whoever asks.
    Listed,
    /// As if it were not there: what somebody must not know of.
    Hidden,
    /// There is no such address at all.
    Nowhere,
}

const REASON: &str = "意識障害で救急搬送、家族と連絡がとれない";

impl Request {
    fn of(method: &'static str, path: impl Into<String>, manner: Manner) -> Self {
        Self {
            method,
            path: path.into(),
            body: Vec::new(),
            media: "application/fhir+json",
            manner,
            by: None,
            takes_factors: false,
        }
    }

    fn get(path: impl Into<String>) -> Self {
        Self::of("GET", path, Manner::Recorded)
    }

    fn post(path: impl Into<String>, body: &Value) -> Self {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Self { body, ..Self::of("POST", path, Manner::Recorded) }
    }

    pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let media = "application/x-www-form-urlencoded";
        Self { body: pairs.join("&").into_bytes(), media, ..Self::of("POST", path, Manner::Told) }
    }

    fn parameters(path: &str, values: &[(&str, &str)]) -> Self {
        let one = |(name, value): &(&str, &str)| json!({"name": name, "valueString": value});
        let values: Vec<Value> = values.iter().map(one).collect();
        Self::post(path, &json!({"resourceType": "Parameters", "parameter": values}))
    }

    fn told(self) -> Self {
        Self { manner: Manner::Told, ..self }
    }

    fn listed(self) -> Self {
        Self { manner: Manner::Listed, ..self }
    }

    fn hidden(self) -> Self {
        Self { manner: Manner::Hidden, ..self }
    }

    /// By a role that may do it in this scene, where not the first that may ever.
    fn well_by(self, role: Role) -> Self {
        Self { by: Some(role), ..self }
    }

    /// Sends it with a token.
    pub(crate) fn sent(&self, hub: &Hub, token: &str) -> Answer {
        match self.method {
            "GET" => hub.get(token, &self.path),
            "DELETE" => hub.delete(token, &self.path),
            _ => hub.post_as(token, &self.path, &self.body, self.media).unwrap(),
        }
    }

    /// Whether a status says no as it should to a role.
    pub(crate) fn refuses_with(&self, status: u16) -> bool {
        match self.manner {
            // One list for patients and one for institutions: the question is wrong for whoever has no such list.
            Manner::Listed => matches!(status, 400 | 403),
            Manner::Recorded | Manner::Told => status == 403,
            Manner::Hidden => matches!(status, 403 | 404),
            Manner::Nowhere => matches!(status, 404 | 405),
        }
    }

    /// Whether a refusal stands in the record of acts.
    pub(crate) fn is_on_record(&self) -> bool {
        self.manner == Manner::Recorded
    }

    /// It takes two factors, which no token proves: nobody may make it here.
    fn by_factors(self) -> Self {
        Self { takes_factors: true, ..self }
    }

    /// Who may make it here: the first who may ever, unless it takes somebody else.
    pub(crate) fn by(&self, first: Option<Role>) -> Option<Role> {
        first.map(|first| self.by.unwrap_or(first)).filter(|_| !self.takes_factors)
    }
}

/// The request that would do an act; none where no address does it.
pub(crate) fn request(action: Action, scene: &Scene) -> Option<Request> {
    let Scene { patient, member, other, referral, unit, grant, look, account, alert, .. } = scene;
    let request = match action {
        Action::ViewInformations => {
            Request::get(format!("/fhir/Condition?patient={patient}")).well_by(Role::Clinician)
        }
        Action::ViewDocuments => {
            Request::get(format!("/fhir/DocumentReference?patient={patient}")).well_by(Role::Clinician)
        }
        Action::ViewUnit => Request::get(format!("/fhir/Bundle/{unit}")).hidden(),
        Action::ViewReferral => Request::get(format!("/fhir/Bundle/{referral}")).hidden(),
        Action::ReadActs => Request::get(format!("/fhir/AuditEvent?patient={patient}")),
        Action::AlterActs => Request::of("DELETE", format!("/fhir/AuditEvent/{grant}"), Manner::Nowhere),
        Action::Register => {
            Request { body: scene.bundle.clone(), ..Request::post("/fhir/Bundle", &Value::Null) }
        }
        Action::Cancel => Request::of("DELETE", format!("/fhir/Bundle/{unit}"), Manner::Recorded),
        Action::ListReferrals => Request::get(format!("/fhir/Task?owner={HOSPITAL}")).listed(),
        Action::ListOwnReferrals => Request::get(format!("/fhir/Task?patient={patient}")).listed(),
        Action::FollowReferral => Request::get(format!("/fhir/Task/{referral}")).hidden(),
        Action::OpenReferral => Request::post(format!("/fhir/Task/{referral}/$open"), &Value::Null).hidden(),
        Action::HandInConsent => {
            Request::post("/api/v1/consents", &json!({"member": member, "groups": ["diagnosis"]}))
        }
        Action::RevokeGrant => Request::of("DELETE", format!("/api/v1/consents/{grant}"), Manner::Recorded),
        Action::TellWish => {
            let wish = json!({"patient": patient, "groups": ["checkup"], "stance": "withdrawn"});
            Request::post("/api/v1/wishes", &wish)
        }
        Action::OpenInEmergency => {
            let values =
                [("identifier", member.as_str()), ("scope", "emergency-summary"), ("reason", REASON)];
            Request::parameters("/fhir/Patient/$emergency-access", &values)
        }
        Action::OpenInDisaster => {
            let values = [("identifier", member.as_str()), ("reason", REASON)];
            Request::parameters("/fhir/Patient/$disaster-access", &values)
        }
        Action::ListReviews => Request::get("/api/v1/reviews"),
        Action::Review => {
            let found = json!({"finding": "justified", "note": "搬送記録と合う"});
            Request::post(format!("/api/v1/reviews/{look}"), &found)
        }
        Action::Simulate => {
            let path = format!("/consent/simulator?patient={patient}&institution={HOSPITAL}&role=clinician");
            Request::get(path).told()
        }
        Action::DeclareDisaster => Request::post("/api/v1/disasters", &disaster()),
        Action::JoinPersons => Request::post("/fhir/Patient/$merge", &merge(patient, other)),
        Action::FindDestinations => Request::get(format!("/fhir/Organization?identifier={HOSPITAL}")).told(),
        Action::ReadMasters => Request::get("/api/v1/masters").told(),
        Action::SeeFigures => Request::get("/api/v1/figures"),
        Action::SeeNotices => Request::get("/notices").told(),
        Action::AccountInvite => Request::form("/accounts/new", &newcomer()).well_by(Role::PlanningManager),
        Action::AccountSuspend => Request::form("/accounts", &[("act", "suspend"), ("account", account)])
            .well_by(Role::SafetyManager),
        Action::AccountEnd => {
            Request::form("/accounts", &[("act", "end"), ("account", account)]).well_by(Role::SafetyManager)
        }
        Action::AccountList => Request::get("/accounts").told().well_by(Role::SafetyManager),
        Action::AccountExcept => {
            let exception = [
                ("act", "grant"),
                ("account", account.as_str()),
                ("reason", REASON),
                ("until", "2099-03-31"),
            ];
            Request::form("/accounts/exception", &exception).by_factors()
        }
        Action::ExportAccounts => Request::get("/accounts.csv").told().by_factors(),
        Action::RegisterApp => Request::form("/apps", &[("name", "電子カルテ")]).by_factors(),
        Action::AnswerAccessReview => {
            Request::form("/access-reviews", &[("name", "棚卸し"), ("due", &today().to_string())])
        }
        Action::SeeAlerts => Request::get("/alerts").told(),
        Action::AnswerAlert => {
            Request::form("/alerts", &[("alert", alert), ("note", "搬送の記録と合うと確かめた")])
        }
        Action::KeepWatch => Request::form("/alerts", &[("watch", other)]),
        Action::AskInquiry => {
            Request::form(&format!("/patients/{patient}/seen-by/{}", scene.seen), &[("words", "なぜですか")])
        }
        Action::ListInquiries => Request::get("/inquiries"),
        Action::AnswerInquiry => {
            Request::form("/inquiries", &[("id", &scene.inquiry), ("answer", "救急で運ばれたためです")])
        }
        Action::RegisterProxy => Request::form("/proxies", &proxy(member)),
        Action::ListProxies => Request::get("/proxies").told(),
        Action::ApproveDevice => Request::form("/devices", &[("act", "add"), ("label", "架空の端末")]),
        Action::ChangePolicy => Request::form("/devices", &[("act", "choose"), ("choice", "refuse")]),
        Action::Subscribe | Action::EndSessions | Action::HandleKeys => return None,
        Action::SeeSafety => Request::get("/safety/registers").told(),
        Action::KeepRegisters => Request::get("/safety/registers/devices/new").told(),
        Action::RequestTakeOut => Request::get("/safety/registers/take-outs/new").told(),
        Action::ApproveTakeOut => Request::form(
            &format!("/safety/registers/take-outs/{}", scene.take_out),
            &[("move", "approve"), ("row-version", "1")],
        ),
        Action::AnswerGuideline => Request::form(
            "/safety/guideline/chk.r7.h.1.1",
            &[("answer", "yes"), ("reason", "任命書（2026年4月1日、院長）"), ("seen", "0")],
        ),
        Action::HandOverPapers => Request::form("/safety/packs", &[]).by_factors(),
        Action::RunChecks => Request::form("/safety", &[]),
    };
    Some(request)
}

fn proxy(member: &str) -> [(&'static str, &str); 5] {
    [
        ("number", member),
        ("birth", "2020-01-01"),
        ("login", "kakuu.haha"),
        ("relation", "parent"),
        ("evidence", "戸籍全部事項証明書"),
    ]
}

fn newcomer() -> [(&'static str, &'static str); 5] {
    [
        ("name", "架空 新人"),
        ("login", "kakuu.shinjin"),
        ("role", "clerk"),
        ("level", "2"),
        ("checked", "職員証"),
    ]
}

fn disaster() -> Value {
    let at = |hours: i64| Timestamp::from_second(now() + hours * 3600).unwrap().to_string();
    json!({"name": "架空地震", "authority": "架空県", "prefectures": ["49"], "starts_at": at(-1), "ends_at": at(2)})
}

fn merge(source: &str, target: &str) -> Value {
    let one = |name: &str, id: &str| json!({"name": name, "valueReference": {"reference": format!("Patient/{id}")}});
    json!({"resourceType": "Parameters", "parameter": [one("source-patient", source), one("target-patient", target)]})
}
