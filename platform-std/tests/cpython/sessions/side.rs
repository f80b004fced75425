//! This program's side of a session, over any kind of connection.

use std::io;
use std::rc::Rc;

use everloop::embedded_io_async::Read;
use everloop::net::ConnectionWriter;
use everloop::stream::{Background, Growing, ReadError};
use everloop::{Duration, StreamReader, StreamWriter, create_task, sleep, try_gather, wait_for};

use super::frames::{Frames, encode};
use super::plan::{Ending, Plan, Role, Share};
use super::random::Random;

/// Where a session takes place.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Whom this program plays.
    pub role: Role,
    /// Whether a reset is told of: a Unix socket has none.
    pub tells_resets: bool,
}

/// Why a side has not come to its end.
#[derive(Debug)]
pub enum Fault {
    /// The connection has failed.
    #[allow(dead_code, reason = "it is shown")]
    Connection(io::Error),
    /// Something is not as it should be.
    Wrong(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Connection(error)
    }
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self::Wrong(what)
    }
}

type Writer<W, I> = StreamWriter<W, Background<I>>;

/// A moment, after which an operation is given up.
fn moment(random: &mut Random) -> Duration {
    Duration::from_micros(random.one_of([0, 100, 1000]))
}

/// Sends the frames up to `end`, in pieces of any size.
async fn send<W, I>(writer: Rc<Writer<W, I>>, frames: Vec<u8>, end: usize, share: Share) -> Result<(), Fault>
where
    W: ConnectionWriter<Error = io::Error> + 'static,
    I: 'static,
{
    let mut random = Random::new(share.seed + 1);
    let mut left = &frames[..end];
    while !left.is_empty() {
        let (piece, rest) =
            left.split_at(left.len().min(random.one_of([1, 9, 1000, 16_384, 16_385, 100_000])));
        writer.write(piece).map_err(|error| error.to_string())?;
        left = rest;
        if random.chance(30) {
            let drain = writer.drain();
            if !share.gives_up || random.chance(50) {
                drain.await.map_err(io::Error::from)?;
            } else if let Ok(drained) = wait_for(drain, moment(&mut random)).await {
                drained.map_err(io::Error::from)?;
            }
        }
        if random.chance(5) {
            sleep(Duration::from_micros(500)).await;
        }
    }
    Ok(writer.drain().await.map_err(io::Error::from)?)
}

/// The receiving half of a side.
struct Receiver<R: Read<Error = io::Error>> {
    reader: StreamReader<R, Growing>,
    frames: Frames,
    random: Random,
    gives_up: bool,
}

impl<R: Read<Error = io::Error>> Receiver<R> {
    /// One read of any kind, which may be given up. Whether there was an end.
    async fn step(&mut self, buf: &mut [u8]) -> Result<bool, Fault> {
        let Self { reader, frames, random, gives_up } = self;
        let room = random.one_of([1, 100, 5000, 70_000]);
        let missing = frames.missing();
        let exactly = missing > 0 && random.chance(20);
        let read = async {
            if !exactly {
                return reader.read(&mut buf[..room]).await.map_err(ReadError::Io);
            }
            reader.readexactly(&mut buf[..missing]).await.map(|()| missing)
        };
        let read = if *gives_up && random.chance(50) {
            wait_for(read, moment(random)).await.ok()
        } else {
            Some(read.await)
        };
        match read {
            None => return Ok(false),
            Some(Ok(0)) => return Ok(true),
            Some(Ok(count)) => frames.feed(&buf[..count])?,
            Some(Err(ReadError::Io(error))) => return Err(error.into()),
            Some(Err(ReadError::Incomplete(_))) => {
                frames.feed(self.reader.partial())?;
                return Ok(true);
            }
            Some(Err(error)) => return Err(error.to_string().into()),
        }
        Ok(false)
    }

    /// Receives until this is so. Whether that was before the end.
    async fn until(&mut self, reached: impl Fn(&Frames) -> bool) -> Result<bool, Fault> {
        let mut buf = vec![0; 70_000];
        while !reached(&self.frames) {
            if self.step(&mut buf).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn all(&mut self) -> Result<(), Fault> {
        self.until(|_| false).await?;
        Ok(())
    }
}

/// Has the session of a plan.
///
/// # Errors
/// It does not go as planned.
pub async fn converse<R, W, I>(
    plan: Plan,
    scene: Scene,
    reader: StreamReader<R, Growing>,
    writer: Writer<W, I>,
) -> Result<(), Fault>
where
    R: Read<Error = io::Error> + 'static,
    W: ConnectionWriter<Error = io::Error> + 'static,
    I: 'static,
{
    let writer = Rc::new(writer);
    let (share, expects) = (plan.here, plan.there.bytes);
    let frames = encode(&mut Random::new(share.seed), share.bytes);
    let mut receiver = Receiver {
        reader,
        frames: Frames::default(),
        random: Random::new(share.seed + 2),
        gives_up: share.gives_up,
    };
    let is_own = plan.who == scene.role;
    let end = if plan.ending == Ending::Resets && is_own { plan.at } else { frames.len() };
    let sending = send(Rc::clone(&writer), frames, end, share);
    match plan.ending {
        Ending::Question if scene.role == Role::Client => {
            sending.await?;
            writer.write_eof();
            receiver.all().await?;
            receiver.frames.check(expects)?;
        }
        Ending::Question => {
            receiver.all().await?;
            receiver.frames.check(expects)?;
            sending.await?;
        }
        Ending::Halves => {
            let sending = async {
                sending.await?;
                writer.write_eof();
                Ok::<_, Fault>(())
            };
            try_gather((sending, receiver.all())).await?;
            receiver.frames.check(expects)?;
        }
        Ending::Agreed => agree(sending, &mut receiver, &writer, scene.role, expects).await?,
        Ending::Resets if is_own => {
            let receiving = create_task(async move { receiver.all().await });
            sending.await?;
            writer.abort();
            let _ = receiving.await;
            return Ok(());
        }
        Ending::Cancelled if is_own => {
            let talking =
                create_task(async move { agree(sending, &mut receiver, &writer, scene.role, expects).await });
            sleep(Duration::from_micros(plan.at as u64)).await;
            talking.cancel();
            return match talking.await {
                Ok(Err(Fault::Wrong(what))) => Err(Fault::Wrong(what)),
                _ => Ok(()),
            };
        }
        Ending::Resets | Ending::Cancelled => {
            let sending = create_task(sending);
            let received = receiver.all().await;
            sending.cancel();
            let sent = sending.await;
            if let Err(Fault::Wrong(what)) = received {
                return Err(Fault::Wrong(what));
            }
            writer.close();
            // One of the two directions is told.
            let failed =
                writer.wait_closed().await.is_err() || received.is_err() || matches!(sent, Ok(Err(_)));
            if plan.ending == Ending::Resets && scene.tells_resets && !failed {
                return Err(Fault::Wrong("an end in good order instead of a reset".to_owned()));
            }
            return Ok(());
        }
    }
    writer.close();
    Ok(writer.wait_closed().await.map_err(io::Error::from)?)
}

/// Each says that it has all, and the client ends first. Over TLS, an end is one of both sides to asyncio.
async fn agree<R, W, I>(
    sending: impl Future<Output = Result<(), Fault>>,
    receiver: &mut Receiver<R>,
    writer: &Writer<W, I>,
    role: Role,
    expects: usize,
) -> Result<(), Fault>
where
    R: Read<Error = io::Error>,
    W: ConnectionWriter<Error = io::Error> + 'static,
    I: 'static,
{
    try_gather((sending, receiver.until(|frames| frames.ended))).await?;
    receiver.frames.check(expects)?;
    writer.write(b".").map_err(|error| error.to_string())?;
    if !receiver.until(|frames| frames.acknowledged).await? {
        return Err(Fault::Wrong("the end before the last byte".to_owned()));
    }
    if role == Role::Client {
        writer.close();
    }
    receiver.all().await
}
