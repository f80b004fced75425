use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{GatherSet, TryGatherSet, sealed};
use crate::scope::slot::{Outcome, Slot, raise};

macro_rules! tuple {
    ($all:ident $try_all:ident: $($letter:ident $field:ident)+) => {
        pin_project! {
            /// All of a tuple.
            pub struct $all<$($letter: Future),+> { $(#[pin] $field: Slot<$letter>,)+ }
        }

        impl<$($letter: Future),+> Future for $all<$($letter),+> {
            type Output = ($(Outcome<$letter::Output>,)+);

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                let mut done = true;
                $(done &= this.$field.as_mut().advance(cx);)+
                if done { Poll::Ready(($(this.$field.as_mut().take(),)+)) } else { Poll::Pending }
            }
        }

        pin_project! {
            /// All of a tuple, or the first error.
            pub struct $try_all<$($letter: Future),+> { $(#[pin] $field: Slot<$letter>,)+ }
        }

        #[allow(non_camel_case_types)]
        impl<Error, $($field,)+ $($letter: Future<Output = Result<$field, Error>>),+> Future for $try_all<$($letter),+> {
            type Output = Result<($($field,)+), Error>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                let mut done = true;
                $(done &= this.$field.as_mut().advance(cx);)+
                $(
                    if let Some(error) = this.$field.as_mut().error(done) {
                        return Poll::Ready(Err(error));
                    }
                )+
                // Of several that were cancelled the first goes on outwards.
                $(
                    if let Some(cancelled) = this.$field.as_mut().cancelled() {
                        raise(cancelled, cx);
                        return Poll::Pending;
                    }
                )+
                if !done {
                    return Poll::Pending;
                }
                Poll::Ready(Ok(($(this.$field.as_mut().value(),)+)))
            }
        }

        impl<$($letter: IntoFuture),+> sealed::Sealed for ($($letter,)+) {}

        impl<$($letter: IntoFuture),+> GatherSet for ($($letter,)+) {
            type Outcomes = ($(Outcome<$letter::Output>,)+);
            type All = $all<$($letter::IntoFuture),+>;

            fn all(self) -> Self::All {
                let ($($field,)+) = self;
                $all { $($field: Slot::new($field.into_future()),)+ }
            }
        }

        #[allow(non_camel_case_types)]
        impl<Error, $($field,)+ $($letter: IntoFuture<Output = Result<$field, Error>>),+> TryGatherSet
            for ($($letter,)+)
        {
            type Result = Result<($($field,)+), Error>;
            type All = $try_all<$($letter::IntoFuture),+>;

            fn try_all(self) -> Self::All {
                let ($($field,)+) = self;
                $try_all { $($field: Slot::new($field.into_future()),)+ }
            }
        }
    };
}

tuple!(All1 TryAll1: A a);
tuple!(All2 TryAll2: A a B b);
tuple!(All3 TryAll3: A a B b C c);
tuple!(All4 TryAll4: A a B b C c D d);
tuple!(All5 TryAll5: A a B b C c D d E e);
tuple!(All6 TryAll6: A a B b C c D d E e F f);
tuple!(All7 TryAll7: A a B b C c D d E e F f G g);
tuple!(All8 TryAll8: A a B b C c D d E e F f G g H h);

impl sealed::Sealed for () {}

impl GatherSet for () {
    type Outcomes = ();
    type All = core::future::Ready<()>;

    fn all(self) -> Self::All {
        core::future::ready(())
    }
}
