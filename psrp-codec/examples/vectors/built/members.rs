//! What types have themselves: values of enumerations, the ends of numbers, constructors.

use psrp_codec::{Content, DateTime, DateTimeKind, Decimal, Object, TimeSpan, Value};

use super::convert::{self, primitive, whole};
use super::dotnet::{Enumeration, Holds};
use super::evaluate::Session;
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
        match (of.name.to_lowercase().as_str(), name, arguments) {
            ("psobject", "new", []) => Some(self.kept(Object::custom())),
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
