//! Where-Object: by a script block, or by a property and an operator.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Run, is_true};
use crate::syntax::ast::BinaryOperator;
use crate::value::{ErrorCategory, Raise, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Where-Object",
    "Microsoft.PowerShell.Commands.WhereObjectCommand",
    || Box::new(WhereObject::default()),
)
.module("Microsoft.PowerShell.Core")
.default_set("EqualSet")
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("FilterScript", "scriptblock")
        .in_sets(&[InSet::of("ScriptBlockSet").position(0).mandatory()]),
    Parameter::new("Property", "string").in_sets(PROPERTY_SETS),
    Parameter::new("Value", "object").in_sets(VALUE_SETS),
    Parameter::switch("EQ")
        .aliases(&["IEQ"])
        .in_sets(&[InSet::of("EqualSet")]),
    Parameter::switch("CEQ").in_sets(&[InSet::of("CaseSensitiveEqualSet").mandatory()]),
    Parameter::switch("NE")
        .aliases(&["INE"])
        .in_sets(&[InSet::of("NotEqualSet").mandatory()]),
    Parameter::switch("CNE").in_sets(&[InSet::of("CaseSensitiveNotEqualSet").mandatory()]),
    Parameter::switch("GT")
        .aliases(&["IGT"])
        .in_sets(&[InSet::of("GreaterThanSet").mandatory()]),
    Parameter::switch("CGT").in_sets(&[InSet::of("CaseSensitiveGreaterThanSet").mandatory()]),
    Parameter::switch("LT")
        .aliases(&["ILT"])
        .in_sets(&[InSet::of("LessThanSet").mandatory()]),
    Parameter::switch("CLT").in_sets(&[InSet::of("CaseSensitiveLessThanSet").mandatory()]),
    Parameter::switch("GE")
        .aliases(&["IGE"])
        .in_sets(&[InSet::of("GreaterOrEqualSet").mandatory()]),
    Parameter::switch("CGE").in_sets(&[InSet::of("CaseSensitiveGreaterOrEqualSet").mandatory()]),
    Parameter::switch("LE")
        .aliases(&["ILE"])
        .in_sets(&[InSet::of("LessOrEqualSet").mandatory()]),
    Parameter::switch("CLE").in_sets(&[InSet::of("CaseSensitiveLessOrEqualSet").mandatory()]),
    Parameter::switch("Like")
        .aliases(&["ILike"])
        .in_sets(&[InSet::of("LikeSet").mandatory()]),
    Parameter::switch("CLike").in_sets(&[InSet::of("CaseSensitiveLikeSet").mandatory()]),
    Parameter::switch("NotLike")
        .aliases(&["INotLike"])
        .in_sets(&[InSet::of("NotLikeSet").mandatory()]),
    Parameter::switch("CNotLike").in_sets(&[InSet::of("CaseSensitiveNotLikeSet").mandatory()]),
    Parameter::switch("Match")
        .aliases(&["IMatch"])
        .in_sets(&[InSet::of("MatchSet").mandatory()]),
    Parameter::switch("CMatch").in_sets(&[InSet::of("CaseSensitiveMatchSet").mandatory()]),
    Parameter::switch("NotMatch")
        .aliases(&["INotMatch"])
        .in_sets(&[InSet::of("NotMatchSet").mandatory()]),
    Parameter::switch("CNotMatch").in_sets(&[InSet::of("CaseSensitiveNotMatchSet").mandatory()]),
    Parameter::switch("Contains")
        .aliases(&["IContains"])
        .in_sets(&[InSet::of("ContainsSet").mandatory()]),
    Parameter::switch("CContains").in_sets(&[InSet::of("CaseSensitiveContainsSet").mandatory()]),
    Parameter::switch("NotContains")
        .aliases(&["INotContains"])
        .in_sets(&[InSet::of("NotContainsSet").mandatory()]),
    Parameter::switch("CNotContains")
        .in_sets(&[InSet::of("CaseSensitiveNotContainsSet").mandatory()]),
    Parameter::switch("In")
        .aliases(&["IIn"])
        .in_sets(&[InSet::of("InSet").mandatory()]),
    Parameter::switch("CIn").in_sets(&[InSet::of("CaseSensitiveInSet").mandatory()]),
    Parameter::switch("NotIn")
        .aliases(&["INotIn"])
        .in_sets(&[InSet::of("NotInSet").mandatory()]),
    Parameter::switch("CNotIn").in_sets(&[InSet::of("CaseSensitiveNotInSet").mandatory()]),
    Parameter::switch("Is").in_sets(&[InSet::of("IsSet").mandatory()]),
    Parameter::switch("IsNot").in_sets(&[InSet::of("IsNotSet").mandatory()]),
    Parameter::switch("Not").in_sets(&[InSet::of("Not").mandatory()]),
]);

const PROPERTY_SETS: &[InSet] = &[
    InSet::of("EqualSet").position(0).mandatory(),
    InSet::of("CaseSensitiveEqualSet").position(0).mandatory(),
    InSet::of("NotEqualSet").position(0).mandatory(),
    InSet::of("CaseSensitiveNotEqualSet")
        .position(0)
        .mandatory(),
    InSet::of("GreaterThanSet").position(0).mandatory(),
    InSet::of("CaseSensitiveGreaterThanSet")
        .position(0)
        .mandatory(),
    InSet::of("LessThanSet").position(0).mandatory(),
    InSet::of("CaseSensitiveLessThanSet")
        .position(0)
        .mandatory(),
    InSet::of("GreaterOrEqualSet").position(0).mandatory(),
    InSet::of("CaseSensitiveGreaterOrEqualSet")
        .position(0)
        .mandatory(),
    InSet::of("LessOrEqualSet").position(0).mandatory(),
    InSet::of("CaseSensitiveLessOrEqualSet")
        .position(0)
        .mandatory(),
    InSet::of("LikeSet").position(0).mandatory(),
    InSet::of("CaseSensitiveLikeSet").position(0).mandatory(),
    InSet::of("NotLikeSet").position(0).mandatory(),
    InSet::of("CaseSensitiveNotLikeSet").position(0).mandatory(),
    InSet::of("MatchSet").position(0).mandatory(),
    InSet::of("CaseSensitiveMatchSet").position(0).mandatory(),
    InSet::of("NotMatchSet").position(0).mandatory(),
    InSet::of("CaseSensitiveNotMatchSet")
        .position(0)
        .mandatory(),
    InSet::of("ContainsSet").position(0).mandatory(),
    InSet::of("CaseSensitiveContainsSet")
        .position(0)
        .mandatory(),
    InSet::of("NotContainsSet").position(0).mandatory(),
    InSet::of("CaseSensitiveNotContainsSet")
        .position(0)
        .mandatory(),
    InSet::of("InSet").position(0).mandatory(),
    InSet::of("CaseSensitiveInSet").position(0).mandatory(),
    InSet::of("NotInSet").position(0).mandatory(),
    InSet::of("CaseSensitiveNotInSet").position(0).mandatory(),
    InSet::of("IsSet").position(0).mandatory(),
    InSet::of("IsNotSet").position(0).mandatory(),
    InSet::of("Not").position(0).mandatory(),
];

const VALUE_SETS: &[InSet] = &[
    InSet::of("EqualSet").position(1),
    InSet::of("CaseSensitiveEqualSet").position(1),
    InSet::of("NotEqualSet").position(1),
    InSet::of("CaseSensitiveNotEqualSet").position(1),
    InSet::of("GreaterThanSet").position(1),
    InSet::of("CaseSensitiveGreaterThanSet").position(1),
    InSet::of("LessThanSet").position(1),
    InSet::of("CaseSensitiveLessThanSet").position(1),
    InSet::of("GreaterOrEqualSet").position(1),
    InSet::of("CaseSensitiveGreaterOrEqualSet").position(1),
    InSet::of("LessOrEqualSet").position(1),
    InSet::of("CaseSensitiveLessOrEqualSet").position(1),
    InSet::of("LikeSet").position(1),
    InSet::of("CaseSensitiveLikeSet").position(1),
    InSet::of("NotLikeSet").position(1),
    InSet::of("CaseSensitiveNotLikeSet").position(1),
    InSet::of("MatchSet").position(1),
    InSet::of("CaseSensitiveMatchSet").position(1),
    InSet::of("NotMatchSet").position(1),
    InSet::of("CaseSensitiveNotMatchSet").position(1),
    InSet::of("ContainsSet").position(1),
    InSet::of("CaseSensitiveContainsSet").position(1),
    InSet::of("NotContainsSet").position(1),
    InSet::of("CaseSensitiveNotContainsSet").position(1),
    InSet::of("InSet").position(1),
    InSet::of("CaseSensitiveInSet").position(1),
    InSet::of("NotInSet").position(1),
    InSet::of("CaseSensitiveNotInSet").position(1),
    InSet::of("IsSet").position(1),
    InSet::of("IsNotSet").position(1),
];

/// Which operator a switch stands for. The operator's name is the switch's, in lower case and with `i` for those that ignore case.
const OPERATORS: &[&str] = &[
    "EQ",
    "CEQ",
    "NE",
    "CNE",
    "GT",
    "CGT",
    "LT",
    "CLT",
    "GE",
    "CGE",
    "LE",
    "CLE",
    "Like",
    "CLike",
    "NotLike",
    "CNotLike",
    "Match",
    "CMatch",
    "NotMatch",
    "CNotMatch",
    "Contains",
    "CContains",
    "NotContains",
    "CNotContains",
    "In",
    "CIn",
    "NotIn",
    "CNotIn",
    "Is",
    "IsNot",
];

#[derive(Default)]
struct WhereObject {
    /// `None` for a property that only has to be true.
    operator: Option<BinaryOperator>,
    right: Value,
    negated: bool,
}

impl Command for WhereObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.parameter_set() == "ScriptBlockSet" {
            return Ok(());
        }
        self.negated = cx.is_set("Not");
        let chosen = OPERATORS.iter().find(|name| cx.is_set(name));
        if chosen.is_none() && cx.has("Value") {
            let message = "The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and then try the command again.";
            return Err(cx.fail(
                TypeId::PSArgumentException,
                message,
                "OperatorNotSpecified",
                ErrorCategory::InvalidArgument,
                Value::Null,
            ));
        }
        if let Some(name) = chosen
            && !cx.has("Value")
            && *name != "EQ"
        {
            let message = "The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and then try the command again.";
            return Err(cx.fail(
                TypeId::PSArgumentException,
                message,
                "ValueNotSpecifiedForWhereObject",
                ErrorCategory::InvalidArgument,
                Value::Null,
            ));
        }
        self.right = cx.value("Value");
        self.operator = match chosen {
            Some(name) if cx.has("Value") => operator_named(name),
            _ => None,
        };
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(object) = cx.get("InputObject").cloned() else {
            return Ok(());
        };
        let keep = if let Some(block) = cx.block("FilterScript") {
            is_true(&cx.value_of_block(&block, object.clone())?)
        } else {
            match self.compare(cx, &object) {
                Ok(value) => value,
                Err(raise) => return cx.write_raised(raise),
            }
        };
        if keep { cx.write(object) } else { Ok(()) }
    }
}

impl WhereObject {
    fn compare(&self, cx: &mut CommandContext<'_, '_>, object: &Value) -> Result<bool, Raise> {
        if object.is_null() {
            return Ok(false);
        }
        let name = cx.text("Property").unwrap_or_default();
        let left = cx.machine.get_member(object, &name)?;
        Ok(match self.operator {
            None => is_true(&left) != self.negated,
            Some(operator) => is_true(&cx.machine.binary(operator, &left, &self.right)?),
        })
    }
}

/// `EQ` is `-ieq`, `CEQ` is `-ceq`.
fn operator_named(name: &str) -> Option<BinaryOperator> {
    let lower = name.to_ascii_lowercase();
    let case_sensitive = lower.starts_with('c') && lower != "contains";
    let plain = if case_sensitive {
        &lower[1..]
    } else {
        &lower[..]
    };
    Some(match plain {
        "eq" => BinaryOperator::Equal { case_sensitive },
        "ne" => BinaryOperator::NotEqual { case_sensitive },
        "gt" => BinaryOperator::GreaterThan { case_sensitive },
        "lt" => BinaryOperator::LessThan { case_sensitive },
        "ge" => BinaryOperator::GreaterOrEqual { case_sensitive },
        "le" => BinaryOperator::LessOrEqual { case_sensitive },
        "like" => BinaryOperator::Like { case_sensitive },
        "notlike" => BinaryOperator::NotLike { case_sensitive },
        "match" => BinaryOperator::Match { case_sensitive },
        "notmatch" => BinaryOperator::NotMatch { case_sensitive },
        "contains" => BinaryOperator::Contains { case_sensitive },
        "notcontains" => BinaryOperator::NotContains { case_sensitive },
        "in" => BinaryOperator::In { case_sensitive },
        "notin" => BinaryOperator::NotIn { case_sensitive },
        "is" => BinaryOperator::Is,
        "isnot" => BinaryOperator::IsNot,
        _ => return None,
    })
}
