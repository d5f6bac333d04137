//! Tables of codes at hand, beside the packages.

use std::path::Path;

use profile::{Imported, Library, TableForm};
use serde_json::{Value, json};

use crate::cli::{Table, Terminology};
use crate::commands::package::compile;
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;
use crate::library;

pub(crate) fn run(command: Terminology, manner: Manner) -> Result<bool, Fault> {
    match command {
        Terminology::Import(table) => import(*table, manner),
        Terminology::List { library } => list(&Library::open(&library::folder(library.folder)?)?, manner),
        Terminology::Remove { tables, library } => remove(&tables, &library::folder(library.folder)?, manner),
    }
}

fn import(table: Table, manner: Manner) -> Result<bool, Fault> {
    let folder = library::folder(table.library.folder.clone())?;
    let file = table.file.clone();
    let imported = Library::open(&folder)?.import(&file, &form(table))?;
    tell(&imported, manner)?;
    compile(&folder, manner)
}

fn form(table: Table) -> TableForm {
    TableForm {
        system: table.system,
        version: table.table_version,
        is_fragment: table.fragment,
        has_no_names: table.no_names,
        system_column: table.system_column,
        code: table.code,
        display: table.display,
        valid_from: table.from,
        valid_to: table.to,
        others: table.other,
    }
}

fn tell(imported: &Imported, manner: Manner) -> Result<(), Fault> {
    if manner.json {
        let systems =
            imported.systems.iter().map(|(system, codes)| json!({"system": system, "codes": codes}));
        let systems: Vec<Value> = systems.collect();
        let told = json!({"table": imported.name, "systems": systems, "passed": imported.passed});
        return say(&told.to_string());
    }
    for (system, codes) in &imported.systems {
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("table", &imported.name), ("system", system), ("codes", codes)];
        say(&manner.words("terminology.imported", &values))?;
    }
    if let Some(first) = imported.passed.first() {
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("count", &imported.passed.len()), ("first", first)];
        talk(&manner.words("terminology.passed", &values));
    }
    Ok(())
}

fn list(library: &Library, manner: Manner) -> Result<bool, Fault> {
    for table in library.tables() {
        for system in &table.systems {
            let codes = system.concepts().len();
            say(&if manner.json {
                json!({"table": table.name, "system": system.url, "version": system.version, "codes": codes,
                    "complete": table.is_complete})
                .to_string()
            } else {
                format!("{}  {}  {codes}", table.name, system.url)
            })?;
        }
    }
    Ok(true)
}

fn remove(tables: &[String], folder: &Path, manner: Manner) -> Result<bool, Fault> {
    let mut library = Library::open(folder)?;
    for table in tables {
        library.remove_table(table)?;
        talk(&manner.words("package.removed", &[("package", table)]));
    }
    compile(folder, manner)
}
