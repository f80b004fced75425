//! Timers near and far, moved, dropped and set anew also while others expire, on a clock that leaps, beside a plain ordered
//! map. The platform asks it, at each wait, what must have been woken and until when it is to wait.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::UNPARKER;
use everloop_core::{EventLoop, Instant, Timeout, sleep_until, timeout_at};

/// As long as a slot of the wheel, where there is one.
const SLOT: u32 = 21;
/// Beyond the time of any run: what is due then only stands behind all others.
const NEVER_REACHED: u64 = 1 << 62;

thread_local! {
    static WORLD: World = World::default();
}

/// What is waited for: a sleep, or a timeout that can be moved.
struct Entry {
    future: Pin<Box<dyn Future<Output = ()>>>,
    timeout: Option<Rc<Timeout>>,
    deadline: u64,
    /// Its place among all that were set; None once it was woken.
    order: Option<u64>,
}

#[derive(Default)]
struct World {
    now: Cell<u64>,
    dice: Cell<u64>,
    orders: Cell<u64>,
    entries: RefCell<BTreeMap<usize, Entry>>,
    next: Cell<usize>,
    /// Those that are set, by deadline and then by their setting.
    model: RefCell<BTreeMap<(u64, u64), usize>>,
    main: RefCell<Option<Waker>>,
    /// A timeout is being moved, which wakes who polls it.
    moving: Cell<bool>,
}

impl World {
    fn below(&self, n: u64) -> u64 {
        let next =
            self.dice.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.dice.set(next);
        (next >> 33) % n
    }

    fn first(&self) -> Option<u64> {
        self.model.borrow().keys().next().map(|&(deadline, _)| deadline)
    }

    /// A deadline that has not passed.
    fn deadline(&self) -> u64 {
        let now = self.now.get();
        let deadline = match self.below(16) {
            0..=2 => now + 1 + self.below(4),
            // At the edges of slots, of words of them and of all there are.
            3..=7 => {
                const AWAY: [u64; 16] =
                    [0, 1, 2, 62, 63, 64, 65, 447, 448, 449, 480, 510, 511, 512, 513, 1024];
                let slot = (now >> SLOT) + AWAY[self.below(16) as usize];
                ((slot << SLOT) + self.below(3)).saturating_sub(1)
            }
            8..=11 => now + 1 + self.below(1 << 30),
            12..=13 => {
                // Together with another.
                let model = self.model.borrow();
                let at = self.below(model.len().max(1) as u64) as usize;
                model.keys().nth(at).map_or(now + 1, |&(deadline, _)| deadline)
            }
            14 => now + self.below(1 << 30) * 10_000,
            _ => u64::MAX - 1 - self.below(2),
        };
        deadline.max(now + 1)
    }

    fn set(&self, number: usize, entry: &mut Entry, deadline: u64) {
        let order = self.orders.get();
        self.orders.set(order + 1);
        (entry.deadline, entry.order) = (deadline, Some(order));
        self.model.borrow_mut().insert((deadline, order), number);
    }

    fn unset(&self, entry: &mut Entry) {
        if let Some(order) = entry.order.take() {
            self.model.borrow_mut().remove(&(entry.deadline, order));
        }
    }

    fn add(&self) {
        let number = self.next.get();
        self.next.set(number + 1);
        let deadline = self.deadline();
        let when = Instant::from_ticks(deadline);
        let timeout = (self.below(2) == 0).then(|| Rc::new(timeout_at(when)));
        let limit = timeout.clone();
        let mut entry = Entry {
            future: Box::pin(async move {
                match limit {
                    Some(limit) => drop(limit.run(pending::<()>()).await),
                    None => sleep_until(when).await,
                }
            }),
            timeout,
            deadline,
            order: None,
        };
        assert!(poll(number, &mut entry).is_pending());
        self.set(number, &mut entry, deadline);
        self.entries.borrow_mut().insert(number, entry);
    }

    /// Takes one out; puts it back with what `f` says.
    fn with_any(&self, f: impl FnOnce(usize, &mut Entry) -> bool) {
        let count = self.entries.borrow().len() as u64;
        if count == 0 {
            return;
        }
        let number = *self.entries.borrow().keys().nth(self.below(count) as usize).unwrap();
        let mut entry = self.entries.borrow_mut().remove(&number).unwrap();
        if f(number, &mut entry) {
            self.entries.borrow_mut().insert(number, entry);
        }
    }

    fn drop_any(&self) {
        self.with_any(|_, entry| {
            self.unset(entry);
            false
        });
    }

    /// Those that are set keep their place, and those that were woken are ready.
    fn poll_any(&self) {
        self.with_any(|number, entry| {
            assert_eq!(poll(number, entry).is_pending(), entry.order.is_some());
            entry.order.is_some()
        });
    }

    fn move_any(&self) {
        self.with_any(|number, entry| {
            let Some(timeout) = &entry.timeout else { return true };
            let deadline = self.deadline();
            self.moving.set(true);
            timeout.reschedule(Instant::from_ticks(deadline)).unwrap();
            self.moving.set(false);
            assert!(poll(number, entry).is_pending());
            if entry.order.is_none() || entry.deadline != deadline {
                self.unset(entry);
                self.set(number, entry, deadline);
            }
            true
        });
    }
}

fn poll(number: usize, entry: &mut Entry) -> Poll<()> {
    entry.future.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(Note(number)))))
}

/// Is told that a timer is due, and does something to others meanwhile.
struct Note(usize);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        WORLD.with(|world| {
            if world.moving.get() {
                return;
            }
            let ((deadline, _), number) = world.model.borrow_mut().pop_first().expect("none is set");
            assert_eq!(number, self.0, "another was to be woken, at {deadline}");
            assert!(deadline <= world.now.get(), "woken too early");
            world.entries.borrow_mut().get_mut(&number).unwrap().order = None;
            world.main.borrow().as_ref().unwrap().wake_by_ref();
            match world.below(8) {
                0 => world.add(),
                1 => world.drop_any(),
                _ => {}
            }
        });
    }
}

struct Leaping;

impl Platform for Leaping {
    fn now(&self) -> Instant {
        WORLD.with(|world| Instant::from_ticks(world.now.get()))
    }

    fn park(&self, wait: Wait) {
        WORLD.with(|world| {
            let now = world.now.get();
            assert!(world.first().is_none_or(|first| first > now), "one was not woken at {now}");
            let until = match wait {
                Wait::Poll => now,
                Wait::Until(deadline) => {
                    assert_eq!(Some(deadline.as_ticks()), world.first());
                    deadline.as_ticks()
                }
                Wait::Forever => panic!("nothing is waited for"),
            };
            world.now.set(match world.below(16) {
                // Woken for nothing, before the time.
                0..=3 => now + (until - now).min(world.below(1 << 28)),
                4..=5 => until + world.below(4),
                6..=7 => until + world.below(1 << 30),
                // Suspended.
                8 if world.below(8) == 0 => until + world.below(1 << 30) * 10_000,
                _ => until,
            });
        });
    }
}

async fn round(steps: u32) {
    for _ in 0..steps {
        let mut waits = poll_fn(|cx| {
            WORLD.with(|world| {
                *world.main.borrow_mut() = Some(cx.waker().clone());
                match world.below(8) {
                    0..=2 => world.add(),
                    3 => world.drop_any(),
                    4 => world.poll_any(),
                    5..=6 => world.move_any(),
                    _ => return Poll::Ready(world.first().is_some_and(|first| first < NEVER_REACHED)),
                }
                Poll::Ready(false)
            })
        })
        .await;
        poll_fn(|_| if std::mem::take(&mut waits) { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

#[test]
fn timers_on_a_clock_that_leaps_wake_as_those_of_an_ordered_map() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let watched = std::env::var_os("EVERLOOP_WATCHED").is_some() || cfg!(miri);
    let (seeds, steps) = if watched { (3, 150) } else { (100, 1_000) };
    for seed in 0..seeds {
        WORLD.with(|world| {
            world.now.set(0);
            world.dice.set(seed);
        });
        LOOP.run(&Leaping, &[], round(steps)).unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        // The loop has closed with some left.
        WORLD.with(|world| {
            world.main.take();
            world.model.take();
            drop(world.entries.take());
        });
    }
}
