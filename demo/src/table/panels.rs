//! Items ordered together, with the usual value of a healthy man and a healthy woman.

use super::labs::*;

/// Items with their usual values: men's, women's.
pub(crate) type Panel = [(&'static Lab, f64, f64)];

pub(crate) static BLOOD_COUNT: [(&Lab, f64, f64); 5] =
    [(&WBC, 5.8, 5.6), (&RBC, 4.85, 4.40), (&HB, 15.0, 13.2), (&HCT, 45.0, 39.8), (&PLT, 230.0, 242.0)];

pub(crate) static LIVER: [(&Lab, f64, f64); 8] = [
    (&TP, 7.2, 7.2),
    (&ALB, 4.5, 4.4),
    (&T_BIL, 0.8, 0.7),
    (&AST, 21.0, 19.0),
    (&ALT, 22.0, 15.0),
    (&LD, 172.0, 168.0),
    (&ALP, 68.0, 62.0),
    (&GGT, 30.0, 18.0),
];

pub(crate) static KIDNEY: [(&Lab, f64, f64); 7] = [
    (&BUN, 13.5, 12.4),
    (&CRE, 0.82, 0.60),
    (&UA, 5.6, 4.2),
    (&NA, 141.0, 141.0),
    (&K, 4.2, 4.1),
    (&CL, 104.0, 104.0),
    (&CA, 9.3, 9.3),
];

pub(crate) static LIPIDS: [(&Lab, f64, f64); 4] =
    [(&T_CHO, 195.0, 200.0), (&TG, 105.0, 80.0), (&HDL, 56.0, 66.0), (&LDL, 112.0, 115.0)];

pub(crate) static SUGAR: [(&Lab, f64, f64); 2] = [(&GLU, 95.0, 92.0), (&HBA1C, 5.5, 5.4)];

pub(crate) static URINE: [(&Lab, f64, f64); 3] =
    [(&U_PROTEIN, 1.0, 1.0), (&U_GLUCOSE, 1.0, 1.0), (&U_BLOOD, 1.0, 1.0)];

pub(crate) static CLOTTING: [(&Lab, f64, f64); 2] = [(&PT_INR, 1.0, 1.0), (&APTT, 30.0, 30.0)];

/// Before an operation or an endoscopy.
pub(crate) static INFECTIONS: [(&Lab, f64, f64); 4] = [
    (&HBS_AG, NEGATIVE, NEGATIVE),
    (&HCV_AB, NEGATIVE, NEGATIVE),
    (&RPR, NEGATIVE, NEGATIVE),
    (&TPAB, NEGATIVE, NEGATIVE),
];

pub(crate) static INFLAMMATION: [(&Lab, f64, f64); 1] = [(&CRP, 0.06, 0.06)];
