//! The system diagram (構成図) as it follows from the registers: zones with their devices, and links to the outside with
//! the boundary of responsibility (責任分界). How it is drawn is not known here.

use store::RegisterRow;

use crate::register::{Cells, register};

/// Zones and links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// Zones that hold a device or a link, in the order of the register; what has no zone comes last.
    pub zones: Vec<Zone>,
    /// Links to the outside.
    pub links: Vec<Link>,
}

/// A zone of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its code; empty for what has none.
    pub code: String,
    /// What stands in it.
    pub devices: Vec<Node>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Id of its row.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// Code of its kind.
    pub kind: String,
    /// Where it stands.
    pub place: String,
}

/// A link to the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Id of its row.
    pub id: String,
    /// Whom it joins.
    pub peer: String,
    /// Code of the line.
    pub line: String,
    /// Code of the zone where it comes in; empty where nobody wrote it.
    pub zone: String,
    /// Where responsibility ends, in words.
    pub boundary: String,
    /// Whether anybody may come by it, or nobody wrote that they may not.
    pub is_open: bool,
}

/// What the registers of an institution say of its network.
pub fn diagram(rows: &[RegisterRow]) -> Diagram {
    let open = |code: &'static str| {
        let of = rows.iter().filter(move |row| row.register == code && !row.is_over);
        of.map(|row| (row, Cells::parse(&row.cells)))
    };
    let links: Vec<Link> = open("connections").map(|(row, cells)| link(row, &cells)).collect();
    let devices: Vec<(String, Node)> =
        open("devices").map(|(row, cells)| (cells.text("zone").to_owned(), node(row, &cells))).collect();
    let known = register("devices").and_then(|one| one.field("zone")).map(|field| field.choices.as_slice());
    let codes = known.unwrap_or_default().iter().cloned().chain([String::new()]);
    let zone = |code: String| Zone {
        devices: devices.iter().filter(|(zone, _)| *zone == code).map(|(_, node)| node.clone()).collect(),
        code,
    };
    let holds = |zone: &Zone| !zone.devices.is_empty() || links.iter().any(|link| link.zone == zone.code);
    Diagram { zones: codes.map(zone).filter(holds).collect(), links }
}

fn node(row: &RegisterRow, cells: &Cells) -> Node {
    Node {
        id: row.id.clone(),
        label: row.name.clone(),
        kind: cells.text("device-kind").to_owned(),
        place: cells.text("place").to_owned(),
    }
}

fn link(row: &RegisterRow, cells: &Cells) -> Link {
    Link {
        id: row.id.clone(),
        peer: row.name.clone(),
        line: cells.text("line").to_owned(),
        zone: cells.text("zone").to_owned(),
        boundary: cells.text("boundary").to_owned(),
        is_open: cells.text("source-restricted") != "yes",
    }
}
