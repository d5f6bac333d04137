//! Every system, canonical and profile address the service uses, by name.
//!
//! Sources: "CLINS" = jp-eCSCLINS 1.10.0, "eCheckup" = jp-eCheckupReport 1.5.0, "R4" = FHIR 4.0.1. A canonical stands
//! here without `|version`; compare with [`canonical_of`].

/// The part of a canonical before `|version`.
#[must_use]
pub fn canonical_of(profile: &str) -> &str {
    profile.split_once('|').map_or(profile, |(canonical, _)| canonical)
}

/// The code system of our finding codes (`RK-…`) in an OperationOutcome. Ours.
pub const FINDING_CODE: &str = "urn:renkei:finding";
/// The code system of rule ids (`R0211`, `R4`) in an OperationOutcome. Ours; the ids are the guides'.
pub const FINDING_RULE: &str = "urn:renkei:rule";
/// Line of an issue. HL7 extensions pack; not part of the R4 core package, but used with R4 by the official validator.
pub const ISSUE_LINE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
/// Column of an issue. As [`ISSUE_LINE`].
pub const ISSUE_COL: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";

/// Profile of the 5情報 Bundle (collection). CLINS.
pub const BUNDLE_CLINS: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS";
/// Profile of the 診療情報提供書 Bundle. CLINS.
pub const BUNDLE_REFERRAL: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral";
/// Profile of the 退院時サマリー Bundle. CLINS.
pub const BUNDLE_DISCHARGE: &str =
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eDischargeSummary";
/// Profile of the 患者サマリー Bundle. CLINS.
pub const BUNDLE_SUMMARY: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_ePCS";
/// Profile of the 健診結果報告書 Bundle. eCheckup.
pub const BUNDLE_CHECKUP: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eCheckupGeneral";
/// Profile of the referral's Composition. CLINS.
pub const COMPOSITION_REFERRAL: &str =
    "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral";
/// Profile of the discharge summary's Composition. CLINS.
pub const COMPOSITION_DISCHARGE: &str =
    "http://jpfhir.jp/fhir/eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary";
/// Profile of the patient summary's Composition. CLINS.
pub const COMPOSITION_SUMMARY: &str = "http://jpfhir.jp/fhir/ePCS/StructureDefinition/JP_Composition_ePCS";
/// Profile of the checkup's Composition. eCheckup.
pub const COMPOSITION_CHECKUP: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Composition_eCheckupGeneral";
/// Profile of the Patient. CLINS.
pub const PATIENT: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS";
/// Profile of a disease. CLINS.
pub const CONDITION: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Condition_eCS";
/// Profile of an allergy. CLINS.
pub const ALLERGY: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_AllergyIntolerance_eCS";
/// Profile of a laboratory result or an infection. CLINS.
pub const LAB_RESULT: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS";
/// Profile of a prescription. CLINS.
pub const MEDICATION_REQUEST: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS";
/// Profile of other observations inside documents. CLINS.
pub const OBSERVATION_COMMON: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_Common_eCS";
/// Profile of a doctor. CLINS.
pub const PRACTITIONER: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Practitioner_eCS";
/// Profile of an institution. CLINS.
pub const ORGANIZATION: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Organization_eCS";
/// Profile of a visit. CLINS.
pub const ENCOUNTER: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Encounter_eCS";
/// JP Core profile of a visit. jp-core 1.1.2.
pub const CORE_ENCOUNTER: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter";
/// JP Core profile of a doctor. jp-core 1.1.2.
pub const CORE_PRACTITIONER: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Practitioner";
/// Profile of a document reference. CLINS.
pub const DOCUMENT_REFERENCE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_DocumentReference_eCS";
/// Profile of the patient summary's care plan. CLINS.
pub const CARE_PLAN_SUMMARY: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_CarePlan_ePCS";
/// Profile of the checkup's Patient in the service. eCheckup.
pub const PATIENT_CHECKUP: &str =
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Patient_eCheckupGeneral";
/// Profile of a checkup result. eCheckup.
pub const OBSERVATION_CHECKUP: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Observation_eCheckupGeneral";
/// Profile of the checkup's institution. eCheckup.
pub const ORGANIZATION_CHECKUP: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Organization_eCheckupGeneral";
/// Profile of the checkup's doctor. eCheckup.
pub const PRACTITIONER_CHECKUP: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Practitioner_eCheckupGeneral";
/// Profile of the checkup's visit. eCheckup.
pub const ENCOUNTER_CHECKUP: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Encounter_eCheckupGeneral";

/// Extension that bears the 10-digit institution number. CLINS.
pub const EXT_INSTITUTION: &str =
    "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
/// Extension that bears the 診療科. CLINS.
pub const EXT_DEPARTMENT: &str = "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department";
/// Extension of the main disease. CLINS.
pub const EXT_DIAGNOSIS_TYPE: &str =
    "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_DiagnosisType";
/// Extension of a modifier before a disease name. JP Core.
pub const EXT_DISEASE_PREFIX: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePrefixModifier";
/// Extension of a modifier after a disease name. JP Core.
pub const EXT_DISEASE_POSTFIX: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePostfixModifier";
/// Extension of the document's edition. R4.
pub const EXT_VERSION_NUMBER: &str =
    "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber";
/// Extension that tells 漢字 (IDE) from カナ (SYL) names. R4.
pub const EXT_NAME_REPRESENTATION: &str =
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
/// Extension of the first day of use of a medicine. JP Core.
pub const EXT_PERIOD_OF_USE: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse";

/// Tag that names the one resource type of a 5情報 Bundle. CLINS.
pub const BUNDLE_RESOURCE_TYPE: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";
/// Flags of a resource: LTS, UNINFORMED, UNDELIVERED. CLINS.
pub const FLAG: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
/// Codes of document sections. CLINS.
pub const SECTION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
/// Codes of document types. CLINS.
pub const DOCUMENT_TYPE: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";
/// Codes of document subtypes. CLINS.
pub const DOCUMENT_SUBTYPE: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes";
/// Codes of checkup sections. eCheckup.
pub const CHECKUP_SECTION: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code";
/// 報告区分 of a checkup. eCheckup.
pub const CHECKUP_CATEGORY: &str = "urn:oid:2.16.840.1.113883.2.2.1.6.1001";
/// 健診プログラムサービスコード. eCheckup.
pub const CHECKUP_PROGRAM: &str = "urn:oid:1.2.392.200119.6.1002";

/// Bundle.identifier. CLINS.
pub const BUNDLE_ID: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
/// 被保険者個人識別子. CLINS.
pub const MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// 生活保護受給者の識別子. CLINS after 1.10.0.
pub const PUBLIC_PAYER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
/// The 10-digit institution number. CLINS.
pub const INSTITUTION_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// The sender's own id of a resource. CLINS.
pub const RESOURCE_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
/// Rp number of a prescription. CLINS.
pub const RP_NUMBER: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber";
/// Order within an Rp. CLINS.
pub const RP_INDEX: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex";
/// Before the institution number in the system of a local patient id, with `1` between. CLINS.
pub const LOCAL_PATIENT_ID: &str = "urn:oid:1.2.392.100495.20.3.51.";
/// Before the institution number in the system of a local doctor id, with `1` between. CLINS.
pub const LOCAL_DOCTOR_ID: &str = "urn:oid:1.2.392.100495.20.3.41.";

/// 病名管理番号. CLINS.
pub const DISEASE_KEY: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";
/// 病名交換用コード. CLINS.
pub const DISEASE_EXCHANGE: &str = "http://medis.or.jp/CodeSystem/master-disease-exCode";
/// 修飾語管理番号. CLINS.
pub const DISEASE_MODIFIER_KEY: &str = "http://medis.or.jp/CodeSystem/master-disease-modKeyNumber";
/// レセ電 傷病名コード. CLINS.
pub const DISEASE_RECEIPT: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease";
/// ICD-10 (2013). CLINS.
pub const ICD10: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full";
/// Drug allergen by YJ code. CLINS.
pub const ALLERGEN_YJ: &str = "http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS";
/// Drug allergen by ingredient. CLINS.
pub const ALLERGEN_INGREDIENT: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/GCM/JP_JfagyMedicationAllergen_CS";
/// Food allergen. CLINS.
pub const ALLERGEN_FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
/// Allergen that is neither food nor drug. CLINS.
pub const ALLERGEN_OTHER: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";
/// YJ code of a medicine. CLINS.
pub const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
/// 規格別薬剤成分. CLINS.
pub const MEDICINE_INGREDIENT: &str = "http://capstandard.jp/CodeSystem/KikakubetsuYakuzaiSeibun";
/// 一般名処方. CLINS.
pub const MEDICINE_GENERAL: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode";
/// A medicine without a code. CLINS.
pub const MEDICINE_NOCODED: &str = "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS";
/// 電子処方箋 用法マスタ. CLINS.
pub const USAGE: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
/// The dummy usage. CLINS.
pub const USAGE_UNCODED: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS";
/// Local laboratory code. CLINS.
pub const LAB_LOCAL: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
/// The 43 items by JLAC10. CLINS.
pub const LAB_CORE_10: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// The 43 items by JLAC11. CLINS.
pub const LAB_CORE_11: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC11/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// The 5 infections by JLAC10. CLINS.
pub const LAB_INFECTION_10: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS";
/// The 5 infections by JLAC11. CLINS.
pub const LAB_INFECTION_11: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC11/JP_CLINS_ObsLabResult_InfectionLabo_CS";
/// JLAC10, 17 digits. CLINS.
pub const LAB_JLAC10: &str = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
/// A laboratory item without a standard code. CLINS.
pub const LAB_UNCODED: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS";
