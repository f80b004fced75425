//! Tasks with tasks below them, queues and locks, that are cancelled somewhere in the middle and clean up.

use std::rc::Rc;

use everloop::{
    Bounded, Lock, Queue, Unbounded, catch_cancel, create_task, gather, shield, sleep, task_group,
};

use super::{Dice, What, count};

const AT_ONCE: u64 = 8;

struct Shared {
    queue: Queue<u64, Bounded>,
    lock: Lock<u64>,
}

/// Begins and cancels for ever.
pub async fn run() {
    let shared = Rc::new(Shared { queue: Queue::bounded(4), lock: Lock::new(0) });
    let all = (0..AT_ONCE).map(|seed| create_task(again(seed, shared.clone())));
    gather(all.collect::<Vec<_>>()).await;
}

async fn again(seed: u64, shared: Rc<Shared>) {
    let mut dice = Dice::new(seed + 2000);
    loop {
        let work = create_task(tree(dice.below(1 << 32), 3, shared.clone()));
        sleep(dice.millis(50)).await;
        work.cancel();
        let _ = work.await;
        count(What::Cancellation);
    }
}

/// A few levels of what can be waited for.
async fn tree(seed: u64, depth: u32, shared: Rc<Shared>) {
    let mut dice = Dice::new(seed);
    let below = |dice: &mut Dice| Box::pin(tree(dice.below(1 << 32), depth - 1, shared.clone()));
    if depth == 0 {
        match dice.below(4) {
            0 => drop(shared.queue.put(seed).await),
            1 => drop(shared.queue.get().await),
            2 => {
                *shared.lock.acquire().await += 1;
                sleep(dice.millis(5)).await;
            }
            _ => sleep(dice.millis(100)).await,
        }
        return;
    }
    match dice.below(4) {
        0 => drop(gather((below(&mut dice), below(&mut dice))).await),
        1 => {
            let children = [below(&mut dice), below(&mut dice)];
            let _ = task_group(Unbounded, async |group| {
                for child in children {
                    drop(group.create_task(async {
                        child.await;
                        Ok::<_, std::convert::Infallible>(())
                    }));
                }
                Ok(())
            })
            .await;
        }
        2 => {
            if let Err(cancelled) = catch_cancel(below(&mut dice)).await {
                sleep(dice.millis(5)).await;
                cancelled.resume().await;
            }
        }
        _ => {
            let mut inner = create_task(below(&mut dice));
            if catch_cancel(shield(&mut inner)).await.is_err() {
                inner.cancel();
                let _ = inner.await;
            }
        }
    }
}
