use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

/// Which part of the store a row lives in: 0..1023, fixed for a person for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Bucket(u16);

/// A person in this hub: random, never an insured number. The first ten bits are its bucket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId([u8; 16]);

/// A registered unit: its person's bucket, the second it was made, and chance.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId([u8; 16]);

/// A subscription: random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId([u8; 16]);

/// How many buckets there are.
pub(crate) const BUCKETS: u16 = 1024;

/// The system's source of chance failed; nothing can be made safely.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system's random source does not answer")]
pub struct NoRandomness;

/// Fills an array from the system's random source.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Makes an event id in a bucket.
pub fn new_event_id(bucket: Bucket, now: Timestamp) -> Result<audit::EventId, NoRandomness> {
    timed(bucket, now).map(audit::EventId::from_bytes)
}

impl Bucket {
    /// The number as it stands in rows.
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Where acts that concern nobody in particular are kept: spread by the request.
    pub fn of_text(text: &str) -> Self {
        let sum = text.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        Self((sum % u32::from(BUCKETS)) as u16)
    }

    /// Where whatever an id was made for is kept, if it was made by [`new_event_id`].
    pub(crate) fn of_id(id: &audit::EventId) -> Self {
        Self::of_bytes(id.as_bytes())
    }

    /// Where rows are kept that are found by a hash.
    pub(crate) fn of_hash(hash: &[u8; 16]) -> Self {
        Self::of_bytes(hash)
    }

    fn of_bytes(bytes: &[u8; 16]) -> Self {
        Self(u16::from_be_bytes([bytes[0], bytes[1]]) >> 6)
    }
}

impl PersonId {
    /// A new person.
    pub fn new() -> Result<Self, NoRandomness> {
        random().map(|bytes| Self(as_uuid(bytes)))
    }
}

impl SubscriptionId {
    /// A new subscription.
    pub fn new() -> Result<Self, NoRandomness> {
        random().map(|bytes| Self(as_uuid(bytes)))
    }
}

impl UnitId {
    /// A new unit of a person.
    pub fn new(bucket: Bucket, now: Timestamp) -> Result<Self, NoRandomness> {
        timed(bucket, now).map(Self)
    }
}

/// Bucket (10 bits), second (32 bits), chance; marked as a UUID of version 8.
fn timed(bucket: Bucket, now: Timestamp) -> Result<[u8; 16], NoRandomness> {
    let mut bytes = random::<16>()?;
    let head = (bucket.0 << 6) | (u16::from_be_bytes([bytes[0], bytes[1]]) & 0x3f);
    bytes[..2].copy_from_slice(&head.to_be_bytes());
    let second = u32::try_from(now.as_second().max(0)).unwrap_or(u32::MAX);
    bytes[2..6].copy_from_slice(&second.to_be_bytes());
    Ok(as_uuid(bytes))
}

fn as_uuid(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn parse_uuid(text: &str) -> Result<[u8; 16], NotAnId> {
    let shape = text.len() == 36 && [8, 13, 18, 23].iter().all(|&at| text.as_bytes()[at] == b'-');
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    match u128::from_str_radix(&digits, 16) {
        Ok(number) if shape && digits.len() == 32 && text == text.to_ascii_lowercase() => {
            Ok(number.to_be_bytes())
        }
        _ => Err(NotAnId),
    }
}

/// The text is no id of this hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this hub: expected a UUID in lower case")]
pub struct NotAnId;

macro_rules! uuid {
    ($name:ident) => {
        impl $name {
            /// Where its rows live: for a person and its units, the person's bucket.
            pub fn bucket(&self) -> Bucket {
                Bucket::of_bytes(&self.0)
            }

            /// The bytes as they stand in rows.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            pub(crate) fn from_row(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_uuid(text).map(Self)
            }
        }
    };
}

uuid!(PersonId);
uuid!(UnitId);
uuid!(SubscriptionId);
