//! The scanner against quick-xml: both see the same elements, names and texts.

use proptest::prelude::*;
use psrp_codec::{Value, fuzzing};

/// Ways of XML that PowerShell never takes and a peer may.
fn in_another_style(xml: &str, style: u8) -> String {
    match style {
        0 => xml.replace("><", ">\r\n\t <"),
        1 => xml.replace(" />", "/>"),
        2 => xml.replace("><", "><!-- - --><?p <x>?><"),
        3 => xml.replace('e', "&#x65;").replace("R&#x65;fId", "RefId"),
        4 => xml.replace("N=\"", "\n x='&lt;\"' N = \""),
        5 => xml.replace("</S>", "<![CDATA[a<&]]>\r\n</S >"),
        _ => xml.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_scanner_sees_what_quick_xml_sees(value: Value, style in 0_u8..7) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let xml = String::from_utf8(out.to_vec()).unwrap();
        // A text that looks like an attribute would be taken for one.
        prop_assume!(style != 4 || !xml.replace(" N=\"", " ").contains("N="));
        let styled = in_another_style(&xml, style);
        let read = fuzzing::bare_against_quick_xml(styled.as_bytes());
        // Only the tags of start and end can be hurt by a style.
        prop_assert!(read.is_ok() || style == 3, "{:?} {}", read, styled);
    }

    #[test]
    fn shortcuts_change_nothing(
        value: Value,
        style in 0_u8..7,
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>/&;=\"'! SNObj_x\\]?-]{0,3}"), 0..3),
    ) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let mut xml = String::from_utf8(out.to_vec()).unwrap();
        for (place, piece) in edits {
            let mut at = place.index(xml.len());
            while !xml.is_char_boundary(at) {
                at -= 1;
            }
            xml.insert_str(at, &piece);
        }
        fuzzing::clixml_shortcuts(xml.as_bytes());
        fuzzing::clixml_shortcuts(in_another_style(&xml, style).as_bytes());
        let document = format!(
            "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{xml}</Objs>"
        );
        fuzzing::clixml_shortcuts(document.as_bytes());
    }

    #[test]
    fn what_the_scanner_takes_is_well_formed(
        value: Value,
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>/&;=\"'! SNObj\\]?-]"), 1..4),
    ) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let mut xml = String::from_utf8(out.to_vec()).unwrap();
        for (place, piece) in edits {
            let mut at = place.index(xml.len());
            while !xml.is_char_boundary(at) {
                at -= 1;
            }
            xml.insert_str(at, &piece);
        }
        fuzzing::clixml_against_quick_xml(xml.as_bytes());
    }
}
