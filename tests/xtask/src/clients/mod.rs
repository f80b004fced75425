//! The suite `firmware-clients`: client crates that were written for embassy, in firmware, against servers here.

mod http;

use crate::images::CLIENT_HTTP_MPS2;
use crate::qemu::{self, Boot, Clock};
use crate::suite::Cases;
use crate::{artifact, process};
use anyhow::{Result, bail};
use std::time::Duration;

/// How long a firmware may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Where firmware finds this machine.
const HOST: &str = "10.0.2.2";

/// Each client with its server.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    cases.run("reqwless", reqwless);
    Ok(())
}

fn reqwless() -> Result<()> {
    let path = artifact::image(&CLIENT_HTTP_MPS2)?;
    let server = http::Server::start()?;
    let url = format!("http://{HOST}:{}/", server.port());
    let args = [CLIENT_HTTP_MPS2.bin, &url];
    let boot = Boot { clock: Clock::Real, nic: "user", args: &args };
    let mut command = qemu::command(CLIENT_HTTP_MPS2.machine, &path, &boot)?;
    match process::inherit(&mut command, LIMIT)? {
        Some(status) if status.success() => {}
        Some(status) => bail!("the firmware failed ({status})"),
        None => bail!("the firmware took too long"),
    }
    match server.served() {
        (1, 1) => Ok(()),
        (gets, posts) => bail!("{gets} GET and {posts} POST were asked for instead of one each"),
    }
}
