//! Views of the elements on a tape.

use super::Kind;
use super::build::Builder;
use super::intern::Interner;
use super::scalar::{self, Scalar};
use super::scan::Span;
use super::tape::{Slot, Tape};
use super::text::Text;
use crate::{DecodeError, Limits, Value};

/// One element on a [`Tape`], seen in place: three pointers and a number, to be copied about.
///
/// A text is decoded each time that it is asked for, and only then.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    slot: &'t Slot,
    slots: &'t [Slot],
    xml: &'t str,
    index: usize,
}

impl<'t> Node<'t> {
    pub(super) fn new(tape: &'t Tape, xml: &'t str, index: usize) -> Self {
        Self::of(&tape.slots, xml, index)
    }

    pub(super) fn of(slots: &'t [Slot], xml: &'t str, index: usize) -> Self {
        // Every index comes from the tape itself; a document without a value stands for none.
        let slot = slots.get(index).unwrap_or(&Slot::NOTHING);
        Self {
            slot,
            slots,
            xml,
            index,
        }
    }

    #[inline]
    fn at(self, index: usize) -> Self {
        Self::of(self.slots, self.xml, index)
    }

    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// How many elements the whole tape has.
    pub(super) fn elements(self) -> usize {
        self.slots.len()
    }

    #[inline]
    fn slot(self) -> &'t Slot {
        self.slot
    }

    #[inline]
    fn slice(self, span: Span) -> &'t str {
        span.of_str(self.xml)
    }

    /// What element this is.
    #[must_use]
    #[inline]
    pub fn kind(self) -> Kind {
        self.slot().kind
    }

    /// The name of a property or a member set: the attribute `N`.
    #[must_use]
    #[inline]
    pub fn name(self) -> Option<Text<'t>> {
        let slot = self.slot();
        slot.has(Slot::HAS_NAME)
            .then(|| slot.name(self.slice(slot.name)))
    }

    /// The stream that a value of a document belongs to: the attribute `S`.
    #[must_use]
    pub fn stream(self) -> Option<Text<'t>> {
        self.name()
    }

    /// The `RefId` of an object, as written.
    #[must_use]
    pub fn ref_id(self) -> Option<&'t str> {
        let slot = self.slot();
        match slot.kind {
            Kind::Object if slot.has(Slot::HAS_REF_ID) => Some(self.slice(slot.text)),
            Kind::Reference => Some(self.slice(slot.text)),
            _ => None,
        }
    }

    /// Whether this is `Nil`.
    #[must_use]
    #[inline]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Nil
    }

    /// The text of the element, with everything decoded that the wire form escapes.
    #[must_use]
    #[inline]
    pub fn text(self) -> Text<'t> {
        let slot = self.slot();
        slot.text(self.slice(slot.text))
    }

    /// The primitive value that this is; `None` when it is null, an object or a reference. Of the
    /// limits for a `BA` the default ones hold, see [`scalar_with`](Self::scalar_with).
    ///
    /// # Errors
    /// When the text is not one of the element's type.
    #[inline]
    pub fn scalar(self) -> Result<Option<Scalar<'t>>, DecodeError> {
        self.scalar_with(&Limits::DEFAULT)
    }

    /// As [`scalar`](Self::scalar), with the [`blob_size`](Limits::blob_size) of `limits`. The
    /// others were kept to when the tape was filled.
    ///
    /// # Errors
    /// When the text is not one of the element's type, or too long a `BA`.
    #[inline]
    pub fn scalar_with(self, limits: &Limits) -> Result<Option<Scalar<'t>>, DecodeError> {
        scalar::read(self.slot(), self.xml, limits)
    }

    /// Appends the bytes of a `BA` to `out` and says how many there are; `None` when this is
    /// something else. Nothing is allocated but what `out` has no room for.
    ///
    /// ```
    /// use psrp_codec::{Limits, clixml::Tape};
    ///
    /// let (mut tape, limits) = (Tape::default(), Limits::default());
    /// let node = tape.parse(b"<BA>AQID</BA>", &limits)?;
    /// let mut bytes = Vec::with_capacity(64);
    /// assert_eq!(node.bytes_into(&mut bytes, &limits)?, Some(3));
    /// assert_eq!(bytes, [1, 2, 3]);
    /// # Ok::<(), psrp_codec::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// When the text is no base64, or stands for more than [`blob_size`](Limits::blob_size); `out`
    /// is then as it was.
    pub fn bytes_into(
        self,
        out: &mut Vec<u8>,
        limits: &Limits,
    ) -> Result<Option<usize>, DecodeError> {
        scalar::read_bytes(self.slot(), self.xml, out, limits)
    }

    /// The elements right inside this one.
    #[must_use]
    #[inline]
    pub fn children(self) -> Items<'t> {
        Items {
            node: self.at(self.index.saturating_add(1)),
            end: self.after(),
        }
    }

    /// The index behind this element and all that is in it.
    #[inline]
    fn after(self) -> usize {
        let next = self.index.saturating_add(1);
        match self.kind() {
            // What a reference refers to is not in it.
            Kind::Reference | Kind::TypeNamesReference => next,
            _ => (self.slot().next as usize).max(next),
        }
    }

    /// Every element inside this one, in the order of the wire: parents before their children.
    ///
    /// ```
    /// use psrp_codec::{Limits, clixml::Tape};
    ///
    /// let xml = br#"<Obj RefId="0"><LST><I32>1</I32><I32>2</I32></LST></Obj>"#;
    /// let mut tape = Tape::default();
    /// let tags = tape.parse(xml, &Limits::default())?.descendants().map(|node| node.kind().tag());
    /// assert_eq!(tags.collect::<Vec<_>>(), ["LST", "I32", "I32"]);
    /// # Ok::<(), psrp_codec::DecodeError>(())
    /// ```
    #[inline]
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'t> {
        let first = self.index.saturating_add(1);
        let slots = self.slots.get(first..self.after()).unwrap_or_default();
        (first..).zip(slots).map(move |(index, slot)| Self {
            slot,
            index,
            ..self
        })
    }

    /// The child of `kind` that counts: the last one.
    fn part(self, matches: impl Fn(Kind) -> bool) -> Option<Self> {
        self.children().filter(|child| matches(child.kind())).last()
    }

    /// The items of a list, stack, queue or enumerable; the values of a document; the list of
    /// names in `TN`. Nothing for anything else.
    #[must_use]
    pub fn items(self) -> Items<'t> {
        match self.kind() {
            Kind::Object => match self.content() {
                Some(content) if content.kind().container().is_some() => content.children(),
                _ => self.nothing(),
            },
            Kind::Document | Kind::TypeNames => self.children(),
            kind if kind.container().is_some() => self.children(),
            _ => self.nothing(),
        }
    }

    /// Keys and values of a dictionary. Nothing for anything else.
    pub fn entries(self) -> impl Iterator<Item = (Self, Self)> + use<'t> {
        let dictionary = match self.kind() {
            Kind::Object => self
                .content()
                .filter(|content| content.kind() == Kind::Dictionary),
            Kind::Dictionary => Some(self),
            _ => None,
        };
        let mut parts = dictionary.map_or(self.nothing(), Self::children);
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    fn nothing(self) -> Items<'t> {
        Items { node: self, end: 0 }
    }

    /// What an object wraps: a primitive value, a container or another object.
    #[must_use]
    pub fn content(self) -> Option<Self> {
        self.part(Kind::is_content)
    }

    /// What `ToString()` gave for an object.
    #[must_use]
    pub fn to_string_text(self) -> Option<Text<'t>> {
        self.part(|kind| kind == Kind::ToString).map(Self::text)
    }

    /// The names of an object's type, most derived first; `None` when it carries none.
    pub fn type_names(self) -> Option<impl Iterator<Item = Text<'t>>> {
        let list = self.part(|kind| matches!(kind, Kind::TypeNames | Kind::TypeNamesReference))?;
        let list = if list.kind() == Kind::TypeNamesReference {
            list.target()?
        } else {
            list
        };
        Some(list.children().map(Self::text))
    }

    /// What a reference refers to.
    #[must_use]
    pub fn target(self) -> Option<Self> {
        let slot = self.slot();
        matches!(slot.kind, Kind::Reference | Kind::TypeNamesReference)
            .then(|| self.at(slot.next as usize))
    }

    /// The properties of an object in the order of the wire, those of the .NET type and the
    /// extended ones. Member sets are among them.
    pub fn properties(self) -> impl Iterator<Item = Self> + use<'t> {
        let last_adapted = self
            .part(|kind| kind == Kind::Properties)
            .map(|part| part.index);
        self.children()
            .filter(move |child| match child.kind() {
                // A second `Props` replaces the first, but `MS` is added to.
                Kind::Properties => Some(child.index) == last_adapted,
                kind => kind == Kind::Members,
            })
            .flat_map(Self::children)
    }

    /// The property `name`, in any case: first among the extended ones, then among those of the
    /// .NET type. Of several with one name the last counts.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        if self.kind() != Kind::Object {
            return None;
        }
        let (mut adapted, mut extended) = (None, None);
        for part in self.children() {
            let found = match part.kind() {
                Kind::Properties => {
                    adapted = None;
                    &mut adapted
                }
                Kind::Members => &mut extended,
                _ => continue,
            };
            for property in part.children() {
                if property.kind() != Kind::Members && property.is_named(name) {
                    *found = Some(property);
                }
            }
        }
        extended.or(adapted)
    }

    /// Whether the attribute `N` is `name`, in any case.
    #[inline]
    fn is_named(self, name: &str) -> bool {
        let slot = self.slot();
        let raw = self.slice(slot.name);
        let plain = !slot.has(Slot::INDIRECT_NAME | Slot::MAY_ESCAPE_NAME);
        // The length tells most names apart.
        if raw.len() == name.len() && raw.eq_ignore_ascii_case(name) {
            // An escape is not what it is written as.
            let escapes = || raw.bytes().any(|byte| matches!(byte, b'_' | b'&'));
            return plain || !escapes() || self.is_meant(name);
        }
        !(plain && raw.is_ascii()) && self.is_meant(name)
    }

    #[inline(never)]
    fn is_meant(self, name: &str) -> bool {
        self.name().is_some_and(|text| text.eq_ignore_case(name))
    }

    /// The owned tree of this element and all in it. Of a document, the first value. Of the limits
    /// for a `BA` the default ones hold, see [`to_value_with`](Self::to_value_with).
    ///
    /// What refers to an object around this element keeps its label, but has lost its object.
    ///
    /// # Errors
    /// When the text of a primitive value is not one of its type.
    pub fn to_value(self) -> Result<Value, DecodeError> {
        self.to_value_with(&Limits::DEFAULT)
    }

    /// As [`to_value`](Self::to_value), with the [`blob_size`](Limits::blob_size) of `limits`. The
    /// others were kept to when the tape was filled.
    ///
    /// # Errors
    /// When the text of a primitive value is not one of its type, or too long a `BA`.
    pub fn to_value_with(self, limits: &Limits) -> Result<Value, DecodeError> {
        self.build(&mut Interner::for_elements(self.slots.len()), limits)
    }

    pub(super) fn build(
        self,
        interner: &mut Interner,
        limits: &Limits,
    ) -> Result<Value, DecodeError> {
        Builder::new(self.xml, self.slots, interner, limits).part(self.index)
    }
}

/// The elements inside another, one after the other.
#[derive(Clone, Copy)]
pub struct Items<'t> {
    node: Node<'t>,
    end: usize,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        if self.node.index >= self.end {
            return None;
        }
        let node = self.node;
        self.node = node.at(node.after());
        Some(node)
    }
}

/// The tag and, of a text, how long it is: never the text itself, which may be a secret.
impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slot = self.slot();
        f.debug_struct("Node")
            .field("kind", &slot.kind)
            .field("bytes", &slot.text.end.saturating_sub(slot.text.start))
            .finish()
    }
}
