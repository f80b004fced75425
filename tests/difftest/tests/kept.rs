//! The smallest programs on which the two did not agree for a reason that stands in the rules.

use everloop_difftest::host::compare::{Verdict, compare};
use everloop_difftest::host::everloop::run;
use everloop_difftest::host::fair::is_fair;
use everloop_difftest::host::oracle::Oracle;
use everloop_difftest::program::Kind::{
    Await, Cancel, CondWait, Do, Group, Reschedule, Select, Shield, Sleep, Spawn, StaticGroup, Timeout,
    TryGather,
};
use everloop_difftest::program::{Action, Block, Class, Kind, Object, Program, Stmt};

fn program(objects: &[(Class, u32)], roots: usize, bodies: Vec<Block>) -> Program {
    let objects = objects.iter().map(|&(class, size)| Object { class, size }).collect();
    let mut program = Program { objects, roots, bodies };
    program.number();
    program
}

/// What the comparison says; nothing without CPython.
fn verdict(objects: &[(Class, u32)], roots: usize, bodies: Vec<Block>) -> Option<Verdict> {
    let program = program(objects, roots, bodies);
    let Ok(mut oracle) = Oracle::start() else {
        eprintln!("no CPython: ignored");
        return None;
    };
    let (theirs, applied) = oracle.run(&program).expect("CPython runs it");
    Some(compare(&program, &theirs, &run(&program).expect("everloop runs it"), &applied))
}

fn block(kinds: impl IntoIterator<Item = Kind>) -> Block {
    kinds.into_iter().map(|kind| Stmt { id: 0, kind }).collect()
}

#[track_caller]
fn parts_by(rule: &str, verdict: Option<Verdict>) {
    let Some(verdict) = verdict else { return };
    assert_eq!((verdict.difference, verdict.rules), (None, vec![rule.to_owned()]));
}

#[test]
fn a_lock_let_go_of_by_one_that_a_group_has_cancelled_meets_the_same_cancellation() {
    let waits_for_one = block([Sleep(864_124), Await(1)]);
    let inner = Group(
        block([Sleep(354_587), Spawn(1), Do(0, Action::GetNowait, 0), Sleep(805_442)]),
        vec![
            block([Sleep(464_532), Spawn(2), Do(1, Action::Notify, 2), Sleep(551_878)]),
            waits_for_one,
            block([Sleep(464_961), Group(block([]), vec![block([Sleep(387_524), Await(2)])])]),
        ],
    );
    let bodies = vec![
        block([Sleep(248_506), Group(block([]), vec![block([Sleep(889_430), inner])])]),
        block([Sleep(13_755), CondWait(1, block([]), block([Sleep(552_271), Shield(2)]))]),
        block([Sleep(265_641), CondWait(1, block([]), block([]))]),
    ];
    let objects = [(Class::Queue, 0), (Class::Condition, 0), (Class::Semaphore, 1)];
    parts_by("grant-meets-cancellation", verdict(&objects, 1, bodies));
}

#[test]
fn a_barrier_broken_by_a_part_of_a_race_meets_the_cancellation_of_what_the_part_then_awaits() {
    let race = Select(vec![block([Sleep(270_874), Do(0, Action::Abort, 0), Await(1), Sleep(259_825)])]);
    let inner = Group(
        block([Sleep(4_468), Do(0, Action::Meet, 0), Sleep(977_788), race]),
        vec![block([Sleep(841_766), Do(0, Action::Meet, 0)])],
    );
    let outer = Group(
        block([Sleep(1_015_881), inner]),
        vec![
            block([Sleep(546_092), Do(0, Action::Meet, 0)]),
            block([Sleep(64_945), Cancel(1), Sleep(794_324)]),
        ],
    );
    let bodies = vec![block([Sleep(732_415), outer]), block([Sleep(640_100), Sleep(472_170)])];
    parts_by("grant-meets-cancellation", verdict(&[(Class::Barrier, 2)], 2, bodies));
}

#[test]
fn a_barrier_reset_by_the_body_of_a_group_meets_the_cancellation_of_what_the_body_then_gathers() {
    let group = Group(
        block([Sleep(510_779), Do(0, Action::Reset, 0), TryGather(vec![1]), Sleep(152_940)]),
        vec![block([Sleep(490_107), Do(0, Action::Meet, 0)])],
    );
    let bodies = vec![
        block([Sleep(1_001_149), Cancel(1), Sleep(270_805), group]),
        block([Sleep(956_614), Sleep(413_073)]),
    ];
    parts_by("grant-meets-cancellation", verdict(&[(Class::Barrier, 3)], 2, bodies));
}

/// Rule `a-moved-deadline-is-looked-at`.
#[test]
fn a_deadline_is_not_moved_at_a_moment_at_which_others_are_let_go_on() {
    let made = |mover: Block| {
        let waiter = block([Sleep(396_646), Do(0, Action::Wait, 0)]);
        let limited = block([Sleep(559_662), Timeout(0, 941_641, block([Do(0, Action::Wait, 0)]))]);
        program(&[(Class::Event, 0)], 3, vec![waiter, mover, limited])
    };
    let moved = || Reschedule(0, 2_556_356);
    let set = || Do(0, Action::Set, 0);
    assert!(is_fair(&made(block([Sleep(571_136), moved(), Sleep(365_651), set(), Sleep(365_652)]))));
    assert!(!is_fair(&made(block([Sleep(571_136), moved(), set(), Sleep(365_651)]))));
    assert!(!is_fair(&made(block([Sleep(571_136), set(), moved(), Sleep(365_651)]))));
}

/// Rule `requests-go-with-polls`.
#[test]
fn a_task_is_not_cancelled_with_what_a_child_of_a_group_in_its_group_waits_for() {
    let made = |group: fn(Block, Vec<Block>) -> Kind, between: Option<Kind>| {
        let inner = group(block([]), vec![block([Sleep(148_753), Shield(1)])]);
        let body = [Sleep(621_548), Cancel(1)].into_iter().chain(between).chain([Cancel(0), Sleep(938_465)]);
        let outer = Group(block(body), vec![block([Sleep(306_618), inner])]);
        let bodies =
            vec![block([Sleep(947_267), outer]), block([Sleep(445_312), Do(0, Action::WaitCell, 0)])];
        program(&[(Class::Future, 0)], 2, bodies)
    };
    assert!(is_fair(&made(Group, None)));
    assert!(is_fair(&made(StaticGroup, Some(Sleep(365_651)))));
    assert!(!is_fair(&made(StaticGroup, None)));
}
