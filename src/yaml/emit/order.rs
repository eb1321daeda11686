//! The order of keys: go-yaml's natural one, where `a2` stands before `a10`.

use std::cmp::Ordering;

use super::Dialect;

/// Sorts entries by key. A merge sort of our own, because go-yaml's comparison is not transitive
/// for all texts, and the library's sort may refuse such an order.
pub(super) fn sort_by_key<T>(entries: &mut Vec<T>, dialect: Dialect, key: impl Fn(&T) -> &[u8] + Copy) {
    if entries.len() < 2 {
        return;
    }
    let less = |a: &T, b: &T| compare(key(a), key(b), dialect) == Ordering::Less;
    if entries.windows(2).all(|pair| !less(&pair[1], &pair[0])) {
        return;
    }
    let mut right = entries.split_off(entries.len() / 2);
    sort_by_key(entries, dialect, key);
    sort_by_key(&mut right, dialect, key);
    let mut merged = Vec::with_capacity(entries.len() + right.len());
    let (mut left, mut right) = (std::mem::take(entries).into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if less(b, a) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    *entries = merged;
}

fn compare(a: &[u8], b: &[u8], dialect: Dialect) -> Ordering {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    if a.is_ascii() && b.is_ascii() {
        let rune = |byte: &u8| char::from(*byte);
        return compare_from(a, b, same, rune, dialect);
    }
    let (a, b): (Vec<char>, Vec<char>) =
        (String::from_utf8_lossy(a).chars().collect(), String::from_utf8_lossy(b).chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    compare_from(&a, &b, same, |rune| *rune, dialect)
}

/// Compares texts whose first difference is at `at`.
fn compare_from<T>(a: &[T], b: &[T], at: usize, rune: impl Fn(&T) -> char, dialect: Dialect) -> Ordering {
    let (Some(x), Some(y)) = (a.get(at).map(&rune), b.get(at).map(&rune)) else { return a.len().cmp(&b.len()) };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (false, false) => {}
        (x_letter, _) => {
            let after_digits = at > 0 && is_digit(rune(&a[at - 1]));
            let x_last = if !dialect.is_v2() && after_digits { !x_letter } else { x_letter };
            return if x_last { Ordering::Greater } else { Ordering::Less };
        }
    }
    let mut start = 0;
    if x == '0' || y == '0' {
        let before = a[..at].iter().rev().map(&rune).take_while(|rune| is_digit(*rune));
        start = i64::from(before.into_iter().any(|rune| rune != '0'));
    }
    let run = |runes: &[T]| {
        let mut value = start;
        let mut len = 0;
        for rune in runes[at..].iter().map(&rune).take_while(|rune| is_digit(*rune)) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(u32::from(rune)) - i64::from(u32::from('0')));
            len += 1;
        }
        (value, len)
    };
    run(a).cmp(&run(b)).then(x.cmp(&y))
}

/// Decimal digits: ASCII, and those of the scripts in common use, each a run of ten.
fn is_digit(rune: char) -> bool {
    const ZEROS: [u32; 14] =
        [0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xFF10];
    rune.is_ascii_digit() || ZEROS.iter().any(|zero| (*zero..zero + 10).contains(&u32::from(rune)))
}
