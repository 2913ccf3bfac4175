//! The tags of CLIXML.

/// What an element of CLIXML is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Kind {
    /// `S`: a string.
    String,
    /// `C`: one UTF-16 unit.
    Char,
    /// `B`: a Boolean.
    Bool,
    /// `DT`: a date and time.
    DateTime,
    /// `TS`: a span of time.
    TimeSpan,
    /// `By`: an unsigned byte.
    Byte,
    /// `SB`: a signed byte.
    SByte,
    /// `U16`: an unsigned 16-bit integer.
    UInt16,
    /// `I16`: a signed 16-bit integer.
    Int16,
    /// `U32`: an unsigned 32-bit integer.
    UInt32,
    /// `I32`: a signed 32-bit integer.
    Int32,
    /// `U64`: an unsigned 64-bit integer.
    UInt64,
    /// `I64`: a signed 64-bit integer.
    Int64,
    /// `Sg`: a 32-bit floating-point number.
    Single,
    /// `Db`: a 64-bit floating-point number.
    Double,
    /// `D`: a decimal number.
    Decimal,
    /// `BA`: an array of bytes.
    Bytes,
    /// `G`: a GUID.
    Guid,
    /// `URI`: a URI.
    Uri,
    /// `Version`: a version.
    Version,
    /// `XD`: an XML document as text.
    Xml,
    /// `SBK`: a script block as text.
    ScriptBlock,
    /// `SS`: what stands for a secret.
    SecureString,
    /// `T`: one name of a type.
    TypeName,
    /// `ToString`: what `ToString()` gave.
    ToString,
    /// `AV`: the activity of a progress record.
    Activity,
    /// `AI`: the number of that activity.
    ActivityId,
    /// `PI`: the number of the activity that it is part of.
    ParentActivityId,
    /// `PC`: how much is done.
    PercentComplete,
    /// `SR`: how much longer it takes.
    SecondsRemaining,
    /// `SD`: how it stands.
    StatusDescription,
    // INVARIANT: what comes before has text in it and what follows has not; see `is_text`.
    /// `Nil`: null.
    Nil,
    /// `Ref`: an object that came before.
    Reference,
    /// `Obj`: a complex object.
    Object,
    /// `PR`: a progress record.
    Progress,
    /// `TN`: a list of type names.
    TypeNames,
    /// `TNRef`: a list of type names that came before.
    TypeNamesReference,
    /// `Props`: the properties of the .NET type.
    Properties,
    /// `MS`: the extended members.
    Members,
    /// `LST`: a list.
    List,
    /// `STK`: a stack.
    Stack,
    /// `QUE`: a queue.
    Queue,
    /// `IE`: something else that can be enumerated.
    Enumerable,
    /// `DCT`: a dictionary.
    Dictionary,
    /// `En`: an entry of a dictionary.
    Entry,
    /// `Objs`: a document.
    Document,
}

/// Every kind, in the order of the declaration.
const ALL: [(Kind, &str); 46] = [
    (Kind::String, "S"),
    (Kind::Char, "C"),
    (Kind::Bool, "B"),
    (Kind::DateTime, "DT"),
    (Kind::TimeSpan, "TS"),
    (Kind::Byte, "By"),
    (Kind::SByte, "SB"),
    (Kind::UInt16, "U16"),
    (Kind::Int16, "I16"),
    (Kind::UInt32, "U32"),
    (Kind::Int32, "I32"),
    (Kind::UInt64, "U64"),
    (Kind::Int64, "I64"),
    (Kind::Single, "Sg"),
    (Kind::Double, "Db"),
    (Kind::Decimal, "D"),
    (Kind::Bytes, "BA"),
    (Kind::Guid, "G"),
    (Kind::Uri, "URI"),
    (Kind::Version, "Version"),
    (Kind::Xml, "XD"),
    (Kind::ScriptBlock, "SBK"),
    (Kind::SecureString, "SS"),
    (Kind::TypeName, "T"),
    (Kind::ToString, "ToString"),
    (Kind::Activity, "AV"),
    (Kind::ActivityId, "AI"),
    (Kind::ParentActivityId, "PI"),
    (Kind::PercentComplete, "PC"),
    (Kind::SecondsRemaining, "SR"),
    (Kind::StatusDescription, "SD"),
    (Kind::Nil, "Nil"),
    (Kind::Reference, "Ref"),
    (Kind::Object, "Obj"),
    (Kind::Progress, "PR"),
    (Kind::TypeNames, "TN"),
    (Kind::TypeNamesReference, "TNRef"),
    (Kind::Properties, "Props"),
    (Kind::Members, "MS"),
    (Kind::List, "LST"),
    (Kind::Stack, "STK"),
    (Kind::Queue, "QUE"),
    (Kind::Enumerable, "IE"),
    (Kind::Dictionary, "DCT"),
    (Kind::Entry, "En"),
    (Kind::Document, "Objs"),
];

impl Kind {
    /// The tag of the element.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        #[expect(clippy::indexing_slicing, reason = "there is a row for each kind")]
        ALL[self as usize].1
    }

    /// Which kind the element `name` is; `packed` holds its at most eight bytes.
    #[expect(non_upper_case_globals, reason = "a constant is named after its kind")]
    pub(super) fn of_packed(packed: u64) -> Option<Self> {
        macro_rules! table {
            ($($name:literal => $kind:ident,)*) => {
                $(const $kind: u64 = pack($name);)*
                match packed {
                    $($kind => Some(Self::$kind),)*
                    _ => None,
                }
            };
        }
        table! {
            b"S" => String,
            b"I32" => Int32,
            b"Obj" => Object,
            b"Nil" => Nil,
            b"B" => Bool,
            b"I64" => Int64,
            b"MS" => Members,
            b"TN" => TypeNames,
            b"T" => TypeName,
            b"TNRef" => TypeNamesReference,
            b"Props" => Properties,
            b"ToString" => ToString,
            b"C" => Char,
            b"DT" => DateTime,
            b"TS" => TimeSpan,
            b"By" => Byte,
            b"SB" => SByte,
            b"U16" => UInt16,
            b"I16" => Int16,
            b"U32" => UInt32,
            b"U64" => UInt64,
            b"Sg" => Single,
            b"Db" => Double,
            b"D" => Decimal,
            b"BA" => Bytes,
            b"G" => Guid,
            b"URI" => Uri,
            b"Version" => Version,
            b"XD" => Xml,
            b"SBK" => ScriptBlock,
            b"SS" => SecureString,
            b"AV" => Activity,
            b"AI" => ActivityId,
            b"PI" => ParentActivityId,
            b"PC" => PercentComplete,
            b"SR" => SecondsRemaining,
            b"SD" => StatusDescription,
            b"Ref" => Reference,
            b"PR" => Progress,
            b"LST" => List,
            b"STK" => Stack,
            b"QUE" => Queue,
            b"IE" => Enumerable,
            b"DCT" => Dictionary,
            b"En" => Entry,
            b"Objs" => Document,
        }
    }

    /// Whether it is one of the primitive types of MS-PSRP 2.2.5.1 that are written as text.
    pub(super) const fn is_primitive(self) -> bool {
        (self as u8) <= Self::SecureString as u8
    }

    /// Whether an object can wrap it.
    pub(super) const fn is_content(self) -> bool {
        self.is_primitive()
            || self.container().is_some()
            || matches!(self, Self::Dictionary | Self::Object | Self::Progress)
    }

    /// Whether the text is a string, with escapes in it, rather than a number.
    pub(super) const fn is_string(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::Uri
                | Self::Xml
                | Self::ScriptBlock
                | Self::TypeName
                | Self::ToString
                | Self::Activity
                | Self::StatusDescription
        )
    }

    /// Whether it is a container of single items.
    pub(super) const fn container(self) -> Option<crate::ContainerKind> {
        Some(match self {
            Self::List => crate::ContainerKind::List,
            Self::Stack => crate::ContainerKind::Stack,
            Self::Queue => crate::ContainerKind::Queue,
            Self::Enumerable => crate::ContainerKind::Enumerable,
            _ => return None,
        })
    }
}

/// At most eight bytes of a name as one number, so that a `match` compares numbers.
const fn pack(name: &[u8]) -> u64 {
    let mut packed = 0;
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        packed = packed << 8 | *byte as u64;
        rest = after;
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_found_again() {
        for (index, (kind, tag)) in ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(kind.tag(), tag);
            assert_eq!(Kind::of_packed(pack(tag.as_bytes())), Some(kind), "{tag}");
        }
        assert_eq!(Kind::of_packed(pack(b"SemanticVersion")), None);
    }
}
