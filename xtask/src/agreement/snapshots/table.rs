//! The page: figures by package, then every class of difference with its reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Compared;
use super::differences::Difference;

const HEAD: &str = "\
# Snapshots: ours beside the packages' own

Made by `cargo xtask regen agreement`; do not edit. `cargo xtask list snapshots` tells each single difference.

For every StructureDefinition that carries both, the snapshot is made anew from the differential and compared with the
one in the package, element by element: the same ids in the same order, and in each element everything a validator uses
(least and most, types with profiles and targets, fixed values and patterns, bindings, slicing, invariants,
contentReference, base, lengths, bounds, mustSupport, isModifier).

| package | definitions | wholly equal | elements | equal | share |
|---|---|---|---|---|---|
";

const REASONS: &str = "
## Differences by class

| differences | class | why |
|---|---|---|
";

/// A class of differences: its name, why there are such, and whether one is of it. The first that fits counts.
type Class = (&'static str, &'static str, fn(&Difference) -> bool);

const CLASSES: &[Class] = &[
    (
        "example binding of `meta.tag`",
        "CLINS 1.10.0 and eCheckup 1.5.0 were built on a translated R4 whose `Meta.tag` has lost its example binding; \
         an example binds nothing",
        |one| one.what == "binding" && one.element.contains(".meta.tag"),
    ),
    (
        "profile of a part of a ratio",
        "theirs unfolded the plain Ratio before its profile was at hand; ours follows the profile that the element names",
        |one| one.what == "type" && one.element.contains("ingredient.strength."),
    ),
    (
        "elements inside an extension of a name",
        "theirs was made from an older build of the base profile; ours from the one in the same package, which tells \
         these elements",
        |one| one.what == "extra" && one.element.starts_with("Patient.name.extension."),
    ),
    (
        "mustSupport of a slice",
        "as in the JP packages, ours is what the slice itself says; R4's own repeat that of the sliced element",
        |one| one.what == "mustSupport",
    ),
    (
        "short name of a choice inside a slice",
        "for `component:SystolicBP.valueQuantity` theirs narrows the choice; ours makes the slice that theirs makes of the \
         same short name elsewhere",
        |one| one.definition.ends_with("/bp") && one.element.contains(".value[x]"),
    ),
    (
        "type of a primitive's value",
        "R4 writes `string` for the value of primitives that are derived from another primitive, against their \
         differentials",
        |one| one.what == "type" && one.element.ends_with(".value"),
    ),
    (
        "slice without slicing",
        "R4's differential names a slice where nothing is sliced; theirs drops the sliced element, ours keeps it",
        |one| {
            one.what == "extra"
                && ["/catalog", "/familymemberhistory-genetic"]
                    .iter()
                    .any(|end| one.definition.ends_with(end))
        },
    ),
    (
        "content of an extension slice",
        "theirs unfolds two slices into which the differential does not go",
        |one| one.what == "missing" && one.definition.ends_with("/elementdefinition-de"),
    ),
    (
        "invariants of a type's profile",
        "theirs copies the invariants of SimpleQuantity to the element; ours leaves them with the profile that the element \
         names, which is judged there",
        |one| one.what == "constraint" && one.element.contains(".referenceRange."),
    ),
    (
        "MetadataResource",
        "an interface that R4's tools add by hand: its root has invariants and slicing of its own making",
        |one| one.definition.ends_with("/MetadataResource"),
    ),
    (
        "children of a slice",
        "ours takes over what the same differential says of the sliced element's children; theirs takes the base's, and \
         turns a contentReference to the slice",
        |one| one.definition.ends_with("/provenance-relevant-history"),
    ),
];

/// The whole page.
pub(super) fn render(all: &[Compared]) -> String {
    let mut page = HEAD.to_owned();
    for one in all {
        row(
            &mut page,
            one.package.as_str(),
            [one.definitions, one.equal_definitions, one.elements, one.equal_elements],
        );
    }
    let sum = |of: fn(&Compared) -> usize| all.iter().map(of).sum();
    let sums = [
        sum(|one| one.definitions),
        sum(|one| one.equal_definitions),
        sum(|one| one.elements),
        sum(|one| one.equal_elements),
    ];
    row(&mut page, "all", sums);
    page.push_str(REASONS);
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for difference in all.iter().flat_map(|one| &one.differences) {
        let class = CLASSES.iter().position(|(_, _, fits)| fits(difference)).unwrap_or(CLASSES.len());
        *counts.entry(class).or_default() += 1;
    }
    for (class, count) in counts {
        let (name, why) =
            CLASSES.get(class).map_or(("others", "not explained"), |(name, why, _)| (*name, *why));
        let _ = writeln!(page, "| {count} | {name} | {why} |");
    }
    page
}

fn row(page: &mut String, name: &str, [definitions, same, elements, equal]: [usize; 4]) {
    // Hundredths of a per cent, rounded down: only what is wholly equal reads 100.
    let share = equal * 10_000 / elements.max(1);
    let (whole, rest) = (share / 100, share % 100);
    let _ =
        writeln!(page, "| {name} | {definitions} | {same} | {elements} | {equal} | {whole}.{rest:02} % |");
}
