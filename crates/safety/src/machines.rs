//! The servers of an institution, as its registers of devices and vendors tell them to the path finder.

use guideline::{Machine, Updater};
use jiff::civil::Date;
use store::RegisterRow;

use crate::register::Cells;

/// Servers in use, each with who updates it for security: a vendor counts as bound by contract where the register of
/// vendors holds a contract that has not ended and says that it covers updates.
pub fn machines(rows: &[RegisterRow], today: Date) -> Vec<Machine> {
    let of = |register: &'static str| rows.iter().filter(move |row| row.register == register && !row.is_over);
    let devices = of("devices").map(|row| (row, Cells::parse(&row.cells)));
    let servers = devices.filter(|(_, cells)| cells.text("device-kind") == "server");
    let machine = |(row, cells): (&RegisterRow, Cells)| {
        let vendor = of("vendors").find(|one| one.name == cells.text("vendor"));
        Machine {
            name: row.name.clone(),
            is_cloud: cells.text("zone") == "cloud",
            updater: updater(&cells, vendor, today),
        }
    };
    servers.map(machine).collect()
}

fn updater(device: &Cells, vendor: Option<&RegisterRow>, today: Date) -> Updater {
    match device.text("updated-by") {
        "institution" => Updater::Institution,
        "vendor" if vendor.is_some_and(|one| updates_by_contract(one, today)) => Updater::VendorByContract,
        "vendor" | "maker-only" => Updater::VendorUnwritten,
        _ => Updater::Unknown,
    }
}

fn updates_by_contract(vendor: &RegisterRow, today: Date) -> bool {
    let cells = Cells::parse(&vendor.cells);
    cells.text("clause-patch") == "yes" && cells.day("contract-end").is_some_and(|end| end >= today)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use store::Holder;

    use super::*;

    fn row(register: &str, id: &str, cells: &str) -> RegisterRow {
        let holder = || Holder { credential: "c".to_owned(), name: "架空 企画".to_owned() };
        RegisterRow {
            institution: "1312345678".to_owned(),
            register: register.to_owned(),
            id: id.to_owned(),
            version: 1,
            name: id.to_owned(),
            state: "in-use".to_owned(),
            is_over: false,
            due: None,
            cells: cells.to_owned(),
            words: String::new(),
            made_by: holder(),
            made_at: Timestamp::UNIX_EPOCH,
            changed_by: holder(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn server(id: &str, updated_by: &str) -> RegisterRow {
        let cells = format!(
            r#"{{"device-kind":"server","zone":"medical","updated-by":"{updated_by}","vendor":"v"}}"#
        );
        row("devices", id, &cells)
    }

    #[test]
    fn a_vendor_is_bound_only_by_a_contract_that_says_so_and_has_not_ended() {
        let of = |clause: &str, today| {
            let vendor = format!(r#"{{"clause-patch":"{clause}","contract-end":"2027-03-31"}}"#);
            let rows = [server("電子カルテ", "vendor"), row("vendors", "v", &vendor)];
            machines(&rows, today)[0].updater
        };
        assert_eq!(of("yes", date(2026, 11, 21)), Updater::VendorByContract);
        assert_eq!(of("no", date(2026, 11, 21)), Updater::VendorUnwritten);
        assert_eq!(of("yes", date(2027, 4, 1)), Updater::VendorUnwritten);
    }

    #[test]
    fn what_the_institution_updates_itself_is_told_and_pcs_are_no_servers() {
        let pc = row("devices", "受付", r#"{"device-kind":"pc","updated-by":"institution"}"#);
        let found = machines(&[pc, server("画像", "institution"), server("検査", "")], date(2026, 11, 21));
        let updaters: Vec<Updater> = found.iter().map(|one| one.updater).collect();
        assert_eq!(updaters, [Updater::Institution, Updater::Unknown]);
    }
}
