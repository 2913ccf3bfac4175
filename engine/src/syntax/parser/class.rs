//! Classes and enums.

use std::sync::Arc;

use super::super::ast::{
    AssignmentOperator, Attribute, AttributeOrType, EnumMember, FunctionMember, MemberModifiers,
    PropertyMember, Statement, TypeConstraint, TypeDefinition, TypeKind, TypeMember,
};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Keyword, Payload, Token, TokenKind};
use super::{Parser, after};

/// The underlying types that an enum may have.
const UNDERLYING_TYPES: [&str; 16] = [
    "byte",
    "sbyte",
    "short",
    "int16",
    "ushort",
    "uint16",
    "int",
    "int32",
    "uint",
    "uint32",
    "long",
    "int64",
    "ulong",
    "uint64",
    "system.int32",
    "system.byte",
];

impl Parser<'_> {
    pub(super) fn class_definition(
        &mut self,
        attributes: Vec<AttributeOrType>,
        start: Extent,
    ) -> Statement {
        self.skip_newlines();
        let Some(name) = self.simple_name() else {
            return self.missing_type_name(start);
        };
        self.skip_newlines();
        let mode = self.set_mode(Mode::Signature);
        let statement = self.class_after_name(attributes, start, name);
        self.set_mode(mode);
        statement
    }

    fn missing_type_name(&mut self, start: Extent) -> Statement {
        let message = format!("Missing name after {} keyword.", self.text(start));
        self.incomplete(after(start), "MissingNameAfterKeyword", message);
        Statement::Error(start)
    }

    fn class_after_name(
        &mut self,
        attributes: Vec<AttributeOrType>,
        start: Extent,
        name_extent: Extent,
    ) -> Statement {
        let name = self.text(name_extent);
        let bases = self.base_types();
        let Some(open) = self.take(TokenKind::LCurly) else {
            let last = bases.last().map_or(name_extent, |base| base.extent);
            self.incomplete(
                after(last),
                "MissingTypeBody",
                "Missing 'class' body in 'class' declaration.",
            );
            return Statement::Error(start.to(last));
        };
        let mut members = Vec::new();
        let mut last = open;
        loop {
            match self.class_member(name) {
                Member::Is(member) => {
                    last = member_extent(&member);
                    members.push(member);
                }
                Member::Wrong(extent) => last = extent,
                Member::End => break,
            }
        }
        self.skip_newlines();
        let (kind, close) = self.peek();
        if kind == TokenKind::RCurly {
            self.skip();
            last = close;
        } else {
            self.missing_end_curly(after(open), close);
        }
        let definition = TypeDefinition {
            extent: attributes
                .first()
                .map_or(start, AttributeOrType::extent)
                .to(last),
            kind: TypeKind::Class,
            name: name.into(),
            name_extent,
            attributes: only_attributes(attributes),
            bases,
            members,
        };
        Statement::Type(Box::new(definition))
    }

    fn base_types(&mut self) -> Vec<TypeConstraint> {
        let mut bases = Vec::new();
        let Some(mut before) = self.take(TokenKind::Colon) else {
            return bases;
        };
        self.skip_newlines();
        loop {
            let Some(name) = self.type_name(false) else {
                self.incomplete(after(before), "TypeNameExpected", "Type name expected.");
                return bases;
            };
            bases.push(TypeConstraint {
                extent: name.extent,
                name,
            });
            self.skip_newlines();
            let Some(comma) = self.take(TokenKind::Comma) else {
                return bases;
            };
            before = comma;
            self.skip_newlines();
        }
    }

    fn class_member(&mut self, class: &str) -> Member {
        let mut start: Option<Extent> = None;
        let mut attributes = Vec::new();
        let mut constraint: Option<TypeConstraint> = None;
        let mut modifiers = MemberModifiers::default();
        let mut last: Option<Extent> = None;
        let token = loop {
            self.skip_newlines();
            if let Some(attribute) = self.attribute() {
                let extent = attribute.extent();
                start.get_or_insert(extent);
                last = Some(extent);
                match attribute {
                    AttributeOrType::Attribute(attribute) => attributes.push(attribute),
                    AttributeOrType::Type(found) if constraint.is_none() => {
                        constraint = Some(found)
                    }
                    AttributeOrType::Type(_) => {
                        self.error(
                            extent,
                            "TooManyTypes",
                            "Only one type may be specified on class members.",
                        );
                    }
                }
                continue;
            }
            let token = self.next();
            start.get_or_insert(token.extent);
            let flag = match token.kind {
                TokenKind::Keyword(Keyword::Static) => &mut modifiers.is_static,
                TokenKind::Keyword(Keyword::Hidden) => &mut modifiers.is_hidden,
                _ => break token,
            };
            last = Some(token.extent);
            if std::mem::replace(flag, true) {
                let message = format!("Duplicate '{}' qualifier", self.text(token.extent));
                self.error(token.extent, "DuplicateQualifier", message);
            }
        };
        let start = start.unwrap_or(token.extent);
        match token.kind {
            TokenKind::Variable => self.property(start, token, attributes, constraint, modifiers),
            TokenKind::Identifier | TokenKind::Keyword(_) => {
                let wrong = start.to(constraint
                    .as_ref()
                    .map_or(start, |constraint| constraint.extent));
                let has_parts = constraint.is_some() || !attributes.is_empty();
                match self.method(start, token.extent, class, modifiers) {
                    Some(mut method) => {
                        method.attributes = attributes;
                        method.return_type = constraint;
                        Member::Is(TypeMember::Method(method))
                    }
                    None => {
                        self.sync(false, &[TokenKind::RCurly]);
                        if has_parts {
                            Member::Wrong(wrong)
                        } else {
                            Member::End
                        }
                    }
                }
            }
            _ => {
                self.unget(token);
                let Some(last) = last else { return Member::End };
                self.incomplete(
                    after(last),
                    "IncompleteMemberDefinition",
                    "Missing a property name or method definition.",
                );
                if constraint.is_some() || !attributes.is_empty() {
                    Member::Wrong(last)
                } else {
                    Member::End
                }
            }
        }
    }

    fn property(
        &mut self,
        start: Extent,
        token: Token,
        attributes: Vec<Attribute>,
        property_type: Option<TypeConstraint>,
        modifiers: MemberModifiers,
    ) -> Member {
        let Payload::Variable(variable) = token.payload else {
            return Member::End;
        };
        let mut initial = None;
        if self
            .take(TokenKind::Assign(AssignmentOperator::Assign))
            .is_some()
        {
            self.skip_newlines();
            initial = self.expression();
        }
        let mut end = initial
            .as_ref()
            .map_or(token.extent, |initial| initial.extent);
        let (kind, terminator) = self.peek();
        if !matches!(
            kind,
            TokenKind::NewLine | TokenKind::Semi | TokenKind::RCurly
        ) {
            self.incomplete(
                after(end),
                "MissingPropertyTerminator",
                "Missing ';' or end-of-line in property definition.",
            );
        }
        self.skip_newlines_and_semicolons();
        if kind == TokenKind::Semi {
            end = terminator;
        }
        if variable.name.is_empty() {
            return Member::Wrong(end);
        }
        let extent = start.to(end);
        Member::Is(TypeMember::Property(PropertyMember {
            extent,
            name: variable.name,
            modifiers,
            property_type,
            attributes,
            initial,
        }))
    }

    fn method(
        &mut self,
        start: Extent,
        name_extent: Extent,
        class: &str,
        modifiers: MemberModifiers,
    ) -> Option<FunctionMember> {
        let name = self.text(name_extent);
        let mut failed = None;
        let mut close = None;
        let mut parameters = Vec::new();
        if self.peek_kind() == TokenKind::LParen {
            let (list, wrong, end) = self.parameters_in_parentheses();
            (parameters, failed, close) = (list.unwrap_or_default(), wrong, end);
        } else {
            self.incomplete(
                after(name_extent),
                "MissingMethodParameterList",
                "Missing '(' in class method parameter list.",
            );
        }
        let is_constructor = name.eq_ignore_ascii_case(class);
        let mut base_arguments = None;
        if is_constructor && !modifiers.is_static {
            self.skip_newlines();
            let mode = self.set_mode(Mode::Signature);
            if let Some(colon) = self.take(TokenKind::Colon) {
                self.base_call(colon, &mut base_arguments, &mut failed);
            }
            self.set_mode(mode);
        }
        let Some(open) = self.take(TokenKind::LCurly) else {
            if failed.is_none() {
                let last = close.unwrap_or(name_extent);
                self.incomplete(
                    after(last),
                    "MissingFunctionBody",
                    "Missing function body in function declaration.",
                );
            }
            return None;
        };
        if failed.is_some() {
            return None;
        }
        let mode = self.set_mode(Mode::Command);
        let body = Arc::new(self.script_block(Some(open), false));
        self.set_mode(mode);
        Some(FunctionMember {
            extent: start.to(body.extent),
            name: name.into(),
            name_extent,
            is_constructor,
            modifiers,
            return_type: None,
            attributes: Vec::new(),
            parameters,
            base_arguments,
            body,
        })
    }

    fn base_call(
        &mut self,
        colon: Extent,
        arguments: &mut Option<Vec<super::super::ast::Expr>>,
        failed: &mut Option<Extent>,
    ) {
        self.skip_newlines();
        let Some(base) = self.take(TokenKind::Keyword(Keyword::Base)) else {
            *failed = Some(colon);
            self.incomplete(
                after(colon),
                "MissingBaseCtorCall",
                "Missing 'base' after ':' in a base class constructor call.",
            );
            return;
        };
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LParen) else {
            *failed = Some(base);
            self.incomplete(
                after(base),
                "MissingMethodParameterList",
                "Missing '(' in class method parameter list.",
            );
            return;
        };
        *arguments = Some(self.argument_list(open).0);
        self.skip_newlines();
    }

    pub(super) fn enum_definition(
        &mut self,
        attributes: Vec<AttributeOrType>,
        start: Extent,
    ) -> Statement {
        self.skip_newlines();
        let Some(name) = self.simple_name() else {
            return self.missing_type_name(start);
        };
        let mode = self.set_mode(Mode::Signature);
        let statement = self.enum_after_name(attributes, start, name);
        self.set_mode(mode);
        statement
    }

    fn enum_after_name(
        &mut self,
        attributes: Vec<AttributeOrType>,
        start: Extent,
        name_extent: Extent,
    ) -> Statement {
        let mut bases = Vec::new();
        self.skip_newlines();
        if let Some(colon) = self.take(TokenKind::Colon) {
            self.skip_newlines();
            match self.type_name(false) {
                Some(name) => {
                    let text = self.text(name.extent);
                    let known = UNDERLYING_TYPES
                        .iter()
                        .any(|known| text.eq_ignore_ascii_case(known));
                    if !known {
                        let message = format!(
                            "'{text}' is not a valid underlying type for enums. Expected a builtin integral type (one of byte, sbyte, short, ushort, int, uint, long or ulong)"
                        );
                        self.error(name.extent, "InvalidUnderlyingType", message);
                    }
                    bases.push(TypeConstraint {
                        extent: name.extent,
                        name,
                    });
                }
                None => {
                    self.incomplete(after(colon), "TypeNameExpected", "Type name expected.");
                }
            }
        }
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LCurly) else {
            self.incomplete(
                after(name_extent),
                "MissingTypeBody",
                "Missing 'enum' body in 'enum' declaration.",
            );
            return Statement::Error(start.to(name_extent));
        };
        let mut members = Vec::new();
        while let Some(member) = self.enum_member() {
            members.push(TypeMember::EnumValue(member));
        }
        let (kind, close) = self.peek();
        if kind == TokenKind::RCurly {
            self.skip();
        } else {
            self.missing_end_curly(after(open), close);
        }
        let definition = TypeDefinition {
            extent: attributes
                .first()
                .map_or(start, AttributeOrType::extent)
                .to(close),
            kind: TypeKind::Enum,
            name: self.text(name_extent).into(),
            name_extent,
            attributes: only_attributes(attributes),
            bases,
            members,
        };
        Statement::Type(Box::new(definition))
    }

    fn enum_member(&mut self) -> Option<EnumMember> {
        self.skip_newlines();
        let name = self.simple_name()?;
        let mut end = name;
        let mut value = None;
        let mut lost = false;
        let mode = self.set_mode(Mode::Expression);
        if let Some(equals) = self.take(TokenKind::Assign(AssignmentOperator::Assign)) {
            value = self.expression();
            end = value.as_ref().map_or(equals, |value| value.extent);
            lost = value.is_none();
            if lost {
                self.error(
                    after(equals),
                    "ExpectedValueExpression",
                    "You must provide a value expression following the '=' operator.",
                );
            }
        }
        self.set_mode(mode);
        let (kind, terminator) = self.peek();
        if !matches!(
            kind,
            TokenKind::NewLine | TokenKind::Semi | TokenKind::RCurly
        ) && !lost
        {
            self.incomplete(
                after(end),
                "MissingPropertyTerminator",
                "Missing ';' or end-of-line in property definition.",
            );
        }
        self.skip_newlines_and_semicolons();
        if kind == TokenKind::Semi {
            end = terminator;
        }
        Some(EnumMember {
            extent: name.to(end),
            name: self.text(name).into(),
            value,
        })
    }
}

/// What the next member of a class is.
enum Member {
    Is(TypeMember),
    /// Something wrong was read; there may be more members.
    Wrong(Extent),
    End,
}

fn member_extent(member: &TypeMember) -> Extent {
    match member {
        TypeMember::Property(it) => it.extent,
        TypeMember::Method(it) => it.extent,
        TypeMember::EnumValue(it) => it.extent,
    }
}

fn only_attributes(attributes: Vec<AttributeOrType>) -> Vec<Attribute> {
    attributes
        .into_iter()
        .filter_map(|attribute| match attribute {
            AttributeOrType::Attribute(attribute) => Some(attribute),
            AttributeOrType::Type(_) => None,
        })
        .collect()
}
