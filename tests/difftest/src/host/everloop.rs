//! Runs a program on everloop, on this machine.

use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::String;

use everloop_core::OwnedLoop;
use everloop_core::virtual_time::UNPARKER;

use crate::interpret::Run;
use crate::program::Program;
use crate::trace::Trace;

/// What came of it; an error if the loop broke down otherwise than by a deadlock.
pub fn run(program: &Program) -> Result<Trace, String> {
    let run = Run::new(program.clone());
    let clock = run.clock();
    let main = run.main();
    let ended = catch_unwind(AssertUnwindSafe(|| OwnedLoop::new(UNPARKER).run(&clock, &[], main)));
    let trace = run.finish(&clock);
    match ended {
        Ok(Ok(())) => Ok(trace),
        Err(_) if trace.deadlock => Ok(trace),
        Ok(Err(error)) => Err(std::format!("{error}")),
        Err(payload) => Err(message(&*payload)),
    }
}

fn message(payload: &(dyn core::any::Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).into(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without a message".into(),
    }
}

/// Deadlocks are outcomes like others here, and are not to be printed.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}
