//! Names of types: reading `[System.Collections.Generic.List[string]]`, and writing them in .NET's several ways.

use std::sync::Arc;

use super::types::{GenericType, Shape, TypeId, TypeRef};

/// How deep generic arguments may nest.
const MAX_NESTING: usize = 16;

/// Reads a type name as it stands between the brackets of a type literal.
pub(super) fn parse(
    name: &str,
    others: &mut dyn FnMut(&str) -> Option<TypeRef>,
) -> Option<TypeRef> {
    let mut reader = Reader {
        rest: name.trim(),
        others,
    };
    let ty = reader.read(0)?;
    let rest = reader.rest.trim_start();
    // What follows a comma at the outermost level names the assembly.
    (rest.is_empty() || rest.starts_with(',')).then_some(ty)
}

struct Reader<'a, 'o> {
    rest: &'a str,
    others: &'o mut dyn FnMut(&str) -> Option<TypeRef>,
}

impl Reader<'_, '_> {
    fn read(&mut self, depth: usize) -> Option<TypeRef> {
        if depth > MAX_NESTING {
            return None;
        }
        self.rest = self.rest.trim_start();
        let end = self.rest.find(['[', ']', ',']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let name = name.trim();
        self.rest = rest;
        let mut ty = None;
        let inner = self.rest.strip_prefix('[').map(str::trim_start);
        if let Some(inner) = inner
            && !inner.starts_with([']', ','])
        {
            self.rest = inner;
            let mut arguments = Vec::new();
            loop {
                self.rest = self.rest.trim_start();
                let bracketed = self.rest.starts_with('[');
                if bracketed {
                    self.rest = &self.rest[1..];
                }
                arguments.push(self.read(depth + 1)?);
                if bracketed {
                    // An argument in brackets of its own may name its assembly.
                    let close = self.rest.find(']')?;
                    self.rest = &self.rest[close + 1..];
                }
                self.rest = self.rest.trim_start();
                if let Some(rest) = self.rest.strip_prefix(',') {
                    self.rest = rest;
                } else {
                    break;
                }
            }
            self.rest = self.rest.strip_prefix(']')?;
            let definition = match name.contains('`') {
                true => TypeRef::find_simple(name),
                false => TypeRef::find_simple(&format!("{name}`{}", arguments.len())),
            }?;
            ty = Some(TypeRef::Generic(Arc::new(GenericType {
                definition,
                arguments,
            })));
        }
        let mut ty = match ty {
            Some(ty) => ty,
            None => match (self.others)(name) {
                Some(ty) => ty,
                None => TypeRef::Known(TypeRef::find_simple(name)?),
            },
        };
        while let Some(inner) = self.rest.trim_start().strip_prefix('[') {
            let close = inner.find(']')?;
            let commas = &inner[..close];
            if !commas.chars().all(|c| c == ',' || c == ' ') {
                return None;
            }
            let rank = u8::try_from(commas.matches(',').count() + 1).ok()?;
            ty = TypeRef::Array(Arc::new(ty), rank);
            self.rest = &inner[close + 1..];
        }
        Some(ty)
    }
}

/// `FullName`.
pub(super) fn full_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Known(known) => known.full_name.to_owned(),
        TypeRef::Array(element, rank) => format!("{}[{}]", full_name(element), commas(*rank)),
        TypeRef::Generic(generic) => {
            let known = generic.definition;
            let arguments: Vec<_> = generic
                .arguments
                .iter()
                .map(|argument| format!("[{}, {}]", full_name(argument), assembly(argument)))
                .collect();
            format!("{}[{}]", known.full_name, arguments.join(","))
        }
        TypeRef::User(user) => user.name().to_owned(),
    }
}

/// `Name`.
pub(super) fn name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Known(known) => last_part(known.full_name),
        TypeRef::Generic(generic) => last_part(generic.definition.full_name),
        TypeRef::Array(element, rank) => format!("{}[{}]", name(element), commas(*rank)),
        TypeRef::User(user) => last_part(user.name()),
    }
}

fn last_part(name: &str) -> String {
    name.rsplit(['.', '+'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// `ToString()`.
pub(super) fn display_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Known(known) => known.full_name.to_owned(),
        TypeRef::Array(element, rank) => format!("{}[{}]", display_name(element), commas(*rank)),
        TypeRef::Generic(generic) => {
            let known = generic.definition;
            let arguments: Vec<_> = generic.arguments.iter().map(display_name).collect();
            format!("{}[{}]", known.full_name, arguments.join(","))
        }
        TypeRef::User(user) => user.name().to_owned(),
    }
}

/// The name that PowerShell prefers: accelerators, generics in brackets without arity.
pub(super) fn short_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Known(known) => match known.accelerators.first() {
            Some(accelerator) => (*accelerator).to_owned(),
            None => known.full_name.to_owned(),
        },
        TypeRef::Array(element, rank) => format!("{}[{}]", short_name(element), commas(*rank)),
        TypeRef::Generic(generic) => {
            let known = generic.definition;
            let arguments: Vec<_> = generic.arguments.iter().map(short_name).collect();
            let bare = known.full_name.split('`').next().unwrap_or_default();
            format!("{bare}[{}]", arguments.join(","))
        }
        TypeRef::User(user) => user.name().to_owned(),
    }
}

/// The assembly, as it stands in full names of generic types of PowerShell 7.6.
fn assembly(ty: &TypeRef) -> String {
    let name = match ty {
        TypeRef::Known(known) => known.full_name,
        TypeRef::Generic(generic) => generic.definition.full_name,
        TypeRef::Array(element, _) => return assembly(element),
        TypeRef::User(_) => return "PowerShell Class Assembly, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null".to_owned(),
    };
    if name.starts_with("System.Management.Automation.") {
        "System.Management.Automation, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35".to_owned()
    } else {
        let file = match name {
            "System.Text.RegularExpressions.Regex" | "System.Text.RegularExpressions.Match" => {
                "System.Text.RegularExpressions"
            }
            "System.Numerics.BigInteger" => "System.Runtime.Numerics",
            _ => "System.Private.CoreLib",
        };
        let token = if file == "System.Private.CoreLib" {
            "7cec85d7bea7798e"
        } else {
            "b03f5f7f11d50a3a"
        };
        format!("{file}, Version=10.0.0.0, Culture=neutral, PublicKeyToken={token}")
    }
}

fn commas(rank: u8) -> String {
    ",".repeat(usize::from(rank.saturating_sub(1)))
}

/// Whether `ty` implements the interface `interface` (or is what every value is).
pub(super) fn implements(ty: &TypeRef, interface: &TypeRef) -> bool {
    use TypeId as T;
    if interface.shape() != Shape::Interface {
        return false;
    }
    let Some(wanted) = interface.definition_id() else {
        return false;
    };
    for own in ty.chain() {
        if let TypeRef::User(user) = &own
            && user
                .interfaces()
                .iter()
                .any(|own| own == interface || implements(own, interface))
        {
            return true;
        }
        let yes = match &own {
            TypeRef::Array(element, _) => match wanted {
                T::IEnumerable1 | T::ICollection1 | T::IList1 => {
                    interface.arguments().first() == Some(element)
                }
                T::IEnumerable | T::ICollection | T::IList | T::ICloneable => true,
                _ => false,
            },
            TypeRef::Known(_) | TypeRef::Generic(_) => {
                let Some(known) = own.known() else { continue };
                let arguments = own.arguments();
                match wanted {
                    T::IComparable | T::IConvertible | T::IFormattable
                        if own.shape() == Shape::Enum =>
                    {
                        true
                    }
                    T::IComparable => {
                        matches!(
                            known.id,
                            T::Version | T::BigInteger | T::TimeSpan | T::Guid | T::DateTimeOffset
                        ) || is_convertible(known.id)
                    }
                    T::IConvertible => is_convertible(known.id),
                    T::IFormattable => {
                        !matches!(known.id, T::String | T::Boolean) && is_convertible(known.id)
                            || matches!(known.id, T::TimeSpan | T::Guid | T::BigInteger)
                    }
                    T::IComparable1 | T::IEquatable1 => {
                        is_convertible(known.id) && interface.arguments().first() == Some(&own)
                    }
                    T::IEnumerable => {
                        is_list(known.id)
                            || is_dictionary(known.id)
                            || is_other_collection(known.id)
                            || known.id == T::String
                    }
                    T::ICollection => {
                        is_list(known.id)
                            || is_dictionary(known.id)
                            || matches!(
                                known.id,
                                T::Queue
                                    | T::Stack
                                    | T::GenericQueue
                                    | T::GenericStack
                                    | T::LinkedList
                                    | T::SortedSet
                                    | T::MatchCollection
                                    | T::GroupCollection
                            )
                    }
                    T::IList => {
                        is_list(known.id)
                            || matches!(known.id, T::MatchCollection | T::GroupCollection)
                    }
                    T::IDictionary => is_dictionary(known.id),
                    T::ICloneable => matches!(
                        known.id,
                        T::String | T::ArrayList | T::Hashtable | T::Queue | T::Stack | T::Version
                    ),
                    T::IEnumerable1 | T::ICollection1 => {
                        (is_list(known.id)
                            || matches!(
                                known.id,
                                T::HashSet
                                    | T::SortedSet
                                    | T::GenericQueue
                                    | T::GenericStack
                                    | T::LinkedList
                            ))
                            && !arguments.is_empty()
                            && *interface.arguments() == *arguments
                            || wanted == T::IEnumerable1
                                && known.id == T::String
                                && interface
                                    .arguments()
                                    .first()
                                    .is_some_and(|argument| argument.is(T::Char))
                    }
                    T::IList1 => {
                        is_list(known.id)
                            && !arguments.is_empty()
                            && *interface.arguments() == *arguments
                    }
                    T::IDictionary2 => {
                        is_dictionary(known.id)
                            && !arguments.is_empty()
                            && *interface.arguments() == *arguments
                    }
                    T::IFormatProvider => matches!(known.id, T::CultureInfo | T::NumberFormatInfo),
                    T::IDisposable => matches!(
                        known.id,
                        T::StringReader
                            | T::StringWriter
                            | T::MemoryStream
                            | T::Process
                            | T::SecureString
                    ),
                    T::IComparer | T::IEqualityComparer => known.id == T::StringComparer,
                    _ => false,
                }
            }
            TypeRef::User(_) => false,
        };
        if yes {
            return true;
        }
    }
    false
}

fn is_convertible(id: TypeId) -> bool {
    use TypeId as T;
    matches!(
        id,
        T::Boolean
            | T::Byte
            | T::SByte
            | T::Int16
            | T::UInt16
            | T::Int32
            | T::UInt32
            | T::Int64
            | T::UInt64
            | T::Single
            | T::Double
            | T::Decimal
            | T::Char
            | T::String
            | T::DateTime
    )
}

fn is_list(id: TypeId) -> bool {
    matches!(
        id,
        TypeId::ArrayList | TypeId::GenericList | TypeId::Collection | TypeId::ReadOnlyCollection
    )
}

fn is_dictionary(id: TypeId) -> bool {
    use TypeId as T;
    matches!(
        id,
        T::Hashtable
            | T::OrderedDictionary
            | T::GenericDictionary
            | T::SortedDictionary
            | T::SortedList
            | T::SortedListNonGeneric
            | T::ConcurrentDictionary
    )
}

fn is_other_collection(id: TypeId) -> bool {
    use TypeId as T;
    matches!(
        id,
        T::HashSet
            | T::SortedSet
            | T::GenericQueue
            | T::GenericStack
            | T::Queue
            | T::Stack
            | T::LinkedList
            | T::MatchCollection
            | T::GroupCollection
            | T::CaptureCollection
            | T::NameValueCollection
            | T::BitArray
            | T::XmlNode
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_read_and_written() {
        let table = [
            ("int", "System.Int32", "Int32", "int"),
            ("INT[]", "System.Int32[]", "Int32[]", "int[]"),
            (
                "Text.StringBuilder",
                "System.Text.StringBuilder",
                "StringBuilder",
                "System.Text.StringBuilder",
            ),
            (
                "System.Collections.Generic.List[string]",
                "System.Collections.Generic.List`1[[System.String, System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e]]",
                "List`1",
                "System.Collections.Generic.List[string]",
            ),
            ("int[,]", "System.Int32[,]", "Int32[,]", "int[,]"),
        ];
        for (literal, full, name, short) in table {
            let ty = TypeRef::find(literal).expect(literal);
            assert_eq!(ty.full_name(), full);
            assert_eq!(ty.name(), name);
            assert_eq!(ty.short_name(), short);
        }
        let nested = TypeRef::find("System.Collections.Generic.Dictionary[ [string], System.Collections.Generic.List[int] ]").expect("nested");
        assert_eq!(
            nested.short_name(),
            "System.Collections.Generic.Dictionary[string,System.Collections.Generic.List[int]]"
        );
        assert!(TypeRef::find("nosuch").is_none());
        assert!(TypeRef::find("int[").is_none());
    }

    #[test]
    fn interfaces_and_bases_are_found() {
        let is = |ty: &str, other: &str| {
            TypeRef::find(ty)
                .expect(ty)
                .is_assignable_to(&TypeRef::find(other).expect(other))
        };
        assert!(is("int[]", "array"));
        assert!(is("int[]", "System.Collections.IEnumerable"));
        assert!(is("DivideByZeroException", "Exception"));
        assert!(is("int", "ValueType"));
        assert!(is("string", "System.IComparable"));
        assert!(!is("int", "string"));
    }
}
