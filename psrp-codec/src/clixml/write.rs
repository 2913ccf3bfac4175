//! From values to XML, as PowerShell writes it.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "levels are bounded by the options and ids count objects that are in memory"
)]

use std::collections::HashMap;
use std::fmt;

use bytes::{BufMut, BytesMut};

use super::escape::{write_attribute, write_plain, write_text};
use super::number::{write_double, write_single};
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
    // Thousands of small pieces go faster into a vector, even with a copy in the end.
    let mut text = Vec::with_capacity(512);
    Writer::new(options, &mut text).value(value, Label::None, 1);
    out.extend_from_slice(&text);
}

pub(super) fn write_document_with(document: &Document, options: &WriteOptions, out: &mut BytesMut) {
    let mut text = Vec::with_capacity(512);
    write_values(document, options, &mut text);
    out.extend_from_slice(&text);
}

fn write_values(document: &Document, options: &WriteOptions, out: &mut Vec<u8>) {
    out.put_slice(DOCUMENT_START);
    if document.values.is_empty() {
        out.put_slice(b" />");
        return;
    }
    out.put_slice(b">");
    let mut writer = Writer::new(options, out);
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
    out.put_slice(DOCUMENT_END);
}

/// The attribute by which a value is known where it stands.
#[derive(Clone, Copy)]
enum Label<'v> {
    None,
    Name(&'v PsString),
    Stream(&'v PsString),
    Key,
    Value,
}

struct Writer<'v, 'o> {
    out: &'o mut Vec<u8>,
    options: WriteOptions,
    /// How many elements are open around what is written next.
    indent: usize,
    next_object: u32,
    numbers: HashMap<RefId, u32>,
    /// The lists of type names so far: by where they are, and by what they are.
    lists_in_memory: HashMap<usize, u32>,
    lists: HashMap<&'v [PsString], u32>,
    /// The list of the last object and its number: most often that of the next one too.
    last_list: Option<(&'v TypeNames, u32)>,
}

/// How deep sets of members may stand in each other. They do not count as levels of values, yet
/// are elements that a reader has to go into.
const SETS: usize = 64;

impl<'v, 'o> Writer<'v, 'o> {
    fn new(options: &WriteOptions, out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            options: WriteOptions {
                nesting: options.nesting.clamp(1, 128),
                ..*options
            },
            indent: 0,
            next_object: 0,
            numbers: HashMap::new(),
            lists_in_memory: HashMap::new(),
            lists: HashMap::new(),
            last_list: None,
        }
    }

    fn value(&mut self, value: &'v Value, label: Label<'v>, level: usize) {
        match value {
            Value::Null => self.empty("Nil", label),
            Value::String(text) => self.string(Kind::String, text, label),
            Value::Uri(text) => self.string(Kind::Uri, text, label),
            Value::Xml(text) => self.string(Kind::Xml, text, label),
            Value::ScriptBlock(text) => self.string(Kind::ScriptBlock, text, label),
            Value::Char(unit) => self.integer(Kind::Char, *unit, label),
            Value::Byte(number) => self.integer(Kind::Byte, *number, label),
            Value::SByte(number) => self.integer(Kind::SByte, *number, label),
            Value::UInt16(number) => self.integer(Kind::UInt16, *number, label),
            Value::Int16(number) => self.integer(Kind::Int16, *number, label),
            Value::UInt32(number) => self.integer(Kind::UInt32, *number, label),
            Value::Int32(number) => self.integer(Kind::Int32, *number, label),
            Value::UInt64(number) => self.integer(Kind::UInt64, *number, label),
            Value::Int64(number) => self.integer(Kind::Int64, *number, label),
            Value::Bool(truth) => self.element(Kind::Bool, label, |out| {
                out.put_slice(if *truth { b"true" } else { b"false" });
            }),
            Value::DateTime(time) => self.display(Kind::DateTime, time, label),
            Value::TimeSpan(span) => self.display(Kind::TimeSpan, span, label),
            Value::Decimal(number) => self.display(Kind::Decimal, number, label),
            Value::Version(version) => self.display(Kind::Version, version, label),
            Value::Single(number) => {
                self.element(Kind::Single, label, |out| write_single(*number, out));
            }
            Value::Double(number) => {
                self.element(Kind::Double, label, |out| write_double(*number, out));
            }
            Value::Guid(guid) => self.element(Kind::Guid, label, |out| {
                out.put_slice(guid.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
            }),
            Value::Bytes(bytes) if bytes.is_empty() => self.empty("BA", label),
            Value::Bytes(bytes) => self.element(Kind::Bytes, label, |out| write_base64(bytes, out)),
            Value::SecureString(text) => {
                self.element(Kind::SecureString, label, |out| {
                    write_plain(text.expose(), out)
                });
            }
            Value::Progress(progress) => self.progress(progress, label),
            Value::Reference(id) => match self.numbers.get(id).copied() {
                Some(number) => self.reference(number, label),
                None => self.empty("Nil", label),
            },
            Value::Object(object) => self.object(object, label, level),
        }
    }

    fn object(&mut self, object: &'v Object, label: Label<'v>, level: usize) {
        if level >= self.options.nesting && has_values_inside(object) {
            const TOO_DEEP: PsString =
                PsString::from_static("Serialized XML is nested too deeply.");
            self.element(Kind::String, label, |out| write_text(&TOO_DEEP, out));
            return;
        }
        let number = self.number(object.ref_id);
        self.new_line();
        self.out.put_slice(b"<Obj");
        self.label(label);
        self.out.put_slice(b" RefId=\"");
        self.out
            .put_slice(itoa::Buffer::new().format(number).as_bytes());
        let before = self.out.len();
        self.out.put_slice(b"\">");
        let start = self.out.len();
        self.indent += 1;
        if let Some(names) = &object.type_names {
            self.type_names(names);
        }
        match &object.to_string {
            Some(text) if text.is_empty() => self.empty("ToString", Label::None),
            Some(text) => self.string(Kind::ToString, text, Label::None),
            None => {}
        }
        if let Some(content) = &object.content {
            self.content(content, level);
        }
        if let Some(properties) = &object.adapted {
            self.container("Props", Label::None, properties.is_empty(), |writer| {
                for Property { name, value } in properties {
                    writer.value(value, Label::Name(name), level + 1);
                }
            });
        }
        if let Some(members) = &object.extended {
            self.members(members, Label::None, level, 0);
        }
        self.indent -= 1;
        if self.out.len() == start {
            // Nothing in it: the other form of the tag.
            self.out.truncate(before);
            self.out.put_slice(b"\" />");
        } else {
            self.new_line();
            self.out.put_slice(b"</Obj>");
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
            self.numbers.insert(label, number);
        }
        number
    }

    fn type_names(&mut self, names: &'v TypeNames) {
        if let Some((last, number)) = self.last_list
            && last.is_same(names)
        {
            return self.list_reference(number);
        }
        let next = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        let number = match self.lists_in_memory.get(&names.address()) {
            Some(number) => *number,
            None => {
                let number = *self.lists.entry(names).or_insert(next);
                self.lists_in_memory.insert(names.address(), number);
                number
            }
        };
        self.last_list = Some((names, number));
        if number != next {
            return self.list_reference(number);
        }
        self.new_line();
        self.out.put_slice(b"<TN RefId=\"");
        self.out
            .put_slice(itoa::Buffer::new().format(number).as_bytes());
        if names.is_empty() {
            self.out.put_slice(b"\" />");
            return;
        }
        self.out.put_slice(b"\">");
        self.indent += 1;
        for name in names.iter() {
            self.string(Kind::TypeName, name, Label::None);
        }
        self.indent -= 1;
        self.new_line();
        self.out.put_slice(b"</TN>");
    }

    fn list_reference(&mut self, number: u32) {
        self.new_line();
        self.out.put_slice(b"<TNRef RefId=\"");
        self.out
            .put_slice(itoa::Buffer::new().format(number).as_bytes());
        self.out.put_slice(b"\" />");
    }

    fn content(&mut self, content: &'v Content, level: usize) {
        match content {
            Content::Value(Value::Null | Value::Reference(_)) => {}
            Content::Value(value) => self.value(value, Label::None, level + 1),
            Content::Items(kind, items) => {
                let tag = match kind {
                    ContainerKind::List => "LST",
                    ContainerKind::Stack => "STK",
                    ContainerKind::Queue => "QUE",
                    ContainerKind::Enumerable => "IE",
                };
                self.container(tag, Label::None, items.is_empty(), |writer| {
                    for item in items {
                        writer.value(item, Label::None, level + 1);
                    }
                });
            }
            Content::Dictionary(entries) => {
                self.container("DCT", Label::None, entries.is_empty(), |writer| {
                    for (key, value) in entries {
                        let is_null = match key {
                            Value::Null => true,
                            Value::Reference(id) => !writer.numbers.contains_key(id),
                            _ => false,
                        };
                        if !is_null {
                            writer.container("En", Label::None, false, |writer| {
                                writer.value(key, Label::Key, level + 1);
                                writer.value(value, Label::Value, level + 1);
                            });
                        }
                    }
                });
            }
        }
    }

    fn members(&mut self, members: &'v [Member], label: Label<'v>, level: usize, sets: usize) {
        self.container("MS", label, members.is_empty(), |writer| {
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

    /// An element with others in it.
    fn container(
        &mut self,
        tag: &'static str,
        label: Label<'v>,
        empty: bool,
        inside: impl FnOnce(&mut Self),
    ) {
        if empty {
            return self.empty(tag, label);
        }
        self.new_line();
        self.out.put_u8(b'<');
        self.out.put_slice(tag.as_bytes());
        self.label(label);
        self.out.put_u8(b'>');
        self.indent += 1;
        inside(self);
        self.indent -= 1;
        self.new_line();
        self.out.put_slice(b"</");
        self.out.put_slice(tag.as_bytes());
        self.out.put_u8(b'>');
    }

    fn progress(&mut self, progress: &'v Progress, label: Label<'v>) {
        self.container("PR", label, false, |writer| {
            writer.string(Kind::Activity, &progress.activity, Label::None);
            writer.integer(Kind::ActivityId, progress.activity_id, Label::None);
            match &progress.current_operation {
                None => writer.empty("Nil", Label::None),
                Some(text) => writer.string(Kind::String, text, Label::None),
            }
            writer.integer(
                Kind::ParentActivityId,
                progress.parent_activity_id,
                Label::None,
            );
            writer.integer(
                Kind::PercentComplete,
                progress.percent_complete,
                Label::None,
            );
            writer.element(Kind::TypeName, Label::None, |out| {
                out.put_slice(progress.kind.as_str().as_bytes());
            });
            writer.integer(
                Kind::SecondsRemaining,
                progress.seconds_remaining,
                Label::None,
            );
            writer.string(Kind::StatusDescription, &progress.status, Label::None);
        });
    }

    fn reference(&mut self, number: u32, label: Label<'v>) {
        self.new_line();
        self.out.put_slice(b"<Ref");
        self.label(label);
        self.out.put_slice(b" RefId=\"");
        self.out
            .put_slice(itoa::Buffer::new().format(number).as_bytes());
        self.out.put_slice(b"\" />");
    }

    fn string(&mut self, kind: Kind, text: &PsString, label: Label<'v>) {
        self.element(kind, label, |out| write_text(text, out));
    }

    fn integer(&mut self, kind: Kind, number: impl itoa::Integer, label: Label<'v>) {
        self.element(kind, label, |out| {
            out.put_slice(itoa::Buffer::new().format(number).as_bytes());
        });
    }

    fn display(&mut self, kind: Kind, value: &impl fmt::Display, label: Label<'v>) {
        self.element(kind, label, |out| {
            // Writing to memory does not fail.
            let _ = std::io::Write::write_fmt(out, format_args!("{value}"));
        });
    }

    /// An element with text in it.
    #[inline]
    fn element(&mut self, kind: Kind, label: Label<'v>, text: impl FnOnce(&mut Vec<u8>)) {
        let tags = kind.tags();
        self.new_line();
        match label {
            Label::None => self.out.extend_from_slice(tags.open.as_bytes()),
            Label::Name(name) => {
                self.out.extend_from_slice(tags.named.as_bytes());
                write_attribute(name, self.out);
                self.out.extend_from_slice(b"\">");
            }
            Label::Stream(_) | Label::Key | Label::Value => {
                self.out.push(b'<');
                self.out.extend_from_slice(kind.tag().as_bytes());
                self.label(label);
                self.out.push(b'>');
            }
        }
        text(self.out);
        self.out.extend_from_slice(tags.close.as_bytes());
    }

    fn empty(&mut self, tag: &'static str, label: Label<'v>) {
        self.new_line();
        self.out.put_u8(b'<');
        self.out.put_slice(tag.as_bytes());
        self.label(label);
        self.out.put_slice(b" />");
    }

    #[inline]
    fn label(&mut self, label: Label<'v>) {
        match label {
            Label::None => return,
            Label::Key => return self.out.put_slice(b" N=\"Key\""),
            Label::Value => return self.out.put_slice(b" N=\"Value\""),
            Label::Name(name) => {
                self.out.put_slice(b" N=\"");
                write_attribute(name, self.out);
            }
            Label::Stream(name) => {
                self.out.put_slice(b" S=\"");
                write_attribute(name, self.out);
            }
        }
        self.out.put_u8(b'"');
    }

    #[inline]
    fn new_line(&mut self) {
        // The root of the bare form has nothing before it; that of a document is never here.
        if self.options.indented && !self.out.is_empty() {
            self.out.put_u8(b'\n');
            self.out.put_bytes(b' ', 2 * self.indent);
        }
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

fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    // In pieces that encode without padding between them.
    let mut text = [0; 4096];
    for chunk in bytes.chunks(text.len() / 4 * 3) {
        let encoded =
            base64_simd::STANDARD.encode_as_str(chunk, base64_simd::Out::from_slice(&mut text));
        out.put_slice(encoded.as_bytes());
    }
}
