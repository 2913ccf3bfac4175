//! ConvertTo-Csv, ConvertFrom-Csv and Import-Csv.

use std::io::Read;

use super::csv_text::{Quotes, Reader, line};
use super::encoding::Encoding;
use super::item_parameters::LITERAL_PATH_ALIASES;
use super::object::{property_names, property_or_null};
use super::target::existing;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::Run;
use crate::provider::{ItemPath, Paths, io_failure};
use crate::value::{ErrorCategory, Members, PsObj, Text, TypeId, Value, convert, equal_folded};

pub(super) const DELIMITER: Parameter = Parameter::new("Delimiter", "char").position(1);
pub(super) const USE_CULTURE: Parameter = Parameter::switch("UseCulture");

// How lines are written.
pub(super) const INCLUDE_TYPE_INFORMATION: Parameter =
    Parameter::switch("IncludeTypeInformation").aliases(&["ITI"]);
pub(super) const NO_TYPE_INFORMATION: Parameter =
    Parameter::switch("NoTypeInformation").aliases(&["NTI"]);
pub(super) const QUOTE_FIELDS: Parameter =
    Parameter::new("QuoteFields", "string[]").aliases(&["QF"]);
pub(super) const USE_QUOTES: Parameter = Parameter::new("UseQuotes", "string")
    .aliases(&["UQ"])
    .validate(&[Validate::Set(&["Never", "Always", "AsNeeded"])]);
pub(super) const NO_HEADER: Parameter = Parameter::switch("NoHeader");

/// The columns of what is read.
const HEADER: Parameter =
    Parameter::new("Header", "string[]").validate(&[Validate::NotNullOrEmpty]);

pub(crate) static TO: CommandSpec = CommandSpec::new(
    "ConvertTo-Csv",
    "Microsoft.PowerShell.Commands.ConvertToCsvCommand",
    || Box::new(ConvertTo::default()),
)
.output_types(&["System.String"])
.parameters(&[
    Parameter::new("InputObject", "object")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowNull]),
    DELIMITER,
    USE_CULTURE,
    INCLUDE_TYPE_INFORMATION,
    NO_TYPE_INFORMATION,
    QUOTE_FIELDS,
    USE_QUOTES,
    NO_HEADER,
]);

pub(crate) static FROM: CommandSpec = CommandSpec::new(
    "ConvertFrom-Csv",
    "Microsoft.PowerShell.Commands.ConvertFromCsvCommand",
    || Box::new(ConvertFrom::default()),
)
.output_types(&["System.Object"])
.parameters(&[
    DELIMITER,
    USE_CULTURE,
    Parameter::new("InputObject", "object[]")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyCollection,
            Validate::AllowEmptyString,
        ]),
    HEADER,
]);

pub(crate) static IMPORT: CommandSpec = CommandSpec::new(
    "Import-Csv",
    "Microsoft.PowerShell.Commands.ImportCsvCommand",
    || Box::new(Import),
)
.default_set("DelimiterPath")
.output_types(&["System.Object"])
.parameters(&[
    DELIMITER,
    USE_CULTURE,
    Parameter::new("Path", "string[]")
        .in_sets(&[InSet::of("DelimiterPath")
            .position(0)
            .mandatory()
            .pipeline()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("DelimiterLiteralPath").mandatory().by_property()]),
    HEADER,
    Parameter::new("Encoding", "object"),
]);

/// The columns that the first object gave, and how lines are written.
#[derive(Default)]
pub(super) struct Table {
    pub(super) columns: Option<Vec<Text>>,
}

pub(super) fn delimiter(cx: &CommandContext<'_, '_>) -> char {
    match cx.get("Delimiter").map(Value::base) {
        Some(Value::Char(unit)) => char::from_u32(u32::from(*unit)).unwrap_or(','),
        _ => ',',
    }
}

fn quotes(cx: &CommandContext<'_, '_>) -> Quotes {
    if cx.has("QuoteFields") {
        return Quotes::Of(cx.texts("QuoteFields"));
    }
    match cx.text("UseQuotes").as_deref() {
        Some(text) if equal_folded(text, "Never") => Quotes::Never,
        Some(text) if equal_folded(text, "AsNeeded") => Quotes::AsNeeded,
        _ => Quotes::Always,
    }
}

/// The columns of an object: its properties, or the keys of a dictionary.
pub(super) fn columns(object: &Value) -> Vec<Text> {
    match object.base() {
        Value::Hash(table) => table
            .entries()
            .iter()
            .map(|(key, _)| convert::clr_text(key))
            .collect(),
        _ => property_names(object),
    }
}

impl Table {
    /// The lines that an object adds: with the first one also those before it.
    pub(super) fn lines(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        object: &Value,
        headed: bool,
    ) -> Run<Vec<String>> {
        let (delimiter, quotes) = (delimiter(cx), quotes(cx));
        let mut lines = Vec::new();
        if self.columns.is_none() {
            let names = columns(object);
            if cx.is_set("IncludeTypeInformation") && !headed {
                let name = super::object::type_names(object)
                    .into_iter()
                    .next()
                    .unwrap_or_default();
                lines.push(format!("#TYPE {name}"));
            }
            if !names.is_empty() && !headed && !cx.is_set("NoHeader") {
                let header: Vec<_> = names
                    .iter()
                    .map(|name| (name.clone(), Some(name.clone())))
                    .collect();
                lines.push(line(&header, delimiter, &quotes));
            }
            self.columns = Some(names);
        }
        let names = self.columns.clone().unwrap_or_default();
        if names.is_empty() {
            return Ok(lines);
        }
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let value = match object.base() {
                Value::Hash(table) => table.get_text(&name).unwrap_or_default(),
                _ => property_or_null(object, &name, cx.machine)?,
            };
            let text = (!value.is_null()).then(|| convert::clr_text(&value));
            fields.push((name, text));
        }
        lines.push(line(&fields, delimiter, &quotes));
        let size: usize = lines.iter().map(String::len).sum();
        cx.machine.charge_bytes(size)?;
        Ok(lines)
    }
}

#[derive(Default)]
struct ConvertTo {
    table: Table,
}

impl Command for ConvertTo {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() {
            return Ok(());
        }
        for line in self.table.lines(cx, &object, false)? {
            cx.write(line)?;
        }
        Ok(())
    }
}

/// The state of reading: the columns once they are known, and the type that a first line named.
#[derive(Default)]
struct Rows {
    header: Option<Vec<Text>>,
    type_name: Option<Text>,
    begun: bool,
}

impl Rows {
    fn read(&mut self, cx: &mut CommandContext<'_, '_>, text: &str) -> Run {
        let mut reader = Reader::new(text, delimiter(cx));
        if !self.begun {
            if text.is_empty() {
                return Ok(());
            }
            self.begun = true;
            self.type_name = reader.type_line();
            if cx.has("Header") {
                self.header = Some(cx.texts("Header"));
            }
        }
        while let Some(record) = reader.record() {
            cx.checkpoint()?;
            let Some(header) = &self.header else {
                self.header = Some(named(cx, record)?);
                continue;
            };
            let mut fields = record.into_iter();
            let members: Members = header
                .iter()
                .map(|name| {
                    let field = fields.next().map_or(Value::Null, Value::String);
                    (name.to_name(), field)
                })
                .collect();
            let object = PsObj::custom(members);
            if let Some(name) = &self.type_name {
                object
                    .extended()
                    .set_type_names(vec![name.clone(), format!("CSV:{name}").into()]);
            }
            cx.write(Value::Object(std::sync::Arc::new(object)))?;
        }
        Ok(())
    }
}

/// Column names from a header line: those that are missing are numbered, and none may come twice.
fn named(cx: &mut CommandContext<'_, '_>, record: Vec<Text>) -> Run<Vec<Text>> {
    let mut names: Vec<Text> = Vec::with_capacity(record.len());
    let mut missing = 0;
    for name in record {
        let name = if name.is_empty() {
            missing += 1;
            format!("H{missing}").into()
        } else {
            name
        };
        if names.iter().any(|own| equal_folded(own, &name)) {
            return Err(cx.fail(
                TypeId::ExtendedTypeSystemException,
                format!("The member \"{name}\" is already present."),
                "AlreadyPresentPSMemberInfoInternalCollectionAdd",
                ErrorCategory::NotSpecified,
                Value::Null,
            ));
        }
        names.push(name);
    }
    if missing > 0 {
        cx.warning("One or more headers were not specified. Default names starting with \"H\" have been used in place of any missing headers.")?;
    }
    Ok(names)
}

#[derive(Default)]
struct ConvertFrom {
    rows: Rows,
}

impl Command for ConvertFrom {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for item in cx.items("InputObject") {
            let text = convert::to_text(&item, cx.machine)?;
            self.rows.read(cx, &text)?;
        }
        Ok(())
    }
}

struct Import;

impl Command for Import {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        for path in existing(cx, &paths, false)? {
            match read_file(cx, &path)? {
                Ok(bytes) => {
                    let encoding = match Encoding::detect(&bytes) {
                        Some(own) => own,
                        None => Encoding::of(cx)?.unwrap_or(Encoding::UTF8),
                    };
                    let text = encoding.decode(&bytes);
                    Rows::default().read(cx, &text)?;
                }
                Err(error) => {
                    let (ty, message) = io_failure(&error, &path.path);
                    cx.error(
                        ty,
                        message,
                        "FileOpenFailure",
                        ErrorCategory::OpenError,
                        Value::from(path.path.as_str()),
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// All bytes of a file, charged and read in pieces so that a stop is noticed.
pub(super) fn read_file(
    cx: &mut CommandContext<'_, '_>,
    path: &ItemPath,
) -> Run<std::io::Result<Vec<u8>>> {
    let mut file = match std::fs::File::open(&path.path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    let (mut all, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        cx.checkpoint()?;
        match file.read(&mut chunk) {
            Ok(0) => return Ok(Ok(all)),
            Ok(count) => {
                cx.machine.charge_bytes(count)?;
                all.extend_from_slice(&chunk[..count]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}
