//! The laboratory's item master: local code, standard code of JLAC10, unit, reference range (JCCLS shared ranges).

/// One item a laboratory reports.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) local: &'static str,
    pub(crate) name: &'static str,
    pub(crate) standard: Standard,
    pub(crate) specimen: Specimen,
    pub(crate) scale: Scale,
    pub(crate) range: Range,
}

/// The second coding beside the local one; it decides whether a result is 検査 or 感染症.
#[derive(Debug)]
pub(crate) enum Standard {
    Core(&'static str, &'static str),
    Infection(&'static str, &'static str),
    Jlac10(&'static str, &'static str),
    Uncoded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Specimen {
    Serum,
    Plasma,
    Blood,
    Urine,
}

impl Specimen {
    /// JLAC10 材料コード and its name.
    pub(crate) fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::Serum => ("023", "血清"),
            Self::Plasma => ("022", "血漿"),
            Self::Blood => ("019", "全血(添加物入り)"),
            Self::Urine => ("001", "尿(含むその他)"),
        }
    }
}

/// How a value is written. On a coded scale the value is the code.
#[derive(Debug)]
pub(crate) enum Scale {
    Quantity { unit: &'static str, code: &'static str, decimals: u8 },
    PosNeg,
    Grade,
    Abo,
    Rh,
}

type Bounds = (Option<f64>, Option<f64>);

#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) male: Bounds,
    pub(crate) female: Bounds,
}

const NO_RANGE: Range = Range { male: (None, None), female: (None, None) };

/// Codes on the positive/negative scale.
pub(crate) const POSITIVE: f64 = 1.0;
pub(crate) const NEGATIVE: f64 = 2.0;

pub(crate) static TP: Lab = Lab {
    local: "10101",
    name: "総蛋白",
    standard: Standard::Core("3A010000002327101", "TP"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "g/dL", code: "g/dL", decimals: 1 },
    range: Range { male: (Some(6.6), Some(8.1)), female: (Some(6.6), Some(8.1)) },
};
pub(crate) static ALB: Lab = Lab {
    local: "10102",
    name: "アルブミン",
    standard: Standard::Core("3A015000002327101", "ALB"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "g/dL", code: "g/dL", decimals: 1 },
    range: Range { male: (Some(4.1), Some(5.1)), female: (Some(4.1), Some(5.1)) },
};
pub(crate) static AST: Lab = Lab {
    local: "10111",
    name: "AST(GOT)",
    standard: Standard::Core("3B035000002327201", "AST"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(13.0), Some(30.0)), female: (Some(13.0), Some(30.0)) },
};
pub(crate) static ALT: Lab = Lab {
    local: "10112",
    name: "ALT(GPT)",
    standard: Standard::Core("3B045000002327201", "ALT"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(10.0), Some(42.0)), female: (Some(7.0), Some(23.0)) },
};
pub(crate) static LD: Lab = Lab {
    local: "10113",
    name: "LD(LDH)",
    standard: Standard::Core("3B050000002327201", "LD"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(124.0), Some(222.0)), female: (Some(124.0), Some(222.0)) },
};
pub(crate) static ALP: Lab = Lab {
    local: "10114",
    name: "ALP",
    standard: Standard::Core("3B070000002327101", "ALP"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(38.0), Some(113.0)), female: (Some(38.0), Some(113.0)) },
};
pub(crate) static GGT: Lab = Lab {
    local: "10115",
    name: "γ-GTP",
    standard: Standard::Core("3B090000002327701", "GGT"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(13.0), Some(64.0)), female: (Some(9.0), Some(32.0)) },
};
pub(crate) static CK: Lab = Lab {
    local: "10116",
    name: "CK",
    standard: Standard::Core("3B010000002327201", "CK"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/L", code: "U/L", decimals: 0 },
    range: Range { male: (Some(59.0), Some(248.0)), female: (Some(41.0), Some(153.0)) },
};
pub(crate) static T_BIL: Lab = Lab {
    local: "10117",
    name: "総ビリルビン",
    standard: Standard::Core("3J010000002327101", "T-Bil"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 1 },
    range: Range { male: (Some(0.4), Some(1.5)), female: (Some(0.4), Some(1.5)) },
};
pub(crate) static BUN: Lab = Lab {
    local: "10121",
    name: "尿素窒素",
    standard: Standard::Core("3C025000002327201", "BUN"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 1 },
    range: Range { male: (Some(8.0), Some(20.0)), female: (Some(8.0), Some(20.0)) },
};
pub(crate) static CRE: Lab = Lab {
    local: "10122",
    name: "クレアチニン",
    standard: Standard::Core("3C015000002327101", "Cre"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 2 },
    range: Range { male: (Some(0.65), Some(1.07)), female: (Some(0.46), Some(0.79)) },
};
pub(crate) static UA: Lab = Lab {
    local: "10123",
    name: "尿酸",
    standard: Standard::Core("3C020000002327101", "UA"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 1 },
    range: Range { male: (Some(3.7), Some(7.8)), female: (Some(2.6), Some(5.5)) },
};
pub(crate) static EGFR: Lab = Lab {
    local: "10124",
    name: "推算GFR",
    standard: Standard::Jlac10("8A065000002391901", "推算GFRcreat_血清_計算法_定量値"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mL/min/1.73m2", code: "mL/min/{1.73_m2}", decimals: 1 },
    range: Range { male: (Some(60.0), None), female: (Some(60.0), None) },
};
pub(crate) static NA: Lab = Lab {
    local: "10131",
    name: "ナトリウム",
    standard: Standard::Core("3H010000002326101", "Na"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mmol/L", code: "mmol/L", decimals: 0 },
    range: Range { male: (Some(138.0), Some(145.0)), female: (Some(138.0), Some(145.0)) },
};
pub(crate) static K: Lab = Lab {
    local: "10132",
    name: "カリウム",
    standard: Standard::Core("3H015000002326101", "K"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mmol/L", code: "mmol/L", decimals: 1 },
    range: Range { male: (Some(3.6), Some(4.8)), female: (Some(3.6), Some(4.8)) },
};
pub(crate) static CL: Lab = Lab {
    local: "10133",
    name: "クロール",
    standard: Standard::Core("3H020000002326101", "Cl"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mmol/L", code: "mmol/L", decimals: 0 },
    range: Range { male: (Some(101.0), Some(108.0)), female: (Some(101.0), Some(108.0)) },
};
pub(crate) static CA: Lab = Lab {
    local: "10134",
    name: "カルシウム",
    standard: Standard::Core("3H030000002327101", "Ca"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 1 },
    range: Range { male: (Some(8.8), Some(10.1)), female: (Some(8.8), Some(10.1)) },
};
pub(crate) static GLU: Lab = Lab {
    local: "10141",
    name: "血糖",
    standard: Standard::Core("3D010000002227101", "BG"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(73.0), Some(109.0)), female: (Some(73.0), Some(109.0)) },
};
pub(crate) static FBG: Lab = Lab {
    local: "10142",
    name: "空腹時血糖",
    standard: Standard::Core("3D010130002227101", "FBG"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(73.0), Some(109.0)), female: (Some(73.0), Some(109.0)) },
};
pub(crate) static HBA1C: Lab = Lab {
    local: "10143",
    name: "HbA1c(NGSP)",
    standard: Standard::Core("3D046000001906202", "HbA1c-NGSP"),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "%", code: "%", decimals: 1 },
    range: Range { male: (Some(4.9), Some(6.0)), female: (Some(4.9), Some(6.0)) },
};
pub(crate) static GA: Lab = Lab {
    local: "10144",
    name: "グリコアルブミン",
    standard: Standard::Jlac10("3D055000002327102", "グリコアルブミン_血清_可視吸光光度法_構成比"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "%", code: "%", decimals: 1 },
    range: Range { male: (Some(11.6), Some(16.4)), female: (Some(11.6), Some(16.4)) },
};
pub(crate) static TG: Lab = Lab {
    local: "10151",
    name: "中性脂肪",
    standard: Standard::Core("3F015000002327101", "TG"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(40.0), Some(234.0)), female: (Some(30.0), Some(117.0)) },
};
pub(crate) static T_CHO: Lab = Lab {
    local: "10152",
    name: "総コレステロール",
    standard: Standard::Core("3F050000002327101", "T-CHO"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(142.0), Some(248.0)), female: (Some(142.0), Some(248.0)) },
};
pub(crate) static HDL: Lab = Lab {
    local: "10153",
    name: "HDLコレステロール",
    standard: Standard::Core("3F070000002327101", "HDL-C"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(38.0), Some(90.0)), female: (Some(48.0), Some(103.0)) },
};
pub(crate) static LDL: Lab = Lab {
    local: "10154",
    name: "LDLコレステロール",
    standard: Standard::Core("3F077000002327101", "LDL-C"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (Some(65.0), Some(163.0)), female: (Some(65.0), Some(163.0)) },
};
pub(crate) static CRP: Lab = Lab {
    local: "10161",
    name: "CRP",
    standard: Standard::Core("5C070000002306201", "CRP"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 2 },
    range: Range { male: (Some(0.00), Some(0.14)), female: (Some(0.00), Some(0.14)) },
};
pub(crate) static BNP: Lab = Lab {
    local: "10162",
    name: "BNP",
    standard: Standard::Core("4Z271000002205101", "BNP"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "pg/mL", code: "pg/mL", decimals: 1 },
    range: Range { male: (None, Some(18.4)), female: (None, Some(18.4)) },
};
pub(crate) static NT_PROBNP: Lab = Lab {
    local: "10163",
    name: "NT-proBNP",
    standard: Standard::Core("4Z272000002305301", "NT-proBNP"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "pg/mL", code: "pg/mL", decimals: 0 },
    range: Range { male: (None, Some(125.0)), female: (None, Some(125.0)) },
};
pub(crate) static WBC: Lab = Lab {
    local: "10201",
    name: "白血球数",
    standard: Standard::Core("2A990000001930952", "WBC"),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "10^3/μL", code: "10*3/uL", decimals: 1 },
    range: Range { male: (Some(3.3), Some(8.6)), female: (Some(3.3), Some(8.6)) },
};
pub(crate) static RBC: Lab = Lab {
    local: "10202",
    name: "赤血球数",
    standard: Standard::Core("2A990000001930951", "RBC"),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "10^6/μL", code: "10*6/uL", decimals: 2 },
    range: Range { male: (Some(4.35), Some(5.55)), female: (Some(3.86), Some(4.92)) },
};
pub(crate) static HB: Lab = Lab {
    local: "10203",
    name: "ヘモグロビン",
    standard: Standard::Core("2A990000001930953", "Hb"),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "g/dL", code: "g/dL", decimals: 1 },
    range: Range { male: (Some(13.7), Some(16.8)), female: (Some(11.6), Some(14.8)) },
};
pub(crate) static HCT: Lab = Lab {
    local: "10204",
    name: "ヘマトクリット",
    standard: Standard::Jlac10(
        "2A990000001930954",
        "末梢血液一般検査_全血(添加物入り)_自動機械法_分析物固有結果コード_ヘマトクリット",
    ),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "%", code: "%", decimals: 1 },
    range: Range { male: (Some(40.7), Some(50.1)), female: (Some(35.1), Some(44.4)) },
};
pub(crate) static PLT: Lab = Lab {
    local: "10205",
    name: "血小板数",
    standard: Standard::Core("2A990000001930955", "PLT"),
    specimen: Specimen::Blood,
    scale: Scale::Quantity { unit: "10^3/μL", code: "10*3/uL", decimals: 0 },
    range: Range { male: (Some(158.0), Some(348.0)), female: (Some(158.0), Some(348.0)) },
};
pub(crate) static PT_INR: Lab = Lab {
    local: "10211",
    name: "PT-INR",
    standard: Standard::Core("2B030000002231157", "PT-INR"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "", code: "1", decimals: 2 },
    range: Range { male: (Some(0.85), Some(1.15)), female: (Some(0.85), Some(1.15)) },
};
pub(crate) static APTT: Lab = Lab {
    local: "10212",
    name: "APTT",
    standard: Standard::Core("2B020000002231101", "APTT"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "秒", code: "s", decimals: 1 },
    range: Range { male: (Some(24.0), Some(39.0)), female: (Some(24.0), Some(39.0)) },
};
pub(crate) static DD: Lab = Lab {
    local: "10213",
    name: "Dダイマー",
    standard: Standard::Core("2B140000002206201", "DD"),
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "μg/mL", code: "ug/mL", decimals: 1 },
    range: Range { male: (None, Some(1.0)), female: (None, Some(1.0)) },
};
pub(crate) static U_PROTEIN: Lab = Lab {
    local: "10301",
    name: "尿蛋白",
    standard: Standard::Core("1A990000000191153", "U-TP"),
    specimen: Specimen::Urine,
    scale: Scale::Grade,
    range: NO_RANGE,
};
pub(crate) static U_GLUCOSE: Lab = Lab {
    local: "10302",
    name: "尿糖",
    standard: Standard::Core("1A990000000191154", "U-Glu"),
    specimen: Specimen::Urine,
    scale: Scale::Grade,
    range: NO_RANGE,
};
pub(crate) static U_BLOOD: Lab = Lab {
    local: "10303",
    name: "尿潜血",
    standard: Standard::Core("1A990000000191159", "U-Bld"),
    specimen: Specimen::Urine,
    scale: Scale::Grade,
    range: NO_RANGE,
};
pub(crate) static U_PC: Lab = Lab {
    local: "10304",
    name: "尿蛋白/Cr比",
    standard: Standard::Core("1A015000000127128", "U-P/C"),
    specimen: Specimen::Urine,
    scale: Scale::Quantity { unit: "g/gCr", code: "g/g{creat}", decimals: 2 },
    range: Range { male: (None, Some(0.15)), female: (None, Some(0.15)) },
};
pub(crate) static U_AC: Lab = Lab {
    local: "10305",
    name: "尿中アルブミン/Cr比",
    standard: Standard::Core("3A015000000106151", "U-A/C"),
    specimen: Specimen::Urine,
    scale: Scale::Quantity { unit: "mg/gCr", code: "mg/g{creat}", decimals: 1 },
    range: Range { male: (None, Some(30.0)), female: (None, Some(30.0)) },
};
pub(crate) static ABO: Lab = Lab {
    local: "10401",
    name: "血液型(ABO)",
    standard: Standard::Core("5H010000001910114", "血液型-ABO"),
    specimen: Specimen::Blood,
    scale: Scale::Abo,
    range: NO_RANGE,
};
pub(crate) static RH: Lab = Lab {
    local: "10402",
    name: "血液型(Rh)",
    standard: Standard::Core("5H020000001910114", "血液型-Rh"),
    specimen: Specimen::Blood,
    scale: Scale::Rh,
    range: NO_RANGE,
};
pub(crate) static HBS_AG: Lab = Lab {
    local: "10501",
    name: "HBs抗原",
    standard: Standard::Infection("5F016141002305111", "HBs抗原(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static HBS_AG_QUANT: Lab = Lab {
    local: "10502",
    name: "HBs抗原定量",
    standard: Standard::Infection("5F016141002305101", "HBs抗原(定量)"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "IU/mL", code: "[IU]/mL", decimals: 2 },
    range: Range { male: (None, Some(0.05)), female: (None, Some(0.05)) },
};
pub(crate) static HBS_AB: Lab = Lab {
    local: "10503",
    name: "HBs抗体",
    standard: Standard::Infection("5F016143002305111", "HBs抗体(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static HCV_AB: Lab = Lab {
    local: "10504",
    name: "HCV抗体",
    standard: Standard::Infection("5F360151102305111", "HCV抗体(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static HCV_RNA: Lab = Lab {
    local: "10505",
    name: "HCV-RNA定量",
    standard: Standard::Infection("5F360145302387501", "HCV核酸増幅検査(定量)"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "LogIU/mL", code: "{LogIU}/mL", decimals: 1 },
    range: Range { male: (None, Some(1.2)), female: (None, Some(1.2)) },
};
pub(crate) static HIV: Lab = Lab {
    local: "10506",
    name: "HIV抗原・抗体",
    standard: Standard::Infection("5F560155002305111", "HIV-1+2抗体・p24抗原(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static RPR: Lab = Lab {
    local: "10507",
    name: "梅毒RPR定性",
    standard: Standard::Infection("5E074000002306211", "梅毒STS(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static RPR_QUANT: Lab = Lab {
    local: "10508",
    name: "梅毒RPR定量",
    standard: Standard::Infection("5E074000002306201", "梅毒STS(定量)"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "R.U.", code: "{RU}", decimals: 1 },
    range: Range { male: (None, Some(1.0)), female: (None, Some(1.0)) },
};
pub(crate) static TPAB: Lab = Lab {
    local: "10509",
    name: "梅毒TP抗体定性",
    standard: Standard::Infection("5E075000002305111", "梅毒TP抗体(定性)"),
    specimen: Specimen::Serum,
    scale: Scale::PosNeg,
    range: NO_RANGE,
};
pub(crate) static TPAB_COI: Lab = Lab {
    local: "10510",
    name: "梅毒TP抗体",
    standard: Standard::Infection("5E075000002305133", "梅毒TP抗体(定量、陽性コントロール比)"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "S/CO", code: "{S_CO_ratio}", decimals: 2 },
    range: Range { male: (None, Some(1.00)), female: (None, Some(1.00)) },
};
pub(crate) static HBV_DNA: Lab = Lab {
    local: "10511",
    name: "HBV-DNA定量",
    standard: Standard::Uncoded,
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "LogIU/mL", code: "{LogIU}/mL", decimals: 1 },
    range: Range { male: (None, Some(1.0)), female: (None, Some(1.0)) },
};
pub(crate) static IGE: Lab = Lab {
    local: "10601",
    name: "総IgE",
    standard: Standard::Jlac10("5A090000002305101", "IgE_血清_化学・生物発光イムノアッセイ(CLIA)_定量値"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "IU/mL", code: "[IU]/mL", decimals: 0 },
    range: Range { male: (None, Some(170.0)), female: (None, Some(170.0)) },
};
pub(crate) static IGE_EGG: Lab = Lab {
    local: "10602",
    name: "特異的IgE 卵白",
    standard: Standard::Uncoded,
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "UA/mL", code: "{UA}/mL", decimals: 2 },
    range: Range { male: (None, Some(0.34)), female: (None, Some(0.34)) },
};
pub(crate) static IGE_MILK: Lab = Lab {
    local: "10603",
    name: "特異的IgE 牛乳",
    standard: Standard::Uncoded,
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "UA/mL", code: "{UA}/mL", decimals: 2 },
    range: Range { male: (None, Some(0.34)), female: (None, Some(0.34)) },
};
pub(crate) static IGE_PEANUT: Lab = Lab {
    local: "10604",
    name: "特異的IgE ピーナッツ",
    standard: Standard::Uncoded,
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "UA/mL", code: "{UA}/mL", decimals: 2 },
    range: Range { male: (None, Some(0.34)), female: (None, Some(0.34)) },
};
pub(crate) static OGTT_60: Lab = Lab {
    local: "10605",
    name: "75gOGTT 1時間値",
    standard: Standard::Uncoded,
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (None, Some(179.0)), female: (None, Some(179.0)) },
};
pub(crate) static OGTT_120: Lab = Lab {
    local: "10606",
    name: "75gOGTT 2時間値",
    standard: Standard::Uncoded,
    specimen: Specimen::Plasma,
    scale: Scale::Quantity { unit: "mg/dL", code: "mg/dL", decimals: 0 },
    range: Range { male: (None, Some(152.0)), female: (None, Some(152.0)) },
};
pub(crate) static TSH: Lab = Lab {
    local: "10607",
    name: "TSH",
    standard: Standard::Jlac10("4A055000002305101", "TSH_血清_化学・生物発光イムノアッセイ(CLIA)_定量値"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "μIU/mL", code: "u[IU]/mL", decimals: 2 },
    range: Range { male: (Some(0.61), Some(4.23)), female: (Some(0.61), Some(4.23)) },
};
pub(crate) static FERRITIN: Lab = Lab {
    local: "10608",
    name: "フェリチン",
    standard: Standard::Jlac10(
        "5C095000002305101",
        "フェリチン_血清_化学・生物発光イムノアッセイ(CLIA)_定量値",
    ),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "ng/mL", code: "ng/mL", decimals: 1 },
    range: Range { male: (Some(39.9), Some(465.0)), female: (Some(6.2), Some(138.0)) },
};
pub(crate) static CEA: Lab = Lab {
    local: "10609",
    name: "CEA",
    standard: Standard::Jlac10("5D010000002305101", "CEA_血清_化学・生物発光イムノアッセイ(CLIA)_定量値"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "ng/mL", code: "ng/mL", decimals: 1 },
    range: Range { male: (None, Some(5.0)), female: (None, Some(5.0)) },
};
pub(crate) static KL6: Lab = Lab {
    local: "10610",
    name: "KL-6",
    standard: Standard::Jlac10("5C210000002305301", "KL-6_血清_化学・生物発光イムノアッセイ(ECLIA)_定量値"),
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/mL", code: "U/mL", decimals: 0 },
    range: Range { male: (None, Some(499.0)), female: (None, Some(499.0)) },
};
pub(crate) static SIL2R: Lab = Lab {
    local: "10611",
    name: "可溶性IL-2レセプター",
    standard: Standard::Uncoded,
    specimen: Specimen::Serum,
    scale: Scale::Quantity { unit: "U/mL", code: "U/mL", decimals: 0 },
    range: Range { male: (Some(122.0), Some(496.0)), female: (Some(122.0), Some(496.0)) },
};
