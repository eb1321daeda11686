/// A place on the thread's stack, from which the use of the stack is measured. Recursion that
/// follows input stops with an error long before the stack ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct StackMark(usize);

impl StackMark {
    /// The current place.
    #[inline(never)]
    pub(super) fn here() -> Self {
        let marker = 0_u8;
        Self(std::ptr::from_ref(&marker).addr())
    }

    /// Bytes of stack between the mark and the current place.
    pub(super) fn used(self) -> usize {
        self.0.abs_diff(Self::here().0)
    }
}
