//! Numbers: conversions as spf13/cast does them (failures are 0), int64 arithmetic that wraps,
//! float64 arithmetic, and sequences.

use crate::golang::{cast, fmt, strconv};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Float64, Int, Str as Text};
use crate::value::{List, ListType, Value};

use super::call::{MAX_ITEMS, Outcome, fixed, float, int, text, variadic, within};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("atoi", &[Text], atoi),
    fixed("int", &[Any], to_int),
    fixed("int64", &[Any], to_int64),
    fixed("float64", &[Any], to_float64),
    fixed("toDecimal", &[Any], to_decimal),
    variadic("add", &[], Any, add),
    fixed("add1", &[Any], add1),
    fixed("sub", &[Any, Any], sub),
    variadic("mul", &[Any], Any, mul),
    fixed("div", &[Any, Any], div),
    fixed("mod", &[Any, Any], modulo),
    variadic("max", &[Any], Any, max),
    variadic("biggest", &[Any], Any, max),
    variadic("min", &[Any], Any, min),
    variadic("maxf", &[Any], Any, maxf),
    variadic("minf", &[Any], Any, minf),
    fixed("ceil", &[Any], ceil),
    fixed("floor", &[Any], floor),
    variadic("round", &[Any, Int], Float64, round),
    fixed("until", &[Int], until),
    fixed("untilStep", &[Int, Int, Int], until_step),
    variadic("seq", &[], Int, seq),
];

fn atoi(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let digits = text(args, 0).to_str_lossy();
    Ok(Value::int(strconv::atoi(&digits).unwrap_or_else(|error| match error {
        // Go gives the nearest number along with this error.
        strconv::NumError::Range if digits.starts_with('-') => i64::MIN,
        strconv::NumError::Range => i64::MAX,
        strconv::NumError::Syntax => 0,
    })))
}

fn to_int(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int(cast::to_int64(&args[0])))
}

fn to_int64(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(cast::to_int64(&args[0])))
}

fn to_float64(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(cast::to_float64(&args[0]).into())
}

/// Reads octal digits.
fn to_decimal(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let digits = fmt::sprint(args);
    let parsed = std::str::from_utf8(&digits).ok().and_then(|digits| strconv::parse_int(digits, 8, 64).ok());
    Ok(Value::int64(parsed.unwrap_or(0)))
}

fn add(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(args.iter().map(cast::to_int64).fold(0, i64::wrapping_add)))
}

fn add1(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(cast::to_int64(&args[0]).wrapping_add(1)))
}

fn sub(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(cast::to_int64(&args[0]).wrapping_sub(cast::to_int64(&args[1]))))
}

fn mul(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(args.iter().map(cast::to_int64).fold(1, i64::wrapping_mul)))
}

/// Both operands, the second of which divides.
fn division(args: &[Value]) -> Result<(i64, i64), CallError> {
    match cast::to_int64(&args[1]) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok((cast::to_int64(&args[0]), divisor)),
    }
}

fn div(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (dividend, divisor) = division(args)?;
    Ok(Value::int64(dividend.wrapping_div(divisor)))
}

fn modulo(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (dividend, divisor) = division(args)?;
    Ok(Value::int64(dividend.wrapping_rem(divisor)))
}

fn max(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(args.iter().map(cast::to_int64).max().unwrap_or(0)))
}

fn min(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int64(args.iter().map(cast::to_int64).min().unwrap_or(0)))
}

fn maxf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let larger = |a: f64, b: f64| match (a, b) {
        _ if a == f64::INFINITY || b == f64::INFINITY => f64::INFINITY,
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        _ if a == 0.0 && b == 0.0 => a + b,
        _ => a.max(b),
    };
    Ok(args.iter().map(cast::to_float64).reduce(larger).unwrap_or(0.0).into())
}

fn minf(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let smaller = |a: f64, b: f64| match (a, b) {
        _ if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY => f64::NEG_INFINITY,
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        _ if a == 0.0 && b == 0.0 => -(-a + -b),
        _ => a.min(b),
    };
    Ok(args.iter().map(cast::to_float64).reduce(smaller).unwrap_or(0.0).into())
}

fn ceil(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(cast::to_float64(&args[0]).ceil().into())
}

fn floor(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(cast::to_float64(&args[0]).floor().into())
}

/// Rounds up from the given fraction (0.5) on, so negative numbers go down unless they are whole.
fn round(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let up_from = if args.len() > 2 { float(args, 2) } else { 0.5 };
    let power = power_of_ten(int(args, 1));
    let digits = power * cast::to_float64(&args[0]);
    let fraction = if digits.is_infinite() { f64::NAN } else { digits.fract() };
    let whole = if fraction >= up_from { digits.ceil() } else { digits.floor() };
    Ok((whole / power).into())
}

/// Go's `math.Pow(10, exponent)`: repeated squaring of the mantissa, whose last bit is not always
/// that of the nearest number.
fn power_of_ten(exponent: i64) -> f64 {
    // 10 is 0.625 * 2^4.
    let (mut mantissa, mut binary) = (0.625, 4_i64);
    let (mut product, mut shift) = (1.0, 0_i64);
    let mut remaining = exponent.unsigned_abs();
    while remaining != 0 {
        if binary > 1 << 12 {
            shift += binary;
            break;
        }
        if remaining & 1 == 1 {
            product *= mantissa;
            shift += binary;
        }
        mantissa *= mantissa;
        binary <<= 1;
        if mantissa < 0.5 {
            mantissa += mantissa;
            binary -= 1;
        }
        remaining >>= 1;
    }
    if exponent < 0 {
        product = 1.0 / product;
        shift = -shift;
    }
    // Two steps, so that the factors stay in range and only the last multiplication rounds.
    let shift = shift.clamp(-2200, 2200) as i32;
    product * 2f64.powi(shift / 2) * 2f64.powi(shift - shift / 2)
}

/// Go's `[]int`.
fn ints(numbers: Vec<i64>) -> Value {
    List::appended(ListType::Int, numbers.into_iter().map(Value::int).collect()).into()
}

fn until(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let count = int(args, 0);
    let numbers = steps(0, count, if count < 0 { -1 } else { 1 })?;
    charged(call, numbers)
}

fn until_step(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let numbers = steps(int(args, 0), int(args, 1), int(args, 2))?;
    charged(call, numbers)
}

/// A list, after paying for its length: loops within loops make many of them.
fn charged(call: &mut Call<'_>, numbers: Vec<i64>) -> Outcome {
    call.exec.charge(numbers.len() as u64 / 8)?;
    Ok(ints(numbers))
}

/// The numbers from `start` to before `stop`; none when `step` leads away.
fn steps(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, CallError> {
    let leads = if stop < start { step < 0 } else { step > 0 };
    if !leads {
        return Ok(Vec::new());
    }
    let count = start.abs_diff(stop).div_ceil(step.unsigned_abs());
    within(MAX_ITEMS, usize::try_from(count).unwrap_or(usize::MAX), "items")?;
    Ok((0..count as i64).map(|index| start + index * step).collect())
}

fn seq(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let params: Vec<i64> = (0..args.len()).map(|index| int(args, index)).collect();
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let numbers = match params[..] {
        [end] => steps(1, end.saturating_add(direction(1, end)), direction(1, end))?,
        [start, end] => steps(start, end.saturating_add(direction(start, end)), direction(start, end))?,
        [start, step, end] => steps(start, end.saturating_add(direction(start, end)), step)?,
        _ => Vec::new(),
    };
    call.exec.charge(numbers.len() as u64)?;
    let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(words.join(" ").into())
}
