//! The parser: agrees with serde_json, refuses with a place, never panics.

use fhir::finding::Finding;
use fhir::json::{Json, Kind, Limits, Node};
use proptest::prelude::*;
use serde_json::Value;

fn refused(bytes: &[u8]) -> Finding {
    Json::parse(bytes, &Limits::default()).map(|_| ()).expect_err("this must be refused")
}

fn refused_at(text: &str) -> (&'static str, u32, u32) {
    let finding = refused(text.as_bytes());
    let position = finding.position.expect("a fault in the text has a place");
    (finding.key, position.line, position.column)
}

#[test]
fn each_fault_of_the_grammar_is_named_and_placed() {
    let cases = [
        ("{\"a\": 1, \"a\": 2}", "json-duplicate-name", 1, 10),
        ("{\"a\":\n  [1,]}", "json-trailing-comma", 2, 5),
        ("{\"漢字\": tru}", "json-bad-word", 1, 8),
        ("{\"a\": 01}", "json-bad-number", 1, 7),
        ("{\"a\": 1.}", "json-bad-number", 1, 7),
        ("{\"a\": +1}", "json-unexpected", 1, 7),
        ("{'a': 1}", "json-single-quote", 1, 2),
        ("{\"a\": 1} x", "json-trailing", 1, 10),
        ("{\"a\": 1 // no\n}", "json-comment", 1, 9),
        ("{\"a\" 1}", "json-unexpected", 1, 6),
        ("{\"a\": \"\\ud800\"}", "json-lone-surrogate", 1, 8),
        ("{\"a\": \"\\udc00\"}", "json-lone-surrogate", 1, 8),
        ("{\"a\": \"\\x\"}", "json-bad-escape", 1, 8),
        ("{\"a\": \"\\u0000\"}", "json-nul", 1, 8),
        ("{\"a\": \"tab\there\"}", "json-control-character", 1, 11),
        ("{\"a\": [1, 2", "json-truncated", 1, 12),
    ];
    for (text, key, line, column) in cases {
        assert_eq!(refused_at(text), (key, line, column), "{text}");
    }
}

#[test]
fn other_character_codes_are_recognised() {
    assert_eq!(refused(b"\xEF\xBB\xBF{}").key, "json-bom");
    assert_eq!(refused(b"\xFF\xFE{\0}\0").key, "json-utf16");
    assert_eq!(refused(b"\0{\0}").key, "json-utf16");
    assert_eq!(refused(b"{\"name\":\"\x89\xCB\x8B\xF3\"}").key, "json-shift-jis");
    assert_eq!(refused(b"{\"name\":\"\xFF\"}").key, "json-invalid-utf8");
    assert_eq!(refused(b"").key, "json-empty");
    assert_eq!(refused(b" \n").key, "json-empty");
}

#[test]
fn ten_thousand_levels_are_refused_and_sixty_four_are_read() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(refused(nested(10_000).as_bytes()).key, "json-too-deep");
    assert_eq!(refused(nested(65).as_bytes()).key, "json-too-deep");
    assert!(Json::parse(nested(64).as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn a_document_above_the_limit_is_refused_unread() {
    let limits = Limits { bytes: 10, depth: 4 };
    let finding = Json::parse(b"[1,2,3,4,5,6]", &limits).map(|_| ()).expect_err("13 bytes are more than 10");
    assert_eq!((finding.key, finding.found.as_deref()), ("json-too-large", Some("13")));
}

#[test]
fn numbers_keep_their_digits_and_nodes_their_bytes() {
    let text = "{\"value\": 4.10, \"name\": \"\\u67b6空\\n\" , \"list\": [ {} ]}";
    let json = Json::parse(text.as_bytes(), &Limits::default()).expect("it is JSON");
    let root = json.root();
    assert_eq!(root.get("value").and_then(Node::number_text), Some("4.10"));
    assert_eq!(root.text_at(&["name"]), Some("架空\n"));
    assert_eq!(root.get("name").map(Node::bytes), Some("\"\\u67b6空\\n\"".as_bytes()));
    assert_eq!(root.get("list").map(Node::bytes), Some(&b"[ {} ]"[..]));
}

#[test]
fn twins_are_found_in_small_and_in_huge_objects() {
    let members = |count: usize| (0..count).map(|i| format!("\"n{i}\":{i}")).collect::<Vec<_>>().join(",");
    for count in [2, 11, 12, 13, 14, 100, 50_000] {
        let all = members(count);
        assert!(Json::parse(format!("{{{all}}}").as_bytes(), &Limits::default()).is_ok(), "{count}");
        let twin = format!("{{{all},\"n{}\":0}}", count / 2);
        assert_eq!(refused(twin.as_bytes()).key, "json-duplicate-name", "{count}");
        let escaped = format!("{{{all},\"\\u006e{}\":0}}", count / 2);
        assert_eq!(refused(escaped.as_bytes()).key, "json-duplicate-name", "{count}");
    }
}

/// The tree as serde_json would have it, numbers as text.
fn plain(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => node.bool().expect("a bool").into(),
        Kind::Number => {
            serde_json::from_str(node.number_text().expect("a number")).expect("its digits are JSON")
        }
        Kind::String => node.str().expect("a string").into(),
        Kind::Array => node.items().map(plain).collect(),
        Kind::Object => {
            Value::Object(node.members().map(|(key, value)| (key.to_owned(), plain(value))).collect())
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e6..1.0e6_f64).prop_map(Value::from),
        "[^\u{0}]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 16, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..16).prop_map(Value::from),
            prop::collection::btree_map("[^\u{0}]{0,12}", inner, 0..16)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn it_reads_what_serde_json_writes(value in any_value(), pretty in any::<bool>()) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let json = Json::parse(text.as_bytes(), &Limits::default()).expect("serde_json writes JSON");
        prop_assert_eq!(plain(json.root()), serde_json::from_str::<Value>(&text).expect("and reads it"));
        prop_assert_eq!(json.root().bytes(), text.as_bytes());
    }

    #[test]
    fn it_accepts_nothing_that_serde_json_refuses(text in "[\\[\\]{}:,\"0-9eE+.tfn\\\\u -]{0,24}") {
        if Json::parse(text.as_bytes(), &Limits::default()).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn every_prefix_of_a_document_is_refused(value in any_value()) {
        let text = serde_json::json!({ "resourceType": "Basic", "x": value }).to_string();
        for end in 0..text.len() {
            prop_assert!(Json::parse(&text.as_bytes()[..end], &Limits::default()).is_err());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Json::parse(&bytes, &Limits::default());
    }
}
