//! The threads of one session: each has a runspace and runs one pipeline at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, mpsc as blocking};

use bytes::BytesMut;
use psrp_codec::host::{HostAnswer, HostRequest};
use psrp_codec::message::{CommandMetadataCount, CreatePipeline, GetCommandMetadata};
use psrp_codec::{Encoded, ErrorCategory, ErrorRecord, PipelineId, Value, clixml};
use runspace::OutputStream;
use tokio::sync::mpsc;

use super::engine::{Engine, EngineRunspace, Input, RunspaceRequest, Unwanted, WorkEnd, WorkSink};

/// Things that one pipeline may have brought and the session has not taken.
const BROUGHT: usize = 64;

/// The stack of a thread: scripts may recurse deeply.
const STACK: usize = 256 * 1024 * 1024;

/// What is to be run.
pub(super) enum Job {
    /// A pipeline.
    Pipeline(Box<CreatePipeline>),
    /// The metadata of commands.
    Metadata(Box<GetCommandMetadata>),
}

/// What a pipeline has to say to its session.
pub(super) enum News {
    /// Something for a stream.
    Output {
        stream: OutputStream,
        value: Option<Encoded>,
    },
    /// A call of the client's host.
    HostCall {
        request: Box<HostRequest>,
        reply: HostReply,
    },
    /// The end; the thread is free again.
    Ended(WorkEnd),
}

/// Where the answer to a host call goes.
pub(super) type HostReply = blocking::Sender<Result<HostAnswer, Box<ErrorRecord>>>;

/// A pipeline that was handed to the threads.
struct Work {
    pipeline: PipelineId,
    job: Job,
    input: Input,
    news: mpsc::Sender<News>,
}

/// The session's end of a pipeline.
pub(super) struct Running {
    pub(super) news: mpsc::Receiver<News>,
    /// Gives the pipeline input; `None` once that has ended.
    pub(super) input: Option<blocking::Sender<Option<Encoded>>>,
    /// What it still brings is for nobody.
    pub(super) is_superfluous: bool,
}

/// The threads.
pub(super) struct Runspaces {
    engine: Arc<dyn Engine>,
    request: RunspaceRequest,
    most: usize,
    threads: Vec<Thread>,
    waiting: VecDeque<Work>,
}

/// Stops what a thread runs.
type Stopper = Arc<dyn Fn() + Send + Sync>;

/// There once the thread's runspace is.
type SharedStopper = Arc<Mutex<Option<Stopper>>>;

struct Thread {
    work: blocking::Sender<Work>,
    stopper: SharedStopper,
    running: Option<PipelineId>,
}

impl Runspaces {
    pub(super) fn new(engine: Arc<dyn Engine>, request: RunspaceRequest, most: i32) -> Self {
        let most = usize::try_from(most).unwrap_or(1).max(1);
        Self {
            engine,
            request,
            most,
            threads: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Makes the first runspace, so that a session that cannot have one fails when it is opened.
    pub(super) fn start(&mut self) -> Result<(), String> {
        let (ready, is_ready) = blocking::channel();
        self.spawn(Some(ready))?;
        is_ready
            .recv()
            .unwrap_or_else(|_| Err("the runspace ended at once".to_owned()))
    }

    pub(super) fn set_most(&mut self, most: i32) {
        self.most = usize::try_from(most).unwrap_or(1).max(1);
        self.next();
    }

    /// Runs a pipeline as soon as a runspace is free.
    pub(super) fn run(&mut self, pipeline: PipelineId, job: Job, with_input: bool) -> Running {
        let (news, taken) = mpsc::channel(BROUGHT);
        let (sender, input) = if with_input {
            let (sender, objects) = blocking::channel();
            (Some(sender), Input::new(objects))
        } else {
            (None, Input::none())
        };
        self.waiting.push_back(Work {
            pipeline,
            job,
            input,
            news,
        });
        self.next();
        Running {
            news: taken,
            input: sender,
            is_superfluous: false,
        }
    }

    /// Stops a pipeline. One that has not begun is dropped: `true`, and no news will come of it.
    pub(super) fn stop(&mut self, pipeline: PipelineId) -> bool {
        if let Some(at) = self
            .waiting
            .iter()
            .position(|work| work.pipeline == pipeline)
        {
            self.waiting.remove(at);
            return true;
        }
        for thread in self
            .threads
            .iter()
            .filter(|thread| thread.running == Some(pipeline))
        {
            let stopper = thread
                .stopper
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(stop) = stopper {
                stop();
            }
        }
        false
    }

    /// The pipeline has ended, so its runspace can take the next.
    pub(super) fn ended(&mut self, pipeline: PipelineId) {
        for thread in &mut self.threads {
            if thread.running == Some(pipeline) {
                thread.running = None;
            }
        }
        self.next();
    }

    /// Whether nothing runs and nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.threads.iter().all(|thread| thread.running.is_none())
    }

    /// Throws the runspaces away: the next pipeline finds a new one. Only while idle.
    pub(super) fn reset(&mut self) -> Result<(), String> {
        self.threads.clear();
        self.start()
    }

    /// Stops everything. The threads end when what they run has ended.
    pub(super) fn close(&mut self) {
        self.waiting.clear();
        let running: Vec<PipelineId> = self
            .threads
            .iter()
            .filter_map(|thread| thread.running)
            .collect();
        for pipeline in running {
            self.stop(pipeline);
        }
        self.threads.clear();
    }

    /// Gives waiting work to free threads, making threads while there may be more.
    fn next(&mut self) {
        while !self.waiting.is_empty() {
            let free = self
                .threads
                .iter()
                .position(|thread| thread.running.is_none());
            let at = match free {
                Some(at) => at,
                None if self.threads.len() < self.most => match self.spawn(None) {
                    Ok(()) => self.threads.len() - 1,
                    Err(error) => {
                        tracing::warn!(%error, "no thread for another runspace");
                        return;
                    }
                },
                None => return,
            };
            let Some(thread) = self.threads.get_mut(at) else {
                return;
            };
            let Some(work) = self.waiting.pop_front() else {
                return;
            };
            thread.running = Some(work.pipeline);
            if let Err(blocking::SendError(work)) = thread.work.send(work) {
                // The thread died; its place is taken by a new one.
                self.threads.remove(at);
                self.waiting.push_front(work);
            }
        }
    }

    fn spawn(&mut self, ready: Option<blocking::Sender<Result<(), String>>>) -> Result<(), String> {
        let (work, jobs) = blocking::channel();
        let stopper = Arc::new(Mutex::new(None));
        let (engine, request) = (Arc::clone(&self.engine), self.request.clone());
        let shared = Arc::clone(&stopper);
        // Only what a script touches of its stack takes memory.
        std::thread::Builder::new()
            .name("runspace".to_owned())
            .stack_size(STACK)
            .spawn(move || serve(&*engine, &request, &jobs, &shared, ready))
            .map_err(|error| error.to_string())?;
        self.threads.push(Thread {
            work,
            stopper,
            running: None,
        });
        Ok(())
    }
}

impl Drop for Runspaces {
    fn drop(&mut self) {
        self.close();
    }
}

/// The life of a thread: a runspace, and one pipeline after the other.
fn serve(
    engine: &dyn Engine,
    request: &RunspaceRequest,
    jobs: &blocking::Receiver<Work>,
    stopper: &Mutex<Option<Stopper>>,
    ready: Option<blocking::Sender<Result<(), String>>>,
) {
    let opened = engine.open(request);
    if let Some(ready) = ready {
        let told = opened.as_ref().map(|_| ()).map_err(Clone::clone);
        if ready.send(told).is_err() {
            return;
        }
    }
    let mut runspace = opened;
    if let Ok(runspace) = &runspace {
        let stop = runspace.stopper();
        *stopper.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }
    while let Ok(work) = jobs.recv() {
        let end = match &mut runspace {
            Ok(runspace) => perform(&mut **runspace, work.job, work.input, &work.news),
            Err(error) => WorkEnd::Failed(Box::new(ErrorRecord::new(
                "System.InvalidOperationException",
                error.as_str(),
                "RunspaceOpenFailed",
                ErrorCategory::OPEN_ERROR,
            ))),
        };
        // The session is gone when this fails, and with it all who would want to know.
        let _gone = work.news.blocking_send(News::Ended(end));
    }
}

fn perform(
    runspace: &mut dyn EngineRunspace,
    job: Job,
    input: Input,
    news: &mpsc::Sender<News>,
) -> WorkEnd {
    let mut sink = Sink { news };
    match job {
        Job::Pipeline(create) => runspace.run(&create, input, &mut sink),
        Job::Metadata(request) => match runspace.command_metadata(&request) {
            Err(record) => WorkEnd::Failed(record),
            Ok(commands) => {
                let count = i32::try_from(commands.len()).unwrap_or(i32::MAX);
                let values = std::iter::once(CommandMetadataCount { count }.to_value())
                    .chain(commands.iter().map(|command| command.to_value()));
                for value in values {
                    if sink
                        .put(OutputStream::Output, Some(encode(&value)))
                        .is_err()
                    {
                        return WorkEnd::Stopped(None);
                    }
                }
                WorkEnd::Completed
            }
        },
    }
}

/// A value as it goes over the wire.
pub(super) fn encode(value: &Value) -> Encoded {
    let mut xml = BytesMut::new();
    clixml::write(value, &mut xml);
    Encoded::new(xml.freeze())
}

/// The runspace's end of a pipeline's news.
struct Sink<'n> {
    news: &'n mpsc::Sender<News>,
}

impl WorkSink for Sink<'_> {
    fn put(&mut self, stream: OutputStream, value: Option<Encoded>) -> Result<(), Unwanted> {
        self.news
            .blocking_send(News::Output { stream, value })
            .map_err(|_| Unwanted)
    }

    fn host_call(
        &mut self,
        request: HostRequest,
    ) -> Result<Result<HostAnswer, Box<ErrorRecord>>, Unwanted> {
        let is_void = request.is_void();
        let (reply, answer) = blocking::channel();
        let request = Box::new(request);
        self.news
            .blocking_send(News::HostCall { request, reply })
            .map_err(|_| Unwanted)?;
        if is_void {
            return Ok(Ok(HostAnswer::Null));
        }
        // The session lets go of its end when the pipeline is stopped.
        answer.recv().map_err(|_| Unwanted)
    }
}
