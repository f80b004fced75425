//! What a child does between `fork` and `exec`, on systems that can't be asked to do it otherwise.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

#[path = "../src/process/spawn/inherit.rs"]
mod inherit;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;

/// The descriptors of a child, but for the one by which it lists them.
fn descriptors(close: bool) -> Vec<i32> {
    let mut command = Command::new("ls");
    command.args(["-l", "/proc/self/fd"]);
    if close {
        inherit::close_fds(&mut command);
    }
    let list = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let links = list.lines().filter_map(|line| line.split_once(" -> "));
    let theirs = links.filter(|(_, target)| !target.starts_with("/proc/"));
    let mut list: Vec<_> =
        theirs.map(|(link, _)| link.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    list.sort_unstable();
    list
}

#[test]
fn a_child_closes_what_it_would_inherit() {
    let open = rustix::io::dup(File::open("/dev/null").unwrap()).unwrap();
    assert!(descriptors(false).contains(&open.as_raw_fd()));
    assert_eq!(descriptors(true), [0, 1, 2]);
    assert!(rustix::io::fcntl_getfd(&open).unwrap().is_empty(), "nothing is changed here");
}

#[test]
fn a_child_begins_a_session() {
    let mut command = Command::new("cat");
    command.arg("/proc/self/stat");
    inherit::start_new_session(&mut command);
    let stat = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let number = stat.split(' ').next().unwrap();
    let session = stat.rsplit_once(") ").unwrap().1.split(' ').nth(3).unwrap();
    assert_eq!(session, number);
}
