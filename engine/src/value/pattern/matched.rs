//! What a regular expression found: `Match`, `Group`, and their collections.

use std::sync::Arc;

use super::regex::Regex;
use super::replacement::Replacement;
use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::fold::equal_folded;
use crate::value::number::integer_of;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// The byte spans of a match: the whole, then the groups in .NET's order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// INVARIANT: the first is there and is some.
    pub groups: Vec<Option<(usize, usize)>>,
}

impl Found {
    /// Where the whole match starts and ends.
    #[must_use]
    pub fn span(&self) -> (usize, usize) {
        self.groups.first().copied().flatten().unwrap_or((0, 0))
    }
}

/// `System.Text.RegularExpressions.Match`, also of what was not found.
#[derive(Debug)]
pub struct Match {
    regex: Arc<Regex>,
    input: Text,
    found: Option<Found>,
}

/// `System.Text.RegularExpressions.Group`, or a capture of one.
#[derive(Debug)]
pub struct Group {
    name: Text,
    input: Text,
    span: Option<(usize, usize)>,
    is_capture: bool,
}

/// A collection of matches, groups or captures.
#[derive(Debug)]
pub(crate) struct Matches {
    id: TypeId,
    items: Vec<Value>,
}

impl Match {
    /// What `regex` found in `input`.
    #[must_use]
    pub fn new(regex: Arc<Regex>, input: Text, found: Option<Found>) -> Self {
        Self {
            regex,
            input,
            found,
        }
    }

    fn span(&self) -> Option<(usize, usize)> {
        self.found.as_ref().map(Found::span)
    }

    fn groups(&self) -> Value {
        let spans = match &self.found {
            Some(found) => found.groups.clone(),
            None => vec![None],
        };
        let names = std::iter::once(Text::from("0")).chain(self.regex.group_names().cloned());
        let items = spans
            .into_iter()
            .zip(names)
            .map(|(span, name)| {
                Value::clr(Group {
                    name,
                    input: self.input.clone(),
                    span,
                    is_capture: false,
                })
            })
            .collect();
        Value::clr(Matches {
            id: TypeId::GroupCollection,
            items,
        })
    }
}

fn value_of(input: &Text, span: Option<(usize, usize)>) -> Text {
    span.map_or_else(Text::default, |(from, to)| input[from..to].into())
}

/// The properties that matches, groups and captures share.
fn span_property(name: &str, input: &Text, span: Option<(usize, usize)>) -> Option<Value> {
    let unit = |byte: usize| i32::try_from(input.unit_index(byte)).unwrap_or(i32::MAX);
    Some(match name {
        "value" => Value::String(value_of(input, span)),
        "index" => Value::Int32(span.map_or(0, |(from, _)| unit(from))),
        "length" => Value::Int32(span.map_or(0, |(from, to)| unit(to) - unit(from))),
        "success" => Value::Bool(span.is_some()),
        _ => return None,
    })
}

fn infos(names: &[(&'static str, &'static str)]) -> Vec<PropertyInfo> {
    names
        .iter()
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .collect()
}

impl ClrLike for Match {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Match)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        infos(&[
            ("Groups", "System.Text.RegularExpressions.GroupCollection"),
            ("Success", "System.Boolean"),
            ("Name", "System.String"),
            (
                "Captures",
                "System.Text.RegularExpressions.CaptureCollection",
            ),
            ("Index", "System.Int32"),
            ("Length", "System.Int32"),
            ("Value", "System.String"),
            ("ValueSpan", "System.ReadOnlySpan[char]"),
        ])
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let name = name.to_ascii_lowercase();
        Some(Ok(match name.as_str() {
            "groups" => self.groups(),
            "name" => "0".into(),
            "captures" => captures(&self.input, self.span()),
            "valuespan" => Value::Null,
            name => span_property(name, &self.input, self.span())?,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["NextMatch", "Result"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        if equal_folded(name, "NextMatch") {
            let next = match self.span() {
                Some((from, to)) => {
                    let start = if to > from {
                        to
                    } else {
                        to + self.input[to..].chars().next().map_or(1, char::len_utf8)
                    };
                    self.regex.find_at(&self.input, start)
                }
                None => Ok(None),
            };
            return Some(next.map(|found| {
                Value::clr(Self::new(
                    Arc::clone(&self.regex),
                    self.input.clone(),
                    found,
                ))
            }));
        }
        if equal_folded(name, "Result") {
            let text = convert::to_text(arguments.first()?, cx);
            return Some(text.map(|text| {
                let mut out = String::new();
                if let Some(found) = &self.found {
                    Replacement::parse(&text, &self.regex).write(found, &self.input, &mut out);
                }
                out.into()
            }));
        }
        None
    }

    fn text(&self) -> Text {
        value_of(&self.input, self.span())
    }
}

fn captures(input: &Text, span: Option<(usize, usize)>) -> Value {
    let items = span
        .into_iter()
        .map(|span| {
            Value::clr(Group {
                name: Text::default(),
                input: input.clone(),
                span: Some(span),
                is_capture: true,
            })
        })
        .collect();
    Value::clr(Matches {
        id: TypeId::CaptureCollection,
        items,
    })
}

impl ClrLike for Group {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(if self.is_capture {
            TypeId::Capture
        } else {
            TypeId::Group
        })
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let mut all = infos(&[
            ("Success", "System.Boolean"),
            ("Name", "System.String"),
            (
                "Captures",
                "System.Text.RegularExpressions.CaptureCollection",
            ),
        ]);
        if self.is_capture {
            all.clear();
        }
        all.extend(infos(&[
            ("Index", "System.Int32"),
            ("Length", "System.Int32"),
            ("Value", "System.String"),
            ("ValueSpan", "System.ReadOnlySpan[char]"),
        ]));
        all
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let name = name.to_ascii_lowercase();
        Some(Ok(match name.as_str() {
            "name" if !self.is_capture => Value::String(self.name.clone()),
            "captures" if !self.is_capture => captures(&self.input, self.span),
            "success" if self.is_capture => return None,
            "valuespan" => Value::Null,
            name => span_property(name, &self.input, self.span)?,
        }))
    }

    fn text(&self) -> Text {
        value_of(&self.input, self.span)
    }
}

impl Matches {
    pub(crate) fn new(id: TypeId, items: Vec<Value>) -> Self {
        Self { id, items }
    }
}

impl ClrLike for Matches {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(self.id)
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        equal_folded(name, "Count").then(|| {
            Ok(Value::Int32(
                i32::try_from(self.items.len()).unwrap_or(i32::MAX),
            ))
        })
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.items.clone())
    }

    fn index(&self, arguments: &[Value], _cx: &mut dyn Context) -> Option<Result<Value, Raise>> {
        let key = arguments.first()?;
        if let Some(number) = integer_of(key) {
            let item = usize::try_from(number)
                .ok()
                .and_then(|number| self.items.get(number))
                .cloned();
            return Some(Ok(match item {
                Some(item) => item,
                None if self.id == TypeId::GroupCollection => no_group(),
                None => Value::Null,
            }));
        }
        let wanted = convert::invariant_text(key);
        let named = self.items.iter().find(|item| {
            item.as_clr::<Group>()
                .is_some_and(|group| group.name == wanted)
        });
        Some(Ok(named.cloned().unwrap_or_else(no_group)))
    }
}

/// What a collection gives for a group that is not there: one without success.
fn no_group() -> Value {
    Value::clr(Group {
        name: Text::default(),
        input: Text::default(),
        span: None,
        is_capture: false,
    })
}
