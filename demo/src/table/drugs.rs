//! Drugs: YJ codes of twelve characters (some only of the right form), dose units of MERIT-9, usage codes of the e-prescription.

/// One line of a drug master.
#[derive(Debug)]
pub(crate) struct Drug {
    pub(crate) yj: &'static str,
    pub(crate) name: &'static str,
    /// MERIT-9 unit: code and word.
    pub(crate) unit: (&'static str, &'static str),
}

/// When a drug is taken.
#[derive(Debug)]
pub(crate) struct Usage {
    /// 電子処方箋 用法コード
    pub(crate) code: &'static str,
    pub(crate) display: &'static str,
    /// Words of the prescriber.
    pub(crate) text: &'static str,
    /// Doses a day; 0 for as needed.
    pub(crate) doses: u8,
    /// Days between doses, 1 unless weekly.
    pub(crate) every_days: u8,
}

const TAB: (&str, &str) = ("TAB", "錠");
const CAP: (&str, &str) = ("CAP", "カプセル");
const PUFF: (&str, &str) = ("KO", "個");
const PACK: (&str, &str) = ("PCK", "包");

const fn drug(yj: &'static str, name: &'static str, unit: (&'static str, &'static str)) -> Drug {
    Drug { yj, name, unit }
}

pub(crate) static METFORMIN: Drug = drug("3962002F2027", "メトグルコ錠２５０ｍｇ", TAB);
pub(crate) static SITAGLIPTIN: Drug = drug("3969010F2030", "ジャヌビア錠５０ｍｇ", TAB);
pub(crate) static LINAGLIPTIN: Drug = drug("3969014F1024", "トラゼンタ錠５ｍｇ", TAB);
pub(crate) static DAPAGLIFLOZIN: Drug = drug("3969019F2023", "フォシーガ錠１０ｍｇ", TAB);
pub(crate) static AMLODIPINE: Drug = drug("2171022F2022", "ノルバスク錠５ｍｇ", TAB);
pub(crate) static TELMISARTAN: Drug = drug("2149042F2020", "ミカルディス錠４０ｍｇ", TAB);
pub(crate) static ROSUVASTATIN: Drug = drug("2189017F1022", "クレストール錠２．５ｍｇ", TAB);
pub(crate) static FEBUXOSTAT: Drug = drug("3949003F1024", "フェブリク錠１０ｍｇ", TAB);
pub(crate) static POTASSIUM_BINDER: Drug = drug("2190043B1026", "ロケルマ懸濁用散分包５ｇ", PACK);
pub(crate) static ENTECAVIR: Drug = drug("6250029F1024", "バラクルード錠０．５ｍｇ", TAB);
pub(crate) static PREDNISOLONE: Drug = drug("2456001F1310", "プレドニン錠５ｍｇ", TAB);
pub(crate) static RABEPRAZOLE: Drug = drug("2329028F1023", "パリエット錠１０ｍｇ", TAB);
pub(crate) static ACETAMINOPHEN: Drug = drug("1141007F1063", "カロナール錠３００", TAB);
pub(crate) static LOXOPROFEN: Drug = drug("1149019F1560", "ロキソニン錠６０ｍｇ", TAB);
pub(crate) static LEMBOREXANT: Drug = drug("1190027F1022", "デエビゴ錠２．５ｍｇ", TAB);
pub(crate) static ZOLPIDEM: Drug = drug("1129009F1025", "マイスリー錠５ｍｇ", TAB);
pub(crate) static ESCITALOPRAM: Drug = drug("1179054F1022", "レクサプロ錠１０ｍｇ", TAB);
pub(crate) static DONEPEZIL: Drug = drug("1190012F2021", "アリセプト錠５ｍｇ", TAB);
pub(crate) static ALENDRONATE: Drug = drug("3999018F2032", "フォサマック錠３５ｍｇ", TAB);
pub(crate) static MAGNESIUM: Drug = drug("2344009F2023", "マグミット錠３３０ｍｇ", TAB);
pub(crate) static FEROTYM: Drug = drug("3222013F1068", "フェロミア錠５０ｍｇ", TAB);
pub(crate) static WARFARIN: Drug = drug("3332001F1024", "ワーファリン錠１ｍｇ", TAB);
pub(crate) static APIXABAN: Drug = drug("3339004F2023", "エリキュース錠５ｍｇ", TAB);
pub(crate) static BISOPROLOL: Drug = drug("2123016F1107", "メインテート錠２．５ｍｇ", TAB);
pub(crate) static FUROSEMIDE: Drug = drug("2139005F2346", "ラシックス錠２０ｍｇ", TAB);
pub(crate) static MONTELUKAST: Drug = drug("4490026F2029", "キプレス錠１０ｍｇ", TAB);
pub(crate) static BUDESONIDE_FORMOTEROL: Drug =
    drug("2290801G1023", "シムビコートタービュヘイラー６０吸入", PUFF);
pub(crate) static TIOTROPIUM: Drug = drug("2259710G2020", "スピリーバ２．５μｇレスピマット６０吸入", PUFF);
pub(crate) static MAVIRET: Drug = drug("6250112F1028", "マヴィレット配合錠", TAB);
pub(crate) static CARBOCISTEINE: Drug = drug("2233002F1280", "カルボシステイン錠２５０ｍｇ「サワイ」", TAB);
pub(crate) static FEXOFENADINE: Drug = drug("4490023F2024", "アレグラ錠６０ｍｇ", TAB);
pub(crate) static CLARITHROMYCIN: Drug = drug("6149003F2038", "クラリス錠２００", TAB);
pub(crate) static LEVOFLOXACIN: Drug = drug("6241013F3020", "クラビット錠５００ｍｇ", TAB);
pub(crate) static DOXYCYCLINE: Drug = drug("6152004F2074", "ビブラマイシン錠１００ｍｇ", TAB);
pub(crate) static PREGABALIN: Drug = drug("1190017M1028", "リリカカプセル７５ｍｇ", CAP);

const fn usage(
    code: &'static str,
    display: &'static str,
    text: &'static str,
    doses: u8,
    every_days: u8,
) -> Usage {
    Usage { code, display, text, doses, every_days }
}

pub(crate) static MORNING: Usage = usage("1011040000000000", "１日１回朝食後　服用", "1日1回 朝食後", 1, 1);
pub(crate) static EVENING: Usage = usage("1011000400000000", "１日１回夕食後　服用", "1日1回 夕食後", 1, 1);
pub(crate) static TWICE: Usage = usage("1012040400000000", "１日２回朝夕食後　服用", "1日2回 朝夕食後", 2, 1);
pub(crate) static THRICE: Usage =
    usage("1013044400000000", "１日３回朝昼夕食後　服用", "1日3回 毎食後", 3, 1);
pub(crate) static BEDTIME: Usage = usage("1011000090000000", "１日１回就寝前　服用", "1日1回 就寝前", 1, 1);
pub(crate) static WEEKLY: Usage = usage("1011100000000000", "１日１回起床時　服用", "週1回 起床時", 1, 7);
pub(crate) static WHEN_IN_PAIN: Usage = usage("1050110000000000", "疼痛時　服用", "疼痛時", 0, 1);
pub(crate) static WHEN_SLEEPLESS: Usage = usage("1050610000000000", "不眠時　服用", "不眠時", 0, 1);
