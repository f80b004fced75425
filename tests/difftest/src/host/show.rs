//! Programs and traces as text.

use std::fmt::Write;
use std::format;
use std::string::String;

use crate::program::{Action, Block, Class, Kind, Program};
use crate::trace::Trace;
use crate::world::MESSAGES;

/// As a Python program would have it.
pub fn python(program: &Program) -> String {
    let mut out = String::new();
    for (n, object) in program.objects.iter().enumerate() {
        let size = object.size;
        let made = match object.class {
            Class::Lock | Class::Event | Class::Condition | Class::Future => format!("{:?}()", object.class),
            _ => format!("{:?}({size})", object.class),
        };
        let _ = writeln!(out, "o{n} = asyncio.{made}");
    }
    for (n, body) in program.bodies.iter().enumerate() {
        let start = if n < program.roots { "  # started at the beginning" } else { "" };
        let _ = writeln!(out, "async def b{n}():{start}");
        python_block(body, 1, &mut out);
    }
    out
}

fn python_block(block: &Block, depth: usize, out: &mut String) {
    let pad = "    ".repeat(depth);
    if block.is_empty() {
        let _ = writeln!(out, "{pad}pass");
    }
    for stmt in block {
        let id = stmt.id;
        let mut line = |text: String| {
            let _ = writeln!(out, "{pad}{text}  # s{id}");
        };
        match &stmt.kind {
            Kind::Sleep(ticks) => line(format!("await asyncio.sleep({ticks})")),
            Kind::Raise(code) => line(format!("raise UserError({code})")),
            Kind::Spawn(body) => line(format!("t{body} = asyncio.create_task(b{body}())")),
            Kind::SpawnEager(body) => {
                line(format!("t{body} = asyncio.Task(b{body}(), eager_start=True)"));
            }
            Kind::Cancel(body) => line(format!("t{body}.cancel()")),
            Kind::CancelWith(body, message) => line(format!("t{body}.cancel(msg={:?})", said(*message))),
            Kind::Uncancel(body) => line(format!("t{body}.uncancel()")),
            Kind::Cancelling(body) => line(format!("t{body}.cancelling()")),
            Kind::Reschedule(name, ticks) => {
                let when = if *ticks == 0 { "None".into() } else { format!("loop.time() + {ticks}") };
                line(format!("timeout{name}.reschedule({when})"));
            }
            Kind::Await(body) => line(format!("await t{body}")),
            Kind::Shield(body) => line(format!("await asyncio.shield(t{body})")),
            Kind::WaitForTask(body, ticks) => line(format!("await asyncio.wait_for(t{body}, {ticks})")),
            Kind::Wait(when, ticks, bodies) => {
                let when = ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"][*when as usize];
                let ticks = if *ticks == 0 { "None".into() } else { format!("{ticks}") };
                line(format!("await asyncio.wait({}, timeout={ticks}, return_when={when})", tasks(bodies)));
            }
            Kind::TryGather(bodies) => line(format!("await asyncio.gather(*{})", tasks(bodies))),
            Kind::AsCompleted(ticks, bodies) => {
                let ticks = if *ticks == 0 { "None".into() } else { format!("{ticks}") };
                let tasks = tasks(bodies);
                line(format!("for each in asyncio.as_completed({tasks}, timeout={ticks}): await each"));
            }
            Kind::Do(object, action, number) => line(python_action(*object, *action, *number)),
            Kind::WaitFor(ticks, _) => line(format!("async def inner():  # for wait_for(inner(), {ticks})")),
            Kind::Timeout(name, ticks, _) => {
                line(format!("async with asyncio.timeout({ticks}) as timeout{name}:"));
            }
            Kind::Select(_) => {
                line(
                    "await asyncio.wait(..., return_when=FIRST_COMPLETED), and the others cancelled, of"
                        .into(),
                );
            }
            Kind::Gather(_) => line("await asyncio.gather(..., return_exceptions=True) of".into()),
            Kind::Group(..) | Kind::StaticGroup(..) => {
                line("async with asyncio.TaskGroup() as group:  # then its children".into())
            }
            Kind::Catch(..) | Kind::CatchError(..) | Kind::Finally(..) => line("try:".into()),
            Kind::With(object, _) | Kind::CondWait(object, ..) | Kind::CondWaitFor(object, ..) => {
                line(format!("async with o{object}:"));
            }
        }
        for (n, inner) in stmt.kind.blocks().enumerate() {
            let between = match (&stmt.kind, n) {
                (Kind::Catch(..), 1) => "except asyncio.CancelledError:",
                (Kind::CatchError(..), 1) => "except Exception:",
                (Kind::Finally(..), 1) => "finally:",
                (Kind::CondWait(..), 1) => "await .wait()",
                (Kind::CondWaitFor(_, times, ..), 1) => {
                    &format!("await .wait_for(lambda: it was notified {times} times since)")
                }
                (Kind::Gather(_) | Kind::Select(_), _) => "one:",
                (Kind::Group(..) | Kind::StaticGroup(..), 1..) => "child:",
                _ => "",
            };
            if !between.is_empty() {
                let _ = writeln!(out, "{pad}{between}");
            }
            python_block(inner, depth + 1, out);
        }
        if matches!(&stmt.kind, Kind::Catch(_, _, true)) {
            let _ = writeln!(out, "{pad}    raise");
        }
    }
}

/// A message by its number.
pub(super) fn said(message: u32) -> &'static str {
    MESSAGES.get((message as usize).wrapping_sub(1)).copied().unwrap_or("")
}

fn tasks(bodies: &[u32]) -> String {
    let mut text = String::from("[");
    for body in bodies {
        let _ = write!(text, "t{body}, ");
    }
    text + "]"
}

fn python_action(object: u32, action: Action, number: u32) -> String {
    match action {
        Action::Put => format!("await o{object}.put({number})"),
        Action::Get => format!("await o{object}.get()"),
        Action::PutNowait => format!("o{object}.put_nowait({number})"),
        Action::GetNowait => format!("o{object}.get_nowait()"),
        Action::Join => format!("await o{object}.join()"),
        Action::TaskDone => format!("o{object}.task_done()"),
        Action::Shutdown => format!("o{object}.shutdown({number})"),
        Action::Set => format!("o{object}.set()"),
        Action::Clear => format!("o{object}.clear()"),
        Action::Wait | Action::Meet => format!("await o{object}.wait()"),
        Action::Notify => format!("async with o{object}: o{object}.notify({number})"),
        Action::Keep => format!("await o{object}.acquire()"),
        Action::Release => format!("o{object}.release()"),
        Action::Reset => format!("await o{object}.reset()"),
        Action::Abort => format!("await o{object}.abort()"),
        Action::Look => format!("look at o{object}"),
        Action::SetResult => format!("o{object}.set_result({number})"),
        Action::SetError => format!("o{object}.set_exception(UserError({number}))"),
        Action::CancelCell => format!("o{object}.cancel()"),
        Action::WaitCell => format!("await asyncio.shield(o{object})"),
    }
}

/// One line for each statement that ended, and what was left.
pub fn trace(trace: &Trace) -> String {
    let mut out = String::new();
    for record in &trace.records {
        let _ = writeln!(out, "  s{} {}..{} {}", record.id, record.start, record.end, record.outcome);
    }
    let _ = writeln!(out, "  left {:?}, end {}, deadlock {}", trace.left, trace.end, trace.deadlock);
    out
}
