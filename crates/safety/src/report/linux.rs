//! What Linux tells of itself in its own texts, read by pure functions. What a text does not say is left out.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::civil::Date;

use super::measured::{Neighbour, System};

/// A socket as `/proc/net/{tcp,tcp6,udp,udp6}` tells of it (proc(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// On which address of the machine.
    pub address: IpAddr,
    /// On which port.
    pub port: u16,
    /// Its state as the kernel numbers them.
    pub state: u8,
    /// Its inode.
    pub inode: u64,
}

/// How the kernel numbers a TCP socket that listens.
pub const LISTEN: u8 = 0x0A;
/// How the kernel numbers a UDP socket that is joined to nobody.
pub const UNCONNECTED: u8 = 0x07;
/// Groups whose members can do everything, by the custom of distributions.
const ADMINISTRATING: &[&str] = &["sudo", "wheel", "admin"];
/// What a machine boots from cannot be encrypted like the rest.
const BOOTS_FROM: &[&str] = &["/boot", "/boot/efi", "/efi"];
/// Interfaces behind which stand parts of the machine itself.
const INNER: &[&str] = &["docker", "virbr", "veth", "lxc", "cni", "podman"];
/// Kinds of chassis that are carried about, and that are not (SMBIOS 3.7 §7.4.1).
const PORTABLE: &[u8] = &[8, 9, 10, 11, 14, 30, 31, 32];
const STANDING: &[u8] = &[3, 4, 5, 6, 7, 13, 15, 16, 17, 23, 24, 25, 28, 29, 33, 34, 35, 36];

/// The system that `/etc/os-release` names.
pub fn system(os_release: &str, kernel: Option<&str>) -> Option<System> {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let text = line.map(|text| text.trim().trim_matches(['"', '\'']).to_owned());
        text.filter(|text| !text.is_empty())
    };
    let kernel = kernel.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(System { name: value("NAME")?, version: value("VERSION").or_else(|| value("VERSION_ID")), kernel })
}

/// The last day on which apt brought updates, by its `history.log`.
pub fn upgraded_by_apt(history: &str) -> Option<Date> {
    let (mut began, mut last) = (None, None);
    for line in history.lines() {
        if let Some(rest) = line.strip_prefix("Start-Date: ") {
            began = first_day(rest);
        } else if line.starts_with("Upgrade: ") {
            last = last.max(began);
        }
    }
    last
}

/// The last day on which dpkg put a newer version in the place of an older one, by its log.
pub fn upgraded_by_dpkg(log: &str) -> Option<Date> {
    let upgrades = log.lines().filter(|line| line.split(' ').nth(2) == Some("upgrade"));
    upgrades.filter_map(first_day).max()
}

fn first_day(text: &str) -> Option<Date> {
    text.split_whitespace().next()?.parse().ok()
}

/// Accounts that can do everything, by `/etc/group` and `/etc/passwd`.
pub fn administrators(group: &str, passwd: &str) -> Vec<String> {
    let groups = group.lines().filter_map(|line| {
        let mut parts = line.split(':');
        let (name, id) = (parts.next()?, parts.nth(1)?);
        ADMINISTRATING.contains(&name).then(|| (id, parts.next().unwrap_or_default()))
    });
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (id, members) in groups {
        ids.insert(id);
        names.extend(members.split(',').map(str::trim).filter(|name| !name.is_empty()));
    }
    for line in passwd.lines() {
        let parts: Vec<&str> = line.split(':').collect();
        if let [name, _, user, group, ..] = parts[..]
            && !name.is_empty()
            && (user == "0" || ids.contains(group))
        {
            names.insert(name);
        }
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The sockets of a table of the kernel.
pub fn sockets(table: &str) -> Vec<Socket> {
    table.lines().filter_map(socket).collect()
}

fn socket(line: &str) -> Option<Socket> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = columns.get(1)?.split_once(':')?;
    Some(Socket {
        address: host(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        state: u8::from_str_radix(columns.get(3)?, 16).ok()?,
        inode: columns.get(9)?.parse().ok()?,
    })
}

/// The kernel writes each four bytes of an address as one number of the machine's own order.
fn host(text: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(text.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    match text.len() {
        8 => Some(IpAddr::from(Ipv4Addr::from(word(0)?))),
        32 => {
            let bytes = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            let bytes: [u8; 16] = bytes.try_into().ok()?;
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

/// Machines beside this one, by `/proc/net/arp`: those that answered, outside of what the machine itself holds.
pub fn neighbours(arp: &str) -> Vec<Neighbour> {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [address, _, flags, mac, _, interface] = columns[..] else { return None };
        let is_complete = u8::from_str_radix(flags.strip_prefix("0x")?, 16).ok()? & 0x2 != 0;
        let is_inner = INNER.iter().any(|name| interface.starts_with(name));
        (is_complete && !is_inner && mac != "00:00:00:00:00:00").then(|| Neighbour {
            address: address.parse().ok(),
            mac: Some(mac.to_owned()),
            hostname: None,
        })
    };
    arp.lines().skip(1).filter_map(row).filter(|one| one.address.is_some()).collect()
}

/// The devices of the file systems on the machine's own disks, by `/proc/self/mountinfo`, but for what it boots from.
pub fn mounted(mountinfo: &str) -> BTreeSet<String> {
    let row = |line: &str| {
        let (place, what) = line.split_once(" - ")?;
        let (place, source) = (place.split(' ').nth(4)?, what.split(' ').nth(1)?);
        let is_disk = source.starts_with("/dev/") && !source.starts_with("/dev/loop");
        (is_disk && !BOOTS_FROM.contains(&place)).then(|| source.to_owned())
    };
    mountinfo.lines().filter_map(row).collect()
}

/// The devices to which memory is written, by `/proc/swaps`.
pub fn swaps(table: &str) -> BTreeSet<String> {
    let row = |line: &str| {
        let mut columns = line.split_whitespace();
        let (device, kind) = (columns.next()?, columns.next()?);
        (kind == "partition" && !device.contains("zram")).then(|| device.to_owned())
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// Whether a machine in a chassis of this kind is carried about, by `/sys/class/dmi/id/chassis_type`.
pub fn is_portable(chassis: &str) -> Option<bool> {
    let kind: u8 = chassis.trim().parse().ok()?;
    (PORTABLE.contains(&kind) || STANDING.contains(&kind)).then(|| PORTABLE.contains(&kind))
}

/// The day of a file of ClamAV's signatures, by the head that stands in front of it.
pub fn clamav_day(head: &[u8]) -> Option<Date> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = String::from_utf8_lossy(head.get(..128)?);
    let mut day = text.strip_prefix("ClamAV-VDB:")?.split(' ');
    let (of_month, month, year) = (day.next()?, day.next()?, day.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Date::new(year.parse().ok()?, i8::try_from(month).ok()?, of_month.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_system_is_named_with_its_version_and_kernel() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n";
        let read = system(text, Some("6.1.0-28-amd64\n")).unwrap();
        assert_eq!(
            (read.name.as_str(), read.version.as_deref()),
            ("Debian GNU/Linux", Some("12 (bookworm)"))
        );
        assert_eq!(read.kernel.as_deref(), Some("6.1.0-28-amd64"));
        assert!(system("ID=x\n", None).is_none());
    }

    #[test]
    fn updates_count_and_installations_do_not() {
        let apt = "\nStart-Date: 2026-11-01  06:00:00\nUpgrade: libssl3:amd64 (3.0.14, 3.0.15)\nEnd-Date: 2026-11-01  06:00:09\n\n\
                   Start-Date: 2026-11-20  09:00:00\nInstall: less:amd64 (590)\n";
        assert_eq!(upgraded_by_apt(apt), Some(date(2026, 11, 1)));
        let dpkg = "2026-11-03 06:00:00 upgrade libc6:amd64 2.36-9 2.36-10\n2026-11-09 06:00:00 install less:amd64 <none> 590\n";
        assert_eq!(upgraded_by_dpkg(dpkg), Some(date(2026, 11, 3)));
        assert_eq!(upgraded_by_dpkg(""), None);
    }

    #[test]
    fn members_of_the_groups_and_whoever_is_root_administer() {
        let group = "root:x:0:\nsudo:x:27:kanri01,hoshu\nstaff:x:50:other\nwheel:x:10:\n";
        let passwd = "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nshu:x:1000:27::/home/shu:/bin/sh\nother:x:1001:50::/:/bin/sh\n";
        assert_eq!(administrators(group, passwd), ["hoshu", "kanri01", "root", "shu", "toor"]);
    }

    #[test]
    fn sockets_are_told_with_their_addresses() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 0100007F:22E3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3941728 1 0 100\n   \
                     1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 105 1 0 100\n";
        let read = sockets(table);
        assert_eq!(read.len(), 2);
        assert!(read[0].address.is_loopback() && read[0].port == 8931 && read[0].inode == 3_941_728);
        assert!(read[1].address.is_unspecified() && read[1].port == 22 && read[1].state == LISTEN);
        let six = "0: 00000000000000000000000001000000:0277 0:0 0A 0:0 0:0 0 0 0 7 1";
        assert!(sockets(six)[0].address.is_loopback());
        let mapped = "0: 0000000000000000FFFF00000100007F:0277 0:0 0A 0:0 0:0 0 0 0 7 1";
        assert!(sockets(mapped)[0].address.is_loopback());
    }

    #[test]
    fn machines_that_answered_are_seen_and_containers_are_not() {
        let arp = "IP address       HW type     Flags       HW address            Mask     Device\n\
                   192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0\n\
                   192.0.2.8        0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                   172.17.0.2       0x1         0x2         02:42:ac:11:00:02     *        docker0\n";
        let seen = neighbours(arp);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].mac.as_deref(), Some("02:fc:00:00:00:05"));
    }

    #[test]
    fn disks_are_those_of_the_machine_without_what_it_boots_from() {
        let table = "22 27 0:21 / /proc rw - proc proc rw\n27 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n\
                     40 27 8:2 / /boot rw - ext4 /dev/sda2 rw\n41 27 7:0 / /snap/core ro - squashfs /dev/loop0 ro\n";
        assert_eq!(mounted(table).into_iter().collect::<Vec<_>>(), ["/dev/mapper/vg-root"]);
        let table = "Filename Type Size Used Priority\n/dev/dm-2 partition 1 0 -2\n/dev/zram0 partition 1 0 100\n/swap file 1 0 -3\n";
        assert_eq!(swaps(table).into_iter().collect::<Vec<_>>(), ["/dev/dm-2"]);
    }

    #[test]
    fn a_chassis_that_says_nothing_of_the_kind_leaves_it_out() {
        assert_eq!(is_portable("10\n"), Some(true));
        assert_eq!(is_portable("3"), Some(false));
        assert_eq!(is_portable("1"), None);
        assert_eq!(is_portable("2"), None);
    }

    #[test]
    fn signatures_tell_their_day() {
        let mut head = b"ClamAV-VDB:21 Nov 2026 08-24 +0000:27500:2060000:63:".to_vec();
        head.resize(512, b' ');
        assert_eq!(clamav_day(&head), Some(date(2026, 11, 21)));
        assert_eq!(clamav_day(b"ClamAV-VDB:"), None);
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_text_reading_it_does_not_fail(text in "[ -~\n\u{3042}:/=]{0,400}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (system(&text, Some(&text)), upgraded_by_apt(&text), upgraded_by_dpkg(&text));
            let _ = (administrators(&text, &text), sockets(&text), neighbours(&text));
            let _ = (mounted(&text), swaps(&text), is_portable(&text), clamav_day(&bytes));
        }

        #[test]
        fn an_address_is_read_as_the_kernel_wrote_it(bytes in any::<[u8; 4]>(), port in any::<u16>()) {
            let line = format!("0: {:08X}:{port:04X} 0:0 0A 0:0 0:0 0 0 0 7 1", u32::from_ne_bytes(bytes));
            let read = sockets(&line);
            prop_assert_eq!((read[0].address, read[0].port), (IpAddr::from(bytes), port));
        }
    }
}
