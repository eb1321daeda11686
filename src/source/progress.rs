/// Hears how fetching goes. Calls come from several threads; printing is the listener's business.
pub trait Progress: Send + Sync {
    /// A source is being fetched. `source` is fit to be shown.
    fn started(&self, source: &str);
    /// So many bytes of it have arrived in total.
    fn received(&self, source: &str, bytes: u64);
    /// It is done, well or not.
    fn finished(&self, source: &str, well: bool);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn started(&self, _source: &str) {}
    fn received(&self, _source: &str, _bytes: u64) {}
    fn finished(&self, _source: &str, _well: bool) {}
}
