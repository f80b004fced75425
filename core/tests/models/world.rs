//! One case: the real thing beside its model, and futures that tell the model what happens to them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::program::Way;
use crate::{Begun, Id, Model, Primitive};

/// What is kept for as long as the program runs, where tools that look for leaks find it.
static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

struct Kept(#[expect(dead_code, reason = "it is only found by tools")] *const ());

// SAFETY: nobody reads through it.
unsafe impl Send for Kept {}

/// Never frees it.
pub fn keep<T: ?Sized>(value: Box<T>) -> &'static T {
    let value: &'static T = Box::leak(value);
    KEPT.lock().unwrap().push(Kept(std::ptr::from_ref(value).cast()));
    value
}

/// What is forgotten is never dropped and never freed.
pub fn forget<T: 'static>(value: Pin<Box<T>>) {
    // SAFETY: it is never moved again.
    keep(unsafe { Pin::into_inner_unchecked(value) });
}

thread_local! {
    /// Foreign code in whatever wakes.
    static ON_WAKE: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// What is done in every wake of this thread from now on.
pub fn on_wake(act: Option<Rc<dyn Fn()>>) {
    ON_WAKE.set(act);
}

/// Who is woken when a future's waker is called.
pub struct Flag {
    woken: AtomicBool,
    outer: Mutex<Waker>,
}

impl Flag {
    fn new() -> Arc<Self> {
        Arc::new(Self { woken: AtomicBool::new(false), outer: Mutex::new(Waker::noop().clone()) })
    }

    pub fn woken(&self) -> bool {
        self.woken.load(Ordering::Relaxed)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        let outer = self.outer.lock().unwrap().clone();
        outer.wake();
        let act = ON_WAKE.with_borrow(Clone::clone);
        if let Some(act) = act {
            act();
        }
    }
}

pub struct World<P: Primitive> {
    real: P,
    model: RefCell<P::Model>,
    /// Those that were polled and wait.
    waiting: RefCell<BTreeMap<Id, Arc<Flag>>>,
    /// Those to which a request comes with their next poll.
    pub requested: RefCell<BTreeSet<Id>>,
    /// Whether the next poll comes with another waker.
    pub other_waker: Cell<bool>,
    next: Cell<Id>,
    wrong: RefCell<Option<String>>,
    trace: Option<RefCell<String>>,
    /// Whether one that is woken without need is wrong.
    strict: bool,
    /// How many steps are under way, one in the wake of the other. Only the outermost looks at what it has led to.
    depth: Cell<u32>,
}

impl<P: Primitive> World<P> {
    pub fn new(config: &P::Config, way: Way, traced: bool) -> Rc<Self> {
        let (real, model) = P::new(config);
        Rc::new(Self {
            real,
            model: RefCell::new(model),
            waiting: RefCell::default(),
            requested: RefCell::default(),
            other_waker: Cell::new(false),
            next: Cell::new(0),
            wrong: RefCell::default(),
            trace: traced.then(RefCell::default),
            // A task is also woken by the loop.
            strict: matches!(way, Way::ByHand),
            depth: Cell::new(0),
        })
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let mut trace = trace.borrow_mut();
            trace.push_str("  ");
            trace.push_str(&line());
            trace.push('\n');
        }
    }

    pub fn complain(&self, what: String) {
        self.note(|| format!("WRONG: {what}"));
        self.wrong.borrow_mut().get_or_insert(what);
    }

    /// What went wrong first, and what happened until then.
    pub fn verdict(&self) -> Result<(), (String, String)> {
        let trace = self.trace.as_ref().map(|trace| trace.borrow().clone()).unwrap_or_default();
        self.wrong.borrow().clone().map_or(Ok(()), |wrong| Err((wrong, trace)))
    }

    pub fn failed(&self) -> bool {
        self.wrong.borrow().is_some()
    }

    fn compare<T: PartialEq + Debug>(&self, what: impl FnOnce() -> String, real: &T, model: &T) {
        if real != model {
            self.complain(format!("{}: it is {real:?} and should be {model:?}", what()));
        }
    }

    /// Does a step, and looks. The model has done it before, since what a wake leads to comes after what woke.
    fn step<T>(&self, step: impl FnOnce() -> T) -> T {
        self.depth.set(self.depth.get() + 1);
        let result = step();
        self.depth.set(self.depth.get() - 1);
        result
    }

    pub fn depth(&self) -> u32 {
        self.depth.get()
    }

    /// What is to be so after every step.
    fn check(&self) {
        if self.depth.get() > 0 {
            return;
        }
        let (real, model) = (self.real.seen(), self.model.borrow().seen());
        self.compare(|| "what is seen".into(), &real, &model);
        for (id, flag) in self.waiting.borrow().iter() {
            let turn = self.model.borrow().turn(*id);
            if turn && !flag.woken() {
                self.complain(format!("#{id} sleeps though its turn has come"));
            } else if self.strict && flag.woken() && !turn {
                self.complain(format!("#{id} was woken for nothing"));
            }
        }
    }

    pub fn begin(self: &Rc<Self>, start: &P::Start) -> Option<Watched<P>> {
        let id = self.next.replace(self.next.get() + 1);
        let inner = self.real.begin(id, start);
        let begun = self.model.borrow_mut().begin(id, start);
        self.compare(|| format!("whether {start:?} can begin"), &inner.is_some(), &begun);
        let inner = inner?;
        self.note(|| format!("#{id} begins: {start:?}"));
        Some(Watched { world: self.clone(), id, inner: Some(inner), waker: None })
    }

    pub fn act(&self, act: &P::Act) {
        let model = self.model.borrow_mut().act(act);
        let real = self.step(|| self.real.act(act));
        self.note(|| format!("{act:?}: {real:?}"));
        self.compare(|| format!("{act:?}"), &real, &model);
        self.check();
    }

    /// It was forgotten.
    pub fn forgotten(&self, id: Id) {
        self.note(|| format!("#{id} is forgotten"));
        self.waiting.borrow_mut().remove(&id);
        self.check();
    }

    /// Those that were woken, in the order in which they began.
    pub fn woken(&self) -> Option<Id> {
        self.waiting.borrow().iter().find(|(_, flag)| flag.woken()).map(|(id, _)| *id)
    }

    /// Everybody who was woken has been polled.
    pub fn check_rest(&self) {
        for id in self.waiting.borrow().keys() {
            if self.model.borrow().turn(*id) {
                self.complain(format!("#{id} was not polled though its turn has come"));
            }
        }
        self.check();
    }
}

/// A future that does with the model what is done with it.
pub struct Watched<P: Primitive> {
    world: Rc<World<P>>,
    pub id: Id,
    inner: Option<Begun<P::Output>>,
    waker: Option<(Arc<Flag>, Waker)>,
}

impl<P: Primitive> Unpin for Watched<P> {}

impl<P: Primitive> Future for Watched<P> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let (world, id) = (&this.world, this.id);
        if world.other_waker.take() {
            this.waker = None;
        }
        let (flag, waker) = this.waker.get_or_insert_with(|| {
            let flag = Flag::new();
            (flag.clone(), Waker::from(flag))
        });
        flag.woken.store(false, Ordering::Relaxed);
        *flag.outer.lock().unwrap() = cx.waker().clone();
        world.waiting.borrow_mut().remove(&id);

        let inner = this.inner.as_mut().expect("polled after its end");
        let requested = world.requested.borrow_mut().remove(&id);
        let model = world.model.borrow_mut().poll(id, requested);
        let poll = || inner.as_mut().poll(&mut Context::from_waker(waker));
        let polled = catch_unwind(AssertUnwindSafe(|| world.step(poll)));
        let Ok(polled) = polled else {
            world.complain(format!("the poll of #{id} panicked"));
            return Poll::Ready(());
        };
        let real = match polled {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        };
        world.note(|| format!("#{id} is polled: {real:?}"));
        world.compare(|| format!("the poll of #{id}"), &real, &model);
        if real.is_some() {
            this.inner = None;
        } else {
            world.waiting.borrow_mut().insert(id, flag.clone());
        }
        world.check();
        if real.is_some() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<P: Primitive> Drop for Watched<P> {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else { return };
        let (world, id) = (&self.world, self.id);
        world.note(|| format!("#{id} is dropped"));
        world.waiting.borrow_mut().remove(&id);
        world.model.borrow_mut().leave(id);
        if catch_unwind(AssertUnwindSafe(|| world.step(|| drop(inner)))).is_err() {
            world.complain(format!("the drop of #{id} panicked"));
            return;
        }
        world.check();
    }
}
