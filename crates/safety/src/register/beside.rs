//! Machines that reporters saw beside them: each must stand in a register.

use std::collections::HashSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use store::{RegisterRow, Reporter, folded};

use super::cells::Cells;
use super::cross::missing;
use super::findings::Finding;
use crate::report::{Measured, Neighbour, limits, plain_mac};

/// Registers that hold machines.
const ALL: &[&str] = &["devices", "own-devices", "loans"];

/// What the last reports tell of machines beside their reporters, for as long as that counts.
pub(super) fn machines_seen(reporters: &[Reporter], now: Timestamp) -> Vec<(Neighbour, String)> {
    let counts = SignedDuration::from_hours(24 * limits().seen_days);
    let told = reporters.iter().filter(|one| one.is_in_force()).filter_map(|one| {
        let last = one.last.as_ref().filter(|last| now.duration_since(last.at) < counts)?;
        let measured: Measured = serde_json::from_str(&last.measured).ok()?;
        Some((measured.seen?, &one.name))
    });
    told.flat_map(|(seen, by)| seen.into_iter().map(move |one| (one, by.clone()))).collect()
}

/// Machines that were seen and stand in no register, by the address of their network card, their address or their name;
/// each once, whoever saw it.
pub(super) fn machines_unlisted(
    seen: &[(Neighbour, String)],
    open: &[(&RegisterRow, Cells)],
) -> Vec<Finding> {
    let of = |registers: &'static [&'static str], field: &'static str| {
        let rows = open.iter().filter(move |(row, _)| registers.contains(&row.register.as_str()));
        rows.map(move |(_, cells)| cells.text(field)).filter(|text| !text.is_empty())
    };
    let macs: HashSet<String> = of(ALL, "mac").filter_map(plain_mac).collect();
    let labels: HashSet<String> = of(ALL, "label").map(folded).collect();
    let addresses: HashSet<IpAddr> =
        of(&["devices"], "address").filter_map(|text| text.parse().ok()).collect();
    let (mut findings, mut told) = (Vec::new(), HashSet::new());
    for (one, by) in seen {
        let mac = one.mac.as_deref().and_then(plain_mac);
        let is_listed = mac.as_ref().is_some_and(|mac| macs.contains(mac))
            || one.address.is_some_and(|address| addresses.contains(&address))
            || one.hostname.as_deref().is_some_and(|name| labels.contains(&folded(name)));
        let address = one.address.map(|address| address.to_string());
        let name = mac.clone().or_else(|| address.clone()).or_else(|| one.hostname.clone());
        if !is_listed && told.insert(name) {
            let parts = [address, one.mac.clone(), one.hostname.clone(), Some(format!("← {by}"))];
            let subject = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            findings.push(missing("machine-seen", "devices", &subject, &["device_ledger_complete"]));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use store::Holder;

    use super::*;

    fn row(cells: &[(&str, &str)]) -> RegisterRow {
        let by = || Holder { credential: "a".to_owned(), name: "架空 台帳".to_owned() };
        let cells =
            cells.iter().map(|(code, text)| format!("\"{code}\":\"{text}\"")).collect::<Vec<_>>().join(",");
        RegisterRow {
            institution: "4910000001".to_owned(),
            register: "devices".to_owned(),
            id: "x".to_owned(),
            version: 1,
            name: "x".to_owned(),
            state: "in-use".to_owned(),
            is_over: false,
            due: None,
            cells: format!("{{{cells}}}"),
            words: String::new(),
            made_by: by(),
            made_at: Timestamp::UNIX_EPOCH,
            changed_by: by(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn found(seen: &[(Neighbour, String)], rows: &[RegisterRow]) -> Vec<Finding> {
        let open: Vec<(&RegisterRow, Cells)> =
            rows.iter().map(|row| (row, Cells::parse(&row.cells))).collect();
        machines_unlisted(seen, &open)
    }

    fn machine(address: &str, mac: &str) -> Neighbour {
        Neighbour { address: address.parse().ok(), mac: Some(mac.to_owned()), hostname: None }
    }

    #[test]
    fn a_machine_that_two_saw_is_found_once_and_known_by_any_of_its_names() {
        let (one, mac) = (machine("192.0.2.9", "02:00:5e:10:00:09"), "02005e100009");
        let named = Neighbour { hostname: Some("ＰＣ-9".to_owned()), ..machine("192.0.2.10", mac) };
        let by = |one: &Neighbour, name: &str| (one.clone(), name.to_owned());
        let all = found(&[by(&one, "a"), by(&named, "b")], &[]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].subject, "192.0.2.9 02:00:5e:10:00:09 ← a");
        let known = |cells: &[(&str, &str)], machine: &Neighbour| {
            found(&[by(machine, "a")], &[row(cells)]).is_empty()
        };
        assert!(known(&[("address", "192.0.2.9")], &one));
        assert!(known(&[("label", "pc-9")], &named));
        assert!(known(&[("mac", mac)], &one));
        assert!(!known(&[("address", "192.0.2.90"), ("label", "PC-90")], &one));
    }
}
