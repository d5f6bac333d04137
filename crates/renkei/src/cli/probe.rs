//! What can be typed on a machine that reports what it measured.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Probe {
    /// 鍵の組を作る。秘密鍵はファイルに、登録する公開鍵（JWK）は標準出力に
    Key {
        /// 秘密鍵を書くファイル（すでにあれば上書きしない）
        #[arg(long)]
        out: PathBuf,
    },
    /// 報告することになる内容を表示する（何も変えず、何も送らない）
    Show,
    /// 測って署名し、送る
    Report(ReportTo),
}

#[derive(Args)]
#[group(id = "where", required = true, multiple = false)]
pub(crate) struct Destination {
    /// 連携基盤のアドレス（https。この機械の上だけ http も）
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// 送らずに、署名したものをこのファイルに書く（10分以内に送る。- は標準出力）
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ReportTo {
    /// 秘密鍵のファイル
    #[arg(long)]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) destination: Destination,
}
