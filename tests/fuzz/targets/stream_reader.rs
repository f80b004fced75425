//! `StreamReader` beside a plain model: any chunks, limits and separators, reads that are given up, a source that fails.
#![no_main]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{BufRead, ErrorKind, ErrorType, Read};
use everloop_core::stream::{ReadBuffer, ReadError, WriteError};
use everloop_core::{IncompleteReadError, LimitOverrunError, StreamReader};
use everloop_fuzz::{Input, guard, install};
use futures_core::Stream;
use libfuzzer_sys::fuzz_target;

/// What the source does when it is asked.
#[derive(Clone, Debug)]
enum Event {
    Bytes(Vec<u8>),
    Waits,
    Fails,
}

/// What came of asking it.
#[derive(Debug)]
enum Given {
    Bytes(Vec<u8>),
    End,
    Failure,
}

#[derive(Default)]
struct Shared {
    events: VecDeque<Event>,
    given: VecDeque<Given>,
    ended: bool,
}

#[derive(Clone, Default)]
struct Source(Rc<RefCell<Shared>>);

impl ErrorType for Source {
    type Error = ErrorKind;
}

impl Read for Source {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!target.is_empty(), "it asks for nothing");
        std::future::poll_fn(|_| {
            let mut shared = self.0.borrow_mut();
            assert!(!shared.ended, "it asks after the end");
            match shared.events.pop_front() {
                None => {
                    shared.ended = true;
                    shared.given.push_back(Given::End);
                    Poll::Ready(Ok(0))
                }
                Some(Event::Waits) => Poll::Pending,
                Some(Event::Fails) => {
                    shared.given.push_back(Given::Failure);
                    Poll::Ready(Err(ErrorKind::TimedOut))
                }
                Some(Event::Bytes(mut bytes)) => {
                    let count = bytes.len().min(target.len());
                    let rest = bytes.split_off(count);
                    if !rest.is_empty() {
                        shared.events.push_front(Event::Bytes(rest));
                    }
                    target[..count].copy_from_slice(&bytes);
                    shared.given.push_back(Given::Bytes(bytes));
                    Poll::Ready(Ok(count))
                }
            }
        })
        .await
    }
}

/// What is called.
#[derive(Debug)]
enum Call {
    Read(usize),
    ReadSome(usize),
    ReadExactly(usize),
    ReadUntil(Vec<Vec<u8>>),
    ReadLine,
    ReadToEnd,
    ReadToEndAtMost(usize),
    FillBuf,
    Line,
}

/// What came of it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Bytes(Vec<u8>),
    /// A stream's end.
    Over,
    Failed(ReadError<ErrorKind>),
}

fn overrun(consumed: usize) -> Outcome {
    Outcome::Failed(ReadError::LimitOverrun(LimitOverrunError { consumed }))
}

/// The model: all bytes that were received and not consumed.
struct Plain {
    bytes: Vec<u8>,
    ended: bool,
    exception: Option<ErrorKind>,
    /// The longest line, and what fits of anything if the buffer does not grow.
    limit: usize,
    capacity: Option<usize>,
    partial: Vec<u8>,
}

impl Plain {
    fn take(&mut self, count: usize) -> Vec<u8> {
        self.bytes.drain(..count).collect()
    }

    /// Where what is read up to a separator ends; `None` if more has to come first.
    fn find(&mut self, separators: &[Vec<u8>]) -> Option<Result<usize, ReadError<ErrorKind>>> {
        let over = |consumed| Some(Err(ReadError::LimitOverrun(LimitOverrunError { consumed })));
        let ends = |separator: &Vec<u8>| {
            let at = self.bytes.windows(separator.len()).position(|window| window == separator)?;
            Some((at + separator.len(), std::cmp::Reverse(at)))
        };
        if let Some((end, std::cmp::Reverse(start))) = separators.iter().filter_map(ends).min() {
            return if start > self.limit { over(start) } else { Some(Ok(end)) };
        }
        let longest = separators.iter().map(Vec::len).max().unwrap();
        let searched = (self.bytes.len() + 1).saturating_sub(longest);
        if searched > self.limit {
            return over(searched);
        }
        if self.ended {
            let partial = self.bytes.len();
            return Some(Err(ReadError::Incomplete(IncompleteReadError { partial, expected: None })));
        }
        if self.capacity == Some(self.bytes.len()) { over(searched) } else { None }
    }

    /// What comes of the call with what there is; `None` if the source has to be asked. `gathered` is what the call has
    /// put into the caller's vector.
    fn decide(&mut self, call: &Call, gathered: &mut Vec<u8>) -> Option<Outcome> {
        if let Some(error) = self.exception {
            return Some(Outcome::Failed(ReadError::Io(error)));
        }
        let has = !self.bytes.is_empty();
        match call {
            Call::Read(most) | Call::ReadSome(most) => {
                let ready = has || self.ended || *most == 0;
                ready.then(|| Outcome::Bytes(self.take((*most).min(self.bytes.len()))))
            }
            Call::FillBuf => (has || self.ended).then(|| Outcome::Bytes(self.bytes.clone())),
            Call::ReadExactly(count) => {
                let here = self.bytes.len();
                if here >= *count {
                    return Some(Outcome::Bytes(self.take(*count)));
                }
                if self.ended {
                    self.partial = self.take(here);
                    let incomplete = IncompleteReadError { partial: here, expected: Some(*count) };
                    return Some(Outcome::Failed(ReadError::Incomplete(incomplete)));
                }
                self.capacity
                    .is_some_and(|capacity| here == capacity || *count > capacity)
                    .then(|| overrun(here))
            }
            Call::ReadUntil(separators) => Some(match self.find(separators)? {
                Ok(end) => Outcome::Bytes(self.take(end)),
                Err(error) => {
                    if let ReadError::Incomplete(_) = error {
                        self.partial = self.take(self.bytes.len());
                    }
                    Outcome::Failed(error)
                }
            }),
            Call::ReadLine | Call::Line => {
                let line = match self.find(&[b"\n".to_vec()])? {
                    Ok(end) => self.take(end),
                    Err(ReadError::Incomplete(_)) => self.take(self.bytes.len()),
                    Err(ReadError::LimitOverrun(error)) => {
                        let whole = self.bytes.get(error.consumed) == Some(&b'\n');
                        self.take(if whole { error.consumed + 1 } else { self.bytes.len() });
                        return Some(Outcome::Failed(ReadError::LimitOverrun(error)));
                    }
                    Err(error) => return Some(Outcome::Failed(error)),
                };
                let over = matches!(call, Call::Line) && line.is_empty();
                Some(if over { Outcome::Over } else { Outcome::Bytes(line) })
            }
            Call::ReadToEnd => {
                gathered.append(&mut self.bytes);
                self.ended.then(|| Outcome::Bytes(gathered.clone()))
            }
            Call::ReadToEndAtMost(most) => {
                let left = most.saturating_sub(gathered.len()).min(self.bytes.len());
                gathered.extend(self.take(left));
                if gathered.len() >= *most && !self.bytes.is_empty() {
                    return Some(overrun(gathered.len()));
                }
                (self.ended && self.bytes.is_empty()).then(|| Outcome::Bytes(gathered.clone()))
            }
        }
    }

    /// Follows what the source gave during a call. `None`: it waits.
    fn follow(
        &mut self,
        call: &Call,
        given: &mut VecDeque<Given>,
        gathered: &mut Vec<u8>,
    ) -> Option<Outcome> {
        let outcome = loop {
            if let Some(outcome) = self.decide(call, gathered) {
                break Some(outcome);
            }
            match given.pop_front() {
                None => break None,
                Some(Given::Bytes(mut bytes)) => self.bytes.append(&mut bytes),
                Some(Given::End) => self.ended = true,
                Some(Given::Failure) => break Some(Outcome::Failed(ReadError::Io(ErrorKind::TimedOut))),
            }
        };
        assert!(given.is_empty(), "it asked for more than it needed: {given:?}");
        outcome
    }

    fn feed(&mut self, data: &[u8]) -> Result<(), WriteError> {
        if self.ended {
            return Err(WriteError::AfterEof);
        }
        let room = self.capacity.map_or(usize::MAX, |capacity| capacity - self.bytes.len());
        let written = data.len().min(room);
        self.bytes.extend(&data[..written]);
        if written < data.len() { Err(WriteError::Full { written }) } else { Ok(()) }
    }
}

/// Polls until it is ready, and gives it up if it waits more than `patience` times.
fn drive<F: Future>(future: F, patience: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..=patience {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}

fn outcome<E: Into<ReadError<ErrorKind>>>(bytes: Result<&[u8], E>) -> Outcome {
    bytes.map_or_else(|error| Outcome::Failed(error.into()), |bytes| Outcome::Bytes(bytes.to_vec()))
}

/// `ErrorKind` as the reads that fail in no other way give it.
struct Io(ErrorKind);

impl From<Io> for ReadError<ErrorKind> {
    fn from(Io(kind): Io) -> Self {
        Self::Io(kind)
    }
}

fn call<B: ReadBuffer>(
    reader: &mut StreamReader<Source, B>,
    call: &Call,
    patience: usize,
    gathered: &mut Vec<u8>,
) -> Option<Outcome> {
    let result = match call {
        Call::Read(most) => {
            let mut target = vec![0; *most];
            let count = drive(StreamReader::read(reader, &mut target), patience)?;
            outcome(count.map(|count| &target[..count]).map_err(Io))
        }
        Call::ReadSome(most) => outcome(drive(reader.read_some(*most), patience)?.map_err(Io)),
        Call::ReadExactly(count) => {
            let mut target = vec![0; *count];
            let done = drive(reader.readexactly(&mut target), patience)?;
            outcome(done.map(|()| &target[..]))
        }
        Call::ReadUntil(separators) => {
            let separators: Vec<_> = separators.iter().map(Vec::as_slice).collect();
            outcome(drive(reader.readuntil_any(&separators), patience)?)
        }
        Call::ReadLine => outcome(drive(reader.readline(), patience)?),
        Call::ReadToEnd => {
            let before = gathered.len();
            let count = drive(reader.read_to_end(gathered), patience)?;
            outcome(
                count
                    .map(|count| {
                        assert_eq!(count, gathered.len() - before);
                        &gathered[..]
                    })
                    .map_err(Io),
            )
        }
        Call::ReadToEndAtMost(most) => {
            let done = drive(reader.read_to_end_at_most(gathered, *most), patience)?;
            outcome(done.map(|_| &gathered[..]))
        }
        Call::FillBuf => outcome(drive(reader.fill_buf(), patience)?.map_err(Io)),
        Call::Line => {
            let mut lines = pin!(reader.lines::<Vec<u8>>());
            let next = std::future::poll_fn(|cx| Pin::as_mut(&mut lines).poll_next(cx));
            match drive(next, patience)? {
                None => Outcome::Over,
                Some(line) => outcome(line.as_deref().map_err(Clone::clone)),
            }
        }
    };
    Some(result)
}

/// Few letters, so that separators occur.
fn text(input: &mut Input<'_>, most: usize) -> Vec<u8> {
    let count = input.below(most + 1);
    input.bytes(count).iter().map(|byte| b"a\nb\r"[usize::from(byte & 3)]).collect()
}

fn run<B: ReadBuffer>(mut reader: StreamReader<Source, B>, mut plain: Plain, input: &mut Input<'_>) {
    let shared = reader.get_ref().0.clone();
    let mut gathered = Vec::new();
    for _ in 0..200 {
        if input.is_empty() {
            break;
        }
        let read = match input.below(18) {
            0 | 1 => {
                let bytes = text(input, 40);
                if !bytes.is_empty() {
                    shared.borrow_mut().events.push_back(Event::Bytes(bytes));
                }
                continue;
            }
            2 => {
                // Much at once.
                let bytes = vec![b"a\nb\r"[input.below(4)]; usize::from(input.word()) % 9000 + 1];
                shared.borrow_mut().events.push_back(Event::Bytes(bytes));
                continue;
            }
            3 => {
                let event = if input.one_in(4) { Event::Fails } else { Event::Waits };
                shared.borrow_mut().events.push_back(event);
                continue;
            }
            4 => {
                let data = text(input, 20);
                assert_eq!(reader.feed_data(&data), plain.feed(&data));
                check(&reader, &plain);
                continue;
            }
            5 => {
                if input.one_in(8) {
                    reader.feed_eof();
                    plain.ended = true;
                } else if input.one_in(32) {
                    reader.set_exception(|| ErrorKind::Other);
                    plain.exception = Some(ErrorKind::Other);
                }
                assert_eq!(reader.exception(), plain.exception);
                check(&reader, &plain);
                continue;
            }
            6 => {
                let count = input.below(40);
                BufRead::consume(&mut reader, count);
                plain.take(count.min(plain.bytes.len()));
                check(&reader, &plain);
                continue;
            }
            7 => Call::Read(usize::from(input.word()) % 5000),
            8 => Call::Read(input.below(20)),
            9 => Call::ReadSome(input.below(20)),
            10 => Call::ReadExactly(input.below(60)),
            11 => Call::ReadUntil((0..input.below(3) + 1).map(|_| separator(input)).collect()),
            12 => Call::ReadUntil(vec![separator(input)]),
            13 => Call::ReadToEnd,
            14 => Call::ReadToEndAtMost(input.below(80)),
            15 => Call::FillBuf,
            16 => Call::Line,
            _ => Call::ReadLine,
        };
        let patience = input.below(3);
        let mut expected_gathered = gathered.clone();
        let real = call(&mut reader, &read, patience, &mut gathered);
        let mut given = std::mem::take(&mut shared.borrow_mut().given);
        let expected = plain.follow(&read, &mut given, &mut expected_gathered);
        assert_eq!(real, expected, "{read:?}");
        assert_eq!(gathered, expected_gathered, "{read:?}");
        if let Some(Outcome::Failed(ReadError::Incomplete(_))) = real {
            assert_eq!(reader.partial(), plain.partial);
        }
        check(&reader, &plain);
        if gathered.len() > 100_000 {
            gathered.clear();
        }
    }
    let left = plain.bytes.len();
    assert_eq!(reader.into_inner().1, left);
}

fn separator(input: &mut Input<'_>) -> Vec<u8> {
    let count = input.below(4) + 1;
    (0..count).map(|_| b"a\nb\r"[input.below(4)]).collect()
}

/// What can be seen at any time.
fn check<B: ReadBuffer>(reader: &StreamReader<Source, B>, plain: &Plain) {
    assert_eq!(reader.buffer(), plain.bytes);
    assert_eq!(reader.at_eof(), plain.ended && plain.bytes.is_empty());
    // Of the last read that ended too early, until something else is done.
    assert!(reader.partial().is_empty() || reader.partial() == plain.partial);
}

fuzz_target!(init: install(), |data: &[u8]| guard(|| {
    let mut input = Input::new(data);
    let size = input.below(64) + 1;
    let plain = |limit, capacity| Plain {
        bytes: Vec::new(),
        ended: false,
        exception: None,
        limit,
        capacity,
        partial: Vec::new(),
    };
    if input.one_in(2) {
        run(StreamReader::with_limit(Source::default(), size), plain(size, None), &mut input);
    } else {
        let buffer = vec![0; size].into_boxed_slice();
        run(StreamReader::new(Source::default(), buffer), plain(size, Some(size)), &mut input);
    }
}));
