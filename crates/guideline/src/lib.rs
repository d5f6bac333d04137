//! What the ministry asks.
//!
//! Editions of the guideline, its checklists and tables lie side by side as rows of our own words, each with its source and
//! whether it was seen there. A control answers items of many editions at once. This room knows nobody and does no I/O.
