use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::rc::Rc;

use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::{Duration, Task, TaskId, create_task, wait_for};

use super::Snapshot;
use super::protocol::{Answer, LONGEST_REQUEST, read_request};
use crate::net::{UnixListener, UnixStream, bear};

/// A client that has not sent its line and read the answer by then is dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many clients are served at once; further ones are told so.
const MOST: usize = 8;

/// Serves snapshots of the running loop at the Unix socket `path`, until the loop ends: see the [module](super) for who
/// asks, and [`UnixListener::bind`] for what may be at the path before.
///
/// It does not keep the loop running, and its own tasks are in no snapshot that it gives. When the loop ends, or the
/// server is [closed](Serving::close), the path is removed. A loop may serve at several paths. Between the runs of a
/// [`Runner`](crate::Runner), and while one poll of a task takes long, the loop does nothing, so nobody is answered: a
/// client that is waiting for that is answered after it.
///
/// A client that sends anything else than a request is told what to send. One that is slow is dropped after 5 seconds,
/// and of more than 8 at once the newest are told to come again. A snapshot is made in one step of the loop, which takes
/// some microseconds a task.
///
/// Whoever may connect to the socket sees the names of tasks and files of the program: put it into a folder that only
/// those can enter who are meant to.
///
/// ```
/// use everloop::inspect;
///
/// # let folder = std::env::temp_dir().join(format!("everloop-inspect-doc-{}", std::process::id()));
/// # std::fs::create_dir(&folder)?;
/// # let path = folder.join("shop.socket");
/// everloop::run(async {
///     inspect::serve(&path)?;
///
///     // This is what another program does, `everloop-ps` for instance.
///     let path = path.clone();
///     let seen = everloop::to_thread(move || inspect::fetch(path, std::time::Duration::from_secs(5)));
///     let snapshot = seen.await.expect("the loop answers");
///     assert_eq!(snapshot.tasks.len(), 1);
///     assert_eq!(snapshot.tasks[0].waits_on.as_deref(), Some("a thread"));
///     std::io::Result::Ok(())
/// }).unwrap()?;
/// assert!(!path.exists());
/// # std::fs::remove_dir(&folder)?;
/// # std::io::Result::Ok(())
/// ```
///
/// # Errors
/// As for [`UnixListener::bind`]: a [`PathError`](crate::net::PathError) if anything else is at the path, also when this
/// or another loop serves there already, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
pub fn serve(path: impl AsRef<Path>) -> io::Result<Serving> {
    let listener = UnixListener::bind(path)?;
    let own = Rc::new(Own::default());
    let task = create_task(accept(listener, Rc::clone(&own))).named("inspect");
    own.ids.borrow_mut().insert(task.id());
    Ok(Serving { task })
}

/// Starts a task for each client, for ever.
async fn accept(listener: UnixListener, own: Rc<Own>) {
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) => {
                bear(&error).await;
                continue;
            }
        };
        let serving = Rc::clone(&own);
        let is_full = own.is_full();
        let task = create_task(async move {
            // Dropped, the connection is closed: there is nobody else to be told that it went wrong.
            let _ = wait_for(answer(&serving, is_full, stream), PATIENCE).await;
        });
        let task = task.named("inspect client");
        own.ids.borrow_mut().insert(task.id());
        let serving = Rc::clone(&own);
        task.add_done_callback(move |task| {
            serving.ids.borrow_mut().remove(&task.id());
        });
    }
}

/// A server of snapshots, made by [`serve`]. Dropping this leaves it serving.
pub struct Serving {
    task: Task<()>,
}

impl Serving {
    /// Stops serving, and removes the path, at once. Clients that were not answered yet are not.
    pub fn close(self) {
        self.task.abort();
    }

    /// Whether it serves; false once its loop has ended.
    pub fn is_serving(&self) -> bool {
        !self.task.done()
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").field("is_serving", &self.is_serving()).finish()
    }
}

/// The tasks of one server, which it does not show: that which accepts, and those of its clients.
#[derive(Default)]
struct Own {
    ids: RefCell<BTreeSet<TaskId>>,
}

impl Own {
    fn hidden(&self) -> Vec<TaskId> {
        self.ids.borrow().iter().copied().collect()
    }

    /// Whether no further client is to be served.
    fn is_full(&self) -> bool {
        // One of them accepts.
        self.ids.borrow().len() > MOST
    }
}

async fn answer(own: &Own, is_full: bool, mut stream: UnixStream) -> io::Result<()> {
    let answer = if is_full {
        Answer::error("too many clients at once: ask again in a moment")
    } else {
        let mut line = [0; LONGEST_REQUEST];
        let Some(length) = read_line(&mut stream, &mut line).await? else { return Ok(()) };
        match read_request(&line[..length]) {
            Ok(()) => Answer::snapshot(Snapshot::without(&own.hidden())),
            Err(wrong) => Answer::error(wrong),
        }
    };
    stream.write_all(&answer.to_line()).await
}

/// Reads up to the end of the line, of what is sent, or of `line`. How much was read; `None` if nothing was sent.
async fn read_line(stream: &mut UnixStream, line: &mut [u8]) -> io::Result<Option<usize>> {
    let mut length = 0;
    while length < line.len() && !line[..length].contains(&b'\n') {
        match stream.read(&mut line[length..]).await? {
            0 => break,
            count => length += count,
        }
    }
    Ok((length > 0).then_some(length))
}
