//! Classes of scripts.

use engine::runspace::{Collected, PipelineSpec};
use engine::value::{Detached, convert};
use engine::{Completion, Runspace, RunspaceOptions};

fn output(script: &str) -> Vec<String> {
    let mut sink = Collected::default();
    let completion = Runspace::new(RunspaceOptions::default())
        .invoke(&mut PipelineSpec::script(script), &mut sink);
    assert!(
        matches!(completion, Completion::Completed { had_errors: false }),
        "{script}: {completion:?}"
    );
    sink.output
        .iter()
        .map(|value| convert::to_text(value, &mut Detached).unwrap().to_string())
        .collect()
}

#[test]
fn a_derived_object_runs_base_constructors_first_and_overrides_their_methods() {
    let script = "
        class A { [string]$log; A($n) { $this.log = \"A$n\" } [string] F() { return 'base' } }
        class B : A { B() : base(9) { $this.log += 'B' } [string] F() { return 'over ' + ([A]$this).F() } }
        $b = [B]::new(); $b.log; $b.F(); ([A]$b).F(); $b -is [A]";
    assert_eq!(output(script), ["A9B", "over base", "base", "True"]);
}

#[test]
fn only_what_a_method_returns_is_its_value() {
    let script =
        "class A { [int] F() { 'dropped'; foreach ($i in 1..3) { if ($i -eq 2) { return '5' } }; return 0 } }
         [A]::new().F() + 1";
    assert_eq!(output(script), ["6"]);
}

#[test]
fn a_class_may_stand_before_the_one_it_derives_from() {
    assert_eq!(
        output("class B : A { }; class A { $x = 1 }; [B]::new().x"),
        ["1"]
    );
}

#[test]
fn static_members_belong_to_the_class_and_are_made_at_first_use() {
    let script = "class A { static [int]$n = 40; static A() { [A]::n++ } static [int] Next() { return ++[A]::n } }
                  [A]::Next()";
    assert_eq!(output(script), ["42"]);
}

#[test]
fn exceptions_of_a_scripts_own_class_are_caught_by_that_class() {
    let script = "class Mine : System.Exception { Mine($m) : base($m) { } }
                  try { throw [Mine]::new('text') } catch [Mine] { $_.Exception.Message }";
    assert_eq!(output(script), ["text"]);
}
