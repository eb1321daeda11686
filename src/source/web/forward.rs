use ureq::http::Uri;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use url::{Position, Url};

/// What marks the path of a request that a proxy is to forward.
const MARK: &str = "/kiln-forward:";

/// The target of a request that a proxy at `place` (host and port) is to forward: the connection goes
/// to the proxy, the request line carries the whole URL.
pub(super) fn forwarded(url: &Url, place: &str) -> Option<Uri> {
    let path = format!("{MARK}{}", &url[..Position::AfterQuery]);
    Uri::builder().scheme("http").authority(place).path_and_query(path).build().ok()
}

/// Wraps every connection; the client itself writes paths only.
#[derive(Debug)]
pub(super) struct Forwarding;

impl<In: Transport> Connector<In> for Forwarding {
    type Out = Forward<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        Ok(chained.map(Forward))
    }
}

/// A connection that takes the mark out of request lines.
#[derive(Debug)]
pub(super) struct Forward<T>(T);

impl<T: Transport> Transport for Forward<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let output = &mut self.0.buffers().output()[..amount];
        let amount = unmark(output);
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// Takes the mark out of a request that starts here; gives the length that is left.
fn unmark(output: &mut [u8]) -> usize {
    let method = [&b"GET "[..], b"POST "].into_iter().find(|method| output.starts_with(method));
    match method {
        Some(method) if output[method.len()..].starts_with(MARK.as_bytes()) => {
            output.copy_within(method.len() + MARK.len().., method.len());
            output.len() - MARK.len()
        }
        _ => output.len(),
    }
}
