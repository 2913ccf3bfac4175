//! The text of a property in a table or list.

use super::cell::{ELLIPSIS, plain};
use super::properties::{property, property_names};
use crate::value::clr_types::DictionaryEntry;
use crate::value::composite::{Culture, format, format_value};
use crate::value::convert::{clr_text, elements_of, to_text};
use crate::value::number;
use crate::value::{Context, Raise, Text, TypeId, Value};

/// What the texts of values depend on.
#[derive(Clone, Debug)]
pub(super) struct TextRules {
    /// How many items of a collection are shown; all of them if `None`.
    pub(super) enumeration_limit: Option<usize>,
    /// Whether escape sequences stay in.
    pub(super) ansi: bool,
}

impl TextRules {
    /// The text of a property's value, with a .NET format if a column has one. Tables show fractions with as many digits as the
    /// culture has; lists show them as they are.
    pub(super) fn property_text(
        &self,
        value: &Value,
        specifier: Option<&str>,
        in_table: bool,
        cx: &mut dyn Context,
    ) -> Result<String, Raise> {
        let text = match specifier {
            Some(specifier) if !value.is_null() => formatted(value, specifier, cx)?,
            _ if in_table && is_fraction(value.base()) => {
                match number::format(value.base(), "F", &number::EN_US) {
                    Some(Some(text)) => text.into(),
                    _ => single_text(value, cx)?,
                }
            }
            _ => self.value_text(value, cx)?,
        };
        Ok(if self.ansi {
            text.as_str().to_owned()
        } else {
            plain(&text)
        })
    }

    /// The text of a value, collections between braces.
    fn value_text(&self, value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
        let Some(items) = enumerated(value) else {
            return single_text(value, cx);
        };
        let mut text = String::from("{");
        for (index, item) in items.iter().enumerate() {
            if self.enumeration_limit == Some(index) {
                text.push(ELLIPSIS);
                break;
            }
            if index > 0 {
                text.push_str(", ");
            }
            text.push_str(&item_text(item, cx)?);
        }
        text.push('}');
        Ok(text.into())
    }
}

/// What the formatter enumerates: dictionaries too, as their entries.
pub(super) fn enumerated(value: &Value) -> Option<Vec<Value>> {
    match value.base() {
        Value::Hash(table) => {
            let types = match table.kind() {
                crate::value::HashKind::Generic { key, value, .. } => {
                    Some([key.clone(), value.clone()])
                }
                _ => None,
            };
            let entry = |(key, value)| Value::clr(DictionaryEntry::new(key, value, types.clone()));
            Some(table.entries().into_iter().map(entry).collect())
        }
        _ => elements_of(value),
    }
}

/// The text of one value that is no collection: of numbers the 15 digits that PowerShell shows, of dates what the culture writes.
pub(super) fn single_text(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    match value.base() {
        Value::DateTime(_) | Value::Type(_) => Ok(clr_text(value.base())),
        Value::Double(number) if !number.is_finite() => Ok(clr_text(value.base())),
        Value::Single(number) if !number.is_finite() => Ok(clr_text(value.base())),
        _ => to_text(value, cx),
    }
}

fn is_fraction(value: &Value) -> bool {
    matches!(
        value,
        Value::Single(_) | Value::Double(_) | Value::Decimal(_)
    )
}

/// `yyyy-MM-dd` and `N2` as well as `{0:N2}`.
fn formatted(value: &Value, specifier: &str, cx: &mut dyn Context) -> Result<Text, Raise> {
    if specifier.contains("{0") {
        let arguments = std::slice::from_ref(value);
        return match format(specifier, arguments, Culture::EnUs, cx) {
            Ok(Ok(text)) => Ok(text.into()),
            Ok(Err(_)) | Err(Raise::Error(_)) => single_text(value, cx),
            Err(flow) => Err(flow),
        };
    }
    match format_value(value, specifier, Culture::EnUs, cx)? {
        Ok(text) => Ok(text),
        Err(_) => single_text(value, cx),
    }
}

/// The text of an item of a collection: objects whose type has no text of its own are shown by their name.
fn item_text(item: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    match item.base() {
        Value::Null | Value::Nothing => return Ok("$null".into()),
        Value::Clr(object) if !object.type_ref().is(TypeId::DictionaryEntry) => {
            // The groups of a match have a text, which .NET inherits and PowerShell therefore does not show.
            let own_text = object.type_ref().full_name() != object.text()
                && !matches!(object.type_ref().static_name(), GROUP | MATCH);
            if !own_text && let Some(name) = display_name(item, cx)? {
                return to_text(&name, cx);
            }
        }
        Value::Clr(object) => {
            if let Some(entry) = object.as_ref().downcast::<DictionaryEntry>() {
                let (key, value) = (to_text(entry.key(), cx)?, entry_text(&entry.value(), cx)?);
                return Ok(format!("[{key}, {value}]").into());
            }
        }
        _ => {}
    }
    single_text(item, cx)
}

const GROUP: &str = "System.Text.RegularExpressions.Group";
const MATCH: &str = "System.Text.RegularExpressions.Match";

/// .NET writes the types of containers inside an entry.
fn entry_text(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    match value.base() {
        Value::Array(_) | Value::List(_) | Value::Hash(_) => Ok(clr_text(value.base())),
        _ => single_text(value, cx),
    }
}

/// The property by which an object is known: a name, an id or a key.
fn display_name(item: &Value, cx: &mut dyn Context) -> Result<Option<Value>, Raise> {
    let names = property_names(item);
    let found = ["name", "id", "key"]
        .iter()
        .find_map(|wanted| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)))
        .or_else(|| {
            ["key", "name", "id"].iter().find_map(|end| {
                names
                    .iter()
                    .find(|name| name.to_ascii_lowercase().ends_with(end))
            })
        });
    match found {
        Some(name) => property(item, name, cx),
        None => Ok(None),
    }
}
