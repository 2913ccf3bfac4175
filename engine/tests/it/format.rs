//! What Out-String makes of the output of scripts; the texts are recorded from PowerShell 7.6.5.

use engine::format::{FormatOptions, Formatter};
use engine::runspace::{Collected, CommandInvocation, PipelineSpec};
use engine::value::Value;
use engine::{Runspace, RunspaceOptions};

fn out_string(script: &str, width: i32) -> String {
    let mut spec = PipelineSpec::script(script);
    spec.statements[0]
        .push(CommandInvocation::named("Out-String").parameter("Width", Value::Int32(width)));
    collected(spec)
        .output
        .iter()
        .filter_map(|text| text.as_text().map(|text| text.as_str().to_owned()))
        .collect()
}

fn collected(mut spec: PipelineSpec) -> Collected {
    let mut sink = Collected::default();
    let _ = Runspace::new(RunspaceOptions::default()).invoke(&mut spec, &mut sink);
    sink
}

#[test]
fn the_first_object_decides_how_all_are_shown() {
    assert_eq!(
        out_string(
            "'first',[pscustomobject]@{a=1;b=2},'mid',[pscustomobject]@{a=2;b=3},'last'",
            80
        ),
        "first\n\na b\n- -\n1 2\nmid\n2 3\nlast\n\n"
    );
    assert_eq!(
        out_string(
            "[pscustomobject]@{A=1;B=2;C=3;D=4;E=5},[pscustomobject]@{X='x'}",
            80
        ),
        "\nA : 1\nB : 2\nC : 3\nD : 4\nE : 5\n\nX : x\n\n"
    );
}

#[test]
fn columns_are_computed_formatted_and_aligned_by_their_first_value() {
    assert_eq!(
        out_string(
            "[pscustomobject]@{D=[datetime]::new(2020,1,2);N=1234.5678} | Format-Table @{n='D';e={$_.D};f='yyyy-MM-dd'},@{n='N';e={$_.N};f='N2'},@{e='N';f='{0:F1}'}",
            80
        ),
        "\nD                 N      N\n-                 -      -\n2020-01-02 1,234.57 1234.6\n\n"
    );
}

#[test]
fn a_column_that_fails_stays_empty() {
    assert_eq!(
        out_string(
            "[pscustomobject]@{a=1} | Format-Table a,@{n='s';e={throw 'no'}}",
            80
        ),
        "\na s\n- -\n1 \n\n"
    );
}

#[test]
fn cells_are_wrapped_where_that_is_asked_for() {
    assert_eq!(
        out_string(
            "[pscustomobject]@{A='the quick brown fox jumps';B='w '*20} | Format-Table -Wrap -AutoSize",
            40
        ),
        "\nA                         B\n-                         -\nthe quick brown fox jumps w w w w w w w\n                          w w w w w w w\n                          w w w w w w\n\n"
    );
}

#[test]
fn groups_have_a_line_and_a_header_each() {
    assert_eq!(
        out_string(
            "[pscustomobject]@{G='x';V=1},[pscustomobject]@{G='y';V=3} | Format-Table V -GroupBy G",
            80
        ),
        "\n   G: x\n\nV\n-\n1\n\n   G: y\n\nV\n-\n3\n\n"
    );
}

#[test]
fn the_structure_of_an_object_is_shown_level_by_level() {
    assert_eq!(
        out_string(
            "[pscustomobject]@{A=[pscustomobject]@{B=[pscustomobject]@{C=1}}} | Format-Custom -Depth 1",
            80
        ),
        "\nclass PSCustomObject\n{\n  A = \n    class PSCustomObject\n    {\n      B = @{C=1}\n    }\n}\n\n\n"
    );
}

#[test]
fn an_error_of_a_script_with_lines_shows_its_line() {
    assert_eq!(
        out_string("try {\n    throw 'boom'\n} catch { $_ }", 80),
        "Exception: \nLine |\n   2 |      throw 'boom'\n     |      ~~~~~~~~~~~~\n     | boom\n"
    );
}

#[test]
fn what_a_format_command_writes_leaves_as_lines_that_are_shown_as_they_are() {
    let sink = collected(PipelineSpec::script(
        "[pscustomobject]@{A=1} | Format-Table",
    ));
    let mut formatter = Formatter::new(FormatOptions::new(20));
    let mut text: String = sink
        .output
        .iter()
        .map(|line| formatter.push(line))
        .collect();
    text += &formatter.finish();
    assert_eq!(text, "\nA\n-\n1\n\n");
    assert_eq!(sink.output.len(), 5);
}
