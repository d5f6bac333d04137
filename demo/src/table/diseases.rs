//! Diseases: MEDIS 病名管理番号 (our own numbers of the right form, except where a public sample shows one), name, ICD-10.

/// One line of a disease master.
#[derive(Debug)]
pub(crate) struct Disease {
    pub(crate) key_number: &'static str,
    pub(crate) name: &'static str,
    /// ICD-10 (2013) without the point, and its title.
    pub(crate) icd10: (&'static str, &'static str),
}

const fn disease(
    key_number: &'static str,
    name: &'static str,
    icd10: &'static str,
    title: &'static str,
) -> Disease {
    Disease { key_number, name, icd10: (icd10, title) }
}

pub(crate) static DIABETES_2: Disease =
    disease("20098101", "２型糖尿病", "E119", "2型糖尿病，合併症を伴わないもの");
pub(crate) static DIABETIC_NEPHROPATHY: Disease =
    disease("20098102", "２型糖尿病性腎症", "E112", "2型糖尿病，腎合併症を伴うもの");
pub(crate) static CKD_3: Disease =
    disease("20098103", "慢性腎臓病ステージＧ３ｂ", "N183", "慢性腎臓病，ステージ3");
pub(crate) static CKD_4: Disease =
    disease("20098104", "慢性腎臓病ステージＧ４", "N184", "慢性腎臓病，ステージ4");
pub(crate) static HYPERKALAEMIA: Disease = disease("20098105", "高カリウム血症", "E875", "高カリウム血症");
pub(crate) static RENAL_ANAEMIA: Disease =
    disease("20098106", "腎性貧血", "D638", "他に分類される慢性疾患における貧血");
pub(crate) static HYPERTENSION: Disease =
    disease("20061593", "高血圧症", "I10", "本態性（原発性）高血圧（症）");
pub(crate) static DYSLIPIDAEMIA: Disease = disease("20098107", "脂質異常症", "E785", "高脂血症，詳細不明");
pub(crate) static HYPERURICAEMIA: Disease =
    disease("20098108", "高尿酸血症", "E790", "炎症性関節炎および結節性疾患の徴候を伴わない高尿酸血症");
pub(crate) static FATTY_LIVER: Disease =
    disease("20098109", "脂肪肝", "K760", "脂肪肝，他に分類されないもの");
pub(crate) static IMPAIRED_GLUCOSE: Disease =
    disease("20098110", "耐糖能異常", "R730", "ブドウ糖負荷試験異常");
pub(crate) static PHARYNGITIS: Disease = disease("20098111", "急性咽頭炎", "J029", "急性咽頭炎，詳細不明");
pub(crate) static OTITIS_MEDIA: Disease = disease("20098112", "急性中耳炎", "H669", "中耳炎，詳細不明");
pub(crate) static DRUG_ANAPHYLAXIS: Disease = disease(
    "20098113",
    "薬物アナフィラキシーショック",
    "T886",
    "適正に投与された正しい薬物または薬剤の有害作用によるアナフィラキシーショック",
);
pub(crate) static PNEUMONIA: Disease = disease("20098114", "細菌性肺炎", "J159", "細菌性肺炎，詳細不明");
pub(crate) static LYMPHOMA: Disease =
    disease("20098115", "びまん性大細胞型Ｂ細胞性リンパ腫", "C833", "びまん性大細胞型B細胞性リンパ腫");
pub(crate) static HEPATITIS_B_CARRIER: Disease =
    disease("20098116", "Ｂ型肝炎ウイルスキャリア", "Z225", "ウイルス性肝炎のキャリア");
pub(crate) static NEUTROPENIA: Disease = disease("20098117", "発熱性好中球減少症", "D70", "無顆粒球症");
pub(crate) static PREGNANCY: Disease = disease("20098118", "妊娠", "Z321", "妊娠，（妊娠）が確認されたもの");
pub(crate) static GESTATIONAL_DIABETES: Disease =
    disease("20098119", "妊娠糖尿病", "O244", "妊娠中に発生した糖尿病");
pub(crate) static DELIVERY: Disease = disease("20098120", "正常分娩", "O800", "自然頭位分娩");
pub(crate) static PREGNANCY_ANAEMIA: Disease =
    disease("20098121", "妊娠貧血症", "O990", "妊娠，分娩および産じょくに合併する貧血");
pub(crate) static HIP_FRACTURE: Disease =
    disease("20098122", "大腿骨頚部骨折", "S7200", "大腿骨頚部骨折，閉鎖性");
pub(crate) static OSTEOPOROSIS: Disease =
    disease("20098123", "骨粗鬆症", "M8199", "骨粗しょう症，詳細不明，部位不明");
pub(crate) static INSOMNIA: Disease =
    disease("20098124", "不眠症", "G470", "睡眠の導入および維持の障害［不眠症］");
pub(crate) static KNEE_ARTHROSIS: Disease =
    disease("20098125", "変形性膝関節症", "M179", "膝関節症，詳細不明");
pub(crate) static CONSTIPATION: Disease = disease("20098126", "便秘症", "K590", "便秘");
pub(crate) static DEMENTIA: Disease =
    disease("20098127", "アルツハイマー型認知症", "G309", "アルツハイマー病，詳細不明");
pub(crate) static FOOD_ALLERGY: Disease =
    disease("20098128", "食物アレルギー", "T781", "その他の食物有害反応，他に分類されないもの");
pub(crate) static FOOD_ANAPHYLAXIS: Disease =
    disease("20098129", "食物によるアナフィラキシー", "T780", "有害食物反応によるアナフィラキシーショック");
pub(crate) static ATOPIC_DERMATITIS: Disease =
    disease("20098130", "アトピー性皮膚炎", "L209", "アトピー性皮膚炎，詳細不明");
pub(crate) static DEPRESSION: Disease = disease("20098131", "うつ病", "F329", "うつ病エピソード，詳細不明");
pub(crate) static GASTRIC_CANCER: Disease =
    disease("20054178", "胃癌", "C169", "胃の悪性新生物＜腫瘍＞，胃，部位不明");
pub(crate) static IRON_DEFICIENCY: Disease =
    disease("20098132", "鉄欠乏性貧血", "D509", "鉄欠乏性貧血，詳細不明");
pub(crate) static ALCOHOL_DEPENDENCE: Disease = disease(
    "20098133",
    "アルコール依存症",
    "F102",
    "アルコール使用＜飲酒＞による精神および行動の障害，依存症候群",
);
pub(crate) static ALCOHOLIC_LIVER: Disease =
    disease("20098134", "アルコール性肝障害", "K709", "アルコール性肝疾患，詳細不明");
pub(crate) static ATRIAL_FIBRILLATION: Disease =
    disease("20098135", "非弁膜症性心房細動", "I489", "心房細動および心房粗動，詳細不明");
pub(crate) static HEART_FAILURE: Disease = disease("20098136", "慢性心不全", "I509", "心不全，詳細不明");
pub(crate) static ASTHMA: Disease = disease("20098137", "気管支喘息", "J459", "喘息，詳細不明");
pub(crate) static COPD: Disease =
    disease("20098138", "慢性閉塞性肺疾患", "J449", "慢性閉塞性肺疾患，詳細不明");
pub(crate) static COPD_EXACERBATION: Disease =
    disease("20098139", "慢性閉塞性肺疾患の急性増悪", "J441", "急性増悪を伴う慢性閉塞性肺疾患，詳細不明");
pub(crate) static NICOTINE: Disease =
    disease("20098140", "ニコチン依存症", "F172", "タバコ使用＜喫煙＞による精神および行動の障害，依存症候群");
pub(crate) static HEPATITIS_C: Disease = disease("20098141", "Ｃ型慢性肝炎", "B182", "慢性C型ウイルス性肝炎");
pub(crate) static SYPHILIS: Disease = disease("20098142", "第２期梅毒", "A514", "その他の第2期梅毒");
pub(crate) static COMMON_COLD: Disease = disease("20098143", "感冒", "J00", "急性鼻咽頭炎［かぜ］＜感冒＞");
pub(crate) static POLLINOSIS: Disease =
    disease("20098144", "スギ花粉症", "J301", "花粉によるアレルギー性鼻炎");
