//! The parser of requests alone.

use station::{Command, LINE_LIMIT, Refusal};

fn parse(line: &str) -> Result<Option<Command>, Refusal> {
    Command::parse(line.as_bytes())
}

#[test]
fn commands() {
    for (line, command) in [
        ("GET", Command::Get),
        ("STATS", Command::Stats),
        ("TASKS", Command::Tasks),
        ("QUIT", Command::Quit),
        ("SUB 10", Command::Subscribe(10)),
        ("SUB 60000", Command::Subscribe(60_000)),
        ("SUB 0250", Command::Subscribe(250)),
    ] {
        assert_eq!(parse(line), Ok(Some(command)), "{line}");
        assert_eq!(parse(&line.to_lowercase()), Ok(Some(command)), "{line}");
        assert_eq!(parse(&format!("  {} ", line.replace(' ', "\t "))), Ok(Some(command)), "{line}");
    }
}

#[test]
fn periods_out_of_range() {
    for line in ["SUB", "SUB 9", "SUB 60001", "SUB 0", "SUB -10", "SUB +10", "SUB 1e3", "SUB x", "SUB 10 20"]
    {
        assert_eq!(parse(line), Err(Refusal::BadPeriod), "{line}");
    }
    assert_eq!(parse("SUB 99999999999999999999"), Err(Refusal::BadPeriod));
}

#[test]
fn unknown_commands() {
    for line in ["FROB", "GETX", "GE", "GET 1", "QUIT now", "SUBS 10", "G\u{1D04}T", "\0", "SUB\u{a0}10"] {
        assert_eq!(parse(line), Err(Refusal::UnknownCommand), "{line}");
    }
    assert_eq!(Command::parse(b"\xff\xfeGET"), Err(Refusal::UnknownCommand));
}

#[test]
fn blank_lines_ask_for_nothing() {
    for line in ["", " ", "\t \t", "\r"] {
        assert_eq!(parse(line), Ok(None));
    }
}

#[test]
fn the_limit() {
    assert_eq!(parse(&"A".repeat(LINE_LIMIT)), Err(Refusal::UnknownCommand));
    assert_eq!(parse(&"A".repeat(LINE_LIMIT + 1)), Err(Refusal::LineTooLong));
    let padded = format!("{:LINE_LIMIT$}", "GET");
    assert_eq!(parse(&padded), Ok(Some(Command::Get)));
}

#[test]
fn no_line_panics() {
    // Every short line over a few bytes that matter to the parser.
    let alphabet = b"SUBsub 19-\r\xff\0";
    let mut line = Vec::new();
    for number in 0..u32::try_from(alphabet.len().pow(5)).unwrap() {
        line.clear();
        let mut rest = number as usize;
        while rest > 0 {
            line.push(alphabet[rest % alphabet.len()]);
            rest /= alphabet.len();
        }
        let _ = Command::parse(&line);
    }
}
