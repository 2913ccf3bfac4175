//! The console as a grid of cells: what `PSHostRawUserInterface` deals in.
//!
//! Members are matched by their exact names, and a member that the type does not have is an
//! error, as it is to PowerShell: it sets .NET fields by these names. A member that is missing
//! keeps its zero.

use crate::{
    BufferCellType, ConsoleColor, ControlKeyStates, DecodeError, DecodeErrorKind, Member, Object,
    PsString, References, Value,
    property::{OptionalProperty, int32, wrong},
};

/// Reads one member of a host type; `false` when the type has no such member.
pub(crate) trait HostStruct: Default {
    /// The name for errors.
    const ITEM: &'static str;

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError>;

    fn read(value: &Value, references: &References<'_>) -> Result<Self, DecodeError> {
        let Value::Object(object) = references.follow(Self::ITEM, value)? else {
            return Err(wrong(Self::ITEM, "(value)", "Obj", value));
        };
        let mut read = Self::default();
        let members = object.extended.iter().flatten();
        for member in members {
            let Member::Property(property) = member else {
                return Err(unknown_member(Self::ITEM, "a member set"));
            };
            let name = property.name.to_string_lossy();
            if !read.set(&name, references.follow(Self::ITEM, &property.value)?)? {
                return Err(unknown_member(Self::ITEM, &name));
            }
        }
        Ok(read)
    }
}

fn unknown_member(item: &'static str, name: &str) -> DecodeError {
    // Whatever length a peer chooses, the error keeps its own.
    let name: String = name.chars().take(64).flat_map(char::escape_debug).collect();
    DecodeError::in_value(
        item,
        DecodeErrorKind::InvalidValue(format!("the member {name}")),
    )
}

pub(crate) fn number(
    item: &'static str,
    name: &'static str,
    value: &Value,
) -> Result<i32, DecodeError> {
    int32(value).ok_or_else(|| wrong(item, name, "I32", value))
}

pub(crate) fn truth(
    item: &'static str,
    name: &'static str,
    value: &Value,
) -> Result<bool, DecodeError> {
    value.as_bool().ok_or_else(|| wrong(item, name, "B", value))
}

pub(crate) fn text(
    item: &'static str,
    name: &'static str,
    value: &Value,
) -> Result<PsString, DecodeError> {
    value
        .as_string()
        .cloned()
        .ok_or_else(|| wrong(item, name, "S", value))
}

fn character(item: &'static str, value: &Value) -> Result<u16, DecodeError> {
    match value.unwrapped() {
        Value::Char(unit) => Ok(*unit),
        _ => Err(wrong(item, "character", "C", value)),
    }
}

macro_rules! number_structs {
    ($($(#[$doc:meta])* $name:ident, $item:literal { $($(#[$field_doc:meta])* $field:ident $wire:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: i32,)*
        }

        impl HostStruct for $name {
            const ITEM: &'static str = $item;

            fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
                match name {
                    $($wire => self.$field = number(Self::ITEM, $wire, value)?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl From<$name> for Value {
            fn from(from: $name) -> Self {
                Object::bag()$(.named($wire, from.$field))*.into()
            }
        }
    )*};
}

number_structs! {
    /// [2.2.3.1] Coordinates: a place in the buffer.
    Coordinates, "Coordinates" {
        /// The column, from 0.
        x "x",
        /// The row, from 0.
        y "y",
    }

    /// [2.2.3.2] Size: of a buffer or a window, in cells. −1 where there is no terminal.
    Size, "Size" {
        /// Columns.
        width "width",
        /// Rows.
        height "height",
    }

    /// Rectangle: a part of the buffer, all four sides within.
    Rectangle, "Rectangle" {
        /// The first column.
        left "left",
        /// The first row.
        top "top",
        /// The last column.
        right "right",
        /// The last row.
        bottom "bottom",
    }
}

/// [2.2.3.28] BufferCell: one character on the screen.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct BufferCell {
    /// The UTF-16 unit in it.
    pub character: u16,
    /// The color of the character.
    pub foreground: ConsoleColor,
    /// The color behind it.
    pub background: ConsoleColor,
    /// Which part of a wide character it holds.
    pub kind: BufferCellType,
}

impl HostStruct for BufferCell {
    const ITEM: &'static str = "BufferCell";

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
        match name {
            "character" => self.character = character(Self::ITEM, value)?,
            "foregroundColor" => {
                self.foreground = number(Self::ITEM, "foregroundColor", value)?.into();
            }
            "backgroundColor" => {
                self.background = number(Self::ITEM, "backgroundColor", value)?.into();
            }
            "bufferCellType" => self.kind = number(Self::ITEM, "bufferCellType", value)?.into(),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl From<BufferCell> for Value {
    fn from(cell: BufferCell) -> Self {
        Object::bag()
            .named("character", Self::Char(cell.character))
            .named("foregroundColor", cell.foreground.get())
            .named("backgroundColor", cell.background.get())
            .named("bufferCellType", cell.kind.get())
            .into()
    }
}

/// [2.2.3.26] KeyInfo: a key that was pressed or let go.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct KeyInfo {
    /// The number that Windows has for the key.
    pub virtual_key_code: i32,
    /// The UTF-16 unit that the key gives; 0 if it gives none.
    pub character: u16,
    /// The keys that were held.
    pub control_key_state: ControlKeyStates,
    /// Pressed, not let go.
    pub key_down: bool,
}

impl HostStruct for KeyInfo {
    const ITEM: &'static str = "KeyInfo";

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
        match name {
            "virtualKeyCode" => {
                self.virtual_key_code = number(Self::ITEM, "virtualKeyCode", value)?;
            }
            "character" => self.character = character(Self::ITEM, value)?,
            "controlKeyState" => {
                self.control_key_state = number(Self::ITEM, "controlKeyState", value)?.into();
            }
            "keyDown" => self.key_down = truth(Self::ITEM, "keyDown", value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl From<KeyInfo> for Value {
    fn from(key: KeyInfo) -> Self {
        Object::bag()
            .named("virtualKeyCode", key.virtual_key_code)
            .named("character", Self::Char(key.character))
            .named("controlKeyState", key.control_key_state.get())
            .named("keyDown", key.key_down)
            .into()
    }
}

/// [2.2.6.1.4] A rectangular array of cells: rows of the buffer, top to bottom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BufferContents {
    rows: usize,
    columns: usize,
    // INVARIANT: rows × columns of them.
    cells: Vec<BufferCell>,
}

impl BufferContents {
    /// `cells` as rows of `columns` each; `None` when that does not come out even.
    #[must_use]
    pub fn new(columns: usize, cells: Vec<BufferCell>) -> Option<Self> {
        if columns == 0 {
            return cells.is_empty().then(Self::default);
        }
        let rows = cells.len().checked_div(columns)?;
        (rows.checked_mul(columns)? == cells.len()).then_some(Self {
            rows,
            columns,
            cells,
        })
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How many cells a row has.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The cells, row by row.
    #[must_use]
    pub fn cells(&self) -> &[BufferCell] {
        &self.cells
    }

    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        const ITEM: &str = "BufferCell[,]";
        let (elements, lengths) = read_array(ITEM, value, references)?;
        let &[rows, columns] = &lengths[..] else {
            return Err(DecodeError::in_value(
                ITEM,
                DecodeErrorKind::Malformed("the array does not have two dimensions"),
            ));
        };
        let cells = elements
            .iter()
            .map(|cell| BufferCell::read(cell, references))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            rows,
            columns,
            cells,
        })
    }
}

impl From<&BufferContents> for Value {
    fn from(contents: &BufferContents) -> Self {
        let length = |length| Self::Int32(i32::try_from(length).unwrap_or(i32::MAX));
        write_array(
            contents.cells.iter().map(|cell| Self::from(*cell)),
            [length(contents.rows), length(contents.columns)],
        )
    }
}

/// [2.2.6.1.4] Reads an array with its dimensions: `mae`, its elements, the last index running
/// fastest, and `mal`, its lengths.
pub(crate) fn read_array<'v>(
    item: &'static str,
    value: &'v Value,
    references: &References<'v>,
) -> Result<(&'v [Value], Vec<usize>), DecodeError> {
    let member = |name| {
        let missing = || DecodeError::in_value(item, DecodeErrorKind::MissingProperty(name));
        let found = references.follow(item, value)?.get(name);
        let found = references.follow(item, found.ok_or_else(missing)?)?;
        found.items().ok_or_else(missing)
    };
    let elements = member("mae")?;
    let lengths = member("mal")?
        .iter()
        .map(|length| int32(length).and_then(|length| usize::try_from(length).ok()))
        .collect::<Option<Vec<_>>>();
    let product = lengths
        .iter()
        .flatten()
        .try_fold(1_usize, |product, length| product.checked_mul(*length));
    match lengths {
        Some(lengths) if !lengths.is_empty() && product == Some(elements.len()) => {
            Ok((elements, lengths))
        }
        _ => Err(DecodeError::in_value(
            item,
            DecodeErrorKind::Malformed("the lengths of the array do not fit its elements"),
        )),
    }
}

/// [2.2.6.1.4] An array with its dimensions.
pub(crate) fn write_array(
    elements: impl IntoIterator<Item = Value>,
    lengths: impl IntoIterator<Item = Value>,
) -> Value {
    const INT32_ARRAY: [PsString; 3] = [
        PsString::from_static("System.Int32[]"),
        PsString::from_static("System.Array"),
        PsString::from_static("System.Object"),
    ];
    Object::bag()
        .named("mae", array_list(elements))
        .named(
            "mal",
            Value::container(INT32_ARRAY, crate::ContainerKind::List, lengths),
        )
        .into()
}

/// A `System.Collections.ArrayList`: what collections become in host calls.
pub(crate) fn array_list(items: impl IntoIterator<Item = Value>) -> Value {
    const ARRAY_LIST: [PsString; 2] = [
        PsString::from_static("System.Collections.ArrayList"),
        PsString::from_static("System.Object"),
    ];
    Value::container(ARRAY_LIST, crate::ContainerKind::List, items)
}
