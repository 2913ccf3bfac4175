//! What a script means: the shape of its tree.

use engine::syntax::ast::{
    CommandElement, Expr, ExprKind, PipelineElement, ScriptBlock, Statement, StringPart, TypeName,
    TypeNameKind,
};
use engine::syntax::{ParseLimits, parse};

/// The script as it was understood, in words that show what belongs together.
fn shape(script: &str) -> String {
    let parsed = parse(script, &ParseLimits::default());
    assert_eq!(parsed.errors, [], "{script}");
    block(&parsed.script)
}

fn block(script: &ScriptBlock) -> String {
    let end = script.end.as_ref();
    end.map_or(String::new(), |end| {
        end.body
            .statements
            .iter()
            .map(statement)
            .collect::<Vec<_>>()
            .join("; ")
    })
}

fn statement(it: &Statement) -> String {
    match it {
        Statement::Pipeline(pipeline) => pipeline
            .elements
            .iter()
            .map(element)
            .collect::<Vec<_>>()
            .join(" | "),
        Statement::Assignment(it) => format!(
            "{} {:?} {}",
            expr(&it.left),
            it.operator,
            statement(&it.right)
        ),
        Statement::Chain(it) => {
            let rest = it.rest.iter().map(|(operator, pipeline)| {
                format!(
                    " {operator:?} {}",
                    pipeline
                        .elements
                        .iter()
                        .map(element)
                        .collect::<Vec<_>>()
                        .join(" | ")
                )
            });
            format!(
                "{}{}",
                it.first
                    .elements
                    .iter()
                    .map(element)
                    .collect::<Vec<_>>()
                    .join(" | "),
                rest.collect::<String>()
            )
        }
        other => format!("{other:?}")
            .split(['(', ' '])
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn element(it: &PipelineElement) -> String {
    match it {
        PipelineElement::Expression(it) => expr(&it.expression),
        PipelineElement::Command(it) => {
            let words = it.elements.iter().map(|word| match word {
                CommandElement::Parameter(it) => {
                    format!(
                        "-{}{}",
                        it.name,
                        it.argument
                            .as_ref()
                            .map_or(String::new(), |it| format!(":{}", expr(it)))
                    )
                }
                CommandElement::Argument(it) => expr(it),
                CommandElement::EndOfParameters(_) => "<-->".to_owned(),
                CommandElement::StopParsing(_) => "<--%>".to_owned(),
            });
            let redirections = it.redirections.iter().map(|it| format!("{:?}>", it.from));
            words.chain(redirections).collect::<Vec<_>>().join(" ")
        }
    }
}

fn expr(it: &Expr) -> String {
    let list = |values: &[Expr]| values.iter().map(expr).collect::<Vec<_>>().join(" ");
    match &it.kind {
        ExprKind::Number(number) => format!("{number:?}"),
        ExprKind::String { value, .. } => format!("{value:?}"),
        ExprKind::Expandable { parts, .. } => {
            let parts = parts.iter().map(|part| match part {
                StringPart::Text(text) => format!("{text:?}"),
                StringPart::Expression(it) => expr(it),
            });
            format!("<{}>", parts.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Variable(it) => format!("{}{}", if it.splatted { '@' } else { '$' }, it.name),
        ExprKind::Using(it) => format!("using {}", expr(it)),
        ExprKind::Type(it) => type_name(it),
        ExprKind::Attributed { target, .. } => format!("(cast {})", expr(target)),
        ExprKind::Unary {
            operator, operand, ..
        } => format!("({operator:?} {})", expr(operand)),
        ExprKind::Binary {
            operator, operands, ..
        } => {
            let name = format!("{operator:?}");
            let name = name.split(' ').next().unwrap_or_default().to_owned();
            format!("({} {name} {})", expr(&operands.0), expr(&operands.1))
        }
        ExprKind::Ternary(it) => format!("({} ? {} : {})", expr(&it.0), expr(&it.1), expr(&it.2)),
        ExprKind::Array(values) => format!("[{}]", list(values)),
        ExprKind::ArrayExpression(it) => format!(
            "@({})",
            it.statements
                .iter()
                .map(statement)
                .collect::<Vec<_>>()
                .join("; ")
        ),
        ExprKind::SubExpression(it) => format!(
            "$({})",
            it.statements
                .iter()
                .map(statement)
                .collect::<Vec<_>>()
                .join("; ")
        ),
        ExprKind::Paren(it) => format!("({})", statement(it)),
        ExprKind::Hashtable(entries) => {
            let entries = entries
                .iter()
                .map(|entry| format!("{}={}", expr(&entry.key), statement(&entry.value)));
            format!("@{{{}}}", entries.collect::<Vec<_>>().join("; "))
        }
        ExprKind::ScriptBlock(it) => format!("{{{}}}", block(it)),
        ExprKind::Member(it) => format!("{}.{}", expr(&it.target), expr(&it.member)),
        ExprKind::Invoke(it) => format!(
            "{}.{}({})",
            expr(&it.target),
            expr(&it.member),
            list(&it.arguments)
        ),
        ExprKind::Index(it) => format!("{}[{}]", expr(&it.target), expr(&it.index)),
        ExprKind::Error => "error".to_owned(),
    }
}

fn type_name(it: &TypeName) -> String {
    match &it.kind {
        TypeNameKind::Name { name, .. } => format!("[{name}]"),
        TypeNameKind::Generic {
            definition,
            arguments,
        } => {
            format!(
                "{}<{}>",
                type_name(definition),
                arguments
                    .iter()
                    .map(type_name)
                    .collect::<Vec<_>>()
                    .join(",")
            )
        }
        TypeNameKind::Array { element, rank } => format!("{}*{rank}", type_name(element)),
    }
}

#[test]
fn operators_bind_as_in_powershell() {
    for (script, expected) in [
        ("$a + $b * $c", "($a Add ($b Multiply $c))"),
        ("$a - $b - $c", "(($a Subtract $b) Subtract $c)"),
        ("$a, $b + $c, $d", "([$a $b] Add [$c $d])"),
        ("-$a, $b", "[(Minus $a) $b]"),
        ("$a -f $b, $c * $d", "(($a Format [$b $c]) Multiply $d)"),
        ("$a..$b -f $c", "(($a Range $b) Format $c)"),
        (
            "$a -eq $b -and $c -eq $d",
            "(($a Equal $b) And ($c Equal $d))",
        ),
        ("$a -band $b -eq $c", "($a BitwiseAnd ($b Equal $c))"),
        ("$a -or $b -and $c", "(($a Or $b) And $c)"),
        ("$a ?? $b + $c", "($a NullCoalesce ($b Add $c))"),
        ("!$a -eq $b", "((Not $a) Equal $b)"),
        ("-not $a.b", "(Not $a.\"b\")"),
        ("[int]$a + $b", "((cast $a) Add $b)"),
        ("-join $a, $b", "[(Join $a) $b]"),
        ("$a ? $b : $c ? $d : $e", "($a ? $b : ($c ? $d : $e))"),
        ("$x = $y = 1", "$x Assign $y Assign Int32(1)"),
        ("$a++ + ++$b", "((PostIncrement $a) Add (PreIncrement $b))"),
        ("-1", "Int32(-1)"),
        ("1-1", "(Int32(1) Subtract Int32(1))"),
        (",$a", "(Comma $a)"),
    ] {
        assert_eq!(shape(script), expected, "{script}");
    }
}

#[test]
fn arguments_are_words_parameters_or_values() {
    for (script, expected) in [
        ("t -5 5", "\"t\" \"-5\" Int32(5)"),
        ("t 'a'b a'b'c", "\"t\" \"a\" \"b\" \"abc\""),
        ("t $x'b' $x-y", "\"t\" <$x \"b\"> <$x \"-y\">"),
        ("t -a.b", "\"t\" -a \".b\""),
        ("t -a:b -c: d", "\"t\" -a:\"b\" -c:\"d\""),
        ("t -- -a", "\"t\" <--> \"-a\""),
        ("t --% -a %x% | b", "\"t\" <--%> \"-a %x% \" | \"b\""),
        ("t @x a,b", "\"t\" @x [\"a\" \"b\"]"),
        (
            "t $x.y[0] $x.z(1)",
            "\"t\" $x.\"y\"[Int32(0)] $x.\"z\"(Int32(1))",
        ),
        ("t if 1kb a;b", "\"t\" \"if\" Int32(1024) \"a\"; \"b\""),
        ("t a`b `$x a#b", "\"t\" \"a\\u{8}\" \"$x\" \"a#b\""),
        ("t 2>$null >a", "\"t\" Error> Output>"),
        ("a | b && c || d", "\"a\" | \"b\" And \"c\" Or \"d\""),
        ("a |\n b\n| c", "\"a\" | \"b\" | \"c\""),
        (
            "t {x} (y) @(z) @{a=1}",
            "\"t\" {\"x\"} (\"y\") @(\"z\") @{\"a\"=Int32(1)}",
        ),
    ] {
        assert_eq!(shape(script), expected, "{script}");
    }
}

#[test]
fn strings_expand_only_what_powershell_expands() {
    for (script, expected) in [
        ("\"$a.b[0]\"", "<$a \".b[0]\">"),
        ("\"$($a.b)\"", "<$($a.\"b\")>"),
        ("\"a$\"", "\"a$\""),
        ("\"`$a`u{41}``\"", "\"$aA`\""),
        ("\"$a::b\"", "<$a \"::b\">"),
        ("\"$(\"\"x\"\")\"", "<$(\"x\")>"),
        ("\"$(\"$(\"a\")\")\"", "<$(<$(\"a\")>)>"),
        ("@\"\n$a \"b\"\n\"@", "<$a \" \\\"b\\\"\">"),
        ("@'\n$a\n\n'@", "\"$a\\n\""),
        ("'it''s'", "\"it's\""),
        ("\u{201c}$a\u{201d}", "<$a>"),
    ] {
        assert_eq!(shape(script), expected, "{script}");
    }
}

#[test]
fn members_types_and_scopes_are_told_apart() {
    for (script, expected) in [
        ("[int]::MaxValue", "[int].\"MaxValue\""),
        (
            "[List[string]]::new(1,2)",
            "[List]<[string]>.\"new\"(Int32(1) Int32(2))",
        ),
        (
            "[Dictionary[string,int[]]]",
            "[Dictionary]<[string],[int]*1>",
        ),
        ("[int[,]]", "[int]*2"),
        ("$a.'b c'.$d", "$a.\"b c\".$d"),
        ("$a.where{$_}", "$a.\"where\"({$_})"),
        ("$using:a.b", "using $a.\"b\""),
        ("$a.b[1,2]", "$a.\"b\"[[Int32(1) Int32(2)]]"),
        (
            "@{a=1;'b c'=2\n$d=3}",
            "@{\"a\"=Int32(1); \"b c\"=Int32(2); $d=Int32(3)}",
        ),
        ("1..3 | % { $_ }", "(Int32(1) Range Int32(3)) | \"%\" {$_}"),
    ] {
        assert_eq!(shape(script), expected, "{script}");
    }
}

#[test]
fn an_extent_gives_the_words_back() {
    let script = "é; f -a:1 \"b $(c) d\" > x";
    let parsed = parse(script, &ParseLimits::default());
    let statements = &parsed.script.end.as_ref().unwrap().body.statements;
    let text = |statement: &Statement| parsed.source.text(statement.extent());
    assert_eq!(text(&statements[0]), "é");
    assert_eq!(text(&statements[1]), "f -a:1 \"b $(c) d\" > x");
}
