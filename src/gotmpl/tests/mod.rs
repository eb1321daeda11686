mod library;
mod limits;
mod table;
mod text;

use super::*;
use std::any::Any;
use std::sync::Arc;

use crate::value::{Frozen, Value};

struct NoHost;

impl Host for NoHost {
    fn fill_random(&mut self, _site: &Site, buffer: &mut [u8]) -> Result<(), CallError> {
        buffer.fill(0);
        Ok(())
    }

    fn now(&mut self, _site: &Site) -> Result<(i64, u32), CallError> {
        Ok((0, 0))
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

fn set(text: &str) -> TemplateSet {
    let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[library::TABLE])));
    set.parse("t", text).unwrap();
    set
}

fn execute(text: &str, data: &Value, options: &Options) -> Result<String, Box<ExecError>> {
    set(text).execute("t", data, &mut NoHost, options).map(|out| String::from_utf8(out).unwrap())
}

fn fails(text: &str, data: &Value) -> ExecError {
    let options = Options { missing_key: MissingKey::Zero, ..Options::default() };
    *execute(text, data, &options).unwrap_err()
}

/// `{a: {b: {c: 1}}, l: [{x: 1}], s: text}`.
fn data() -> Value {
    let c = Frozen::map(vec![("c".into(), Frozen::Float(1.0))]);
    let item = Frozen::map(vec![("x".into(), Frozen::Float(1.0))]);
    let root = vec![
        ("a".into(), Frozen::map(vec![("b".into(), c)])),
        ("l".into(), Frozen::list(vec![item])),
        ("s".into(), Frozen::str("text")),
    ];
    Value::from(&Frozen::map(root))
}

#[test]
fn sets_are_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let set = set("{{ .a.b.c }}");
    shared(&set);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(set.execute("t", &data(), &mut NoHost, &Options::default()).unwrap(), b"1"));
        }
    });
}

#[test]
fn later_tables_win_over_earlier_ones_and_over_builtins() {
    static OWN: &[Func] =
        &[Func { name: "slice", signature: crate::value::Signature::fixed(&[]), run: |_, _| Ok(Value::str("own")) }];
    let table = FuncTable::new(&[library::TABLE, OWN]);
    assert!(table.names().any(|name| name == "urlquery"));
    assert!(table.names().is_sorted());
    let mut set = TemplateSet::new("gotpl", Arc::new(table));
    set.parse("t", "{{ slice }}").unwrap();
    assert_eq!(set.execute("t", &Value::Nil, &mut NoHost, &Options::default()).unwrap(), b"own");
}

#[test]
fn parse_errors_have_a_line_and_a_range() {
    let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[])));
    let error = set.parse("dir/t.yaml", "a\n{{ nope 1 }}").unwrap_err();
    assert_eq!(error.to_string(), "template: dir/t.yaml:2: function \"nope\" not defined");
    assert_eq!((error.line, error.range.clone()), (2, 5..9));
    assert_eq!(error.unclosed, None);
    assert!(!set.contains("dir/t.yaml"), "nothing of a text with an error is taken in");
}

#[test]
fn parse_errors_say_what_was_not_closed() {
    let unclosed = |text: &str| {
        let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[])));
        set.parse("t", text).unwrap_err().unclosed
    };
    assert_eq!(unclosed("a: 1\nb: {{ .b\nc: 2"), Some(Unclosed::Action(8..10)));
    assert_eq!(unclosed("a\n{{- if 1 }}{{ if 2 }}{{ end }}\n{{ 3 }}"), Some(Unclosed::Block(2..4)));
    assert_eq!(unclosed("{{ if 1 }}\n{{ else if 2 }}\n{{ range 3 }}{{ end }}"), Some(Unclosed::Block(11..13)));
    assert_eq!(unclosed("x{{ define \"d\" }}\n{{ 3 }}"), Some(Unclosed::Block(1..3)));
    assert_eq!(unclosed("{{ block \"d\" . }}\n{{ range 3 }}{{ end }}"), Some(Unclosed::Block(0..2)));
}

#[test]
fn a_template_that_does_not_exist() {
    let error = set("x").execute("y", &Value::Nil, &mut NoHost, &Options::default()).unwrap_err();
    assert_eq!(error.to_string(), "template: no template \"y\" associated with template \"gotpl\"");
}

#[test]
fn errors_say_which_data_was_read() {
    let reads = |text: &str| {
        let error = fails(text, &data());
        let fields: Vec<String> = error.innermost().reads.iter().map(ToString::to_string).collect();
        fields.join(".")
    };
    assert_eq!(reads("{{ .a.b.c.d }}"), "a.b.c.d");
    assert_eq!(reads("{{ range .l }}{{ $.a.q.r }}{{ end }}"), "a.q.r");
    assert_eq!(reads("{{ str .a.b }}"), "a.b");
    assert_eq!(reads("{{ .a.b | str }}"), "a.b");
    assert_eq!(reads("{{ fails .s }}"), "s");
    assert_eq!(reads("{{ .s | fails }}"), "s");
    assert_eq!(reads("{{ with .a }}{{ with .b }}{{ .c.d }}{{ end }}{{ end }}"), "a.b.c.d");
    assert_eq!(reads("{{ with $.a }}{{ .b.c.d }}{{ end }}"), "a.b.c.d");
    assert_eq!(reads("{{ (.a.b).c.d }}"), "a.b", "Go names the inner expression");
    assert_eq!(reads("{{ range .l }}{{ .x.y }}{{ end }}"), "", "an element has no path");
    assert_eq!(reads("{{ $x := .a }}{{ $x.b.c.d }}"), "");
    assert_eq!(reads("{{ include \"i\" . }}{{ define \"i\" }}{{ .a.b.c.d }}{{ end }}"), "a.b.c.d");
    assert_eq!(reads("{{ template \"i\" . }}{{ define \"i\" }}{{ .a.b.c.d }}{{ end }}"), "a.b.c.d");
    assert_eq!(reads("{{ include \"i\" .a }}{{ define \"i\" }}{{ .b.c.d }}{{ end }}"), "", "not the root data");
    assert_eq!(reads("{{ with .a }}{{ template \"i\" . }}{{ end }}{{ define \"i\" }}{{ .b.c.d }}{{ end }}"), "");
    assert_eq!(reads("{{ with .a }}{{ template \"i\" $ }}{{ end }}{{ define \"i\" }}{{ .a.c.d }}{{ end }}"), "a.c.d");
}

#[test]
fn what_templates_do_to_shared_values_lasts_for_the_run() {
    let mut set = set("{{ set .a \"new\" 1 | len }}");
    set.parse("u", "{{ .a.new }}").unwrap();
    let (data, mut host) = (data(), NoHost);
    let mut run = set.run(&Options::default(), &mut host);
    assert_eq!(run.execute("t", &data).unwrap(), b"2");
    assert_eq!(run.execute("u", &data).unwrap(), b"1");
}
