//! What can be typed about masters.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Master {
    /// CSV・TSV（UTF-8 または Shift_JIS）を新しい版として取り込む。誤りが一つでもあれば何も取り込まない
    Import(Box<Import>),
    /// 版を並べて示す
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 二つの版の違いを示す
    Diff {
        /// マスタの種類（renkei master list で分かる）
        kind: String,
        /// 前の版
        #[arg(long)]
        from: String,
        /// 後の版
        #[arg(long)]
        to: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 登録済みのすべての情報を、この版で判じ直したときの指摘を数える。患者の情報は出ない。止めても続きから始まる
    Revalidate {
        /// マスタの種類
        kind: String,
        /// 版
        #[arg(long)]
        version: String,
        /// 初めから数え直す
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// A file, and what it is.
#[derive(Args)]
pub(crate) struct Import {
    /// マスタの種類: institutions, lab-items, disease, drug-hot9 など
    pub(crate) kind: String,
    pub(crate) file: PathBuf,
    /// 版の名前（半角英数字と . _ -）
    #[arg(long)]
    pub(crate) version: String,
    /// 使い始める日
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Date,
    /// コードの列（既定は知られている見出し。見出しか、1からの番号で指す）
    #[arg(long, value_name = "COL")]
    pub(crate) code: Option<String>,
    /// 名称の列
    #[arg(long, value_name = "COL")]
    pub(crate) display: Option<String>,
    /// 使える最初の日の列
    #[arg(long, value_name = "COL")]
    pub(crate) from_column: Option<String>,
    /// 使える最後の日の列
    #[arg(long, value_name = "COL")]
    pub(crate) to_column: Option<String>,
    /// 医療機関のすべてを載せたファイルである（載っていない医療機関は利用を終えたものとする）
    #[arg(long)]
    pub(crate) complete: bool,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
}
