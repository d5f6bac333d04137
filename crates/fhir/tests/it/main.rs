//! The room's tests: each tells one story, and its name is the sentence.

mod bundles;
mod examples;
mod fixtures;
mod json;
mod mutation;
mod outcomes;
mod path;
mod r4;
mod rules;
mod speed;
mod together;
mod words;
