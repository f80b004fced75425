//! Plays two albums, and can be looked at meanwhile: the example of asyncio's `ps` and `pstree` in Python's
//! documentation.
//!
//! ```text
//! $ cargo run -p jukebox -- /tmp/jukebox.socket &
//! $ cargo run -p everloop --features inspect --bin everloop-ps -- pstree /tmp/jukebox.socket
//! process 4242, thread main: 7 tasks
//! └── Task-1 [1] waiting on a task group
//!     └── task_group
//!         ├── Sundowning [3] waiting on a task group (examples/jukebox/src/main.rs:48)
//!         │   └── task_group
//!         │       ├── TNDNBTG [5] waiting on a sleep (examples/jukebox/src/main.rs:34)
//!         │       └── Levitate [6] waiting on a sleep (examples/jukebox/src/main.rs:34)
//!         └── TMBTE [4] waiting on a task group (examples/jukebox/src/main.rs:48)
//!             └── task_group
//!                 ├── DYWTYLM [7] waiting on a sleep (examples/jukebox/src/main.rs:34)
//!                 └── Aqua Regia [8] waiting on a sleep (examples/jukebox/src/main.rs:34)
//! ```

use std::convert::Infallible;
use std::process::ExitCode;

use everloop::{Duration, Unbounded, inspect, sleep, task_group};

async fn play_track(track: &str) -> Result<(), Infallible> {
    sleep(Duration::from_secs(5)).await;
    println!("Finished: {track}");
    Ok(())
}

async fn play_album(tracks: &[&'static str]) -> Result<(), Infallible> {
    let played = task_group(Unbounded, async |group| {
        for track in tracks {
            group.create_task(play_track(track)).set_name(track);
        }
        Ok::<_, Infallible>(())
    });
    let Ok(()) = played.await else { unreachable!("no track fails") };
    Ok(())
}

const ALBUMS: [(&str, &[&str]); 2] =
    [("Sundowning", &["TNDNBTG", "Levitate"]), ("TMBTE", &["DYWTYLM", "Aqua Regia"])];

async fn play_all() {
    let played = task_group(Unbounded, async |group| {
        for (name, tracks) in ALBUMS {
            group.create_task(play_album(tracks)).set_name(name);
        }
        Ok::<_, Infallible>(())
    });
    let Ok(()) = played.await else { unreachable!("no album fails") };
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: jukebox PATH, where its tasks can be seen with `everloop-ps pstree PATH`");
        return ExitCode::from(2);
    };
    let outcome = everloop::run(async {
        #[cfg(unix)]
        inspect::serve(&path)?;
        #[cfg(not(unix))]
        eprintln!("there are no Unix sockets here to be seen at {}", path.display());
        play_all().await;
        println!("{}", inspect::Snapshot::take().table());
        std::io::Result::Ok(())
    });
    match outcome {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("jukebox: {}: {error}", path.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("jukebox: {error}");
            ExitCode::FAILURE
        }
    }
}
