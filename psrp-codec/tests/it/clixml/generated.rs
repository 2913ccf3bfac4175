//! The cases of the table of small ones that do not fit in a line of it.

use bytes::BytesMut;
use psrp_codec::{Limits, Value, clixml};

fn read(xml: &[u8]) -> Result<Value, String> {
    clixml::read(xml, &Limits::default()).map_err(|error| error.to_string())
}

fn nested(levels: usize) -> String {
    let outer = levels - 1;
    format!(
        "{}<I32>1</I32>{}",
        "<Obj><LST>".repeat(outer),
        "</LST></Obj>".repeat(outer)
    )
}

#[test]
fn forty_nine_levels_are_read_and_one_more_is_not() {
    assert!(read(nested(49).as_bytes()).is_ok());
    let error = read(nested(50).as_bytes()).unwrap_err();
    assert!(error.ends_with("(nesting)"), "{error}");
}

#[test]
fn what_only_begins_like_an_escape_stays_what_it_is() {
    let text = "_x".repeat(512 * 1024);
    let value = read(format!("<S>{text}</S>").as_bytes()).unwrap();
    assert_eq!(value.as_str(), Some(text.as_str()));
}

#[test]
fn line_ends_are_one_character_and_controls_are_none() {
    assert_eq!(read(b"<S>a\r\nb</S>"), Ok("a\nb".into()));
    assert_eq!(read(b"<S>a\rb</S>"), Ok("a\nb".into()));
    assert!(read(b"<S>\x01</S>").is_err());
    let value = read(b"<Obj><MS><I32 N=\"a\nb\">1</I32></MS></Obj>").unwrap();
    assert_eq!(value.get("a b"), Some(&Value::from(1)));
}

#[test]
fn a_byte_order_mark_is_passed_over_once() {
    assert_eq!(read(b"\xef\xbb\xbf<S>a</S>"), Ok("a".into()));
    assert!(read(b"\xef\xbb\xbf\xef\xbb\xbf<S>a</S>").is_err());
}

#[test]
fn a_long_list_of_types_is_there_once() {
    let names: String = (0..100).map(|i| format!("<T>{i:0>1000}</T>")).collect();
    let xml = format!(
        "<Obj><LST><Obj><TN RefId=\"0\">{names}</TN></Obj>{}</LST></Obj>",
        "<Obj><TNRef RefId=\"0\"/></Obj>".repeat(10_000)
    );
    let mut value = Value::Null;
    let cost = allocation_counter::measure(|| value = read(xml.as_bytes()).unwrap());
    assert!(cost.bytes_max < 8 * xml.len() as u64, "{cost:?}");
    let items = value.items().unwrap();
    assert_eq!(items.len(), 10_001);
    let mut out = BytesMut::new();
    clixml::write(&value, &mut out);
    assert!(out.len() < 2 * xml.len(), "{}", out.len());
}

#[test]
fn characters_that_are_none_travel_as_references() {
    let xml = b"<S>&#xFFFE;&#xFFFF;</S>";
    let value = read(xml).unwrap();
    assert_eq!(value.as_str(), Some("\u{fffe}\u{ffff}"));
    let mut out = BytesMut::new();
    clixml::write(&value, &mut out);
    assert_eq!(&out[..], xml);
    assert!(read("<S>\u{fffe}</S>".as_bytes()).is_err());
}

#[test]
fn a_byte_that_is_no_utf_8_is_refused_wherever_it_stands() {
    let xml = b"<Obj RefId=\"0\"><!--c--><MS><S N=\"a\">b</S></MS></Obj>";
    for at in 0..=xml.len() {
        for byte in [0x80, 0xC0, 0xE9, 0xFF] {
            let mut broken = xml.to_vec();
            broken.insert(at, byte);
            assert!(read(&broken).is_err(), "{byte:#x} at {at}");
        }
    }
}
