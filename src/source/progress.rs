use std::cell::RefCell;
use std::sync::Arc;

/// Hears how fetching goes. Calls come from several threads; printing is the listener's business.
pub trait Progress: Send + Sync {
    /// A source is being fetched. `source` is fit to be shown.
    fn started(&self, source: &str);
    /// So many bytes of it have arrived in total, of those that are known to come.
    fn received(&self, source: &str, bytes: u64, expected: Option<u64>);
    /// It is done, well or not.
    fn finished(&self, source: &str, well: bool);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn started(&self, _source: &str) {}
    fn received(&self, _source: &str, _bytes: u64, _expected: Option<u64>) {}
    fn finished(&self, _source: &str, _well: bool) {}
}

/// A source that is being fetched.
struct Current {
    listener: Arc<dyn Progress>,
    source: String,
    bytes: u64,
    /// The length of the transfer under way, and what had arrived before it.
    expected: Option<u64>,
}

thread_local! {
    /// The source that the transfers of this thread belong to.
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Tells a listener of the transfers that this thread makes while it works.
pub(super) fn heard_by<T>(listener: &Arc<dyn Progress>, source: &str, work: impl FnOnce() -> T) -> T {
    struct Reset(Option<Current>);
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let current = Current { listener: Arc::clone(listener), source: source.to_owned(), bytes: 0, expected: None };
    // A thread that waits for others may take up another source meanwhile.
    let _reset = Reset(CURRENT.replace(Some(current)));
    work()
}

/// A transfer of a known length begins.
pub(super) fn expected(bytes: u64) {
    with(|current| current.expected = Some(current.bytes.saturating_add(bytes)));
}

/// So many more bytes have arrived.
pub(super) fn arrived(bytes: u64) {
    with(|current| {
        current.bytes += bytes;
        current.listener.received(&current.source, current.bytes, current.expected);
    });
}

fn with(change: impl FnOnce(&mut Current)) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(current) = current {
            change(current);
        }
    });
}
