//! Going over all that is stored, for judging it anew. No body leaves: whoever judges gets one at a time and keeps
//! counts.

use crate::body::{DataKey, Part, decompress};
use crate::id::BUCKETS;
use crate::sql::all;
use crate::{Fault, Store, UnitId};

/// How far a survey has come: the bucket, and the unit in it that was judged last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SurveyPlace {
    /// The number of the bucket.
    pub bucket: u16,
    /// The last unit that was judged in it; zeros before the first.
    pub after: [u8; 16],
}

struct Sealed {
    id: UnitId,
    institution: String,
    size: usize,
    dictionary: i64,
    body: Vec<u8>,
    wrapped: Vec<u8>,
}

const UNITS: &str = "select unit.id, institution, size, dictionary, body, wrapped
    from unit join unit_data_key on unit_data_key.bucket = unit.bucket and unit_data_key.unit = unit.id
    where unit.bucket = $1 and unit.id > $2 order by unit.id limit $3";

impl Store {
    /// Judges the next units, at most `limit`: each body is opened, handed over with the institution that registered
    /// it, and forgotten. Answers where to go on; `None` when all are judged.
    ///
    /// The caller puts the survey on record before the first step.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn survey(
        &self,
        place: SurveyPlace,
        limit: u16,
        judge: &mut (dyn FnMut(&str, &[u8]) + Send),
    ) -> Result<Option<SurveyPlace>, Fault> {
        let rows = self
            .read(move |tx| {
                let params = [i64::from(place.bucket).into(), (&place.after).into(), i64::from(limit).into()];
                all(tx, UNITS, &params, |row| {
                    Ok(Sealed {
                        id: UnitId::from_row(&row.bytes(0)?).ok_or(Fault::Damaged("a unit's id"))?,
                        institution: row.text(1)?,
                        size: usize::try_from(row.int(2)?).map_err(|_| Fault::Damaged("a unit's size"))?,
                        dictionary: row.int(3)?,
                        body: row.bytes(4)?,
                        wrapped: row.bytes(5)?,
                    })
                })
            })
            .await?;
        let is_last = rows.len() < usize::from(limit);
        let mut after = place.after;
        for row in rows {
            let key = DataKey::open(&self.keyring, &row.id, &row.wrapped)?;
            let packed = key.open_part(&row.id, Part::Body, row.body)?;
            judge(&row.institution, &decompress(row.dictionary, row.size, &packed)?);
            after = *row.id.as_bytes();
        }
        if !is_last {
            return Ok(Some(SurveyPlace { after, ..place }));
        }
        let bucket = place.bucket + 1;
        Ok((bucket < BUCKETS).then_some(SurveyPlace { bucket, after: [0; 16] }))
    }
}
