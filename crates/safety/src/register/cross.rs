//! Registers beside each other, and beside what the hub itself sees: what is in use must stand in a register.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use store::{DeviceFindingKind, DeviceKind, Fault, RegisterRow, Store, SubscriptionState, folded};

use super::beside::{machines_seen, machines_unlisted};
use super::cells::Cells;
use super::definition::{FieldType, register, registers};
use super::findings::{Finding, findings_of};
use crate::report::Neighbour;

/// What the hub sees of an institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Addresses of terminals that nobody registered, at which somebody signed in, each with what it called itself.
    pub strangers: Vec<(String, String)>,
    /// Registered terminals of the institution, by label.
    pub terminals: Vec<String>,
    /// People's own devices that are let in, by label.
    pub own_devices: Vec<String>,
    /// Systems it is joined to, by name or host.
    pub peers: Vec<String>,
    /// Names of those whose accounts are for maintenance.
    pub maintainers: Vec<String>,
    /// Machines that a reporter saw beside it of late, each with the name of the reporter.
    pub machines: Vec<(Neighbour, String)>,
    /// Until which day the plan (BCP) that was approved here holds.
    pub plan_until: Option<Date>,
}

/// The rows of an institution's registers, and everything that is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Every row.
    pub rows: Vec<RegisterRow>,
    /// Every finding, by register.
    pub findings: Vec<Finding>,
}

impl Seen {
    /// Looks at what the hub keeps of an institution.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn look(store: &Store, institution: &str, now: Timestamp) -> Result<Self, Fault> {
        let is_own = |number: &Option<String>| number.as_deref() == Some(institution);
        let own = Some(institution.to_owned());
        let strangers = store.device_findings(own.clone()).await?;
        let strangers = strangers
            .into_iter()
            .filter(|one| one.resolved_at.is_none() && one.kind == DeviceFindingKind::Unregistered);
        let devices = store.devices(own.clone()).await?;
        let of_kind = |kind: DeviceKind| {
            let found = devices.iter().filter(move |one| one.kind == kind && one.is_in_force(now));
            found.map(|one| one.label.clone()).collect()
        };
        let providers = store.providers().await?;
        let providers = providers.iter().filter(|one| one.ended_at.is_none() && is_own(&one.institution));
        let apps = store.apps().await?;
        let apps = apps.iter().filter(|one| one.is_in_force(now) && is_own(&one.institution));
        let told = store.subscriptions().await?;
        let told = told.iter().filter(|one| {
            one.state != SubscriptionState::Off && !one.has_ended(now) && is_own(&one.institution)
        });
        let peers = providers.map(|one| host(&one.issuer)).chain(apps.map(|one| one.name.clone()));
        let peers: Vec<String> = peers.chain(told.map(|one| host(&one.endpoint))).collect();
        let accounts = store.accounts(own).await?;
        let maintainers =
            accounts.iter().filter(|one| one.role == "maintainer" && one.state.code() == "active");
        Ok(Self {
            strangers: strangers.map(|one| (one.address, one.agent)).collect(),
            terminals: of_kind(DeviceKind::Institution),
            own_devices: of_kind(DeviceKind::Personal),
            peers: unique(peers),
            maintainers: maintainers.map(|one| one.name.clone()).collect(),
            machines: machines_seen(&store.reporters(institution.to_owned()).await?, now),
            plan_until: store
                .plan_approvals(institution.to_owned())
                .await?
                .first()
                .map(|approval| approval.review_on),
        })
    }
}

impl Examined {
    /// Reads an institution's registers and says what of them is not as it should be.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn look(store: &Store, institution: &str, today: Date, now: Timestamp) -> Result<Self, Fault> {
        let rows = store.all_register_rows(institution, None).await?;
        let seen = Seen::look(store, institution, now).await?;
        let mut findings = Vec::new();
        for definition in registers() {
            let own: Vec<&RegisterRow> = rows.iter().filter(|row| row.register == definition.code).collect();
            findings.extend(findings_of(definition, &own, today));
        }
        // Who keeps the plan here need not list it among papers kept elsewhere.
        let has_plan = seen.plan_until.is_some_and(|until| until >= today);
        findings.retain(|one| !(has_plan && one.register == "documents" && one.code == "no-bcp"));
        findings.extend(cross_check(&seen, &rows));
        Ok(Self { rows, findings })
    }
}

/// What is in use and stands in no register, and what registers say of each other that cannot be.
pub fn cross_check(seen: &Seen, rows: &[RegisterRow]) -> Vec<Finding> {
    let open: Vec<(&RegisterRow, Cells)> =
        rows.iter().filter(|row| !row.is_over).map(|row| (row, Cells::parse(&row.cells))).collect();
    let said = |register: &str, field: &str| -> HashSet<String> {
        let of = open.iter().filter(|(row, _)| row.register == register);
        of.map(|(_, cells)| folded(cells.text(field))).filter(|text| !text.is_empty()).collect()
    };
    let mut findings = Vec::new();
    let (addresses, labels) = (said("devices", "address"), said("devices", "label"));
    for (address, agent) in &seen.strangers {
        if !addresses.contains(&folded(address)) {
            let subject = format!("{address} {agent}");
            findings.push(missing("stranger-seen", "devices", &subject, &["device_ledger_complete"]));
        }
    }
    for label in seen.terminals.iter().filter(|label| !labels.contains(&folded(label))) {
        findings.push(missing("terminal-unlisted", "devices", label, &["device_ledger_complete"]));
    }
    let labels = said("own-devices", "label");
    for label in seen.own_devices.iter().filter(|label| !labels.contains(&folded(label))) {
        findings.push(missing("own-device-unlisted", "own-devices", label, &["byod_register"]));
    }
    let known: Vec<String> =
        said("connections", "endpoint").into_iter().chain(said("connections", "peer")).collect();
    for peer in &seen.peers {
        if !known.iter().any(|one| one.contains(&folded(peer))) {
            findings.push(missing("connection-unlisted", "connections", peer, &["vpn_config"]));
        }
    }
    let vendors: Vec<String> =
        said("vendors", "vendor-name").into_iter().chain(said("vendors", "contact")).collect();
    for name in &seen.maintainers {
        let folded = folded(name);
        if !vendors.iter().any(|one| folded.contains(one.as_str()) || one.contains(&folded)) {
            findings.push(missing("maintainer-without-vendor", "vendors", name, &["contract_clauses"]));
        }
    }
    findings.extend(machines_unlisted(&seen.machines, &open));
    findings.extend(between_registers(rows, &open));
    findings
}

/// What is retired without a row of disposal, and what refers to rows that are gone or over.
fn between_registers(rows: &[RegisterRow], open: &[(&RegisterRow, Cells)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let disposed: HashSet<String> =
        rows.iter().filter(|row| row.register == "disposals").map(|row| folded(&row.name)).collect();
    let retired = rows.iter().filter(|row| row.register == "devices" && row.state == "retired");
    for row in retired.filter(|row| !disposed.contains(&folded(&row.name))) {
        findings.push(about(row, "retired-without-disposal", Vec::new(), &["disposal_records"]));
    }
    let names: HashSet<(&str, &str)> =
        open.iter().map(|(row, _)| (row.register.as_str(), row.name.as_str())).collect();
    for (row, cells) in open {
        let fields = register(&row.register).map(|one| one.fields.as_slice()).unwrap_or_default();
        let references = fields.iter().filter(|field| field.kind == FieldType::Reference);
        let gone = references.filter(|field| {
            let text = cells.text(&field.code);
            !text.is_empty() && !names.contains(&(field.of.as_deref().unwrap_or_default(), text))
        });
        let gone: Vec<String> = gone.map(|field| field.code.clone()).collect();
        if !gone.is_empty() {
            findings.push(about(row, "reference-gone", gone, &["contract_clauses"]));
        }
    }
    findings
}

/// Codes of the findings that come from no register's own table.
pub const CROSS_FINDINGS: &[&str] = &[
    "stranger-seen",
    "terminal-unlisted",
    "own-device-unlisted",
    "connection-unlisted",
    "maintainer-without-vendor",
    "machine-seen",
    "retired-without-disposal",
    "reference-gone",
];

pub(super) fn missing(code: &str, register: &str, subject: &str, controls: &[&str]) -> Finding {
    Finding {
        code: code.to_owned(),
        register: register.to_owned(),
        row: None,
        subject: subject.to_owned(),
        fields: Vec::new(),
        controls: controls.iter().map(|one| (*one).to_owned()).collect(),
    }
}

fn about(row: &RegisterRow, code: &str, fields: Vec<String>, controls: &[&str]) -> Finding {
    let (row_id, subject) = (Some(row.id.clone()), row.name.clone());
    Finding { row: row_id, subject, fields, ..missing(code, &row.register, "", controls) }
}

/// Who an address is, without what is asked there.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest).to_owned()
}

fn unique(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use store::Holder;

    use super::super::evidence::evidence_of;
    use super::*;

    fn row(register: &str, name: &str, state: &str, cells: &[(&str, &str)]) -> RegisterRow {
        let by = || Holder { credential: "a".to_owned(), name: "架空 台帳".to_owned() };
        let cells =
            cells.iter().map(|(code, text)| format!("\"{code}\":\"{text}\"")).collect::<Vec<_>>().join(",");
        RegisterRow {
            institution: "4910000001".to_owned(),
            register: register.to_owned(),
            id: name.to_owned(),
            version: 1,
            name: name.to_owned(),
            state: state.to_owned(),
            is_over: matches!(state, "ended" | "retired" | "returned"),
            due: None,
            cells: format!("{{{cells}}}"),
            words: String::new(),
            made_by: by(),
            made_at: Timestamp::UNIX_EPOCH,
            changed_by: by(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|one| one.code.as_str()).collect()
    }

    #[test]
    fn what_is_in_use_and_stands_in_no_register_is_found_and_goes_when_it_is_written_there() {
        let text = |text: &str| text.to_owned();
        let machine = Neighbour { mac: Some("02-00-5e-10-00-09".to_owned()), ..Neighbour::default() };
        let seen = Seen {
            strangers: vec![(text("198.51.100.7"), text("架空ブラウザ"))],
            terminals: vec![text("受付ＰＣ-01")],
            own_devices: vec![text("当直医のスマートフォン")],
            peers: vec![text("login.example.jp")],
            maintainers: vec![text("架空電機 保守 太郎")],
            machines: vec![(machine, text("病棟PC-03"))],
            plan_until: None,
        };
        let found = cross_check(&seen, &[]);
        let all = [
            "stranger-seen",
            "terminal-unlisted",
            "own-device-unlisted",
            "connection-unlisted",
            "maintainer-without-vendor",
            "machine-seen",
        ];
        assert_eq!(codes(&found), all);
        let rows = [
            row("devices", "受付PC-01", "in-use", &[("label", "受付PC-01"), ("address", "198.51.100.7")]),
            row("own-devices", "x", "in-use", &[("label", "当直医のスマートフォン")]),
            row("connections", "y", "in-use", &[("peer", "y"), ("endpoint", "https://login.example.jp/")]),
            row("vendors", "架空電機", "in-use", &[("vendor-name", "架空電機")]),
            row("loans", "z", "lent", &[("label", "z"), ("mac", "0200.5E10.0009")]),
        ];
        assert!(cross_check(&seen, &rows).is_empty());
    }

    #[test]
    fn a_retired_device_needs_its_disposal_and_a_reference_a_row_that_is_not_over() {
        let device = row("devices", "PC-9", "retired", &[("label", "PC-9")]);
        let link = row("connections", "保守", "in-use", &[("peer", "保守"), ("vendor", "架空電機")]);
        let ended = row("vendors", "架空電機", "ended", &[("vendor-name", "架空電機")]);
        let found = cross_check(&Seen::default(), &[device.clone(), link.clone(), ended]);
        assert_eq!(codes(&found), ["retired-without-disposal", "reference-gone"]);
        let disposal = row("disposals", "ＰＣ-9", "disposed", &[]);
        let vendor = row("vendors", "架空電機", "in-use", &[("vendor-name", "架空電機")]);
        assert!(cross_check(&Seen::default(), &[device, link, disposal, vendor]).is_empty());
    }

    #[test]
    fn a_control_holds_by_rows_without_findings_and_never_by_an_empty_register() {
        let holds = |rows: &[RegisterRow]| {
            let own: Vec<&RegisterRow> = rows.iter().collect();
            let findings = findings_of(register("loans").unwrap(), &own, date(2026, 11, 21));
            let all = evidence_of(rows, &findings);
            all.into_iter().find(|one| one.control == "iot_loan_consent").unwrap()
        };
        assert!(!holds(&[]).holds);
        let told = [("explained-on", "2026-11-01"), ("explained-by", "架空 看護"), ("due", "2026-12-01")];
        assert!(!holds(&[row("loans", "血圧計", "lent", &told)]).holds);
        let measured = holds(&[row("loans", "血圧計", "lent", &told)]).measured;
        assert_eq!(measured["finding.loans.no-consent"], 1);
        let consented = [&told[..], &[("consent-on", "2026-11-01")]].concat();
        assert!(holds(&[row("loans", "血圧計", "lent", &consented)]).holds);
    }
}
