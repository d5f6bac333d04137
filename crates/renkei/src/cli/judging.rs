//! What can be typed about judging: documents, and what they are judged by.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Validate {
    /// ファイル、フォルダ（*.json と *.ndjson を奥まで）、- は標準入力
    pub(crate) files: Vec<PathBuf>,
    /// 標準入力を1行1文書として読む（*.ndjson は常にそう読む）
    #[arg(long)]
    pub(crate) ndjson: bool,
    /// 照らすパッケージ: 名前、名前#版、.tgz、フォルダ。依存先も使う（既定は置かれているすべて）
    #[arg(long, value_name = "NAME[#VERSION]|FILE|DIR")]
    pub(crate) package: Vec<String>,
    /// パッケージに照らさず、R4 の基本構造とサービスの規則だけで検証する
    #[arg(long, conflicts_with_all = ["package", "profile", "must_support"])]
    pub(crate) no_packages: bool,
    /// 文書が名乗らなくても満たすべきプロファイル（canonical、版は |1.10.0 のように）
    #[arg(long, value_name = "CANONICAL")]
    pub(crate) profile: Vec<String>,
    /// 書かれていない mustSupport の要素も示す
    #[arg(long)]
    pub(crate) must_support: bool,
    #[command(flatten)]
    pub(crate) library: LibraryFolder,
    /// 同時に検証する数（既定は使えるコアの数）
    #[arg(long, short)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// SARIF 2.1.0 で出力する
    #[arg(long, conflicts_with_all = ["outcome", "github", "quiet"])]
    pub(crate) sarif: bool,
    /// 文書ごとの OperationOutcome を1行ずつ出力する
    #[arg(long, conflicts_with_all = ["github", "quiet"])]
    pub(crate) outcome: bool,
    /// GitHub Actions の注釈として出力する
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) github: bool,
    /// 何も出力せず、終了コードだけで答える
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// 進み具合を表示しない（端末でなければ常に表示しない）
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// Where packages are kept.
#[derive(Args, Clone)]
pub(crate) struct LibraryFolder {
    /// パッケージを置くフォルダ（既定は $XDG_DATA_HOME/renkei/packages）
    #[arg(long = "library", value_name = "DIR", env = "RENKEI_PACKAGES")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Package {
    /// パッケージ（.tgz またはフォルダ）を加える
    Add {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        library: LibraryFolder,
    },
    /// 一覧する
    List {
        #[command(flatten)]
        library: LibraryFolder,
    },
    /// 中身、依存先、整っていない点を示す
    Show {
        /// 名前（最も新しい版）または 名前#版
        package: String,
        #[command(flatten)]
        library: LibraryFolder,
    },
    /// 取り除く
    Remove {
        /// 名前#版
        #[arg(required = true)]
        packages: Vec<String>,
        #[command(flatten)]
        library: LibraryFolder,
    },
}

#[derive(Subcommand)]
pub(crate) enum Terminology {
    /// CSV（UTF-8 または Shift_JIS）のコード表を加える。同じ名前の表は入れ替える
    Import(Box<Table>),
    /// 一覧する
    List {
        #[command(flatten)]
        library: LibraryFolder,
    },
    /// 取り除く
    Remove {
        /// 表の名前
        #[arg(required = true)]
        tables: Vec<String>,
        #[command(flatten)]
        library: LibraryFolder,
    },
}

/// How a table of codes is to be read. Columns are told by name, or by number from 1.
#[derive(Args)]
pub(crate) struct Table {
    pub(crate) file: PathBuf,
    /// すべてのコードの system（J-FAGY の表なら要らない）
    #[arg(long, value_name = "URL")]
    pub(crate) system: Option<String>,
    /// コードごとに system が違うとき、その列
    #[arg(long, value_name = "COL")]
    pub(crate) system_column: Option<String>,
    /// コードの列（列は名前か、1からの番号で指す）
    #[arg(long, value_name = "COL")]
    pub(crate) code: Option<String>,
    /// 名称の列
    #[arg(long, value_name = "COL")]
    pub(crate) display: Option<String>,
    /// 使える最初の日の列
    #[arg(long, value_name = "COL")]
    pub(crate) from: Option<String>,
    /// 使える最後の日の列
    #[arg(long, value_name = "COL")]
    pub(crate) to: Option<String>,
    /// 別の名称の列
    #[arg(long, value_name = "COL")]
    pub(crate) other: Vec<String>,
    /// 表の版
    #[arg(long)]
    pub(crate) table_version: Option<String>,
    /// コードの一部だけの表である（表にないコードを誤りとしない）
    #[arg(long)]
    pub(crate) fragment: bool,
    /// 1行目からコードで、列の名前がない
    #[arg(long)]
    pub(crate) no_names: bool,
    #[command(flatten)]
    pub(crate) library: LibraryFolder,
}
