//! What can be typed. Help, manual page and completions all come from here.

mod access_review;
mod account;
mod alerts;
mod app;
mod consent;
mod device;
mod judging;
mod master;
mod person;
mod policy;
mod probe;
mod provider;
mod proxy;
mod safety;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use access_review::AccessReview;
pub(crate) use account::Account;
pub(crate) use alerts::Alerts;
pub(crate) use app::{App, AppForm, Register};
pub(crate) use consent::{Consent, Disaster, Explain, Review};
pub(crate) use device::{Choice, Device};
pub(crate) use judging::{Package, Table, Terminology, Validate};
pub(crate) use master::{Import, Master};
pub(crate) use person::Person;
pub(crate) use policy::{ExplainPolicy, Policy};
pub(crate) use probe::{Probe, ReportTo};
pub(crate) use provider::{AddProvider, Provider, Vouching};
pub(crate) use proxy::Proxy;
pub(crate) use safety::{Backup, Safety};

/// 連携: 医療機関が患者の同意のもとで診療情報を安全に共有するための基盤（国の電子カルテ情報共有サービスではありません）
#[derive(Parser)]
#[command(name = "renkei", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// 結果を1行1件のJSONで出力する
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// 出力の言語
    #[arg(long, global = true, value_enum, env = "RENKEI_LANG", default_value_t = Lang::Ja)]
    pub(crate) lang: Lang,
    /// 色を使うか（auto は端末のときだけ。NO_COLOR があれば使わない）
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    Ja,
    En,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// 架空の地域を動かす（127.0.0.1 だけで待ち受け、データは終了時に消える）
    Demo(Demo),
    /// 連携基盤を動かす
    Serve(Serve),
    /// この環境で何がおかしいかを調べる
    Doctor(ConfigFile),
    /// 報告単位（FHIR Bundle）を検証・登録・表示する
    #[command(subcommand)]
    Bundle(Bundle),
    /// FHIR パッケージを手元に置く。検証はこれに照らす
    #[command(subcommand)]
    Package(Package),
    /// コード表（MEDIS、YJ、JLAC、J-FAGY など）を手元に置く
    #[command(subcommand)]
    Terminology(Terminology),
    /// マスタ（医療機関、コード表、検査項目）を取り込み、版を比べる
    #[command(subcommand)]
    Master(Master),
    /// 患者の記録を見る
    #[command(subcommand)]
    Patient(Patient),
    /// 人と被保険者番号の対応を見る、二人を一人に合わせる、分ける（運用者）
    #[command(subcommand)]
    Person(Person),
    /// アカウントをつくり、止め、終わらせる（運用者。最初の一人はここから）
    #[command(subcommand)]
    Account(Account),
    /// 権利の棚卸し: アカウントがまだ要るかを本人以外が答え、答えのないものを止める
    #[command(subcommand)]
    AccessReview(AccessReview),
    /// 警告: アクセス記録のなかで、だれかが確かめたほうがよいもの
    #[command(subcommand)]
    Alerts(Alerts),
    /// 安全管理: 検査、ガイドラインの項目の状態
    #[command(subcommand)]
    Safety(Safety),
    /// この機械を測り、署名して連携基盤に知らせる（読むだけで、何も変えない）
    #[command(subcommand)]
    Probe(Probe),
    /// データベースの写し（SQLite）
    #[command(subcommand)]
    Backup(Backup),
    /// 代理人（15歳未満の子の親権者、成年後見人）を登録し、終わらせる
    #[command(subcommand)]
    Proxy(Proxy),
    /// 端末を登録し、承認し、終わらせ、知らない端末での出来事を点検する
    #[command(subcommand)]
    Device(Device),
    /// 監査ログを見る
    #[command(subcommand)]
    Audit(Audit),
    /// 閲覧同意と患者の意思を扱い、だれに何が見えるかを説明する
    #[command(subcommand)]
    Consent(Consent),
    /// だれが何をしてよいかの方針を表示・検査・説明する
    #[command(subcommand)]
    Policy(Policy),
    /// 災害時の閲覧を指定する
    #[command(subcommand)]
    Disaster(Disaster),
    /// 同意によらない閲覧の、事後の点検を見る
    #[command(subcommand)]
    Review(Review),
    /// 通知を申し込み、届いたかを見て、送り直す（FHIR Subscription）
    #[command(subcommand)]
    Subscription(Subscription),
    /// モデル事業の指標を表示する（患者のデータを含まない）
    Figures(FiguresOptions),
    /// 保存期間の満了を見通し、満了したものを消去し、消去証明を出す
    #[command(subcommand)]
    Retention(Retention),
    /// 施設のシステムや業者のアプリを登録する（SMART）
    #[command(subcommand)]
    App(App),
    /// 施設や患者のIDプロバイダ（OpenID Connect）を登録する
    #[command(subcommand)]
    Provider(Provider),
    /// 試すためのトークンを発行・一覧・失効する（つなぐシステムには app を使う）
    #[command(subcommand)]
    Token(Token),
    /// この機械での速さを、同じ走行で測った底値との比で示す
    #[command(subcommand)]
    Bench(Bench),
    /// 国のサービスの全インターフェイスに、この連携基盤の何が応えるかを一覧する
    Conformance {
        /// Markdown のページとして出力する
        #[arg(long)]
        markdown: bool,
    },
    /// シェルの補完を出力する
    Completions { shell: clap_complete::Shell },
    /// マニュアルページを出力する
    Man,
}

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// TLS の証明書（PEM）。renkei.toml の `[tls]` の代わりに使う
    #[arg(long, requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// TLS の秘密鍵（PEM）
    #[arg(long, requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// 端末や人の証明書を出した認証局（PEM）。なければ証明書を求めない
    #[arg(long, requires = "tls_certificate")]
    pub(crate) client_authorities: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Demo {
    #[command(subcommand)]
    pub(crate) command: Option<DemoCommand>,
    /// 待ち受けるポート（0 なら空いているもの）
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// データベース（既定は一時フォルダのSQLite。postgres://… も可）
    #[arg(long)]
    pub(crate) database: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum DemoCommand {
    /// 架空の患者の報告単位をファイルに書き出す
    Data(DemoData),
    /// 地域の一日を演じる: 紹介、夜間救急、災害、取り違えた名寄せ、年末の保存期間。終わりの状態を確かめ、画面で見せる
    Day {
        /// 確かめたら終わる（画面は開かない）
        #[arg(long)]
        once: bool,
    },
}

#[derive(Args)]
pub(crate) struct DemoData {
    /// 患者の数（12以下なら物語のある12人から）
    #[arg(long, default_value_t = 12)]
    pub(crate) patients: usize,
    /// 乱数の種
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// 物語が終わる日（既定は今日）
    #[arg(long)]
    pub(crate) today: Option<jiff::civil::Date>,
    /// 書き出すフォルダ
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args, Clone)]
pub(crate) struct ConfigFile {
    /// 設定ファイル
    #[arg(long, default_value = "renkei.toml", env = "RENKEI_CONFIG")]
    pub(crate) config: PathBuf,
}

/// Where the hub is, for commands that ask one.
#[derive(Args, Clone)]
pub(crate) struct Hub {
    /// 連携基盤のアドレス
    #[arg(long, env = "RENKEI_HUB", default_value = "http://127.0.0.1:8080")]
    pub(crate) hub: String,
    /// トークン（コマンド履歴に残さないため、環境変数を勧める）
    #[arg(long, env = "RENKEI_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
}

#[derive(Subcommand)]
pub(crate) enum Bundle {
    /// ファイル、フォルダ、標準入力を検証する。連携基盤は要らない
    ///
    /// 終了コード: 0 すべて適合、1 不適合がある、2 検証できない
    Validate(Validate),
    /// ファイルを登録する
    Register {
        files: Vec<PathBuf>,
        #[command(flatten)]
        hub: Hub,
    },
    /// 登録された報告単位を、登録されたままのバイト列で出力する
    Show {
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
}

#[derive(Subcommand)]
pub(crate) enum Patient {
    /// 6情報を表示する
    Summary {
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
    /// 見た人を表示する
    SeenBy {
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
}

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// 新しい順に表示する
    List {
        #[command(flatten)]
        hub: Hub,
    },
}

#[derive(Subcommand)]
pub(crate) enum Subscription {
    /// 申込みを一覧する
    List {
        #[command(flatten)]
        hub: Hub,
    },
    /// 申し込む。署名の鍵（whsec_…）はこのとき一度だけ表示される
    Add {
        /// 何を知りたいか: 'Task?owner=番号', 'Task?requester=番号', 'Bundle?_source=番号' など
        #[arg(long)]
        criteria: String,
        /// 通知の送り先（https）
        #[arg(long)]
        endpoint: String,
        /// 申し込む理由
        #[arg(long)]
        reason: String,
        /// いつまで（例: 2027-03-31T00:00:00+09:00）
        #[arg(long)]
        end: Option<jiff::Timestamp>,
        /// 本文なしで知らせる
        #[arg(long)]
        empty: bool,
        #[command(flatten)]
        hub: Hub,
    },
    /// 申込みをやめる
    Remove {
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
    /// 一つの申込みの通知がどうなったかを、新しい順に表示する
    Deliveries {
        /// 申込みのID
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
    /// 通知を同じIDで送り直す
    Resend {
        /// 通知のID（deliveries の先頭の列）
        id: String,
        #[command(flatten)]
        hub: Hub,
    },
}

#[derive(Args)]
pub(crate) struct FiguresOptions {
    /// 初日（既定は末日の27日前）
    #[arg(long)]
    pub(crate) from: Option<jiff::civil::Date>,
    /// 末日（既定は今日）
    #[arg(long)]
    pub(crate) to: Option<jiff::civil::Date>,
    /// CSVで出力する
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) hub: Hub,
}

#[derive(Subcommand)]
pub(crate) enum Retention {
    /// その日までに消えるものを表示する（何も消さない）
    Plan {
        /// この日の終わりまで（既定は今日）
        #[arg(long)]
        at: Option<jiff::civil::Date>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 満了したものを今すぐ消去する（動いている連携基盤は自分で行う）
    Run {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 消去証明を古い順に表示する
    Certificates {
        /// この日から（既定は30日前）
        #[arg(long)]
        since: Option<jiff::civil::Date>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// 発行する。トークンはこのとき一度だけ表示される
    Create {
        /// 役割: institution, clinician, patient, safety-manager, developer, insurer, emergency-clinician, operator
        #[arg(long)]
        role: String,
        /// 持ち主の名前（患者が「見た人」で読む）
        #[arg(long)]
        name: String,
        /// 医療機関番号（10桁。役割が insurer なら保険者番号8桁）
        #[arg(long)]
        institution: Option<String>,
        /// 患者ID（役割が patient のとき）
        #[arg(long)]
        patient: Option<String>,
        /// 有効日数
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=398))]
        days: i64,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 一覧する
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// 失効させる
    Revoke {
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// 登録: 検証・封緘・監査を含む、耐久性のある登録
    Register {
        #[command(flatten)]
        options: BenchOptions,
        /// 比べる相手のFHIRサーバー（同じ本文を {URL}/Bundle に送る。127.0.0.1 だけ）
        #[arg(long)]
        peer: Option<String>,
    },
    /// 閲覧: 許可・監査を含む、報告単位の読み出し
    View(BenchOptions),
    /// 診療情報提供書: 同意つきの登録、紹介先の取得、状況照会
    Refer(BenchOptions),
    /// 紹介先の受信一覧
    Inbox(BenchOptions),
    /// 患者サマリー: IPS の $summary と $everything
    Summary(BenchOptions),
    /// 健診結果報告書: 登録、保険者と本人の閲覧
    Checkup(BenchOptions),
    /// 患者一人の閲覧の速さと保存の大きさを、報告単位の数をふやしながら測る
    Size(SizeOptions),
    /// 保存期間の満了した報告単位を消しながらの閲覧を、消していないときと比べる
    Retention(BenchRetention),
    /// 誤ったサインインが押し寄せるあいだの閲覧を、静かなときと比べる
    Storm(BenchStorm),
    /// 底値のためのサーバー: 行を主キーで読んで返すだけ
    #[command(hide = true)]
    Rows { database: PathBuf, count: usize },
}

#[derive(Args)]
pub(crate) struct BenchOptions {
    /// 一つの測定の秒数
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// 同時に送るクライアントの数
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    pub(crate) clients: Vec<usize>,
    /// 架空の患者の数
    #[arg(long, default_value_t = 200)]
    pub(crate) patients: usize,
}

#[derive(Args)]
pub(crate) struct SizeOptions {
    /// 報告単位の数（小さい順）
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    pub(crate) units: Vec<usize>,
    /// それぞれの大きさで見る患者の数
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) views: u32,
    /// 曲線を SVG で書き出すファイル
    #[arg(long)]
    pub(crate) svg: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BenchRetention {
    /// 満了した報告単位の数
    #[arg(long, default_value_t = 100_000)]
    pub(crate) units: usize,
    /// 消していないときを測る秒数
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// 同時に見るクライアントの数
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) clients: u32,
}

#[derive(Args)]
pub(crate) struct BenchStorm {
    /// 一つの測定の秒数
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// 同時に見るクライアントの数
    #[arg(long, default_value_t = 16)]
    pub(crate) clients: usize,
    /// 1秒あたりの誤ったサインイン
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,
    /// 架空の患者の数
    #[arg(long, default_value_t = 200)]
    pub(crate) patients: usize,
}

impl Lang {
    pub(crate) fn language(self) -> fhir::finding::Language {
        match self {
            Self::Ja => fhir::finding::Language::Japanese,
            Self::En => fhir::finding::Language::English,
        }
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// The demo's own address.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
