//! Programs as bytes: each number in groups of seven bits, the lowest first, and all in the order of the text.

use alloc::vec::Vec;

use crate::program::{Action, Block, Class, Kind, Object, Program, Stmt, each};

/// The bytes do not say what a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Appends the program.
pub fn encode(program: &Program, bytes: &mut Vec<u8>) {
    let mut out = Out(bytes);
    out.number(program.objects.len() as u32);
    for object in &program.objects {
        out.number(object.class as u32);
        out.number(object.size);
    }
    out.number(program.roots as u32);
    out.blocks(&program.bodies);
}

struct Out<'a>(&'a mut Vec<u8>);

impl Out<'_> {
    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn numbers(&mut self, numbers: &[u32]) {
        for &number in numbers {
            self.number(number);
        }
    }

    fn list(&mut self, numbers: &[u32]) {
        self.number(numbers.len() as u32);
        self.numbers(numbers);
    }

    fn blocks(&mut self, blocks: &[Block]) {
        self.number(blocks.len() as u32);
        for block in blocks {
            self.block(block);
        }
    }

    /// Behind how many statements and bytes it has in all, for a reader that comes back to it only when it is executed.
    fn block(&mut self, block: &Block) {
        let mut inside = Vec::new();
        let mut out = Out(&mut inside);
        out.number(block.len() as u32);
        let mut count = 0;
        for stmt in block {
            out.stmt(stmt);
        }
        each(block, &mut |_| count += 1);
        self.numbers(&[count, inside.len() as u32]);
        self.0.extend(inside);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            Kind::Sleep(ticks) => self.numbers(&[0, *ticks]),
            Kind::Raise(code) => self.numbers(&[1, *code]),
            Kind::Spawn(body) => self.numbers(&[2, *body]),
            Kind::Cancel(body) => self.numbers(&[3, *body]),
            Kind::Await(body) => self.numbers(&[4, *body]),
            Kind::Shield(body) => self.numbers(&[5, *body]),
            Kind::WaitForTask(body, ticks) => self.numbers(&[6, *body, *ticks]),
            Kind::Wait(when, ticks, bodies) => {
                self.numbers(&[7, *when, *ticks]);
                self.list(bodies);
            }
            Kind::WaitFor(ticks, block) => {
                self.numbers(&[8, *ticks]);
                self.block(block);
            }
            Kind::Timeout(name, ticks, block) => {
                self.numbers(&[9, *name, *ticks]);
                self.block(block);
            }
            Kind::Gather(blocks) => {
                self.number(10);
                self.blocks(blocks);
            }
            Kind::TryGather(bodies) => {
                self.number(11);
                self.list(bodies);
            }
            Kind::Group(block, children) => {
                self.number(12);
                self.block(block);
                self.blocks(children);
            }
            Kind::Catch(block, cleanup, resume) => {
                self.number(13);
                self.block(block);
                self.block(cleanup);
                self.number(u32::from(*resume));
            }
            Kind::CatchError(block, handler) => {
                self.number(14);
                self.block(block);
                self.block(handler);
            }
            Kind::Finally(block, cleanup) => {
                self.number(15);
                self.block(block);
                self.block(cleanup);
            }
            Kind::With(object, block) => {
                self.numbers(&[16, *object]);
                self.block(block);
            }
            Kind::CondWait(object, before, after) => {
                self.numbers(&[17, *object]);
                self.block(before);
                self.block(after);
            }
            Kind::Do(object, action, number) => self.numbers(&[18, *object, *action as u32, *number]),
            Kind::SpawnEager(body) => self.numbers(&[19, *body]),
            Kind::CancelWith(body, message) => self.numbers(&[20, *body, *message]),
            Kind::Uncancel(body) => self.numbers(&[21, *body]),
            Kind::Cancelling(body) => self.numbers(&[22, *body]),
            Kind::Reschedule(name, ticks) => self.numbers(&[23, *name, *ticks]),
            Kind::AsCompleted(ticks, bodies) => {
                self.numbers(&[24, *ticks]);
                self.list(bodies);
            }
            Kind::Select(blocks) => {
                self.number(25);
                self.blocks(blocks);
            }
            Kind::StaticGroup(block, children) => {
                self.number(26);
                self.block(block);
                self.blocks(children);
            }
            Kind::CondWaitFor(object, times, before, after) => {
                self.numbers(&[27, *object, *times]);
                self.block(before);
                self.block(after);
            }
        }
    }
}

/// Reads a program that fills `bytes`.
pub fn decode(bytes: &[u8]) -> Result<Program, Malformed> {
    let mut input = In { bytes, id: 0 };
    let mut objects = Vec::new();
    for _ in 0..input.number()? {
        let class = *Class::ALL.get(input.number()? as usize).ok_or(Malformed)?;
        objects.push(Object { class, size: input.number()? });
    }
    let roots = input.number()? as usize;
    let bodies = input.blocks()?;
    if input.bytes.is_empty() { Ok(Program { objects, roots, bodies }) } else { Err(Malformed) }
}

struct In<'a> {
    bytes: &'a [u8],
    id: u32,
}

impl In<'_> {
    fn number(&mut self) -> Result<u32, Malformed> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let (&byte, rest) = self.bytes.split_first().ok_or(Malformed)?;
            self.bytes = rest;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    fn list(&mut self) -> Result<Vec<u32>, Malformed> {
        (0..self.number()?).map(|_| self.number()).collect()
    }

    fn blocks(&mut self) -> Result<Vec<Block>, Malformed> {
        (0..self.number()?).map(|_| self.block()).collect()
    }

    fn block(&mut self) -> Result<Block, Malformed> {
        // Who reads all of it needs neither.
        let (_count, _length) = (self.number()?, self.number()?);
        (0..self.number()?).map(|_| self.stmt()).collect()
    }

    fn stmt(&mut self) -> Result<Stmt, Malformed> {
        self.id += 1;
        let id = self.id;
        let kind = match self.number()? {
            0 => Kind::Sleep(self.number()?),
            1 => Kind::Raise(self.number()?),
            2 => Kind::Spawn(self.number()?),
            3 => Kind::Cancel(self.number()?),
            4 => Kind::Await(self.number()?),
            5 => Kind::Shield(self.number()?),
            6 => Kind::WaitForTask(self.number()?, self.number()?),
            7 => Kind::Wait(self.number()?, self.number()?, self.list()?),
            8 => Kind::WaitFor(self.number()?, self.block()?),
            9 => Kind::Timeout(self.number()?, self.number()?, self.block()?),
            10 => Kind::Gather(self.blocks()?),
            11 => Kind::TryGather(self.list()?),
            12 => Kind::Group(self.block()?, self.blocks()?),
            13 => Kind::Catch(self.block()?, self.block()?, self.number()? != 0),
            14 => Kind::CatchError(self.block()?, self.block()?),
            15 => Kind::Finally(self.block()?, self.block()?),
            16 => Kind::With(self.number()?, self.block()?),
            17 => Kind::CondWait(self.number()?, self.block()?, self.block()?),
            18 => {
                let object = self.number()?;
                let action = *Action::ALL.get(self.number()? as usize).ok_or(Malformed)?;
                Kind::Do(object, action, self.number()?)
            }
            19 => Kind::SpawnEager(self.number()?),
            20 => Kind::CancelWith(self.number()?, self.number()?),
            21 => Kind::Uncancel(self.number()?),
            22 => Kind::Cancelling(self.number()?),
            23 => Kind::Reschedule(self.number()?, self.number()?),
            24 => Kind::AsCompleted(self.number()?, self.list()?),
            25 => Kind::Select(self.blocks()?),
            26 => Kind::StaticGroup(self.block()?, self.blocks()?),
            27 => Kind::CondWaitFor(self.number()?, self.number()?, self.block()?, self.block()?),
            _ => return Err(Malformed),
        };
        Ok(Stmt { id, kind })
    }
}
