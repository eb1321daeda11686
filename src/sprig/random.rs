//! Random text and numbers. All randomness comes from the host: one seed for each call, expanded
//! here, so that a host which hands out repeatable seeds gives repeatable results.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::rand_core::{self, CryptoRng, RngCore};
use sha2::{Digest, Sha256};

use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::Value;

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, within};
use super::unicode;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("randAlphaNum", &[Int], |call, args| chosen(call, args, |byte| byte.is_ascii_alphanumeric())),
    fixed("randAlpha", &[Int], |call, args| chosen(call, args, |byte| byte.is_ascii_alphabetic())),
    fixed("randNumeric", &[Int], |call, args| chosen(call, args, |byte| byte.is_ascii_digit())),
    fixed("randAscii", &[Int], |call, args| chosen(call, args, |byte| matches!(byte, b' '..=b'~'))),
    fixed("randInt", &[Int, Int], rand_int),
    fixed("randBytes", &[Int], rand_bytes),
    fixed("shuffle", &[Text], shuffle),
    fixed("uuidv4", &[], uuidv4),
];

/// What a seed takes off the execution's fuel.
const SEED: u64 = 20;

/// A stream of random bytes: SHA-256 of the call's seed and a counter.
#[derive(Clone)]
pub struct Stream {
    seed: [u8; 32],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Stream {
    /// Asks the host for this call's seed, which it may refuse.
    pub fn new(call: &mut Call<'_>) -> Result<Self, CallError> {
        let mut seed = [0; 32];
        call.exec.charge(SEED)?;
        let site = call.site();
        call.exec.host().fill_random(&site, &mut seed)?;
        Ok(Self::from_seed(seed))
    }

    /// The stream of a seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0, block: [0; 32], used: 32 }
    }

    /// A stream of its own for work that may be done at another time or on another thread.
    pub fn fork(&mut self) -> Self {
        let mut seed = [0; 32];
        self.fill_bytes(&mut seed);
        Self::from_seed(seed)
    }

    /// A number below `bound`, all equally likely. `bound` must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The highest part of the range would prefer small numbers.
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.next_u64();
            if number < fair {
                return number % bound;
            }
        }
    }
}

impl RngCore for Stream {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            if self.used == self.block.len() {
                self.block =
                    Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize().into();
                self.counter += 1;
                self.used = 0;
            }
            *byte = self.block[self.used];
            self.used += 1;
        }
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

/// As good as the host's seed.
impl CryptoRng for Stream {}

/// Text of so many characters out of those that `allowed` takes; "" for a negative count.
fn chosen(call: &mut Call<'_>, args: &[Value], allowed: fn(&u8) -> bool) -> Outcome {
    let count = usize::try_from(int(args, 0)).unwrap_or(0);
    within(MAX_BYTES, count, "bytes")?;
    call.exec.charge(count as u64)?;
    let alphabet: Vec<u8> = (0..=127).filter(allowed).collect();
    let mut stream = Stream::new(call)?;
    let text: Vec<u8> = (0..count).map(|_| alphabet[stream.below(alphabet.len() as u64) as usize]).collect();
    Ok(Value::str(text))
}

fn rand_int(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (low, high) = (int(args, 0), int(args, 1));
    let span = u64::try_from(high.wrapping_sub(low)).ok().filter(|span| *span > 0);
    let span = span.ok_or("invalid argument to Intn")?;
    Ok(Value::int(low.wrapping_add(Stream::new(call)?.below(span) as i64)))
}

fn rand_bytes(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let count =
        usize::try_from(int(args, 0)).map_err(|_| CallError::from("runtime error: makeslice: len out of range"))?;
    within(MAX_BYTES, count, "bytes")?;
    call.exec.charge(count as u64 / 8)?;
    let mut buffer = vec![0; count];
    Stream::new(call)?.fill_bytes(&mut buffer);
    Ok(STANDARD.encode(buffer).into())
}

fn shuffle(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut runes: Vec<char> = unicode::runes(bytes(args, 0)).collect();
    call.exec.charge(runes.len() as u64)?;
    let mut stream = Stream::new(call)?;
    for last in (1..runes.len()).rev() {
        runes.swap(last, stream.below(last as u64 + 1) as usize);
    }
    Ok(runes.into_iter().collect::<String>().into())
}

fn uuidv4(call: &mut Call<'_>, _: &[Value]) -> Outcome {
    let mut id = [0; 16];
    Stream::new(call)?.fill_bytes(&mut id);
    id[6] = id[6] & 0x0F | 0x40;
    id[8] = id[8] & 0x3F | 0x80;
    let mut out = String::with_capacity(36);
    for (index, byte) in id.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    Ok(out.into())
}
