//! What can be typed about proxies: who may act for whom.

use clap::Subcommand;

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Proxy {
    /// 代理人を登録する: 15歳未満の子の親権者（誕生日に終わる）、成年後見人（最後の日が要る）
    Add {
        /// 代理をする人の、患者としてのログイン名
        login: String,
        /// ご本人の患者ID
        #[arg(long)]
        patient: String,
        /// ご本人の生年月日（YYYY-MM-DD）。記録と合わなければ登録しない
        #[arg(long)]
        birth: jiff::civil::Date,
        /// 続柄: parent（親権者）, guardian（成年後見人）
        #[arg(long)]
        relation: String,
        /// 確かめた書類（例: 戸籍全部事項証明書と運転免許証）
        #[arg(long)]
        checked: String,
        /// 最後の日（YYYY-MM-DD。成年後見人には必須）
        #[arg(long)]
        until: Option<jiff::civil::Date>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 代理人の一覧
    List {
        /// この施設が登録したものだけ
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 代理を終わらせる
    End {
        /// 代理のID（proxy list で分かる）
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}
