use super::float;
use super::table::{Differences, bits, rows};

#[test]
fn floats_are_written_as_go_writes_them() {
    let mut differences = Differences::default();
    for row in rows("float") {
        let value = bits(&row[0]);
        differences.compare("%v", float::format_v(value).as_str(), row[1].as_str().unwrap());
        if let Some(json) = row[2].as_str() {
            differences.compare("json", float::format_json(value).as_str(), json);
        }
        for form in row[3].as_array().unwrap() {
            let (verb, precision) = (form[0].as_str().unwrap(), form[1].as_i64().unwrap());
            let ours = float::format(value, verb.as_bytes()[0], precision as i32);
            differences.compare(format_args!("{verb} {precision}"), ours.as_str(), form[2].as_str().unwrap());
        }
        differences.compare("32 bits", float::format_g32(value as f32).as_str(), row[4].as_str().unwrap());
    }
    differences.finish();
}
