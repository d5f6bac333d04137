//! Allergens: J-FAGY for food and surroundings, YCM and GCM over YJ codes for drugs.

/// One line of an allergen master.
#[derive(Debug)]
pub(crate) struct Allergen {
    pub(crate) system: &'static str,
    pub(crate) code: &'static str,
    pub(crate) display: &'static str,
    /// FHIR AllergyIntolerance.category
    pub(crate) category: &'static str,
}

const FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
const OTHER: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";
const BRAND: &str = "http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS";
const INGREDIENT: &str = "http://jpfhir.jp/fhir/core/CodeSystem/GCM/JP_JfagyMedicationAllergen_CS";

const fn food(code: &'static str, display: &'static str) -> Allergen {
    Allergen { system: FOOD, code, display, category: "food" }
}

const fn drug(system: &'static str, code: &'static str, display: &'static str) -> Allergen {
    Allergen { system, code, display, category: "medication" }
}

pub(crate) static EGG: Allergen = food("J9FB13110000", "鶏卵");
pub(crate) static MILK: Allergen = food("J9FB12110011", "牛乳");
pub(crate) static PEANUT: Allergen = food("J9FA21180000", "落花生");
pub(crate) static WALNUT: Allergen = food("J9FA32280000", "くるみ");
pub(crate) static BUCKWHEAT: Allergen = food("J9FA19140000", "そば");
pub(crate) static SHRIMP: Allergen = food("J9FC15110000", "えび");
pub(crate) static CEDAR: Allergen =
    Allergen { system: OTHER, code: "J9NK13320000", display: "スギ", category: "environment" };
pub(crate) static MITE: Allergen =
    Allergen {
        system: OTHER, code: "J9NM12110000", display: "ヤケヒョウヒダニ", category: "environment"
    };
pub(crate) static AMOXICILLIN: Allergen = drug(BRAND, "YCM6131001M2020", "サワシリンカプセル２５０");
pub(crate) static PENICILLINS: Allergen =
    drug(INGREDIENT, "GCM6131001M2ZZZ", "【成分名】アモキシシリン水和物");
pub(crate) static LOXOPROFEN: Allergen =
    drug(INGREDIENT, "GCM1149019F1ZZZ", "【成分名】ロキソプロフェンナトリウム水和物");
pub(crate) static IODINE_CONTRAST: Allergen = drug(INGREDIENT, "GCM7219412A1ZZZ", "【成分名】イオパミドール");
