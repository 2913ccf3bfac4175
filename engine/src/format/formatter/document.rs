//! Objects that are shown in one way: one table, one list …

use std::sync::Arc;

use super::FormatOptions;
use crate::format::cell::{width, wrap};
use crate::format::field::{Field, Source};
use crate::format::layout::{Layout, Shape};
use crate::format::list::list_lines;
use crate::format::properties::{
    default_set, matching_names, property, property_names, type_names,
};
use crate::format::structure::structure_lines;
use crate::format::table::{Alignment, Column, Table};
use crate::format::text::TextRules;
use crate::format::view::{Body, BodyKind, View};
use crate::value::{Context, Raise, Text, TypeId, Value};

/// The most properties that a table of an object's own properties shows without being asked for.
const MAX_OWN_COLUMNS: usize = 10;
/// Objects with more properties than this are shown as lists.
const MAX_TABLE_PROPERTIES: usize = 4;
/// How far the line above a group stands in.
const GROUP_INDENT: usize = 3;

/// One table, list or the like, and where it is.
#[derive(Debug)]
pub(super) struct Document {
    layout: Arc<Layout>,
    view: Option<&'static View>,
    body: BodyState,
    group: GroupState,
    screen: usize,
    rules: TextRules,
    buffered_rows: usize,
}

#[derive(Debug)]
enum BodyState {
    Table(TableState),
    /// The lines of each object; its own properties where no fields are named.
    List {
        fields: Option<Vec<Field>>,
    },
    Wide {
        field: Field,
        columns: usize,
        pending: Vec<String>,
        table: Table,
    },
    Text(fn(&Value, &mut dyn Context) -> Result<Text, Raise>),
    Structure {
        depth: usize,
    },
}

#[derive(Debug)]
struct TableState {
    fields: Vec<Field>,
    columns: Vec<Column>,
    /// Whether columns become as wide as what is in them.
    measured: bool,
    table: Option<Table>,
    pending: Vec<Pending>,
}

#[derive(Debug)]
enum Pending {
    Row(Vec<String>),
    Verbatim(String),
}

#[derive(Debug)]
enum GroupState {
    /// There are no groups.
    None,
    /// What the current group has in common, once there is one.
    By {
        label: Text,
        field: Field,
        indent: usize,
        of_view: bool,
        current: Option<String>,
    },
}

impl Document {
    /// Begins with `first`, whose type and properties decide everything.
    pub(super) fn start(
        first: &Value,
        layout: &Arc<Layout>,
        options: &FormatOptions,
        out: &mut String,
        cx: &mut dyn Context,
    ) -> Result<Self, Raise> {
        let kind = match layout.shape {
            Shape::Auto => None,
            Shape::Table => Some(BodyKind::Table),
            Shape::List => Some(BodyKind::List),
            Shape::Wide => Some(BodyKind::Wide),
            Shape::Custom => Some(BodyKind::Text),
        };
        let view = if layout.properties.is_empty() && layout.shape != Shape::Custom {
            View::find(&type_names(first), kind)
        } else {
            None
        };
        let rules = options.rules();
        let body = match view {
            Some(view) => view_body(view, first, layout, options, cx)?,
            None => own_body(first, layout, options, cx)?,
        };
        let group = match (&layout.group_by, view.and_then(|view| view.group.as_ref())) {
            (Some(argument), _) => {
                let mut fields = argument.resolve(first);
                match fields.is_empty() {
                    true => GroupState::None,
                    false => {
                        let field = fields.remove(0);
                        GroupState::By {
                            label: field.label.clone(),
                            field,
                            indent: GROUP_INDENT,
                            of_view: false,
                            current: None,
                        }
                    }
                }
            }
            (None, Some(group)) => {
                let field = Field {
                    source: Source::Native(group.value),
                    ..Field::property(group.label.into())
                };
                GroupState::By {
                    label: group.label.into(),
                    field,
                    indent: group.indent,
                    of_view: true,
                    current: None,
                }
            }
            (None, None) => GroupState::None,
        };
        let mut document = Self {
            layout: Arc::clone(layout),
            view,
            body,
            group,
            screen: options.width,
            rules,
            buffered_rows: options.buffered_rows,
        };
        // A list begins each of its groups with an empty line, everything else only the first.
        if !matches!(document.body, BodyState::List { .. }) {
            out.push('\n');
        }
        if matches!(document.group, GroupState::None) {
            document.begin_group(None, out);
        }
        Ok(document)
    }

    /// Whether this is the output of the command that `layout` belongs to.
    pub(super) fn is_for(&self, layout: &Arc<Layout>) -> bool {
        Arc::ptr_eq(&self.layout, layout)
    }

    /// Whether the view is for this object too.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        self.view
            .is_none_or(|view| view.applies_to(&type_names(value)))
    }

    /// Adds an object.
    pub(super) fn entry(
        &mut self,
        value: &Value,
        out: &mut String,
        cx: &mut dyn Context,
    ) -> Result<(), Raise> {
        self.change_group(value, out, cx)?;
        let wraps = self.layout.wrap;
        match &mut self.body {
            BodyState::Table(state) => {
                let mut cells = Vec::with_capacity(state.fields.len());
                for field in &state.fields {
                    let value = field.value(value, cx)?;
                    cells.push(self.rules.property_text(
                        &value,
                        field.format.as_deref(),
                        true,
                        cx,
                    )?);
                }
                match &state.table {
                    Some(table) => push_row(table, &cells, wraps, out),
                    None => state.pending.push(Pending::Row(cells)),
                }
                if state.pending.len() > self.buffered_rows {
                    self.lay_out(out);
                }
            }
            BodyState::List { fields } => {
                let own;
                let fields: &[Field] = match fields {
                    Some(fields) => fields,
                    None if self.layout.properties.is_empty() => {
                        own = own_fields(value, cx)?;
                        &own
                    }
                    None => {
                        own = self
                            .layout
                            .properties
                            .iter()
                            .flat_map(|argument| argument.resolve(value))
                            .collect();
                        &own
                    }
                };
                for line in list_lines(fields, value, self.screen, &self.rules, cx)? {
                    push_line(out, &line);
                }
                out.push('\n');
            }
            BodyState::Wide {
                field,
                columns,
                pending,
                table,
            } => {
                let value = field.value(value, cx)?;
                pending.push(self.rules.property_text(
                    &value,
                    field.format.as_deref(),
                    true,
                    cx,
                )?);
                if pending.len() >= *columns {
                    push_row(table, &std::mem::take(pending), false, out);
                }
            }
            BodyState::Text(text) => {
                for line in wrap(&text(value, cx)?, self.screen) {
                    push_line(out, &line);
                }
            }
            BodyState::Structure { depth } => {
                let names = self
                    .layout
                    .properties
                    .iter()
                    .flat_map(|argument| argument.resolve(value))
                    .collect::<Vec<_>>();
                for line in structure_lines(value, &names, *depth, &self.rules, cx)? {
                    push_line(out, &line);
                }
                out.push('\n');
            }
        }
        Ok(())
    }

    /// Text between the objects.
    pub(super) fn verbatim(&mut self, text: &str, out: &mut String) {
        match &mut self.body {
            BodyState::Table(TableState {
                table: None,
                pending,
                ..
            }) => pending.push(Pending::Verbatim(text.to_owned())),
            _ => out.push_str(text),
        }
    }

    /// Gives columns their widths by the rows that were kept back, and writes those.
    pub(super) fn lay_out(&mut self, out: &mut String) {
        let BodyState::Table(state) = &mut self.body else {
            return;
        };
        if state.table.is_some() || state.pending.is_empty() {
            return;
        }
        let mut columns = state.columns.clone();
        if state.measured {
            for (index, column) in columns.iter_mut().enumerate() {
                if column.width > 0 {
                    continue;
                }
                let cells = state.pending.iter().filter_map(|pending| match pending {
                    Pending::Row(cells) => cells.get(index),
                    Pending::Verbatim(_) => None,
                });
                let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
                column.width = widest.max(width(&column.header)).max(1);
            }
        }
        let table = Table::new(columns, self.screen, self.rules.ansi);
        if !self.layout.hide_headers {
            for line in table.header() {
                push_line(out, &line);
            }
        }
        for pending in state.pending.drain(..) {
            match pending {
                Pending::Row(cells) => push_row(&table, &cells, self.layout.wrap, out),
                Pending::Verbatim(text) => out.push_str(&text),
            }
        }
        state.table = Some(table);
    }

    /// Writes what is left and the empty line at the end.
    pub(super) fn finish(mut self, out: &mut String) {
        self.end_group(out);
        if matches!(self.body, BodyState::Wide { .. }) {
            out.push('\n');
        }
    }

    fn change_group(
        &mut self,
        value: &Value,
        out: &mut String,
        cx: &mut dyn Context,
    ) -> Result<(), Raise> {
        let GroupState::By {
            label,
            field,
            indent,
            of_view,
            current,
        } = &mut self.group
        else {
            return Ok(());
        };
        let common = field.value(value, cx)?;
        let text = self
            .rules
            .property_text(&common, field.format.as_deref(), false, cx)?;
        if current.as_ref() == Some(&text) {
            return Ok(());
        }
        let is_first = current.replace(text.clone()).is_none();
        let indent = " ".repeat(*indent);
        let line = match (*of_view, common.is_null() || text.is_empty()) {
            (true, true) => None,
            (false, true) if common.is_null() => Some(format!("{indent}: ")),
            _ => Some(format!("{indent}{label}: {text}")),
        };
        if !is_first {
            self.end_group(out);
        }
        self.begin_group(line.as_deref(), out);
        // As it is: a wide first group stands one line lower than the others.
        if is_first && line.is_some() && matches!(self.body, BodyState::Wide { .. }) {
            out.push('\n');
        }
        Ok(())
    }

    fn begin_group(&mut self, line: Option<&str>, out: &mut String) {
        if matches!(self.body, BodyState::List { .. }) {
            out.push('\n');
        }
        if let Some(line) = line {
            for line in wrap(line, self.screen) {
                push_line(out, &line);
            }
            out.push('\n');
        }
        if let BodyState::Table(state) = &mut self.body {
            state.table = None;
            if !state.measured {
                let table = Table::new(state.columns.clone(), self.screen, self.rules.ansi);
                if !self.layout.hide_headers {
                    for line in table.header() {
                        push_line(out, &line);
                    }
                }
                state.table = Some(table);
            }
        }
    }

    fn end_group(&mut self, out: &mut String) {
        self.lay_out(out);
        match &mut self.body {
            BodyState::Wide { pending, table, .. } => {
                if !pending.is_empty() {
                    push_row(table, &std::mem::take(pending), false, out);
                }
            }
            // Each object of a list has an empty line behind it already.
            BodyState::List { .. } => {}
            _ => out.push('\n'),
        }
    }
}

/// The fields of an object that no view and no user chose: its default ones, or all.
pub(super) fn own_fields(value: &Value, cx: &mut dyn Context) -> Result<Vec<Field>, Raise> {
    let mut names = match default_set(value) {
        Some(set) => set
            .iter()
            .flat_map(|pattern| matching_names(value, pattern))
            .collect(),
        None => Vec::new(),
    };
    if !names.is_empty() {
        if shows_computer(value, cx)? {
            names.push(COMPUTER.into());
        }
        return Ok(names.into_iter().map(Field::property).collect());
    }
    names = property_names(value);
    if names
        .iter()
        .any(|name| name.eq_ignore_ascii_case(SHOW_COMPUTER))
    {
        let shown = shows_computer(value, cx)?;
        names.retain(|name| {
            !name.eq_ignore_ascii_case(SHOW_COMPUTER)
                && (shown || !name.eq_ignore_ascii_case(COMPUTER))
        });
    }
    Ok(names.into_iter().map(Field::property).collect())
}

const COMPUTER: &str = "PSComputerName";
const SHOW_COMPUTER: &str = "PSShowComputerName";

/// Whether the object came from another computer whose name is to be shown.
fn shows_computer(value: &Value, cx: &mut dyn Context) -> Result<bool, Raise> {
    Ok(matches!(
        property(value, SHOW_COMPUTER, cx)?
            .as_ref()
            .map(Value::base),
        Some(Value::Bool(true))
    ))
}

fn view_body(
    view: &View,
    first: &Value,
    layout: &Layout,
    options: &FormatOptions,
    cx: &mut dyn Context,
) -> Result<BodyState, Raise> {
    let shows_computer = shows_computer(first, cx)?;
    Ok(match &view.body {
        Body::Table { columns, auto_size } => {
            let mut fields: Vec<Field> = columns.iter().map(|column| column.field()).collect();
            if shows_computer {
                fields.push(Field::property(COMPUTER.into()));
            }
            let measured = layout.auto_size || *auto_size;
            if layout.auto_size {
                fields.iter_mut().for_each(|field| field.width = 0);
            }
            BodyState::Table(table_state(fields, first, measured, false, cx)?)
        }
        Body::List(lines) => {
            let mut fields: Vec<Field> = lines.iter().map(|line| line.field()).collect();
            if shows_computer {
                fields.push(Field::property(COMPUTER.into()));
            }
            BodyState::List {
                fields: Some(fields),
            }
        }
        Body::Text(text) => BodyState::Text(*text),
        Body::Wide(name) => wide_body(Field::property((*name).into()), layout, options),
    })
}

fn own_body(
    first: &Value,
    layout: &Layout,
    options: &FormatOptions,
    cx: &mut dyn Context,
) -> Result<BodyState, Raise> {
    let shape = match layout.shape {
        Shape::Auto => {
            let count = match default_set(first) {
                Some(set) => set.len(),
                None => property_names(first).len(),
            };
            if count <= MAX_TABLE_PROPERTIES {
                Shape::Table
            } else {
                Shape::List
            }
        }
        shape => shape,
    };
    Ok(match shape {
        Shape::Table | Shape::Auto => {
            let fields: Vec<Field> = if layout.properties.is_empty() {
                own_fields(first, cx)?
                    .into_iter()
                    .take(MAX_OWN_COLUMNS)
                    .collect()
            } else {
                layout
                    .properties
                    .iter()
                    .flat_map(|argument| argument.resolve(first))
                    .collect()
            };
            let measured = layout.auto_size || fields.iter().all(|field| field.width == 0);
            BodyState::Table(table_state(fields, first, measured, true, cx)?)
        }
        Shape::List => BodyState::List { fields: None },
        Shape::Wide => {
            let named = layout
                .properties
                .first()
                .and_then(|argument| argument.resolve(first).into_iter().next());
            let field = named.unwrap_or_else(|| Field::property(wide_name(first)));
            wide_body(field, layout, options)
        }
        Shape::Custom => BodyState::Structure {
            depth: layout.depth.unwrap_or(DEFAULT_DEPTH).min(MAX_DEPTH),
        },
    })
}

/// How deep Format-Custom goes by itself.
const DEFAULT_DEPTH: usize = 5;
/// How deep Format-Custom goes at most: objects may hold themselves.
const MAX_DEPTH: usize = 100;

/// Columns for `fields`; those without an alignment get it from the first object where they may.
fn table_state(
    fields: Vec<Field>,
    first: &Value,
    measured: bool,
    aligned: bool,
    cx: &mut dyn Context,
) -> Result<TableState, Raise> {
    let mut columns = Vec::with_capacity(fields.len());
    for field in &fields {
        let alignment = match field.alignment {
            Some(alignment) => alignment,
            None if aligned && stands_right(&field.value(first, cx)?) => Alignment::Right,
            None => Alignment::Left,
        };
        let custom_header = !matches!(field.source, Source::Property(_))
            && matching_names(first, &field.label).is_empty();
        columns.push(Column {
            header: field.label.as_str().to_owned(),
            alignment,
            width: field.width,
            custom_header,
        });
    }
    Ok(TableState {
        fields,
        columns,
        measured,
        table: None,
        pending: Vec::new(),
    })
}

/// Numbers, truth values and enumerations stand right; text does not.
fn stands_right(value: &Value) -> bool {
    match value.base() {
        Value::Bool(_)
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
        | Value::Enum(_) => true,
        Value::Clr(object) => {
            object.type_ref().is(TypeId::SecureString) || object.type_ref().is(TypeId::IntPtr)
        }
        _ => false,
    }
}

fn wide_body(field: Field, layout: &Layout, options: &FormatOptions) -> BodyState {
    let columns = layout.columns.filter(|count| *count > 0).unwrap_or(2);
    let table = Table::new(
        vec![Column::default(); columns],
        options.width,
        options.ansi,
    );
    BodyState::Wide {
        field,
        columns,
        pending: Vec::new(),
        table,
    }
}

/// The property by which an object is known.
fn wide_name(value: &Value) -> Text {
    let names = property_names(value);
    let exact = ["name", "id", "key"]
        .iter()
        .find_map(|wanted| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)));
    exact.or_else(|| names.first()).cloned().unwrap_or_default()
}

fn push_row(table: &Table, cells: &[String], wraps: bool, out: &mut String) {
    let lines = if wraps {
        table.wrapped_row(cells)
    } else {
        table.row(cells)
    };
    for line in lines {
        push_line(out, &line);
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
