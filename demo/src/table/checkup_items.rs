//! Items of the checkup report (特定健診 item codes), their units and the range printed beside them.

/// A measured item.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    pub(crate) unit: (&'static str, &'static str),
    pub(crate) decimals: u8,
    pub(crate) range: (Option<f64>, Option<f64>),
    /// Name of the specimen, for laboratory items.
    pub(crate) specimen: Option<&'static str>,
}

const fn body(code: &'static str, name: &'static str, unit: &'static str, decimals: u8) -> Item {
    let (category, range) = ("body-measurement", (None, None));
    Item { code, name, category, unit: (unit, unit), decimals, range, specimen: None }
}

const fn serum(
    code: &'static str,
    name: &'static str,
    unit: &'static str,
    range: (Option<f64>, Option<f64>),
) -> Item {
    let specimen = Some("血清");
    Item { code, name, category: "laboratory", unit: (unit, unit), decimals: 0, range, specimen }
}

const fn pressure(code: &'static str, name: &'static str, high: f64) -> Item {
    let (category, unit) = ("vital-signs", ("mmHg", "mm[Hg]"));
    Item { code, name, category, unit, decimals: 0, range: (None, Some(high)), specimen: None }
}

pub(crate) static HEIGHT: Item = body("9N001000000000001", "身長", "cm", 1);
pub(crate) static WEIGHT: Item = body("9N006000000000001", "体重", "kg", 1);
pub(crate) static BMI: Item = body("9N011000000000001", "BMI", "kg/m2", 1);
pub(crate) static WAIST: Item = body("9N016160100000001", "腹囲(実測)", "cm", 1);
pub(crate) static SYSTOLIC: Item = pressure("9A751000000000001", "収縮期血圧(1回目)", 129.0);
pub(crate) static DIASTOLIC: Item = pressure("9A761000000000001", "拡張期血圧(1回目)", 84.0);
pub(crate) static TRIGLYCERIDE: Item =
    serum("3F015000002327101", "空腹時中性脂肪(トリグリセリド)", "mg/dL", (Some(30.0), Some(149.0)));
pub(crate) static HDL: Item = serum("3F070000002327101", "HDLコレステロール", "mg/dL", (Some(40.0), None));
pub(crate) static LDL: Item =
    serum("3F077000002327101", "LDLコレステロール", "mg/dL", (Some(60.0), Some(119.0)));
pub(crate) static AST: Item = serum("3B035000002327201", "AST(GOT)", "U/L", (None, Some(30.0)));
pub(crate) static ALT: Item = serum("3B045000002327201", "ALT(GPT)", "U/L", (None, Some(30.0)));
pub(crate) static GGT: Item = serum("3B090000002327101", "γ-GT(γ-GTP)", "U/L", (None, Some(50.0)));
pub(crate) static URIC_ACID: Item =
    Item { decimals: 1, ..serum("3C020000002327101", "血清尿酸", "mg/dL", (Some(2.1), Some(7.0))) };
pub(crate) static CREATININE: Item = Item {
    decimals: 2,
    ..serum("3C015000002327101", "血清クレアチニン", "mg/dL", (None, Some(1.0)))
};
pub(crate) static EGFR: Item = Item {
    decimals: 1,
    unit: ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
    ..serum("8A065000002391901", "eGFR", "", (Some(60.0), None))
};
pub(crate) static GLUCOSE: Item = Item {
    specimen: Some("血漿"),
    ..serum("3D010000002227101", "空腹時血糖", "mg/dL", (Some(70.0), Some(99.0)))
};
pub(crate) static HBA1C: Item = Item {
    decimals: 1,
    specimen: Some("全血(添加物入り)"),
    ..serum("3D046000001906202", "HbA1c(NGSP値)", "%", (Some(4.6), Some(5.5)))
};

/// An item whose answer is one of a list.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    /// The code system of the answers, after `urn:oid:1.2.392.200119.6.`.
    pub(crate) answers: &'static str,
    pub(crate) choices: &'static [&'static str],
    pub(crate) specimen: Option<&'static str>,
}

const YES_NO: &[&str] = &["はい", "いいえ"];
const GRADES: &[&str] = &["－", "±", "＋", "＋＋", "＋＋＋"];
const NOTABLE: &[&str] = &["特記すべきことあり", "特記すべきことなし"];

const fn question(
    code: &'static str,
    name: &'static str,
    category: &'static str,
    answers: &'static str,
    choices: &'static [&'static str],
) -> Question {
    Question { code, name, category, answers, choices, specimen: None }
}

const fn yes_no(code: &'static str, name: &'static str) -> Question {
    question(code, name, "social-history", "2003", YES_NO)
}

const fn dipstick(code: &'static str, name: &'static str) -> Question {
    Question { specimen: Some("尿"), ..question(code, name, "laboratory", "2102", GRADES) }
}

pub(crate) static PAST_ILLNESS: Question = question("9N056000000000011", "既往歴", "exam", "2001", NOTABLE);
pub(crate) static COMPLAINT: Question = question("9N061000000000011", "自覚症状", "exam", "2001", NOTABLE);
pub(crate) static SIGN: Question = question("9N066000000000011", "他覚症状", "exam", "2001", NOTABLE);
pub(crate) static URINE_GLUCOSE: Question = dipstick("1A020000000191111", "尿糖");
pub(crate) static URINE_PROTEIN: Question = dipstick("1A010000000191111", "尿蛋白");
pub(crate) static METABOLIC: Question = question(
    "9N501000000000011",
    "メタボリックシンドローム判定",
    "survey",
    "1008",
    &["基準該当", "予備群該当", "非該当", "判定不能"],
);
pub(crate) static GUIDANCE: Question = question(
    "9N506000000000011",
    "保健指導レベル",
    "survey",
    "3001",
    &["積極的支援", "動機付け支援", "なし(情報提供)", "判定不能"],
);
pub(crate) static DRUG_PRESSURE: Question = yes_no("9N701000000000011", "服薬1(血圧)");
pub(crate) static DRUG_SUGAR: Question = yes_no("9N706000000000011", "服薬2(血糖)");
pub(crate) static DRUG_LIPID: Question = yes_no("9N711000000000011", "服薬3(脂質)");
pub(crate) static STROKE: Question = yes_no("9N716000000000011", "既往歴1(脳血管)");
pub(crate) static HEART: Question = yes_no("9N721000000000011", "既往歴2(心血管)");
pub(crate) static SMOKING: Question = question(
    "9N736000000000011",
    "喫煙",
    "social-history",
    "24060",
    &["はい", "以前は吸っていたが、最近1ヶ月間は吸っていない", "いいえ"],
);
pub(crate) static EXERCISE: Question = yes_no("9N746000000000011", "30分以上の運動習慣");
pub(crate) static LATE_MEALS: Question = yes_no("9N771000000000011", "食べ方2(就寝前)");
pub(crate) static ALCOHOL: Question = question(
    "9N786000000000011",
    "飲酒",
    "social-history",
    "24040",
    &[
        "毎日",
        "週5～6日",
        "週3～4日",
        "週1～2日",
        "月に1～3日",
        "月に1日未満",
        "やめた",
        "飲まない(飲めない)",
    ],
);

/// 医師の診断(判定), free text.
pub(crate) const OPINION: (&str, &str) = ("9N511000000000049", "医師の診断(判定)");
pub(crate) const ITEM_SYSTEM: &str = "urn:oid:1.2.392.200119.6.1005";
