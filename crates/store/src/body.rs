//! Bodies and their index as they lie on disk: compressed with a dictionary, then sealed under the unit's data key.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::LazyLock;

use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::Fault;
use crate::id::{UnitId, random};
use crate::keyring::{Keyring, aes};

/// Dictionaries by number. One in use is never changed or taken away: add another.
///
/// Trained on the fictional region only: a dictionary is plain text that outlives every patient's data.
const DICTIONARIES: &[&[u8]] = &[include_bytes!("../dict/1.zdict")];
const LEVEL: i32 = 3;

/// The dictionary that new bodies are compressed with.
pub(crate) const NEWEST_DICTIONARY: i64 = DICTIONARIES.len() as i64;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARIES[DICTIONARIES.len() - 1], LEVEL));
static DECODERS: LazyLock<Vec<DecoderDictionary<'static>>> =
    LazyLock::new(|| DICTIONARIES.iter().map(|bytes| DecoderDictionary::copy(bytes)).collect());

thread_local! {
    // A context is some 150 KB that the system hands out and takes back: making one costs more than a body.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSORS: RefCell<BTreeMap<usize, Decompressor<'static>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Which part of a unit is sealed; each has its own nonce under the unit's key.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Items = 1,
    Body = 2,
}

/// The key of one unit, open.
pub(crate) struct DataKey(LessSafeKey);

impl DataKey {
    /// A new key, and its wrapped form for the key table.
    pub(crate) fn new(keyring: &Keyring, unit: &UnitId) -> Result<(Self, Vec<u8>), Fault> {
        let key = random::<32>()?;
        let wrapped = keyring.wrap(unit.as_bytes(), &key)?;
        Ok((Self(aes(&key)), wrapped))
    }

    /// The key of a unit that is kept.
    pub(crate) fn open(keyring: &Keyring, unit: &UnitId, wrapped: &[u8]) -> Result<Self, Fault> {
        let key = keyring.unwrap(unit.as_bytes(), wrapped)?;
        let key: [u8; 32] = key.try_into().map_err(|_| Fault::Damaged("a data key of another length"))?;
        Ok(Self(aes(&key)))
    }

    /// Seals a part of the unit.
    pub(crate) fn seal(&self, unit: &UnitId, part: Part, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        self.0
            .seal_in_place_append_tag(nonce(part), Aad::from(unit.as_bytes()), &mut bytes)
            .map_err(|_| Fault::Damaged("a body too long to seal"))?;
        Ok(bytes)
    }

    /// Opens a sealed part.
    pub(crate) fn open_part(&self, unit: &UnitId, part: Part, mut sealed: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let length = self
            .0
            .open_in_place(nonce(part), Aad::from(unit.as_bytes()), &mut sealed)
            .map_err(|_| Fault::Damaged("a sealed part does not open"))?
            .len();
        sealed.truncate(length);
        Ok(sealed)
    }
}

/// Compresses with the newest dictionary.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            empty => empty.insert(
                Compressor::with_prepared_dictionary(&ENCODER)
                    .map_err(|_| Fault::Damaged("the dictionary"))?,
            ),
        };
        compressor.compress(bytes).map_err(|_| Fault::Damaged("a body that does not compress"))
    })
}

/// Gives back exactly the `size` bytes that were compressed.
pub(crate) fn decompress(dictionary: i64, size: usize, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let unknown = Fault::Damaged("a body names a dictionary that is not here");
    let index = usize::try_from(dictionary - 1).map_err(|_| unknown.clone())?;
    let dictionary = DECODERS.get(index).ok_or(unknown)?;
    let body = DECOMPRESSORS.with_borrow_mut(|made| {
        let decompressor = match made.entry(index) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(place) => place.insert(
                Decompressor::with_prepared_dictionary(dictionary)
                    .map_err(|_| Fault::Damaged("the dictionary"))?,
            ),
        };
        decompressor.decompress(bytes, size).map_err(|_| Fault::Damaged("a body does not decompress"))
    })?;
    if body.len() == size { Ok(body) } else { Err(Fault::Damaged("a body has another length")) }
}

/// Compresses a part whose length no column tells: the length goes in front.
pub(crate) fn compress_with_length(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let length = u32::try_from(bytes.len()).map_err(|_| Fault::Damaged("an index too long"))?;
    Ok([&length.to_le_bytes()[..], &compress(bytes)?].concat())
}

/// Opens what [`compress_with_length`] made.
pub(crate) fn decompress_with_length(dictionary: i64, packed: &[u8]) -> Result<Vec<u8>, Fault> {
    let (length, bytes) = packed.split_first_chunk().ok_or(Fault::Damaged("an index too short"))?;
    decompress(dictionary, u32::from_le_bytes(*length) as usize, bytes)
}

/// A data key seals each part once, so a fixed nonce per part never repeats under a key.
fn nonce(part: Part) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[NONCE_LEN - 1] = part as u8;
    Nonce::assume_unique_for_key(bytes)
}
