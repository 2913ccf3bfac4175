//! What PowerShell finds out about classes and enums only when it compiles a script that parses.

use std::collections::HashSet;

use super::super::ast::{
    AttributeOrType, Expr, ExprKind, Number, ScriptBlock, Statement, TypeDefinition, TypeKind,
    TypeMember, UnaryOperator,
};
use super::super::error::ParseError;
use super::super::source::Extent;

/// Types that no class can have as its base.
const SEALED: [&str; 22] = [
    "String",
    "Boolean",
    "Byte",
    "Char",
    "DateTime",
    "Decimal",
    "Double",
    "Guid",
    "Int16",
    "Int32",
    "Int64",
    "SByte",
    "Single",
    "TimeSpan",
    "UInt16",
    "UInt32",
    "UInt64",
    "ScriptBlock",
    "Version",
    "Convert",
    "Math",
    "PSCredential",
];

/// The short names of some of them.
const SHORT_NAMES: [(&str, &str); 9] = [
    ("bool", "Boolean"),
    ("int", "Int32"),
    ("long", "Int64"),
    ("short", "Int16"),
    ("float", "Single"),
    ("uint", "UInt32"),
    ("ulong", "UInt64"),
    ("ushort", "UInt16"),
    ("pscredential", "PSCredential"),
];

/// Errors in the classes and enums of a script: they keep it from running as those of the grammar do.
#[must_use]
pub fn definition_errors(text: &str, script: &ScriptBlock) -> Vec<ParseError> {
    let blocks = [
        &script.dynamic_param,
        &script.begin,
        &script.process,
        &script.end,
        &script.clean,
    ];
    let mut errors = Errors {
        text,
        list: Vec::new(),
    };
    for statement in blocks
        .into_iter()
        .flatten()
        .flat_map(|block| &block.body.statements)
    {
        if let Statement::Type(definition) = statement {
            match definition.kind {
                TypeKind::Class => errors.class(definition),
                TypeKind::Enum => errors.enumeration(definition),
            }
        }
    }
    errors.list
}

struct Errors<'s> {
    text: &'s str,
    list: Vec<ParseError>,
}

impl Errors<'_> {
    fn push(&mut self, extent: Extent, error_id: &'static str, message: String) {
        self.list.push(ParseError {
            error_id,
            message,
            incomplete_input: false,
            extent,
        });
    }

    fn text(&self, extent: Extent) -> &str {
        self.text
            .get(extent.start as usize..extent.end as usize)
            .unwrap_or("")
    }

    fn class(&mut self, definition: &TypeDefinition) {
        if let Some(base) = definition.bases.first() {
            let name = self.text(base.name.extent);
            let name = name.strip_prefix("System.").unwrap_or(name);
            let full = SHORT_NAMES
                .iter()
                .find(|(short, _)| short.eq_ignore_ascii_case(name))
                .map_or(name, |(_, full)| full);
            if let Some(sealed) = SEALED
                .iter()
                .find(|sealed| sealed.eq_ignore_ascii_case(full))
            {
                self.push(
                    base.extent,
                    "SealedBaseClass",
                    format!("Cannot inherit from sealed class '{sealed}'."),
                );
            }
        }
        let mut seen = HashSet::new();
        for member in &definition.members {
            let (name, extent, signature) = match member {
                TypeMember::Property(property) => (&property.name, property.extent, String::new()),
                TypeMember::Method(method) => {
                    // Methods may share a name if their parameters have other types.
                    let mut signature =
                        format!("({}", method.modifiers.is_static && method.is_constructor);
                    for parameter in &method.parameters {
                        let constraint =
                            parameter
                                .attributes
                                .iter()
                                .find_map(|attribute| match attribute {
                                    AttributeOrType::Type(constraint) => {
                                        Some(constraint.name.extent)
                                    }
                                    AttributeOrType::Attribute(_) => None,
                                });
                        signature.push(',');
                        signature.push_str(
                            &constraint
                                .map_or("object", |extent| self.text(extent))
                                .to_lowercase(),
                        );
                    }
                    (&method.name, method.extent, signature)
                }
                TypeMember::EnumValue(_) => continue,
            };
            if !seen.insert(format!("{}{signature}", name.to_lowercase())) {
                self.push(
                    extent,
                    "MemberAlreadyDefined",
                    format!("The member '{name}' is already defined."),
                );
            }
        }
    }

    fn enumeration(&mut self, definition: &TypeDefinition) {
        let underlying = definition.bases.first().map_or("int".to_owned(), |base| {
            self.text(base.name.extent).to_lowercase()
        });
        let underlying = underlying.strip_prefix("system.").unwrap_or(&underlying);
        let (least, most) = match underlying {
            "byte" => (0, i128::from(u8::MAX)),
            "sbyte" => (i128::from(i8::MIN), i128::from(i8::MAX)),
            "short" | "int16" => (i128::from(i16::MIN), i128::from(i16::MAX)),
            "ushort" | "uint16" => (0, i128::from(u16::MAX)),
            "uint" | "uint32" => (0, i128::from(u32::MAX)),
            "long" | "int64" => (i128::from(i64::MIN), i128::from(i64::MAX)),
            "ulong" | "uint64" => (0, i128::from(u64::MAX)),
            _ => (i128::from(i32::MIN), i128::from(i32::MAX)),
        };
        let mut seen = HashSet::new();
        for member in &definition.members {
            let TypeMember::EnumValue(member) = member else {
                continue;
            };
            if !seen.insert(member.name.to_lowercase()) {
                self.push(
                    member.extent,
                    "MemberAlreadyDefined",
                    format!("The member '{}' is already defined.", member.name),
                );
            }
            let Some(value) = &member.value else { continue };
            if has_variable(value) {
                self.push(
                    value.extent,
                    "EnumeratorValueMustBeConstant",
                    "Enumerator value must be a constant value.".to_owned(),
                );
            } else if integer(value).is_some_and(|value| !(least..=most).contains(&value)) {
                let message =
                    format!("Enumerator value is either too large or too small for {underlying}.");
                self.push(value.extent, "EnumeratorValueOutOfBounds", message);
            }
        }
    }
}

// Commands cannot stand here; other labels (`[E]::A`) and sums of them can.
fn has_variable(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Variable(_)
        | ExprKind::Expandable { .. }
        | ExprKind::Invoke(_)
        | ExprKind::SubExpression(_) => true,
        ExprKind::Unary { operand, .. } => has_variable(operand),
        ExprKind::Attributed { target, .. } => has_variable(target),
        ExprKind::Binary { operands, .. } => has_variable(&operands.1) || has_variable(&operands.0),
        ExprKind::Paren(statement) => statement.as_expression().is_none_or(has_variable),
        _ => false,
    }
}

fn integer(value: &Expr) -> Option<i128> {
    Some(match &value.kind {
        ExprKind::Number(Number::Byte(value)) => (*value).into(),
        ExprKind::Number(Number::SByte(value)) => (*value).into(),
        ExprKind::Number(Number::Int16(value)) => (*value).into(),
        ExprKind::Number(Number::UInt16(value)) => (*value).into(),
        ExprKind::Number(Number::Int32(value)) => (*value).into(),
        ExprKind::Number(Number::UInt32(value)) => (*value).into(),
        ExprKind::Number(Number::Int64(value)) => (*value).into(),
        ExprKind::Number(Number::UInt64(value)) => (*value).into(),
        ExprKind::Unary {
            operator: UnaryOperator::Minus,
            operand,
            ..
        } => integer(operand)?.checked_neg()?,
        _ => return None,
    })
}
