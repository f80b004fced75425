//! The tests: what a child says, and how it ends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use libtest_mimic::{Arguments, Trial};
use rustix::process::{Pid, Signal, kill_process};

use crate::child;

/// Says in the environment which child this process is.
const CHILD: &str = "EVERLOOP_SIGINT_CHILD";

macro_rules! tests {
    ($($name:ident)*) => {
        pub fn main() {
            if let Ok(name) = std::env::var(CHILD) {
                return child::main(&name);
            }
            let trials = vec![$(Trial::test(concat!("sigint::", stringify!($name)), || {
                $name();
                Ok(())
            })),*];
            libtest_mimic::run(&Arguments::from_args(), trials).exit();
        }
    };
}

tests! {
    the_first_cancels_main_and_the_run_is_interrupted
    it_is_seen_while_tasks_keep_the_loop_busy
    it_is_seen_while_a_socket_waits
    it_is_seen_if_another_thread_gets_it
    the_cleanup_of_main_and_of_leftovers_runs
    main_may_swallow_it
    a_main_that_others_cancelled_too_is_cancelled
    a_main_that_ends_in_that_moment_is_interrupted
    a_runner_goes_on_after_it
    the_second_kills
    the_second_kills_a_main_that_blocks
    after_the_run_it_kills
    while_the_runner_closes_it_kills
    before_the_first_run_it_kills
    a_run_in_another_thread_does_not_catch_it
    an_ignored_one_stays_ignored
    a_handler_of_the_program_stays
    one_that_is_handled_does_not_cancel_main_until_the_handler_is_removed
    one_that_is_waited_for_does_not_cancel_main_but_the_next_does
    one_that_is_handled_when_the_run_ends_is_handled_until_the_runner_closes
    the_first_stops_a_server_on_every_core_in_good_order
}

/// A child that waits to be signalled. Killed when this is dropped.
struct Running {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Running {
    fn start(name: &str) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()).env(CHILD, name))
    }

    fn spawn(command: &mut Command) -> Self {
        // Its standard input is what tells it that this process is gone.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// Waits until it says this.
    fn expect(&mut self, line: &str) -> &mut Self {
        let mut said = String::new();
        self.said.read_line(&mut said).unwrap();
        assert_eq!(said.trim_end(), line);
        self
    }

    fn interrupt(&mut self) -> &mut Self {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        self
    }

    fn say(&mut self, line: &str) -> &mut Self {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        self
    }

    /// It ended by itself, and said no more.
    fn exited(&mut self) {
        self.expect("");
        let status = self.wait();
        assert!(status.success(), "{status}");
    }

    /// SIGINT killed it, and it said no more.
    fn was_killed(&mut self) {
        self.expect("");
        let status = self.wait();
        assert_eq!(status.signal(), Some(Signal::INT.as_raw()), "{status}");
    }

    fn wait(&mut self) -> std::process::ExitStatus {
        // Not `Child::wait`, which would close the standard input first.
        let stdin = self.child.stdin.take();
        let status = self.child.wait().unwrap();
        drop(stdin);
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn the_first_cancels_main_and_the_run_is_interrupted() {
    Running::start("waits").expect("ready").interrupt().expect("dropped").expect("Err(Interrupted)").exited();
}

fn the_first_stops_a_server_on_every_core_in_good_order() {
    let mut child = Running::start("on_every_core");
    child.expect("ready").interrupt().expect("closed in good order").expect("Err(Run(Interrupted))").exited();
}

fn it_is_seen_while_tasks_keep_the_loop_busy() {
    Running::start("busy").expect("ready").interrupt().expect("Err(Interrupted)").exited();
}

fn it_is_seen_while_a_socket_waits() {
    Running::start("socket").expect("ready").interrupt().expect("Err(Interrupted)").exited();
}

fn the_cleanup_of_main_and_of_leftovers_runs() {
    let mut child = Running::start("cleans_up");
    child.expect("ready").interrupt().expect("main cleaned up").expect("task cleaned up");
    child.expect("Err(Interrupted)").exited();
}

fn main_may_swallow_it() {
    Running::start("swallows").expect("ready").interrupt().expect("Ok(7)").exited();
}

fn a_main_that_others_cancelled_too_is_cancelled() {
    Running::start("cancelled_too").expect("Err(Cancelled)").exited();
}

fn a_main_that_ends_in_that_moment_is_interrupted() {
    Running::start("too_late").expect("Err(Interrupted)").exited();
}

fn a_runner_goes_on_after_it() {
    let mut child = Running::start("again");
    for _ in 0..3 {
        child.expect("ready").interrupt().expect("Err(Interrupted)");
    }
    child.expect("left over").exited();
}

fn the_second_kills() {
    Running::start("cleans_up_for_ever")
        .expect("ready")
        .interrupt()
        .expect("cleaning up")
        .interrupt()
        .was_killed();
}

fn the_second_kills_a_main_that_blocks() {
    let mut child = Running::start("blocks");
    child.expect("ready");
    // Two that are sent at once may be taken for one.
    while child.child.try_wait().unwrap().is_none() {
        child.interrupt();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.was_killed();
}

fn it_is_seen_if_another_thread_gets_it() {
    Running::start("on_another_thread").expect("Err(Interrupted)").exited();
}

fn after_the_run_it_kills() {
    Running::start("after").expect("ready").interrupt().was_killed();
}

fn while_the_runner_closes_it_kills() {
    Running::start("closing").expect("ready").interrupt().was_killed();
}

fn before_the_first_run_it_kills() {
    Running::start("before").expect("ready").interrupt().was_killed();
}

fn a_run_in_another_thread_does_not_catch_it() {
    Running::start("other_thread").expect("ready").interrupt().was_killed();
}

fn an_ignored_one_stays_ignored() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT; exec \"$0\""]).arg(std::env::current_exe().unwrap());
    let mut child = Running::spawn(shell.env(CHILD, "reads"));
    child.expect("ready").interrupt().say("go").expect("Ok(\"go\\n\")").exited();
}

fn a_handler_of_the_program_stays() {
    let mut child = Running::start("handles");
    child.expect("ready").interrupt().expect("handled");
    child.interrupt().expect("handled").say("go").expect("Ok(\"go\\n\")").exited();
}

fn one_that_is_handled_does_not_cancel_main_until_the_handler_is_removed() {
    let mut child = Running::start("handled");
    child.expect("ready").interrupt().expect("handled").interrupt().expect("handled");
    child.expect("removed").interrupt().expect("Err(Interrupted)").exited();
}

fn one_that_is_waited_for_does_not_cancel_main_but_the_next_does() {
    let mut child = Running::start("waited_for");
    child.expect("ready").interrupt().expect("ctrl-c").interrupt().expect("Err(Interrupted)").exited();
}

fn one_that_is_handled_when_the_run_ends_is_handled_until_the_runner_closes() {
    let mut child = Running::start("handled_after");
    child.expect("between runs").interrupt().say("go").expect("handled").expect("closed");
    child.interrupt().was_killed();
}
