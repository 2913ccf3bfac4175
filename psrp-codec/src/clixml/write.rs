//! From values to XML, as PowerShell writes it.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "levels are bounded by the options and ids count objects that are in memory"
)]

use bytes::BytesMut;

use super::element::{Label, QUOTE_EMPTY, QUOTE_END, Writer};
use super::escape::write_plain;
use super::number::{write_double, write_single};
use super::output::Piece;
use super::{DOCUMENT_END, DOCUMENT_START, Document, Kind};
use crate::{
    ContainerKind, Content, Member, Object, Progress, Property, PsString, RefId, TypeNames, Value,
};

/// How values are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// How many levels of values are written. Default 49, the most that PowerShell reads. An
    /// object whose properties or items would be one level too deep is written as the string
    /// `Serialized XML is nested too deeply.` instead.
    ///
    /// PowerShell writes that string one level further down, where it cannot read it itself.
    pub nesting: usize,
    /// Whether each element has a line of its own, indented by two spaces a level. Default no.
    pub indented: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            nesting: 49,
            indented: false,
        }
    }
}

/// Appends `value` in the bare form, byte for byte as PowerShell writes it in a message.
///
/// The byte order mark that PowerShell puts before a message is left to the caller. Every value
/// can be written; what CLIXML has no form for is left out: a property among the extended ones
/// with an empty name, an entry whose key is null, a null or a reference as what an object wraps.
/// A reference to an object that has not come before becomes null.
pub fn write(value: &Value, out: &mut BytesMut) {
    write_with(value, &WriteOptions::default(), out);
}

/// Appends `value` in the bare form as `options` say.
pub fn write_with(value: &Value, options: &WriteOptions, out: &mut BytesMut) {
    Writer::new(options, out).value(value, Label::None, 1);
}

pub(super) fn write_document_with(document: &Document, options: &WriteOptions, out: &mut BytesMut) {
    let mut writer = Writer::new(options, out);
    writer.out.bytes(DOCUMENT_START);
    if document.values.is_empty() {
        writer.out.bytes(b" />");
        return;
    }
    writer.out.bytes(b">");
    writer.indent += 1;
    for item in &document.values {
        writer.value(
            &item.value,
            item.stream.as_ref().map_or(Label::None, Label::Stream),
            1,
        );
    }
    writer.indent -= 1;
    writer.new_line();
    writer.out.bytes(DOCUMENT_END);
}

/// How deep sets of members may stand in each other. They do not count as levels of values, yet
/// are elements that a reader has to go into.
const SETS: usize = 64;

const OBJECT: Piece = Piece::of("<Obj RefId=\"");
const REFERENCE: Piece = Piece::of("<Ref RefId=\"");
const TYPE_NAMES: Piece = Piece::of("<TN RefId=\"");
const TYPE_NAMES_REFERENCE: Piece = Piece::of("<TNRef RefId=\"");

impl<'v> Writer<'v, '_> {
    fn value(&mut self, value: &'v Value, label: Label<'v>, level: usize) {
        match value {
            Value::Null => self.empty(Kind::Nil, label),
            Value::String(text) => self.string(Kind::String, text, label),
            Value::Uri(text) => self.string(Kind::Uri, text, label),
            Value::Xml(text) => self.string(Kind::Xml, text, label),
            Value::ScriptBlock(text) => self.string(Kind::ScriptBlock, text, label),
            Value::Char(unit) => self.unsigned(Kind::Char, *unit, label),
            Value::Byte(number) => self.unsigned(Kind::Byte, *number, label),
            Value::SByte(number) => self.signed(Kind::SByte, *number, label),
            Value::UInt16(number) => self.unsigned(Kind::UInt16, *number, label),
            Value::Int16(number) => self.signed(Kind::Int16, *number, label),
            Value::UInt32(number) => self.unsigned(Kind::UInt32, *number, label),
            Value::Int32(number) => self.signed(Kind::Int32, *number, label),
            Value::UInt64(number) => self.unsigned(Kind::UInt64, *number, label),
            Value::Int64(number) => self.signed(Kind::Int64, *number, label),
            Value::Bool(truth) => self.boolean(*truth, label),
            Value::DateTime(time) => self.element(Kind::DateTime, label, |out| {
                out.short(|room| time.write_to(room));
            }),
            Value::TimeSpan(span) => self.element(Kind::TimeSpan, label, |out| {
                out.short(|room| span.write_to(room));
            }),
            Value::Decimal(number) => self.display(Kind::Decimal, number, label),
            Value::Version(version) => self.display(Kind::Version, version, label),
            Value::Single(number) => self.element(Kind::Single, label, |out| {
                out.short(|room| write_single(*number, room));
            }),
            Value::Double(number) => self.element(Kind::Double, label, |out| {
                out.short(|room| write_double(*number, room));
            }),
            Value::Guid(guid) => self.element(Kind::Guid, label, |out| {
                out.short(|room| guid.hyphenated().encode_lower(room).len());
            }),
            Value::Bytes(bytes) if bytes.is_empty() => self.empty(Kind::Bytes, label),
            Value::Bytes(bytes) => self.element(Kind::Bytes, label, |out| out.base64(bytes)),
            Value::SecureString(text) => self.element(Kind::SecureString, label, |out| {
                write_plain(text.expose(), out);
            }),
            Value::Progress(progress) => self.progress(progress, label),
            Value::Reference(id) => match self.number_of(*id) {
                Some(number) => self.reference(number, label),
                None => self.empty(Kind::Nil, label),
            },
            Value::Object(object) => self.object(object, label, level),
        }
    }

    // Apart from `value`, which would make room for all that an object takes for every number.
    #[inline(never)]
    fn object(&mut self, object: &'v Object, label: Label<'v>, level: usize) {
        if level >= self.options.nesting && has_values_inside(object) {
            const TOO_DEEP: PsString =
                PsString::from_static("Serialized XML is nested too deeply.");
            return self.string(Kind::String, &TOO_DEEP, label);
        }
        let number = self.number(object.ref_id);
        self.open_with_id(Kind::Object, &OBJECT, label, number);
        let before = self.out.position();
        self.out.piece(&QUOTE_END);
        let start = self.out.position();
        self.indent += 1;
        if let Some(names) = &object.type_names {
            self.type_names(names);
        }
        match &object.to_string {
            Some(text) if text.is_empty() => self.empty(Kind::ToString, Label::None),
            Some(text) => self.string(Kind::ToString, text, Label::None),
            None => {}
        }
        if let Some(content) = &object.content {
            self.content(content, level);
        }
        if let Some(properties) = &object.adapted {
            self.container(
                Kind::Properties,
                Label::None,
                properties.is_empty(),
                |writer| {
                    for Property { name, value } in properties {
                        writer.value(value, Label::Name(name), level + 1);
                    }
                },
            );
        }
        if let Some(members) = &object.extended {
            self.members(members, Label::None, level, 0);
        }
        self.indent -= 1;
        if self.out.position() == start {
            // Nothing in it: the other form of the tag.
            self.out.take_back(before);
            self.out.piece(&QUOTE_EMPTY);
        } else {
            self.close(Kind::Object);
        }
    }

    /// The number on the wire of the object that comes next.
    fn number(&mut self, label: Option<RefId>) -> u32 {
        // Labels in the upper half are a reader's for ids that were no numbers.
        if let Some(RefId(number)) = label
            && number > self.next_object
            && number < 1 << 31
        {
            self.next_object = number;
        }
        let number = self.next_object;
        self.next_object = self.next_object.wrapping_add(1);
        if let Some(label) = label {
            self.numbers.get_or_insert_default().insert(label, number);
        }
        number
    }

    /// The number on the wire of an object that has come before.
    fn number_of(&self, label: RefId) -> Option<u32> {
        self.numbers.as_ref()?.get(&label).copied()
    }

    fn type_names(&mut self, names: &'v TypeNames) {
        let (number, is_new) = self.lists.number(names);
        if !is_new {
            self.open_with_id(
                Kind::TypeNamesReference,
                &TYPE_NAMES_REFERENCE,
                Label::None,
                number,
            );
            return self.out.piece(&QUOTE_EMPTY);
        }
        self.open_with_id(Kind::TypeNames, &TYPE_NAMES, Label::None, number);
        if names.is_empty() {
            return self.out.piece(&QUOTE_EMPTY);
        }
        self.out.piece(&QUOTE_END);
        self.indent += 1;
        for name in names.iter() {
            self.string(Kind::TypeName, name, Label::None);
        }
        self.indent -= 1;
        self.close(Kind::TypeNames);
    }

    fn content(&mut self, content: &'v Content, level: usize) {
        match content {
            Content::Value(Value::Null | Value::Reference(_)) => {}
            Content::Value(value) => self.value(value, Label::None, level + 1),
            Content::Items(kind, items) => {
                let kind = match kind {
                    ContainerKind::List => Kind::List,
                    ContainerKind::Stack => Kind::Stack,
                    ContainerKind::Queue => Kind::Queue,
                    ContainerKind::Enumerable => Kind::Enumerable,
                };
                self.container(kind, Label::None, items.is_empty(), |writer| {
                    for item in items {
                        writer.value(item, Label::None, level + 1);
                    }
                });
            }
            Content::Dictionary(entries) => {
                self.container(
                    Kind::Dictionary,
                    Label::None,
                    entries.is_empty(),
                    |writer| {
                        for (key, value) in entries {
                            let is_null = match key {
                                Value::Null => true,
                                Value::Reference(id) => writer.number_of(*id).is_none(),
                                _ => false,
                            };
                            if !is_null {
                                writer.container(Kind::Entry, Label::None, false, |writer| {
                                    writer.value(key, Label::Key, level + 1);
                                    writer.value(value, Label::Value, level + 1);
                                });
                            }
                        }
                    },
                );
            }
        }
    }

    fn members(&mut self, members: &'v [Member], label: Label<'v>, level: usize, sets: usize) {
        self.container(Kind::Members, label, members.is_empty(), |writer| {
            for member in members {
                match member {
                    Member::Property(property) if property.name.is_empty() => {}
                    Member::Property(property) => {
                        writer.value(&property.value, Label::Name(&property.name), level + 1);
                    }
                    Member::Set(name, _) if name.is_empty() || sets >= SETS => {}
                    Member::Set(name, inner) => {
                        writer.members(inner, Label::Name(name), level, sets + 1);
                    }
                }
            }
        });
    }

    #[inline(never)]
    fn progress(&mut self, progress: &'v Progress, label: Label<'v>) {
        self.container(Kind::Progress, label, false, |writer| {
            writer.string(Kind::Activity, &progress.activity, Label::None);
            writer.signed(Kind::ActivityId, progress.activity_id, Label::None);
            match &progress.current_operation {
                None => writer.empty(Kind::Nil, Label::None),
                Some(text) => writer.string(Kind::String, text, Label::None),
            }
            writer.signed(
                Kind::ParentActivityId,
                progress.parent_activity_id,
                Label::None,
            );
            writer.signed(
                Kind::PercentComplete,
                progress.percent_complete,
                Label::None,
            );
            writer.element(Kind::TypeName, Label::None, |out| {
                out.bytes(progress.kind.as_str().as_bytes());
            });
            writer.signed(
                Kind::SecondsRemaining,
                progress.seconds_remaining,
                Label::None,
            );
            writer.string(Kind::StatusDescription, &progress.status, Label::None);
        });
    }

    fn reference(&mut self, number: u32, label: Label<'v>) {
        self.open_with_id(Kind::Reference, &REFERENCE, label, number);
        self.out.piece(&QUOTE_EMPTY);
    }
}

fn has_values_inside(object: &Object) -> bool {
    let in_content = match &object.content {
        None => false,
        Some(Content::Value(value)) => matches!(value, Value::Object(_)),
        Some(Content::Items(_, items)) => !items.is_empty(),
        Some(Content::Dictionary(entries)) => !entries.is_empty(),
    };
    in_content
        || object
            .adapted
            .as_ref()
            .is_some_and(|properties| !properties.is_empty())
        || object
            .extended
            .as_ref()
            .is_some_and(|members| !members.is_empty())
}
