//! What the card reader's program leaves after a patient's face was recognised (`OQSsiquc01res_face_…`): whose card it
//! was and what they consented to. Element names after the online eligibility system's tables (OQSCD036, OQSCD016);
//! simulated, as the file's full form is not public.

use access::consent_groups;
use exchange::{CardReader, ReaderConsent};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::envelope::{Element, Message};

/// How such a file's name begins.
const NAME: &str = "OQSsiquc01res_face_";
/// The parts of an insured number, in the order of its writing here.
const NUMBER: [&str; 4] =
    ["InsurerNumber", "InsuredCardSymbol", "InsuredIdentificationNumber", "InsuredBranchNumber"];

/// A face result, read but not yet believed.
pub(super) struct FaceResult<'m> {
    /// The file's name; it ends with the instant of the recognition.
    pub(super) name: &'m str,
    /// Its content.
    pub(super) message: &'m Message,
}

/// OQSCD016: what became of the question for consent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    /// 0, 2 (expired), 3 (hard to obtain), or nothing said.
    No,
    /// 1
    Yes,
}

/// Whether a file is a face result.
pub(super) fn is_face_result(name: &str) -> bool {
    name.starts_with(NAME)
}

impl CardReader for FaceResult<'_> {
    fn consent(&self) -> Result<ReaderConsent, &'static str> {
        let result = self.result()?;
        let mut groups = Vec::new();
        let mut times = vec![self.named_at()?];
        for group in consent_groups() {
            let flags = group.reader.iter().map(|flag| read(result, flag)).collect::<Result<Vec<_>, _>>()?;
            let is_said = flags.first().copied().unwrap_or(Flag::No);
            // One category on the reader's screen is several flags in the file: they cannot differ.
            if flags.iter().any(|flag| *flag != is_said) {
                return Err("reader-contradicts");
            }
            if is_said == Flag::Yes {
                groups.push(group.code.clone());
                for flag in &group.reader {
                    times.extend(said_at(result, flag)?);
                }
            }
        }
        if groups.is_empty() {
            return Err("consent-none");
        }
        let given_at = times.into_iter().min().ok_or("reader-incomplete")?;
        Ok(ReaderConsent { member_id: member_id(result)?, groups, given_at })
    }
}

impl FaceResult<'_> {
    /// The one person the reader recognised.
    fn result(&self) -> Result<&Element, &'static str> {
        let body = &self.message.body;
        if body.text_of("ProcessingResultStatus").is_some_and(|status| status != "1") {
            return Err("reader-contradicts");
        }
        let list = body.child("ResultList").unwrap_or(body);
        let mut results =
            list.children.iter().filter(|child| child.name == "ResultOfQualificationConfirmation");
        match (results.next(), results.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err("reader-incomplete"),
            (Some(_), Some(_)) => Err("reader-contradicts"),
        }
    }

    /// The instant in the file's name: `…_yyyyMMddHHmmss.xml`, by the clock of Japan.
    fn named_at(&self) -> Result<Timestamp, &'static str> {
        let stem = self.name.get(..self.name.len().saturating_sub(4)).unwrap_or_default();
        instant(stem.rsplit('_').next().unwrap_or_default())
    }
}

fn read(result: &Element, flag: &str) -> Result<Flag, &'static str> {
    match result.text_of(flag) {
        None | Some("0" | "2" | "3") => Ok(Flag::No),
        Some("1") => Ok(Flag::Yes),
        Some(_) => Err("reader-contradicts"),
    }
}

/// `DiagnosisInfoConsTime` beside `DiagnosisInfoConsFlg`, where it is told.
fn said_at(result: &Element, flag: &str) -> Result<Option<Timestamp>, &'static str> {
    let time = flag.strip_suffix("Flg").map(|stem| format!("{stem}Time")).unwrap_or_default();
    result.text_of(&time).map(instant).transpose()
}

fn member_id(result: &Element) -> Result<String, &'static str> {
    let parts = NUMBER.map(|name| result.text_of(name).unwrap_or_default());
    // Insurer and number are always there; symbol and branch need not be.
    let is_whole = !parts[0].is_empty() && !parts[2].is_empty();
    if is_whole && parts.iter().all(|part| !part.contains(':')) {
        Ok(parts.join(":"))
    } else {
        Err("reader-incomplete")
    }
}

/// 14 digits, by the clock of Japan.
fn instant(digits: &str) -> Result<Timestamp, &'static str> {
    let is_whole = digits.len() == 14 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let (day, time) = digits.split_at_checked(8).filter(|_| is_whole).ok_or("reader-incomplete")?;
    let civil = format!("{day}T{time}").parse::<DateTime>().map_err(|_| "reader-incomplete")?;
    let zoned = civil.to_zoned(TimeZone::fixed(Offset::constant(9))).map_err(|_| "reader-incomplete")?;
    Ok(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = "OQSsiquc01res_face_0001_20261121093000.xml";

    fn consent(name: &str, body: &str) -> Result<ReaderConsent, &'static str> {
        let text = format!(
            "<XmlMsg><MessageHeader><MedicalInstitutionCode>4919999901</MedicalInstitutionCode></MessageHeader>\
             <MessageBody>{body}</MessageBody></XmlMsg>"
        );
        let message = Message::parse(text.as_bytes()).unwrap();
        FaceResult { name, message: &message }.consent()
    }

    fn of(flags: &str) -> String {
        format!(
            "<ResultList><ResultOfQualificationConfirmation><InsurerNumber>00000012</InsurerNumber>\
             <InsuredCardSymbol>架空</InsuredCardSymbol><InsuredIdentificationNumber>1</InsuredIdentificationNumber>\
             <InsuredBranchNumber>01</InsuredBranchNumber>{flags}</ResultOfQualificationConfirmation></ResultList>"
        )
    }

    #[test]
    fn flags_of_one_category_together_are_its_consent_from_the_earliest_instant_on() {
        let flags = "<DiagnosisInfoConsFlg>1</DiagnosisInfoConsFlg>\
            <DiagnosisInfoConsTime>20261121092959</DiagnosisInfoConsTime>\
            <PharmacistsInfoConsFlg>1</PharmacistsInfoConsFlg><OperationInfoConsFlg>0</OperationInfoConsFlg>";
        let consent = consent(NAMED, &of(flags)).unwrap();
        assert_eq!(consent.member_id, "00000012:架空:1:01");
        assert_eq!(consent.groups, ["treatment"]);
        assert_eq!(consent.given_at, "2026-11-21T09:29:59+09:00".parse::<Timestamp>().unwrap());
    }

    #[test]
    fn what_contradicts_itself_or_lacks_something_is_no_consent() {
        let yes = "<OperationInfoConsFlg>1</OperationInfoConsFlg>";
        assert_eq!(consent(NAMED, &of(yes)).unwrap().groups, ["diagnosis"]);
        let cases = [
            (NAMED, of("<DiagnosisInfoConsFlg>1</DiagnosisInfoConsFlg>"), "reader-contradicts"),
            (NAMED, of("<OperationInfoConsFlg>9</OperationInfoConsFlg>"), "reader-contradicts"),
            (
                NAMED,
                format!("{}{}", of(yes), "<ProcessingResultStatus>2</ProcessingResultStatus>"),
                "reader-contradicts",
            ),
            (NAMED, of("<OperationInfoConsFlg>2</OperationInfoConsFlg>"), "consent-none"),
            (NAMED, of(""), "consent-none"),
            (NAMED, String::new(), "reader-incomplete"),
            (NAMED, of(yes).replace("00000012", ""), "reader-incomplete"),
            (NAMED, of(yes).replace("架空", "a:b"), "reader-incomplete"),
            ("OQSsiquc01res_face_0001.xml", of(yes), "reader-incomplete"),
            ("OQSsiquc01res_face_0001_20261341093000.xml", of(yes), "reader-incomplete"),
        ];
        for (name, body, code) in cases {
            assert_eq!(consent(name, &body), Err(code), "{name} {body}");
        }
        let twice = of(yes).replace("</ResultList>", "<ResultOfQualificationConfirmation/></ResultList>");
        assert_eq!(consent(NAMED, &twice), Err("reader-contradicts"));
    }
}
