//! Objects as PowerShell sends them, made by a generator that always makes the same.

use bytes::{Bytes, BytesMut};
use psrp_codec::{ContainerKind, Content, DateTime, DateTimeKind, Object, Value, clixml};

use crate::inputs::Numbers;

/// One kind of objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Corpus {
    /// What `Get-Process` gives.
    Processes,
    /// What `Get-ChildItem` gives.
    Files,
    /// Lines of text.
    Strings,
    /// Numbers.
    Integers,
    /// `@{...}`.
    Hashtables,
    /// Arrays of 64 KiB.
    Bytes,
    /// Error records.
    Errors,
    /// Progress records.
    Progress,
}

impl Corpus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Processes,
        Self::Files,
        Self::Strings,
        Self::Integers,
        Self::Hashtables,
        Self::Bytes,
        Self::Errors,
        Self::Progress,
    ];

    /// The name in the path of a bench.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Processes => "processes",
            Self::Files => "files",
            Self::Strings => "strings",
            Self::Integers => "integers",
            Self::Hashtables => "hashtables",
            Self::Bytes => "bytes",
            Self::Errors => "errors",
            Self::Progress => "progress",
        }
    }

    /// Values that make about `size` bytes of CLIXML, one message each.
    #[must_use]
    pub fn values(self, size: usize) -> Vec<Value> {
        let mut random = Random(Numbers::new(1));
        let mut values = Vec::new();
        let mut written = 0;
        while written < size {
            let value = self.value(&mut random);
            let mut out = BytesMut::new();
            clixml::write(&value, &mut out);
            written += out.len();
            values.push(value);
        }
        values
    }

    /// About `size` bytes of CLIXML as messages of one value each, one behind the other in memory,
    /// as they lie in what was received.
    #[must_use]
    pub fn messages(self, size: usize) -> Vec<Bytes> {
        let mut all = BytesMut::new();
        let write = |value: &Value| {
            let start = all.len();
            clixml::write(value, &mut all);
            start..all.len()
        };
        let messages: Vec<_> = self.values(size).iter().map(write).collect();
        let all = all.freeze();
        messages.into_iter().map(|at| all.slice(at)).collect()
    }

    /// About `size` bytes of CLIXML as one value: a list of them.
    #[must_use]
    pub fn document(self, size: usize) -> Vec<u8> {
        let mut out = BytesMut::new();
        clixml::write(&Value::list(self.values(size)), &mut out);
        out.to_vec()
    }

    fn value(self, random: &mut Random) -> Value {
        match self {
            Self::Processes => process(random),
            Self::Files => file(random),
            Self::Strings => random.sentence(12).into(),
            Self::Integers => random.below(1 << 30).cast_signed().into(),
            Self::Hashtables => Value::hashtable((0..8).map(|_| {
                let key = random.word();
                let value = match random.below(3) {
                    0 => Value::from(random.sentence(4)),
                    1 => Value::from(random.below(100_000).cast_signed()),
                    _ => Value::list([random.below(100).cast_signed(), 2]),
                };
                (key, value)
            })),
            Self::Bytes => {
                let bytes: Vec<u8> = (0..65_536)
                    .map(|_| u8::try_from(random.below(256)).unwrap_or(0))
                    .collect();
                Value::Bytes(bytes.into())
            }
            Self::Errors => error(random),
            Self::Progress => progress(random),
        }
    }
}

fn process(random: &mut Random) -> Value {
    let name = random.word();
    let mut object = Object::of_type([
        "System.Diagnostics.Process",
        "System.ComponentModel.Component",
        "System.MarshalByRefObject",
        "System.Object",
    ])
    .text(format!("System.Diagnostics.Process ({name})"))
    .adapted_property(
        "SafeHandle",
        "Microsoft.Win32.SafeHandles.SafeProcessHandle",
    )
    .adapted_property("Handle", i64::from(random.below(9000)))
    .adapted_property("BasePriority", 0)
    .adapted_property("HasExited", false)
    .adapted_property("StartTime", random.time())
    .adapted_property("Id", random.below(65_536).cast_signed())
    .adapted_property("MachineName", ".")
    .adapted_property("MaxWorkingSet", i64::MAX)
    .adapted_property("MinWorkingSet", 0_i64)
    .adapted_property(
        "Modules",
        Object::of_type([
            "System.Diagnostics.ProcessModuleCollection",
            "System.Object",
        ])
        .with_content(Content::Items(
            ContainerKind::List,
            (0..4)
                .map(|_| format!("System.Diagnostics.ProcessModule ({}.so)", random.word()).into())
                .collect(),
        )),
    );
    for property in [
        "NonpagedSystemMemorySize64",
        "NonpagedSystemMemorySize",
        "PagedMemorySize64",
        "PagedMemorySize",
        "PeakPagedMemorySize64",
        "PeakWorkingSet64",
        "PrivateMemorySize64",
        "VirtualMemorySize64",
        "WorkingSet64",
    ] {
        object = object.adapted_property(property, i64::from(random.below(1 << 31)));
    }
    object
        .adapted_property("PriorityBoostEnabled", false)
        .adapted_property("PriorityClass", "Normal")
        .adapted_property("ProcessName", name.clone())
        .adapted_property("ProcessorAffinity", 3_i64)
        .adapted_property("Responding", true)
        .adapted_property("SessionId", random.below(4000).cast_signed())
        .adapted_property("StartInfo", Value::Null)
        .adapted_property(
            "TotalProcessorTime",
            psrp_codec::TimeSpan::from_ticks(i64::from(random.below(1 << 31))),
        )
        .adapted_property("MainWindowTitle", "")
        .adapted_property("EnableRaisingEvents", false)
        .adapted_property("StandardInput", Value::Null)
        .adapted_property("StandardOutput", Value::Null)
        .adapted_property("Site", Value::Null)
        .adapted_property("Container", Value::Null)
        .property("Name", name.clone())
        .property("SI", random.below(4000).cast_signed())
        .property("Handles", 0)
        .property("VM", i64::from(random.below(1 << 31)))
        .property("WS", i64::from(random.below(1 << 31)))
        .property("PM", i64::from(random.below(1 << 31)))
        .property("NPM", 0_i64)
        .property("Path", format!("/usr/bin/{name}"))
        .property("CommandLine", command_line(&name, random))
        .property("Company", Value::Null)
        .property("CPU", f64::from(random.below(100_000)) / 64.0)
        .into()
}

/// One in six has what XML must not see: of 16,059 texts in recordings of PowerShell 7.6, 241 have
/// a reference, and a process has some ten texts.
fn command_line(name: &str, random: &mut Random) -> String {
    let (option, value) = (random.word(), random.word());
    if random.below(6) == 0 {
        format!("/usr/bin/{name} --{option} <{value}>")
    } else {
        format!("/usr/bin/{name} --{option} '{value}'")
    }
}

fn file(random: &mut Random) -> Value {
    let name = format!("{}.{}", random.word(), random.word());
    let folder = format!("/home/{}/{}", random.word(), random.word());
    let full = format!("{folder}/{name}");
    Object::of_type([
        "System.IO.FileInfo",
        "System.IO.FileSystemInfo",
        "System.MarshalByRefObject",
        "System.Object",
    ])
    .text(full.clone())
    .adapted_property("Length", i64::from(random.below(1 << 24)))
    .adapted_property("DirectoryName", folder.clone())
    .adapted_property("Directory", folder.clone())
    .adapted_property("IsReadOnly", false)
    .adapted_property("FullName", full.clone())
    .adapted_property("Extension", ".txt")
    .adapted_property("Name", name.clone())
    .adapted_property("Exists", true)
    .adapted_property("CreationTime", random.time())
    .adapted_property("CreationTimeUtc", random.time())
    .adapted_property("LastAccessTime", random.time())
    .adapted_property("LastWriteTime", random.time())
    .adapted_property("LinkTarget", Value::Null)
    .adapted_property("UnixFileMode", "OtherRead, GroupRead, UserWrite, UserRead")
    .adapted_property("Attributes", "Normal")
    .property(
        "PSPath",
        format!("Microsoft.PowerShell.Core\\FileSystem::{full}"),
    )
    .property(
        "PSParentPath",
        format!("Microsoft.PowerShell.Core\\FileSystem::{folder}"),
    )
    .property("PSChildName", name.clone())
    .property("PSDrive", "/")
    .property("PSProvider", "Microsoft.PowerShell.Core\\FileSystem")
    .property("PSIsContainer", false)
    .property("Mode", "-----")
    .property("BaseName", name)
    .property("Target", Value::Null)
    .property("LinkType", Value::Null)
    .into()
}

fn error(random: &mut Random) -> Value {
    let message = format!(
        "Cannot find path '/{}/{}' because it does not exist.",
        random.word(),
        random.word()
    );
    let exception = Object::of_type([
        "System.Management.Automation.ItemNotFoundException",
        "System.Management.Automation.SessionStateException",
        "System.Management.Automation.RuntimeException",
        "System.SystemException",
        "System.Exception",
        "System.Object",
    ])
    .text(format!(
        "System.Management.Automation.ItemNotFoundException: {message}\r\n   at <ScriptBlock>"
    ))
    .adapted_property("ErrorRecord", message.clone())
    .adapted_property("ItemName", "/nowhere")
    .adapted_property("Message", message.clone())
    .adapted_property("Data", Value::hashtable::<&str, &str>([]))
    .adapted_property("InnerException", Value::Null)
    .adapted_property("HelpLink", Value::Null)
    .adapted_property("Source", "System.Management.Automation")
    .adapted_property("HResult", -2_146_233_087)
    .adapted_property(
        "StackTrace",
        format!("   at {}\n   at {}", random.sentence(6), random.sentence(6)),
    );
    Object::of_type(["System.Management.Automation.ErrorRecord", "System.Object"])
        .text(message.clone())
        .property("Exception", exception)
        .property("TargetObject", "/nowhere")
        .property(
            "FullyQualifiedErrorId",
            "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
        )
        .property("InvocationInfo", Value::Null)
        .property("ErrorCategory_Category", 13)
        .property("ErrorCategory_Activity", "Get-Item")
        .property("ErrorCategory_Reason", "ItemNotFoundException")
        .property("ErrorCategory_TargetName", "/nowhere")
        .property("ErrorCategory_TargetType", "String")
        .property(
            "ErrorCategory_Message",
            format!("ObjectNotFound: (/nowhere:String) [Get-Item], {message}"),
        )
        .property("SerializeExtendedInfo", false)
        .property(
            "ErrorDetails_ScriptStackTrace",
            "at <ScriptBlock>, <No file>: line 1",
        )
        .property("PSMessageDetails", Value::Null)
        .into()
}

fn progress(random: &mut Random) -> Value {
    Object::bag()
        .property("Activity", random.sentence(3))
        .property("ActivityId", 0)
        .property("StatusDescription", random.sentence(5))
        .property("CurrentOperation", random.sentence(2))
        .property("ParentActivityId", -1)
        .property("PercentComplete", random.below(100).cast_signed())
        .property(
            "Type",
            Value::enumeration(
                "System.Management.Automation.ProgressRecordType",
                "Processing",
                0,
            ),
        )
        .property("SecondsRemaining", random.below(1000).cast_signed())
        .into()
}

/// Numbers, words and times that look like data.
struct Random(Numbers);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.0.below(limit.into())).unwrap_or(0)
    }

    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 12] = [
            "con", "tro", "ser", "vice", "net", "work", "data", "log", "win", "sys", "shell", "a_b",
        ];
        let count = 1 + self.below(3);
        let mut word: String = (0..count)
            .map(|_| SYLLABLES[self.below(12) as usize])
            .collect();
        // Of 16,059 texts in recordings of PowerShell 7.6, 99 have an escape.
        if self.below(160) == 0 {
            word.push_str("_x");
        }
        word
    }

    fn sentence(&mut self, words: u32) -> String {
        let words: Vec<_> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn time(&mut self) -> DateTime {
        let ticks = DateTime::UNIX_EPOCH_TICKS + i64::from(self.below(u32::MAX)) * 3_900_017;
        DateTime::new(
            ticks,
            DateTimeKind::Local {
                offset_minutes: 120,
            },
        )
        .expect("a time in this century")
    }
}
