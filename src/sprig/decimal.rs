//! `addf`, `subf`, `mulf`, `divf`: float64 operands taken as the decimals that they print as,
//! calculated exactly (quotients to 16 decimal places), and turned back into the nearest float64.

use rsa::BigUint;

use crate::golang::{cast, float};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::Any;
use crate::value::Value;

use super::call::{Outcome, fixed, variadic};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    variadic("addf", &[], Any, addf),
    fixed("add1f", &[Any], add1f),
    variadic("subf", &[Any], Any, subf),
    variadic("mulf", &[Any], Any, mulf),
    variadic("divf", &[Any], Any, divf),
];

/// Decimal places of a quotient.
const PLACES: i64 = 16;

/// `±digits * 10^exponent`.
#[derive(Clone)]
struct Decimal {
    negative: bool,
    digits: BigUint,
    exponent: i64,
}

fn addf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    fold(Decimal::of(0.0)?, args, |a, b| Ok(a.add(b)))
}

fn add1f(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Decimal::of(cast::to_float64(&args[0]))?.add(&Decimal::of(1.0)?).to_float().into())
}

fn subf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    fold(Decimal::of(cast::to_float64(&args[0]))?, &args[1..], |a, b| {
        let negated = Decimal { negative: !b.negative, ..b.clone() };
        Ok(a.add(&negated))
    })
}

fn mulf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    fold(Decimal::of(cast::to_float64(&args[0]))?, &args[1..], |a, b| Ok(a.mul(b)))
}

fn divf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    fold(Decimal::of(cast::to_float64(&args[0]))?, &args[1..], Decimal::div)
}

fn fold(
    start: Decimal,
    operands: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, CallError>,
) -> Outcome {
    let mut result = start;
    for operand in operands {
        result = operation(&result, &Decimal::of(cast::to_float64(operand))?)?;
    }
    Ok(result.to_float().into())
}

fn zero() -> BigUint {
    BigUint::from(0_u8)
}

/// `10^exponent`; the exponent stays within a few hundred per operand.
fn power(exponent: i64) -> BigUint {
    let mut result = BigUint::from(1_u8);
    let mut square = BigUint::from(10_u8);
    let mut remaining = exponent;
    while remaining > 0 {
        if remaining & 1 == 1 {
            result *= &square;
        }
        square = &square * &square;
        remaining >>= 1;
    }
    result
}

impl Decimal {
    /// The shortest decimal that reads back as `value`.
    fn of(value: f64) -> Result<Self, CallError> {
        if !value.is_finite() {
            return Err(format!("Cannot create a Decimal from {}", float::format_v(value)).into());
        }
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: String = whole.chars().filter(char::is_ascii_digit).chain(fraction.chars()).collect();
        Ok(Self {
            negative: value < 0.0,
            digits: BigUint::parse_bytes(digits.as_bytes(), 10).unwrap_or_default(),
            exponent: exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64,
        })
    }

    /// The digits for a smaller exponent.
    fn scaled(&self, exponent: i64) -> BigUint {
        &self.digits * power(self.exponent - exponent)
    }

    fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.scaled(exponent), other.scaled(exponent));
        let (negative, digits) = match (self.negative == other.negative, a < b) {
            (true, _) => (self.negative, a + b),
            (false, true) => (other.negative, b - a),
            (false, false) => (self.negative, a - b),
        };
        Self { negative, digits, exponent }
    }

    fn mul(&self, other: &Self) -> Self {
        Self {
            negative: self.negative != other.negative,
            digits: &self.digits * &other.digits,
            exponent: self.exponent + other.exponent,
        }
    }

    /// Rounds half away from zero.
    fn div(&self, other: &Self) -> Result<Self, CallError> {
        if other.digits == zero() {
            return Err("decimal division by 0".into());
        }
        // self / other = quotient * 10^-PLACES
        let shift = self.exponent - other.exponent + PLACES;
        let (dividend, divisor) = (&self.digits * power(shift.max(0)), &other.digits * power((-shift).max(0)));
        let quotient = &dividend / &divisor;
        let rest = dividend - &quotient * &divisor;
        let up = BigUint::from(u8::from(rest * 2_u8 >= divisor));
        Ok(Self { negative: self.negative != other.negative, digits: quotient + up, exponent: -PLACES })
    }

    /// The nearest float64. A decimal has no negative zero.
    fn to_float(&self) -> f64 {
        let sign = if self.negative && self.digits != zero() { "-" } else { "" };
        format!("{sign}{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }
}
