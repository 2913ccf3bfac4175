//! Scripts and what they write.

use engine::runspace::{Argument, Collected, CommandInvocation, InputSource, PipelineSpec};
use engine::value::{Detached, Value, convert};
use engine::{Completion, Runspace, RunspaceOptions};

fn texts(sink: &Collected) -> Vec<String> {
    sink.output
        .iter()
        .map(|value| {
            convert::to_text(value, &mut Detached)
                .expect("primitives have a text")
                .to_string()
        })
        .collect()
}

fn output(script: &str) -> Vec<String> {
    let mut sink = Collected::default();
    let completion = Runspace::new(RunspaceOptions::default())
        .invoke(&mut PipelineSpec::script(script), &mut sink);
    assert!(
        matches!(completion, Completion::Completed { .. }),
        "{script}: {completion:?}"
    );
    texts(&sink)
}

#[test]
fn variables_functions_and_aliases_last_from_one_invocation_to_the_next() {
    let mut runspace = Runspace::new(RunspaceOptions::default());
    let mut sink = Collected::default();
    runspace.invoke(
        &mut PipelineSpec::script("$x = 40; function Add2($n) { $n + 2 }"),
        &mut sink,
    );
    runspace.invoke(&mut PipelineSpec::script("Add2 $x"), &mut sink);
    assert_eq!(texts(&sink), ["42"]);
}

#[test]
fn what_is_redirected_to_a_variable_makes_no_file() {
    let name = "redirected_to_a_variable";
    let script = format!("1, 2 > variable:{name}; 3 >> Variable:{name}; ${name}; ${name}.Count");
    assert_eq!(output(&script), ["1", "2", "3", "3"]);
    let mut sink = Collected::default();
    let script = format!("1 | Out-File variable:{name}");
    Runspace::new(RunspaceOptions::default())
        .invoke(&mut PipelineSpec::script(script.as_str()), &mut sink);
    assert!(!std::path::Path::new(name).exists());
}

#[test]
fn a_statement_that_fails_ends_alone_and_throw_ends_the_script() {
    let mut sink = Collected::default();
    let mut runspace = Runspace::new(RunspaceOptions::default());
    let completion = runspace.invoke(
        &mut PipelineSpec::script("1/0; 'after'; throw 'end'; 'never'"),
        &mut sink,
    );
    assert_eq!(texts(&sink), ["after"]);
    assert_eq!(sink.errors.len(), 1);
    let Completion::Failed(record) = completion else {
        panic!("{completion:?}")
    };
    assert_eq!(record.message().as_str(), "end");
}

#[test]
fn a_block_sees_the_variables_of_its_caller_and_closures_their_own() {
    assert_eq!(output("$x = 1; $b = { $x }; & { $x = 2; & $b }"), ["2"]);
    assert_eq!(
        output("$x = 1; $b = { $x }.GetNewClosure(); $x = 3; & $b"),
        ["1"]
    );
}

#[test]
fn finally_runs_whatever_ends_the_block() {
    assert_eq!(
        output("foreach ($i in 1..3) { try { if ($i -eq 2) { break }; $i } finally { \"f$i\" } }"),
        ["1", "f1", "f2"]
    );
    assert_eq!(
        output("function f { try { return 'r' } finally { 'f' } }; f"),
        ["r", "f"]
    );
}

#[test]
fn an_error_of_a_later_stage_is_not_for_an_earlier_one_to_catch() {
    let script = "function Up { try { 1 } catch { 'wrong' } }; try { Up | ForEach-Object { throw 'down' } } catch { \"$_\" }";
    assert_eq!(output(script), ["down"]);
}

#[test]
fn commands_arrive_as_structure_with_values_as_arguments() {
    let mut spec = PipelineSpec::script("param($a, $b) \"$a-$b\"");
    spec.statements[0][0].arguments = vec![
        Argument {
            name: None,
            value: Some(1.into()),
        },
        Argument {
            name: Some("b".into()),
            value: Some("x y".into()),
        },
    ];
    let mut sink = Collected::default();
    Runspace::new(RunspaceOptions::default()).invoke(&mut spec, &mut sink);
    assert_eq!(texts(&sink), ["1-x y"]);
}

#[test]
fn objects_from_the_client_come_down_the_pipeline() {
    struct Three(i32);
    impl InputSource for Three {
        fn next(&mut self) -> Option<Value> {
            self.0 += 1;
            (self.0 <= 3).then_some(Value::Int32(self.0))
        }
    }
    let mut spec = PipelineSpec::script("process { $_ * 10 }");
    spec.input = Some(Box::new(Three(0)));
    let mut sink = Collected::default();
    Runspace::new(RunspaceOptions::default()).invoke(&mut spec, &mut sink);
    assert_eq!(texts(&sink), ["10", "20", "30"]);
}

#[test]
fn what_real_clients_send_by_themselves_is_answered() {
    let mut runspace = Runspace::new(RunspaceOptions::default());
    for command in [
        CommandInvocation::named("__Set-PSDebugMode").parameter("Mode", 6),
        CommandInvocation::named("__Set-PSUnhandledBreakpointMode")
            .parameter("UnhandledBreakpointMode", 2),
    ] {
        let mut spec = PipelineSpec::script("");
        spec.statements = vec![vec![command]];
        let mut sink = Collected::default();
        assert!(matches!(
            runspace.invoke(&mut spec, &mut sink),
            Completion::Completed { had_errors: false }
        ));
        assert!(sink.output.is_empty());
    }
    let mut sink = Collected::default();
    runspace.invoke(
        &mut PipelineSpec::script("prompt; \"$($ExecutionContext.SessionState.LanguageMode)\""),
        &mut sink,
    );
    let lines = texts(&sink);
    assert!(
        lines[0].starts_with("PS /") && lines[0].ends_with("> "),
        "{lines:?}"
    );
    assert_eq!(lines[1], "FullLanguage");
}

#[test]
fn a_script_block_for_a_parameter_that_takes_input_is_run_for_each_object() {
    let script = "function f { param([Parameter(ValueFromPipeline)]$In, [Parameter(ValueFromPipelineByPropertyName)][string]$Text)
                               process { \"$In=$Text\" } }
                  1, 2 | f -Text { \"t$($_ * 2)\" }";
    assert_eq!(output(script), ["1=t2", "2=t4"]);
}

#[test]
fn what_a_function_called_goes_into_its_error_variable() {
    let script = "function f { [CmdletBinding()] param() Write-Error 'e'; 'o' }
                  $old = 1; f -ErrorAction SilentlyContinue -ErrorVariable +old; $old.Count; \"$($old[1])\"";
    assert_eq!(output(script), ["o", "2", "e"]);
}

#[test]
fn what_a_command_writes_before_its_first_object_reaches_the_next_one() {
    let script =
        "function f { begin { 1 } process { 2 } end { 3 } }; f | ForEach-Object { \"got $_\" }";
    assert_eq!(output(script), ["got 1", "got 2", "got 3"]);
}
