//! What is put on paper opens in other people's programs, and what they write is read.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pdf;
mod programs;
mod sheets;
mod xlsx;
