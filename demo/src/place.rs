//! The institutions, their consulting rooms, and the insurers of 架空県.

/// What an institution does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstitutionKind {
    /// 病院
    Hospital,
    /// 診療所
    Clinic,
    /// 健診センター
    CheckupCentre,
}

/// A fictional institution that sends bundles.
#[derive(Clone, Debug)]
pub struct Institution {
    /// 10 digits; prefecture 49 does not exist, so no real institution can bear it.
    pub number: String,
    /// 名称
    pub name: &'static str,
    /// カナ名称
    pub kana: &'static str,
    /// Hospital, clinic or checkup centre.
    pub kind: InstitutionKind,
    /// 郵便番号; no postcode begins with 000.
    pub postcode: &'static str,
    /// 所在地
    pub address: &'static str,
    /// 電話番号
    pub phone: &'static str,
    /// Who made its record system.
    pub vendor: &'static str,
}

/// A fictional insurer.
#[derive(Clone, Debug)]
pub struct Insurer {
    /// 保険者番号, 8 digits; again of prefecture 49.
    pub number: String,
    /// 名称
    pub name: &'static str,
}

pub(crate) const HOSPITAL: &str = "4919999901";
pub(crate) const CLINIC: &str = "4919999902";
pub(crate) const CHECKUP_CENTRE: &str = "4919999903";

pub(crate) const HEALTH_SOCIETY: &str = "06499901";
pub(crate) const CITY: &str = "00499902";
pub(crate) const ELDERS: &str = "39499903";

/// The three institutions.
#[must_use]
pub fn institutions() -> Vec<Institution> {
    let institution = |number: &str, (name, kana), kind, (postcode, address), phone, vendor| Institution {
        number: number.to_owned(),
        name,
        kana,
        kind,
        postcode,
        address,
        phone,
        vendor,
    };
    vec![
        institution(
            HOSPITAL,
            ("架空中央病院", "カクウチュウオウビョウイン"),
            InstitutionKind::Hospital,
            ("000-0001", "架空県架空市中央１－１－１"),
            "000-1111-0001",
            "架空システムズ",
        ),
        institution(
            CLINIC,
            ("架空ファミリークリニック", "カクウファミリークリニック"),
            InstitutionKind::Clinic,
            ("000-0002", "架空県架空市見本町２－３－４"),
            "000-2222-0002",
            "見本ソフト",
        ),
        institution(
            CHECKUP_CENTRE,
            ("架空健診センター", "カクウケンシンセンター"),
            InstitutionKind::CheckupCentre,
            ("000-0003", "架空県架空市例示台５－６"),
            "000-3333-0003",
            "例示情報",
        ),
    ]
}

/// The three insurers: of employees, of residents, and of those over seventy-four.
#[must_use]
pub fn insurers() -> Vec<Insurer> {
    let insurer = |number: &str, name| Insurer { number: number.to_owned(), name };
    vec![
        insurer(HEALTH_SOCIETY, "架空健康保険組合"),
        insurer(CITY, "架空市国民健康保険"),
        insurer(ELDERS, "架空県後期高齢者医療広域連合"),
    ]
}

/// A consulting room: an institution, a department and the doctor who sits there.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) institution: &'static str,
    /// SS-MIX2 診療科コード and its name.
    pub(crate) department: (&'static str, &'static str),
    /// What the institution itself calls the department.
    pub(crate) sign: &'static str,
    pub(crate) doctor: Doctor,
}

#[derive(Debug)]
pub(crate) struct Doctor {
    pub(crate) id: &'static str,
    pub(crate) name: (&'static str, &'static str),
    pub(crate) kana: (&'static str, &'static str),
}

const fn desk(
    institution: &'static str,
    department: (&'static str, &'static str),
    sign: &'static str,
    doctor: Doctor,
) -> Desk {
    Desk { institution, department, sign, doctor }
}

const fn doctor(
    id: &'static str,
    name: (&'static str, &'static str),
    kana: (&'static str, &'static str),
) -> Doctor {
    Doctor { id, name, kana }
}

pub(crate) static FAMILY: Desk =
    desk(CLINIC, ("01", "内科"), "内科", doctor("F001", ("見本", "町子"), ("ミホン", "マチコ")));
pub(crate) static FAMILY_CHILDREN: Desk =
    desk(CLINIC, ("09", "小児科"), "小児科", doctor("F002", ("見本", "育男"), ("ミホン", "イクオ")));
pub(crate) static CHECKUP: Desk =
    desk(CHECKUP_CENTRE, ("01", "内科"), "健診部", doctor("C001", ("例示", "健一"), ("レイジ", "ケンイチ")));
pub(crate) static NEPHROLOGY: Desk =
    desk(HOSPITAL, ("01", "内科"), "腎臓内科", doctor("H011", ("仮名", "浄"), ("カメイ", "キヨシ")));
pub(crate) static HAEMATOLOGY: Desk =
    desk(HOSPITAL, ("01", "内科"), "血液内科", doctor("H013", ("想定", "紅"), ("ソウテイ", "クレナイ")));
pub(crate) static LIVER: Desk = desk(
    HOSPITAL,
    ("06", "消化器科"),
    "消化器内科",
    doctor("H061", ("想定", "肝太"), ("ソウテイ", "カンタ")),
);
pub(crate) static CARDIOLOGY: Desk =
    desk(HOSPITAL, ("08", "循環器科"), "循環器内科", doctor("H081", ("例示", "脈"), ("レイジ", "ミャク")));
pub(crate) static CHILDREN: Desk =
    desk(HOSPITAL, ("09", "小児科"), "小児科", doctor("H091", ("例示", "育"), ("レイジ", "ハグム")));
pub(crate) static ORTHOPAEDICS: Desk =
    desk(HOSPITAL, ("11", "整形外科"), "整形外科", doctor("H111", ("仮名", "骨男"), ("カメイ", "ホネオ")));
pub(crate) static RESPIRATORY: Desk = desk(
    HOSPITAL,
    ("05", "呼吸器科"),
    "呼吸器内科",
    doctor("H051", ("想定", "息吹"), ("ソウテイ", "イブキ")),
);
pub(crate) static OBSTETRICS: Desk =
    desk(HOSPITAL, ("23", "産婦人科"), "産婦人科", doctor("H231", ("見本", "産子"), ("ミホン", "ウブコ")));
pub(crate) static PSYCHIATRY: Desk =
    desk(HOSPITAL, ("02", "精神科"), "精神科", doctor("H021", ("想定", "心"), ("ソウテイ", "ココロ")));
pub(crate) static SURGERY: Desk =
    desk(HOSPITAL, ("10", "外科"), "外科", doctor("H101", ("例示", "切人"), ("レイジ", "キリト")));
pub(crate) static EMERGENCY: Desk =
    desk(HOSPITAL, ("01", "内科"), "救急科", doctor("H901", ("架空", "急"), ("カクウ", "キュウ")));

/// The institution behind a number of this region.
pub(crate) fn institution(number: &str) -> Institution {
    let mut all = institutions();
    let at = all.iter().position(|one| one.number == number).unwrap_or_default();
    all.swap_remove(at)
}

/// The insurer behind a number of this region.
pub(crate) fn insurer(number: &str) -> Insurer {
    let mut all = insurers();
    let at = all.iter().position(|one| one.number == number).unwrap_or_default();
    all.swap_remove(at)
}
