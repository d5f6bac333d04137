use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Provider {
    /// IDプロバイダ（OpenID Connect）を登録する。番号を標準出力に、戻り先のアドレスを標準エラーに
    Add(AddProvider),
    /// 一覧する
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 終わらせる。そのときから、だれもそこからは入れない
    End {
        /// 登録したときの番号
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// プロバイダでの本人の番号（sub）を、アカウントに前もって結び付ける
    Link {
        /// ログイン名
        login: String,
        /// 登録したときの番号
        #[arg(long)]
        provider: String,
        /// プロバイダが本人を呼ぶ番号（ID トークンの sub）
        #[arg(long)]
        subject: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Args)]
pub(crate) struct AddProvider {
    /// staff: 職員を確かめる。patient: 患者を確かめる
    #[arg(long, value_enum)]
    pub(crate) kind: Vouching,
    /// 施設番号（その施設の職員だけを確かめる）。付けなければ、連携基盤を動かす人
    #[arg(long)]
    pub(crate) institution: Option<String>,
    /// 名前（サインインの画面に出る）
    #[arg(long)]
    pub(crate) name: String,
    /// 発行者（issuer）。プロバイダのメタデータと一字一句同じに
    #[arg(long)]
    pub(crate) issuer: String,
    /// プロバイダが決めた、連携基盤の client_id
    #[arg(long)]
    pub(crate) client_id: String,
    /// プロバイダが決めた秘密のファイル（client_secret_basic）
    #[arg(long, required_unless_present = "key", conflicts_with = "key")]
    pub(crate) secret_file: Option<PathBuf>,
    /// 秘密鍵のファイル（private_key_jwt、ES384）。renkei app key で作る
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
    /// 二要素とみなす acr の値（何度でも）。付けなければ、amr が二つの要素を示すことを求める
    #[arg(long)]
    pub(crate) acr: Vec<String>,
    /// amr が一つの要素しか示さなくても入れる。その間、二要素が要ることはできない
    #[arg(long)]
    pub(crate) one_factor: bool,
    /// 患者の被保険者番号が入るクレーム（patient だけ）
    #[arg(long, requires = "checked")]
    pub(crate) claim: Option<String>,
    /// 患者の本人確認で確かめるもの（patient だけ）
    #[arg(long)]
    pub(crate) checked: Option<String>,
    /// 患者の身元確認保証レベル（patient だけ）
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) level: u8,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Vouching {
    Staff,
    Patient,
}
