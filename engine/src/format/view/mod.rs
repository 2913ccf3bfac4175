//! Views that are known by the type of the object.

mod custom;
mod tables;

use super::field::{Field, NativeSource, Source};
use super::properties::live_name;
use super::table::Alignment;
use crate::value::{Context, Raise, Text, Value};

/// How objects of some types are shown.
#[derive(Debug)]
pub(super) struct View {
    /// The types that it is for, without the prefix of objects that came over the wire.
    types: &'static [&'static str],
    pub(super) body: Body,
    pub(super) group: Option<Group>,
}

/// What a view shows.
#[derive(Debug)]
pub(super) enum Body {
    Table {
        columns: &'static [ViewColumn],
        auto_size: bool,
    },
    List(&'static [ViewColumn]),
    /// Free text.
    Text(fn(&Value, &mut dyn Context) -> Result<Text, Raise>),
    /// One property in columns.
    Wide(&'static str),
}

/// Which kind of view is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyKind {
    Table,
    List,
    Text,
    Wide,
}

/// A column or line of a view.
#[derive(Debug)]
pub(super) struct ViewColumn {
    label: &'static str,
    source: ViewSource,
    width: usize,
    alignment: Option<Alignment>,
}

#[derive(Debug)]
enum ViewSource {
    /// The property of the label's name.
    Same,
    Property(&'static str),
    Native(NativeSource),
}

/// Objects that follow each other stand below one line while this stays the same.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) indent: usize,
    pub(super) value: NativeSource,
}

impl View {
    /// The view for an object of these types, of `kind` if one is asked for.
    pub(super) fn find(type_names: &[Text], kind: Option<BodyKind>) -> Option<&'static Self> {
        type_names.iter().find_map(|name| {
            let name = live_name(name);
            views().find(|view| {
                view.types.contains(&name) && kind.is_none_or(|kind| view.body.kind() == kind)
            })
        })
    }

    /// Whether the view is for objects of these types.
    pub(super) fn applies_to(&self, type_names: &[Text]) -> bool {
        type_names
            .iter()
            .any(|name| self.types.contains(&live_name(name)))
    }
}

impl Body {
    fn kind(&self) -> BodyKind {
        match self {
            Self::Table { .. } => BodyKind::Table,
            Self::List(_) => BodyKind::List,
            Self::Text(_) => BodyKind::Text,
            Self::Wide(_) => BodyKind::Wide,
        }
    }
}

impl ViewColumn {
    pub(super) fn field(&self) -> Field {
        Field {
            label: self.label.into(),
            source: match self.source {
                ViewSource::Same => Source::Property(self.label.into()),
                ViewSource::Property(name) => Source::Property(name.into()),
                ViewSource::Native(native) => Source::Native(native),
            },
            format: None,
            width: self.width,
            alignment: self.alignment,
        }
    }

    const fn left(label: &'static str, width: usize) -> Self {
        Self {
            label,
            source: ViewSource::Same,
            width,
            alignment: Some(Alignment::Left),
        }
    }

    const fn right(label: &'static str, width: usize) -> Self {
        Self {
            alignment: Some(Alignment::Right),
            ..Self::left(label, width)
        }
    }

    /// A column whose alignment and width come from what is in it, where a table is sized automatically.
    const fn plain(label: &'static str) -> Self {
        Self {
            alignment: None,
            ..Self::left(label, 0)
        }
    }

    const fn native(self, native: NativeSource) -> Self {
        Self {
            source: ViewSource::Native(native),
            ..self
        }
    }

    const fn of(self, property: &'static str) -> Self {
        Self {
            source: ViewSource::Property(property),
            ..self
        }
    }
}

/// All views; of several for one type the first is the default.
fn views() -> impl Iterator<Item = &'static View> {
    custom::VIEWS.iter().chain(tables::VIEWS)
}
