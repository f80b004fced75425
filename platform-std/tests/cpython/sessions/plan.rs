//! What is to happen in a session, made of its seed.

use super::random::Random;

/// How a session ends. The names are the script's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server answers when the client has ended its side.
    Question,
    /// Each ends its side when it has sent all.
    Halves,
    /// Each says that it has all, and the client ends.
    Agreed,
    /// One resets when it has sent so many bytes.
    Resets,
    /// The task of one is cancelled after so many microseconds.
    Cancelled,
}

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// One side of a session.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub seed: u64,
    /// How many bytes it sends.
    pub bytes: usize,
    /// Whether it gives reads and drains up now and then.
    pub gives_up: bool,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub number: u32,
    pub seed: u64,
    pub ending: Ending,
    /// Who resets or is cancelled.
    pub who: Role,
    /// When.
    pub at: usize,
    /// Of this program, and of CPython.
    pub here: Share,
    pub there: Share,
}

impl Plan {
    /// `half_closes`: whether one side can end and the other go on. Over TLS asyncio has no such thing.
    pub fn new(number: u32, seed: u64, half_closes: bool) -> Self {
        let mut random = Random::new(seed);
        let mut share = || Share {
            // Not all of JSON's readers take more bits.
            seed: random.number() >> 12,
            bytes: random.one_of([0, 1, 100, 5000, 70_000, 200_000]),
            gives_up: random.chance(50),
        };
        let (here, there) = (share(), share());
        let ending = random.one_of([
            Ending::Question,
            Ending::Halves,
            Ending::Agreed,
            Ending::Resets,
            Ending::Cancelled,
        ]);
        let ending = match ending {
            Ending::Question | Ending::Halves if !half_closes => Ending::Agreed,
            ending => ending,
        };
        let who = random.one_of([Role::Client, Role::Server]);
        let at = match ending {
            // Before the last frame has gone.
            Ending::Resets => random.number() as usize % (here.bytes.min(there.bytes) + 8),
            _ => random.one_of([0, 100, 500, 2000, 10_000]),
        };
        Self { number, seed, ending, who, at, here, there }
    }

    /// For CPython.
    pub fn json(&self) -> String {
        let who = self.who.name();
        let ending = match self.ending {
            Ending::Question => "question".to_owned(),
            Ending::Halves => "halves".to_owned(),
            Ending::Agreed => "agreed".to_owned(),
            Ending::Resets => format!("{who}-resets"),
            Ending::Cancelled => format!("{who}-cancelled"),
        };
        let (number, at, Share { seed, bytes, gives_up }) = (self.number, self.at, self.there);
        let expects = self.here.bytes;
        format!(
            "{{\"number\": {number}, \"ending\": \"{ending}\", \"at\": {at}, \"seed\": {seed}, \"bytes\": {bytes}, \
             \"gives_up\": {gives_up}, \"expects\": {expects}}}\n"
        )
    }
}
