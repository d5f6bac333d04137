//! What proves it is safe.
//!
//! Checks run and registers are kept; each leaves evidence with a clock; evidence answers the items of the guideline's editions, and
//! what is stale answers nothing.

pub mod register;
