//! Records: what somebody has added, what older servers leave out, and what .NET calls things.

use psrp_codec::{
    ErrorCategory, ErrorRecord, InformationalRecord, Member, Object, RefId, TypeNames, Value,
    record::{ErrorDetails, InformationalKind, RecordInvocation},
};

use crate::sample::{read, written};

fn error() -> ErrorRecord {
    ErrorRecord::new(
        "System.Exception",
        "boom",
        "boom",
        ErrorCategory::NOT_SPECIFIED,
    )
}

fn enriched() -> Box<RecordInvocation> {
    Box::new(RecordInvocation {
        invocation_name: Some("Get-Item".into()),
        pipeline_length: 1,
        ..RecordInvocation::default()
    })
}

#[test]
fn notes_on_an_error_stay_where_powershell_writes_them() {
    let plain = written(&error().to_value());
    let noted = plain
        .replace(
            "<MS><Obj N=\"Exception\"",
            "<MS><S N=\"note\">mine</S><Obj N=\"Exception\"",
        )
        .replace("</MS></Obj>", "<Nil N=\"PSMessageDetails\" /></MS></Obj>");
    let record = ErrorRecord::from_value(&read(&noted)).unwrap();
    assert_eq!(record.notes, [("note", Value::from("mine")).into()]);
    assert_eq!(record.others, [("PSMessageDetails", Value::Null).into()]);
    assert_eq!(written(&record.to_value()), noted);
}

#[test]
fn an_error_may_be_part_of_itself() {
    let record = ErrorRecord {
        ref_id: Some(RefId(0)),
        target_object: Object::custom()
            .property("error", Value::Reference(RefId(0)))
            .into(),
        ..error()
    };
    let xml = written(&record.to_value());
    assert!(xml.contains("<Ref N=\"error\" RefId=\"0\" />"), "{xml}");
    let back = ErrorRecord::from_value(&read(&xml)).unwrap();
    assert_eq!(back, record);
    assert_eq!(written(&back.to_value()), xml);
}

#[test]
fn advice_without_a_message_is_kept() {
    let record = ErrorRecord {
        details: Some(ErrorDetails {
            message: None,
            recommended_action: Some("try again".into()),
        }),
        ..error()
    };
    let xml = written(&record.to_value());
    let without = xml.replace("<Nil N=\"ErrorDetails_Message\" />", "");
    assert_ne!(without, xml);
    for xml in [xml, without] {
        assert_eq!(ErrorRecord::from_value(&read(&xml)).as_ref(), Ok(&record));
    }
}

#[test]
fn the_collection_of_iterations_keeps_its_type() {
    let framework = TypeNames::of([
        "System.Collections.ObjectModel.ReadOnlyCollection`1[[System.Int32, mscorlib, \
         Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089]]",
        "System.Object",
    ]);
    for iteration_type in [None, Some(framework)] {
        let invocation = Some(Box::new(RecordInvocation {
            iteration_type,
            ..*enriched()
        }));
        let record = ErrorRecord {
            invocation: invocation.clone(),
            pipeline_iteration_info: vec![0, 1],
            ..error()
        };
        let xml = written(&record.to_value());
        assert!(xml.contains("[[System.Int32, "));
        assert_eq!(ErrorRecord::from_value(&read(&xml)).as_ref(), Ok(&record));
        let mut warning = InformationalRecord::new("careful");
        warning.invocation = invocation;
        warning.pipeline_iteration_info = vec![2];
        let xml = written(&warning.to_value(InformationalKind::Warning));
        let back = InformationalRecord::from_value(InformationalKind::Warning, &read(&xml));
        assert_eq!(back.as_ref(), Ok(&warning));
    }
}

/// PowerShell casts what it finds: null to a text or an object, and no null to a number.
#[test]
fn an_invocation_lacks_what_may_be_null_and_nothing_else() {
    let mut warning = InformationalRecord::new("careful");
    warning.invocation = Some(enriched());
    let Value::Object(object) = warning.to_value(InformationalKind::Warning) else {
        panic!("a record is an object")
    };
    let members = object.extended.as_deref().unwrap_or_default();
    let mut needed = Vec::new();
    for at in 2..members.len() {
        let mut members = members.to_vec();
        let Member::Property(removed) = members.remove(at) else {
            panic!("a set of members")
        };
        let mut object = object.clone();
        object.extended = Some(members);
        let read =
            InformationalRecord::from_value(InformationalKind::Warning, &Value::Object(object));
        if read.is_err() {
            needed.push(removed.name.to_string());
        }
    }
    assert_eq!(
        needed,
        [
            "InvocationInfo_CommandOrigin",
            "InvocationInfo_ExpectingInput",
            "InvocationInfo_OffsetInLine",
            "InvocationInfo_HistoryId",
            "InvocationInfo_PipelineLength",
            "InvocationInfo_PipelinePosition",
            "InvocationInfo_ScriptLineNumber",
            "InformationalRecord_PipelineIterationInfo",
        ]
    );
}
