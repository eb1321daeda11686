use super::*;
use std::any::Any;
use std::sync::Arc;

use crate::value::Value;

struct NoHost;

impl Host for NoHost {
    fn fill_random(&mut self, _site: &Site, buffer: &mut [u8]) {
        buffer.fill(0);
    }

    fn now(&mut self, _site: &Site) -> (i64, u32) {
        (0, 0)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

fn render(text: &str, data: &Value) -> String {
    let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[])));
    if let Err(error) = set.parse("t", text) {
        return error.to_string();
    }
    match set.execute("t", data, &mut NoHost, &Options::default()) {
        Ok(out) => String::from_utf8(out).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_template_is_text_with_actions() {
    let data = Value::map([("a", Value::map([("b", Value::Float(3.0))])), ("l", Value::strings(["x", "y"]))]);
    assert_eq!(render("1{{- /* c */ -}} 2 {{ .a.b }}", &data), "12 3");
    assert_eq!(render("{{ range $i, $e := .l }}{{ $i }}={{ $e }};{{ else }}none{{ end }}", &data), "0=x;1=y;");
    assert_eq!(render("{{ define \"d\" }}<{{ . }}>{{ end }}{{ template \"d\" .a.b }}", &data), "<3>");
    assert_eq!(
        render("{{ .a.b.c }}", &data),
        "template: t:1:5: executing \"t\" at <.a.b.c>: can't evaluate field c in type interface {}"
    );
    assert_eq!(render("{{ $x }}", &data), "template: t:1: undefined variable \"$x\"");
}
