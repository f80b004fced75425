/// What a scope of a task is. In the order in which they stand, a task's scopes say where in its code it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ScopeKind {
    /// A [`catch_cancel`](crate::catch_cancel), or one of the parts of a `gather` or a `select`.
    CatchCancel,
    /// A [`wait_for`](crate::wait_for), [`timeout`](crate::timeout) or [`timeout_at`](crate::timeout_at).
    Timeout,
    /// A [`gather`](crate::gather) or [`try_gather`](crate::try_gather).
    Gather,
    /// A [`select`](crate::select) or [`select_fair`](crate::select_fair).
    Select,
    /// A [`task_group`](crate::task_group).
    TaskGroup,
    /// A [`shield`](crate::shield) of a future.
    Shield,
    /// The await of a [`Task`](crate::Task).
    Await,
    /// A wait on a [`Condition`](crate::Condition).
    Condition,
}

#[cfg(feature = "inspect")]
impl core::fmt::Display for ScopeKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::CatchCancel => "catch_cancel",
            Self::Timeout => "timeout",
            Self::Gather => "gather",
            Self::Select => "select",
            Self::TaskGroup => "task_group",
            Self::Shield => "shield",
            Self::Await => "await",
            Self::Condition => "condition",
        })
    }
}
