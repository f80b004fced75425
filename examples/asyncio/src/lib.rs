//! The example programs of asyncio's documentation, as close to the Python as Rust comes, so that the two can be read
//! side by side.
//!
//! `src/NAME.rs` is the program `python/NAME.py`, and `expected/NAME.txt` what CPython 3.13 printed. Each `main` here
//! only uses what runs on every platform, but for `println!`, the wall clock, and threads and subprocesses where they are
//! what is shown; `src/bin/NAME.rs` hands it to [`everloop::run`]. The Python is that of `asyncio-task`,
//! `asyncio-runner`, `asyncio-subprocess`, `asyncio-stream`, `asyncio-queue` and `asyncio-sync` in CPython's documentation,
//! whose examples are under the Zero-Clause BSD licence too; where that shows only a part of a program, the rest was added, and where it waits for 10 seconds or
//! more, both sides wait for 1.
//!
//! What looks different is the same everywhere: an exception is an `Err`, so what may raise gives a `Result`; a
//! cancellation is seen by whoever asks for it, with [`everloop::catch_cancel`] in place of `try` and `except`.

pub mod as_completed;
pub mod background_tasks;
pub mod cancel_me;
pub mod display_date;
pub mod event;
pub mod gather;
pub mod get_date;
pub mod hello_world;
pub mod http_headers;
pub mod nested;
pub mod nested_task;
pub mod register_socket;
pub mod run;
pub mod run_command;
pub mod run_commands;
pub mod run_coroutine_threadsafe;
pub mod runner;
pub mod say_after;
pub mod say_after_task_group;
pub mod say_after_tasks;
pub mod shield;
pub mod tcp_echo_client;
pub mod tcp_echo_server;
pub mod terminate_task_group;
pub mod timeout;
pub mod timeout_at;
pub mod timeout_reschedule;
pub mod to_thread;
pub mod wait;
pub mod wait_for;
pub mod work_queue;
