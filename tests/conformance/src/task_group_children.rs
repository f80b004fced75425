use core::cell::Cell;
use core::future::pending;

use everloop_core::{CreateErrorKind, Duration, Fixed, Instant, current_task, sleep, task_group, yield_now};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

type Never = core::convert::Infallible;

pub async fn the_body_creates_them_between_its_awaits() {
    let start = Instant::now();
    let values = task_group(Fixed::<2>, async |group| {
        let first = group.create_task(async {
            sleep(TICK * 10).await;
            Ok::<_, Never>(42)
        });
        sleep(TICK * 15).await;
        assert!(first.done());
        let second = group.create_task(async {
            sleep(TICK * 20).await;
            Ok(11)
        });
        // A cancelled one leaves the others alone, and those that come after.
        let third = group.create_task(async { Ok(pending::<u32>().await) });
        yield_now().await;
        third.cancel();
        Ok((first.await, second.await))
    })
    .await;
    assert_eq!(values.unwrap(), (Ok(42), Ok(11)));
    assert_eq!(start.elapsed(), TICK * 35);
}

pub async fn one_that_has_ended_makes_room_for_the_next() {
    let (now, most) = (Cell::new(0), Cell::new(0));
    task_group(Fixed::<4>, async |group| {
        for _ in 0..10 {
            sleep(TICK).await;
            // Nobody keeps the handles.
            group.create_task(async {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                sleep(TICK * 3).await;
                now.set(now.get() - 1);
                Ok::<_, Never>(())
            });
        }
        sleep(TICK * 5).await;
        assert_eq!(now.get(), 0);
        Ok(())
    })
    .await
    .unwrap();
    assert!((3..=4).contains(&most.get()), "{} at once", most.get());
}

pub async fn those_that_multiply_are_ended_by_an_error() {
    let born = Cell::new(0);
    let result = task_group(Fixed::<8>, async |group| {
        // Each time all that are left create one more, until the room is full.
        let multiplies = || async {
            born.set(born.get() + 1);
            for _ in 0..8 {
                sleep(TICK).await;
                match group.try_create_task(async {
                    born.set(born.get() + 1);
                    pending::<()>().await;
                    Ok(())
                }) {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.kind, CreateErrorKind::GroupFull),
                }
            }
            pending::<()>().await;
            Ok(())
        };
        group.create_task(multiplies());
        group.create_task(multiplies());
        group.create_task(async {
            while born.get() < 7 {
                sleep(TICK).await;
            }
            Err::<(), _>("hercules")
        });
        Ok(())
    })
    .await;
    assert_eq!(result.unwrap_err().into_iter().next(), Some("hercules"));
    assert_eq!(born.get(), 7);
}

pub async fn they_may_be_named() {
    task_group(Fixed::<1>, async |group| {
        let child = group.create_task(async { Ok::<_, Never>(current_task().unwrap().name()) }).named("yolo");
        assert_eq!(child.name(), Some("yolo"));
        assert_eq!(child.await, Ok(Some("yolo")));
        Ok(())
    })
    .await
    .unwrap();
}

pub async fn an_error_of_the_body_before_they_began_keeps_them_from_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let result = task_group(Fixed::<2>, async |group| {
        for n in 1..=2 {
            let captured = OnDrop(&LOG, n);
            group.create_task(async move {
                LOG.push(10);
                drop(captured);
                Ok(())
            });
        }
        Err::<(), _>("at once")
    })
    .await;
    assert_eq!(result.unwrap_err().into_iter().next(), Some("at once"));
    LOG.expect(&[1, 2]);
}
