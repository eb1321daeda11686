/// An element of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    Offset(OffsetStyle),
    Fraction { separator: u8, digits: usize, trim: bool },
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OffsetStyle {
    /// Zero is `Z`.
    pub z: bool,
    pub colons: bool,
    pub minutes: bool,
    pub seconds: bool,
}

/// Splits a layout at its first element: what stands before, the element, what follows.
pub(super) fn next_element(layout: &str) -> (&str, Option<Element>, &str) {
    for at in 0..layout.len() {
        let Some(rest) = layout.get(at..) else { continue };
        if let Some((skipped, length, element)) = element(rest) {
            return (&layout[..at + skipped], Some(element), &layout[at + skipped + length..]);
        }
    }
    (layout, None, "")
}

/// The element that begins here: bytes to skip before it, its length.
fn element(text: &str) -> Option<(usize, usize, Element)> {
    let bytes = text.as_bytes();
    let fixed = |written: &str, element: Element| text.starts_with(written).then_some((0, written.len(), element));
    let word = |written: &str, element: Element| {
        let found = fixed(written, element)?;
        (!bytes.get(written.len()).is_some_and(u8::is_ascii_lowercase)).then_some(found)
    };
    match bytes[0] {
        b'J' => fixed("January", Element::LongMonth).or_else(|| word("Jan", Element::Month)),
        b'M' => fixed("Monday", Element::LongWeekDay)
            .or_else(|| word("Mon", Element::WeekDay))
            .or_else(|| fixed("MST", Element::ZoneName)),
        b'0' => match bytes.get(1)? {
            b'1' => Some((0, 2, Element::ZeroMonth)),
            b'2' => Some((0, 2, Element::ZeroDay)),
            b'3' => Some((0, 2, Element::ZeroHour12)),
            b'4' => Some((0, 2, Element::ZeroMinute)),
            b'5' => Some((0, 2, Element::ZeroSecond)),
            b'6' => Some((0, 2, Element::Year)),
            _ => fixed("002", Element::ZeroYearDay),
        },
        b'1' => fixed("15", Element::Hour).or_else(|| fixed("1", Element::NumMonth)),
        b'2' => fixed("2006", Element::LongYear).or_else(|| fixed("2", Element::Day)),
        b'_' if text.starts_with("_2006") => Some((1, 4, Element::LongYear)),
        b'_' => fixed("_2", Element::UnderDay).or_else(|| fixed("__2", Element::UnderYearDay)),
        b'3' => fixed("3", Element::Hour12),
        b'4' => fixed("4", Element::Minute),
        b'5' => fixed("5", Element::Second),
        b'P' => fixed("PM", Element::UpperPm),
        b'p' => fixed("pm", Element::LowerPm),
        b'-' | b'Z' => offset(text),
        b'.' | b',' => {
            let digit = bytes.get(1).copied().filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = bytes[1..].iter().take_while(|byte| **byte == digit).count();
            let ends = !bytes.get(1 + digits).is_some_and(u8::is_ascii_digit);
            ends.then_some((0, 1 + digits, Element::Fraction { separator: bytes[0], digits, trim: digit == b'9' }))
        }
        _ => None,
    }
}

fn offset(text: &str) -> Option<(usize, usize, Element)> {
    let style = |colons, minutes, seconds| OffsetStyle { z: text.starts_with('Z'), colons, minutes, seconds };
    let forms = [
        ("070000", style(false, true, true)),
        ("07:00:00", style(true, true, true)),
        ("0700", style(false, true, false)),
        ("07:00", style(true, true, false)),
        ("07", style(false, false, false)),
    ];
    let (written, style) = forms.into_iter().find(|(written, _)| text[1..].starts_with(written))?;
    Some((0, 1 + written.len(), Element::Offset(style)))
}
