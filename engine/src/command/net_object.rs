//! Objects of the .NET types that commands write and that are nothing but their properties: MeasureInfo, GroupInfo, PathInfo …

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::value::{
    ClrLike, Context, EnumInfo, EnumValue, Extended, PropertyInfo, Raise, Text, TypeId, TypeRef,
    UserType, Value, equal_folded,
};

/// A type of the table below.
#[derive(Debug)]
struct NetType {
    name: &'static str,
    base: Option<&'static str>,
}

impl UserType for NetType {
    fn name(&self) -> &str {
        self.name
    }

    fn base(&self) -> TypeRef {
        self.base
            .map_or_else(|| TypeRef::of(TypeId::Object), net_type)
    }
}

/// Types and their bases, where these are not `System.Object`.
const TYPES: &[(&str, Option<&str>)] = &[
    ("Microsoft.PowerShell.Commands.MeasureInfo", None),
    (
        "Microsoft.PowerShell.Commands.GenericMeasureInfo",
        Some("Microsoft.PowerShell.Commands.MeasureInfo"),
    ),
    (
        "Microsoft.PowerShell.Commands.GenericObjectMeasureInfo",
        Some("Microsoft.PowerShell.Commands.MeasureInfo"),
    ),
    (
        "Microsoft.PowerShell.Commands.TextMeasureInfo",
        Some("Microsoft.PowerShell.Commands.MeasureInfo"),
    ),
    ("Microsoft.PowerShell.Commands.GroupInfo", None),
    (
        "Microsoft.PowerShell.Commands.GroupInfoNoElement",
        Some("Microsoft.PowerShell.Commands.GroupInfo"),
    ),
    ("Microsoft.PowerShell.Commands.MemberDefinition", None),
    ("Microsoft.PowerShell.Commands.MatchInfo", None),
    ("Microsoft.PowerShell.Commands.MatchInfoContext", None),
    ("Microsoft.PowerShell.Commands.HistoryInfo", None),
    ("Microsoft.PowerShell.Commands.FileHashInfo", None),
    ("System.Management.Automation.VerbInfo", None),
    (
        "System.Management.Automation.AliasInfo",
        Some("System.Management.Automation.CommandInfo"),
    ),
    (
        "System.Management.Automation.CmdletInfo",
        Some("System.Management.Automation.CommandInfo"),
    ),
    (
        "System.Management.Automation.FunctionInfo",
        Some("System.Management.Automation.CommandInfo"),
    ),
    (
        "System.Management.Automation.FilterInfo",
        Some("System.Management.Automation.FunctionInfo"),
    ),
    (
        "System.Management.Automation.ApplicationInfo",
        Some("System.Management.Automation.CommandInfo"),
    ),
    (
        "System.Management.Automation.ExternalScriptInfo",
        Some("System.Management.Automation.CommandInfo"),
    ),
    ("System.Management.Automation.ParameterMetadata", None),
    ("System.Management.Automation.ParameterSetMetadata", None),
    ("System.Management.Automation.CommandParameterSetInfo", None),
    ("System.Management.Automation.CommandParameterInfo", None),
    ("System.Management.Automation.PSTypeName", None),
    ("System.Management.Automation.PathInfo", None),
    (
        "System.Management.Automation.PathInfoStack",
        Some("System.Collections.Stack"),
    ),
    ("System.Management.Automation.PSDriveInfo", None),
    ("System.Management.Automation.ProviderInfo", None),
    ("System.Diagnostics.ProcessModule", None),
];

/// Enumerations that only commands use, with their members from zero on.
const ENUMERATIONS: &[(&str, &[&str])] = &[(
    "Microsoft.PowerShell.Commands.DisplayHintType",
    &["Date", "Time", "DateTime"],
)];

#[derive(Debug)]
struct NetEnumeration {
    name: &'static str,
    info: EnumInfo,
}

impl UserType for NetEnumeration {
    fn name(&self) -> &str {
        self.name
    }

    fn base(&self) -> TypeRef {
        TypeRef::of(TypeId::EnumBase)
    }

    fn enum_info(&self) -> Option<&EnumInfo> {
        Some(&self.info)
    }
}

/// A value of an enumeration of the table, or of one that the engine knows.
pub(crate) fn net_enumeration(full_name: &'static str, bits: i64) -> Value {
    match BY_NAME.get(full_name) {
        Some(ty) => Value::Enum(Arc::new(EnumValue {
            ty: ty.clone(),
            bits,
        })),
        None => Value::enumeration(full_name, bits).unwrap_or_default(),
    }
}

static BY_NAME: LazyLock<HashMap<&'static str, TypeRef>> = LazyLock::new(|| {
    let own = |ty: Box<dyn UserType>| TypeRef::User(Arc::new(ty));
    let types = TYPES
        .iter()
        .map(|(name, base)| (*name, own(Box::new(NetType { name, base: *base }))));
    let enumerations = ENUMERATIONS.iter().map(|(name, members)| {
        let members = members
            .iter()
            .zip(0..)
            .map(|(name, bits)| (Cow::Borrowed(*name), bits))
            .collect();
        (
            *name,
            own(Box::new(NetEnumeration {
                name,
                info: EnumInfo {
                    members,
                    flags: false,
                    underlying: TypeId::Int32,
                },
            })),
        )
    });
    types.chain(enumerations).collect()
});

/// The type of that full name: one that the engine knows anyway, or one that only commands write.
pub(crate) fn net_type(full_name: &'static str) -> TypeRef {
    match BY_NAME.get(full_name) {
        Some(ty) => ty.clone(),
        None => TypeRef::find(full_name).unwrap_or_else(|| TypeRef::of(TypeId::Object)),
    }
}

/// An object of a .NET type that is nothing but its properties.
#[derive(Debug)]
pub(crate) struct NetObject {
    ty: TypeRef,
    properties: RwLock<Vec<(&'static str, Value)>>,
    text: Option<Text>,
    extended: Extended,
}

impl NetObject {
    /// An object of type `full_name` with these properties in order.
    pub(crate) fn new(full_name: &'static str, properties: Vec<(&'static str, Value)>) -> Self {
        Self {
            ty: net_type(full_name),
            properties: RwLock::new(properties),
            text: None,
            extended: Extended::default(),
        }
    }

    /// Gives it a `ToString()` of its own.
    pub(crate) fn with_text(mut self, text: impl Into<Text>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// As a value.
    pub(crate) fn into_value(self) -> Value {
        Value::clr(self)
    }

    /// The value of a property.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let properties = self
            .properties
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        properties
            .iter()
            .find(|(own, _)| equal_folded(own, name))
            .map(|(_, value)| value.clone())
    }
}

impl ClrLike for NetObject {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let properties = self
            .properties
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        properties
            .iter()
            .map(|(name, value)| PropertyInfo {
                name,
                type_name: value
                    .type_ref()
                    .map_or("System.Object", |ty| ty.static_name()),
                settable: false,
            })
            .collect()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        self.get(name).map(Ok)
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Equals", "GetHashCode", "GetType", "ToString"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        (arguments.is_empty() && equal_folded(name, "ToString"))
            .then(|| Ok(Value::String(self.text())))
    }

    fn text(&self) -> Text {
        self.text.clone().unwrap_or_else(|| self.ty.full_name())
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }

    fn surrender(&mut self, pending: &mut Vec<Value>) {
        let properties = self
            .properties
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        pending.extend(properties.drain(..).map(|(_, value)| value));
    }
}
