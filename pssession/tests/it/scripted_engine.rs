//! An engine whose scripts are a few words, so that the endpoint is tested and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use psrp_codec::message::{CommandMetadata, CreatePipeline, GetCommandMetadata};
use psrp_codec::{Encoded, ErrorCategory, ErrorRecord, Limits, Value, Version, clixml};
use pssession::endpoint::{Engine, EngineRunspace, Input, RunspaceRequest, WorkEnd, WorkSink};
use runspace::OutputStream;

/// Scripts: `say TEXT`, `count N MS` (N numbers, that many milliseconds apart), `set N`, `get`,
/// `add` (the sum of the input), `fail TEXT`, `sleep MS`, `flood` (output without end); anything
/// else writes an error.
pub(crate) struct ScriptedEngine;

/// Outputs of all floods, and the floods that run.
static SAID: AtomicUsize = AtomicUsize::new(0);
static FLOODS: AtomicUsize = AtomicUsize::new(0);

impl ScriptedEngine {
    /// Bytes of one output of a flood.
    pub(crate) const FLOOD: usize = 10_000;

    /// How many outputs the floods of this process have written.
    pub(crate) fn said() -> usize {
        SAID.load(Ordering::Acquire)
    }

    /// Whether a flood runs.
    pub(crate) fn flooding() -> bool {
        FLOODS.load(Ordering::Acquire) > 0
    }
}

impl Engine for ScriptedEngine {
    fn open(&self, request: &RunspaceRequest) -> Result<Box<dyn EngineRunspace>, String> {
        if request.user == "nobody" {
            return Err("there is nothing here for nobody".to_owned());
        }
        Ok(Box::new(Scripted {
            kept: 0,
            stop: Arc::default(),
        }))
    }

    fn version_table(&self) -> Vec<(String, Value)> {
        vec![("PSVersion".to_owned(), Value::Version(Version::new(7, 4)))]
    }
}

struct Scripted {
    kept: i32,
    stop: Arc<AtomicBool>,
}

impl Scripted {
    /// Sleeps; `false` when it was stopped.
    fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if self.stop.load(Ordering::Acquire) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1).min(time));
        }
        !self.stop.load(Ordering::Acquire)
    }

    fn perform(&mut self, text: &str, input: &Input, sink: &mut dyn WorkSink) -> Option<WorkEnd> {
        let mut out = |value: Value| sink.put(OutputStream::Output, Some(encode(&value))).ok();
        let mut words = text.split(' ');
        let verb = words.next().unwrap_or_default();
        let mut number = || {
            words
                .next()
                .and_then(|word| word.parse::<i32>().ok())
                .unwrap_or(0)
        };
        match verb {
            "say" => out(Value::from(text.strip_prefix("say ").unwrap_or_default()))?,
            "count" => {
                let (count, pause) = (number(), number());
                for n in 1..=count {
                    if !self.sleep(Duration::from_millis(u64::try_from(pause).unwrap_or(0))) {
                        return None;
                    }
                    out(Value::Int32(n))?;
                }
            }
            "set" => self.kept = number(),
            "get" => out(Value::Int32(self.kept))?,
            "add" => {
                let mut sum = 0;
                while let Some(object) = input.next() {
                    let object = object.map(|object| object.decode(&Limits::default()).unwrap());
                    sum += object.and_then(|value| value.as_i32()).unwrap_or(0);
                }
                out(Value::Int32(sum))?;
            }
            "sleep" => {
                if !self.sleep(Duration::from_millis(u64::try_from(number()).unwrap_or(0))) {
                    return None;
                }
            }
            "flood" => {
                FLOODS.fetch_add(1, Ordering::AcqRel);
                let text = Value::from("x".repeat(ScriptedEngine::FLOOD).as_str());
                while !self.stop.load(Ordering::Acquire) && out(text.clone()).is_some() {
                    SAID.fetch_add(1, Ordering::AcqRel);
                }
                FLOODS.fetch_sub(1, Ordering::AcqRel);
                return None;
            }
            "fail" => return Some(WorkEnd::Failed(Box::new(record(text)))),
            _ => {
                let value = record(text).to_value();
                sink.put(OutputStream::Error, Some(encode(&value))).ok()?;
            }
        }
        Some(WorkEnd::Completed)
    }
}

impl EngineRunspace for Scripted {
    fn stopper(&self) -> Arc<dyn Fn() + Send + Sync> {
        let stop = Arc::clone(&self.stop);
        Arc::new(move || stop.store(true, Ordering::Release))
    }

    fn run(&mut self, create: &CreatePipeline, input: Input, sink: &mut dyn WorkSink) -> WorkEnd {
        self.stop.store(false, Ordering::Release);
        let text = create.power_shell.statements[0][0]
            .text
            .to_string_lossy()
            .into_owned();
        self.perform(&text, &input, sink)
            .unwrap_or(WorkEnd::Stopped(None))
    }

    fn command_metadata(
        &mut self,
        _request: &GetCommandMetadata,
    ) -> Result<Vec<CommandMetadata>, Box<ErrorRecord>> {
        Ok(Vec::new())
    }
}

fn record(text: &str) -> ErrorRecord {
    let exception = "System.Management.Automation.RuntimeException";
    ErrorRecord::new(
        exception,
        text,
        "Scripted",
        ErrorCategory::OPERATION_STOPPED,
    )
}

fn encode(value: &Value) -> Encoded {
    let mut xml = BytesMut::new();
    clixml::write(value, &mut xml);
    Encoded::new(xml.freeze())
}
