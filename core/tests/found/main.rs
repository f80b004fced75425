//! What reviews and random programs found, each as the smallest program that showed it, and hostile wakers.
#![cfg(all(feature = "std", not(loom)))]
#![allow(missing_docs)]

mod groups;
mod hostile;
mod hostile_waits;
mod hostile_wakers;
mod messages;
mod moved;
mod pages;
mod queues;
mod rounds;
mod scopes;
mod sets;
mod waiters;
