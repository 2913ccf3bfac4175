//! The names of types: generic, array and with an assembly.

use super::super::ast::{TypeName, TypeNameKind};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Token, TokenKind};
use super::{Parser, after, before};

const MISSING_BRACKET: &str = "Missing ] at end of attribute or type literal.";
const MAX_DIMENSIONS: u32 = 32;

impl Parser<'_> {
    /// A type name; `None`, with nothing taken, if there is none here.
    pub(super) fn type_name(&mut self, assemblies: bool) -> Option<TypeName> {
        let mode = self.set_mode(Mode::TypeName);
        let token = self.next();
        let name = if token.kind == TokenKind::Identifier {
            Some(self.finish_type_name(token.extent, false, assemblies))
        } else {
            self.unget(token);
            None
        };
        self.set_mode(mode);
        name
    }

    // Inside of generic arguments without brackets of their own a comma parts arguments.
    fn finish_type_name(
        &mut self,
        name: Extent,
        bare_argument: bool,
        assemblies: bool,
    ) -> TypeName {
        let (kind, extent) = self.peek();
        if kind == TokenKind::LBracket {
            self.skip();
            self.skip_newlines();
            let token = self.next();
            return match token.kind {
                TokenKind::RBracket | TokenKind::Comma => {
                    let element = self.plain_type(name);
                    self.array_type(element, token, bare_argument)
                }
                TokenKind::LBracket | TokenKind::Identifier => {
                    self.generic_type(name, token, bare_argument)
                }
                TokenKind::EndOfInput => {
                    self.unget(token);
                    self.incomplete(
                        after(extent),
                        "MissingTypename",
                        "Missing type name after '['.",
                    );
                    self.plain_type(name)
                }
                _ => {
                    self.unexpected(token.extent);
                    self.sync(true, &[TokenKind::RBracket]);
                    self.plain_type(name)
                }
            };
        }
        let mut plain = self.plain_type(name);
        if kind == TokenKind::Comma && assemblies && !bare_argument {
            self.assembly(&mut plain, extent);
        }
        plain
    }

    fn plain_type(&self, extent: Extent) -> TypeName {
        TypeName {
            extent,
            kind: TypeNameKind::Name {
                name: self.text(extent).into(),
                assembly: None,
            },
        }
    }

    fn assembly(&mut self, name: &mut TypeName, comma: Extent) {
        self.skip();
        let text = self.lexer.assembly_name();
        if text.trim().is_empty() {
            self.error(
                after(comma),
                "MissingAssemblyNameSpecification",
                "The type name is missing the assembly name specification.",
            );
            return;
        }
        let end = self.lexer.offset();
        set_assembly(name, &text);
        name.extent.end = end;
    }

    /// Arguments after `[`, the first of which has been begun; and the token after them.
    pub(super) fn generic_arguments(&mut self, first: Token) -> (Vec<TypeName>, Token) {
        let mut arguments = Vec::new();
        if !self.enter() {
            self.leave();
            return (arguments, self.next());
        }
        arguments.push(self.generic_argument(first));
        let last = loop {
            self.skip_newlines();
            let last = self.next();
            if last.kind != TokenKind::Comma {
                break last;
            }
            self.skip_newlines();
            if matches!(
                self.peek_kind(),
                TokenKind::Identifier | TokenKind::LBracket
            ) {
                let token = self.next();
                let argument = self.generic_argument(token);
                arguments.push(argument);
            } else {
                self.incomplete(
                    after(last.extent),
                    "MissingTypename",
                    "Missing type name after '['.",
                );
                arguments.push(self.plain_type(last.extent));
            }
        };
        self.leave();
        (arguments, last)
    }

    fn generic_argument(&mut self, first: Token) -> TypeName {
        if first.kind == TokenKind::Identifier {
            return self.finish_type_name(first.extent, true, true);
        }
        let token = self.next();
        if token.kind != TokenKind::Identifier {
            let at = after(token.extent);
            self.unget(token);
            self.incomplete(at, "MissingTypename", "Missing type name after '['.");
            return self.plain_type(first.extent);
        }
        let name = self.finish_type_name(token.extent, false, true);
        let close = self.peek();
        if close.0 == TokenKind::RBracket {
            self.skip();
        } else {
            self.incomplete(
                before(close.1),
                "EndSquareBracketExpectedAtEndOfType",
                "Missing ] at end of type token.",
            );
        }
        name
    }

    fn generic_type(&mut self, name: Extent, first: Token, bare_argument: bool) -> TypeName {
        let (arguments, last) = self.generic_arguments(first);
        let end = if last.kind == TokenKind::RBracket {
            last.extent
        } else {
            let at = before(last.extent);
            self.unget(last);
            self.incomplete(
                at,
                "EndSquareBracketExpectedAtEndOfAttribute",
                MISSING_BRACKET,
            );
            arguments.last().map_or(name, |last| last.extent)
        };
        let definition = Box::new(self.plain_type(name));
        let mut generic = TypeName {
            extent: name.to(end),
            kind: TypeNameKind::Generic {
                definition,
                arguments,
            },
        };
        let (kind, extent) = self.peek();
        if kind == TokenKind::LBracket {
            self.skip();
            let next = self.next();
            return self.array_type(generic, next, bare_argument);
        }
        if kind == TokenKind::Comma && !bare_argument {
            self.assembly(&mut generic, extent);
        }
        generic
    }

    // With the token after `[`.
    fn array_type(&mut self, mut element: TypeName, first: Token, bare_argument: bool) -> TypeName {
        let mut first = first;
        loop {
            self.grow();
            match first.kind {
                TokenKind::Comma => {
                    let (mut rank, mut last_comma) = (2, first.extent);
                    let mut token = self.next();
                    while token.kind == TokenKind::Comma {
                        last_comma = token.extent;
                        rank += 1;
                        token = self.next();
                    }
                    if rank > MAX_DIMENSIONS {
                        let message = format!(
                            "The array has too many dimensions: {rank}. The number of dimensions for an array must be less than or equal to {MAX_DIMENSIONS}."
                        );
                        self.error(
                            first.extent.to(last_comma),
                            "ArrayHasTooManyDimensions",
                            message,
                        );
                    }
                    let end = token.extent;
                    if token.kind != TokenKind::RBracket {
                        self.unget(token);
                        if rank <= MAX_DIMENSIONS {
                            self.error(
                                after(last_comma),
                                "EndSquareBracketExpectedAtEndOfAttribute",
                                MISSING_BRACKET,
                            );
                        }
                    }
                    element = array_of(element, end, rank);
                }
                TokenKind::RBracket => element = array_of(element, first.extent, 1),
                TokenKind::EndOfInput => {
                    let at = before(first.extent);
                    self.unget(first);
                    self.error(
                        at,
                        "EndSquareBracketExpectedAtEndOfAttribute",
                        MISSING_BRACKET,
                    );
                    return element;
                }
                _ => {
                    self.unexpected(first.extent);
                    self.sync(true, &[TokenKind::RBracket]);
                }
            }
            let (kind, extent) = self.peek();
            if kind == TokenKind::Comma && !bare_argument {
                self.assembly(&mut element, extent);
                return element;
            }
            if kind != TokenKind::LBracket {
                return element;
            }
            self.skip();
            first = self.next();
        }
    }
}

fn array_of(element: TypeName, end: Extent, rank: u32) -> TypeName {
    TypeName {
        extent: element.extent.to(end),
        kind: TypeNameKind::Array {
            element: Box::new(element),
            rank,
        },
    }
}

// The assembly belongs to the innermost name.
fn set_assembly(name: &mut TypeName, text: &str) {
    let mut name = name;
    loop {
        match &mut name.kind {
            TypeNameKind::Name { assembly, .. } => {
                *assembly = Some(text.into());
                return;
            }
            TypeNameKind::Generic { definition, .. } => name = definition,
            TypeNameKind::Array { element, .. } => name = element,
        }
    }
}
