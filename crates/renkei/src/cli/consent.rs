//! What can be typed about consent, disasters and reviews.

use clap::{Args, Subcommand};

use super::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum Consent {
    /// 患者が医療機関に与えた閲覧同意を記録する（最長24時間）
    Grant {
        /// 患者ID
        #[arg(long)]
        patient: String,
        /// 医療機関番号（10桁）
        #[arg(long)]
        institution: String,
        /// 閲覧同意区分: diagnosis, treatment, checkup
        #[arg(long, value_delimiter = ',', required = true)]
        groups: Vec<String>,
        /// 有効時間
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=24))]
        hours: i64,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 閲覧同意を取り消す
    Revoke {
        /// 閲覧同意のID（consent list で分かる）
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 患者の閲覧同意と意思を、新しい順に表示する
    List {
        /// 患者ID
        #[arg(long)]
        patient: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 患者の意思を記録する
    Wish {
        /// 患者ID
        #[arg(long)]
        patient: String,
        /// 医療機関番号（10桁）。なければ、すべての医療機関
        #[arg(long)]
        institution: Option<String>,
        /// 閲覧同意区分: diagnosis, treatment, checkup
        #[arg(long, value_delimiter = ',', required = true)]
        groups: Vec<String>,
        /// refuse（見せない）、refuse-always（救急時・災害時も見せない）、withdrawn（取り下げる）
        #[arg(long)]
        stance: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// だれに、何が、どの規則で見えるか、見えないならなぜかを説明する。記録は読まない
    Explain(Explain),
}

#[derive(Args)]
pub(crate) struct Explain {
    /// 見る人の役割: clinician, emergency-clinician, institution, insurer, patient など
    #[arg(long)]
    pub(crate) viewer_role: String,
    /// 見る人の医療機関番号
    #[arg(long)]
    pub(crate) institution: Option<String>,
    /// 見る人のトークンのID（救急時・災害時の閲覧は、開いた本人だけのもの）
    #[arg(long)]
    pub(crate) holder: Option<String>,
    /// 患者ID
    #[arg(long)]
    pub(crate) patient: String,
    /// 目的: TREAT（診療）、ETREAT（救急時）、DISASTER（災害時）、PATRQT（本人の求め）、COVERAGE（保険者）、HOPERAT（運用）
    #[arg(long, default_value = "TREAT")]
    pub(crate) purpose: String,
    /// いつの時点で。既定は今（2026-11-21T09:00 のように書けば日本時間）
    #[arg(long)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
}

#[derive(Subcommand)]
pub(crate) enum Disaster {
    /// 指定する
    Declare {
        /// 都道府県番号（医療機関番号の最初の2桁）。例: 31,32
        #[arg(long, value_delimiter = ',', required = true)]
        prefecture: Vec<String>,
        /// いつから（2026-11-21T09:00 のように書けば日本時間）
        #[arg(long)]
        from: String,
        /// いつまで（その時刻は含まない）
        #[arg(long)]
        until: String,
        /// 災害の名称
        #[arg(long)]
        name: String,
        /// 指定した機関
        #[arg(long)]
        authority: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// いま終わらせる
    End {
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 一覧する
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Subcommand)]
pub(crate) enum Review {
    /// 古い順に表示する。点検を待つものだけ
    List {
        /// 点検の済んだものも表示する
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}
