//! Arithmetic modulo one odd number of fixed size, by Montgomery's method: a product costs two
//! multiplications and no division. Numbers are words, lowest first; inside they stand multiplied
//! by R, which is 2 to the number of bits.

/// A number of `N` words, the lowest first.
pub type Number<const N: usize> = [u64; N];

/// The most words of a number.
const MAX_WORDS: usize = 32;

/// A modulus, and what its arithmetic needs.
pub struct Modulus<const N: usize> {
    modulus: Number<N>,
    /// The inverse of the negated modulus modulo 2^64.
    inverse: u64,
    /// 1.
    one: Number<N>,
    /// The modulus less 1.
    minus_one: Number<N>,
}

impl<const N: usize> Modulus<N> {
    /// Takes an odd number whose highest bit is set.
    pub fn new(modulus: Number<N>) -> Self {
        const { assert!(0 < N && N <= MAX_WORDS) };
        debug_assert!(modulus[0] & 1 == 1 && modulus[N - 1] >> 63 == 1);
        // An odd number is its own inverse modulo 8; each of Newton's steps doubles the good bits.
        let inverse = (0..5)
            .fold(modulus[0], |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(inverse))));
        let (one, _) = difference(&[0; N], &modulus);
        let (minus_one, _) = difference(&modulus, &one);
        Self { modulus, inverse: inverse.wrapping_neg(), one, minus_one }
    }

    /// 1.
    pub fn one(&self) -> &Number<N> {
        &self.one
    }

    /// The modulus less 1.
    pub fn minus_one(&self) -> &Number<N> {
        &self.minus_one
    }

    /// A number that stands for any words.
    pub fn number(&self, words: Number<N>) -> Number<N> {
        self.reduced_once(words, 0)
    }

    /// Twice a number.
    pub fn double(&self, number: &Number<N>) -> Number<N> {
        let mut top = 0;
        let twice = number.map(|word| {
            let shifted = word << 1 | top;
            top = word >> 63;
            shifted
        });
        self.reduced_once(twice, top)
    }

    /// The product of two numbers.
    pub fn product(&self, left: &Number<N>, right: &Number<N>) -> Number<N> {
        let mut whole = [0; 2 * MAX_WORDS];
        for (at, factor) in left.iter().enumerate() {
            whole[at + N] = add_multiple(&mut whole[at..at + N], *factor, right);
        }
        self.reduced(&mut whole)
    }

    /// The square of a number, cheaper than a product.
    pub fn square(&self, number: &Number<N>) -> Number<N> {
        let mut whole = [0; 2 * MAX_WORDS];
        // Each product of two different words counts twice.
        for (at, factor) in number.iter().enumerate() {
            whole[at + N] = add_multiple(&mut whole[2 * at + 1..at + N], *factor, &number[at + 1..]);
        }
        let (mut top, mut carry) = (0, false);
        for (pair, word) in whole.chunks_exact_mut(2).zip(number) {
            let square = u128::from(*word) * u128::from(*word);
            for (place, square) in pair.iter_mut().zip([square as u64, (square >> 64) as u64]) {
                let twice = *place << 1 | top;
                top = *place >> 63;
                (*place, carry) = twice.carrying_add(square, carry);
            }
        }
        self.reduced(&mut whole)
    }

    /// A number to the power of plain words.
    pub fn power(&self, base: &Number<N>, exponent: &Number<N>) -> Number<N> {
        const WINDOW: u32 = 4;
        let mut powers = [self.one; 1 << WINDOW];
        for at in 1..powers.len() {
            powers[at] = self.product(&powers[at - 1], base);
        }
        let mut result = self.one;
        for word in exponent.iter().rev() {
            for shift in (0..u64::BITS).step_by(WINDOW as usize).rev() {
                for _ in 0..WINDOW {
                    result = self.square(&result);
                }
                match word >> shift & ((1 << WINDOW) - 1) {
                    0 => {}
                    digit => result = self.product(&result, &powers[digit as usize]),
                }
            }
        }
        result
    }

    /// 2 to the power of plain words.
    pub fn power_of_two(&self, exponent: &Number<N>) -> Number<N> {
        let mut result = self.one;
        for word in exponent.iter().rev() {
            for shift in (0..u64::BITS).rev() {
                result = self.square(&result);
                if word >> shift & 1 == 1 {
                    result = self.double(&result);
                }
            }
        }
        result
    }

    /// Divides a number of `2 * N` words by R.
    #[inline(always)]
    fn reduced(&self, whole: &mut [u64; 2 * MAX_WORDS]) -> Number<N> {
        let mut top = false;
        for at in 0..N {
            // A multiple of the modulus makes the lowest word 0.
            let factor = whole[at].wrapping_mul(self.inverse);
            let carry = add_multiple(&mut whole[at..at + N], factor, &self.modulus);
            (whole[at + N], top) = whole[at + N].carrying_add(carry, top);
        }
        let mut high = [0; N];
        high.copy_from_slice(&whole[N..2 * N]);
        self.reduced_once(high, u64::from(top))
    }

    /// A number below twice the modulus, whose word above the others is `top`, brought below it.
    #[inline(always)]
    fn reduced_once(&self, number: Number<N>, top: u64) -> Number<N> {
        let (less, is_negative) = difference(&number, &self.modulus);
        if top == 0 && is_negative { number } else { less }
    }
}

/// Adds `factor` times `other` to as many words. Gives what goes into the next word.
#[inline(always)]
fn add_multiple(words: &mut [u64], factor: u64, other: &[u64]) -> u64 {
    let mut carry = 0;
    for (word, other) in words.iter_mut().zip(other) {
        (*word, carry) = factor.carrying_mul_add(*other, *word, carry);
    }
    carry
}

/// The difference, and whether it is negative.
#[inline(always)]
fn difference<const N: usize>(left: &Number<N>, right: &Number<N>) -> (Number<N>, bool) {
    let (mut out, mut borrow) = ([0; N], false);
    for ((out, left), right) in out.iter_mut().zip(left).zip(right) {
        (*out, borrow) = left.borrowing_sub(*right, borrow);
    }
    (out, borrow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsa::BigUint;

    use super::*;

    fn big<const N: usize>(number: &Number<N>) -> BigUint {
        BigUint::from_bytes_le(&number.map(u64::to_le_bytes).concat())
    }

    /// What words stand for.
    fn plain<const N: usize>(modulus: &Modulus<N>, number: &Number<N>) -> BigUint {
        let mut unit = [0; N];
        unit[0] = 1;
        big(&modulus.product(number, &unit))
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_big_numbers(
            words in any::<[u64; 5]>(), left in any::<[u64; 5]>(), right in any::<[u64; 5]>(),
        ) {
            let mut words = words;
            words[0] |= 1;
            words[4] |= 1 << 63;
            let m = Modulus::new(words);
            let n = big(&words);
            let (left, right) = (m.number(left), m.number(right));
            let (a, b) = (plain(&m, &left), plain(&m, &right));
            prop_assert_eq!(plain(&m, &m.product(&left, &right)), &a * &b % &n);
            prop_assert_eq!(plain(&m, &m.square(&left)), &a * &a % &n);
            prop_assert_eq!(plain(&m, &m.double(&left)), &a * 2_u8 % &n);
            prop_assert_eq!(plain(&m, &m.power(&left, &right)), a.modpow(&big(&right), &n));
            prop_assert_eq!(plain(&m, &m.power_of_two(&right)), BigUint::from(2_u8).modpow(&big(&right), &n));
            prop_assert_eq!(plain(&m, m.one()), BigUint::from(1_u8));
            prop_assert_eq!(plain(&m, m.minus_one()), &n - 1_u8);
        }
    }

    #[test]
    fn carries_reach_the_highest_word() {
        let m = Modulus::new([u64::MAX; 4]);
        let n = big(&[u64::MAX; 4]);
        let largest = *m.minus_one();
        assert_eq!(plain(&m, &m.square(&largest)), BigUint::from(1_u8));
        let high = m.number([u64::MAX - 1, u64::MAX, u64::MAX, u64::MAX]);
        let a = plain(&m, &high);
        assert_eq!(plain(&m, &m.square(&high)), &a * &a % &n);
        assert_eq!(plain(&m, &m.product(&high, &high)), &a * &a % &n);
    }
}
