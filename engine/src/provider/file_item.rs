//! `FileInfo` and `DirectoryInfo`.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{ItemPath, Provider, drive_object, provider_object};
use crate::command::CommandContext;
use crate::value::{
    ClrLike, Context, DateTime, DateTimeKind, Extended, PropertyInfo, Raise, Text, TypeId, TypeRef,
    Value, convert,
};

/// A file or folder, whether it exists or not.
#[derive(Debug)]
pub(crate) struct FileItem {
    pub(crate) path: String,
    pub(crate) is_directory: bool,
    /// Read at the first question and kept until `Refresh()`, as .NET does.
    state: RwLock<Option<Option<Metadata>>>,
    extended: Extended,
}

impl FileItem {
    pub(crate) fn new(path: impl Into<String>, is_directory: bool) -> Self {
        Self {
            path: path.into(),
            is_directory,
            state: RwLock::default(),
            extended: Extended::default(),
        }
    }

    fn metadata(&self) -> Option<Metadata> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state
            .get_or_insert_with(|| fs::symlink_metadata(&self.path).ok())
            .clone()
    }

    fn refresh(&self) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What a link leads to, and everything else itself.
    fn followed(&self) -> Option<Metadata> {
        let own = self.metadata()?;
        if own.is_symlink() {
            fs::metadata(&self.path).ok()
        } else {
            Some(own)
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self.path.trim_end_matches('/').rsplit('/').next() {
            Some("") | None => "/",
            Some(name) => name,
        }
    }

    fn parent(&self) -> String {
        ItemPath::file(self.path.as_str()).parent()
    }

    fn extension(&self) -> &str {
        let name = self.name();
        name.rfind('.')
            .filter(|dot| dot + 1 < name.len())
            .map_or("", |dot| &name[dot..])
    }

    fn time(&self, pick: impl FnOnce(&Metadata) -> Option<SystemTime>) -> DateTime {
        let time = self.followed().and_then(|metadata| pick(&metadata));
        time.and_then(date_of).unwrap_or(DateTime {
            ticks: NO_FILE_TICKS,
            kind: DateTimeKind::Utc,
        })
    }

    fn attributes(&self) -> i64 {
        let Some(metadata) = self.metadata() else {
            return -1;
        };
        let mut bits = 0;
        if self
            .followed()
            .is_some_and(|metadata| metadata.permissions().readonly())
        {
            bits |= 1;
        }
        if self.name().starts_with('.') && self.name() != "/" {
            bits |= 2;
        }
        if self.followed().is_some_and(|metadata| metadata.is_dir()) {
            bits |= 16;
        }
        if metadata.is_symlink() {
            bits |= 1024;
        }
        if bits == 0 { 128 } else { bits }
    }

    /// `Mode`: `d----`, `-a---`, `l----`.
    fn mode(&self) -> String {
        let bits = self.attributes();
        let flag = |bit: i64, letter: char| if bits & bit != 0 { letter } else { '-' };
        let first = if bits & 1024 != 0 { 'l' } else { flag(16, 'd') };
        [
            first,
            flag(32, 'a'),
            flag(1, 'r'),
            flag(2, 'h'),
            flag(4, 's'),
        ]
        .iter()
        .collect()
    }

    fn link_target(&self) -> Value {
        match fs::read_link(&self.path) {
            Ok(target) => Value::from(target.to_string_lossy().into_owned()),
            Err(_) => Value::Null,
        }
    }

    fn set_time(
        &self,
        set: impl FnOnce(fs::FileTimes, SystemTime) -> fs::FileTimes,
        value: &Value,
        cx: &mut dyn Context,
    ) -> Result<(), Raise> {
        let date = convert::to(value, &TypeRef::of(TypeId::DateTime), cx)?;
        let Value::DateTime(date) = date else {
            return Ok(());
        };
        let ticks = date.to_utc().ticks - UNIX_EPOCH_TICKS;
        let offset = Duration::from_nanos(ticks.unsigned_abs().saturating_mul(100));
        let time = if ticks < 0 {
            UNIX_EPOCH - offset
        } else {
            UNIX_EPOCH + offset
        };
        let times = set(fs::FileTimes::new(), time);
        fs::File::open(&self.path)
            .and_then(|file| file.set_times(times))
            .map_err(|error| thrown(&error, &self.path))?;
        self.refresh();
        Ok(())
    }

    fn set_read_only(&self, on: bool) -> Result<(), Raise> {
        let set = || {
            let mut permissions = fs::metadata(&self.path)?.permissions();
            set_writable(&mut permissions, !on);
            fs::set_permissions(&self.path, permissions)
        };
        set().map_err(|error| thrown(&error, &self.path))?;
        self.refresh();
        Ok(())
    }
}

#[cfg(unix)]
fn set_writable(permissions: &mut fs::Permissions, on: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = permissions.mode();
    permissions.set_mode(if on { mode | 0o200 } else { mode & !0o222 });
}

#[cfg(not(unix))]
fn set_writable(permissions: &mut fs::Permissions, on: bool) {
    permissions.set_readonly(!on);
}

/// 1601-01-01, which .NET gives for what is not there.
const NO_FILE_TICKS: i64 = 504_911_232_000_000_000;
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

/// A time of the file system as a UTC date.
pub(crate) fn date_of(time: SystemTime) -> Option<DateTime> {
    let ticks = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos() / 100).ok()?,
        Err(before) => -i64::try_from(before.duration().as_nanos() / 100).ok()?,
    };
    DateTime::from_ticks(UNIX_EPOCH_TICKS.checked_add(ticks)?, DateTimeKind::Utc)
}

/// An error of the system as the exception that .NET makes of it.
fn thrown(error: &std::io::Error, path: &str) -> Raise {
    let (exception, message) = super::io_failure(error, path);
    Raise::thrown(exception, message)
}

/// The item at `path` with the properties that providers add.
pub(crate) fn file_value(cx: &CommandContext<'_, '_>, path: &str) -> Value {
    let is_directory = Path::new(path).is_dir();
    let item = FileItem::new(path, is_directory);
    let place = ItemPath::file(path);
    if let Some(extended) = Some(&item.extended) {
        let mut members = extended.members_mut();
        members.set_note("PSPath", Value::from(place.provider_path()));
        let parent = place.parent();
        let parent = if parent.is_empty() {
            String::new()
        } else {
            ItemPath::file(parent).provider_path()
        };
        members.set_note("PSParentPath", Value::from(parent));
        members.set_note("PSChildName", Value::from(place.leaf()));
        members.set_note("PSDrive", drive_object(cx, &place));
        members.set_note("PSProvider", provider_object(Provider::FileSystem));
        members.set_note("PSIsContainer", Value::Bool(is_directory));
    }
    Value::clr(item)
}

const FILE: &[(&str, &str)] = &[
    ("Name", "string"),
    ("Length", "long"),
    ("DirectoryName", "string"),
    ("Directory", "System.IO.DirectoryInfo"),
    ("IsReadOnly", "bool"),
    ("Exists", "bool"),
    ("FullName", "string"),
    ("Extension", "string"),
    ("CreationTime", "datetime"),
    ("CreationTimeUtc", "datetime"),
    ("LastAccessTime", "datetime"),
    ("LastAccessTimeUtc", "datetime"),
    ("LastWriteTime", "datetime"),
    ("LastWriteTimeUtc", "datetime"),
    ("LinkTarget", "string"),
    ("UnixFileMode", "System.IO.UnixFileMode"),
    ("Attributes", "System.IO.FileAttributes"),
];

const DIRECTORY: &[(&str, &str)] = &[
    ("Name", "string"),
    ("Parent", "System.IO.DirectoryInfo"),
    ("Root", "System.IO.DirectoryInfo"),
    ("Exists", "bool"),
    ("FullName", "string"),
    ("Extension", "string"),
    ("CreationTime", "datetime"),
    ("CreationTimeUtc", "datetime"),
    ("LastAccessTime", "datetime"),
    ("LastAccessTimeUtc", "datetime"),
    ("LastWriteTime", "datetime"),
    ("LastWriteTimeUtc", "datetime"),
    ("LinkTarget", "string"),
    ("UnixFileMode", "System.IO.UnixFileMode"),
    ("Attributes", "System.IO.FileAttributes"),
];

/// What PowerShell's type data adds to both.
const ADDED: &[(&str, &str)] = &[
    ("UnixMode", "string"),
    ("User", "string"),
    ("Group", "string"),
    ("Size", "long"),
    ("Mode", "string"),
    ("ModeWithoutHardLink", "string"),
    ("BaseName", "string"),
    ("Target", "string"),
    ("LinkType", "string"),
];

impl ClrLike for FileItem {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(if self.is_directory {
            TypeId::DirectoryInfo
        } else {
            TypeId::FileInfo
        })
    }

    fn type_data(&self) -> Vec<PropertyInfo> {
        ADDED
            .iter()
            .map(|(name, type_name)| PropertyInfo {
                name,
                type_name,
                settable: false,
            })
            .collect()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let settable = [
            "IsReadOnly",
            "CreationTime",
            "LastAccessTime",
            "LastWriteTime",
            "CreationTimeUtc",
            "LastAccessTimeUtc",
            "LastWriteTimeUtc",
            "Attributes",
        ];
        let table = if self.is_directory { DIRECTORY } else { FILE };
        table
            .iter()
            .map(|(name, type_name)| PropertyInfo {
                name,
                type_name,
                settable: settable.contains(name),
            })
            .collect()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let local = |date: DateTime| Value::DateTime(date.to_local());
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "name" => self.name().into(),
            "fullname" => self.path.as_str().into(),
            "extension" => self.extension().into(),
            "basename" if self.is_directory => self.name().into(),
            "basename" => self.name()[..self.name().len() - self.extension().len()].into(),
            "exists" => Value::Bool(
                self.followed()
                    .is_some_and(|metadata| metadata.is_dir() == self.is_directory),
            ),
            "length" if !self.is_directory => match self.followed() {
                Some(metadata) => Value::Int64(i64::try_from(metadata.len()).unwrap_or(i64::MAX)),
                None => {
                    let message = format!("Could not find file '{}'.", self.path);
                    return Some(Err(Raise::thrown(TypeId::FileNotFoundException, message)));
                }
            },
            "directoryname" if !self.is_directory => self.parent().into(),
            "directory" if !self.is_directory => Value::clr(Self::new(self.parent(), true)),
            "isreadonly" if !self.is_directory => Value::Bool(self.attributes() & 1 != 0),
            "parent" if self.is_directory => match self.parent() {
                parent if parent.is_empty() => Value::Null,
                parent => Value::clr(Self::new(parent, true)),
            },
            "root" if self.is_directory => Value::clr(Self::new("/", true)),
            "creationtime" => local(self.time(created)),
            "creationtimeutc" => Value::DateTime(self.time(created)),
            "lastaccesstime" => local(self.time(|metadata| metadata.accessed().ok())),
            "lastaccesstimeutc" => Value::DateTime(self.time(|metadata| metadata.accessed().ok())),
            "lastwritetime" => local(self.time(|metadata| metadata.modified().ok())),
            "lastwritetimeutc" => Value::DateTime(self.time(|metadata| metadata.modified().ok())),
            "linktarget" | "target" => self.link_target(),
            "linktype" => match self.metadata() {
                Some(metadata) if metadata.is_symlink() => "SymbolicLink".into(),
                Some(metadata) if !metadata.is_dir() && links(&metadata) > 1 => "HardLink".into(),
                _ => Value::Null,
            },
            "attributes" => Value::enumeration("System.IO.FileAttributes", self.attributes())
                .unwrap_or_default(),
            "unixfilemode" => {
                let bits = self
                    .followed()
                    .map_or(-1, |metadata| i64::from(unix_mode(&metadata) & 0o7777));
                Value::enumeration("System.IO.UnixFileMode", bits).unwrap_or_default()
            }
            "unixmode" => self
                .metadata()
                .map_or_else(|| "".into(), |metadata| Value::from(mode_text(&metadata))),
            "user" => self.metadata().map_or_else(
                || "".into(),
                |metadata| Value::from(name_of("/etc/passwd", owner(&metadata).0)),
            ),
            "group" => self.metadata().map_or_else(
                || "".into(),
                |metadata| Value::from(name_of("/etc/group", owner(&metadata).1)),
            ),
            "size" => self.metadata().map_or(Value::Null, |metadata| {
                Value::Int64(i64::try_from(metadata.len()).unwrap_or(i64::MAX))
            }),
            "mode" | "modewithouthardlink" => self.mode().into(),
            _ => return None,
        }))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        Some(match name.to_ascii_lowercase().as_str() {
            "lastwritetime" | "lastwritetimeutc" => {
                self.set_time(fs::FileTimes::set_modified, value, cx)
            }
            "lastaccesstime" | "lastaccesstimeutc" => {
                self.set_time(fs::FileTimes::set_accessed, value, cx)
            }
            "creationtime" | "creationtimeutc" => {
                self.set_time(fs::FileTimes::set_modified, value, cx)
            }
            "isreadonly" if !self.is_directory => self.set_read_only(convert::to_bool(value)),
            "attributes" => match convert::to(value, &TypeRef::of(TypeId::FileAttributes), cx) {
                Ok(Value::Enum(attributes)) => self.set_read_only(attributes.bits & 1 != 0),
                Ok(_) => Ok(()),
                Err(raise) => Err(raise),
            },
            _ => return None,
        })
    }

    fn methods(&self) -> &'static [&'static str] {
        if self.is_directory {
            &[
                "Create",
                "Delete",
                "EnumerateDirectories",
                "EnumerateFileSystemInfos",
                "EnumerateFiles",
                "GetDirectories",
                "GetFileSystemInfos",
                "GetFiles",
                "MoveTo",
                "Refresh",
                "ToString",
            ]
        } else {
            &["CopyTo", "Delete", "MoveTo", "Refresh", "ToString"]
        }
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let first = arguments
            .first()
            .map(convert::invariant_text)
            .unwrap_or_default();
        let done = |result: std::io::Result<()>| {
            result
                .map(|()| Value::Nothing)
                .map_err(|error| thrown(&error, &self.path))
        };
        Some(match name.to_ascii_lowercase().as_str() {
            "tostring" if arguments.is_empty() => Ok(Value::String(self.text())),
            "refresh" => {
                self.refresh();
                Ok(Value::Nothing)
            }
            "delete" if self.is_directory => {
                match arguments.first().is_some_and(convert::to_bool) {
                    true => done(fs::remove_dir_all(&self.path)),
                    false => done(fs::remove_dir(&self.path)),
                }
            }
            // .NET does not mind if there is nothing to delete.
            "delete" => match fs::remove_file(&self.path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Nothing),
                other => done(other),
            },
            "create" if self.is_directory => done(fs::create_dir_all(&self.path)),
            "moveto" => done(fs::rename(&self.path, first.as_str())),
            "copyto" if !self.is_directory => {
                let overwrites = arguments.get(1).is_some_and(convert::to_bool);
                if !overwrites && Path::new(first.as_str()).exists() {
                    return Some(Err(Raise::thrown(
                        TypeId::IOException,
                        format!("The file '{first}' already exists."),
                    )));
                }
                match fs::copy(&self.path, first.as_str()) {
                    Ok(_) => Ok(Value::clr(Self::new(first.as_str(), false))),
                    Err(error) => Err(thrown(&error, &self.path)),
                }
            }
            lower @ ("getfiles"
            | "getdirectories"
            | "getfilesysteminfos"
            | "enumeratefiles"
            | "enumeratedirectories"
            | "enumeratefilesysteminfos")
                if self.is_directory =>
            {
                let pattern = if first.is_empty() {
                    "*"
                } else {
                    first.as_str()
                };
                let wanted = crate::value::pattern::Wildcard::new(pattern, false);
                match super::sorted_entries(Path::new(&self.path)) {
                    Ok(entries) => {
                        let items = entries
                            .into_iter()
                            .filter(|(name, is_directory)| {
                                let kind = if lower.ends_with("files") {
                                    !is_directory
                                } else if lower.ends_with("directories") {
                                    *is_directory
                                } else {
                                    true
                                };
                                kind && wanted.as_ref().is_some_and(|wanted| wanted.is_match(name))
                            })
                            .map(|(name, is_directory)| {
                                Value::clr(Self::new(
                                    format!("{}/{name}", self.path.trim_end_matches('/')),
                                    is_directory,
                                ))
                            });
                        Ok(Value::array(items.collect()))
                    }
                    Err(error) => Err(thrown(&error, &self.path)),
                }
            }
            _ => return None,
        })
    }

    fn text(&self) -> Text {
        self.path.as_str().into()
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        Some(
            other
                .downcast::<Self>()
                .is_some_and(|other| std::ptr::eq(self, other)),
        )
    }
}

/// Birth time where the file system knows it; otherwise the older of change and modification.
fn created(metadata: &Metadata) -> Option<SystemTime> {
    metadata.created().or_else(|_| metadata.modified()).ok()
}

#[cfg(unix)]
fn unix_mode(metadata: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(metadata)
}

#[cfg(not(unix))]
fn unix_mode(_metadata: &Metadata) -> u32 {
    0
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_metadata: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn owner(metadata: &Metadata) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    (metadata.uid(), metadata.gid())
}

#[cfg(not(unix))]
fn owner(_metadata: &Metadata) -> (u32, u32) {
    (0, 0)
}

/// `drwxr-xr-x`.
fn mode_text(metadata: &Metadata) -> String {
    let mode = unix_mode(metadata);
    let kind = match mode & 0o170_000 {
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o020_000 => 'c',
        0o060_000 => 'b',
        0o010_000 => 'p',
        0o140_000 => 's',
        _ => '-',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// The name of a user or group; the number if it has none.
pub(crate) fn name_of(table: &str, id: u32) -> String {
    let wanted = id.to_string();
    let names = fs::read_to_string(table).unwrap_or_default();
    let found = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == wanted).then(|| name.to_owned())
    });
    found.unwrap_or(wanted)
}
