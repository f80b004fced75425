//! The trees: what they may consist of, and how one is made from a seed.

/// In microseconds, so that the driver can act between the tree's own whole milliseconds.
pub type Micros = u64;
pub const MS: Micros = 1000;
/// Longer than any tree lasts: only a request ends it.
pub const FOREVER: Micros = 1_000_000_000_000;
/// When the driver stops acting at random and only wants the tree to end.
pub const LAST: Micros = 3_000 * MS;

/// splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A timeout is moved to so many microseconds from then, into the past, or away.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// After so many polls, or so many microseconds after the one before.
    pub after: u64,
    pub to: Option<i64>,
}

/// A child of a group.
#[derive(Clone, Debug)]
pub struct Child {
    pub inner: Node,
    /// With an error, when it has come to its end.
    pub fails: bool,
    /// Borrows nothing, and is polled by the loop.
    pub free: bool,
    /// Is made when the body has come to its end, not before.
    pub late: bool,
    /// By its handle, after a while.
    pub ended: Option<(Micros, Ended)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Cancelled,
    Aborted,
}

#[derive(Clone, Debug)]
pub enum Node {
    Sleep(Micros),
    Yields(u64),
    /// One after the other.
    Seq(Vec<Node>),
    Catch {
        inner: Box<Node>,
        cleanup: Micros,
        shielded: bool,
        swallow: bool,
    },
    WaitFor {
        inner: Box<Node>,
        timeout: Micros,
    },
    /// `timeout`, moved from inside and by another task.
    Timeout {
        inner: Box<Node>,
        timeout: Option<Micros>,
        inside: Vec<Moved>,
        outside: Vec<Moved>,
    },
    /// A foreign `join!`. `woken`: polls only the children that were woken. `safe`: each child has a scope, as in
    /// `gather`.
    Join {
        children: Vec<Node>,
        woken: bool,
        safe: bool,
    },
    /// A foreign `select!`: the first to be ready wins, the others are dropped.
    Select {
        children: Vec<Node>,
        woken: bool,
    },
    /// `select` or `select_fair`: the first to be ready wins, the others are asked to end. `vec`: of a `Vec`.
    Race {
        children: Vec<Node>,
        fair: bool,
        vec: bool,
    },
    /// `gather`, of an array or of a `Vec`.
    Gather {
        children: Vec<Node>,
        vec: bool,
    },
    /// `task_group`. `fails`: its body does when it has come to its end. `joined`: the body awaits its children.
    Group {
        children: Vec<Child>,
        body: Box<Node>,
        fails: bool,
        joined: bool,
    },
    /// A task that is awaited. `cancelled`: and cancelled right away, or after a while.
    Task {
        inner: Box<Node>,
        cancelled: Option<Micros>,
    },
    /// Polled so often, then dropped (or forgotten) while it is pending.
    Abandon {
        inner: Box<Node>,
        polls: u64,
        forget: bool,
    },
    /// Polled so often inside one scope, then moved into another, or into another task.
    Move {
        inner: Box<Node>,
        polls: u64,
        task: bool,
    },
}

impl Node {
    pub fn size(&self) -> usize {
        1 + match self {
            Self::Sleep(_) | Self::Yields(_) => 0,
            Self::Catch { inner, .. }
            | Self::WaitFor { inner, .. }
            | Self::Timeout { inner, .. }
            | Self::Task { inner, .. }
            | Self::Abandon { inner, .. }
            | Self::Move { inner, .. } => inner.size(),
            Self::Seq(children)
            | Self::Join { children, .. }
            | Self::Select { children, .. }
            | Self::Race { children, .. }
            | Self::Gather { children, .. } => children.iter().map(Self::size).sum(),
            Self::Group { children, body, .. } => {
                body.size() + children.iter().map(|child| child.inner.size()).sum::<usize>()
            }
        }
    }
}

/// What a batch of trees may contain.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    pub swallow: bool,
    pub wait_for: bool,
    pub timeout: bool,
    /// Timeouts are moved from inside, after so many polls.
    pub moving: bool,
    pub bare_join: bool,
    pub select: bool,
    pub race: bool,
    pub group: bool,
    pub abandon: bool,
    pub moved: bool,
}

pub fn duration(random: &mut Random) -> Micros {
    match random.below(10) {
        0..4 => FOREVER,
        4 => 0,
        _ => random.below(12) * MS,
    }
}

fn moves(random: &mut Random, after: impl Fn(&mut Random) -> u64) -> Vec<Moved> {
    let mut moves = Vec::new();
    while moves.len() < 3 && random.chance(40) {
        let to = random.chance(85).then(|| (random.below(12) as i64 - 2) * MS as i64);
        moves.push(Moved { after: after(random), to });
    }
    moves
}

/// `depth` is that of what is in it.
fn group(random: &mut Random, class: Class, depth: u64) -> Node {
    let mut children = Vec::new();
    for _ in 0..1 + random.below(3) {
        children.push(Child {
            inner: tree(random, class, depth),
            fails: random.chance(40),
            free: random.chance(40),
            late: random.chance(20),
            ended: random.chance(30).then(|| {
                let how = if random.chance(50) { Ended::Cancelled } else { Ended::Aborted };
                // Apart from the tree's own times, and from those of the driver.
                (random.below(8) * MS + if random.chance(50) { MS * 3 / 4 } else { 0 }, how)
            }),
        });
    }
    let body = Box::new(tree(random, class, depth));
    Node::Group { children, body, fails: random.chance(15), joined: random.chance(30) }
}

pub fn tree(random: &mut Random, class: Class, depth: u64) -> Node {
    let kind = if depth == 0 { random.below(2) } else { random.below(21) };
    let one = |random: &mut Random| Box::new(tree(random, class, depth - 1));
    match kind {
        0 => Node::Sleep(duration(random)),
        1 if random.chance(30) => Node::Yields(random.below(4)),
        1 => Node::Sleep(FOREVER),
        5 | 6 if class.wait_for => Node::WaitFor { inner: one(random), timeout: random.below(12) * MS },
        14 | 15 if class.timeout => Node::Timeout {
            inner: one(random),
            timeout: random.chance(85).then(|| random.below(12) * MS),
            inside: if class.moving { moves(random, |random| random.below(3)) } else { Vec::new() },
            outside: moves(random, |random| random.below(8) * MS),
        },
        7 | 8 => {
            let children = (0..2 + random.below(2)).map(|_| *one(random)).collect();
            Node::Join { children, woken: random.chance(50), safe: !class.bare_join || random.chance(50) }
        }
        9 if class.select => {
            let children = (0..2 + random.below(2)).map(|_| *one(random)).collect();
            Node::Select { children, woken: random.chance(50) }
        }
        10 => {
            let cancelled = random.chance(25).then(|| random.below(6) * MS);
            Node::Task { inner: one(random), cancelled }
        }
        11 if class.abandon => {
            let whole = class.group && random.chance(30);
            let inner = if whole { Box::new(group(random, class, depth - 1)) } else { one(random) };
            Node::Abandon { inner, polls: random.below(4), forget: random.chance(50) }
        }
        19 | 20 if class.group => group(random, class, depth - 1),
        12 if class.moved => {
            Node::Move { inner: one(random), polls: 1 + random.below(4), task: random.chance(40) }
        }
        13 => Node::Seq((0..2).map(|_| *one(random)).collect()),
        17 | 18 if class.race => {
            let children = (0..2 + random.below(2)).map(|_| *one(random)).collect();
            Node::Race { children, fair: random.chance(50), vec: random.chance(50) }
        }
        16 => {
            let children = (0..2).map(|_| *one(random)).collect();
            Node::Gather { children, vec: random.chance(70) }
        }
        _ => Node::Catch {
            inner: one(random),
            cleanup: random.below(8) * MS,
            shielded: random.chance(30),
            swallow: class.swallow && random.chance(30),
        },
    }
}
