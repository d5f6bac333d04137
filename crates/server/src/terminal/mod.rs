//! The 資格確認端末's way in: files in a folder instead of HTTP (連携方式 A). Simulated: the real service's file names,
//! element names and error codes are not public.
//!
//! `folder.rs` watches the two folders and answers every file once, whatever happens in between; `message.rs` turns a
//! message into the call that the catalogue names for it, and the answer back into a message; `face.rs` reads what the
//! card reader leaves; `attend.rs` holds them together.

mod attend;
pub(crate) mod envelope;
mod face;
mod folder;
mod message;

pub use attend::{Terminal, attend};
