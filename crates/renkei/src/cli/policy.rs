//! What can be typed about the policy: who may do what, and what an institution adds.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// 役割と操作の対応表を、方針から作って表示する
    Matrix {
        /// Markdown のページとして出力する
        #[arg(long)]
        markdown: bool,
    },
    /// 施設が方針を狭めるファイル（policy.narrow.cedar）を検査する
    Check {
        /// 検査するファイル
        file: PathBuf,
    },
    /// ある役割がある操作をできるか、どの方針によるかを説明する
    Explain(ExplainPolicy),
}

#[derive(Args)]
pub(crate) struct ExplainPolicy {
    /// 役割（nurse など）
    #[arg(long)]
    pub(crate) role: String,
    /// 操作（account-invite など。`renkei policy matrix` に一覧がある）
    #[arg(long)]
    pub(crate) act: String,
    /// 事実。`is_own=yes` のように、いくつでも
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    pub(crate) facts: Vec<String>,
    /// 施設が方針を狭めるファイル
    #[arg(long)]
    pub(crate) narrow: Option<PathBuf>,
}
