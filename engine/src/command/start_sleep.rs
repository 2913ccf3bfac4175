//! Start-Sleep, which wakes at once when the pipeline is stopped.

use std::time::Duration;

use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::value::Value;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Start-Sleep",
    "Microsoft.PowerShell.Commands.StartSleepCommand",
    || Box::new(StartSleep),
)
.default_set("Seconds")
.parameters(&[
    Parameter::new("Seconds", "double").in_sets(&[InSet::of("Seconds")
        .position(0)
        .mandatory()
        .pipeline()
        .by_property()]),
    Parameter::new("Milliseconds", "int")
        .aliases(&["ms"])
        .in_sets(&[InSet::of("Milliseconds").mandatory().by_property()]),
    Parameter::new("Duration", "timespan")
        .aliases(&["ts"])
        .in_sets(&[InSet::of("FromTimeSpan")
            .position(0)
            .mandatory()
            .by_property()]),
]);

struct StartSleep;

impl Command for StartSleep {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let time = if let Value::Double(seconds) = cx.value("Seconds") {
            Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
        } else if let Value::TimeSpan(span) = cx.value("Duration") {
            let ticks = u64::try_from(span.ticks).unwrap_or(0);
            Duration::from_micros(ticks / 10)
        } else {
            Duration::from_millis(
                u64::try_from(cx.integer("Milliseconds").unwrap_or(0)).unwrap_or(0),
            )
        };
        if cx.machine.stop.sleep(time) {
            Ok(())
        } else {
            Err(Flow::Stopped)
        }
    }
}
