//! By what a person is found who has no card with them: birth date, sex, names, addresses.
//!
//! Found by a keyed hash of birth date and sex; names and addresses lie sealed, once for each way they were ever
//! written, so that a person stays findable by a former name.

use fhir::json::Node;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::sql::{Tx, Value, all};
use crate::{Bucket, Fault, PersonId, Store, person};

/// What a Patient says of who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demographics {
    /// 生年月日
    pub birth_date: Date,
    /// 性別, as FHIR codes it.
    pub sex: String,
    /// Every writing of the name, 漢字 and カナ.
    pub names: Vec<String>,
    /// Every address.
    pub addresses: Vec<String>,
}

/// Somebody of a birth date and sex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The head of their kin.
    pub person: PersonId,
    /// How they were once described.
    pub demographics: Demographics,
}

/// Demographics ready for the writer.
pub(crate) struct SealedDemographics {
    hash: [u8; 16],
    variant: [u8; 16],
    sealed: Vec<u8>,
}

impl Demographics {
    /// What this Patient says; `None` if it does not tell birth date and sex.
    #[must_use]
    pub fn of(patient: Node<'_>) -> Option<Self> {
        let texts = |nodes: Vec<Node<'_>>, text: fn(Node<'_>) -> String| {
            nodes.into_iter().map(text).filter(|text| !text.is_empty()).collect()
        };
        Some(Self {
            birth_date: patient.text_at(&["birthDate"])?.parse().ok()?,
            sex: patient.text_at(&["gender"])?.to_owned(),
            names: texts(patient.all(&["name"]), name),
            addresses: texts(patient.all(&["address"]), address),
        })
    }
}

impl Store {
    /// Everybody with this birth date and sex, in every way they were ever described.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn people_by_demographics(&self, birth_date: Date, sex: &str) -> Result<Vec<Known>, Fault> {
        let hash = self.demographic_hash(birth_date, sex);
        let rows = self.read(move |tx| of_hash(tx, &hash)).await?;
        rows.into_iter()
            .map(|(person, sealed)| {
                let opened = self.keyring.unwrap(&hash, &sealed)?;
                let demographics =
                    serde_json::from_slice(&opened).map_err(|_| Fault::Damaged("a person's demographics"))?;
                Ok(Known { person, demographics })
            })
            .collect()
    }

    /// Seals demographics for the transaction of the unit that tells them.
    pub(crate) fn seal_demographics(&self, told: &Demographics) -> Result<SealedDemographics, Fault> {
        let hash = self.demographic_hash(told.birth_date, &told.sex);
        let text =
            serde_json::to_string(told).map_err(|_| Fault::Damaged("demographics that are no JSON"))?;
        let variant = self.keyring.keyed_hash("demographic-variant", &text);
        Ok(SealedDemographics { hash, variant, sealed: self.keyring.wrap(&hash, text.as_bytes())? })
    }

    fn demographic_hash(&self, birth_date: Date, sex: &str) -> [u8; 16] {
        self.keyring.keyed_hash("demographic", &format!("{birth_date} {sex}"))
    }
}

/// Keeps how a person is described, unless it is kept already.
pub(crate) fn note(tx: &mut dyn Tx, person: &PersonId, told: &SealedDemographics) -> Result<(), Fault> {
    tx.execute(
        "insert into demographic (bucket, hash, person, variant, sealed) values ($1, $2, $3, $4, $5)
         on conflict (bucket, hash, person, variant) do nothing",
        &[
            Bucket::of_hash(&told.hash).number().into(),
            (&told.hash).into(),
            person.as_bytes().into(),
            (&told.variant).into(),
            told.sealed.as_slice().into(),
        ],
    )
    .map(drop)
}

fn of_hash(tx: &mut dyn Tx, hash: &[u8; 16]) -> Result<Vec<(PersonId, Vec<u8>)>, Fault> {
    let sql = "select person, sealed from demographic where bucket = $1 and hash = $2";
    let key: [Value<'_>; 2] = [Bucket::of_hash(hash).number().into(), hash.into()];
    let rows = all(tx, sql, &key, |row| {
        let person = PersonId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a described person"))?;
        Ok((person, row.bytes(1)?))
    })?;
    rows.into_iter().map(|(person, sealed)| Ok((person::head(tx, &person)?, sealed))).collect()
}

fn name(name: Node<'_>) -> String {
    let given = name.all(&["given"]);
    let parts = name.text_at(&["family"]).into_iter().chain(given.iter().filter_map(|part| part.str()));
    name.text_at(&["text"]).map_or_else(|| parts.collect::<Vec<_>>().join(" "), str::to_owned)
}

fn address(address: Node<'_>) -> String {
    let lines = address.all(&["line"]);
    let parts = ["state", "city"].into_iter().filter_map(|part| address.text_at(&[part]));
    let parts = parts.chain(lines.iter().filter_map(|line| line.str()));
    address.text_at(&["text"]).map_or_else(|| parts.collect(), str::to_owned)
}
