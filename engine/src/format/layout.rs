//! What a Format command asks for, and how it rides in the pipeline.

use std::sync::Arc;

use super::field::PropertyArgument;
use crate::value::{ClrLike, Extended, Text, TypeId, TypeRef, Value};

/// The shape of the output and everything that the parameters of a Format command say about it.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Which kind of output.
    pub shape: Shape,
    /// `-Property`; the properties of the view or of the object itself if there are none.
    pub properties: Vec<PropertyArgument>,
    /// `-GroupBy`.
    pub group_by: Option<PropertyArgument>,
    /// `-AutoSize`.
    pub auto_size: bool,
    /// `-Wrap`.
    pub wrap: bool,
    /// `-HideTableHeaders`.
    pub hide_headers: bool,
    /// `-Column` of Format-Wide.
    pub columns: Option<usize>,
    /// `-Depth` of Format-Custom.
    pub depth: Option<usize>,
    /// `-Force`: strings, numbers and errors go through the view as well.
    pub force: bool,
    /// `-Expand`.
    pub expand: Expansion,
}

/// The kinds of output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shape {
    /// By the view of the first object, or by how many properties it has.
    #[default]
    Auto,
    /// A table.
    Table,
    /// A list.
    List,
    /// One property in columns.
    Wide,
    /// The structure of the object.
    Custom,
}

/// What happens to collections.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Expansion {
    /// Their items are shown.
    #[default]
    EnumOnly,
    /// The collection itself is shown.
    CoreOnly,
    /// Both.
    Both,
}

impl Layout {
    /// A layout of this shape without any options.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        Self {
            shape,
            ..Self::default()
        }
    }
}

/// An object on its way from a Format command to what prints it.
#[derive(Debug)]
pub struct FormatEntry {
    /// The same for all entries of one command.
    pub layout: Arc<Layout>,
    /// What is to be shown; nothing at the end.
    pub value: Option<Value>,
    extended: Extended,
}

impl FormatEntry {
    /// An entry; the one without a value ends the output of its command.
    #[must_use]
    pub fn new(layout: Arc<Layout>, value: Option<Value>) -> Self {
        let extended = Extended::default();
        let name = if value.is_some() {
            ENTRY_TYPE
        } else {
            END_TYPE
        };
        extended.set_type_names(vec![name.into(), "System.Object".into()]);
        Self {
            layout,
            value,
            extended,
        }
    }
}

const ENTRY_TYPE: &str = "Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData";
const END_TYPE: &str = "Microsoft.PowerShell.Commands.Internal.Format.FormatEndData";

impl ClrLike for FormatEntry {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Object)
    }

    fn text(&self) -> Text {
        if self.value.is_some() {
            ENTRY_TYPE.into()
        } else {
            END_TYPE.into()
        }
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }
}
