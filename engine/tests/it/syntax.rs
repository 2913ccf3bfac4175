//! Scripts parse as they do in PowerShell, and what is wrong with them is said in its words.

use engine::syntax::{ParseLimits, Parsed, definition_errors, parse, tokens};
use proptest::prelude::*;
use serde_json::Value;

fn records(file: &str) -> Vec<Value> {
    let path = format!("{}/testdata/syntax/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the file is part of the repository");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

fn parsed(script: &str) -> Parsed {
    parse(script, &ParseLimits::default())
}

/// What we say of a script, in the shape of the recordings.
fn errors(script: &str) -> Vec<Value> {
    let parsed = parsed(script);
    let describe = |error: &engine::syntax::ParseError| {
        let (start, end) = (
            parsed.source.position(error.extent.start),
            parsed.source.position(error.extent.end),
        );
        serde_json::json!({
            "errorId": error.error_id, "message": error.message, "incompleteInput": error.incomplete_input,
            "startLine": start.line, "startColumn": start.column, "startOffset": start.offset,
            "endLine": end.line, "endColumn": end.column, "endOffset": end.offset,
        })
    };
    parsed.errors.iter().map(describe).collect()
}

#[test]
fn scripts_that_powershell_parses_parse() {
    let mut wrong = Vec::new();
    for record in records("parses.jsonl") {
        let script = record["script"].as_str().unwrap();
        let errors = errors(script);
        if !errors.is_empty() {
            wrong.push(format!(
                "{} {script:?}\n    {}",
                record["id"],
                serde_json::to_string(&errors).unwrap()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} scripts do not parse:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn scripts_that_powershell_refuses_are_refused() {
    let accepted: Vec<String> = records("parse-errors.jsonl")
        .iter()
        .filter(|record| errors(record["script"].as_str().unwrap()).is_empty())
        .map(|record| {
            format!(
                "{} {} {}",
                record["id"], record["script"], record["parseErrors"][0]["errorId"]
            )
        })
        .collect();
    assert!(
        accepted.is_empty(),
        "{} scripts parse:\n{}",
        accepted.len(),
        accepted.join("\n")
    );
}

#[test]
fn errors_are_those_of_powershell() {
    let mut wrong = Vec::new();
    for record in records("parse-errors.jsonl") {
        let ours = errors(record["script"].as_str().unwrap());
        if Some(&ours) != record["parseErrors"].as_array() {
            wrong.push(format!(
                "{} {}\n  theirs {}\n  ours   {}",
                record["id"],
                record["script"],
                record["parseErrors"],
                Value::from(ours)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} scripts have other errors than in PowerShell:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_script_cut_short_anywhere_does_not_panic() {
    for record in records("parses.jsonl").iter().step_by(5) {
        let script = record["script"].as_str().unwrap();
        for (at, _) in script.char_indices() {
            parsed(&script[..at]);
        }
    }
}

#[test]
fn nesting_beyond_the_limit_is_an_error() {
    let openings = [
        "(",
        "$(",
        "@(",
        "{",
        "@{a=",
        "\"$(",
        "$a[",
        "$a.b(",
        "if (1) {",
        "[a[",
        "[A(",
        "- ",
        "!",
        "[int]",
        "1 ? 2 : ",
        "$x = ",
        "f {",
        "[A({",
        "class A { F() {",
        "function f {",
        "switch (1) { 1 {",
        "while (",
        "try {",
        "a | ",
        "$a = if (",
        "@(,",
        "[A($(",
        "${",
        "@\"\n$(",
    ];
    for opening in openings {
        for count in [10, 100, 1_000, 20_000] {
            let script = opening.repeat(count);
            let errors = parsed(&script).errors;
            if count == 20_000 {
                assert!(!errors.is_empty(), "{opening}");
            }
        }
    }
    let deep = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parsed(&deep(390)).errors.is_empty());
    assert_eq!(
        parsed(&deep(500)).errors[0].error_id,
        "ScriptTooComplicated"
    );
}

#[test]
fn long_chains_take_no_depth_until_the_tree_is_too_high() {
    for (first, step) in [
        ("1", "+1"),
        ("$a", ".b"),
        ("$a", "[0]"),
        ("$a", "::b"),
        ("$a", ".b()"),
        ("1", ",1"),
        ("a", " | b"),
        ("a", " && b"),
        ("a", "; b"),
    ] {
        assert!(
            parsed(&format!("{first}{}", step.repeat(1_500)))
                .errors
                .is_empty(),
            "{first}{step}"
        );
        let _ = parsed(&format!("{first}{}", step.repeat(100_000)));
    }
    assert_eq!(
        parsed(&format!("1{}", "+1".repeat(5_000))).errors[0].error_id,
        "ScriptTooComplicated"
    );
    assert!(
        parsed(&"if (1) { 2 } elseif (3) { 4 }\n".repeat(5_000))
            .errors
            .is_empty()
    );
}

#[test]
fn the_number_of_errors_has_a_ceiling() {
    let limits = ParseLimits {
        max_errors: 7,
        ..ParseLimits::default()
    };
    assert_eq!(parse(&") ".repeat(1_000), &limits).errors.len(), 7);
}

#[test]
fn classes_and_enums_that_cannot_be_made_are_known() {
    for (script, id, message, text) in [
        (
            "class A { F() { } F() { } }",
            "MemberAlreadyDefined",
            "The member 'F' is already defined.",
            "F() { }",
        ),
        (
            "class A : string { }",
            "SealedBaseClass",
            "Cannot inherit from sealed class 'String'.",
            "string",
        ),
        (
            "enum E { A; A }",
            "MemberAlreadyDefined",
            "The member 'A' is already defined.",
            "A",
        ),
        (
            "enum E { A = $x }",
            "EnumeratorValueMustBeConstant",
            "Enumerator value must be a constant value.",
            "$x",
        ),
        (
            "enum E : byte { A = 300 }",
            "EnumeratorValueOutOfBounds",
            "Enumerator value is either too large or too small for byte.",
            "300",
        ),
    ] {
        let parsed = parsed(script);
        let errors = definition_errors(script, &parsed.script);
        assert_eq!(errors.len(), 1, "{script}");
        assert_eq!(
            (errors[0].error_id, errors[0].message.as_str()),
            (id, message),
            "{script}"
        );
        assert_eq!(parsed.source.text(errors[0].extent), text, "{script}");
    }
    for script in [
        "class A { F() { } F([int]$x) { } $x; [int]$y = 1 }",
        "enum E { A = 1; B = -1; C = 1 -bor 2 }",
    ] {
        assert_eq!(
            definition_errors(script, &parsed(script).script),
            [],
            "{script}"
        );
    }
}

#[test]
fn tokens_have_the_kind_of_their_place() {
    let script = "if ($x -eq 5) { echo if -a:1 'b' $y.z[0] } # end";
    let kinds: Vec<String> = tokens(script, &ParseLimits::default())
        .iter()
        .map(|(kind, extent)| {
            format!(
                "{kind:?} {}",
                &script[extent.start as usize..extent.end as usize]
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "Keyword(If) if",
            "LParen (",
            "Variable $x",
            "Operator(Equal { case_sensitive: false }) -eq",
            "Number 5",
            "RParen )",
            "LCurly {",
            "Identifier echo",
            "Identifier if",
            "Parameter -a:",
            "Number 1",
            "StringLiteral 'b'",
            "Variable $y",
            "Dot .",
            "Identifier z",
            "LBracket [",
            "Number 0",
            "RBracket ]",
            "RCurly }",
            "Comment # end",
        ]
    );
}

#[test]
fn text_beyond_the_limit_is_refused() {
    let limits = ParseLimits {
        max_bytes: 3,
        ..ParseLimits::default()
    };
    assert!(parse("123", &limits).errors.is_empty());
    assert_eq!(
        parse("1234", &limits).errors[0].error_id,
        "ScriptTooComplicated"
    );
}

#[test]
fn scripts_that_break_off_are_incomplete() {
    for script in [
        "if (1) {",
        "'abc",
        "1 +",
        "f |",
        "@'\nabc",
        "function f {",
        "<# a",
        "$x = @{",
    ] {
        assert!(parsed(script).is_incomplete(), "{script}");
    }
    for script in ["", "1", "1 )", "if 1 { }", "a;", "f | g"] {
        assert!(!parsed(script).is_incomplete(), "{script}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_parses_or_fails_without_a_panic(script in ".{0,200}") {
        parsed(&script);
    }

    #[test]
    fn any_heap_of_words_parses_or_fails_without_a_panic(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40)) {
        let parsed = parsed(&words.concat());
        for error in &parsed.errors {
            let _ = parsed.source.position(error.extent.start);
            let _ = parsed.source.position(error.extent.end);
        }
    }

    #[test]
    fn any_mutation_of_a_script_parses_or_fails_without_a_panic(
        index in 0_usize..5_000,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), proptest::sample::select(WORDS), 0_usize..4), 1..6),
    ) {
        let records = scripts();
        let mut script: Vec<char> = records[index % records.len()].chars().collect();
        for (at, word, removed) in changes {
            let at = at.index(script.len() + 1);
            let end = (at + removed).min(script.len());
            script.splice(at..end, word.chars());
        }
        let script: String = script.into_iter().collect();
        parsed(&script);
    }
}

fn scripts() -> &'static [String] {
    static SCRIPTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    SCRIPTS.get_or_init(|| {
        let all = records("parses.jsonl")
            .into_iter()
            .chain(records("parse-errors.jsonl"));
        all.map(|record| {
            record["script"]
                .as_str()
                .expect("each record has a script")
                .to_owned()
        })
        .collect()
    })
}

/// What scripts are made of.
const WORDS: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "@(",
    "@{",
    "$(",
    "\"",
    "'",
    "@'\n",
    "\n'@",
    "@\"\n",
    "\n\"@",
    "`",
    "$",
    "$x",
    "${",
    "@x",
    "#",
    "<#",
    "#>",
    "\n",
    "\r\n",
    "\r",
    " ",
    ";",
    ",",
    "|",
    "||",
    "&&",
    "&",
    ".",
    "..",
    "::",
    ":",
    "?",
    "??",
    "?.",
    "?[",
    "=",
    "+=",
    "??=",
    "+",
    "++",
    "-",
    "--",
    "--%",
    "*",
    "!",
    "-not ",
    "-eq ",
    "-f ",
    "-join ",
    "-x",
    "-x:",
    ">",
    "2>",
    "2>&1",
    "*>",
    "<",
    "if",
    "else",
    "elseif",
    "switch",
    "foreach",
    "in",
    "for",
    "while",
    "do",
    "until",
    "try",
    "catch",
    "finally",
    "trap",
    "throw",
    "return",
    "break",
    "function f",
    "filter",
    "param(",
    "begin",
    "process",
    "class A",
    "enum E",
    "static ",
    "hidden ",
    "base",
    "data",
    "using namespace ",
    "[int]",
    "[A(",
    "[a[",
    "1",
    "0x",
    "1.5",
    "1kb",
    "1e",
    "a",
    "é",
    "😀",
    "\u{201c}",
    "\u{2019}",
    "\u{2013}",
    "\0",
    "\u{a0}",
    ":label ",
    "$using:x",
    "$env:",
    "u{41}",
    "#requires -version ",
];
