//! CREATE_PIPELINE: commands, statements, merged streams and arguments.

use psrp_codec::{
    Argument, Command, CommandMerges, CreatePipeline, Object, PipelineResultTypes, PowerShell,
    PsString, RefId, References, RemoteStreamOptions, Value, Version,
};

use crate::sample::{read, sample, written};

#[test]
fn the_script_of_invoke_command_is_written_as_powershell_writes_it() {
    let value = CreatePipeline::script("1+1").to_value();
    assert_eq!(written(&value), sample("CREATE_PIPELINE (2.3, script)").xml);
}

#[test]
fn statements_after_the_first_travel_beside_it() {
    let power_shell = PowerShell {
        statements: vec![
            vec![Command::script("1"), Command::new("Out-String")],
            vec![Command::new("Get-Date").parameter("Year", 2020)],
        ],
        ..PowerShell::script("")
    };
    let create = CreatePipeline::new(power_shell);
    let value = create.to_value();
    let inner = value.get("PowerShell").unwrap();
    assert_eq!(
        inner.get("ExtraCmds").and_then(Value::items).unwrap().len(),
        2
    );
    assert_eq!(inner.get("Cmds").and_then(Value::items).unwrap().len(), 2);
    let first = inner.as_object().unwrap().properties().next().unwrap();
    assert_eq!(first.0, "ExtraCmds");
    assert_eq!(CreatePipeline::from_value(&value).unwrap(), create);
    assert_eq!(
        create
            .clone()
            .for_version(Version::new(2, 2))
            .unwrap()
            .power_shell
            .statements
            .len(),
        2
    );
    assert_eq!(create.for_version(Version::new(2, 1)), None);
}

#[test]
fn a_pipeline_without_commands_is_refused() {
    let mut create = CreatePipeline::script("1");
    create.power_shell.statements = vec![Vec::new()];
    let error = CreatePipeline::from_value(&create.to_value()).unwrap_err();
    assert_eq!(error.to_string(), "PowerShell: a statement has no commands");
}

#[test]
fn merges_are_said_in_the_words_of_each_version() {
    let mut command = Command::new("f");
    command.merges = CommandMerges::error_to_output();
    let merges = |version: Version| {
        let create = CreatePipeline::new(PowerShell::pipeline(vec![command.clone()]));
        let create = create.for_version(version).unwrap();
        assert_eq!(
            CreatePipeline::from_value(&create.to_value()).unwrap(),
            create
        );
        create.power_shell.statements[0][0].merges
    };
    let old = merges(Version::new(2, 1));
    assert_eq!(
        (old.my_result, old.to_result),
        (PipelineResultTypes::ERROR, PipelineResultTypes::OUTPUT)
    );
    assert_eq!((old.streams, old.information), (None, None));
    let middle = merges(Version::new(2, 2));
    assert_eq!(middle.streams.unwrap().error, PipelineResultTypes::OUTPUT);
    assert_eq!(middle.information, None);
    assert_eq!(
        merges(Version::new(2, 3)).information,
        Some(PipelineResultTypes::NONE)
    );

    let mut warnings = CommandMerges::default();
    warnings.streams.as_mut().unwrap().warning = PipelineResultTypes::OUTPUT;
    assert_eq!(warnings.for_version(Version::new(2, 1)), None);
    let information = CommandMerges {
        information: Some(PipelineResultTypes::OUTPUT),
        ..CommandMerges::default()
    };
    assert_eq!(information.for_version(Version::new(2, 2)), None);
}

#[test]
fn merges_that_powershell_refuses_are_refused() {
    use PipelineResultTypes as T;
    let read = |from, to| {
        let mut command = Command::new("f");
        (command.merges.my_result, command.merges.to_result) = (from, to);
        let create = CreatePipeline::new(PowerShell::pipeline(vec![command]));
        CreatePipeline::from_value(&create.to_value()).map_err(|error| error.to_string())
    };
    for (from, to) in [
        (T::NONE, T::NONE),
        (T::ERROR, T::OUTPUT),
        (T::WARNING, T::NULL),
    ] {
        assert!(read(from, to).is_ok(), "{from} to {to}");
    }
    for (from, to) in [
        (T::ERROR, T::NONE),
        (T::ERROR, T::NULL),
        (T::NONE, T::OUTPUT),
        (T::OUTPUT, T::NULL),
        (T::WARNING, T::ERROR),
    ] {
        let why = format!("Command: merging {from} to {to} is not a value this can have");
        assert_eq!(read(from, to), Err(why));
    }
}

#[test]
fn using_values_are_found_by_their_expression() {
    let argument = Argument::using([("$using:pid", Value::from(20926))]);
    assert_eq!(
        written(&argument.value).split("<En>").nth(1).unwrap(),
        r#"<S N="Key">JAB1AHMAaQBuAGcAOgBwAGkAZAA=</S><I32 N="Value">20926</I32></En></DCT></Obj>"#
    );
    let values = argument.using_values().unwrap();
    assert_eq!(
        values,
        [(PsString::from("$using:pid"), &Value::from(20926))]
    );
    let plain = Command::new("f").parameter("--", 1);
    assert_eq!(plain.arguments[0].using_values(), None);
}

#[test]
fn a_parameter_name_is_what_is_between_dash_and_colon() {
    for name in ["Year", "-Year", "Year:", "-Year:"] {
        let command = Command::new("f").parameter(name, 1);
        assert_eq!(command.arguments[0].parameter_name(), Some("Year"));
    }
    let command = Command::new("f").argument(1).switch("Force");
    assert_eq!(command.arguments[0].parameter_name(), None);
    assert_eq!(command.arguments[1].value, Value::Bool(true));
}

#[test]
fn an_argument_may_refer_to_one_before_it() {
    let shared = Object::bag().labelled(RefId(40)).property("Name", "it");
    let command = Command::new("f")
        .argument(shared)
        .argument(Value::Reference(RefId(40)));
    let create = CreatePipeline::new(PowerShell::pipeline(vec![command]));
    let xml = written(&create.to_value());
    let read = CreatePipeline::from_value(&read(&xml)).unwrap();
    let arguments = &read.power_shell.statements[0][0].arguments;
    let references = References::within(arguments.iter().map(|argument| &argument.value));
    let second = references.resolve(&arguments[1].value);
    assert_eq!(second.get("Name"), Some(&Value::from("it")));
    assert_eq!(written(&read.to_value()), xml);
}

#[test]
fn an_enumeration_may_be_shared_or_bare_or_named() {
    let create = CreatePipeline::script("1");
    let xml = written(&create.to_value());
    let start = xml.find(r#"<Obj N="RemoteStreamOptions""#).unwrap();
    let end = start + xml[start..].find("</Obj>").unwrap() + 6;
    for (form, expected) in [
        (
            r#"<I32 N="RemoteStreamOptions">15</I32>"#,
            RemoteStreamOptions::ALL,
        ),
        (
            r#"<I64 N="RemoteStreamOptions">1</I64>"#,
            RemoteStreamOptions::ERROR_RECORD,
        ),
        (
            r#"<S N="RemoteStreamOptions">addinvocationinfo</S>"#,
            RemoteStreamOptions::ALL,
        ),
        // ApartmentState's number, as psrpcore shares what is equal.
        (
            r#"<Ref N="RemoteStreamOptions" RefId="13" />"#,
            RemoteStreamOptions::new(2),
        ),
    ] {
        let xml = format!("{}{form}{}", &xml[..start], &xml[end..]);
        let read = CreatePipeline::from_value(&read(&xml)).unwrap();
        assert_eq!(read.remote_stream_options, expected, "{form}");
    }
}

/// As psrpcore writes them, which refers to equal values instead of writing them again.
#[test]
fn a_thousand_commands_may_share_their_enumerations() {
    let commands = vec![Command::new("Get-Date"); 1000];
    let create = CreatePipeline::new(PowerShell::pipeline(commands));
    let xml = written(&create.to_value());
    let (mut shared, mut label, mut count) = (String::new(), None, 0);
    for (at, piece) in xml.split("<Obj N=\"Merge").enumerate() {
        let Some((value, rest)) = piece.split_once("</Obj>").filter(|_| at > 0) else {
            shared += piece;
            continue;
        };
        let (name, id) = value.split_once("\" RefId=\"").unwrap();
        let (id, _) = id.split_once('"').unwrap();
        match &label {
            Some(label) => {
                shared += &format!("<Ref N=\"Merge{name}\" RefId=\"{label}\"/>{rest}");
                count += 1;
            }
            None => {
                shared += &format!("<Obj N=\"Merge{piece}");
                label = Some(id.to_owned());
            }
        }
    }
    assert_eq!(count, 8 * 1000 - 1);
    let read = CreatePipeline::from_value(&read(&shared)).unwrap();
    assert_eq!(read.power_shell.statements, create.power_shell.statements);
}
