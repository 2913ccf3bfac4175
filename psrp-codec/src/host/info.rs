//! [2.2.3.14] HostInfo: what host the client has, and how its console looked at the start.

use super::raw_ui::{Coordinates, HostStruct, Size, number};
use crate::{
    ConsoleColor, DecodeError, DecodeErrorKind, Object, PsString, References, Value,
    property::{Bag, OptionalProperty, wrong},
};

/// [2.2.3.14] HostInfo.
///
/// The members carry the names of PowerShell's private fields, which it sets without asking: a
/// member that it does not have, or null, is an error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostInfo {
    /// `_isHostNull`: there is no host to call.
    pub is_host_null: bool,
    /// `_isHostUINull`: the host has no user interface.
    pub is_host_ui_null: bool,
    /// `_isHostRawUINull`: the host has no console.
    pub is_host_raw_ui_null: bool,
    /// `_hostDefaultData`: the console at the start; present when there is one.
    pub default_data: Option<HostDefaultData>,
    /// `_useRunspaceHost`: in CREATE_PIPELINE, use the pool's host.
    pub use_runspace_host: bool,
}

impl HostInfo {
    /// No host at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            is_host_null: true,
            is_host_ui_null: true,
            is_host_raw_ui_null: true,
            default_data: None,
            use_runspace_host: false,
        }
    }

    /// For a pipeline: the host that was given when the pool was opened.
    #[must_use]
    pub fn of_runspace() -> Self {
        Self {
            use_runspace_host: true,
            ..Self::none()
        }
    }

    /// A host with a user interface and the console `data`.
    #[must_use]
    pub fn console(data: HostDefaultData) -> Self {
        Self {
            default_data: Some(data),
            ..Self::default()
        }
    }

    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        let mut info = <Self as HostStruct>::read(value, references)?;
        // The only member that itself holds objects, and so may hold references.
        if let Some(data) = references
            .follow(Self::ITEM, value)?
            .get("_hostDefaultData")
        {
            info.default_data = Some(HostDefaultData::read(data, references)?);
        }
        Ok(info)
    }

    /// The value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("_isHostUINull", self.is_host_ui_null)
            .named("_isHostRawUINull", self.is_host_raw_ui_null)
            .named("_isHostNull", self.is_host_null)
            .optional_property(
                "_hostDefaultData",
                self.default_data.as_ref().map(HostDefaultData::to_value),
            )
            .named("_useRunspaceHost", self.use_runspace_host)
            .into()
    }
}

impl HostStruct for HostInfo {
    const ITEM: &'static str = "HostInfo";

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
        let bool = |name| super::raw_ui::truth(Self::ITEM, name, value);
        match name {
            "_isHostUINull" => self.is_host_ui_null = bool("_isHostUINull")?,
            "_isHostRawUINull" => self.is_host_raw_ui_null = bool("_isHostRawUINull")?,
            "_isHostNull" => self.is_host_null = bool("_isHostNull")?,
            "_useRunspaceHost" => self.use_runspace_host = bool("_useRunspaceHost")?,
            "_hostDefaultData" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// [2.2.3.14] HostDefaultData: what the server answers for the client's console until it changes.
///
/// What is `None` the host could not say, or said null. Without a terminal, colors and heights are
/// −1.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HostDefaultData {
    /// The color of the text.
    pub foreground_color: Option<ConsoleColor>,
    /// The color behind the text.
    pub background_color: Option<ConsoleColor>,
    /// Where the cursor is.
    pub cursor_position: Option<Coordinates>,
    /// Where the window stands in the buffer.
    pub window_position: Option<Coordinates>,
    /// How much of a cell the cursor fills, in percent.
    pub cursor_size: Option<i32>,
    /// The size of the buffer.
    pub buffer_size: Option<Size>,
    /// The size of the window.
    pub window_size: Option<Size>,
    /// The largest window that fits buffer and screen.
    pub max_window_size: Option<Size>,
    /// The largest window that fits the screen.
    pub max_physical_window_size: Option<Size>,
    /// The title of the window.
    pub window_title: Option<PsString>,
}

impl HostDefaultData {
    fn read<'v>(value: &'v Value, references: &References<'v>) -> Result<Self, DecodeError> {
        const ITEM: &str = "_hostDefaultData";
        let data = Bag::open(ITEM, value, references)?.required("data")?;
        let Some(entries) = data.unwrapped().entries() else {
            return Err(wrong(ITEM, "data", "DCT", data));
        };
        let mut read = Self::default();
        for (key, value) in entries {
            let key = number(ITEM, "key", key)?;
            // A host without a title has null there, and PowerShell no type to wrap it with.
            if value.is_null() {
                continue;
            }
            let bag = Bag::open(ITEM, value, references)?;
            read.set(key, bag.required("V")?, references)?;
        }
        Ok(read)
    }

    fn set(
        &mut self,
        key: i32,
        value: &Value,
        references: &References<'_>,
    ) -> Result<(), DecodeError> {
        const ITEM: &str = "_hostDefaultData";
        let place = |value| Coordinates::read(value, references).map(Some);
        let size = |value| Size::read(value, references).map(Some);
        match key {
            0 => self.foreground_color = Some(number(ITEM, "ForegroundColor", value)?.into()),
            1 => self.background_color = Some(number(ITEM, "BackgroundColor", value)?.into()),
            2 => self.cursor_position = place(value)?,
            3 => self.window_position = place(value)?,
            4 => self.cursor_size = Some(number(ITEM, "CursorSize", value)?),
            5 => self.buffer_size = size(value)?,
            6 => self.window_size = size(value)?,
            7 => self.max_window_size = size(value)?,
            8 => self.max_physical_window_size = size(value)?,
            9 => {
                let title = value.as_string().cloned();
                let title = title.ok_or_else(|| wrong(ITEM, "WindowTitle", "S", value))?;
                self.window_title = Some(title);
            }
            other => {
                return Err(DecodeError::in_value(
                    ITEM,
                    DecodeErrorKind::InvalidValue(format!("the key {other}")),
                ));
            }
        }
        Ok(())
    }

    fn to_value(&self) -> Value {
        const COLOR: &str = ConsoleColor::TYPE.type_name;
        const COORDINATES: &str = "System.Management.Automation.Host.Coordinates";
        const SIZE: &str = "System.Management.Automation.Host.Size";
        let entries: [(i32, &'static str, Option<Value>); 10] = [
            (
                9,
                "System.String",
                self.window_title.clone().map(Value::from),
            ),
            (8, SIZE, self.max_physical_window_size.map(Value::from)),
            (7, SIZE, self.max_window_size.map(Value::from)),
            (6, SIZE, self.window_size.map(Value::from)),
            (5, SIZE, self.buffer_size.map(Value::from)),
            (4, "System.Int32", self.cursor_size.map(Value::from)),
            (3, COORDINATES, self.window_position.map(Value::from)),
            (2, COORDINATES, self.cursor_position.map(Value::from)),
            (
                1,
                COLOR,
                self.background_color.map(|color| color.get().into()),
            ),
            (
                0,
                COLOR,
                self.foreground_color.map(|color| color.get().into()),
            ),
        ];
        let entries = entries.into_iter().filter_map(|(key, type_name, value)| {
            let item = Object::bag()
                .named("T", PsString::from_static(type_name))
                .named("V", value?);
            Some((key, Value::from(item)))
        });
        Object::bag()
            .named("data", Value::hashtable(entries))
            .into()
    }
}
