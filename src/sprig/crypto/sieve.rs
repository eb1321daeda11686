//! Small primes, and a sieve that leaves few candidates for the slow tests.

use std::sync::LazyLock;

use super::montgomery::Number;

/// Small primes are below this bound. A higher one costs more than the tests it saves.
const BOUND: usize = 1 << 16;

/// How many odd numbers a sieve looks at; one in 355 of 1024 bits is a prime, one in 710 of 2048.
pub const WINDOW: usize = 1 << 13;

/// The public exponent, which must have no factor in common with a prime less 1.
pub const EXPONENT: u64 = 65_537;

/// Primes whose product fits in a word, so that one division of a long number serves them all.
struct Group {
    product: u64,
    primes: Vec<u64>,
}

/// The odd primes below [`BOUND`].
static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
    let mut groups = vec![Group { product: 1, primes: Vec::new() }];
    let mut is_composite = vec![false; BOUND];
    for number in (3..BOUND).step_by(2) {
        if is_composite[number] {
            continue;
        }
        (number * number..BOUND).step_by(number).for_each(|multiple| is_composite[multiple] = true);
        let prime = number as u64;
        match groups.last_mut().and_then(|group| Some((group.product.checked_mul(prime)?, group))) {
            Some((product, group)) => {
                group.product = product;
                group.primes.push(prime);
            }
            None => groups.push(Group { product: prime, primes: vec![prime] }),
        }
    }
    groups
});

/// The remainder of a long division.
fn remainder<const N: usize>(number: &Number<N>, divisor: u64) -> u64 {
    let divisor = u128::from(divisor);
    number.iter().rev().fold(0, |rest, word| ((u128::from(rest) << 64 | u128::from(*word)) % divisor) as u64)
}

/// Whether a number has a small prime as a factor; the number must be larger than those.
pub fn has_small_factor<const N: usize>(number: &Number<N>) -> bool {
    GROUPS.iter().any(|group| {
        let rest = remainder(number, group.product);
        group.primes.iter().any(|prime| rest.is_multiple_of(*prime))
    })
}

/// Of the numbers `start + 2 * at` for `at` below [`WINDOW`], those that have no small factor and
/// that suit [`EXPONENT`]. `start` is odd.
pub fn candidates<const N: usize>(start: &Number<N>) -> impl Iterator<Item = u64> {
    let mut is_out = vec![false; WINDOW];
    let mut strike = |prime: u64, rest: u64| {
        // The way from `rest` up to a multiple of the prime, in steps of two.
        let way = (prime - rest) % prime;
        let first = if way.is_multiple_of(2) { way / 2 } else { (way + prime) / 2 };
        (first as usize..WINDOW).step_by(prime as usize).for_each(|at| is_out[at] = true);
    };
    for group in GROUPS.iter() {
        let rest = remainder(start, group.product);
        group.primes.iter().for_each(|prime| strike(*prime, rest % prime));
    }
    let rest = remainder(start, EXPONENT);
    strike(EXPONENT, (rest + EXPONENT - 1) % EXPONENT);
    is_out.into_iter().zip(0..).filter(|(is_out, _)| !is_out).map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sieve_leaves_what_has_no_small_factor() {
        let start = 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF_u128;
        let left: Vec<u64> = candidates(&[start as u64, (start >> 64) as u64]).collect();
        let is_left = |number: u128| {
            (3..BOUND as u128).step_by(2).all(|divisor| !number.is_multiple_of(divisor))
                && !(number - 1).is_multiple_of(u128::from(EXPONENT))
        };
        let expected: Vec<u64> = (0..WINDOW as u64).filter(|at| is_left(start + 2 * u128::from(*at))).collect();
        assert_eq!(left, expected);
        assert!(left.len() > 100);
    }

    #[test]
    fn small_factors_are_found_up_to_the_bound() {
        const LAST: u64 = 65_521;
        const BEYOND: u64 = 65_543;
        const LARGE: u64 = (1 << 61) - 1;
        let product = |factor: u64| {
            let product = u128::from(LARGE) * u128::from(factor);
            [product as u64, (product >> 64) as u64]
        };
        assert!(has_small_factor(&product(3)));
        assert!(has_small_factor(&product(LAST)));
        assert!(!has_small_factor(&product(BEYOND)));
    }
}
