//! Random primes: a sieve, then Miller–Rabin.
//!
//! The search begins at a random number and goes on in order, so that one sieve serves many
//! candidates, and the first of the tests is to base 2, whose powers cost no multiplications. With
//! the sieve that makes some forty squaring chains for a prime of 1024 bits.

use rsa::BigUint;
use rsa::rand_core::RngCore;

use super::super::random::Stream;
use super::montgomery::{Modulus, Number};
use super::sieve;

/// Tests to random bases that a prime of so many bits has to pass. Candidates are random, so fewer
/// are enough for the larger ones; the numbers are those of BoringSSL and Go, for an error below
/// 2^-128.
const fn rounds(bits: usize) -> usize {
    match bits {
        1345.. => 4,
        476..1345 => 5,
        _ => 34,
    }
}

/// A random number with its lowest bit and the given bits of its highest byte set.
pub fn random_odd<const N: usize>(stream: &mut Stream, highest: u8) -> Number<N> {
    let mut number = random(stream);
    number[0] |= 1;
    number[N - 1] |= u64::from(highest) << 56;
    number
}

fn random<const N: usize>(stream: &mut Stream) -> Number<N> {
    std::array::from_fn(|_| stream.next_u64())
}

/// The words of a number, which must fit.
pub fn words<const N: usize>(number: &BigUint) -> Number<N> {
    let mut words = [0; N];
    for (at, byte) in number.to_bytes_le().iter().enumerate() {
        words[at / 8] |= u64::from(*byte) << (at % 8 * 8);
    }
    words
}

/// The number that words stand for.
pub fn big<const N: usize>(words: &Number<N>) -> BigUint {
    BigUint::from_bytes_le(&words.map(u64::to_le_bytes).concat())
}

/// A prime for an RSA key: its two highest bits are set, so that the product of two such numbers is
/// of full length, and it suits the public exponent [`sieve::EXPONENT`].
pub fn rsa_prime<const N: usize>(mut stream: Stream) -> Number<N> {
    loop {
        let start = random_odd(&mut stream, 0xC0);
        for at in sieve::candidates(&start) {
            let Some(number) = sum(&start, 2 * at) else { break };
            if is_probable_prime(&number, &mut stream) {
                return number;
            }
        }
    }
}

/// Whether a random number with its highest and lowest bits set is a prime.
pub fn is_prime<const N: usize>(number: &Number<N>, stream: &mut Stream) -> bool {
    !sieve::has_small_factor(number) && is_probable_prime(number, stream)
}

/// Adds a word; `None` when the sum needs more words.
fn sum<const N: usize>(number: &Number<N>, word: u64) -> Option<Number<N>> {
    let mut carry = word;
    let sum = number.map(|word| {
        let (sum, is_over) = word.overflowing_add(carry);
        carry = u64::from(is_over);
        sum
    });
    (carry == 0).then_some(sum)
}

/// Miller–Rabin to base 2, then to random bases.
fn is_probable_prime<const N: usize>(number: &Number<N>, stream: &mut Stream) -> bool {
    let modulus = Modulus::new(*number);
    let (odd_part, twos) = split_twos(number);
    let passes = |mut power: Number<N>| {
        if power == *modulus.one() || power == *modulus.minus_one() {
            return true;
        }
        (1..twos).any(|_| {
            power = modulus.square(&power);
            power == *modulus.minus_one()
        })
    };
    passes(modulus.power_of_two(&odd_part))
        && (0..rounds(64 * N)).all(|_| {
            let base = random_base(&modulus, stream);
            passes(modulus.power(&base, &odd_part))
        })
}

/// A base that says something; with R as a factor it is as random as without.
fn random_base<const N: usize>(modulus: &Modulus<N>, stream: &mut Stream) -> Number<N> {
    loop {
        let base = modulus.number(random(stream));
        if base != [0; N] && base != *modulus.one() && base != *modulus.minus_one() {
            return base;
        }
    }
}

/// An odd number less 1 as an odd number and how often it is to be doubled.
fn split_twos<const N: usize>(number: &Number<N>) -> (Number<N>, u32) {
    let mut odd_part = *number;
    odd_part[0] -= 1;
    let mut twos = 0;
    while odd_part[0] == 0 && odd_part != [0; N] {
        odd_part.rotate_left(1);
        twos += u64::BITS;
    }
    let shift = odd_part[0].trailing_zeros();
    if shift > 0 && shift < u64::BITS {
        for at in 0..N {
            let above = odd_part.get(at + 1).copied().unwrap_or_default();
            odd_part[at] = odd_part[at] >> shift | above << (u64::BITS - shift);
        }
    }
    (odd_part, twos + shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream::from_seed([7; 32])
    }

    fn is_prime_number(number: u128) -> bool {
        let number = [number as u64, (number >> 64) as u64];
        is_prime(&number, &mut stream())
    }

    #[test]
    fn primes_are_told_from_composites() {
        // The largest primes of 128 bits, and what lies between them.
        let primes = [159, 173, 233];
        for below in (157..235).step_by(2) {
            assert_eq!(is_prime_number(u128::MAX - (below - 1)), primes.contains(&below), "2^128 - {below}");
        }
    }

    #[test]
    fn composites_without_small_factors_are_found() {
        // Products of two primes of 64 bits, one of them a square.
        let (p, q) = (u128::from(u64::MAX - 58), u128::from(u64::MAX - 82));
        for product in [p * q, p * p] {
            assert!(!sieve::has_small_factor(&[product as u64, (product >> 64) as u64]));
            assert!(!is_prime_number(product));
        }
        assert!(!is_probable_prime(&[p as u64 - 2], &mut stream()));
    }

    #[test]
    fn strong_pseudoprimes_to_base_two_do_not_pass() {
        let (p, q) = (2168986921_u64, 4337973841_u64);
        let modulus = Modulus::new([p * q]);
        let (odd_part, _) = split_twos(&[p * q]);
        let power = modulus.power_of_two(&odd_part);
        assert!(power == *modulus.one() || power == *modulus.minus_one(), "base 2 sees nothing");
        assert!(!is_probable_prime(&[p * q], &mut stream()));
    }

    #[test]
    fn an_rsa_prime_suits_its_purpose() {
        let mut stream = stream();
        let (p, q): (Number<4>, Number<4>) = (rsa_prime(stream.fork()), rsa_prime(stream.fork()));
        assert_ne!(p, q);
        for prime in [p, q] {
            assert_eq!(prime[3] >> 62, 3);
            assert!(is_prime(&prime, &mut stream));
            assert_ne!(&big(&prime) % sieve::EXPONENT, BigUint::from(1_u8));
        }
        assert_eq!((big(&p) * big(&q)).bits(), 512);
    }

    #[test]
    fn twos_are_split_off_across_words() {
        assert_eq!(split_twos(&[1, 0b1100]), ([0b11, 0], 66));
        assert_eq!(split_twos(&[1, 0b1101]), ([0b1101, 0], 64));
        assert_eq!(split_twos(&[0b1001, 1]), ([1 << 61 | 1, 0], 3));
    }

    #[test]
    fn words_and_numbers_are_the_same() {
        let number = BigUint::from(0x0102_0304_0506_0708_090A_u128);
        let words: Number<2> = words(&number);
        assert_eq!(words, [0x0304_0506_0708_090A, 0x0102]);
        assert_eq!(big(&words), number);
    }
}
