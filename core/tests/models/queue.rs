//! The queues.

use everloop_core::{
    Bounded, FirstInFirstOut, Fixed, Flavour, LastInFirstOut, Local, LowestFirst, Order, PutFailed, Queue,
    QueueShutDown, QueueStorage, Shared, TaskDoneError, TryGetError, TryPutError, Unbounded,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, program};

pub type Item = u32;

/// What is asked of every queue.
pub trait AnyQueue {
    fn put(&'static self, item: Item) -> Begun<Output>;
    fn get(&'static self) -> Begun<Output>;
    fn join(&'static self) -> Begun<Output>;
    fn act(&self, act: &Act) -> Output;
    fn seen(&self) -> Seen;
}

#[derive(Clone, Copy, Debug)]
pub enum Room {
    One,
    Two,
    SharedThree,
    BoundedTwo,
    Unbounded,
}

/// Which item comes next.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    First,
    Last,
    Lowest,
}

#[derive(Clone, Debug)]
pub enum Start {
    Put,
    Get,
    Join,
}

#[derive(Clone, Debug)]
pub enum Act {
    Put(Item),
    Get,
    TaskDone,
    ShutDown { immediate: bool },
}

#[derive(Debug, PartialEq)]
pub enum Output {
    Put,
    Got(Item),
    /// With the item of a `put`.
    ShutDown(Option<Item>),
    Full(Item),
    Empty,
    Done,
    TaskDoneError,
}

#[derive(Debug, PartialEq)]
pub struct Seen {
    qsize: usize,
    maxsize: Option<usize>,
    empty: bool,
    full: bool,
}

impl<S: QueueStorage, R: Flavour, O: Order<Item>> AnyQueue for Queue<Item, S, R, O> {
    fn put(&'static self, item: Item) -> Begun<Output> {
        Box::pin(async move {
            match self.put(item).await {
                Ok(()) => Output::Put,
                Err(error) => Output::ShutDown(Some(error.into_inner())),
            }
        })
    }

    fn get(&'static self) -> Begun<Output> {
        Box::pin(async move {
            match self.get().await {
                Ok(item) => Output::Got(item),
                Err(QueueShutDown(())) => Output::ShutDown(None),
            }
        })
    }

    fn join(&'static self) -> Begun<Output> {
        Box::pin(async move {
            self.join().await;
            Output::Done
        })
    }

    fn act(&self, act: &Act) -> Output {
        match act {
            Act::Put(item) => match self.put_nowait(*item) {
                Ok(()) => Output::Put,
                Err(TryPutError::QueueFull(item)) => Output::Full(item),
                Err(TryPutError::QueueShutDown(item)) => Output::ShutDown(Some(item)),
                Err(TryPutError::OutOfMemory(item)) => panic!("no memory for {item}"),
            },
            Act::Get => match self.get_nowait() {
                Ok(item) => Output::Got(item),
                Err(TryGetError::QueueEmpty) => Output::Empty,
                Err(TryGetError::QueueShutDown) => Output::ShutDown(None),
            },
            Act::TaskDone => match self.task_done() {
                Ok(()) => Output::Done,
                Err(TaskDoneError) => Output::TaskDoneError,
            },
            Act::ShutDown { immediate } => {
                self.shutdown(*immediate);
                Output::Done
            }
        }
    }

    fn seen(&self) -> Seen {
        Seen { qsize: self.qsize(), maxsize: self.maxsize(), empty: self.empty(), full: self.full() }
    }
}

pub struct Real(&'static dyn AnyQueue);

impl Primitive for Real {
    type Config = (Room, Next);
    type Start = Start;
    type Act = Act;
    type Output = Output;
    type Seen = Seen;
    type Model = Plain;

    fn configs() -> BoxedStrategy<(Room, Next)> {
        const ROOMS: &[Room] = &[Room::One, Room::Two, Room::SharedThree, Room::BoundedTwo, Room::Unbounded];
        const NEXTS: &[Next] = &[Next::First, Next::Last, Next::Lowest];
        (select(ROOMS), select(NEXTS)).boxed()
    }

    fn starts() -> BoxedStrategy<Start> {
        prop_oneof![4 => Just(Start::Put), 4 => Just(Start::Get), 1 => Just(Start::Join)].boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        prop_oneof![
            // In no order, for those queues that make one.
            12 => (1_000..2_000_u32).prop_map(Act::Put),
            12 => Just(Act::Get),
            8 => Just(Act::TaskDone),
            1 => any::<bool>().prop_map(|immediate| Act::ShutDown { immediate }),
        ]
        .boxed()
    }

    fn new((room, next): &(Room, Next)) -> (Self, Plain) {
        let real = match next {
            Next::First => queue::<FirstInFirstOut>(*room),
            Next::Last => queue::<LastInFirstOut>(*room),
            Next::Lowest => queue::<LowestFirst>(*room),
        };
        let room = match room {
            Room::One => Some(1),
            Room::Two | Room::BoundedTwo => Some(2),
            Room::SharedThree => Some(3),
            Room::Unbounded => None,
        };
        (Self(real), Plain::new(room, *next))
    }

    fn begin(&self, id: Id, start: &Start) -> Option<Begun<Output>> {
        Some(match start {
            Start::Put => self.0.put(item(id)),
            Start::Get => self.0.get(),
            Start::Join => self.0.join(),
        })
    }

    fn act(&self, act: &Act) -> Output {
        self.0.act(act)
    }

    fn seen(&self) -> Seen {
        self.0.seen()
    }
}

fn queue<O: Order<Item>>(room: Room) -> &'static dyn AnyQueue {
    match room {
        Room::One => keep(Box::new(Queue::<Item, Fixed<1>, Local, O>::new())),
        Room::Two => keep(Box::new(Queue::<Item, Fixed<2>, Local, O>::new())),
        Room::SharedThree => keep(Box::new(Queue::<Item, Fixed<3>, Shared, O>::new())),
        Room::BoundedTwo => keep(Box::new(Queue::<Item, Bounded, Local, O>::bounded(2))),
        Room::Unbounded => keep(Box::new(Queue::<Item, Unbounded, Local, O>::new())),
    }
}

/// What a future puts.
fn item(id: Id) -> Item {
    // Neither rising nor falling.
    (id as Item * 37) % 101
}

#[derive(Clone, Copy, PartialEq)]
pub enum Shut {
    Open,
    Draining,
    Emptied,
}

#[derive(Debug)]
pub enum Told {
    ItIsYours,
    ShutDown,
}

pub struct Plain {
    room: Option<usize>,
    next: Next,
    items: Vec<Item>,
    unfinished: usize,
    shut: Shut,
    starts: Vec<(Id, Start)>,
    getters: Line<Told>,
    putters: Line<Told>,
    joiners: Line<Told>,
}

fn promised(line: &Line<Told>) -> usize {
    line.told().filter(|told| matches!(told, Told::ItIsYours)).count()
}

impl Plain {
    fn new(room: Option<usize>, next: Next) -> Self {
        let (getters, putters, joiners) = (Line::default(), Line::default(), Line::default());
        let shut = Shut::Open;
        Self {
            room,
            next,
            items: Vec::new(),
            unfinished: 0,
            shut,
            starts: Vec::new(),
            getters,
            putters,
            joiners,
        }
    }

    fn has_item(&self) -> bool {
        self.shut != Shut::Emptied && self.items.len() > promised(&self.getters)
    }

    fn has_room(&self) -> bool {
        self.room.is_none_or(|room| self.items.len() + promised(&self.putters) < room)
    }

    /// Promises what can be promised to those who wait.
    fn promise(&mut self) {
        while self.has_item() && self.getters.tell(Told::ItIsYours) {}
        while self.shut == Shut::Open && self.has_room() && self.putters.tell(Told::ItIsYours) {}
        while self.unfinished == 0 && self.joiners.tell(Told::ItIsYours) {}
    }

    fn push(&mut self, item: Item) -> Output {
        self.items.push(item);
        self.unfinished += 1;
        self.promise();
        Output::Put
    }

    fn pop(&mut self) -> Output {
        let at = match self.next {
            Next::First => 0,
            Next::Last => self.items.len() - 1,
            // Of equal ones the first.
            Next::Lowest => {
                let (_, at) = self.items.iter().zip(0..).min().expect("there is one");
                at
            }
        };
        let item = self.items.remove(at);
        self.promise();
        Output::Got(item)
    }

    fn start(&self, id: Id) -> Start {
        self.starts.iter().find(|(other, _)| *other == id).map(|(_, start)| start.clone()).expect("it began")
    }

    fn put(&mut self, id: Id) -> Option<Output> {
        let item = item(id);
        if self.putters.waits(id) {
            return None;
        }
        let told = self.putters.come(id);
        if self.shut != Shut::Open {
            return Some(Output::ShutDown(Some(item)));
        }
        if told.is_some() || self.has_room() {
            return Some(self.push(item));
        }
        self.putters.push(id);
        None
    }

    fn get(&mut self, id: Id) -> Option<Output> {
        if self.getters.waits(id) {
            return None;
        }
        match self.getters.come(id) {
            Some(Told::ItIsYours) if self.shut == Shut::Emptied => return Some(Output::ShutDown(None)),
            Some(Told::ItIsYours) => return Some(self.pop()),
            Some(Told::ShutDown) | None if self.has_item() => return Some(self.pop()),
            Some(Told::ShutDown) | None if self.shut != Shut::Open => return Some(Output::ShutDown(None)),
            Some(Told::ShutDown) | None => {}
        }
        self.getters.push(id);
        None
    }

    fn join(&mut self, id: Id) -> Option<Output> {
        if self.joiners.waits(id) {
            return None;
        }
        if self.joiners.come(id).is_some() || self.unfinished == 0 {
            return Some(Output::Done);
        }
        self.joiners.push(id);
        None
    }
}

impl Model<Real> for Plain {
    fn begin(&mut self, id: Id, start: &Start) -> bool {
        self.starts.push((id, start.clone()));
        true
    }

    fn poll(&mut self, id: Id, _: bool) -> Option<Output> {
        match self.start(id) {
            Start::Put => self.put(id),
            Start::Get => self.get(id),
            Start::Join => self.join(id),
        }
    }

    fn leave(&mut self, id: Id) {
        for line in [&mut self.getters, &mut self.putters, &mut self.joiners] {
            line.leave(id);
        }
        self.promise();
    }

    fn act(&mut self, act: &Act) -> Output {
        match act {
            Act::Put(item) if self.shut != Shut::Open => Output::ShutDown(Some(*item)),
            Act::Put(item) if self.has_room() => self.push(*item),
            Act::Put(item) => Output::Full(*item),
            Act::Get if self.has_item() => self.pop(),
            Act::Get if self.shut != Shut::Open => Output::ShutDown(None),
            Act::Get => Output::Empty,
            Act::TaskDone if self.unfinished == 0 => Output::TaskDoneError,
            Act::TaskDone => {
                self.unfinished -= 1;
                self.promise();
                Output::Done
            }
            Act::ShutDown { immediate } => {
                if *immediate {
                    self.shut = Shut::Emptied;
                    self.unfinished = self.unfinished.saturating_sub(self.items.len());
                    self.items.clear();
                } else if self.shut == Shut::Open {
                    self.shut = Shut::Draining;
                }
                while self.putters.tell(Told::ShutDown) {}
                while self.getters.tell(Told::ShutDown) {}
                self.promise();
                Output::Done
            }
        }
    }

    fn seen(&self) -> Seen {
        let qsize = self.items.len();
        Seen { qsize, maxsize: self.room, empty: qsize == 0, full: !self.has_room() }
    }

    fn turn(&self, id: Id) -> bool {
        [&self.getters, &self.putters, &self.joiners].iter().any(|line| line.was_told(id))
    }
}

#[test]
fn a_queue_does_as_its_model() {
    program::check::<Real>();
}
