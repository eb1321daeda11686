//! DSA keys of 2048 and 256 bits: only made, read and written, as Sprig does no more with them.

use rsa::BigUint;
use rsa::rand_core::RngCore;

use super::super::random::Stream;
use super::der::{self, Reader};
use super::primes;

/// The numbers p, q, g, y and x.
pub struct DsaKey([BigUint; 5]);

impl DsaKey {
    /// A new key with new parameters.
    pub fn generate(stream: &mut Stream) -> Self {
        let one = BigUint::from(1_u8);
        let (p, q) = parameters(stream);
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

/// A random number of so many words with its highest and lowest bits set.
fn odd<const N: usize>(stream: &mut Stream) -> BigUint {
    primes::big(&primes::random_odd::<N>(stream, 0x80))
}

/// Primes p of 2048 and q of 256 bits, where q divides p - 1.
fn parameters(stream: &mut Stream) -> (BigUint, BigUint) {
    let one = BigUint::from(1_u8);
    loop {
        let q = odd::<4>(stream);
        if !primes::is_prime::<4>(&primes::words(&q), stream) {
            continue;
        }
        // p is odd when its distance to a multiple of 2q is one.
        let step = &q << 1;
        for _ in 0..4 * 2048 {
            let start = odd::<32>(stream);
            let p = &start - &start % &step + &one;
            if p.bits() == 2048 && primes::is_prime::<32>(&primes::words(&p), stream) {
                return (p, q);
            }
        }
    }
}
