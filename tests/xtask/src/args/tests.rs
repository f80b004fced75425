use super::*;

fn read(line: &str) -> Result<Command, String> {
    parse(line.split_whitespace().map(str::to_owned))
}

#[test]
fn demo_has_a_default_and_takes_seconds() {
    assert_eq!(read("demo"), Ok(Command::Demo { seconds: Duration::from_secs(8) }));
    assert_eq!(read("demo --seconds 3"), Ok(Command::Demo { seconds: Duration::from_secs(3) }));
    assert_eq!(read("demo --seconds=3"), Ok(Command::Demo { seconds: Duration::from_secs(3) }));
    assert!(read("demo --seconds").is_err());
    assert!(read("demo --seconds 0").is_err());
    assert!(read("demo --seconds soon").is_err());
}

#[test]
fn test_takes_options_in_any_order() {
    let both = Command::Test { only: Some("loom".to_owned()), long: true };
    assert_eq!(read("test --only loom --long"), Ok(both));
    assert_eq!(read("test"), Ok(Command::Test { only: None, long: false }));
    assert_eq!(read("test --long"), Ok(Command::Test { only: None, long: true }));
}

#[test]
fn bench_takes_a_group_or_none() {
    let bench = |group: Option<&str>, workload: Option<&str>, rounds| {
        let (group, workload) = (group.map(str::to_owned), workload.map(str::to_owned));
        Ok(Command::Bench(bench::Options { group, workload, rounds, ..Default::default() }))
    };
    assert_eq!(read("bench"), bench(None, None, None));
    assert_eq!(read("bench inspect"), bench(Some("inspect"), None, None));
    assert_eq!(read("bench peers --rounds 7 lock"), bench(Some("peers"), Some("lock"), Some(7)));
    let drawn = bench::Options {
        group: Some("peers".to_owned()),
        svg: Some("peers.svg".into()),
        ..Default::default()
    };
    assert_eq!(read("bench peers --svg peers.svg"), Ok(Command::Bench(drawn)));
    let blessed =
        bench::Options { group: Some("instructions".to_owned()), bless: true, ..Default::default() };
    assert_eq!(read("bench instructions --bless"), Ok(Command::Bench(blessed)));
    assert!(read("bench peers lock idle").is_err());
    assert!(read("bench peers --rounds 0").is_err());
    assert!(read("bench --fast").is_err());
    assert_eq!(read("bench --help"), Ok(Command::Help));
}

#[test]
fn run_takes_a_port_and_what_qemu_is_to_be_told() {
    let run = |port, more: &[&str]| {
        let more = more.iter().map(|arg| (*arg).to_owned()).collect();
        Ok(Command::Run { name: "tcp".to_owned(), port, more })
    };
    assert_eq!(read("run tcp"), run(None, &[]));
    assert_eq!(read("run tcp --port 7001"), run(Some(7001), &[]));
    assert_eq!(read("run --port=7001 tcp -- -S --port 1"), run(Some(7001), &["-S", "--port", "1"]));
    assert_eq!(read("run --help"), Ok(Command::Help));
    assert!(read("run").is_err());
    assert!(read("run --port 7001").is_err());
    assert!(read("run tcp --port 0").is_err());
    assert!(read("run tcp --port 65536").is_err());
    assert!(read("run tcp http").is_err());
    assert!(read("check -- -S").is_err());
}

#[test]
fn fuzz_and_soak_take_minutes() {
    let fuzz = |target: Option<&str>, minutes: u64| {
        Ok(Command::Fuzz { target: target.map(str::to_owned), time: Duration::from_secs(60 * minutes) })
    };
    assert_eq!(read("fuzz"), fuzz(None, 1));
    assert_eq!(read("fuzz station --minutes 60"), fuzz(Some("station"), 60));
    assert!(read("fuzz --minutes 0").is_err());
    assert_eq!(read("soak --minutes 2"), Ok(Command::Soak { time: Duration::from_secs(120) }));
}

#[test]
fn what_is_not_understood_is_an_error() {
    assert!(read("").is_err());
    assert!(read("benchmark").is_err());
    assert!(read("check --only x").is_err());
    assert!(read("test extra").is_err());
}

#[test]
fn help_is_found_everywhere() {
    assert_eq!(read("help"), Ok(Command::Help));
    assert_eq!(read("--help"), Ok(Command::Help));
    assert_eq!(read("demo --help"), Ok(Command::Help));
}
