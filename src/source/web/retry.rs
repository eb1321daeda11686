use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, StatusCode, header};

use crate::source::error::SourceError;
use crate::source::interrupt;

/// How often a request is sent at most.
const TRIES: u32 = 4;
/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest that a server may ask to wait.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// How often it is looked whether the process is to end.
const TICK: Duration = Duration::from_millis(20);

/// Counts the tries of one request.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Tries {
    made: u32,
    pause: Duration,
    deadline: Instant,
}

impl Tries {
    /// None was made yet; everything has to be done by `deadline`.
    pub(in crate::source) fn new(deadline: Instant) -> Self {
        Self { made: 0, pause: FIRST_PAUSE, deadline }
    }

    /// A try that waited in vain until its time was over: there is one more of these, not three.
    pub(super) fn lost_time(&mut self) {
        self.made += 2;
    }

    /// Waits before the next try; gives whether there is one. `wish` is what the server asks for.
    pub(in crate::source) fn wait(&mut self, wish: Option<Duration>) -> Result<bool, SourceError> {
        self.made += 1;
        let pause = wish.unwrap_or_else(|| scattered(self.pause));
        self.pause *= 2;
        let until = Instant::now() + pause;
        if self.made >= TRIES || pause > MAX_PAUSE || until >= self.deadline {
            return Ok(false);
        }
        while Instant::now() < until {
            interrupt::check()?;
            thread::sleep(TICK.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(true)
    }
}

/// Up to a quarter more or less, so that many who failed together do not come back together.
fn scattered(pause: Duration) -> Duration {
    let noise = RandomState::new().build_hasher().finish() % 512;
    pause.mul_f64(0.75 + noise as f64 / 1024.0)
}

/// Whether a status may pass by itself.
pub(super) fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// Whether a failure to get an answer may pass by itself.
pub(super) fn may_recover(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) if error.to_string().contains("lookup address") => {
            // The words of the resolver; a name that does not exist will not exist in a moment either.
            error.to_string().contains("Temporary failure")
        }
        ureq::Error::Io(error) => is_passing(error.kind()),
        ureq::Error::Timeout(what) => !matches!(what, ureq::Timeout::Global | ureq::Timeout::PerCall),
        ureq::Error::ConnectionFailed => true,
        _ => false,
    }
}

/// Whether an error of a connection may pass by itself.
pub(in crate::source) fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
    )
}

/// How long a server asks to wait: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers)
    }

    #[test]
    fn servers_ask_by_seconds_or_date() {
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(asked("Wed, 21 Oct 2099 07:28:00 GMT").unwrap() > MAX_PAUSE);
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn tries_end_by_number_by_time_and_by_the_length_of_a_pause() {
        let later = Instant::now() + Duration::from_secs(600);
        let mut tries = Tries::new(later);
        let waited: Vec<bool> = (0..4).map(|_| tries.wait(Some(Duration::ZERO)).unwrap()).collect();
        assert_eq!(waited, [true, true, true, false]);
        let mut slow = Tries::new(later);
        let waited = [(); 2].map(|()| {
            slow.lost_time();
            slow.wait(Some(Duration::ZERO)).unwrap()
        });
        assert_eq!(waited, [true, false]);
        assert!(!Tries::new(later).wait(Some(Duration::from_secs(61))).unwrap());
        assert!(!Tries::new(Instant::now()).wait(None).unwrap());
    }
}
