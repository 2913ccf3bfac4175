//! GET_COMMAND_METADATA, and the objects that answer it.
//!
//! The answer comes as output of a pipeline: first how many commands there are, then one object
//! for each.

use crate::{
    CommandTypes, ContainerKind, DecodeError, Object, PsString, References, TypeNames, Value,
    property::{Bag, OptionalProperty, wrong},
};

/// [2.2.2.14] GET_COMMAND_METADATA: which commands there are, from protocol version 2.1 on.
#[derive(Clone, Debug, PartialEq)]
pub struct GetCommandMetadata {
    /// Names or wildcards; `None` for all.
    pub names: Option<Vec<PsString>>,
    /// Kinds of command.
    pub command_types: CommandTypes,
    /// Modules; `None` for all.
    pub namespaces: Option<Vec<PsString>>,
    /// Modules with version and GUID, which count in place of `namespaces`: a list, null, or
    /// missing with older clients.
    pub fully_qualified_modules: Option<Value>,
    /// Arguments, by which dynamic parameters are found: a list or null.
    pub arguments: Value,
}

impl GetCommandMetadata {
    /// All commands with these names, of the kinds that a PowerShell client asks for.
    #[must_use]
    pub fn named<T: Into<PsString>>(names: impl IntoIterator<Item = T>) -> Self {
        Self {
            names: Some(names.into_iter().map(Into::into).collect()),
            command_types: CommandTypes::new(
                CommandTypes::ALIAS.get()
                    | CommandTypes::FUNCTION.get()
                    | CommandTypes::FILTER.get()
                    | CommandTypes::CMDLET.get()
                    | CommandTypes::CONFIGURATION.get(),
            ),
            namespaces: None,
            fully_qualified_modules: Some(Value::Null),
            arguments: Value::Null,
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("GET_COMMAND_METADATA", value, &references)?;
        let strings = |name| match bag.list_or_null(name)? {
            Some(items) => bag.strings(name, items).map(Some),
            None => Ok(None),
        };
        Ok(Self {
            names: strings("Name")?,
            command_types: bag.enumeration("CommandType", &CommandTypes::TYPE)?.into(),
            namespaces: strings("Namespace")?,
            fully_qualified_modules: bag.raw("FullyQualifiedModule").cloned(),
            arguments: bag.kept("ArgumentList")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        const STRING_ARRAY: [PsString; 3] = [
            PsString::from_static("System.String[]"),
            PsString::from_static("System.Array"),
            PsString::from_static("System.Object"),
        ];
        let strings = |strings: &Option<Vec<PsString>>| {
            strings.as_ref().map(|strings| {
                Value::container(STRING_ARRAY, ContainerKind::List, strings.iter().cloned())
            })
        };
        OptionalProperty::named(Object::bag(), "Name", strings(&self.names))
            .named("CommandType", self.command_types)
            .named("Namespace", strings(&self.namespaces))
            .optional_property("FullyQualifiedModule", self.fully_qualified_modules.clone())
            .named("ArgumentList", self.arguments.clone())
            .into()
    }
}

/// [2.2.3.21] CommandMetadataCount: how many objects follow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CommandMetadataCount {
    /// How many.
    pub count: i32,
}

impl CommandMetadataCount {
    /// Reads the first output of the pipeline.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("CommandMetadataCount", value, &references)?;
        Ok(Self {
            count: bag.int32("Count")?,
        })
    }

    /// The value of the output.
    #[must_use]
    pub fn to_value(&self) -> Value {
        const NAMES: [PsString; 3] = [
            PsString::from_static("Selected.Microsoft.PowerShell.Commands.GenericMeasureInfo"),
            PsString::from_static("System.Management.Automation.PSCustomObject"),
            PsString::from_static("System.Object"),
        ];
        Object::of_type(NAMES).named("Count", self.count).into()
    }
}

/// [2.2.3.22] CommandMetadata: what a client needs to know of a command to offer it as its own.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandMetadata {
    /// The name.
    pub name: PsString,
    /// The module.
    pub namespace: Option<PsString>,
    /// Where help is to be found.
    pub help_uri: Option<PsString>,
    /// The kind.
    pub command_type: CommandTypes,
    /// What an alias stands for.
    pub resolved_command_name: Option<PsString>,
    /// What it puts out; an answer may leave it null.
    pub output_types: Option<Vec<PsString>>,
    /// Its parameters; an answer may leave them null.
    pub parameters: Option<Vec<ParameterMetadata>>,
    /// What .NET calls the object, its list of output types, its dictionary of parameters and the
    /// lists of aliases where they come from. They carry the version of PowerShell.
    pub type_names: MetadataTypeNames,
}

/// Names of .NET types within a [`CommandMetadata`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataTypeNames {
    /// Of the object.
    pub command: Option<TypeNames>,
    /// Of the list of output types.
    pub output_types: Option<TypeNames>,
    /// Of the dictionary of parameters.
    pub parameters: Option<TypeNames>,
    /// Of the lists of aliases.
    pub aliases: Option<TypeNames>,
}

/// PowerShell 7.6's, for a cmdlet.
impl Default for MetadataTypeNames {
    fn default() -> Self {
        let names = |name: &'static str| {
            Some(TypeNames::of([
                PsString::from_static(name),
                PsString::from_static("System.Object"),
            ]))
        };
        Self {
            command: Some(TypeNames::of([
                PsString::from_static("Selected.System.Management.Automation.CmdletInfo"),
                PsString::from_static("System.Management.Automation.PSCustomObject"),
                PsString::from_static("System.Object"),
            ])),
            output_types: names(
                "System.Collections.ObjectModel.ReadOnlyCollection`1[[System.Management.Automation\
                 .PSTypeName, System.Management.Automation, Version=7.6.0.500, Culture=neutral, \
                 PublicKeyToken=31bf3856ad364e35]]",
            ),
            parameters: names(
                "System.Collections.Generic.Dictionary`2[[System.String, System.Private.CoreLib, \
                 Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e],\
                 [System.Management.Automation.ParameterMetadata, System.Management.Automation, \
                 Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]",
            ),
            aliases: names(
                "System.Collections.ObjectModel.Collection`1[[System.String, \
                 System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, \
                 PublicKeyToken=7cec85d7bea7798e]]",
            ),
        }
    }
}

impl CommandMetadata {
    /// A command of which nothing but name and kind is known.
    #[must_use]
    pub fn new(name: impl Into<PsString>, command_type: CommandTypes) -> Self {
        Self {
            name: name.into(),
            namespace: None,
            help_uri: None,
            command_type,
            resolved_command_name: None,
            output_types: Some(Vec::new()),
            parameters: Some(Vec::new()),
            type_names: MetadataTypeNames::default(),
        }
    }

    /// Reads an output of the pipeline after the first.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        const ITEM: &str = "CommandMetadata";
        let references = References::of(value);
        let bag = Bag::open(ITEM, value, &references)?;
        let output_types = match bag.list_or_null("OutputType")? {
            Some(items) => Some(bag.strings("OutputType", items)?),
            None => None,
        };
        let mut aliases = None;
        let parameters = match bag.required("Parameters")? {
            Value::Null => None,
            dictionary => {
                let entries = dictionary.unwrapped().entries();
                let entries =
                    entries.ok_or_else(|| wrong(ITEM, "Parameters", "DCT", dictionary))?;
                let entries = entries.iter().map(|(_, value)| {
                    let parameter = Bag::open("ParameterMetadata", value, &references)?;
                    aliases = aliases.take().or_else(|| parameter.type_names("Aliases"));
                    ParameterMetadata::read(&parameter)
                });
                Some(entries.collect::<Result<_, _>>()?)
            }
        };
        let type_names = MetadataTypeNames {
            command: bag.object().type_names.clone(),
            output_types: bag.type_names("OutputType"),
            parameters: bag.type_names("Parameters"),
            aliases,
        };
        Ok(Self {
            name: bag.string("Name")?,
            namespace: bag.string_or_null("Namespace")?,
            help_uri: bag.string_or_null("HelpUri")?,
            command_type: bag.enumeration("CommandType", &CommandTypes::TYPE)?.into(),
            resolved_command_name: bag.string_or_null("ResolvedCommandName")?,
            output_types,
            parameters,
            type_names,
        })
    }

    /// The value of the output.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let names = &self.type_names;
        let output_types = self
            .output_types
            .as_ref()
            .map(|types| string_list(names.output_types.clone(), types));
        let parameters = self.parameters.as_ref().map(|parameters| {
            let entries = parameters.iter().map(|each| {
                let value = each.to_value(names.aliases.clone());
                (each.name.clone().into(), value)
            });
            Object::wrapping(crate::Content::Dictionary(entries.collect()))
                .typed_if(names.parameters.clone())
        });
        Object::bag()
            .typed_if(names.command.clone())
            .named("Name", self.name.clone())
            .named("Namespace", self.namespace.clone())
            .named("HelpUri", self.help_uri.clone())
            .named("CommandType", self.command_type)
            .named("ResolvedCommandName", self.resolved_command_name.clone())
            .named("OutputType", output_types)
            .named("Parameters", parameters)
            .into()
    }
}

/// [2.2.3.23] ParameterMetadata: one parameter of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParameterMetadata {
    /// The name.
    pub name: PsString,
    /// The full name of its type.
    pub parameter_type: Option<PsString>,
    /// Other names.
    pub aliases: Vec<PsString>,
    /// It exists only with some arguments.
    pub is_dynamic: bool,
    /// It is a switch.
    pub is_switch: bool,
}

impl ParameterMetadata {
    /// The parameter `name` of the .NET type `parameter_type`.
    pub fn new(name: impl Into<PsString>, parameter_type: &str) -> Self {
        Self {
            name: name.into(),
            is_switch: parameter_type == "System.Management.Automation.SwitchParameter",
            parameter_type: Some(parameter_type.into()),
            aliases: Vec::new(),
            is_dynamic: false,
        }
    }

    fn read(bag: &Bag<'_, '_>) -> Result<Self, DecodeError> {
        let aliases = match bag.list_or_null("Aliases")? {
            Some(items) => bag.strings("Aliases", items)?,
            None => Vec::new(),
        };
        Ok(Self {
            name: bag.string("Name")?,
            parameter_type: bag.string_or_null("ParameterType")?,
            aliases,
            is_dynamic: bag.bool("IsDynamic")?,
            is_switch: bag.bool("SwitchParameter")?,
        })
    }

    fn to_value(&self, aliases_type: Option<TypeNames>) -> Value {
        const NAME: PsString =
            PsString::from_static("System.Management.Automation.ParameterMetadata");
        let name = PsString::from_static;
        Object::of_type([NAME, PsString::from_static("System.Object")])
            .text(NAME)
            .adapted_property(name("Name"), self.name.clone())
            .adapted_property(name("ParameterType"), self.parameter_type.clone())
            .adapted_property(name("Aliases"), string_list(aliases_type, &self.aliases))
            .adapted_property(name("IsDynamic"), self.is_dynamic)
            .adapted_property(name("SwitchParameter"), self.is_switch)
            .into()
    }
}

fn string_list(type_names: Option<TypeNames>, strings: &[PsString]) -> Value {
    let items = strings.iter().cloned().map(Value::String).collect();
    Object::wrapping(crate::Content::Items(ContainerKind::List, items))
        .typed_if(type_names)
        .into()
}
