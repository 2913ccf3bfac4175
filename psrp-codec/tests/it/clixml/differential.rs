//! The scanner against quick-xml: both see the same elements, names and texts.

use proptest::prelude::*;
use proptest::sample::Index;
use psrp_codec::clixml::Tape;
use psrp_codec::{Encoded, Limits, Value, fuzzing};

fn written(value: &Value) -> String {
    let mut out = bytes::BytesMut::new();
    psrp_codec::clixml::write(value, &mut out);
    String::from_utf8(out.to_vec()).unwrap()
}

/// The text with these pieces put in, wherever that is.
fn edited(mut xml: String, pieces: &[(Index, String)]) -> String {
    for (place, piece) in pieces {
        let mut at = place.index(xml.len());
        while !xml.is_char_boundary(at) {
            at -= 1;
        }
        xml.insert_str(at, piece);
    }
    xml
}

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

/// An object with these parts, and properties in them that are easily mistaken for one another.
fn object_of(parts: &[(usize, Vec<(usize, usize)>)]) -> String {
    const NAMES: [&str; 12] = [
        "N=\"Name\"",
        "N=\"name\"",
        "N=\"NAME\" x=\"Name\"",
        "y=\"Name\" N=\"Other\"",
        " N = \"Name\" ",
        "N='Name'",
        "N=\"N_x0061_me\"",
        "N=\"_x004E_ame\"",
        "N=\"Na&#109;e\"",
        "N=\"&quot;Name&quot;\"",
        "N=\"Namé\" z=\"a>b\"",
        "N=\"a/b\" ",
    ];
    const VALUES: [&str; 10] = [
        "<S %>\"Name\" N=\"Name\"</S>",
        "<I32 %>1</I32>",
        "<Nil %/>",
        "<Obj % RefId=\"1\"><TN RefId=\"1\"><T>t</T></TN><MS><S N=\"Name\">in</S></MS></Obj>",
        "<Ref % RefId=\"0\"/>",
        "<Obj %><TNRef RefId=\"0\"/><Props><S N=\"Name\">deep</S></Props></Obj>",
        "<S %>a<![CDATA[</S><S N=\"Name\">]]></S>",
        "<Nil %><Props><S N=\"Name\"/></Props></Nil>",
        "<S %>_x000A_ it's &#65; &amp; é > /></S>",
        "<Obj %><DCT><En><S N=\"Key\">a</S><S N=\"Value\">Name</S></En></DCT></Obj>",
    ];
    let mut xml = String::from("<Obj RefId=\"0\"><TN RefId=\"0\"><T>Name</T></TN>");
    for (part, properties) in parts {
        let (start, end) = [
            ("<Props>", "</Props>"),
            ("<MS>", "</MS>"),
            ("<MS>", "</MS >"),
            ("<LST>", "</LST>"),
            ("<MS><MS N=\"Name\">", "</MS></MS>"),
            ("<Props/><ToString N=\"Name\">", "</ToString>"),
        ][*part];
        xml.push_str(start);
        if *part < 5 {
            for (name, value) in properties {
                xml.push_str(&VALUES[*value].replace('%', NAMES[*name]));
            }
        }
        xml.push_str(end);
    }
    xml + "</Obj>"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_scanner_sees_what_quick_xml_sees(value: Value, style in 0_u8..7) {
        let xml = written(&value);
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
        edits in prop::collection::vec((any::<Index>(), "[<>/&;=\"'! SNObj_x\\]?-]{0,3}"), 0..3),
    ) {
        let xml = edited(written(&value), &edits);
        fuzzing::clixml_shortcuts(xml.as_bytes());
        fuzzing::clixml_shortcuts(in_another_style(&xml, style).as_bytes());
        let document = format!(
            "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{xml}</Objs>"
        );
        fuzzing::clixml_shortcuts(document.as_bytes());
    }

    #[test]
    fn a_property_looked_for_alone_is_the_one_of_the_whole_structure(
        value: Value,
        parts in prop::collection::vec((0_usize..6, prop::collection::vec((0_usize..12, 0_usize..10), 0..5)), 0..5),
        style in 0_u8..7,
    ) {
        fuzzing::clixml_lookup(in_another_style(&written(&value), style).as_bytes());
        let xml = object_of(&parts);
        let read = psrp_codec::clixml::read(xml.as_bytes(), &Limits::default());
        prop_assert!(read.is_ok(), "{read:?} {xml}");
        fuzzing::clixml_lookup(xml.as_bytes());
        fuzzing::clixml_lookup(in_another_style(&xml, style).as_bytes());
        // What is cut short is seen.
        let cut = Encoded::new(xml[..xml.len() - 6].to_owned().into());
        let found = cut.get("Name", &mut Tape::default(), &Limits::default());
        prop_assert!(found.is_err(), "{found:?} {xml}");
    }

    #[test]
    fn what_the_scanner_takes_is_well_formed(
        value: Value,
        edits in prop::collection::vec((any::<Index>(), "[<>/&;=\"'! SNObj\\]?-]"), 1..4),
    ) {
        let xml = edited(written(&value), &edits);
        fuzzing::clixml_against_quick_xml(xml.as_bytes());
    }
}
