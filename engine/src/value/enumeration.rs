//! Values of enumerations.

use std::borrow::Cow;

use super::fold::equal_folded;
use super::types::TypeRef;

/// A value of an enumeration.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// The enumeration. INVARIANT: its [`TypeRef::enum_info`] is some.
    pub ty: TypeRef,
    /// The number, sign-extended.
    pub bits: i64,
}

/// What an enumeration consists of.
#[derive(Clone, Debug)]
pub struct EnumInfo {
    /// Names and numbers in the order of declaration.
    pub members: Vec<(Cow<'static, str>, i64)>,
    /// Whether the values combine.
    pub flags: bool,
    /// The integer type behind it.
    pub underlying: super::TypeId,
}

impl EnumInfo {
    /// The number of `name`, case aside.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.members
            .iter()
            .find(|(member, _)| equal_folded(member, name))
            .map(|(_, bits)| *bits)
    }

    /// The text of `bits`: a name, names joined by commas, or the number.
    #[must_use]
    pub fn text(&self, bits: i64) -> String {
        if let Some((name, _)) = self.members.iter().find(|(_, number)| *number == bits) {
            return name.to_string();
        }
        if self.flags && bits != 0 {
            let mut rest = bits;
            let mut names = Vec::new();
            let mut ordered: Vec<_> = self
                .members
                .iter()
                .filter(|(_, number)| *number != 0)
                .collect();
            ordered.sort_by_key(|(_, number)| *number as u64);
            for (name, number) in ordered.into_iter().rev() {
                if rest & number == *number {
                    rest &= !number;
                    names.push(name.as_ref());
                }
            }
            if rest == 0 {
                names.reverse();
                return names.join(", ");
            }
        }
        bits.to_string()
    }
}

impl EnumValue {
    /// The text, as `ToString()` gives it.
    #[must_use]
    pub fn text(&self) -> String {
        self.ty
            .enum_info()
            .map_or_else(|| self.bits.to_string(), |info| info.text(self.bits))
    }
}
