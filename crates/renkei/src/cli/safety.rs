//! What can be typed about safety management and backups.

use clap::Subcommand;

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Safety {
    /// 検査をいま行い、結果を証拠として残す（serve も毎日行う）。満たさないものがあれば 1 で終わる
    Check {
        /// この施設のアカウントについて。省くと、連携基盤そのものについて
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 施設の、ガイドラインの項目ごとの状態
    Status {
        /// 施設番号
        #[arg(long)]
        institution: String,
        /// はい・いいえ・対象外・未確認のうち、これだけ（yes, no, not-applicable, unconfirmed）
        #[arg(long)]
        standing: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アクセス記録に封をする（serve も毎分行う）
    Seal {
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Subcommand)]
pub(crate) enum Backup {
    /// データベースの写しを、動いている間に作る（serve も毎日行う）。鍵束は含まない
    Make {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 写しの一覧。新しい順
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// いちばん新しい写しを別の場所に戻し、件数と封を確かめ、時間を測る
    Drill {
        #[command(flatten)]
        config: ConfigFile,
    },
}
