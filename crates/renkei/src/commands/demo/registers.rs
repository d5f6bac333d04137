//! In the demo, the hospital's registers: fictional rows with faults that a look at them finds.

use std::collections::{BTreeMap, HashSet};

use access::{Act, Role, Viewer};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use safety::register::{Cells, Definition, FieldType, NotKept, make, move_row, register};
use serde::Deserialize;
use store::{Fault, Store};

#[derive(Deserialize)]
struct Rows {
    row: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    register: String,
    #[serde(default)]
    moves: Vec<String>,
    cells: BTreeMap<String, String>,
}

/// Said with every move, where something must be.
const NOTE: &str = "訪問先から戻る途中で鞄ごと見当たらなくなった。遠隔消去を送り、警察に届けた。";
const RULE: &str = "operator";

/// Fills the registers of the hospital.
pub(crate) async fn fill(store: &Store, hospital: &str, now: Timestamp) -> Result<(), Fault> {
    let rows: Rows = toml::from_str(include_str!("registers.toml"))
        .expect("registers.toml is compiled in and every test of the demo reads it");
    let act = Act { now, request: "demo".to_owned() };
    let [keeper, approver] = ["架空 情報", "架空 企画"].map(|name| viewer(name, hospital));
    let mut names: HashSet<(String, String)> = HashSet::new();
    for row in rows.row {
        let Some(definition) = register(&row.register) else { continue };
        let typed = |code: &str| cell(definition, code, &row.cells, act.today());
        let known = |of: &str, name: &str| names.contains(&(of.to_owned(), name.to_owned()));
        let cells = Cells::read(definition, typed, &known, act.today());
        let cells = cells.unwrap_or_else(|faults| unreachable!("{} {faults:?}", row.register));
        names.insert((row.register.clone(), cells.text(&definition.name).to_owned()));
        let by = match cells.text("taken-by") {
            "" => keeper.clone(),
            name => viewer(name, hospital),
        };
        let id = make(store, &by, RULE, hospital, definition, cells, &act).await.map_err(fault)?;
        for step in &row.moves {
            move_on(store, &approver, hospital, definition, &id, step, &act).await?;
        }
    }
    Ok(())
}

async fn move_on(
    store: &Store,
    by: &Viewer,
    hospital: &str,
    definition: &Definition,
    id: &str,
    step: &str,
    act: &Act,
) -> Result<(), Fault> {
    let row = store.register_row(hospital, &definition.code, id).await?;
    let versions = store.register_versions(hospital, &definition.code, id).await?;
    let made = definition.moves.iter().find(|one| one.code == step);
    let Some((row, made)) = row.zip(made) else { return Ok(()) };
    let note = if made.note { NOTE } else { "" };
    move_row(store, by, RULE, definition, (row, &versions), made, note, act).await.map_err(fault)
}

/// A cell as it is typed: days are told from today on, as in `-30` and `+200`.
fn cell(definition: &Definition, code: &str, cells: &BTreeMap<String, String>, today: Date) -> String {
    let text = cells.get(code).cloned().unwrap_or_default();
    let is_day = definition.field(code).is_some_and(|field| field.kind == FieldType::Date);
    match text.parse::<i64>() {
        Ok(days) if is_day => today.saturating_add(SignedDuration::from_hours(24 * days)).to_string(),
        _ => text,
    }
}

/// One of the hospital's people, by a name that the registers use.
pub(super) fn viewer(name: &str, hospital: &str) -> Viewer {
    Viewer {
        credential: format!("demo-{name}"),
        name: name.to_owned(),
        role: Role::PlanningManager,
        institution: Some(hospital.to_owned()),
        ..Viewer::hub()
    }
}

fn fault(why: NotKept) -> Fault {
    match why {
        NotKept::Store(fault) => fault,
        why => unreachable!("the rows of the demo can be kept: {why}"),
    }
}
