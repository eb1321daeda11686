//! DSA keys of 2048 and 256 bits: only made, read and written, as Sprig does no more with them.

use std::sync::LazyLock;

use rsa::BigUint;
use rsa::rand_core::RngCore;

use super::super::random::Stream;
use super::der::{self, Reader};

/// The numbers p, q, g, y and x.
pub struct DsaKey([BigUint; 5]);

/// Rounds of the Miller–Rabin test, as FIPS 186-4 asks for these sizes.
const ROUNDS: usize = 64;

impl DsaKey {
    /// A new key with new parameters.
    pub fn generate(stream: &mut Stream) -> Self {
        let one = BigUint::from(1_u8);
        let (p, q) = primes(stream);
        let cofactor = (&p - &one) / &q;
        let g = (2_u8..)
            .map(|base| BigUint::from(base).modpow(&cofactor, &p))
            .find(|g| *g != one)
            .expect("few bases have an order that divides the cofactor");
        let x = loop {
            let x = random(stream, 32);
            if x != BigUint::default() && x < q {
                break x;
            }
        };
        let y = g.modpow(&x, &p);
        Self([p, q, g, y, x])
    }

    /// Reads the traditional form.
    pub fn from_der(content: &[u8]) -> Option<Self> {
        let mut fields = Reader::new(Reader::new(content).expect(der::SEQUENCE)?);
        fields.expect(der::INTEGER)?;
        let mut number = || fields.expect(der::INTEGER).map(BigUint::from_bytes_be);
        Some(Self([number()?, number()?, number()?, number()?, number()?]))
    }

    /// Writes the traditional form.
    pub fn to_der(&self) -> Vec<u8> {
        let numbers = self.0.iter().map(|number| der::integer(&number.to_bytes_be()));
        let fields: Vec<Vec<u8>> = std::iter::once(der::integer(&[0])).chain(numbers).collect();
        der::constructed(der::SEQUENCE, &fields)
    }
}

fn random(stream: &mut Stream, size: usize) -> BigUint {
    let mut bytes = vec![0; size];
    stream.fill_bytes(&mut bytes);
    BigUint::from_bytes_be(&bytes)
}

/// A random number with its highest and lowest bits set.
fn odd(stream: &mut Stream, size: usize) -> BigUint {
    let mut bytes = vec![0; size];
    stream.fill_bytes(&mut bytes);
    bytes[0] |= 0x80;
    bytes[size - 1] |= 1;
    BigUint::from_bytes_be(&bytes)
}

/// Primes p of 2048 and q of 256 bits, where q divides p - 1.
fn primes(stream: &mut Stream) -> (BigUint, BigUint) {
    let one = BigUint::from(1_u8);
    loop {
        let q = odd(stream, 32);
        if !is_prime(&q, stream) {
            continue;
        }
        // p is odd when its distance to a multiple of 2q is one.
        let step = &q << 1;
        for _ in 0..4 * 2048 {
            let start = odd(stream, 256);
            let p = &start - &start % &step + &one;
            if p.bits() == 2048 && is_prime(&p, stream) {
                return (p, q);
            }
        }
    }
}

/// Trial division, then Miller–Rabin.
fn is_prime(number: &BigUint, stream: &mut Stream) -> bool {
    static SMALL: LazyLock<Vec<u32>> = LazyLock::new(|| {
        (3..2000).step_by(2).filter(|n| (3..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect()
    });
    let zero = BigUint::default();
    if SMALL.iter().any(|prime| number % *prime == zero) {
        return false;
    }
    let one = BigUint::from(1_u8);
    let below = number - &one;
    let twos = below.trailing_zeros().unwrap_or(0);
    let odd_part = &below >> twos;
    let size = number.bits().div_ceil(8);
    (0..ROUNDS).all(|_| {
        let base = random(stream, size) % &below + &one;
        let mut power = base.modpow(&odd_part, number);
        if power == one || power == below {
            return true;
        }
        for _ in 1..twos {
            power = &power * &power % number;
            if power == below {
                return true;
            }
        }
        false
    })
}
