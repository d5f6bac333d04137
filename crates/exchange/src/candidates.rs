//! Who it may be, when somebody has no card with them (救急時・災害時): by name, birth date, sex and address.
//!
//! Only a good match is told, and nothing of anybody but who matches. Putting the search on record is the caller's,
//! who knows by which rule it may be made.

use jiff::civil::Date;
use store::{Demographics, Fault, PersonId, folded};

use crate::Exchange;

/// A person as they, or who brings them, describe them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// 氏名, in 漢字 or カナ; spaces, width and hiragana or katakana make no difference.
    pub name: String,
    /// 生年月日
    pub birth_date: Date,
    /// 性別, as FHIR codes it.
    pub sex: String,
    /// The beginning of an address, as far as it is known; may be empty.
    pub address: String,
}

/// Somebody who may be the person described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The head of their kin.
    pub person: PersonId,
    /// Birth date, sex and name agree in any case; whether the address does too.
    pub agrees_in_address: bool,
}

impl Exchange {
    /// Who agrees in birth date, sex and name; who agrees in the address too comes first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn candidates(&self, described: &Described) -> Result<Vec<Candidate>, Fault> {
        let known = self.store.people_by_demographics(described.birth_date, &described.sex).await?;
        let mut candidates: Vec<Candidate> = Vec::new();
        for one in known.iter().filter(|one| agrees_in_name(&one.demographics, described)) {
            let agrees_in_address = agrees_in_address(&one.demographics, described);
            match candidates.iter_mut().find(|candidate| candidate.person == one.person) {
                Some(candidate) => candidate.agrees_in_address |= agrees_in_address,
                None => candidates.push(Candidate { person: one.person, agrees_in_address }),
            }
        }
        candidates.sort_by_key(|candidate| (!candidate.agrees_in_address, candidate.person));
        Ok(candidates)
    }
}

fn agrees_in_name(known: &Demographics, described: &Described) -> bool {
    let name = folded(&described.name);
    !name.is_empty() && known.names.iter().any(|known| folded(known) == name)
}

fn agrees_in_address(known: &Demographics, described: &Described) -> bool {
    let address = folded(&described.address);
    !address.is_empty() && known.addresses.iter().any(|known| folded(known).starts_with(&address))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn known() -> Demographics {
        Demographics {
            birth_date: date(1950, 4, 1),
            sex: "female".to_owned(),
            names: vec!["架空　花子".to_owned(), "カクウ　ハナコ".to_owned()],
            addresses: vec!["架空県架空市本町１－２".to_owned()],
        }
    }

    fn described(name: &str, address: &str) -> Described {
        let (name, address) = (name.to_owned(), address.to_owned());
        Described { name, birth_date: date(1950, 4, 1), sex: "female".to_owned(), address }
    }

    #[test]
    fn a_name_agrees_in_any_writing_and_only_as_a_whole() {
        for name in ["架空 花子", "架空花子", "ｶｸｳ ﾊﾅｺ", "かくう はなこ"] {
            assert!(agrees_in_name(&known(), &described(name, "")), "{name}");
        }
        for name in ["", "　", "架空", "架空 花", "カクウ ハナ"] {
            assert!(!agrees_in_name(&known(), &described(name, "")), "{name}");
        }
    }

    #[test]
    fn an_address_agrees_from_its_beginning_in_any_width() {
        assert!(agrees_in_address(&known(), &described("", "架空県架空市")));
        assert!(agrees_in_address(&known(), &described("", "架空県架空市本町1-2")));
        assert!(!agrees_in_address(&known(), &described("", "架空市")));
        assert!(!agrees_in_address(&known(), &described("", "")));
    }
}
