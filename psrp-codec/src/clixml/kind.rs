//! The tags of CLIXML.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "names are packed by the compiler"
)]

use super::output::Piece;

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

/// How an element of one kind is written.
#[derive(Debug)]
pub(super) struct Tags {
    kind: Kind,
    name: &'static str,
    /// `<I32>`
    pub(super) open: Piece,
    /// `<I32 N="`
    pub(super) named: Piece,
    /// `</I32>`
    pub(super) close: Piece,
    /// `<I32 />`
    pub(super) empty: Piece,
}

macro_rules! tags {
    ($($kind:ident $name:literal,)*) => {
        [$(Tags {
            kind: Kind::$kind,
            name: $name,
            open: Piece::of(concat!("<", $name, ">")),
            named: Piece::of(concat!("<", $name, " N=\"")),
            close: Piece::of(concat!("</", $name, ">")),
            empty: Piece::of(concat!("<", $name, " />")),
        },)*]
    };
}

/// Every kind, in the order of the declaration.
static ALL: [Tags; 46] = tags! {
    String "S",
    Char "C",
    Bool "B",
    DateTime "DT",
    TimeSpan "TS",
    Byte "By",
    SByte "SB",
    UInt16 "U16",
    Int16 "I16",
    UInt32 "U32",
    Int32 "I32",
    UInt64 "U64",
    Int64 "I64",
    Single "Sg",
    Double "Db",
    Decimal "D",
    Bytes "BA",
    Guid "G",
    Uri "URI",
    Version "Version",
    Xml "XD",
    ScriptBlock "SBK",
    SecureString "SS",
    TypeName "T",
    ToString "ToString",
    Activity "AV",
    ActivityId "AI",
    ParentActivityId "PI",
    PercentComplete "PC",
    SecondsRemaining "SR",
    StatusDescription "SD",
    Nil "Nil",
    Reference "Ref",
    Object "Obj",
    Progress "PR",
    TypeNames "TN",
    TypeNamesReference "TNRef",
    Properties "Props",
    Members "MS",
    List "LST",
    Stack "STK",
    Queue "QUE",
    Enumerable "IE",
    Dictionary "DCT",
    Entry "En",
    Document "Objs",
};

impl Kind {
    /// The tag of the element.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.tags().name
    }

    /// How it is written.
    pub(super) const fn tags(self) -> &'static Tags {
        #[expect(clippy::indexing_slicing, reason = "there is a row for each kind")]
        &ALL[self as usize]
    }

    /// Which kind the element of this name is; `packed` holds its at most eight bytes.
    #[inline]
    pub(super) fn of_packed(packed: u64) -> Option<Self> {
        match TABLE.get(place(packed)) {
            Some(Some((name, kind))) if *name == packed => Some(*kind),
            _ => None,
        }
    }

    /// How the end tag begins.
    #[inline(always)]
    pub(super) fn end_tag(self) -> EndTag {
        #[expect(clippy::indexing_slicing, reason = "there is a row for each kind")]
        ENDS[self as usize]
    }

    /// Whether it is one of the primitive types of MS-PSRP 2.2.5.1 that are written as text.
    pub(super) const fn is_primitive(self) -> bool {
        (self as u8) <= Self::SecureString as u8
    }

    /// Whether it has text in it rather than elements.
    pub(super) const fn is_text(self) -> bool {
        (self as u8) <= Self::StatusDescription as u8
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

/// The first bytes of an end tag, eight at most, the first one lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndTag {
    pub(super) word: u64,
    /// Which of the eight are of the tag.
    pub(super) mask: u64,
}

static ENDS: [EndTag; ALL.len()] = {
    let mut ends = [EndTag { word: 0, mask: 0 }; ALL.len()];
    let mut index = 0;
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    while index < ALL.len() {
        let name = ALL[index].name.as_bytes();
        let mut word = 0x2F3C | pack(name) << 16;
        let mut mask = u64::MAX;
        if name.len() <= 5 {
            word |= (b'>' as u64) << (16 + 8 * name.len());
            mask >>= 40 - 8 * name.len();
        }
        ends[index] = EndTag { word, mask };
        index += 1;
    }
    ends
};

/// Every kind at the place that its name leads to: one multiplication and one comparison find it.
static TABLE: [Option<(u64, Kind)>; 128] = {
    let mut table = [None; 128];
    let mut index = 0;
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    while index < ALL.len() {
        let packed = pack(ALL[index].name.as_bytes());
        assert!(
            table[place(packed)].is_none(),
            "two names lead to one place"
        );
        table[place(packed)] = Some((packed, ALL[index].kind));
        index += 1;
    }
    table
};

/// A place in [`TABLE`]; no two tags have the same with this factor.
const fn place(packed: u64) -> usize {
    (packed.wrapping_mul(0x0ED0_51FE_B671_4509) >> 57) as usize
}

/// The first eight bytes of a name as one number, the first byte lowest.
pub(super) const fn pack(name: &[u8]) -> u64 {
    let mut packed = 0;
    let mut shift = 0;
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        if shift < 64 {
            packed |= (*byte as u64) << shift;
        }
        shift += 8;
        rest = after;
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_found_again() {
        for (
            index,
            Tags {
                kind, name: tag, ..
            },
        ) in ALL.iter().enumerate()
        {
            assert_eq!(*kind as usize, index);
            assert_eq!(kind.tag(), *tag);
            assert_eq!(Kind::of_packed(pack(tag.as_bytes())), Some(*kind), "{tag}");
        }
        assert_eq!(Kind::of_packed(pack(b"Semantic")), None);
    }

    #[test]
    fn every_end_tag_begins_as_it_is_known_to() {
        for Tags { kind, name, .. } in &ALL {
            let tag = format!("</{name}>");
            let EndTag { word, mask } = kind.end_tag();
            assert_eq!(word, pack(tag.as_bytes()), "{tag}");
            assert_eq!(mask.count_ones() as usize, 8 * tag.len().min(8), "{tag}");
            assert_eq!(word & !mask, 0, "{tag}");
        }
    }
}
