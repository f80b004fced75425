//! Waiting for ctrl-c. What it does to a runner besides is in `sigint`.
#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use everloop::signal::SIGINT;
use everloop::{add_signal_handler, create_task, ctrl_c, remove_signal_handler, yield_now};
use support::signals::{Counter, alone, disposition, send};

#[test]
fn ctrl_c_is_told_to_all_who_wait_and_only_while_somebody_does() {
    let _alone = alone();
    let before = disposition(SIGINT);
    everloop::run(async {
        for _ in 0..3 {
            let waiting: Vec<_> = (0..3).map(|_| create_task(ctrl_c())).collect();
            yield_now().await;
            assert_ne!(disposition(SIGINT), before);
            send(SIGINT);
            for task in waiting {
                task.await.unwrap().unwrap();
            }
            assert_eq!(disposition(SIGINT), before);
        }
        // One that is given up waits no more.
        let waiting = create_task(ctrl_c());
        yield_now().await;
        waiting.cancel();
        assert!(waiting.await.is_err());
        assert_eq!(disposition(SIGINT), before);
    })
    .unwrap();
}

#[test]
fn ctrl_c_and_a_callback_both_hear_it() {
    let _alone = alone();
    let before = disposition(SIGINT);
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGINT, counter.callback()).unwrap();
        let waiting = create_task(ctrl_c());
        yield_now().await;
        send(SIGINT);
        waiting.await.unwrap().unwrap();
        counter.reaches(1).await;
        send(SIGINT);
        counter.reaches(2).await;
        assert!(remove_signal_handler(SIGINT).unwrap());
        assert_eq!(disposition(SIGINT), before);
    })
    .unwrap();
}
