//! Subprocesses: asked and waited for, killed, given up and forgotten.

use everloop::process::Stdio;
use everloop::{create_subprocess_exec, create_subprocess_shell, sleep, wait_for};

use super::{Dice, What, count};

/// Starts them for ever.
pub async fn run() {
    let mut dice = Dice::new(77);
    loop {
        sleep(dice.millis(400)).await;
        let started = match dice.below(5) {
            0 => cat().await,
            1 => create_subprocess_shell("exit 3").await.map(drop),
            2 => killed().await,
            3 => given_up(&mut dice).await,
            _ => create_subprocess_exec("true", [""; 0]).await.map(drop),
        };
        started.expect("a program can be started");
        count(What::Child);
    }
}

async fn cat() -> std::io::Result<()> {
    let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
    let text = vec![b'x'; 100_000];
    let (out, _) = cat.communicate(&text).await?;
    assert_eq!(out.as_deref(), Some(&text[..]), "all comes back");
    assert_eq!(cat.wait().await, 0);
    Ok(())
}

async fn killed() -> std::io::Result<()> {
    let sleeper = create_subprocess_exec("sleep", ["3600"]).stdout(Stdio::Pipe).await?;
    // It may have ended as it was asked for, but not by itself.
    sleeper.kill().map_err(std::io::Error::other)?;
    assert_eq!(sleeper.wait().await, -9);
    Ok(())
}

async fn given_up(dice: &mut Dice) -> std::io::Result<()> {
    let sleeper = create_subprocess_exec("sleep", ["3600"]).kill_on_drop(true).stdout(Stdio::Pipe).await?;
    let _ = wait_for(sleeper.wait(), dice.millis(30)).await;
    Ok(())
}
