use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum App {
    /// 鍵の組を作る（つなぐ側で行う）。秘密鍵はファイルに、公開鍵（JWKS）は標準出力に
    Key {
        /// 秘密鍵を書くファイル（すでにあれば上書きしない）
        #[arg(long)]
        out: PathBuf,
    },
    /// 登録する（運用者が行う）。client_id を標準出力に
    Register(Register),
    /// 一覧する
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 終わらせる。貸したトークンもそのとき使えなくなる
    End {
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 鍵で名乗り、トークンを受け取る（つなぐ側で行う）。トークンを標準出力に
    Token {
        /// 登録したときの client_id
        #[arg(long)]
        client_id: String,
        /// 秘密鍵のファイル
        #[arg(long)]
        key: PathBuf,
        /// 求めるスコープ（空白で区切る）
        #[arg(long)]
        scope: String,
        /// 連携基盤のアドレス
        #[arg(long, env = "RENKEI_HUB", default_value = "http://127.0.0.1:8080")]
        hub: String,
    },
}

#[derive(Args)]
pub(crate) struct Register {
    /// 名前（許可する人が読む）
    #[arg(long)]
    pub(crate) name: String,
    /// backend: 施設のシステムがひとりで動く。app: 人が開いて使う
    #[arg(long, value_enum)]
    pub(crate) kind: AppForm,
    /// 医療機関番号（10桁。保険者は8桁）。患者のためのアプリには付けない
    #[arg(long)]
    pub(crate) institution: Option<String>,
    /// 公開鍵（JWKS）のファイル
    #[arg(long)]
    pub(crate) jwks: Option<PathBuf>,
    /// 認可コードを受け取るアドレス（app だけ。何度でも）
    #[arg(long)]
    pub(crate) redirect_uri: Vec<String>,
    /// できることの上限（空白で区切る。例: 'system/Bundle.c system/Task.rs'）
    #[arg(long)]
    pub(crate) scopes: String,
    /// 有効日数
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=1100))]
    pub(crate) days: i64,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AppForm {
    Backend,
    App,
}
