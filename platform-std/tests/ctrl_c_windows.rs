//! Ctrl-c on Windows: what it does to a run in the main thread, and to those who wait for it.
#![allow(missing_docs)]

#[cfg(not(windows))]
fn main() {}

#[cfg(windows)]
fn main() {
    windows::main();
}

#[cfg(windows)]
mod windows {
    use everloop::signal::{SIGINT, SIGTERM, SignalError};
    use everloop::{
        RunError, add_signal_handler, catch_cancel, create_task, ctrl_c, remove_signal_handler, yield_now,
    };
    use windows_sys::Win32::System::Console::{
        AllocConsole, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetStdHandle, STD_ERROR_HANDLE,
        STD_OUTPUT_HANDLE, SetStdHandle,
    };

    /// One after the other, in the main thread, and counted as libtest counts: they share the process's console.
    pub fn main() {
        // One that nobody else listens to. What is printed still goes where it went.
        // SAFETY: none has a precondition, and the handles are given back as they were.
        unsafe {
            let outputs = [STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|output| (output, GetStdHandle(output)));
            FreeConsole();
            assert_ne!(AllocConsole(), 0);
            for (output, handle) in outputs {
                assert_ne!(SetStdHandle(output, handle), 0);
            }
        }
        let tests: [(&str, fn()); 5] = [
            ("the_first_cancels_main_and_the_run_is_interrupted", interrupted),
            ("a_main_that_has_cleaned_up_may_go_on", cleaned_up),
            ("all_who_wait_for_it_are_told_and_main_goes_on", waited_for),
            ("a_run_in_another_thread_does_not_catch_it", in_another_thread),
            ("handlers_of_signals_are_a_typed_error", handlers),
        ];
        println!("\nrunning {} tests", tests.len());
        for (name, test) in tests {
            test();
            println!("test {name} ... ok");
        }
        println!("\ntest result: ok. {} passed; 0 failed; 0 ignored\n", tests.len());
    }

    fn press() {
        // SAFETY: it has no precondition.
        assert_ne!(unsafe { GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) }, 0);
    }

    fn interrupted() {
        let ended = everloop::run(async {
            press();
            std::future::pending::<()>().await;
        });
        assert!(matches!(ended, Err(RunError::Interrupted)), "{ended:?}");
    }

    fn cleaned_up() {
        let ended = everloop::run(async {
            press();
            let _cancelled = catch_cancel(std::future::pending::<()>()).await.unwrap_err();
            yield_now().await;
            5
        });
        assert_eq!(ended.unwrap(), 5);
    }

    fn waited_for() {
        everloop::run(async {
            for _ in 0..3 {
                let waiting = [create_task(ctrl_c()), create_task(ctrl_c())];
                yield_now().await;
                press();
                for task in waiting {
                    task.await.unwrap().unwrap();
                }
            }
        })
        .unwrap();
    }

    fn in_another_thread() {
        // It waits for it, so that it does not kill.
        let run = || {
            everloop::run(async {
                let waiting = create_task(ctrl_c());
                yield_now().await;
                press();
                waiting.await.unwrap().unwrap();
                6
            })
        };
        assert_eq!(std::thread::spawn(run).join().unwrap().unwrap(), 6);
    }

    fn handlers() {
        everloop::run(async {
            for signum in [SIGINT, SIGTERM] {
                let added = add_signal_handler(signum, || {});
                assert!(matches!(added, Err(SignalError::Unsupported(it)) if it == signum), "{added:?}");
                let removed = remove_signal_handler(signum);
                assert!(matches!(removed, Err(SignalError::Unsupported(it)) if it == signum), "{removed:?}");
            }
        })
        .unwrap();
    }
}
