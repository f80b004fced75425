use mio::Token;

/// A token is the number of a source's place in the table, and above that the generation, which tells it from
/// earlier ones in the same place: an event that is still in the batch for a source that was dropped meanwhile is
/// not taken for its successor's.
const INDEX_BITS: u32 = usize::BITS / 2;
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;

/// The unparker's: no source's, since no source has the largest index.
pub(super) const UNPARK: Token = Token(usize::MAX);

/// Every bell's: no source's, as the unparker's, and not that one's.
#[cfg(unix)]
pub(super) const BELL: Token = Token(INDEX_MASK);

/// The index in the tokens of children, which have their number above it: no source's either.
#[cfg(target_os = "linux")]
const CHILD: usize = INDEX_MASK - 1;

/// The token of the child with this number, or `None` if there can't be so many.
#[cfg(target_os = "linux")]
pub(super) fn of_child(number: usize) -> Option<Token> {
    (number <= usize::MAX >> INDEX_BITS).then_some(Token(number << INDEX_BITS | CHILD))
}

/// The number of the child, if it is a child's token.
#[cfg(target_os = "linux")]
pub(super) fn child(token: Token) -> Option<usize> {
    (index(token) == CHILD).then_some(token.0 >> INDEX_BITS)
}

/// The token of the source at `index`, or `None` if there can't be so many.
pub(super) fn new(index: usize, generation: usize) -> Option<Token> {
    (index < INDEX_MASK - 1).then_some(Token(generation << INDEX_BITS | index))
}

/// Where the token's source is, if it is still there.
pub(super) fn index(token: Token) -> usize {
    token.0 & INDEX_MASK
}
