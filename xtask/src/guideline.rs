//! How much of the guideline is here and what proves it, counted from the tables.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use guideline::{Catalogue, Item, Level, Proof};
use safety::CHECKED;
use safety::register::registers;

use crate::shell::root;

/// Writes `docs/guideline.md`.
pub(crate) fn make() -> Result<(), String> {
    fs::write(path(), page()).map_err(|error| error.to_string())
}

/// Whether the committed page is what the tables give.
pub(crate) fn compare() -> Result<(), String> {
    match fs::read_to_string(path()).unwrap_or_default() == page() {
        true => Ok(()),
        false => {
            Err("docs/guideline.md is not what the tables give: run `cargo xtask regen guideline`".to_owned())
        }
    }
}

fn path() -> PathBuf {
    root().join("docs/guideline.md")
}

fn page() -> String {
    let mut text = "# ガイドラインの項目と証明\n\n\
        `crates/guideline/data/` の表から `cargo xtask regen guideline` で数えています。手で直さないでください。項目の文は、\
        どれもこのプロジェクトの短い言い換えです。原本と照合できていない行は公式様式に載りません。\n\n"
        .to_owned();
    editions(&mut text);
    levels(&mut text);
    controls(&mut text);
    text
}

fn editions(text: &mut String) {
    let all = Catalogue::shipped();
    text.push_str(
        "## 版ごとの項目\n\n| 版 | 発行 | 項目 | 自動 | 台帳 | 文書 | 申告 | 検査だけで決まる | 検査と台帳で決まる | 照合済み | 公式様式に載る |\n",
    );
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    let with_items = all.editions().iter().filter(|one| all.items_of(&one.id).next().is_some());
    for edition in with_items {
        let items: Vec<&Item> = all.items_of(&edition.id).collect();
        row(text, &format!("{} `{}`", edition.ja, edition.id), &edition.published, &items);
    }
    row(text, "計", "", &all.items().iter().collect::<Vec<_>>());
    text.push('\n');
}

fn row(text: &mut String, name: &str, published: &str, items: &[&Item]) {
    let _ = write!(text, "| {name} | {published} | {} |", items.len());
    for proof in Proof::ALL {
        let _ = write!(text, " {} |", items.iter().filter(|item| item.proof == proof).count());
    }
    for proves in [is_checked, is_checked_or_kept] {
        let proved = |item: &&&Item| !item.controls.is_empty() && item.controls.iter().all(|id| proves(id));
        let _ = write!(text, " {} |", items.iter().filter(proved).count());
    }
    let verified = items.iter().filter(|item| item.is_verified).count();
    let printable = items.iter().filter(|item| item.is_printable()).count();
    let _ = writeln!(text, " {verified} | {printable} |");
}

/// Whether a check of the running system reads a control.
fn is_checked(control: &str) -> bool {
    CHECKED.contains(&control)
}

/// Whether a check reads a control, or a register that is kept proves it.
fn is_checked_or_kept(control: &str) -> bool {
    is_checked(control) || registers().iter().any(|one| one.proves.iter().any(|id| id == control))
}

fn levels(text: &mut String) {
    let levels = [
        (Level::OfficialCopy, "公式の本文"),
        (Level::OfficialDraft, "公式の案"),
        (Level::EarlierText, "以前の公式の文書"),
        (Level::Secondary, "公開された解説"),
        (Level::Proposal, "このプロジェクトの提案"),
        (Level::Unseen, "見ていない（推定）"),
    ];
    text.push_str("## どこで見たか\n\n| 出どころ | 項目 |\n|---|--:|\n");
    for (level, name) in levels {
        let count = Catalogue::shipped().items().iter().filter(|item| item.level == level).count();
        let _ = writeln!(text, "| {name} | {count} |");
    }
    text.push('\n');
}

fn controls(text: &mut String) {
    let all = Catalogue::shipped();
    text.push_str("## 管理策と、それが答える項目\n\n| 管理策 | 証拠 | このシステムで | 有効（日） | 項目 | 満たす条件 |\n|---|---|---|--:|--:|---|\n");
    for control in all.controls() {
        let proof = ["自動", "台帳", "文書", "申告"][control.proof as usize];
        let here = match (is_checked(&control.id), is_checked_or_kept(&control.id)) {
            (true, _) => "検査",
            (false, true) => "台帳",
            (false, false) => "",
        };
        let covered = all.covered_by(control).count();
        let _ = writeln!(
            text,
            "| {} `{}` | {proof} | {here} | {} | {covered} | {} |",
            control.ja, control.id, control.fresh_days, control.pass_rule
        );
    }
}
