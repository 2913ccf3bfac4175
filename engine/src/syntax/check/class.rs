//! Classes and enums.

use std::collections::HashSet;

use super::super::ast::{
    FunctionMember, Jump, ScriptBlock, Statement, TypeConstraint, TypeDefinition, TypeMember,
    TypeName, TypeNameKind, Variable,
};
use super::super::source::Extent;
use super::Checker;
use super::flow::always_leaves;

/// The member of a class that is looked at.
pub(super) struct MemberScope {
    is_static: bool,
    /// `None` for a property.
    returns_nothing: Option<bool>,
}

/// Types that every session knows by a short name, and those of the namespace `System` that scripts name.
const KNOWN_TYPES: &str = " adsi adsisearcher alias allowemptycollection allowemptystring allownull argumentcompleter argumentcompletions \
    array bigint bool byte char cimclass cimconverter ciminstance cimsession cimtype cmdletbinding cultureinfo datetime decimal double \
    dscresource dsclocalconfigurationmanager dscproperty enum experimental experimentaction experimentalfeature float guid hashtable int \
    int16 int32 int64 ipaddress ipendpoint initialsessionstate long mailaddress nullstring objectsecurity ordered outputtype parameter \
    physicaladdress powershell psaliasproperty pscredential pscustomobject psdefaultvalue pslistmodifier psmoduleinfo psnoteproperty \
    psobject psprimitivedictionary psreference psscriptmethod psscriptproperty pstypenameattribute psvariable psvariableproperty ref \
    regex runspace runspacefactory sbyte scriptblock securestring semver short single string supportswildcards switch timespan type \
    uint uint16 uint32 uint64 ulong uri ushort validatecount validatedrive validatelength validatenotnull validatenotnullorempty \
    validatenotnullorwhitespace validatepattern validaterange validatescript validateset validatetrusteddata validateuserdrive version \
    void wildcardpattern wmi wmiclass wmisearcher x500distinguishedname x509certificate xml \
    action appdomain applicationexception argumentexception argumentnullexception argumentoutofrangeexception arithmeticexception \
    attribute bitconverter boolean buffer console consolecolor consolekey consolekeyinfo convert datetimekind datetimeoffset dateonly \
    dayofweek dbnull delegate dividebyzeroexception environment eventargs eventhandler exception flagsattribute formatexception func gc \
    icloneable icomparable iconvertible idisposable iequatable iformatprovider iformattable iasyncresult iasyncdisposable index \
    indexoutofrangeexception intptr invalidcastexception invalidoperationexception iobservable iobserver lazy math mathf memory \
    midpointrounding multicastdelegate notimplementedexception notsupportedexception nullable nullreferenceexception object \
    objectdisposedexception operationcanceledexception operatingsystem outofmemoryexception overflowexception platformid \
    platformnotsupportedexception predicate progress random range stringcomparer stringcomparison stringsplitoptions systemexception \
    timeoutexception timeonly timezone timezoneinfo tuple typecode uintptr unauthorizedaccessexception uribuilder urikind valuetuple \
    valuetype weakreference half int128 uint128 char comparison converter ";

impl Checker<'_> {
    pub(super) fn type_definition(&mut self, definition: &TypeDefinition) {
        definition
            .attributes
            .iter()
            .for_each(|attribute| self.attribute(attribute));
        for member in &definition.members {
            match member {
                TypeMember::Property(property) => {
                    property
                        .attributes
                        .iter()
                        .for_each(|attribute| self.attribute(attribute));
                    let scope = MemberScope {
                        is_static: property.modifiers.is_static,
                        returns_nothing: None,
                    };
                    let outer = self.member.replace(scope);
                    property
                        .initial
                        .iter()
                        .for_each(|initial| self.expr(initial));
                    self.member = outer;
                }
                TypeMember::Method(method) => self.method(method),
                TypeMember::EnumValue(value) => {
                    value.value.iter().for_each(|value| self.expr(value))
                }
            }
        }
    }

    fn method(&mut self, method: &FunctionMember) {
        let body = &method.body;
        if let Some(params) = &body.param_block {
            self.error(
                params.extent,
                "ParamBlockNotAllowedInMethod",
                "A param block is not allowed in a class method.",
            );
        }
        let named = [&body.dynamic_param, &body.begin, &body.process]
            .into_iter()
            .flatten()
            .next();
        let named = named
            .or(body.end.as_ref().filter(|end| !end.unnamed))
            .or(body.clean.as_ref());
        if let Some(block) = named {
            self.error(
                block.extent,
                "NamedBlockNotAllowedInMethod",
                "A named block is not allowed in a class method.",
            );
        }
        if let Some(returns) = method
            .return_type
            .as_ref()
            .filter(|_| method.is_constructor)
        {
            self.error(
                returns.extent,
                "ConstructorCantHaveReturnType",
                "A constructor cannot specify a return type.",
            );
        }
        let returns_nothing = method.return_type.as_ref().is_none_or(|returns| {
            let name = self.text(returns.name.extent);
            name.eq_ignore_ascii_case("void") || name.eq_ignore_ascii_case("system.void")
        });
        let leaves = body
            .end
            .as_ref()
            .is_some_and(|end| always_leaves(&end.body));
        if !leaves && !returns_nothing {
            self.error(
                method.name_extent,
                "MethodHasCodePathNotReturn",
                "Not all code path returns value within method.",
            );
        }
        method
            .attributes
            .iter()
            .for_each(|attribute| self.attribute(attribute));
        self.duplicate_parameters(&method.parameters);
        method
            .parameters
            .iter()
            .for_each(|parameter| self.parameter(parameter));
        let scope = MemberScope {
            is_static: method.modifiers.is_static,
            returns_nothing: Some(returns_nothing),
        };
        let outer = self.member.replace(scope);
        method
            .base_arguments
            .iter()
            .flatten()
            .for_each(|argument| self.expr(argument));
        self.script_block(body);
        self.member = outer;
    }

    pub(super) fn check_return(&mut self, jump: &Jump) {
        let Some(returns_nothing) = self
            .member
            .as_ref()
            .and_then(|member| member.returns_nothing)
        else {
            return;
        };
        if returns_nothing && jump.value.is_some() {
            self.error(
                jump.extent,
                "VoidMethodHasReturn",
                "Invalid return statement within void method.",
            );
        }
        if !returns_nothing && jump.value.is_none() {
            self.error(
                jump.extent,
                "NonVoidMethodMissingReturnValue",
                "Invalid return statement within non-void method.",
            );
        }
    }

    pub(super) fn check_this(&mut self, extent: Extent, variable: &Variable) {
        if variable.name.eq_ignore_ascii_case("this")
            && self.member.as_ref().is_some_and(|member| member.is_static)
        {
            self.error(
                extent,
                "NonStaticMemberAccessInStaticMember",
                "Cannot access the non-static member 'this' in a static method or initializer of a static property.",
            );
        }
    }
}

/// Types that are defined twice, and types that nobody knows.
pub(super) fn check_types(checker: &mut Checker<'_>, script: &ScriptBlock) {
    let bodies = [
        &script.dynamic_param,
        &script.begin,
        &script.process,
        &script.end,
        &script.clean,
    ];
    let statements = bodies
        .into_iter()
        .flatten()
        .flat_map(|block| &block.body.statements);
    let definitions: Vec<&TypeDefinition> = statements
        .filter_map(|statement| match statement {
            Statement::Type(definition) => Some(&**definition),
            _ => None,
        })
        .collect();
    let mut defined = HashSet::new();
    for definition in &definitions {
        if !defined.insert(definition.name.to_lowercase()) {
            let message = format!("The member '{}' is already defined.", definition.name);
            checker.error(definition.extent, "MemberAlreadyDefined", message);
        }
    }
    // What a `using` line brings in is not known here.
    if !script.using.is_empty() {
        return;
    }
    for definition in definitions {
        definition
            .bases
            .iter()
            .for_each(|base| check_name(checker, &base.name, &defined));
        for member in &definition.members {
            let types: Vec<&TypeConstraint> = match member {
                TypeMember::Property(property) => property.property_type.iter().collect(),
                TypeMember::Method(method) => method.return_type.iter().collect(),
                TypeMember::EnumValue(_) => Vec::new(),
            };
            types
                .into_iter()
                .for_each(|constraint| check_name(checker, &constraint.name, &defined));
        }
    }
}

fn check_name(checker: &mut Checker<'_>, name: &TypeName, defined: &HashSet<String>) {
    let mut name = name;
    while let TypeNameKind::Array { element, .. } = &name.kind {
        name = element;
    }
    // Names with a namespace, and generic ones, are left to those who know types.
    let TypeNameKind::Name {
        name: text,
        assembly: None,
    } = &name.kind
    else {
        return;
    };
    let lower = text.to_lowercase();
    if lower.contains(['.', '+', '`', ' '])
        || defined.contains(&lower)
        || KNOWN_TYPES.contains(&format!(" {lower} "))
    {
        return;
    }
    checker.error(
        name.extent,
        "TypeNotFound",
        format!("Unable to find type [{text}]."),
    );
}
