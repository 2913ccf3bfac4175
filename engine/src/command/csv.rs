//! ConvertTo-Csv, ConvertFrom-Csv, Export-Csv and Import-Csv.

use std::fs::OpenOptions;
use std::io::{Read, Write};

use super::csv_text::{Quotes, Reader, line};
use super::encoding::Encoding;
use super::item_parameters::{FORCE, LITERAL_PATH_ALIASES};
use super::object::{property_names, property_or_null};
use super::session_item::report;
use super::target::existing;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, io_failure, locate_file};
use crate::value::{ErrorCategory, Members, PsObj, Text, TypeId, Value, convert, equal_folded};

const DELIMITER: Parameter = Parameter::new("Delimiter", "char").position(1);

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
    Parameter::switch("UseCulture"),
    Parameter::switch("IncludeTypeInformation").aliases(&["ITI"]),
    Parameter::switch("NoTypeInformation").aliases(&["NTI"]),
    Parameter::new("QuoteFields", "string[]").aliases(&["QF"]),
    Parameter::new("UseQuotes", "string")
        .aliases(&["UQ"])
        .validate(&[Validate::Set(&["Never", "Always", "AsNeeded"])]),
    Parameter::switch("NoHeader"),
]);

pub(crate) static FROM: CommandSpec = CommandSpec::new(
    "ConvertFrom-Csv",
    "Microsoft.PowerShell.Commands.ConvertFromCsvCommand",
    || Box::new(ConvertFrom::default()),
)
.output_types(&["System.Object"])
.parameters(&[
    DELIMITER,
    Parameter::switch("UseCulture"),
    Parameter::new("InputObject", "object[]")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyCollection,
            Validate::AllowEmptyString,
        ]),
    Parameter::new("Header", "string[]").validate(&[Validate::NotNullOrEmpty]),
]);

pub(crate) static EXPORT: CommandSpec = CommandSpec::new(
    "Export-Csv",
    "Microsoft.PowerShell.Commands.ExportCsvCommand",
    || Box::new(Export::default()),
)
.should_process()
.parameters(&[
    Parameter::new("InputObject", "object")
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowNull]),
    Parameter::new("Path", "string").position(0),
    Parameter::new("LiteralPath", "string").aliases(LITERAL_PATH_ALIASES),
    FORCE,
    Parameter::switch("NoClobber").aliases(&["NoOverwrite"]),
    Parameter::new("Encoding", "object"),
    Parameter::switch("Append"),
    DELIMITER,
    Parameter::switch("UseCulture"),
    Parameter::switch("IncludeTypeInformation").aliases(&["ITI"]),
    Parameter::switch("NoTypeInformation").aliases(&["NTI"]),
    Parameter::new("QuoteFields", "string[]").aliases(&["QF"]),
    Parameter::new("UseQuotes", "string")
        .aliases(&["UQ"])
        .validate(&[Validate::Set(&["Never", "Always", "AsNeeded"])]),
    Parameter::switch("NoHeader"),
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
    Parameter::switch("UseCulture"),
    Parameter::new("Path", "string[]")
        .in_sets(&[InSet::of("DelimiterPath")
            .position(0)
            .mandatory()
            .pipeline()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("DelimiterLiteralPath").mandatory().by_property()]),
    Parameter::new("Header", "string[]").validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("Encoding", "object"),
]);

/// The columns that the first object gave, and how lines are written.
#[derive(Default)]
struct Table {
    columns: Option<Vec<Text>>,
}

fn delimiter(cx: &CommandContext<'_, '_>) -> char {
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
fn columns(object: &Value) -> Vec<Text> {
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
    fn lines(
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
fn read_file(cx: &mut CommandContext<'_, '_>, path: &ItemPath) -> Run<std::io::Result<Vec<u8>>> {
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

#[derive(Default)]
struct Export {
    table: Table,
    file: Option<Output>,
    skipped: bool,
}

struct Output {
    path: ItemPath,
    writer: std::io::BufWriter<std::fs::File>,
    encoding: Encoding,
    /// The file has lines already.
    headed: bool,
}

impl Export {
    fn open(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(text) = cx.text("LiteralPath").or_else(|| cx.text("Path")) else {
            return Err(cx.fail(
                TypeId::ArgumentException,
                "You must specify either the -Path or -LiteralPath parameters, but not both.",
                "CannotSpecifyPathAndLiteralPath",
                ErrorCategory::InvalidData,
                Value::Null,
            ));
        };
        let path = locate_file(cx, &text)?;
        if !cx.should_process(&path.shown(), "Export-Csv")? {
            self.skipped = true;
            return Ok(());
        }
        let append = cx.is_set("Append");
        let mut encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
        let mut headed = false;
        if append && let Ok(bytes) = read_file(cx, &path)? {
            encoding = Encoding::detect(&bytes).unwrap_or(encoding);
            let old = encoding.decode(&bytes);
            let mut reader = Reader::new(&old, delimiter(cx));
            reader.type_line();
            if let Some(header) = reader.record() {
                headed = true;
                self.table.columns = Some(header);
            }
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if cx.is_set("NoClobber") && !append {
            options.create_new(true);
        } else {
            options.create(true);
        }
        if append {
            options.append(true);
        } else {
            options.truncate(true);
        }
        let opened = options.open(&path.path).and_then(|mut file| {
            if !headed {
                file.write_all(encoding.preamble())?;
            }
            Ok(file)
        });
        match opened {
            Ok(file) => {
                self.file = Some(Output {
                    path,
                    writer: std::io::BufWriter::new(file),
                    encoding,
                    headed,
                });
                Ok(())
            }
            Err(error) => {
                let (ty, message) = io_failure(&error, &path.path);
                let (id, category) = match error.kind() {
                    std::io::ErrorKind::AlreadyExists => {
                        ("NoClobber", ErrorCategory::ResourceExists)
                    }
                    _ => ("FileOpenFailure", ErrorCategory::OpenError),
                };
                Err(cx.fail(ty, message, id, category, Value::from(path.path)))
            }
        }
    }

    /// What is appended has to have the columns that are there.
    fn check(&self, cx: &CommandContext<'_, '_>, object: &Value) -> Run {
        let headed = self.file.as_ref().is_some_and(|file| file.headed);
        if !headed || cx.is_set("Force") {
            return Ok(());
        }
        let own = columns(object);
        let missing = self
            .table
            .columns
            .iter()
            .flatten()
            .find(|name| !own.iter().any(|own| equal_folded(own, name)));
        let Some(missing) = missing else {
            return Ok(());
        };
        let path = cx
            .text("Path")
            .or_else(|| cx.text("LiteralPath"))
            .unwrap_or_default();
        let message = format!(
            "Cannot append CSV content to the following file: {path}. The appended object does not have a property that corresponds to the following column: {missing}. To continue with mismatched properties, add the -Force parameter, and then retry the command."
        );
        Err(cx.fail(
            TypeId::InvalidOperationException,
            message,
            "CannotAppendCsvWithMismatchedPropertyNames",
            ErrorCategory::InvalidData,
            Value::String(missing.clone()),
        ))
    }
}

impl Command for Export {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() || self.skipped {
            return Ok(());
        }
        if self.file.is_none() {
            self.open(cx)?;
        }
        self.check(cx, &object)?;
        let headed = self.file.as_ref().is_some_and(|file| file.headed);
        let lines = self.table.lines(cx, &object, headed)?;
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        for line in lines {
            let bytes = file.encoding.encode(&format!("{line}\n"));
            if let Err(error) = file.writer.write_all(&bytes) {
                let path = file.path.path.clone();
                return Err(failed(cx, &error, path));
            }
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(mut file) = self.file.take()
            && let Err(error) = file.writer.flush()
        {
            let flow = failed(cx, &error, file.path.path);
            return report(cx, Err(flow));
        }
        Ok(())
    }
}

fn failed(cx: &CommandContext<'_, '_>, error: &std::io::Error, path: String) -> Flow {
    let (ty, message) = io_failure(error, &path);
    cx.fail(
        ty,
        message,
        "FileWriteFailure",
        ErrorCategory::WriteError,
        Value::from(path),
    )
}
