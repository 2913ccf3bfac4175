//! Any value that can be built is written, read, and is the same.

use bytes::BytesMut;
use proptest::prelude::*;
use psrp_codec::clixml::{self, Document, Reader, Scalar, Tape};
use psrp_codec::{
    ContainerKind, Content, Encoded, Limits, Object, PsString, RefId, TypeNames, Value,
};

fn written(value: &Value) -> BytesMut {
    let mut out = BytesMut::new();
    clixml::write(value, &mut out);
    out
}

fn read(xml: &[u8]) -> Value {
    clixml::read(xml, &Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(xml)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_value_comes_back_as_it_was(value: Value) {
        let xml = written(&value);
        prop_assert_eq!(&read(&xml), &value);
        prop_assert_eq!(written(&read(&xml)), xml);
    }

    #[test]
    fn any_document_comes_back_as_it_was(values in prop::collection::vec(any::<Value>(), 0..4), stream in any::<Option<PsString>>()) {
        let mut document = Document::from_iter(values);
        if let Some(first) = document.values.first_mut() {
            first.stream = stream;
        }
        let mut file = BytesMut::new();
        document.write(&mut file);
        prop_assert_eq!(Document::read(&file, &Limits::default()), Ok(document.clone()));
        let mut stream = BytesMut::new();
        document.write_stream(&mut stream);
        prop_assert_eq!(Document::read_stream(&stream, &Limits::default()), Ok(document));
    }

    #[test]
    fn a_reader_that_remembers_reads_the_same(values in prop::collection::vec(any::<Value>(), 0..4)) {
        let mut reader = Reader::new(Limits::default());
        for value in &values {
            prop_assert_eq!(reader.read(&written(value)), Ok(value.clone()));
        }
    }

    #[test]
    fn a_property_found_in_place_is_the_one_found_in_the_tree(value: Value) {
        let encoded = Encoded::from(&value);
        let (mut tape, limits) = (Tape::default(), Limits::default());
        let names = value.as_object().into_iter().flat_map(|object| object.properties());
        for (name, _) in names.chain([(&"Name".into(), &Value::Null)]) {
            let Some(name) = name.as_str() else { continue };
            let found = encoded.get(name, &mut tape, &limits).unwrap();
            prop_assert_eq!(found.as_ref(), value.get(name));
        }
    }
}

#[test]
fn a_name_is_what_it_means_and_not_what_is_written() {
    let xml = "<Obj><MS><S N=\"_x0041_\">A</S><S N=\"b&amp;\">and</S><S N=\"__c\">c</S></MS></Obj>";
    let (mut tape, limits) = (Tape::default(), Limits::default());
    let root = tape.parse(xml.as_bytes(), &limits).unwrap();
    let tree = root.to_value().unwrap();
    for (name, found) in [
        ("a", Some("A")),
        ("_x0041_", None),
        ("B&", Some("and")),
        ("b&amp;", None),
        ("__C", Some("c")),
    ] {
        let found = found.map(Value::from);
        let node = root.get(name).map(|node| node.to_value().unwrap());
        assert_eq!(node, found, "{name}");
        assert_eq!(tree.get(name), found.as_ref(), "{name}");
    }
}

#[test]
fn bytes_are_read_into_a_buffer_or_it_stays_as_it_was() {
    let mut limits = Limits::default();
    limits.blob_size = 3;
    let mut tape = Tape::default();
    let mut out = vec![9];
    for (xml, read) in [
        ("<BA>AQID</BA>", Ok(Some(3))),
        ("<BA> A&#81;\n<!-- -->ID </BA>", Ok(Some(3))),
        ("<BA/>", Ok(Some(0))),
        ("<S>AQID</S>", Ok(None)),
        ("<BA>AQIDBA==</BA>", Err(())),
        ("<BA>AQI</BA>", Err(())),
        ("<BA>AQI\nD=</BA>", Err(())),
        ("<BA>&#xD800;</BA>", Err(())),
    ] {
        let node = tape.parse(xml.as_bytes(), &limits).unwrap();
        let found = node.bytes_into(&mut out, &limits);
        assert_eq!(found.clone().map_err(drop), read, "{xml} {found:?}");
        let Ok(Some(Scalar::Bytes(bytes))) = node.scalar_with(&limits) else {
            assert!(!matches!(read, Ok(Some(_))), "{xml}");
            assert_eq!(out, [9]);
            continue;
        };
        assert_eq!(out.split_off(1), &*bytes, "{xml}");
    }
}

#[test]
fn every_utf16_unit_survives_in_texts_names_and_type_names() {
    for unit in 0..=u16::MAX {
        let text = PsString::from_utf16(&[0x61, unit, 0x62]);
        let object = Object::of_type([text.clone()])
            .text(text.clone())
            .property(text.clone(), Value::String(text));
        let value = Value::from(object);
        assert_eq!(read(&written(&value)), value, "unit {unit:04X}");
    }
}

#[test]
fn an_object_may_be_part_of_itself() {
    let cycle = Object::bag()
        .labelled(RefId(0))
        .property("self", Value::Reference(RefId(0)));
    let xml = written(&cycle.into());
    assert_eq!(
        xml,
        r#"<Obj RefId="0"><MS><Ref N="self" RefId="0" /></MS></Obj>"#
    );
    assert_eq!(written(&read(&xml)), xml);
}

#[test]
fn labels_hold_when_a_value_moves_into_another() {
    let xml = br#"<Obj RefId="5"><MS><Obj N="a" RefId="6"><MS><I32 N="x">1</I32></MS></Obj><Ref N="b" RefId="6" /></MS></Obj>"#;
    let moved = Value::list([
        Value::from(Object::bag()),
        read(xml),
        Value::from(Object::bag()),
    ]);
    let again = read(&written(&moved));
    let inner = &again.items().unwrap()[1];
    let target = inner.get("a").unwrap().as_object().unwrap().ref_id;
    assert_eq!(inner.get("b"), target.map(Value::Reference).as_ref());
}

#[test]
fn a_reference_to_nothing_becomes_null() {
    let value = Value::list([Value::Reference(RefId(9))]);
    assert!(read(&written(&value)).items().unwrap()[0].is_null());
}

#[test]
fn equal_lists_of_type_names_are_sent_once_and_shared_when_read() {
    let object = || Object::of_type(["A", "System.Object"]);
    let value = Value::list([
        Value::from(object()),
        object().into(),
        Object::of_type(["a"]).into(),
    ]);
    let xml = written(&value);
    let text = String::from_utf8_lossy(&xml);
    assert_eq!(text.matches("<TN ").count(), 3);
    assert_eq!(text.matches("<TNRef RefId=\"1\" />").count(), 1);
    let again = read(&xml);
    let names: Vec<&TypeNames> = again
        .items()
        .unwrap()
        .iter()
        .map(|item| item.as_object().unwrap().type_names.as_ref().unwrap())
        .collect();
    assert!(std::ptr::eq(names[0].as_ptr(), names[1].as_ptr()));
}

#[test]
fn what_is_too_deep_is_cut_where_it_can_still_be_read() {
    let mut value = Value::from(1);
    for _ in 0..5000 {
        value = Object::wrapping(Content::Items(ContainerKind::List, vec![value])).into();
    }
    let again = read(&written(&value));
    let (mut inner, mut levels) = (&again, 1);
    while let Some([item]) = inner.items() {
        (inner, levels) = (item, levels + 1);
    }
    assert_eq!(inner.as_str(), Some("Serialized XML is nested too deeply."));
    assert_eq!(levels, 49);
}

#[test]
fn what_clixml_has_no_form_for_is_left_out() {
    let object = Object::wrapping(Content::Dictionary(vec![
        (Value::Null, 1.into()),
        (1.into(), 2.into()),
    ]))
    .property("", 1)
    .property("a", 2);
    let again = read(&written(&object.into()));
    assert_eq!(again.entries().unwrap().len(), 1);
    assert_eq!(again.as_object().unwrap().properties().count(), 1);
    let again = read(&written(
        &Object::wrapping(Content::Value(Value::Null)).into(),
    ));
    assert_eq!(again.as_object().unwrap().content, None);
}

#[test]
fn a_document_is_indented_as_powershell_does_it() {
    let document =
        Document::from_iter([Value::from(Object::custom().property("a", 1)), Value::Null]);
    let mut out = BytesMut::new();
    document.write(&mut out);
    assert_eq!(
        String::from_utf8_lossy(&out),
        r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0">
      <T>System.Management.Automation.PSCustomObject</T>
      <T>System.Object</T>
    </TN>
    <MS>
      <I32 N="a">1</I32>
    </MS>
  </Obj>
  <Nil />
</Objs>"#
    );
}

fn objs(values: &str) -> String {
    format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{values}</Objs>"
    )
}

/// Export-Clixml of Windows PowerShell writes UTF-16 unless it is told otherwise.
#[test]
fn a_file_in_utf_16_is_the_file_in_utf_8() {
    let limits = Limits::default();
    let objs = objs("<S>aé😀</S>");
    let expected = Document::read(objs.as_bytes(), &limits).unwrap();
    for declaration in ["", "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n"] {
        let text = format!("\u{feff}{declaration}{objs}");
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let file: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
            assert_eq!(Document::read(&file, &limits).as_ref(), Ok(&expected));
            // The last unit is cut in two.
            let error = Document::read(&file[..file.len() - 1], &limits).unwrap_err();
            assert!(error.to_string().ends_with("this is not UTF-16"), "{error}");
        }
    }
    let says_otherwise = format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{objs}");
    assert!(Document::read(says_otherwise.as_bytes(), &limits).is_err());
}

#[test]
fn a_stream_may_hold_what_several_processes_wrote() {
    let limits = Limits::default();
    let one = objs("<Obj RefId=\"0\"><LST><Obj RefId=\"1\" /><Ref RefId=\"1\" /></LST></Obj>");
    let two = objs("<S S=\"Error\">bad</S>");
    let alone = [one.as_str(), two.as_str()].map(|each| {
        let document = Document::read(each.as_bytes(), &limits).unwrap();
        document.values
    });
    let expected = alone.concat();
    for stream in [
        format!("#< CLIXML\r\n{one}{two}"),
        format!("#< CLIXML\n{one}\n{two}\n"),
        format!("#< CLIXML\r\n#< CLIXML\r\n{one}\r\n#< CLIXML\r\n{two}"),
    ] {
        let read = Document::read_stream(stream.as_bytes(), &limits).unwrap();
        assert_eq!(read.values, expected, "{stream}");
    }
    for (stream, offset) in [
        (format!("#< CLIXML\n{one}<I32>1</I32>"), 10 + one.len()),
        (format!("#< CLIXML\n{one}\n{}", &two[..two.len() - 1]), 0),
        ("#< CLIXML\n".to_owned(), 10),
    ] {
        let error = Document::read_stream(stream.as_bytes(), &limits).unwrap_err();
        assert!(error.offset().unwrap() >= offset, "{error}");
    }
}
