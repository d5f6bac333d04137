//! In the demo, machines of the hospital that report: a ward's PC with nothing wrong of its own that sees a machine in no
//! register, and a VPN device that is too old. Each report is signed and taken as any other.

use std::path::Path;

use access::Act;
use identity::app::{Curve, SigningKey};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use safety::Safety;
use safety::report::{Enrolment, NotEnrolled, NotTaken};
use serde_json::{Value, json};
use store::Fault as StoreFault;

use crate::commands::demo::registers::{RULE, viewer};
use crate::fault::Fault;

/// A machine, as somebody registered it.
struct Machine {
    name: &'static str,
    device: &'static str,
    ports: &'static str,
    administrators: &'static str,
    measured: Value,
}

/// From which versions on the fictional VPN products of the region are good: kept by its operator, and looked at today.
pub(crate) fn vpn_table(file: &Path, today: Date) -> Result<(), Fault> {
    let table = format!(
        "checked_on = \"{today}\"\nholds_days = 90\n[[product]]\nname = \"KakuuOS\"\nsource = \"架空ネット機器の告知\"\n\
         branch = [{{ of = \"7.0\", least = \"7.0.9\", why = \"架空の脆弱性（認証の回避）\" }}]\n"
    );
    std::fs::write(file, table).map_err(|error| Fault::File(file.to_owned(), error))
}

/// Registers the machines and has each report once.
pub(crate) async fn report(safety: &Safety, hospital: &str, now: Timestamp) -> Result<(), Fault> {
    let act = Act { now, request: "demo".to_owned() };
    for machine in machines(act.today()) {
        let (key, _) = SigningKey::generate(Curve::P256).map_err(|fault| Fault::Usage(fault.to_string()))?;
        let one = Enrolment {
            name: machine.name.to_owned(),
            device: machine.device.to_owned(),
            jwk: key.jwk().to_string(),
            ports: machine.ports.to_owned(),
            administrators: machine.administrators.to_owned(),
        };
        let by = viewer("架空 情報", hospital);
        safety.enrol_reporter(&by, RULE, hospital, one, &act).await.map_err(not_enrolled)?;
        let said = json!({"iat": now.as_second(), "jti": machine.name, "measured": machine.measured});
        let sent = key.signed("renkei-report", &said).map_err(|fault| Fault::Usage(fault.to_string()))?;
        safety.take_report(sent.as_bytes(), &act).await.map_err(not_taken)?;
    }
    Ok(())
}

fn machines(today: Date) -> [Machine; 2] {
    let day = |ago: i64| today.saturating_sub(SignedDuration::from_hours(24 * ago));
    let port = |port: u16, protocol: &str| json!({"port": port, "protocol": protocol});
    [
        Machine {
            name: "3階東病棟ノートPC",
            device: "PC-001",
            ports: "22",
            administrators: "kanri01",
            measured: json!({
                "os": {"name": "架空OS", "version": "11 24H2"},
                "updated_on": day(5),
                "portable": true,
                "disk_encryption": "all",
                "antivirus": {"name": "架空アンチウイルス", "signatures_on": day(0)},
                "local_administrators": ["kanri01"],
                "listening": [port(22, "tcp")],
                "seen": [
                    {"address": "192.0.2.11", "mac": "02:00:5e:10:00:11", "hostname": "SV-EMR-01"},
                    {"address": "192.0.2.77", "mac": "02:00:5e:10:00:77", "hostname": "WIFI-CAMERA"},
                ],
            }),
        },
        Machine {
            name: "保守回線のVPN装置",
            device: "NW-VPN-01",
            ports: "443, 500/udp",
            administrators: "kanri01",
            measured: json!({
                "updated_on": day(900),
                "local_administrators": ["kanri01", "hoshu-kyoyu"],
                "listening": [port(443, "tcp"), port(500, "udp"), port(22, "tcp")],
                "vpn": {"product": "KakuuOS", "version": "7.0.1"},
            }),
        },
    ]
}

fn not_enrolled(why: NotEnrolled) -> Fault {
    match why {
        NotEnrolled::Store(fault) => Fault::Store(fault),
        why => unreachable!("the machines of the demo can be registered: {why}"),
    }
}

fn not_taken(why: NotTaken) -> StoreFault {
    match why {
        NotTaken::Store(fault) => fault,
        NotTaken::Report(why) => unreachable!("the reports of the demo can be taken: {why}"),
    }
}
