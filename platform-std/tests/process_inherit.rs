//! What a child inherits. In a process of their own, since one opens a descriptor that all children would inherit.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use everloop::create_subprocess_exec;
use everloop::net::TcpListener;
use everloop::process::{CreateSubprocess, Stdio};

async fn output(subprocess: CreateSubprocess) -> io::Result<String> {
    let (output, _) = subprocess.stdout(Stdio::Pipe).await?.communicate(b"").await?;
    Ok(String::from_utf8(output.unwrap()).unwrap())
}

/// The descriptors of a child, but for the one by which it lists them.
async fn descriptors(set: impl FnOnce(CreateSubprocess) -> CreateSubprocess) -> io::Result<Vec<i32>> {
    let list = output(set(create_subprocess_exec("ls", ["-l", "/proc/self/fd"]))).await?;
    let links = list.lines().filter_map(|line| line.split_once(" -> "));
    let theirs = links.filter(|(_, target)| !target.starts_with("/proc/"));
    let mut list: Vec<_> =
        theirs.map(|(link, _)| link.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    list.sort_unstable();
    Ok(list)
}

#[test]
fn a_child_inherits_no_descriptor_that_it_was_not_given() {
    everloop::run(async {
        let _listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
        let _file = File::open("/dev/null")?;
        // While others have pipes, too.
        let others = [
            create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?,
            create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?,
        ];
        assert_eq!(descriptors(|ls| ls).await?, [0, 1, 2]);
        assert_eq!(descriptors(|ls| ls.stdin(Stdio::Pipe).stderr(Stdio::Pipe)).await?, [0, 1, 2]);
        assert_eq!(descriptors(|ls| ls.stdin(Stdio::Null).stderr(Stdio::Stdout)).await?, [0, 1, 2]);

        // Nor one that this process holds open for inheritance.
        let open = rustix::io::dup(File::open("/dev/null")?)?;
        assert_eq!(descriptors(|ls| ls).await?, [0, 1, 2]);
        assert_eq!(descriptors(|ls| ls.stdin(Stdio::Pipe).start_new_session(true)).await?, [0, 1, 2]);
        assert!(descriptors(|ls| ls.close_fds(false)).await?.contains(&open.as_raw_fd()));
        let flags = rustix::io::fcntl_getfd(&open)?;
        assert!(flags.is_empty(), "nothing is changed here");

        for mut cat in others {
            assert_eq!(cat.communicate(b"x").await?.0.unwrap(), b"x");
        }
        io::Result::Ok(())
    })
    .unwrap()
    .unwrap();
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap()
}

#[test]
fn a_child_has_no_signal_blocked_or_ignored_that_this_process_has_not() {
    everloop::run(async {
        let theirs = output(create_subprocess_exec("cat", ["/proc/self/status"])).await?;
        let ours = std::fs::read_to_string("/proc/thread-self/status")?;
        let pipe = 1 << (rustix::process::Signal::PIPE.as_raw() - 1);
        assert_ne!(field(&ours, "SigIgn:") & pipe, 0, "a program in Rust ignores SIGPIPE");
        // The C library's own, which it has ignored until a program with that library begins.
        let others = !(3 << 31);
        assert_eq!(field(&theirs, "SigIgn:") & others, field(&ours, "SigIgn:") & others & !pipe);
        assert_eq!(field(&theirs, "SigBlk:"), field(&ours, "SigBlk:"));
        io::Result::Ok(())
    })
    .unwrap()
    .unwrap();
}
