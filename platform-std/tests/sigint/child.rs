//! What the children do, in their main thread.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration as StdDuration;

use everloop::net::{SocketReader, SocketWriter, TcpListener, serve_on_every_core};
use everloop::signal::SIGINT;
use everloop::{
    Duration, Event, Runner, Task, add_signal_handler, catch_cancel, create_task, ctrl_c, current_task,
    remove_signal_handler, run, sleep, to_thread, yield_now,
};
use rustix::process::{Signal, getpid, kill_process};

pub fn main(name: &str) {
    // If the parent is gone, or something hangs, so is this.
    thread::spawn(|| {
        thread::sleep(StdDuration::from_secs(60));
        std::process::exit(98);
    });
    if !matches!(name, "reads" | "handles" | "handled_after") {
        thread::spawn(|| {
            let _ = std::io::stdin().read(&mut [0]);
            std::process::exit(99);
        });
    }
    match name {
        "waits" => waits(),
        "busy" => busy(),
        "socket" => socket(),
        "cleans_up" => cleans_up(),
        "swallows" => swallows(),
        "cancelled_too" => cancelled_too(),
        "too_late" => too_late(),
        "again" => again(),
        "cleans_up_for_ever" => cleans_up_for_ever(),
        "blocks" => blocks(),
        "on_another_thread" => on_another_thread(),
        "after" => after(),
        "closing" => closing(),
        "before" => before(),
        "other_thread" => thread::spawn(waits).join().unwrap(),
        "reads" => reads(),
        "handles" => handles(),
        "handled" => handled(),
        "waited_for" => waited_for(),
        "handled_after" => handled_after(),
        "on_every_core" => on_every_core(),
        other => panic!("no such child: {other}"),
    }
}

async fn hour() {
    sleep(Duration::from_secs(3600)).await;
}

fn interrupt_self() {
    kill_process(getpid(), Signal::INT).unwrap();
}

struct SaysWhenDropped;

impl Drop for SaysWhenDropped {
    fn drop(&mut self) {
        println!("dropped");
    }
}

fn waits() {
    let ended = run(async {
        let _says = SaysWhenDropped;
        println!("ready");
        std::future::pending::<()>().await
    });
    println!("{ended:?}");
}

fn on_every_core() {
    // One that is free now.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = thread::spawn(move || {
        let mut stream = loop {
            match std::net::TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(_) => thread::sleep(StdDuration::from_millis(1)),
            }
        };
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        println!("{said}");
    });
    let ended = serve_on_every_core(
        || {
            async |_reader: SocketReader, writer: SocketWriter| {
                writer.write(b"closed in good order").unwrap();
                writer.drain().await.unwrap();
                println!("ready");
                hour().await;
            }
        },
        address,
    );
    client.join().unwrap();
    println!("{ended:?}");
}

fn busy() {
    let ended = run(async {
        for _ in 0..10 {
            create_task(async {
                loop {
                    yield_now().await;
                }
            });
        }
        println!("ready");
        std::future::pending::<()>().await
    });
    println!("{ended:?}");
}

fn socket() {
    let ended = run(async {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        println!("ready");
        drop(listener.accept().await);
    });
    println!("{ended:?}");
}

async fn cleaning_up(who: &str) {
    if let Err(cancelled) = catch_cancel(hour()).await {
        sleep(Duration::from_millis(5)).await;
        println!("{who} cleaned up");
        cancelled.resume().await;
    }
}

fn cleans_up() {
    let ended = run(async {
        create_task(cleaning_up("task"));
        yield_now().await;
        println!("ready");
        cleaning_up("main").await;
    });
    println!("{ended:?}");
}

fn swallows() {
    let ended = run(async {
        println!("ready");
        if catch_cancel(hour()).await.is_err() {
            return 7;
        }
        8
    });
    println!("{ended:?}");
}

/// As asyncio's `test_interrupt_cancelled_task`.
fn cancelled_too() {
    let ended = run(async {
        let main = current_task().unwrap();
        create_task(async move {
            main.cancel();
            interrupt_self();
        });
        hour().await;
    });
    println!("{ended:?}");
}

fn too_late() {
    println!("{:?}", run(async { interrupt_self() }));
}

fn again() {
    let mut runner = Runner::new();
    let mut leftover: Option<Task<&str>> = None;
    for round in 0..3 {
        let ended = runner.run(async {
            leftover.get_or_insert_with(|| create_task(async { "left over" }));
            println!("ready");
            if round == 1 {
                // Seen by an idle loop and by a busy one.
                loop {
                    yield_now().await;
                }
            }
            hour().await;
        });
        println!("{ended:?}");
    }
    println!("{}", runner.run(leftover.unwrap()).unwrap().unwrap());
}

fn cleans_up_for_ever() {
    let _ = run(async {
        println!("ready");
        let _ = catch_cancel(hour()).await;
        println!("cleaning up");
        hour().await;
    });
}

fn blocks() {
    let _ = run(async {
        println!("ready");
        loop {
            thread::sleep(StdDuration::from_secs(1));
        }
    });
}

/// The handler runs on a thread that is not the loop's, so the loop's wait is not interrupted by it.
fn on_another_thread() {
    let ended = run(async {
        thread::spawn(|| {
            // SAFETY: it sends the calling thread a signal that is caught, by a handler that may run anywhere.
            unsafe { libc::raise(libc::SIGINT) };
            thread::sleep(StdDuration::from_secs(3600));
        });
        std::future::pending::<()>().await
    });
    println!("{ended:?}");
}

fn after() {
    run(async { yield_now().await }).unwrap();
    println!("ready");
    thread::sleep(StdDuration::from_secs(3600));
}

fn closing() {
    let mut runner = Runner::new();
    runner
        .run(async {
            create_task(async {
                let _ = catch_cancel(hour()).await;
                println!("ready");
                hour().await;
            });
            yield_now().await;
        })
        .unwrap();
    runner.close().unwrap();
    println!("closed");
}

fn before() {
    let _runner = Runner::new();
    println!("ready");
    thread::sleep(StdDuration::from_secs(3600));
}

async fn line() -> String {
    to_thread(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        line
    })
    .await
}

fn reads() {
    let ended = run(async {
        println!("ready");
        line().await
    });
    println!("{ended:?}");
}

fn handles() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    // SAFETY: the handler only counts.
    unsafe {
        signal_hook_registry::register(Signal::INT.as_raw(), || {
            SEEN.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
    }
    let ended = run(async {
        create_task(async {
            let mut told = 0;
            loop {
                while told < SEEN.load(Ordering::SeqCst) {
                    println!("handled");
                    told += 1;
                }
                sleep(Duration::from_millis(1)).await;
            }
        });
        println!("ready");
        line().await
    });
    println!("{ended:?}");
}

fn handled() {
    let ended = run(async {
        let twice = Rc::new((Cell::new(0), <Event>::new()));
        let told = twice.clone();
        let handler = move || {
            println!("handled");
            told.0.set(told.0.get() + 1);
            if told.0.get() == 2 {
                told.1.set();
            }
        };
        add_signal_handler(SIGINT, handler).unwrap();
        println!("ready");
        twice.1.wait().await;
        assert!(remove_signal_handler(SIGINT).unwrap());
        println!("removed");
        hour().await;
    });
    println!("{ended:?}");
}

fn waited_for() {
    let ended = run(async {
        let other = create_task(ctrl_c());
        yield_now().await;
        println!("ready");
        ctrl_c().await.unwrap();
        // Everyone who waits is told.
        other.await.unwrap().unwrap();
        println!("ctrl-c");
        hour().await;
    });
    println!("{ended:?}");
}

fn handled_after() {
    let mut runner = Runner::new();
    let came = Rc::new(<Event>::new());
    let told = came.clone();
    runner.run(async { add_signal_handler(SIGINT, move || told.set()) }).unwrap().unwrap();
    println!("between runs");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    runner.run(came.wait()).unwrap();
    println!("handled");
    runner.close().unwrap();
    println!("closed");
    thread::sleep(StdDuration::from_secs(3600));
}
