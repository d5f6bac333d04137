//! On which ports this process listens, as the kernel tells, and which it is meant to.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::Reading;
use crate::place::Place;
use crate::report::linux::{LISTEN, Socket, sockets};

pub(super) fn read(place: &Place) -> Vec<Reading> {
    if place.ports.is_empty() {
        return Vec::new();
    }
    let Some(open) = own_ports() else { return Vec::new() };
    let meant: BTreeSet<u16> = place.ports.iter().copied().collect();
    let strange: Vec<u16> = open.difference(&meant).copied().collect();
    let measured = json!({ "open": open, "meant": meant, "not_meant": strange });
    vec![Reading::new("unneeded_services", strange.is_empty(), measured)]
}

/// The ports of this process's own listening sockets; none where the kernel does not tell.
fn own_ports() -> Option<BTreeSet<u16>> {
    let own = own_sockets()?;
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    let mut ports = BTreeSet::new();
    for text in tables.iter().filter_map(|table| fs::read_to_string(table).ok()) {
        let is_own = |socket: &Socket| socket.state == LISTEN && own.contains(&socket.inode);
        ports.extend(sockets(&text).iter().filter(|socket| is_own(socket)).map(|socket| socket.port));
    }
    Some(ports)
}

fn own_sockets() -> Option<BTreeSet<u64>> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    let targets = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let name = |target: std::path::PathBuf| {
        let text = target.to_str()?;
        text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    Some(targets.filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_not_meant_to_be_open_is_found_and_gone_when_it_is_closed() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(own_ports().unwrap().contains(&port));
        let place = Place { ports: vec![1], ..Place::default() };
        assert!(!read(&place)[0].holds);
        drop(socket);
        assert!(!own_ports().unwrap().contains(&port));
    }
}
