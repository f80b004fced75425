//! TCP between two stacks on one loop, over a wire in memory, in virtual time.

mod accept;
mod close;
mod connect;
mod faults;
mod forged;
mod frames;
mod lossy;
mod lossy_transfer;
mod start;
mod storm;
mod surplus;
mod transfer;
mod wire;
mod world;
