//! `everloop-bench RUNTIME WORKLOAD [N]`: does one kind of work on one runtime, and prints what it took as a line that
//! `cargo xtask bench peers` reads. `everloop-bench list` prints every pair that there is.
#![deny(unsafe_op_in_unsafe_fn)]

mod affinity;
mod epoll;
mod limits;
mod load;
mod measure;
mod own_yield;
mod peers;
mod signal;
mod sizes;

use measure::Workload;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["list"] => {
            for (runtime, lists) in peers::ALL {
                for workload in lists.iter().copied().flatten() {
                    println!("{runtime} {}", workload.name);
                }
            }
            ExitCode::SUCCESS
        }
        ["load", port, connections, echoes, core] => {
            let number = |text: &str| text.parse::<u64>();
            match (number(port), number(connections), number(echoes), number(core)) {
                (Ok(port @ 1..=65535), Ok(connections), Ok(echoes), Ok(core)) => {
                    load::run(port as u16, connections, echoes, core as usize);
                    ExitCode::SUCCESS
                }
                _ => fail("usage: everloop-bench load PORT CONNECTIONS ECHOES CORE"),
            }
        }
        [runtime, workload] => run(runtime, workload, None),
        [runtime, workload, n] => match n.parse() {
            Ok(n) => run(runtime, workload, Some(n)),
            Err(_) => fail(&format!("`{n}` is no number")),
        },
        _ => fail("usage: everloop-bench RUNTIME WORKLOAD [N], or everloop-bench list"),
    }
}

fn run(runtime: &str, workload: &str, n: Option<u64>) -> ExitCode {
    let Some(found) = find(runtime, workload) else {
        return fail(&format!("there is no {workload} on {runtime}: see `everloop-bench list`"));
    };
    let report = (found.run)(n.unwrap_or(found.n));
    let numbers: Vec<_> = report.iter().map(|(key, number)| format!("{key}={number}")).collect();
    println!("row {runtime}|{workload}|{}", numbers.join(" "));
    // What is left is not part of the work, and to take a million tasks down takes longer than to make them.
    std::process::exit(0)
}

fn find(runtime: &str, workload: &str) -> Option<&'static Workload> {
    let (_, lists) = peers::ALL.iter().find(|(name, _)| *name == runtime)?;
    lists.iter().copied().flatten().find(|found| found.name == workload)
}

fn fail(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::FAILURE
}
