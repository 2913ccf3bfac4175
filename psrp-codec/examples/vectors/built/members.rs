//! What types have themselves: values of enumerations, the ends of numbers, constructors.

use psrp_codec::{Content, DateTime, DateTimeKind, Decimal, Object, SecureString, TimeSpan, Value};

use super::convert::{self, primitive, whole};
use super::dotnet::{Enumeration, Holds};
use super::evaluate::Session;
use super::record::{grid, more_special};
use super::source::Type;

impl Session {
    /// A value of an enumeration, from its names or its number.
    pub(super) fn enumeration(&mut self, of: &Type, value: &Value) -> Option<Value> {
        let own = self.enumerations.get(&of.name).cloned();
        let full_name = own.as_ref().map_or(of.base_name(), |_| of.name.clone());
        let Enumeration {
            base,
            flags,
            members,
        } = own.or_else(|| of.enumeration())?;
        let number = match value {
            Value::String(text) => {
                let mut sum = 0;
                for part in text.as_str()?.split(',') {
                    let is_it =
                        |(name, _): &&(String, i128)| name.eq_ignore_ascii_case(part.trim());
                    sum |= members.iter().find(is_it)?.1;
                }
                sum
            }
            number => whole(number)?,
        };
        let text = match members.iter().find(|(_, each)| *each == number) {
            Some((name, _)) => name.clone(),
            None => {
                let parts = members
                    .iter()
                    .filter(|(_, each)| *each != 0 && number & each == *each);
                let parts: Vec<_> = parts.collect();
                let sum = parts.iter().fold(0, |sum, (_, each)| sum | each);
                let names: Vec<_> = parts.iter().map(|(name, _)| name.as_str()).collect();
                if flags && sum == number && number > 0 {
                    names.join(", ")
                } else {
                    number.to_string()
                }
            }
        };
        let base = base.map_or("System.Int32".into(), |base| base.base_name());
        let number = primitive(
            &base,
            &Value::Decimal(Decimal::new(number < 0, number.unsigned_abs(), 0)?),
        )?;
        let Value::Object(object) = Value::enumeration(full_name, text, number) else {
            return None;
        };
        Some(self.kept(*object))
    }

    /// `[of]::name`
    pub(super) fn member(&mut self, of: &Type, name: &str) -> Option<Value> {
        if let Some(found) = self.enumeration(of, &Value::String(name.into())) {
            return Some(found);
        }
        macro_rules! end {
            ($type:ty, $variant:ident) => {
                match name {
                    "MinValue" => Some(Value::$variant(<$type>::MIN)),
                    "MaxValue" => Some(Value::$variant(<$type>::MAX)),
                    _ => None,
                }
            };
        }
        match of.base_name().strip_prefix("System.")? {
            "Byte" => end!(u8, Byte),
            "SByte" => end!(i8, SByte),
            "Int16" => end!(i16, Int16),
            "UInt16" => end!(u16, UInt16),
            "Int32" => end!(i32, Int32),
            "UInt32" => end!(u32, UInt32),
            "Int64" => end!(i64, Int64),
            "UInt64" => end!(u64, UInt64),
            "TimeSpan" => {
                let ticks = match name {
                    "MinValue" => i64::MIN,
                    "MaxValue" => i64::MAX,
                    "Zero" => 0,
                    _ => return None,
                };
                Some(Value::TimeSpan(TimeSpan::from_ticks(ticks)))
            }
            "DateTime" => {
                let ticks = match name {
                    "MinValue" => 0,
                    "MaxValue" => DateTime::MAX_TICKS,
                    _ => return None,
                };
                DateTime::new(ticks, DateTimeKind::Unspecified).map(Value::DateTime)
            }
            "Management.Automation.Internal.AutomationNull" => Some(Value::Null),
            "Management.Automation.PSCredential" if name == "Empty" => {
                let own = vec![("UserName", Value::Null), ("Password", Value::Null)];
                let of = of.base_name();
                Some(self.structure(&of, false, of.as_str().into(), own))
            }
            "Guid" if name == "Empty" => "00000000-0000-0000-0000-000000000000"
                .parse()
                .ok()
                .map(Value::Guid),
            _ => None,
        }
    }

    /// `[of]::name(arguments)`
    pub(super) fn call_static(
        &mut self,
        of: &Type,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        if name == "new" && arguments.is_empty() && self.classes.contains_key(&of.name) {
            return self.instance(&of.name);
        }
        if let (Some((holds, names)), "new", []) = (of.container(), name, arguments) {
            let content = match holds {
                Holds::Items(_) if !of.ranks.is_empty() => return None,
                Holds::Items(kind) => Content::Items(kind, Vec::new()),
                Holds::Entries | Holds::SortedEntries => Content::Dictionary(Vec::new()),
            };
            return Some(self.kept(Object::of_type(names).with_content(content)));
        }
        let found = match name {
            "new" if of.ranks.is_empty() => self.exception(&of.base_name(), arguments),
            _ => None,
        };
        if let Some(found) = found {
            return Some(found);
        }
        if name == "new"
            && let Some(found) = self.record(&of.base_name(), arguments)
        {
            return Some(found);
        }
        if let ("new", [rank]) = (name, of.ranks.as_slice())
            && rank.len() > 2
        {
            let lengths: Option<Vec<_>> = arguments
                .iter()
                .map(|each| usize::try_from(each.as_i32()?).ok())
                .collect();
            let lengths = lengths?;
            let kept = self.kept(grid(of, &lengths)?);
            if let Value::Reference(id) = kept {
                self.grids.insert(id, lengths);
            }
            return Some(kept);
        }
        match (of.name.to_lowercase().as_str(), name, arguments) {
            ("psobject", "new", []) => Some(self.kept(Object::custom())),
            // What is around a primitive value is not handed on.
            ("psobject", "new", [Value::Reference(id)]) => match &self.object(*id)?.content {
                Some(Content::Value(inner)) => Some(inner.clone()),
                _ => None,
            },
            ("psobject", "new", [value]) => Some(value.clone()),
            ("uri", "new", [Value::String(text), kind]) if self.text_of(kind)? == "Relative" => {
                Some(Value::Uri(text.clone()))
            }
            ("securestring", "new", []) => Some(Value::SecureString(SecureString::default())),
            (_, "FixedSize" | "ReadOnly" | "Synchronized", [Value::Reference(id)]) => {
                let base = of.base_name();
                let part = match base.strip_prefix("System.Collections.")? {
                    "ArrayList" => format!("{base}+{name}ArrayList"),
                    "Hashtable" if name == "Synchronized" => format!("{base}+SyncHashtable"),
                    _ => return None,
                };
                let object = more_special(self.object(*id)?, &part);
                Some(self.kept(object))
            }
            (
                "collections.dictionaryentry" | "collections.generic.keyvaluepair",
                "new",
                [key, value],
            ) => self.pair(of, key, value),
            ("management.automation.psmemberset", "new", [name, Value::Reference(members)]) => {
                let mut inside = Vec::new();
                for member in self.enumerated(&Value::Reference(*members))? {
                    let Value::Reference(id) = member else {
                        return None;
                    };
                    inside.extend(self.object(*id)?.extended.iter().flatten().cloned());
                }
                let set = Object::bag().member_set(name.as_string()?.clone(), inside);
                Some(self.kept(set))
            }
            // It is only about how objects are shown.
            ("management.automation.pspropertyset", "new", [_, _]) => {
                Some(self.kept(Object::bag()))
            }
            ("psnoteproperty", "new", [name, value]) => {
                let property = Object::bag().property(name.as_string()?.clone(), value.clone());
                Some(self.kept(property))
            }
            ("object", "new", []) => {
                let object = Object::of_type(["System.Object"]).text("System.Object");
                Some(self.kept(object))
            }
            _ => convert::call(&of.base_name(), name, arguments),
        }
    }
}
