/// Why a conversation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// The client said goodbye or closed its side, or said nothing for too long: close in good order.
    Orderly,
    /// The client does not take what it asked for: what was not sent is given up.
    Stuck,
    /// The connection is gone.
    Broken,
}
