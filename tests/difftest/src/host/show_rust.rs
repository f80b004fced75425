//! Programs as Rust.

use std::fmt::Write;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::show::said;
use crate::program::{Action, Block, Class, Kind, Program};

/// As a Rust program would have it. Tasks and objects are named by their places, times are in ticks.
pub fn rust(program: &Program) -> String {
    let mut out = String::new();
    for (n, object) in program.objects.iter().enumerate() {
        let size = object.size;
        let made = match object.class {
            Class::Queue | Class::LifoQueue | Class::PriorityQueue if size == 0 => {
                "new() /* Unbounded */".into()
            }
            Class::Queue | Class::LifoQueue | Class::PriorityQueue => format!("bounded({size})"),
            Class::Lock => "new(())".into(),
            Class::Event | Class::Condition | Class::Future => "new()".into(),
            _ => format!("new({size})"),
        };
        let _ = writeln!(out, "let o{n} = {:?}::{made};", object.class);
        if object.class == Class::Condition {
            let _ = writeln!(out, "let l{n} = Lock::new(());");
        }
    }
    for (n, body) in program.bodies.iter().enumerate() {
        let start = if n < program.roots { "let tN = create_task(bN()); " } else { "" };
        let _ =
            writeln!(out, "{}async fn b{n}() -> Result<i32, Error> {{", start.replace('N', &n.to_string()));
        block(body, 1, &mut out);
        out.push_str("}\n");
    }
    out
}

fn block(stmts: &Block, depth: usize, out: &mut String) {
    let pad = "    ".repeat(depth);
    for stmt in stmts {
        let blocks: Vec<_> = stmt.kind.blocks().collect();
        let mut parts = parts(&stmt.kind).into_iter();
        let _ = writeln!(out, "{pad}{} // s{}", parts.next().unwrap_or_default(), stmt.id);
        for inner in blocks {
            block(inner, depth + 1, out);
            if let Some(part) = parts.next() {
                let _ = writeln!(out, "{pad}{part}");
            }
        }
    }
}

/// What stands before, between and behind its blocks.
fn parts(kind: &Kind) -> Vec<String> {
    let list = |bodies: &[u32]| bodies.iter().map(|body| format!("&mut t{body}, ")).collect::<String>();
    let parts: &[&str] = match kind {
        Kind::Sleep(ticks) => &[&format!("sleep(Duration::from_ticks({ticks})).await;")],
        Kind::Raise(code) => &[&format!("return Err(Error::User({code}));")],
        Kind::Spawn(body) => &[&format!("t{body} = create_task(b{body}());")],
        Kind::SpawnEager(body) => &[&format!("t{body} = create_eager_task(b{body}());")],
        Kind::Cancel(body) => &[&format!("t{body}.cancel();")],
        Kind::CancelWith(body, message) => &[&format!("t{body}.cancel_with({:?});", said(*message))],
        Kind::Uncancel(body) => &[&format!("t{body}.uncancel();")],
        Kind::Cancelling(body) => &[&format!("t{body}.cancelling();")],
        Kind::Reschedule(name, 0) => &[&format!("timeout{name}.reschedule(None);")],
        Kind::Reschedule(name, ticks) => {
            &[&format!("timeout{name}.reschedule(Instant::now() + Duration::from_ticks({ticks}));")]
        }
        Kind::Await(body) => &[&format!("resumed((&mut t{body}).await).await?;")],
        Kind::Shield(body) => &[&format!("resumed(shield(&mut t{body}).await).await?;")],
        Kind::WaitForTask(body, ticks) => {
            &[&format!("resumed(wait_for(&mut t{body}, Duration::from_ticks({ticks})).await?).await?;")]
        }
        Kind::Wait(when, ticks, bodies) => {
            let when = ["FirstCompleted", "FirstException", "AllCompleted"][*when as usize];
            let time =
                if *ticks == 0 { "None".into() } else { format!("Some(Duration::from_ticks({ticks}))") };
            let tasks = list(bodies).replace("mut ", "");
            &[&format!("try_wait(&mut [{tasks}], {time}, ReturnWhen::{when}).await?;")]
        }
        Kind::TryGather(bodies) => &[&format!("try_gather([{}].map(resumed)).await?;", list(bodies))],
        Kind::AsCompleted(ticks, bodies) => {
            let time =
                if *ticks == 0 { "None".into() } else { format!("Some(Duration::from_ticks({ticks}))") };
            let tasks = list(bodies).replace("mut ", "");
            let all = format!("let mut all = pin!(as_completed([{tasks}], {time}));");
            &[&format!("{all} while let Some(next) = all.next().await {{ next?; }}")]
        }
        Kind::Do(object, action, number) => &[&action_text(*object, *action, *number)],
        Kind::WaitFor(ticks, _) => {
            &["wait_for(async {", &format!("}}, Duration::from_ticks({ticks})).await??;")]
        }
        Kind::Timeout(name, ticks, _) => &[
            &format!(
                "let timeout{name} = timeout(Duration::from_ticks({ticks})); timeout{name}.run(async {{"
            ),
            "}).await??;",
        ],
        Kind::Gather(blocks) => return around("gather((async {", blocks.len(), "}, async {", "})).await;"),
        Kind::Select(blocks) => return around("select((async {", blocks.len(), "}, async {", "})).await;"),
        Kind::Group(_, children) | Kind::StaticGroup(_, children) => {
            let create = if matches!(kind, Kind::Group(..)) { "create_task" } else { "create_static_task" };
            // The children are created first, though their text comes last.
            return around(
                "task_group(Unbounded, async |group| { /* body: */",
                children.len() + 1,
                &format!("/* group.{create}(async {{ ... }}): */"),
                "}).await?;",
            );
        }
        Kind::Catch(_, _, true) => &[
            "match catch_cancel(async {",
            "}).await { Ok(done) => done?, Err(cancelled) => {",
            "    match cancelled.resume().await {} }};",
        ],
        Kind::Catch(_, _, false) => {
            &["match catch_cancel(async {", "}).await { Ok(done) => done?, Err(_) => {", "}};"]
        }
        Kind::CatchError(..) => &["if async {", "}.await.is_err() {", "}"],
        Kind::Finally(..) => {
            &["let ended = catch_cancel(async {", "}).await; { // finally", "} resumed(ended).await?;"]
        }
        Kind::With(object, _) => &[&format!("{{ let _held = o{object}.acquire().await;"), "}"],
        Kind::CondWait(object, ..) => &[
            &format!("{{ let mut guard = l{object}.acquire().await;"),
            &format!("o{object}.wait(&mut guard).await;"),
            "}",
        ],
        Kind::CondWaitFor(object, times, ..) => &[
            &format!("{{ let mut guard = l{object}.acquire().await; // counts notifications"),
            &format!("let n = *guard + {times}; o{object}.wait_for(&mut guard, |all| *all >= n).await;"),
            "}",
        ],
    };
    parts.iter().map(|part| (*part).to_string()).collect()
}

fn around(before: &str, blocks: usize, between: &str, behind: &str) -> Vec<String> {
    let mut parts = std::vec![before.to_string()];
    for n in 0..blocks {
        parts.push(if n + 1 < blocks { between } else { behind }.to_string());
    }
    parts
}

fn action_text(object: u32, action: Action, number: u32) -> String {
    match action {
        Action::Put => format!("o{object}.put({number}).await?;"),
        Action::Get => format!("o{object}.get().await?;"),
        Action::PutNowait => format!("o{object}.put_nowait({number})?;"),
        Action::GetNowait => format!("o{object}.get_nowait()?;"),
        Action::Join => format!("o{object}.join().await;"),
        Action::TaskDone => format!("o{object}.task_done()?;"),
        Action::Shutdown => format!("o{object}.shutdown({});", number != 0),
        Action::Set => format!("o{object}.set();"),
        Action::Clear => format!("o{object}.clear();"),
        Action::Wait => format!("o{object}.wait().await;"),
        Action::Notify => {
            format!("if let Some(_guard) = l{object}.try_acquire() {{ o{object}.notify({number}) }}")
        }
        Action::Keep => format!("o{object}.acquire().await.forget();"),
        Action::Release => format!("o{object}.release()?;"),
        Action::Meet => format!("o{object}.wait().await?;"),
        Action::Reset => format!("o{object}.reset();"),
        Action::Abort => format!("o{object}.abort();"),
        Action::Look => format!("/* look at o{object} */"),
        Action::SetResult => format!("o{object}.set_result({number})?;"),
        Action::SetError => format!("o{object}.set_error({number})?;"),
        Action::CancelCell => format!("o{object}.cancel();"),
        Action::WaitCell => format!("o{object}.wait().await?;"),
    }
}
