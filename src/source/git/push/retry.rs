use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use crate::source::error::{CONTENDED, SourceError};
use crate::source::interrupt;

/// The longest pause between the first two tries; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest of all pauses.
const MAX_PAUSE: Duration = Duration::from_secs(4);
/// How often it is looked whether the process is to end.
const TICK: Duration = Duration::from_millis(20);

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt<T> {
    /// It is done.
    Done(T),
    /// Somebody else was faster; the words of the server.
    Contended(String),
}

/// How often to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries(pub u32);

impl Default for Retries {
    fn default() -> Self {
        Self(20)
    }
}

/// Tries until it is done, pausing for a random while that grows, so that many who meet do not meet
/// again. `attempt` gets the number of the try, from 1.
///
/// # Errors
/// What `attempt` fails with; when all tries met others, an error that blames the outside world.
pub fn retried<T, E: From<SourceError>>(
    retries: Retries,
    mut attempt: impl FnMut(u32) -> Result<Attempt<T>, E>,
) -> Result<T, E> {
    let most = retries.0.max(1);
    let mut last = String::new();
    for number in 1..=most {
        match attempt(number)? {
            Attempt::Done(value) => return Ok(value),
            Attempt::Contended(said) => last = said,
        }
        if number < most {
            pause(longest(number))?;
        }
    }
    let times = if most == 1 { "once".to_owned() } else { format!("{most} times") };
    let words = if last.is_empty() { String::new() } else { format!(": {last}") };
    let message = format!("others pushed meanwhile, tried {times}{words}");
    Err(SourceError::world(CONTENDED, message).help("try again, or allow more tries with `--retries`").into())
}

/// The longest pause after a try.
fn longest(number: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << (number - 1).min(16)).min(MAX_PAUSE)
}

/// Waits for a random part of a time.
pub(super) fn pause(longest: Duration) -> Result<(), SourceError> {
    let noise = RandomState::new().build_hasher().finish() % 1024;
    let until = Instant::now() + longest.mul_f64((noise as f64 + 1.0) / 1024.0);
    loop {
        interrupt::check()?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(TICK.min(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_until_it_is_done_or_often_enough() {
        let mut seen = Vec::new();
        let done: Result<u32, SourceError> = retried(Retries(3), |number| {
            seen.push(number);
            Ok(if number == 2 { Attempt::Done(number) } else { Attempt::Contended("moved".into()) })
        });
        assert_eq!((done.unwrap(), seen), (2, vec![1, 2]));
        let never: Result<(), SourceError> = retried(Retries(2), |_| Ok(Attempt::Contended("moved".into())));
        let error = never.unwrap_err();
        assert_eq!(error.message, "others pushed meanwhile, tried 2 times: moved");
        assert_eq!(error.code, CONTENDED);
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let lengths: Vec<u128> = [1, 2, 3, 9, 64].map(|number| longest(number).as_millis()).to_vec();
        assert_eq!(lengths, [100, 200, 400, 4000, 4000]);
    }
}
