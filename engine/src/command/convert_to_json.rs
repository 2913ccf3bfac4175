//! ConvertTo-Json.

use super::object::{self, text_of};
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::convert::elements_of;
use crate::value::date::{DateCulture, format_date_time};
use crate::value::number::{INVARIANT, double_round_trip, single_round_trip};
use crate::value::{DateTimeKind, ErrorCategory, TypeId, TypeRef, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "ConvertTo-Json",
    "Microsoft.PowerShell.Commands.ConvertToJsonCommand",
    || Box::new(ConvertToJson::default()),
)
.output_types(&["System.String"])
.parameters(&[
    Parameter::new("InputObject", "object")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyString,
            Validate::AllowEmptyCollection,
        ]),
    Parameter::new("Depth", "int").validate(&[Validate::Range(0, 100)]),
    Parameter::switch("Compress"),
    Parameter::switch("EnumsAsStrings"),
    Parameter::switch("AsArray"),
    Parameter::new("EscapeHandling", "string").validate(&[Validate::Set(&[
        "Default",
        "EscapeNonAscii",
        "EscapeHtml",
    ])]),
]);

#[derive(Default)]
struct ConvertToJson {
    items: Vec<Value>,
}

impl Command for ConvertToJson {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.items.push(cx.value("InputObject"));
        cx.machine
            .charge_bytes(size_of::<Value>())
            .map_err(Flow::from)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut items = std::mem::take(&mut self.items);
        if items.is_empty() {
            return Ok(());
        }
        let value = if items.len() > 1 || cx.is_set("AsArray") {
            Value::array(items)
        } else {
            items.pop().unwrap_or_default()
        };
        let escape = match cx
            .text("EscapeHandling")
            .as_deref()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("escapenonascii") => Escape::NonAscii,
            Some("escapehtml") => Escape::Html,
            _ => Escape::Default,
        };
        let mut writer = Writer {
            out: String::new(),
            limit: cx.integer("Depth").unwrap_or(2),
            compress: cx.is_set("Compress"),
            enums_as_texts: cx.is_set("EnumsAsStrings"),
            escape,
            truncated: false,
            charged: 0,
        };
        writer.value(cx, &value, 0)?;
        if writer.truncated {
            let message = format!(
                "Resulting JSON is truncated as serialization has exceeded the set depth of {}.",
                writer.limit
            );
            cx.warning(message)?;
        }
        cx.write(Value::from(writer.out))
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Escape {
    Default,
    NonAscii,
    Html,
}

struct Writer {
    out: String,
    /// How deep containers may be within each other; what is deeper becomes text.
    limit: i64,
    compress: bool,
    enums_as_texts: bool,
    escape: Escape,
    truncated: bool,
    charged: usize,
}

impl Writer {
    fn value(&mut self, cx: &mut CommandContext<'_, '_>, value: &Value, depth: i64) -> Run {
        cx.checkpoint()?;
        if self.out.len() > self.charged + 4096 {
            cx.machine
                .charge_bytes(self.out.len() - self.charged)
                .map_err(Flow::from)?;
            self.charged = self.out.len();
        }
        // Members that a script gave to a scalar turn it into an object, except for texts and dates.
        match value.base() {
            Value::Null | Value::Nothing => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Double(number) => {
                self.number(double_round_trip(*number, &INVARIANT), number.is_finite())
            }
            Value::Single(number) => {
                self.number(single_round_trip(*number, &INVARIANT), number.is_finite())
            }
            Value::Decimal(number) => self.number(number.to_string(), true),
            Value::Byte(_)
            | Value::SByte(_)
            | Value::Int16(_)
            | Value::UInt16(_)
            | Value::Int32(_)
            | Value::UInt32(_)
            | Value::Int64(_)
            | Value::UInt64(_)
            | Value::BigInt(_) => {
                let text = text_of(value.base(), cx.machine)?;
                self.out.push_str(&text);
            }
            Value::String(text) => self.text(text),
            Value::Char(_) | Value::Guid(_) | Value::ScriptBlock(_) | Value::Type(_) => {
                match value.base() {
                    Value::Char(_) | Value::Guid(_) => {
                        let text = text_of(value.base(), cx.machine)?;
                        self.text(&text);
                    }
                    _ => return self.object(cx, value, depth),
                }
            }
            Value::DateTime(date) => {
                let mut text = format_date_time(
                    *date,
                    None,
                    "yyyy-MM-ddTHH:mm:ss.FFFFFFF",
                    DateCulture::Invariant,
                )
                .unwrap_or_default();
                match date.kind {
                    DateTimeKind::Utc => text.push('Z'),
                    DateTimeKind::Local => text.push_str(
                        &format_date_time(*date, None, "zzz", DateCulture::Invariant)
                            .unwrap_or_default(),
                    ),
                    DateTimeKind::Unspecified => {}
                }
                self.text(&text);
            }
            Value::Enum(number) if self.enums_as_texts => self.text(&number.text()),
            Value::Enum(number) => self.out.push_str(&number.bits.to_string()),
            base => {
                let is = |id| base.type_ref().is_some_and(|ty: TypeRef| ty.is(id));
                if is(TypeId::Uri)
                    || is(TypeId::SwitchParameter)
                    || is(TypeId::BigInteger)
                    || is(TypeId::SemanticVersion)
                {
                    let text = text_of(base, cx.machine)?;
                    if is(TypeId::SwitchParameter) {
                        return self.object(cx, value, depth);
                    }
                    self.text(&text);
                } else if is(TypeId::DBNull) {
                    self.out.push_str("null");
                } else {
                    return self.container(cx, value, depth);
                }
            }
        }
        Ok(())
    }

    fn container(&mut self, cx: &mut CommandContext<'_, '_>, value: &Value, depth: i64) -> Run {
        if depth > self.limit {
            return self.cut(cx, value);
        }
        if let Value::Hash(table) = value.base() {
            let mut entries = Vec::with_capacity(table.len());
            for (key, item) in table.entries() {
                let Some(name) = key.as_text().cloned() else {
                    let name = value.type_name();
                    let message = format!(
                        "The type '{name}' is not supported for serialization or deserialization of a dictionary. Keys must be strings."
                    );
                    return Err(cx.fail(
                        TypeId::InvalidOperationException,
                        message,
                        "NonStringKeyInDictionary",
                        ErrorCategory::InvalidOperation,
                        Value::String(name),
                    ));
                };
                entries.push((name, item));
            }
            return self.members(cx, &entries, depth);
        }
        match elements_of(value) {
            Some(items) => self.items(cx, &items, depth),
            None => self.object(cx, value, depth),
        }
    }

    fn object(&mut self, cx: &mut CommandContext<'_, '_>, value: &Value, depth: i64) -> Run {
        if depth > self.limit {
            return self.cut(cx, value);
        }
        let mut entries = Vec::new();
        for name in object::property_names(value) {
            let item = object::property_or_null(value, &name, cx.machine)?;
            entries.push((name, item));
        }
        self.members(cx, &entries, depth)
    }

    fn cut(&mut self, cx: &mut CommandContext<'_, '_>, value: &Value) -> Run {
        self.truncated = true;
        let text = text_of(value, cx.machine)?;
        self.text(&text);
        Ok(())
    }

    fn items(&mut self, cx: &mut CommandContext<'_, '_>, items: &[Value], depth: i64) -> Run {
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.value(cx, item, depth + 1)?;
        }
        self.line(depth);
        self.out.push(']');
        Ok(())
    }

    fn members(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        entries: &[(crate::value::Text, Value)],
        depth: i64,
    ) -> Run {
        if entries.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.out.push('{');
        for (index, (name, item)) in entries.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.text(name);
            self.out.push_str(if self.compress { ":" } else { ": " });
            self.value(cx, item, depth + 1)?;
        }
        self.line(depth);
        self.out.push('}');
        Ok(())
    }

    fn line(&mut self, depth: i64) {
        if !self.compress {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str("  ");
            }
        }
    }

    /// A number with a fraction keeps one even where it is whole.
    fn number(&mut self, text: String, finite: bool) {
        if !finite {
            return self.text(&text);
        }
        let whole = !text.contains(['.', 'E', 'e']);
        self.out.push_str(&text);
        if whole {
            self.out.push_str(".0");
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{0}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.escaped(letter),
                '<' | '>' | '&' | '\'' if self.escape == Escape::Html => self.escaped(letter),
                letter if !letter.is_ascii() && self.escape == Escape::NonAscii => {
                    self.escaped(letter)
                }
                letter => self.out.push(letter),
            }
        }
        self.out.push('"');
    }

    fn escaped(&mut self, letter: char) {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}
