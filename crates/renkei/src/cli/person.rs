//! What can be typed about persons: whose a number is, and who is one with whom.

use clap::Subcommand;

use crate::cli::Hub;

#[derive(Subcommand)]
pub(crate) enum Person {
    /// 被保険者番号と、合わせてある人を表示する
    Numbers {
        /// 患者ID、または被保険者番号
        person: String,
        #[command(flatten)]
        hub: Hub,
    },
    /// 二人を一人として合わせる（名寄せ）。どちらの患者IDも同じ記録を指すようになる
    Merge {
        /// 合わせられる人（患者ID、または被保険者番号）
        person: String,
        /// 合わせる先の人（同上）
        #[arg(long)]
        into: String,
        #[command(flatten)]
        hub: Hub,
    },
    /// 誤った名寄せを取り消す。報告単位はそれぞれの番号の人に戻り、その間の閲覧同意は終わる
    Unmerge {
        /// 合わせられていた人（患者ID、または被保険者番号）
        person: String,
        #[command(flatten)]
        hub: Hub,
    },
}
