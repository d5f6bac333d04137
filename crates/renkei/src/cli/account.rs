//! What can be typed about accounts. The first one of a hub is made here; the others in the console.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Account {
    /// アカウントをつくり、本人だけに渡す招待のアドレスを一度だけ表示する
    Invite {
        /// ログイン名（a-z 0-9 . - _ @ の3〜64文字）
        login: String,
        /// 氏名。患者が「見た人」で読む
        #[arg(long)]
        name: String,
        /// 役割: clinician, nurse, safety-manager, planning-manager, operator など
        #[arg(long)]
        role: String,
        /// 施設番号（施設で働く役割に）
        #[arg(long)]
        institution: Option<String>,
        /// 患者ID（患者のアカウントに）
        #[arg(long)]
        patient: Option<String>,
        #[command(flatten)]
        proofing: ProofingArgs,
        /// この日まで（YYYY-MM-DD。保守事業者には必須）
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 招待をやり直す。本人がそれを使うと、前の端末・パスワード・予備コードは使えなくなる
    InviteAnew {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アカウントの一覧
    List {
        /// この施設だけ
        #[arg(long)]
        institution: Option<String>,
        /// 使われていないもの（長くだれも入っていない、招待の期限切れ）だけ
        #[arg(long)]
        idle: bool,
        /// 持ち主がいないもの（終わりの日を過ぎた、施設がない、管理する人がいない）だけ
        #[arg(long)]
        orphan: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アカウントを名簿（CSV）として標準出力に書き出す
    Export {
        /// この施設だけ
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 名簿（CSV）を取り込む。直すところがあれば何もせず、なければ全部を一度に行う
    Import {
        /// CSVファイル（UTF-8 か Shift_JIS）
        file: PathBuf,
        /// 何が起こるかを見るだけで、何も変えない
        #[arg(long)]
        dry_run: bool,
        /// 名簿に出てくる施設の、名簿にいない人のアカウントを終わらせる（最後の管理者は除く）
        #[arg(long)]
        end_missing: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// パスワードだけの例外を、理由と終わりの日を決めて認める
    Except {
        /// ログイン名
        login: String,
        /// 理由
        #[arg(long)]
        reason: String,
        /// この日まで（YYYY-MM-DD）
        #[arg(long)]
        until: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// パスワードだけの例外を終わらせる
    EndException {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// サインインの履歴を新しい順に表示する（30件まで）
    History {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アカウントを止める。開いている画面はすべて閉じる
    Suspend {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 止めたアカウントを再開する
    Reinstate {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アカウントを終わらせる
    End {
        /// ログイン名
        login: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// How it was made sure who it is.
#[derive(Args)]
pub(crate) struct ProofingArgs {
    /// 本人確認で確かめたもの（例: 職員証と対面）
    #[arg(long)]
    pub(crate) checked: String,
    /// 身元確認保証レベル
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) level: u8,
}
