use super::{is_email, is_request_url, is_url};

/// Each line: a text, and what Go's library says of it as request URL, URL and address of mail.
#[test]
fn judgements_are_those_of_the_library() {
    let table = include_str!("../../../testdata/golang/validator.tsv");
    for line in table.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [text, request, url, email] = fields.as_slice() else { panic!("four fields: {line}") };
        let text = text.replace("\\t", "\t").replace("\\n", "\n");
        let judged = [is_request_url(&text), is_url(&text), is_email(&text)].map(|judged| judged.to_string());
        assert_eq!(judged, [*request, *url, *email], "{text:?}");
    }
}
