use super::*;

#[test]
fn what_two_programs_told_of_a_call_is_put_together() {
    let lines = [
        "row masked|Event::set|waiters=0 instructions=34",
        "row masked|Event::set|waiters=1 instructions=96",
        "row masked|Event::clear|waiters=0 instructions=6",
        "row masked|Event::set|waiters=0 sections=2 longest=7",
        "row masked|Event::set|waiters=1 sections=3 longest=15 anywhere=160",
    ];
    let calls = calls(&lines.map(|line| Row::parse(line).unwrap()));
    assert_eq!(
        calls.iter().map(|call| call.name.as_str()).collect::<Vec<_>>(),
        ["Event::set", "Event::clear"]
    );
    let found = Found {
        waiters: 1,
        instructions: Some(96),
        sections: Some(3),
        longest: Some(15),
        anywhere: Some(160),
    };
    assert_eq!(calls[0].with(1), Some(&found));
    assert_eq!(calls[1].with(0).unwrap().longest, None);
    assert_eq!(calls[1].with(1), None);
}
