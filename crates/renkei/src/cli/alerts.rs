//! What can be typed about alerts.

use clap::Subcommand;

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Alerts {
    /// 警告の一覧。確かめを待つものだけ
    List {
        /// 確認済みのものも
        #[arg(long)]
        all: bool,
        /// この施設だけ
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 警告を確認済みにする
    Close {
        /// 警告のID
        id: String,
        /// 確かめたこと（7〜1000文字）
        #[arg(long)]
        note: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アクセス記録の新しい部分を確かめる（serve も毎分行う）
    Run {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 見守る人を加える。その記録が見られるたびに警告する
    Watch {
        /// 患者ID
        patient: String,
        /// この施設で見られたときだけ
        #[arg(long)]
        institution: Option<String>,
        /// 見守るのをやめる
        #[arg(long)]
        end: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// アカウントの持ち主がどの患者かを記録する（自分・同僚の記録を見たことが分かるように）
    Holder {
        /// ログイン名
        login: String,
        /// 患者ID（なければ、記録を消す）
        #[arg(long)]
        patient: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 施設のしきい値を決める
    Threshold {
        /// 規則（mass-viewing）
        rule: String,
        /// 何人から
        #[arg(long)]
        from: i64,
        /// 施設番号
        #[arg(long)]
        institution: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}
