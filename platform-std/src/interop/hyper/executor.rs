use everloop_core::{CreateErrorKind, try_create_task};

/// Makes a task on the running loop of each future that hyper hands out.
///
/// The tasks are detached: they end by themselves when their connection does, and are cancelled with all else when the run
/// ends. A panic of one goes to the loop's [exception handler](crate::set_exception_handler). A future that hyper hands out
/// when the loop is already closing is dropped, as are all others then.
///
/// # Panics
/// Outside a running loop.
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor;

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        match try_create_task(future) {
            Ok(task) => task.set_name("hyper"),
            Err(error) if error.kind == CreateErrorKind::LoopClosed => drop(error.future),
            Err(error) => panic!("{}", error.kind),
        }
    }
}
