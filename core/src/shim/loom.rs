//! loom's types cannot be made in a const context, and core's constructors are all const. Each of these makes its
//! loom object when it is first used, which within one model run is as deterministic as everything else. Whoever
//! makes something on the heap materializes its atomics first, since loom takes the making of one for an access.

use std::sync::OnceLock;

pub(crate) use core::sync::atomic::Ordering;

/// How often it was called, this time included. No model depends on it, so loom does not follow it.
pub(crate) fn next_number() -> u32 {
    static LAST: core::sync::atomic::AtomicU32 = core::sync::atomic::AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// Makes the loom object, before others can see it.
pub(crate) trait Materialize {
    fn materialize(&self);
}

macro_rules! lazy_atomic {
    ($name:ident, $loom:ty, $value:ty) => {
        pub(crate) struct $name {
            initial: $value,
            object: OnceLock<$loom>,
        }

        impl Materialize for $name {
            fn materialize(&self) {
                self.object();
            }
        }

        #[allow(dead_code)]
        impl $name {
            pub(crate) const fn new(initial: $value) -> Self {
                Self { initial, object: OnceLock::new() }
            }

            fn object(&self) -> &$loom {
                self.object.get_or_init(|| <$loom>::new(self.initial))
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.object().load(order)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.object().store(value, order)
            }

            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                self.object().swap(value, order)
            }

            pub(crate) fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.object().compare_exchange(current, new, success, failure)
            }

            pub(crate) fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.object().compare_exchange(current, new, success, failure)
            }
        }
    };
}

macro_rules! lazy_arithmetic {
    ($name:ident, $value:ty, $($op:ident)*) => {
        #[allow(dead_code)]
        impl $name {
            $(pub(crate) fn $op(&self, value: $value, order: Ordering) -> $value {
                self.object().$op(value, order)
            })*
        }
    };
}

lazy_atomic!(AtomicBool, loom::sync::atomic::AtomicBool, bool);
lazy_atomic!(AtomicU8, loom::sync::atomic::AtomicU8, u8);
lazy_atomic!(AtomicI32, loom::sync::atomic::AtomicI32, i32);
lazy_arithmetic!(AtomicU8, u8, fetch_or fetch_and);
lazy_arithmetic!(AtomicI32, i32, fetch_add fetch_sub);

pub(crate) struct AtomicPtr<T> {
    initial: *mut T,
    object: OnceLock<loom::sync::atomic::AtomicPtr<T>>,
}

// SAFETY: as of core's own `AtomicPtr`: the pointer is only carried, never followed.
unsafe impl<T> Send for AtomicPtr<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for AtomicPtr<T> {}

impl<T> Materialize for AtomicPtr<T> {
    fn materialize(&self) {
        self.object();
    }
}

#[allow(dead_code)]
impl<T> AtomicPtr<T> {
    pub(crate) const fn new(initial: *mut T) -> Self {
        Self { initial, object: OnceLock::new() }
    }

    fn object(&self) -> &loom::sync::atomic::AtomicPtr<T> {
        self.object.get_or_init(|| loom::sync::atomic::AtomicPtr::new(self.initial))
    }

    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        self.object().load(order)
    }

    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        self.object().store(value, order)
    }

    pub(crate) fn swap(&self, value: *mut T, order: Ordering) -> *mut T {
        self.object().swap(value, order)
    }

    pub(crate) fn compare_exchange_weak(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        self.object().compare_exchange(current, new, success, failure)
    }

    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        self.object().compare_exchange(current, new, success, failure)
    }
}

/// The lock under `Shared` primitives.
pub struct RawLock(OnceLock<loom::sync::Mutex<()>>);

impl RawLock {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce() -> T) -> T {
        let _guard = self.0.get_or_init(|| loom::sync::Mutex::new(())).lock().unwrap();
        f()
    }
}

/// A cell of one context at a time, which loom watches: two that use it with no order between them are a failure.
pub(crate) struct Cell<T> {
    value: core::cell::Cell<T>,
    object: OnceLock<loom::cell::UnsafeCell<()>>,
}

#[allow(dead_code)]
impl<T> Cell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value: core::cell::Cell::new(value), object: OnceLock::new() }
    }

    fn watched(&self, access: impl FnOnce(&loom::cell::UnsafeCell<()>)) {
        // What is dropped when a model has failed is dropped outside it.
        if !std::thread::panicking() {
            access(self.object.get_or_init(|| loom::cell::UnsafeCell::new(())));
        }
    }

    pub(crate) fn get(&self) -> T
    where
        T: Copy,
    {
        self.watched(|object| object.with(|_| ()));
        self.value.get()
    }

    pub(crate) fn set(&self, value: T) {
        self.replace(value);
    }

    pub(crate) fn replace(&self, value: T) -> T {
        self.watched(|object| object.with_mut(|_| ()));
        self.value.replace(value)
    }

    pub(crate) fn take(&self) -> T
    where
        T: Default,
    {
        self.replace(T::default())
    }
}
