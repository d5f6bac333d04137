//! Which volumes bind.

use guideline::{Audience, Circumstances, Machine, OpenQuestion, Updater, Volume, route};

fn machine(name: &str, is_cloud: bool, updater: Updater) -> Machine {
    Machine { name: name.to_owned(), is_cloud, updater }
}

fn clinic(machines: Vec<Machine>) -> Circumstances {
    Circumstances { kind: Some(Audience::Clinic), has_operator: Some(false), machines }
}

#[test]
fn where_a_contract_covers_every_server_two_volumes_suffice() {
    let found = route(&clinic(vec![machine("電子カルテ", true, Updater::VendorByContract)]));
    assert_eq!(found.volumes, [Volume::Overview, Volume::Outsourcing]);
    assert_eq!(found.system_type, Some("Ⅳ"));
    assert!(found.is_small && found.blocking.is_empty() && found.open.is_empty());
}

#[test]
fn the_one_server_that_blocks_the_shorter_path_is_named() {
    let found = route(&clinic(vec![
        machine("電子カルテ", true, Updater::VendorByContract),
        machine("院内画像サーバ", false, Updater::VendorUnwritten),
    ]));
    assert_eq!(found.blocking, [("院内画像サーバ".to_owned(), Updater::VendorUnwritten)]);
    assert_eq!(found.volumes.len(), 4);
    assert_eq!((found.system_type, found.is_mixed), (Some("Ⅲ"), true));
}

#[test]
fn who_has_an_operator_reads_all_volumes_whatever_the_contracts_say() {
    let machines = vec![machine("電子カルテ", false, Updater::VendorByContract)];
    let found = route(&Circumstances { has_operator: Some(true), ..clinic(machines) });
    assert_eq!((found.volumes.len(), found.system_type), (4, Some("Ⅰ")));
    assert!(found.blocking.is_empty() && !found.is_small);
}

#[test]
fn what_is_not_known_is_asked_and_never_makes_the_path_shorter() {
    let found = route(&Circumstances::default());
    assert_eq!(found.open, [OpenQuestion::Kind, OpenQuestion::Operator, OpenQuestion::Machines]);
    assert!(found.volumes.is_empty());
    assert_eq!(route(&clinic(Vec::new())).volumes.len(), 4);
    let unknown = route(&clinic(vec![machine("受付", false, Updater::Unknown)]));
    assert_eq!((unknown.volumes.len(), unknown.blocking.len()), (4, 1));
}
