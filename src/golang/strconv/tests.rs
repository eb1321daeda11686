use super::super::table::{Differences, bits, rows, show, text};
use super::*;

fn outcome<T>(result: Result<T, NumError>, function: &str, text: &str) -> Result<T, String> {
    result.map_err(|error| error.message(function, text))
}

#[test]
fn numbers_are_read_as_go_reads_them() {
    let mut differences = Differences::default();
    for row in rows("number") {
        let text = row[0].as_str().unwrap();
        let go = |json: &serde_json::Value, at: usize| match json[at + 1].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(json[at].as_str().map_or_else(|| json[at].to_string(), str::to_owned)),
        };
        for (column, function) in [(1, "ParseInt"), (2, "ParseUint")] {
            for case in row[column].as_array().unwrap() {
                let (base, size) = (case[0].as_u64().unwrap() as u32, case[1].as_u64().unwrap() as u32);
                let ours = match column {
                    1 => parse_int(text, base, size).map(|value| value.to_string()),
                    _ => parse_uint(text, base, size).map(|value| value.to_string()),
                };
                let what = format!("{function} {text:?} {base} {size}");
                differences.compare(what, outcome(ours, function, text), go(case, 2));
            }
        }
        let ours = parse_float(text).map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() });
        let expected = go(&row[3], 0).map(|_| bits(&row[3][0]));
        let expected = expected.map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() });
        differences.compare(format_args!("ParseFloat {text:?}"), outcome(ours, "ParseFloat", text), expected);
        let ours = parse_bool(text).map(|value| value.to_string());
        differences.compare("ParseBool", outcome(ours, "ParseBool", text), go(&row[4], 0));
        let ours = atoi(text).map(|value| value.to_string());
        differences.compare("Atoi", outcome(ours, "Atoi", text), go(&row[5], 0));
    }
    differences.finish();
}

#[test]
fn strings_are_quoted_as_go_quotes_them() {
    let mut differences = Differences::default();
    for row in rows("quote") {
        let bytes = text(&row[0]);
        let what = show(&bytes);
        differences.compare(&what, quote(&bytes).as_str(), row[1].as_str().unwrap());
        let mut ascii = Vec::new();
        append_quote_to_ascii(&mut ascii, &bytes);
        differences.compare(&what, show(&ascii), show(&text(&row[2])));
        differences.compare(&what, can_backquote(&bytes), row[3].as_bool().unwrap());
        if let Ok(literal) = std::str::from_utf8(&bytes) {
            let expected = if row[4].is_null() { Err(NumError::Syntax) } else { Ok(text(&row[4])) };
            differences.compare(format_args!("unquote {what}"), unquote(literal), expected);
        }
        let first = crate::golang::utf8::chars(&bytes).next().map_or('\u{FFFD}', |(_, char)| char);
        for (ascii, column) in [(false, 5), (true, 6)] {
            let mut ours = Vec::new();
            append_quote_rune(&mut ours, first, ascii);
            differences.compare(&what, show(&ours), show(&text(&row[column])));
        }
    }
    differences.finish();
}
