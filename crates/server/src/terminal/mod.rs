//! The 資格確認端末's way in: files in a folder instead of HTTP (連携方式 A). Simulated: the real service's file names
//! and error codes are not public.

pub(crate) mod envelope;
