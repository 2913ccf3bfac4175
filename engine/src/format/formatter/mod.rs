//! Objects in, text out, as they come.

mod document;

use std::sync::Arc;

use document::Document;

use super::error_view::{ErrorView, record_text};
use super::layout::{Expansion, FormatEntry, Layout, Shape};
use super::line::line_text;
use super::list::list_lines;
use super::properties::{property_names, type_names};
use super::text::{TextRules, enumerated, single_text};
use crate::value::{Context, Detached, Raise, Text, TypeId, Value};

/// How output is formatted.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// The width of the screen in columns. Defaults to 120.
    pub width: usize,
    /// How many items of a collection are shown in a property, `$FormatEnumerationLimit`; all if `None`. Defaults to 4.
    pub enumeration_limit: Option<usize>,
    /// Whether headers and errors are coloured. Defaults to false.
    pub ansi: bool,
    /// How errors are shown. Defaults to [`ErrorView::Concise`].
    pub error_view: ErrorView,
    /// What is asked for; by the first object if nothing is. Defaults to that.
    pub layout: Layout,
    /// How many rows of a table are kept back, so that its columns become as wide as what is in them. Defaults to 1,000.
    pub buffered_rows: usize,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            width: 120,
            enumeration_limit: Some(4),
            ansi: false,
            error_view: ErrorView::default(),
            layout: Layout::default(),
            buffered_rows: 1_000,
        }
    }
}

impl FormatOptions {
    /// The defaults for a screen of `width` columns.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Turns colours on or off.
    #[must_use]
    pub fn ansi(mut self, ansi: bool) -> Self {
        self.ansi = ansi;
        self
    }

    /// Asks for a shape.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.layout = Layout::of(shape);
        self
    }

    pub(super) fn rules(&self) -> TextRules {
        TextRules {
            enumeration_limit: self.enumeration_limit,
            ansi: self.ansi,
        }
    }
}

/// Turns objects into the text that PowerShell shows for them.
///
/// The first object decides how all are shown. A table whose columns are as wide as their content is kept back until
/// [`Formatter::flush`], the end, or [`FormatOptions::buffered_rows`]; after that the columns stay as they are.
///
/// ```
/// use engine::format::{FormatOptions, Formatter};
/// use engine::value::{Members, PsObj, Value};
///
/// let members: Members = [("Name", Value::from("alpha")), ("Value", Value::Int32(1))].into_iter().collect();
/// let mut formatter = Formatter::new(FormatOptions::new(80));
/// let mut text = formatter.push(&Value::Object(PsObj::custom(members).into()));
/// text += &formatter.finish();
/// assert_eq!(text, "\nName  Value\n----  -----\nalpha     1\n\n");
/// ```
#[derive(Debug)]
pub struct Formatter {
    options: FormatOptions,
    own: Arc<Layout>,
    document: Option<Document>,
    out: String,
}

impl Formatter {
    /// A formatter that has seen nothing yet.
    #[must_use]
    pub fn new(options: FormatOptions) -> Self {
        let own = Arc::new(options.layout.clone());
        Self {
            options,
            own,
            document: None,
            out: String::new(),
        }
    }

    /// Takes one object and gives the text that is ready. Script properties stay empty, as there is nothing to run them.
    pub fn push(&mut self, value: &Value) -> String {
        // Nothing runs in a detached context, so nothing can end it either.
        self.push_in(value, &mut Detached).unwrap_or_default()
    }

    /// Takes one object and gives the text that is ready; script properties run in `cx`.
    ///
    /// # Errors
    /// Only what ends the script, such as a stop request.
    pub fn push_in(&mut self, value: &Value, cx: &mut dyn Context) -> Result<String, Raise> {
        if let Some(entry) = value.as_clr::<FormatEntry>() {
            match &entry.value {
                Some(inner) => self.top_level(inner, &Arc::clone(&entry.layout), cx)?,
                None => self.end_document(),
            }
        } else {
            let layout = Arc::clone(&self.own);
            self.top_level(value, &layout, cx)?;
        }
        Ok(std::mem::take(&mut self.out))
    }

    /// Gives the rows that were kept back; the columns of the table are fixed from now on.
    pub fn flush(&mut self) -> String {
        if let Some(document) = &mut self.document {
            document.lay_out(&mut self.out);
        }
        std::mem::take(&mut self.out)
    }

    /// Gives the rest of the text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.end_document();
        self.out
    }

    fn end_document(&mut self) {
        if let Some(document) = self.document.take() {
            document.finish(&mut self.out);
        }
    }

    fn top_level(
        &mut self,
        value: &Value,
        layout: &Arc<Layout>,
        cx: &mut dyn Context,
    ) -> Result<(), Raise> {
        if value.is_null() {
            return Ok(());
        }
        if self
            .document
            .as_ref()
            .is_some_and(|document| !document.is_for(layout))
        {
            self.end_document();
        }
        let Some(items) = enumerated(value) else {
            return self.object(value, layout, cx);
        };
        if layout.expand != Expansion::EnumOnly {
            self.object(value, layout, cx)?;
        }
        if layout.expand != Expansion::CoreOnly {
            for item in &items {
                cx.checkpoint()?;
                self.object(item, layout, cx)?;
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        value: &Value,
        layout: &Arc<Layout>,
        cx: &mut dyn Context,
    ) -> Result<(), Raise> {
        if !layout.force
            && let Some(text) = self.out_of_band(value, cx)?
        {
            self.verbatim(&text);
            return Ok(());
        }
        if let Some(document) = &self.document
            && !document.accepts(value)
        {
            let text = self.stray(value, cx)?;
            self.verbatim(&text);
            return Ok(());
        }
        let document = match &mut self.document {
            Some(document) => document,
            none => none.insert(Document::start(
                value,
                layout,
                &self.options,
                &mut self.out,
                cx,
            )?),
        };
        document.entry(value, &mut self.out, cx)
    }

    /// The text of what never becomes part of a table or list: strings, numbers, errors, objects without properties.
    fn out_of_band(&self, value: &Value, cx: &mut dyn Context) -> Result<Option<String>, Raise> {
        if let Some(mut line) = line_text(value, cx)?.map(|line| line.as_str().to_owned()) {
            line.push('\n');
            return Ok(Some(line));
        }
        if let Some(text) = record_text(value, self.options.error_view, self.options.ansi, cx)? {
            return Ok(Some(text));
        }
        let has_properties = || !property_names(value).is_empty() || is_opaque(value);
        if !is_scalar(value) && has_properties() {
            return Ok(None);
        }
        let mut text = single_text(value, cx)?.as_str().to_owned();
        text.push('\n');
        Ok(Some(text))
    }

    /// An object that the view of the others is not for: a list of its own between them.
    fn stray(&self, value: &Value, cx: &mut dyn Context) -> Result<String, Raise> {
        let fields = document::own_fields(value, cx)?;
        let mut text = String::from("\n");
        let lines = list_lines(
            &fields,
            value,
            self.options.width,
            &self.options.rules(),
            cx,
        )?;
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        text.push('\n');
        Ok(text)
    }

    fn verbatim(&mut self, text: &str) {
        match &mut self.document {
            Some(document) => document.verbatim(text, &mut self.out),
            None => self.out.push_str(text),
        }
    }
}

/// Values that are their text, whatever properties they have.
fn is_scalar(value: &Value) -> bool {
    match value.base() {
        Value::Null
        | Value::Nothing
        | Value::Bool(_)
        | Value::Byte(_)
        | Value::SByte(_)
        | Value::Int16(_)
        | Value::UInt16(_)
        | Value::Int32(_)
        | Value::UInt32(_)
        | Value::Int64(_)
        | Value::UInt64(_)
        | Value::Single(_)
        | Value::Double(_)
        | Value::Decimal(_)
        | Value::BigInt(_)
        | Value::Char(_)
        | Value::String(_)
        | Value::Enum(_)
        | Value::ScriptBlock(_) => true,
        Value::Clr(object) => {
            object.type_ref().is(TypeId::SecureString)
                || type_names(value).iter().any(is_message_record)
        }
        _ => type_names(value).first().is_some_and(is_message_record),
    }
}

/// .NET objects whose properties PowerShell does not see, and which it nevertheless shows as a table: an empty one.
fn is_opaque(value: &Value) -> bool {
    let Value::Clr(object) = value.base() else {
        return false;
    };
    matches!(
        object.type_ref().static_name(),
        "System.Management.Automation.WildcardPattern"
            | "System.Management.Automation.Language.NullString"
    )
}

/// Records of the other streams, merged into the output.
fn is_message_record(name: &Text) -> bool {
    matches!(
        super::properties::live_name(name),
        "System.Management.Automation.WarningRecord"
            | "System.Management.Automation.VerboseRecord"
            | "System.Management.Automation.DebugRecord"
            | "System.Management.Automation.InformationalRecord"
            | "System.Management.Automation.InformationRecord"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{ErrorCategory, ErrorRecord, Exception, Hashtable, Members, PsObj, TypeRef};

    fn bag<const N: usize>(notes: [(&str, Value); N]) -> Value {
        Value::Object(Arc::new(PsObj::custom(
            notes.into_iter().collect::<Members>(),
        )))
    }

    fn typed<const N: usize>(ty: &str, notes: [(&str, Value); N]) -> Value {
        let object = PsObj::custom(notes.into_iter().collect::<Members>());
        object.extended().set_type_names(vec![ty.into()]);
        Value::Object(Arc::new(object))
    }

    fn shown(values: &[Value], options: FormatOptions) -> String {
        let mut formatter = Formatter::new(options);
        let mut text: String = values.iter().map(|value| formatter.push(value)).collect();
        text += &formatter.finish();
        text
    }

    fn plain(values: &[Value], width: usize) -> String {
        shown(values, FormatOptions::new(width))
    }

    #[test]
    fn up_to_four_properties_make_a_table_and_more_a_list() {
        let four = bag([
            ("Name", "alpha".into()),
            ("Value", Value::Int32(1)),
            ("Other", Value::Bool(true)),
            ("Last", "zz".into()),
        ]);
        assert_eq!(
            plain(&[four], 20),
            "\nName  Value Other La\n                  st\n----  ----- ----- --\nalpha     1  True zz\n\n"
        );
        let five = bag([
            ("A", Value::Int32(1)),
            ("B", Value::Double(2.5)),
            ("C", Value::Null),
            (
                "D",
                Value::array(vec![1.into(), 2.into(), 3.into(), 4.into(), 5.into()]),
            ),
            ("Ee", "x".into()),
        ]);
        assert_eq!(
            plain(&[five], 80),
            "\nA  : 1\nB  : 2.5\nC  : \nD  : {1, 2, 3, 4…}\nEe : x\n\n"
        );
    }

    #[test]
    fn headers_are_coloured_where_that_is_asked_for() {
        let two = bag([("Name", "alpha".into()), ("Value", Value::Int32(1))]);
        assert_eq!(
            shown(&[two], FormatOptions::new(80).ansi(true)),
            "\n\u{1b}[32;1mName \u{1b}[0m\u{1b}[32;1m Value\u{1b}[0m\n\u{1b}[32;1m---- \u{1b}[0m \u{1b}[32;1m-----\u{1b}[0m\nalpha     1\n\n"
        );
    }

    #[test]
    fn text_stands_between_the_rows_of_a_table() {
        let row = |a: i32, b: i32| bag([("a", Value::Int32(a)), ("b", Value::Int32(b))]);
        assert_eq!(
            plain(
                &[
                    "first".into(),
                    row(1, 2),
                    "mid".into(),
                    row(2, 3),
                    "last".into()
                ],
                80
            ),
            "first\n\na b\n- -\n1 2\nmid\n2 3\nlast\n\n"
        );
    }

    #[test]
    fn an_object_that_a_view_is_not_for_gets_a_list_of_its_own() {
        let table = Hashtable::ordered();
        table.insert("a".into(), Value::Int32(1));
        assert_eq!(
            plain(
                &[Value::Hash(Arc::new(table)), bag([("x", Value::Int32(1))])],
                80
            ),
            "\nName                           Value\n----                           -----\na                              1\n\nx : 1\n\n\n"
        );
    }

    #[test]
    fn views_are_found_without_the_prefix_of_the_wire() {
        let service = typed(
            "Deserialized.System.ServiceProcess.ServiceController",
            [
                ("Status", "Stopped".into()),
                ("Name", "averyveryverylongservicename".into()),
                ("DisplayName", "A".into()),
            ],
        );
        assert_eq!(
            plain(&[service], 80),
            "\nStatus   Name               DisplayName\n------   ----               -----------\nStopped  averyveryverylong… A\n\n"
        );
    }

    #[test]
    fn the_computer_is_shown_where_the_object_says_so() {
        let row = |shown: bool| {
            bag([
                ("a", Value::Int32(1)),
                ("PSComputerName", "host1".into()),
                ("PSShowComputerName", Value::Bool(shown)),
            ])
        };
        assert_eq!(
            plain(&[row(true)], 80),
            "\na PSComputerName\n- --------------\n1 host1\n\n"
        );
        assert_eq!(plain(&[row(false)], 80), "\na\n-\n1\n\n");
    }

    #[test]
    fn a_flushed_table_keeps_its_columns() {
        let row = |text: &str| bag([("A", text.into()), ("B", Value::Int32(1))]);
        let mut formatter = Formatter::new(FormatOptions::new(80));
        assert_eq!(formatter.push(&row("ab")), "\n");
        assert_eq!(formatter.flush(), "A  B\n-  -\nab 1\n");
        assert_eq!(formatter.push(&row("abc")), "a… 1\n");
        assert_eq!(formatter.finish(), "\n");
    }

    #[test]
    fn errors_are_one_line_unless_a_script_has_several() {
        let exception = Exception::new(TypeRef::find("System.Exception").unwrap(), "m");
        let record = ErrorRecord::new(
            Value::clr(exception),
            "id",
            ErrorCategory::NotSpecified,
            Value::Int32(5),
        );
        *record.category_texts.write().unwrap() = [
            Text::default(),
            "Exception".into(),
            "5".into(),
            "Int32".into(),
        ];
        let record = Value::clr(record);
        assert_eq!(plain(std::slice::from_ref(&record), 80), "Exception: m\n");
        assert_eq!(
            shown(&[record], FormatOptions::new(80).ansi(true)),
            "\u{1b}[31;1mException: \u{1b}[31;1mm\u{1b}[0m\n"
        );
        let place = bag([
            ("ScriptLineNumber", Value::Int32(2)),
            (
                "PositionMessage",
                "At line:2 char:5\n+     throw 'boom'\n+     ~~~~~~~~~~~~".into(),
            ),
        ]);
        let exception = bag([
            ("Message", "boom".into()),
            ("WasThrownFromThrowStatement", Value::Bool(true)),
        ]);
        let remote = bag([("Exception", exception), ("InvocationInfo", place)]);
        assert_eq!(
            super::super::error_text(&remote, 80, false),
            "Exception: \nLine |\n   2 |      throw 'boom'\n     |      ~~~~~~~~~~~~\n     | boom\n"
        );
    }
}
