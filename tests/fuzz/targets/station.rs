//! The station's protocol: any lines in any pieces, of several clients at once, against a plain model of what each is to
//! be answered.
#![no_main]
#![allow(dead_code, missing_docs, unused_imports, unused_macros)]

#[path = "../../../examples/station/tests/support/mod.rs"]
mod support;

use embedded_io_async::Write;
use everloop_core::net::ConnectionWriter;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Duration, OwnedLoop, create_task, sleep, wait_for};
use everloop_fuzz::{Input, guard, install};
use libfuzzer_sys::fuzz_target;
use station::{CLIENTS, Command, LINE_LIMIT, Refusal};
use support::{Network, start};

const WORDS: [&[u8]; 20] = [
    b"GET",
    b"get\n",
    b"SUB ",
    b"10",
    b"250\n",
    b"60000",
    b"STATS\n",
    b"TASKS\n",
    b"QUIT\n",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"SUB 100\n",
    b"STATS",
    b"A",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"\xff",
    b"\0",
    b"GET\r\n",
];

/// What a client does.
enum Step {
    Sends(Vec<u8>),
    Waits(Duration),
}

fn script(input: &mut Input<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut waited = 0;
    for _ in 0..input.below(40) {
        let step = match input.below(8) {
            0 => {
                // A subscriber gets up to a hundred readings in a second.
                let millis = u64::from(input.word()) % 1000;
                waited += millis;
                if waited > 3000 {
                    continue;
                }
                Step::Waits(Duration::from_millis(millis))
            }
            1 => {
                let count = input.below(100);
                Step::Sends(input.bytes(count).to_vec())
            }
            2 => {
                let count = input.below(12);
                Step::Sends((0..count).flat_map(|_| WORDS[input.below(WORDS.len())]).copied().collect())
            }
            _ => Step::Sends(WORDS[input.below(WORDS.len())].to_vec()),
        };
        steps.push(step);
    }
    steps
}

/// What is to be answered to all that a client sends, request by request.
fn expected(sent: &[u8]) -> Vec<Result<Command, Refusal>> {
    let mut answers = Vec::new();
    let mut lines: Vec<_> = sent.split(|byte| *byte == b'\n').collect();
    // What has no end is no request.
    lines.pop();
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let request = if line.len() > LINE_LIMIT {
            Err(Refusal::LineTooLong)
        } else {
            match Command::parse(line) {
                Ok(None) => continue,
                Ok(Some(command)) => Ok(command),
                Err(refusal) => Err(refusal),
            }
        };
        answers.push(request);
        if request == Ok(Command::Quit) {
            break;
        }
    }
    answers
}

fn is_reading(line: &str) -> bool {
    let words: Vec<_> = line.split(' ').collect();
    matches!(*words, ["READING", seq, millis, value]
        if seq.parse::<u64>().is_ok() && millis.parse::<u64>().is_ok() && value.parse::<i32>().is_ok())
}

fn check(sent: &[u8], lines: &[String]) {
    let context = || format!("{:?} was answered {lines:#?}", String::from_utf8_lossy(sent));
    let mut lines = lines.iter().map(String::as_str).peekable();
    // Of a subscription any number comes, and those that were asked for may not be told from them.
    let mut subscribed = false;
    for request in expected(sent) {
        if subscribed && request != Ok(Command::Get) {
            while lines.next_if(|line| is_reading(line)).is_some() {}
            subscribed = false;
        }
        let Some(line) = lines.next() else { panic!("{request:?} was not answered; {}", context()) };
        let fits = match request {
            Ok(Command::Get) => is_reading(line),
            Ok(Command::Subscribe(_)) => {
                subscribed = true;
                line == "OK"
            }
            Ok(Command::Stats) => line.starts_with("STATS count="),
            Ok(Command::Tasks) => {
                let mut count = 0;
                let mut line = line;
                while line.starts_with("TASK ") {
                    count += 1;
                    line = lines.next().unwrap_or_default();
                }
                count > 0 && line == "END"
            }
            Ok(Command::Quit) => line == "BYE",
            Err(Refusal::UnknownCommand) => line == "ERR unknown command",
            Err(Refusal::BadPeriod) => line == "ERR bad period",
            Err(Refusal::LineTooLong) => line == "ERR line too long",
            Err(Refusal::NoReading) => line == "ERR no reading",
        };
        assert!(fits, "`{line}` is no answer to {request:?}; {}", context());
    }
    if subscribed {
        while lines.next_if(|line| is_reading(line)).is_some() {}
    }
    assert_eq!(lines.next(), None, "nobody asked for it; {}", context());
}

/// Plays a script and then closes. What was sent, and what came.
async fn play(network: Network, steps: Vec<Step>) {
    let (mut source, mut sink) = network.connect().split();
    let reading = create_task(async move {
        let mut lines = Vec::new();
        while let Ok(line @ [_, ..]) = source.readline().await {
            let line = String::from_utf8(line.to_vec()).expect("replies are text");
            lines.push(line.strip_suffix('\n').expect("replies end").to_owned());
        }
        lines
    });
    let mut sent = Vec::new();
    for step in steps {
        match step {
            Step::Waits(span) => sleep(span).await,
            Step::Sends(bytes) => {
                sent.extend(&bytes);
                // After a QUIT nobody reads.
                if sink.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        }
    }
    sink.write_eof().await.expect("a pipe can be closed");
    let lines =
        wait_for(reading, Duration::from_secs(400)).await.expect("the station ends the connection").unwrap();
    check(&sent, &lines);
}

fuzz_target!(init: install(), |data: &[u8]| guard(|| {
    let mut input = Input::new(data);
    let scripts: Vec<_> = (0..input.below(CLIENTS + 2) + 1).map(|_| script(&mut input)).collect();
    let ran = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        let network = start();
        let clients: Vec<_> = scripts.into_iter().map(|steps| create_task(play(network.clone(), steps))).collect();
        for client in clients {
            client.await.expect("a client is not cancelled");
        }
        // All seats are free again.
        let mut others: Vec<_> = (0..CLIENTS).map(|_| network.connect()).collect();
        for other in &mut others {
            wait_for(other.get(), Duration::from_secs(2)).await.expect("there is a seat");
        }
    });
    ran.expect("the loop runs");
}));
