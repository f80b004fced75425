use core::pin::Pin;
use core::task::Context;

use pin_project_lite::pin_project;

use super::race::{Race, Slots};
use super::{SelectSet, Start, sealed};
use crate::scope::error::CancelledError;
use crate::scope::slot::Slot;

macro_rules! tuple {
    ($slots:ident $len:literal: $($letter:ident $field:ident $index:literal)+) => {
        pin_project! {
            /// The slots of a tuple.
            pub struct $slots<$($letter: Future),+> { $(#[pin] $field: Slot<$letter>,)+ }
        }

        impl<$($letter: Future),+> Slots for $slots<$($letter),+> {
            type Outcome = ($(Option<$letter::Output>,)+);
            const LEN: usize = $len;

            fn advance(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> bool {
                let mut this = self.project();
                match index {
                    $($index => {
                        this.$field.as_mut().advance(cx);
                        this.$field.has_value()
                    })+
                    _ => unreachable!(),
                }
            }

            fn end(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) {
                let this = self.project();
                match index {
                    $($index => this.$field.end(cx),)+
                    _ => unreachable!(),
                };
            }

            fn all_done(&self) -> bool {
                $(self.$field.is_done())&&+
            }

            fn cancelled(self: Pin<&mut Self>) -> Option<CancelledError> {
                self.project().a.cancelled()
            }

            fn take(self: Pin<&mut Self>) -> Self::Outcome {
                let this = self.project();
                ($(this.$field.take().ok(),)+)
            }
        }

        impl<$($letter: IntoFuture),+> sealed::Sealed for ($($letter,)+) {}

        impl<$($letter: IntoFuture),+> SelectSet for ($($letter,)+) {
            type Outcome = ($(Option<$letter::Output>,)+);
            type Race = Race<$slots<$($letter::IntoFuture),+>>;

            fn race(self, start: Start) -> Self::Race {
                let ($($field,)+) = self;
                Race::new($slots { $($field: Slot::new($field.into_future()),)+ }, start)
            }
        }
    };
}

tuple!(Slots1 1: A a 0);
tuple!(Slots2 2: A a 0 B b 1);
tuple!(Slots3 3: A a 0 B b 1 C c 2);
tuple!(Slots4 4: A a 0 B b 1 C c 2 D d 3);
tuple!(Slots5 5: A a 0 B b 1 C c 2 D d 3 E e 4);
tuple!(Slots6 6: A a 0 B b 1 C c 2 D d 3 E e 4 F f 5);
tuple!(Slots7 7: A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6);
tuple!(Slots8 8: A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7);
