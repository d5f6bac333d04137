//! What can be typed about terminals. Institutions keep theirs in the console; here the hub's operator helps.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Device {
    /// 端末の台帳を見る
    List {
        /// この施設だけ
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 施設の端末を加え、その端末で打つ登録コードを一度だけ表示する
    Add {
        /// 管理番号（端末に貼ってある番号）
        label: String,
        /// 施設番号
        #[arg(long)]
        institution: String,
        /// コードの代わりに、この端末の証明書（PEM）で登録する
        #[arg(long)]
        certificate: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 登録コードを出し直す（時間切れ、ブラウザーの入れ替えなど）
    Code {
        /// 端末の番号（device list の左端）
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 申し出のあった自分の端末（BYOD）を、期限をつけて承認する
    Approve {
        /// 端末の番号（device list の左端）
        id: String,
        /// 使える最後の日（YYYY-MM-DD、1年以内）
        #[arg(long)]
        until: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 端末の登録を終わらせる。その端末で開いている画面はすべて閉じる
    End {
        /// 端末の番号（device list の左端）
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 登録していない端末での出来事のうち、点検を待つもの
    Findings {
        /// この施設だけ
        #[arg(long)]
        institution: Option<String>,
        /// この番号の点検を済ませる
        #[arg(long)]
        resolve: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 登録していない端末からのサインインをどうするかを見る・変える
    Unregistered {
        /// 施設番号
        #[arg(long)]
        institution: String,
        /// こう変える
        #[arg(value_enum)]
        choice: Option<Choice>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Choice {
    /// 許し、点検に回す（はじめの設定）
    AdmitWithFinding,
    /// 断る
    Refuse,
}
