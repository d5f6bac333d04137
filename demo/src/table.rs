//! What the institutions' masters hold: laboratory items, diseases, allergens, drugs.
//! Codes and displays are facts of the public code systems; a code we could not look up only has the right form.

pub(crate) mod allergens;
pub(crate) mod checkup_items;
pub(crate) mod diseases;
pub(crate) mod drugs;
pub(crate) mod labs;
pub(crate) mod panels;
