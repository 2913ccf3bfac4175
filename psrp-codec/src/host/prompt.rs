//! What prompts are made of: fields, choices and credentials.

use super::raw_ui::{HostStruct, array_list, text, truth};
use crate::{
    DecodeError, Object, PsString, References, SecureString, Value,
    property::{Bag, OptionalProperty, wrong},
};

/// FieldDescription: one thing that a prompt asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldDescription {
    /// The name, which is the key of the answer.
    pub name: PsString,
    /// What to show; `&` stands before the key that picks it. May be empty.
    pub label: PsString,
    /// The short name of the type that is asked for: `SecureString`.
    pub parameter_type_name: PsString,
    /// The full name: `System.Security.SecureString`. A name ending in `[]` asks for a list.
    pub parameter_type_full_name: PsString,
    /// The name with its assembly.
    pub parameter_assembly_full_name: PsString,
    /// What to say to who asks for help.
    pub help_message: PsString,
    /// An answer must be given.
    pub is_mandatory: bool,
    /// What an empty answer stands for.
    pub default_value: Option<Value>,
    /// Attributes, of which PowerShell sends none.
    pub metadata: Vec<Value>,
    /// The type was replaced, since the client would not know it.
    pub modified_by_remoting_protocol: bool,
    /// The prompt came from another computer to the one that forwards it.
    pub is_from_remote_host: bool,
}

impl FieldDescription {
    /// A field of the .NET type `type_full_name` that must be answered.
    pub fn new(
        name: impl Into<PsString>,
        type_name: impl Into<PsString>,
        type_full_name: impl Into<PsString>,
    ) -> Self {
        let full_name = type_full_name.into();
        Self {
            name: name.into(),
            parameter_type_name: type_name.into(),
            parameter_assembly_full_name: full_name.clone(),
            parameter_type_full_name: full_name,
            is_mandatory: true,
            ..Self::default()
        }
    }
}

impl HostStruct for FieldDescription {
    const ITEM: &'static str = "FieldDescription";

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
        let string = |name| text(Self::ITEM, name, value);
        let bool = |name| truth(Self::ITEM, name, value);
        match name {
            "name" => self.name = string("name")?,
            "label" => self.label = string("label")?,
            "parameterTypeName" => self.parameter_type_name = string("parameterTypeName")?,
            "parameterTypeFullName" => {
                self.parameter_type_full_name = string("parameterTypeFullName")?;
            }
            "parameterAssemblyFullName" => {
                self.parameter_assembly_full_name = string("parameterAssemblyFullName")?;
            }
            "helpMessage" => self.help_message = string("helpMessage")?,
            "isMandatory" => self.is_mandatory = bool("isMandatory")?,
            "defaultValue" => self.default_value = Some(value.clone()),
            "metadata" => {
                let items = value.items();
                let items = items.ok_or_else(|| wrong(Self::ITEM, "metadata", "list", value))?;
                self.metadata = items.to_vec();
            }
            "modifiedByRemotingProtocol" => {
                self.modified_by_remoting_protocol = bool("modifiedByRemotingProtocol")?;
            }
            "isFromRemoteHost" => self.is_from_remote_host = bool("isFromRemoteHost")?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl From<&FieldDescription> for Value {
    fn from(field: &FieldDescription) -> Self {
        Object::bag()
            .named("name", field.name.clone())
            .named("label", field.label.clone())
            .named("parameterTypeName", field.parameter_type_name.clone())
            .named(
                "parameterTypeFullName",
                field.parameter_type_full_name.clone(),
            )
            .named(
                "parameterAssemblyFullName",
                field.parameter_assembly_full_name.clone(),
            )
            .named("helpMessage", field.help_message.clone())
            .named("isMandatory", field.is_mandatory)
            .optional_property("defaultValue", field.default_value.clone())
            .named("metadata", array_list(field.metadata.iter().cloned()))
            .named(
                "modifiedByRemotingProtocol",
                field.modified_by_remoting_protocol,
            )
            .named("isFromRemoteHost", field.is_from_remote_host)
            .into()
    }
}

/// ChoiceDescription: one of the answers that a prompt takes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChoiceDescription {
    /// What to show; `&` stands before the key that picks it.
    pub label: PsString,
    /// What to say to who asks for help.
    pub help_message: PsString,
}

impl HostStruct for ChoiceDescription {
    const ITEM: &'static str = "ChoiceDescription";

    fn set(&mut self, name: &str, value: &Value) -> Result<bool, DecodeError> {
        match name {
            "label" => self.label = text(Self::ITEM, "label", value)?,
            "helpMessage" => self.help_message = text(Self::ITEM, "helpMessage", value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl From<&ChoiceDescription> for Value {
    fn from(choice: &ChoiceDescription) -> Self {
        Object::bag()
            .named("label", choice.label.clone())
            .named("helpMessage", choice.help_message.clone())
            .into()
    }
}

/// [2.2.3.25] PSCredential: a name and a password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credential {
    /// The name, with the domain before it if there is one.
    pub user_name: PsString,
    /// What stands for the password.
    pub password: SecureString,
}

impl Credential {
    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        let bag = Bag::open("PSCredential", value, references)?;
        Ok(Self {
            user_name: bag.string("UserName")?,
            password: bag.secure_string("Password")?,
        })
    }
}

impl From<&Credential> for Value {
    fn from(credential: &Credential) -> Self {
        const NAME: PsString = PsString::from_static("System.Management.Automation.PSCredential");
        Object::of_type([NAME, PsString::from_static("System.Object")])
            .text(NAME)
            .adapted_property(
                PsString::from_static("UserName"),
                credential.user_name.clone(),
            )
            .adapted_property(
                PsString::from_static("Password"),
                credential.password.clone(),
            )
            .into()
    }
}
