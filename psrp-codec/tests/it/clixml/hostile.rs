//! Bytes that nobody should send: an error that says where, and never a panic.

use proptest::prelude::*;
use psrp_codec::clixml::{self, Document};
use psrp_codec::{Limits, fuzzing};

use super::super::testdata::{folder, text};

/// Small inputs of every form.
fn corpus() -> Vec<String> {
    let mut corpus: Vec<String> = text("clixml.tsv")
        .lines()
        .skip(1)
        .filter_map(|row| row.split('\t').nth(4).map(str::to_owned))
        .collect();
    for entry in std::fs::read_dir(folder("clixml")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            corpus.push(std::fs::read_to_string(path).unwrap());
        }
    }
    corpus
}

#[test]
fn every_value_cut_short_at_any_byte_is_an_error() {
    for xml in corpus() {
        let limits = Limits::default();
        if clixml::read(xml.as_bytes(), &limits).is_ok() {
            for end in 0..xml.trim_end().len() {
                let cut = &xml.as_bytes()[..end];
                let error = clixml::read(cut, &limits).expect_err(&xml);
                assert!(error.offset().is_some_and(|at| at <= end), "{error}");
            }
        }
        if Document::read(xml.as_bytes(), &limits).is_ok() {
            for end in 0..xml.trim_end().len() {
                Document::read(&xml.as_bytes()[..end], &limits).expect_err(&xml);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(65_536))]

    #[test]
    fn no_mutation_of_any_value_does_harm(
        pick: prop::sample::Index,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..6),
    ) {
        let corpus = CORPUS.get_or_init(corpus);
        let mut xml = pick.get(corpus).clone().into_bytes();
        for (place, byte, what) in edits {
            if xml.is_empty() {
                break;
            }
            let at = place.index(xml.len());
            match what {
                0 => xml[at] = byte,
                1 => drop(xml.remove(at)),
                2 => xml.insert(at, byte),
                // A piece from elsewhere, so that what is well-formed stays so now and then.
                _ => {
                    let length = usize::from(byte).min(xml.len() - at);
                    let piece = xml[at..at + length].to_vec();
                    xml.splice(at..at, piece);
                }
            }
        }
        fuzzing::clixml_round_trip(&xml);
        fuzzing::clixml_document_round_trip(&xml);
    }
}

static CORPUS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();

#[test]
fn namespaces_that_xml_does_not_allow_are_refused() {
    let limits = Limits::default();
    for (attribute, taken) in [
        ("xmlns:p='urn:p'", true),
        ("xmlns:xml='http://www.w3.org/XML/1998/namespace'", true),
        ("xmlns:p='http://www.w3.org/XML/1998/namespace'", false),
        ("xmlns:p='http://www.w3.org/2000/xmlns/'", false),
        ("xmlns='http://www.w3.org/2000/xmlns/'", false),
        ("xmlns:xmlns='http://www.w3.org/2000/xmlns/'", false),
        ("xmlns:p=''", false),
        ("xmlns:p='http://www.w3.org/2000/xmlns&#47;'", false),
        ("p:a=''", false),
    ] {
        let xml = format!("<Nil><a {attribute}/></Nil>");
        assert_eq!(
            clixml::read(xml.as_bytes(), &limits).is_ok(),
            taken,
            "{xml}"
        );
    }
}

#[test]
fn an_attribute_that_is_there_twice_is_refused_however_it_is_written() {
    let limits = Limits::default();
    for (attributes, taken) in [
        ("N='' N=''", false),
        ("a='' a=''", false),
        ("p:a='' p:a=''", false),
        ("p:a='' q:a=''", false),
        // References mean what they stand for in the name of a namespace, too.
        ("p:a='' written:a=''", false),
        ("written:a='' again:a=''", false),
        ("p:a='' q:b=''", true),
        ("p:a='' other:a=''", true),
        // The namespace of elements is not that of attributes.
        ("p:a='' a=''", true),
        ("p:a='' q:a='' xmlns:q='urn:mine'", true),
        ("p:a='' mine:a='' xmlns:mine='urn:n'", false),
    ] {
        let xml = format!(
            "<Nil><x xmlns='urn:n' xmlns:p='urn:n' xmlns:q='urn:n' xmlns:written='urn:&#110;' \
             xmlns:again='urn:&#x6E;' xmlns:other='urn:N'><y {attributes}/></x></Nil>"
        );
        let read = clixml::read(xml.as_bytes(), &limits);
        assert_eq!(read.is_ok(), taken, "{xml}: {read:?}");
        fuzzing::clixml_against_quick_xml(xml.as_bytes());
    }
}

#[test]
fn xml_declarations_that_xml_does_not_allow_are_refused() {
    let limits = Limits::default();
    for (rest, taken) in [
        ("version='1.0'", true),
        ("version='1.0' encoding='utf-8'\n standalone=\"yes\" ", true),
        ("version='1.0'encoding='utf-8'", false),
        ("version='1.0' standalone='yes' encoding='utf-8'", false),
        ("encoding='utf-8'", false),
        ("version='1.1'", false),
    ] {
        let xml = format!(
            "<?xml {rest}?><Objs xmlns='http://schemas.microsoft.com/powershell/2004/04'/>"
        );
        assert_eq!(
            Document::read(xml.as_bytes(), &limits).is_ok(),
            taken,
            "{xml}"
        );
    }
}

#[test]
fn errors_say_what_and_where() {
    for (xml, message) in [
        (
            "<I32>x</I32>",
            r#"I32 at byte 5: "x" is not a value this can have"#,
        ),
        (
            "<Foo/>",
            "CLIXML at byte 0: an element Foo cannot stand here",
        ),
        ("<S>a", "CLIXML at byte 4: the input ends too early"),
        (
            "<S>a</I32>",
            "CLIXML at byte 4: the end tag does not fit the start tag",
        ),
        (
            "<Obj><MS><S>a</S></MS></Obj>",
            "CLIXML at byte 9: a property has no name",
        ),
        (
            "<Ref RefId=\"1\"/>",
            "CLIXML at byte 0: a Ref names an object that has not come yet",
        ),
        (
            "<!DOCTYPE S><S/>",
            "CLIXML at byte 0: a document type is prohibited",
        ),
        (
            "<S xmlns:p='n' xmlns:q='n' p:a='' q:a=''/>",
            "CLIXML at byte 34: an attribute is there twice, under two prefixes of one namespace",
        ),
        (
            "<S/><S/>",
            "CLIXML at byte 4: there is more than one root element",
        ),
        (
            "<BA>AQI</BA>",
            r#"BA at byte 4: "AQI" is not a value this can have"#,
        ),
    ] {
        let error = clixml::read(xml.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), message, "{xml}");
    }
}
