//! `System.Diagnostics.Process`, from what the system tells under `/proc`.

use std::fs;
use std::sync::OnceLock;

use crate::value::{
    ClrLike, Context, DateTime, DateTimeKind, Extended, PropertyInfo, Raise, TICKS_PER_SECOND,
    Text, TimeSpan, TypeId, TypeRef, UNIX_EPOCH_TICKS, Value,
};

/// A process as it was when it was asked for.
#[derive(Debug)]
pub(crate) struct Process {
    id: i32,
    name: Text,
    parent: i32,
    session: i32,
    priority: i32,
    /// In clock ticks, as the next two.
    user: u64,
    kernel: u64,
    started: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
    extended: Extended,
}

/// The processes that there are now, in no order.
pub(crate) fn process_ids() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

impl Process {
    /// The process of that number; `None` if there is none.
    pub(crate) fn read(id: i32) -> Option<Self> {
        let stat = fs::read(format!("/proc/{id}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat).into_owned();
        // The name stands in parentheses and may hold any others.
        let (before, rest) = stat.rsplit_once(')')?;
        let (_, short) = before.split_once('(')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |index: usize| -> Option<u64> { fields.get(index)?.parse().ok() };
        let signed = |index: usize| -> Option<i32> { fields.get(index)?.parse().ok() };
        let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
        Some(Self {
            id,
            name: full_name(id, short),
            parent: signed(1)?,
            session: signed(3)?,
            priority: signed(15).unwrap_or(20),
            user: number(11)?,
            kernel: number(12)?,
            started: number(19)?,
            virtual_bytes: number(20)?,
            resident_bytes: number(21)?.saturating_mul(page),
            extended: Extended::default(),
        })
    }

    pub(crate) fn id(&self) -> i32 {
        self.id
    }

    pub(crate) fn name(&self) -> &Text {
        &self.name
    }

    /// The program's file.
    fn path(&self) -> Option<String> {
        let path = fs::read_link(format!("/proc/{}/exe", self.id)).ok()?;
        Some(path.to_string_lossy().into_owned())
    }

    fn command_line(&self) -> Option<String> {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.id)).ok()?;
        let text = String::from_utf8_lossy(&bytes)
            .trim_end_matches('\0')
            .replace('\0', " ");
        (!text.is_empty()).then_some(text)
    }

    /// A line of `/proc/…/status` that counts kilobytes.
    fn kilobytes(&self, field: &str) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap_or_default();
        status
            .lines()
            .find_map(|line| {
                let rest = line.strip_prefix(field)?.strip_prefix(':')?;
                rest.split_ascii_whitespace().next()?.parse::<i64>().ok()
            })
            .unwrap_or(0)
            .saturating_mul(1024)
    }

    fn handles(&self) -> i32 {
        let count = fs::read_dir(format!("/proc/{}/fd", self.id))
            .map_or(0, |entries| entries.filter_map(Result::ok).count());
        i32::try_from(count).unwrap_or(i32::MAX)
    }

    fn has_exited(&self) -> bool {
        // Another process may have got the number meanwhile.
        Self::read(self.id).is_none_or(|now| now.started != self.started)
    }

    fn start_time(&self) -> Option<DateTime> {
        let ticks = UNIX_EPOCH_TICKS
            .checked_add(boot_time()?.checked_mul(TICKS_PER_SECOND)?)?
            .checked_add(span(self.started).ticks)?;
        Some(DateTime::from_ticks(ticks, DateTimeKind::Utc)?.to_local())
    }

    fn priority_class(&self) -> Value {
        let bits = match self.priority - 20 {
            i32::MIN..=-11 => 128,
            -10..=-1 => 32_768,
            0 => 32,
            1..=10 => 16_384,
            _ => 64,
        };
        Value::enumeration("System.Diagnostics.ProcessPriorityClass", bits).unwrap_or_default()
    }
}

/// The name without the cut that the system makes at fifteen bytes.
fn full_name(id: i32, short: &str) -> Text {
    if short.len() >= 15 {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let program = String::from_utf8_lossy(program);
        let name = program.rsplit('/').next().unwrap_or_default();
        if name.starts_with(short) {
            return name.into();
        }
    }
    short.into()
}

/// A number of clock ticks as a span of time.
fn span(clock_ticks: u64) -> TimeSpan {
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let ticks = u128::from(clock_ticks) * u128::from(TICKS_PER_SECOND.unsigned_abs())
        / u128::from(per_second);
    TimeSpan {
        ticks: i64::try_from(ticks).unwrap_or(i64::MAX),
    }
}

/// When the system was started, in seconds of the Unix epoch.
fn boot_time() -> Option<i64> {
    static BOOT: OnceLock<Option<i64>> = OnceLock::new();
    *BOOT.get_or_init(|| {
        fs::read_to_string("/proc/stat")
            .ok()?
            .lines()
            .find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
    })
}

const PROPERTIES: &[(&str, &str)] = &[
    ("BasePriority", "System.Int32"),
    ("HasExited", "System.Boolean"),
    ("StartTime", "System.DateTime"),
    ("Id", "System.Int32"),
    ("MachineName", "System.String"),
    ("NonpagedSystemMemorySize64", "System.Int64"),
    ("NonpagedSystemMemorySize", "System.Int32"),
    ("PagedMemorySize64", "System.Int64"),
    ("PagedMemorySize", "System.Int32"),
    ("PagedSystemMemorySize64", "System.Int64"),
    ("PagedSystemMemorySize", "System.Int32"),
    ("PeakPagedMemorySize64", "System.Int64"),
    ("PeakPagedMemorySize", "System.Int32"),
    ("PeakWorkingSet64", "System.Int64"),
    ("PeakWorkingSet", "System.Int32"),
    ("PeakVirtualMemorySize64", "System.Int64"),
    ("PeakVirtualMemorySize", "System.Int32"),
    ("PriorityBoostEnabled", "System.Boolean"),
    ("PriorityClass", "System.Diagnostics.ProcessPriorityClass"),
    ("PrivateMemorySize64", "System.Int64"),
    ("PrivateMemorySize", "System.Int32"),
    ("ProcessName", "System.String"),
    ("SessionId", "System.Int32"),
    ("HandleCount", "System.Int32"),
    ("VirtualMemorySize64", "System.Int64"),
    ("VirtualMemorySize", "System.Int32"),
    ("EnableRaisingEvents", "System.Boolean"),
    ("WorkingSet64", "System.Int64"),
    ("WorkingSet", "System.Int32"),
    ("PrivilegedProcessorTime", "System.TimeSpan"),
    ("TotalProcessorTime", "System.TimeSpan"),
    ("UserProcessorTime", "System.TimeSpan"),
    ("MainWindowTitle", "System.String"),
    ("Responding", "System.Boolean"),
];

/// What PowerShell's type data adds.
const ADDED: &[(&str, &str)] = &[
    ("Name", "System.String"),
    ("SI", "System.Int32"),
    ("Handles", "System.Int32"),
    ("VM", "System.Int64"),
    ("WS", "System.Int64"),
    ("PM", "System.Int64"),
    ("NPM", "System.Int64"),
    ("Path", "System.String"),
    ("CommandLine", "System.String"),
    ("Parent", "System.Diagnostics.Process"),
    ("Company", "System.String"),
    ("CPU", "System.Double"),
    ("FileVersion", "System.String"),
    ("ProductVersion", "System.String"),
    ("Description", "System.String"),
    ("Product", "System.String"),
    ("__NounName", "System.String"),
];

fn infos(rows: &[(&'static str, &'static str)]) -> Vec<PropertyInfo> {
    rows.iter()
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .collect()
}

/// The lower 32 bits, as the properties that .NET keeps for old programs give them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cut is what the old properties do"
)]
fn low(bytes: i64) -> Value {
    Value::Int32(bytes as i32)
}

impl ClrLike for Process {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Process)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        infos(PROPERTIES)
    }

    fn type_data(&self) -> Vec<PropertyInfo> {
        infos(ADDED)
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let bytes = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let all = self.user.saturating_add(self.kernel);
        let or_null = |text: Option<String>| text.map_or(Value::Null, Value::from);
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "id" => Value::Int32(self.id),
            "name" | "processname" => Value::String(self.name.clone()),
            "sessionid" | "si" => Value::Int32(self.session),
            "handles" | "handlecount" => Value::Int32(self.handles()),
            "vm" | "virtualmemorysize64" => Value::Int64(bytes(self.virtual_bytes)),
            "virtualmemorysize" => low(bytes(self.virtual_bytes)),
            "ws" | "workingset64" => Value::Int64(bytes(self.resident_bytes)),
            "workingset" => low(bytes(self.resident_bytes)),
            "pm" | "pagedmemorysize64" | "peakpagedmemorysize64" => {
                Value::Int64(self.kilobytes("VmSwap"))
            }
            "pagedmemorysize" | "peakpagedmemorysize" => low(self.kilobytes("VmSwap")),
            "npm" | "nonpagedsystemmemorysize64" | "pagedsystemmemorysize64" => Value::Int64(0),
            "nonpagedsystemmemorysize" | "pagedsystemmemorysize" => Value::Int32(0),
            "peakworkingset64" => Value::Int64(self.kilobytes("VmHWM")),
            "peakworkingset" => low(self.kilobytes("VmHWM")),
            "peakvirtualmemorysize64" => Value::Int64(self.kilobytes("VmPeak")),
            "peakvirtualmemorysize" => low(self.kilobytes("VmPeak")),
            "privatememorysize64" => Value::Int64(self.kilobytes("VmData")),
            "privatememorysize" => low(self.kilobytes("VmData")),
            "path" => or_null(self.path()),
            "commandline" => or_null(self.command_line()),
            "parent" => Self::read(self.parent).map_or(Value::Null, Value::clr),
            "cpu" => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a process does not run for the centuries that would not fit"
                )]
                let seconds = span(all).ticks as f64 / TICKS_PER_SECOND as f64;
                Value::Double(seconds)
            }
            "totalprocessortime" => Value::TimeSpan(span(all)),
            "userprocessortime" => Value::TimeSpan(span(self.user)),
            "privilegedprocessortime" => Value::TimeSpan(span(self.kernel)),
            "starttime" => Value::DateTime(self.start_time()?),
            "hasexited" => Value::Bool(self.has_exited()),
            "machinename" => ".".into(),
            "basepriority" => Value::Int32(self.priority - 20),
            "priorityclass" => self.priority_class(),
            "priorityboostenabled" | "enableraisingevents" => Value::Bool(false),
            "responding" => Value::Bool(true),
            "mainwindowtitle" => "".into(),
            "company" | "fileversion" | "productversion" | "description" | "product" => Value::Null,
            "__nounname" => "Process".into(),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Kill", "Refresh", "WaitForExit"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        match name.to_ascii_lowercase().as_str() {
            "kill" => Some(match self.kill() {
                Ok(()) => Ok(Value::Nothing),
                Err(error) => Err(Raise::thrown(TypeId::Win32Exception, process_error(&error))),
            }),
            "refresh" => Some(Ok(Value::Nothing)),
            "waitforexit" => Some(self.wait(arguments.first(), cx)),
            _ => None,
        }
    }

    fn text(&self) -> Text {
        format!("System.Diagnostics.Process ({})", self.name).into()
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }
}

impl Process {
    /// Ends the process at once; one that has ended already is no error.
    pub(crate) fn kill(&self) -> std::io::Result<()> {
        let Some(pid) = rustix::process::Pid::from_raw(self.id) else {
            return Ok(());
        };
        if self.has_exited() {
            return Ok(());
        }
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).map_err(Into::into)
    }

    fn wait(&self, milliseconds: Option<&Value>, cx: &mut dyn Context) -> Result<Value, Raise> {
        let limit = match milliseconds.map(Value::base) {
            Some(Value::Int32(limit)) if *limit >= 0 => Some(std::time::Duration::from_millis(
                u64::from(limit.unsigned_abs()),
            )),
            _ => None,
        };
        let begun = std::time::Instant::now();
        loop {
            cx.checkpoint()?;
            if self.has_exited() {
                return Ok(milliseconds.map_or(Value::Nothing, |_| Value::Bool(true)));
            }
            if limit.is_some_and(|limit| begun.elapsed() >= limit) {
                return Ok(Value::Bool(false));
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// An error of the system without the number behind it.
pub(crate) fn process_error(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
