//! FHIRPath: what an expression gives, what is refused, and that neither takes for ever.

use fhir::json::{Json, Limits};
use fhir::path::{Element, EvalError, Expression, PathFault, Scope, Value};
use proptest::prelude::*;

const PATIENT: &str = r##"{
    "resourceType": "Patient", "id": "p", "active": true, "birthDate": "1974-12-25",
    "_birthDate": { "extension": [{ "url": "http://example.jp/time", "valueDateTime": "1974-12-25T14:35:45+09:00" }] },
    "_gender": { "extension": [{ "url": "http://example.jp/unknown", "valueCode": "unknown" }] },
    "name": [
        { "use": "official", "family": "架空", "given": ["太郎", "次郎"] },
        { "use": "usual", "given": ["太郎"], "_given": [{ "id": "g" }] }
    ],
    "multipleBirthInteger": 2,
    "contained": [{ "resourceType": "Organization", "id": "o", "name": "架空病院" }],
    "managingOrganization": { "reference": "#o" }
}"##;

/// What `expression` gives for the Patient, each value as text.
fn given(expression: &str) -> Vec<String> {
    try_given(expression, PATIENT).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

fn try_given(expression: &str, document: &str) -> Result<Vec<String>, EvalError> {
    let compiled = Expression::compile(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let json = Json::parse(document.as_bytes(), &Limits::default()).expect("it is JSON");
    let focus = Element::resource(json.root());
    let mut scope = Scope::of(focus);
    scope.now = Some("2026-04-01T10:00:00+09:00");
    let focus: Vec<Value<'_>> = focus.map(Value::Element).into_iter().collect();
    let values = compiled.evaluate(&scope, &focus)?;
    Ok(values
        .iter()
        .map(|value| match &*value.plain() {
            Value::String(text) => text.to_string(),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Decimal(value) => value.to_string(),
            Value::Temporal(moment) => moment.to_string(),
            Value::Quantity(quantity) => quantity.to_string(),
            Value::Element(element) => element.kind().name().to_owned(),
            Value::Type(space, name) => format!("{space}.{name}"),
        })
        .collect())
}

fn is_true(expression: &str) {
    assert_eq!(given(expression), ["true"], "{expression}");
}

#[test]
fn names_lead_through_lists_choices_and_the_type_itself() {
    assert_eq!(given("name.given"), ["太郎", "次郎", "太郎"]);
    assert_eq!(given("Patient.name.first().family"), ["架空"]);
    assert_eq!(given("multipleBirth"), ["2"]);
    assert!(given("multipleBirthInteger").is_empty());
    assert!(given("Encounter.status").is_empty());
    is_true("multipleBirth.is(integer) and (multipleBirth is boolean).not()");
    assert_eq!(given("multipleBirth.ofType(integer)"), ["2"]);
    assert!(given("multipleBirth.as(boolean)").is_empty());
    is_true("name.first().use is string and name.first().use.ofType(string).empty()");
}

#[test]
fn a_primitive_has_its_extensions_and_may_have_nothing_else() {
    is_true("birthDate.extension('http://example.jp/time').value.exists()");
    is_true("gender.exists() and gender.hasValue().not() and gender.extension.value = 'unknown'");
    is_true("birthDate.hasValue() and birthDate.getValue() = @1974-12-25");
    assert_eq!(given("name[1].given.id"), ["g"]);
}

#[test]
fn collections_are_filtered_joined_and_compared() {
    assert_eq!(given("name.where(use = 'usual').given"), ["太郎"]);
    assert_eq!(given("name.given.distinct().count()"), ["2"]);
    is_true("name.given.isDistinct().not() and name.select(use).isDistinct()");
    assert_eq!(given("(1 | 2 | 2 | 3).exclude(2 | 3)"), ["1"]);
    assert_eq!(given("name.given.skip(1).take(1)"), ["次郎"]);
    is_true("'usual' in name.use and (name.use contains 'old').not()");
    is_true("(1 | 2).subsetOf(2 | 1 | 3) and (1 | 2 | 3).supersetOf(3)");
    assert_eq!(given("(1 | 2 | 3).aggregate($this + $total, 0)"), ["6"]);
    assert_eq!(given("name.repeat(given).count()"), ["2"]);
    is_true("Patient.descendants().where($this is HumanName).count() = 2");
}

#[test]
fn nothing_known_stays_nothing() {
    assert!(
        given("{} = 1").is_empty() && given("{} and true").is_empty() && given("{} implies false").is_empty()
    );
    is_true("({} and false) = false and ({} or true) and (false implies {})");
    is_true("name.where({}).empty()");
}

#[test]
fn an_invariant_holds_only_if_it_says_yes() {
    let json = Json::parse(PATIENT.as_bytes(), &Limits::default()).expect("it is JSON");
    let focus = Element::resource(json.root()).expect("it is a Patient");
    let holds = |text: &str| {
        let expression = Expression::compile(text).expect("it is an expression");
        expression.holds(&Scope::of(Some(focus)), &Value::Element(focus)).expect("it has an answer")
    };
    assert!(holds("name.exists()") && holds("name.given") && holds("birthDate"));
    assert!(!holds("deceased") && !holds("active = false") && !holds("{}"));
}

#[test]
fn dates_are_compared_as_far_as_they_are_told() {
    is_true("@2012-04-15 < @2012-04-16 and @2012-04-15T10:00:00Z < @2012-04-15T10:00:00-01:00");
    assert!(given("@2012-04 = @2012-04-15").is_empty() && given("@2012 < @2012-04").is_empty());
    is_true("@2012-01-31 + 1 month = @2012-02-29 and @2012-03-01 - 1 day = @2012-02-29");
    is_true("today() = @2026-04-01 and now() > @2026-03-31T00:00:00Z and birthDate < today()");
    is_true("@T10:30 < @T10:31 and @2012-04-15T15:00:00+02:00 = @2012-04-15T13:00:00Z");
}

#[test]
fn strings_numbers_and_quantities_are_worked_with() {
    is_true("'abcdefg'.substring(1, 2) = 'bc' and 'abc'.indexOf('c') = 2 and 'あいう'.length() = 3");
    is_true(
        "'a,b'.split(',').join('-') = 'a-b' and 'abc'.replace('b', '') = 'ac' and ('a' & {} & 'b') = 'ab'",
    );
    is_true("'2026-04'.matches('^[0-9]{4}-') and 'abc'.replaceMatches('[ab]', 'x') = 'xxc'");
    assert_eq!(given("1 + 2 * 3 - 4 div 2"), ["5"]);
    assert_eq!(given("7.0 / 2"), ["3.5"]);
    is_true("'1 week'.convertsToQuantity() and '1 wk'.convertsToQuantity().not() and 4 'g' ~ 4040 'mg'");
    is_true("4 'g' = 4000 'mg' and 1 week = 7 days and 2 'cm' < 1 'm'");
    is_true("'12'.toInteger() = 12 and '1.5'.convertsToInteger().not() and true.toString() = 'true'");
    is_true("1.5.round() = 2 and (-5).abs() = 5 and 16.sqrt() = 4 and 2.power(3) = 8");
}

#[test]
fn an_inexact_value_has_bounds() {
    is_true("1.587.lowBoundary() = 1.5865 and 1.587.highBoundary(2) = 1.59 and (-1.587).lowBoundary(0) = -2");
    assert_eq!(given("@2014.highBoundary(6)"), ["2014-12"]);
    assert_eq!(given("@T10:30.highBoundary()"), ["10:30:59.999"]);
    is_true(
        "@2014-01-01T08:05+08:00.lowBoundary() = @2014-01-01T08:05:00.000+08:00 and @2014-02.precision() = 6",
    );
    is_true("birthDate.lowBoundary() <= birthDate.highBoundary()");
}

#[test]
fn what_is_contained_is_resolved_without_help() {
    assert_eq!(given("managingOrganization.resolve().name"), ["架空病院"]);
    is_true("managingOrganization.resolve() is Organization");
}

#[test]
fn what_the_caller_must_know_is_asked_or_said_to_be_unknown() {
    let lost = try_given("deceased.memberOf('http://example.jp/set') and true", PATIENT);
    assert_eq!(lost, Ok(Vec::new()), "nothing is a member of nothing");
    let unknown = try_given("name.use.first().memberOf('http://example.jp/set')", PATIENT);
    assert_eq!(unknown, Err(EvalError::Unknown("http://example.jp/set".to_owned())));
}

#[test]
fn what_is_not_known_is_said_when_compiling() {
    let fault = |text: &str| Expression::compile(text).expect_err(text).fault;
    assert_eq!(fault("name.frobnicate()"), PathFault::UnknownFunction("frobnicate".to_owned()));
    assert_eq!(fault("value is Nonsense"), PathFault::UnknownType("Nonsense".to_owned()));
    assert_eq!(fault("%nonsense"), PathFault::UnknownConstant("nonsense".to_owned()));
    assert!(matches!(fault("name.matches('(?=a)')"), PathFault::Regex(_)));
    assert!(matches!(
        fault("name.where()"),
        PathFault::Arguments { function: "where", takes: (1, 1), given: 0 }
    ));
    assert!(matches!(fault("name and"), PathFault::Expected { .. }));
    assert!(matches!(fault("@2012-13"), PathFault::Literal(_)));
    assert_eq!(Expression::compile("1 + + )").map(|_| ()).expect_err("no term").position, 6);
}

#[test]
fn every_invariant_of_the_guides_is_understood() {
    let Some(folder) = crate::examples::data("every_invariant_of_the_guides_is_understood") else { return };
    let list = std::fs::read(folder.join("invariants-jp.json")).expect("the list of invariants");
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).expect("the list is JSON");
    for row in &list {
        let text = row["expression"].as_str().expect("an expression");
        assert!(Expression::compile(text).is_ok(), "{}: {:?}", row["key"], Expression::compile(text));
    }
    assert_eq!(list.len(), 47);
}

#[test]
fn neither_nesting_nor_length_is_a_danger() {
    for (before, inside, after) in
        [("(", "1", ")"), ("-", "1", ""), ("a.where(", "1", ")"), ("a.", "b", ""), ("1+", "1", "")]
    {
        let text = format!("{}{inside}{}", before.repeat(5_000), after.repeat(5_000));
        assert_eq!(Expression::compile(&text).expect_err("too deep").fault, PathFault::TooDeep, "{before}");
    }
    let list = vec!["'a'"; 2_000].join(" | ");
    assert_eq!(given(&format!("({list}).count()")), ["1"]);
}

#[test]
fn work_without_end_is_ended() {
    let endless =
        "name.repeat($this.name | name | %resource.descendants().select(%resource.descendants().count()))";
    let grows = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22)\
                 .aggregate($total & $total & $total, 'xxxxxxxx')";
    let wide = "descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants())))";
    for text in [endless, wide, grows] {
        let result = try_given(text, PATIENT).map(|_| ());
        assert!(matches!(result, Ok(()) | Err(EvalError::Budget)), "{text}: {result:?}");
    }
    let wider = format!("%resource.descendants().select(%resource.{wide})");
    for text in [grows, &wider] {
        assert_eq!(try_given(text, PATIENT).map(|_| ()), Err(EvalError::Budget), "{text}");
    }
}

/// Words an expression is made of, so that chance makes more than rubbish.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "name",
        "given",
        ".",
        ".where(",
        ".select(",
        ".repeat(",
        ".exists()",
        ".count()",
        "(",
        ")",
        "[",
        "]",
        "1",
        "'a'",
        "@2012-04",
        "=",
        "+",
        "-",
        "|",
        " and ",
        " is ",
        "Patient",
        "$this",
        "%resource",
        ".descendants()",
        ".matches(",
        ",",
        ".aggregate(",
        "$total",
        "&",
        " 'mg'",
        " day",
        "{}",
        ".children()",
        ".toString()",
        "~",
        "<",
        ".sort(",
        "`",
    ]);
    prop::collection::vec(word, 1..24).prop_map(|words| words.concat())
}

fn run(text: &str, document: &[u8]) {
    let Ok(expression) = Expression::compile(text) else { return };
    let Ok(json) = Json::parse(document, &Limits::default()) else { return };
    let focus = Element::resource(json.root());
    let scope = Scope::of(focus);
    scope.budget.set(100_000);
    let values: Vec<Value<'_>> = focus.map(Value::Element).into_iter().collect();
    let _ = expression.evaluate(&scope, &values);
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused(text in any::<String>()) {
        run(&text, PATIENT.as_bytes());
    }

    #[test]
    fn any_expression_ends_on_any_document(text in words(), cut in 0..PATIENT.len(), byte in any::<u8>()) {
        let mut document = PATIENT.as_bytes().to_vec();
        run(&text, &document);
        document[cut] = byte;
        run(&text, &document);
    }
}
