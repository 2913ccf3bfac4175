//! What counts against a ceiling of CLIXML; `crate::limits` has each of them at its edge.

use psrp_codec::clixml;
use psrp_codec::{DecodeErrorKind, Limits};

/// Which ceiling reading `xml` runs into.
fn ceiling(xml: &str, set: impl FnOnce(&mut Limits)) -> Option<&'static str> {
    let mut limits = Limits::default();
    set(&mut limits);
    match clixml::read(xml.as_bytes(), &limits) {
        Ok(_) => None,
        Err(error) => match error.kind() {
            DecodeErrorKind::TooLarge { what, .. } => Some(what),
            other => panic!("{other}"),
        },
    }
}

fn nested(levels: usize) -> String {
    let (open, close) = ("<Obj><LST>", "</LST></Obj>");
    format!(
        "{}<Nil/>{}",
        open.repeat(levels - 1),
        close.repeat(levels - 1)
    )
}

#[test]
fn forty_nine_levels_are_read_and_fifty_are_not() {
    assert_eq!(ceiling(&nested(49), |_| ()), None);
    assert_eq!(ceiling(&nested(50), |_| ()), Some("nesting"));
    assert_eq!(
        ceiling(&nested(128), |limits| (limits.nesting, limits.depth) =
            (9999, 9999)),
        None
    );
    assert_eq!(
        ceiling(&nested(129), |limits| (limits.nesting, limits.depth) =
            (9999, 9999)),
        Some("nesting")
    );
}

#[test]
fn elements_nest_no_deeper_than_the_limit() {
    let skipped = |depth: usize| {
        format!(
            "<Nil>{}{}</Nil>",
            "<x>".repeat(depth - 1),
            "</x>".repeat(depth - 1)
        )
    };
    assert_eq!(ceiling(&skipped(256), |_| ()), None);
    assert_eq!(ceiling(&skipped(257), |_| ()), Some("depth"));
    let sets = |depth: usize| {
        format!(
            "<Obj><MS>{}{}</MS></Obj>",
            "<MS N=\"a\">".repeat(depth - 2),
            "</MS>".repeat(depth - 2)
        )
    };
    assert_eq!(ceiling(&sets(256), |_| ()), None);
    assert_eq!(ceiling(&sets(257), |_| ()), Some("depth"));
}

#[test]
fn properties_count_for_the_object_however_they_are_spread() {
    let xml = r#"<Obj><Props><Nil N="a"/></Props><MS><Nil N="b"/><MS N="c"><Nil N="d"/></MS></MS><MS><Nil N="e"/></MS></Obj>"#;
    assert_eq!(ceiling(xml, |limits| limits.properties = 5), None);
    assert_eq!(
        ceiling(xml, |limits| limits.properties = 4),
        Some("properties")
    );
}

#[test]
fn attributes_that_are_not_known_are_counted() {
    let with = |count: usize| {
        let attributes: String = (0..count).map(|i| format!(" a{i}=\"\"")).collect();
        format!("<Nil{attributes}/>")
    };
    assert_eq!(ceiling(&with(64), |_| ()), None);
    assert_eq!(ceiling(&with(65), |_| ()), Some("attributes"));
}
