//! Which cores a program runs on.

use std::mem::size_of;

type Set = libc::cpu_set_t;

/// The cores that this thread may use, by their numbers.
pub fn cores() -> Vec<usize> {
    // SAFETY: a `cpu_set_t` is made of integers.
    let mut set: Set = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a set of the size that is said.
    let failed = unsafe { libc::sched_getaffinity(0, size_of::<Set>(), &mut set) };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: every number is less than the size of the set.
    (0..libc::CPU_SETSIZE as usize).filter(|core| unsafe { libc::CPU_ISSET(*core, &set) }).collect()
}

/// Keeps this thread, and those that it starts from now on, to these cores.
pub fn keep_to(cores: &[usize]) {
    // SAFETY: a `cpu_set_t` is made of integers.
    let mut set: Set = unsafe { std::mem::zeroed() };
    for core in cores {
        // SAFETY: the number is of a core that there is.
        unsafe { libc::CPU_SET(*core, &mut set) };
    }
    // SAFETY: the pointer is to a set of the size that is said.
    let failed = unsafe { libc::sched_setaffinity(0, size_of::<Set>(), &set) };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
}
