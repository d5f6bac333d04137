//! What can be typed about access reviews.

use clap::Subcommand;

use crate::cli::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum AccessReview {
    /// 棚卸しを始める。使われているアカウントのすべてが対象になる
    Open {
        /// 名称
        #[arg(long)]
        name: String,
        /// 期日（YYYY-MM-DD。この日の終わりまで答えられる）
        #[arg(long)]
        due: jiff::civil::Date,
        /// この施設のアカウント（なければ、施設に属さない役割と保険者）
        #[arg(long)]
        institution: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 棚卸しの一覧と進み具合
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 一つの棚卸しの権利と答え
    Show {
        /// 棚卸しのID
        id: String,
        /// CSVで出力する（証跡）
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 権利に答える。ここから答えられるのは、施設に属さない役割と保険者だけ（施設の権利には施設の管理者が画面で答える）
    Answer {
        /// 棚卸しのID
        id: String,
        /// ログイン名
        login: String,
        /// もう要らない理由。書けばアカウントを止める。書かなければ、まだ要るという答えになる
        #[arg(long)]
        withdraw: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 期日の過ぎた棚卸しを終え、答えのないアカウントを止める（serve も毎分行う）
    Run {
        #[command(flatten)]
        config: ConfigFile,
    },
}
