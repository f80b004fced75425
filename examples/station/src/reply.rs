use core::fmt;

use everloop_core::TaskInfo;

use crate::command::Refusal;
use crate::reading::Reading;
use crate::statistics::Statistics;

/// A line to a client. Displays as it goes over the wire, without the end of the line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    Ok,
    Bye,
    End,
    Reading(Reading),
    Stats { statistics: Statistics, dropped: u64 },
    Task(TaskInfo),
    Refused(Refusal),
}

/// How much of a task's name is shown, so that every reply fits into [`LONGEST`].
const NAME: usize = 64;

/// The bytes of the longest reply with the end of its line: statistics whose numbers have all the digits they can.
pub(crate) const LONGEST: usize = 128;

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("OK"),
            Self::Bye => f.write_str("BYE"),
            Self::End => f.write_str("END"),
            Self::Reading(Reading { seq, millis, millidegrees }) => {
                write!(f, "READING {seq} {millis} {millidegrees}")
            }
            Self::Stats { statistics: s, dropped } => {
                let (count, min, max, mean) = (s.count(), s.min(), s.max(), s.mean());
                write!(f, "STATS count={count} min={min} max={max} mean={mean} dropped={dropped}")
            }
            Self::Task(task) => write!(f, "TASK {} {task:.NAME$} {}", task.id().get(), task.state()),
            Self::Refused(refusal) => f.write_str(match refusal {
                Refusal::UnknownCommand => "ERR unknown command",
                Refusal::BadPeriod => "ERR bad period",
                Refusal::LineTooLong => "ERR line too long",
                Refusal::NoReading => "ERR no reading",
            }),
        }
    }
}
