//! Texts that templates have executed (`tpl`), and output captured by functions (`include`).

use super::*;

fn render(text: &str) -> String {
    execute(text, &data(), &Options::default()).unwrap()
}

#[test]
fn text_sees_the_templates_around_it() {
    assert_eq!(
        render(r#"{{ define "d" }}<{{ . }}>{{ end }}{{ tpl "{{ template \"d\" .s }}{{ include \"d\" 1 }}" . }}"#),
        "<text><1>"
    );
}

#[test]
fn definitions_in_text_are_gone_after_it() {
    let text = r#"{{ define "d" }}old{{ end }}{{ tpl "{{ define \"d\" }}new{{ end }}{{ template \"d\" }}" . }} {{ template "d" }}"#;
    assert_eq!(render(text), "new old");
    let error = fails(r#"{{ tpl "{{ define \"only\" }}x{{ end }}{{ 1 }}" . }}{{ include "only" . }}"#, &data());
    assert!(error.to_string().ends_with("no template \"only\" associated with template \"gotpl\""), "{error}");
}

#[test]
fn a_blank_definition_in_text_replaces_nothing() {
    let text = r#"{{ define "d" }}old{{ end }}{{ tpl "{{ define \"d\" }} {{ end }}{{ template \"d\" }}" . }}"#;
    assert_eq!(render(text), "old");
}

#[test]
fn blank_text_is_executed() {
    assert_eq!(render(r#"[{{ tpl " {{/* c */}} " . }}{{ tpl "plain" . }}{{ tpl "" . }}]"#), "[  plain]");
}

#[test]
fn text_executes_text() {
    let text = r#"{{ define "d" }}outer{{ end }}{{ tpl "{{ define \"e\" }}inner{{ end }}{{ tpl `{{ template \"d\" }} {{ template \"e\" }}` . }}" . }}"#;
    assert_eq!(render(text), "outer inner");
}

#[test]
fn a_template_called_from_text_sees_the_definitions_of_the_text() {
    let text = r#"{{ define "a" }}{{ template "b" }}{{ end }}{{ define "b" }}old{{ end }}{{ tpl "{{ define \"b\" }}new{{ end }}{{ template \"a\" }}" . }}{{ template "a" }}"#;
    assert_eq!(render(text), "newold");
}

#[test]
fn errors_in_text() {
    let error = fails(r#"{{ tpl "{{ nope }}" . }}"#, &data());
    assert_eq!(
        error.to_string(),
        "template: t:1:3: executing \"t\" at <tpl \"{{ nope }}\" .>: error calling tpl: \
         cannot parse: template: gotpl:1: function \"nope\" not defined"
    );
    let error = fails("x\n{{ tpl \"\\n{{ .a.b.c.d }}\" . }}", &data());
    assert_eq!(
        error.to_string(),
        "template: t:2:3: executing \"t\" at <tpl \"\\n{{ .a.b.c.d }}\" .>: error calling tpl: in text: \
         template: gotpl:2:5: executing \"gotpl\" at <.a.b.c.d>: can't evaluate field d in type interface {}"
    );
    let innermost = error.innermost();
    assert_eq!((&*innermost.template, innermost.line, innermost.reads.len()), ("gotpl", 2, 4));
}

#[test]
fn captured_output_is_not_printed_twice() {
    let text = r#"a{{ define "i" }}b{{ include "j" . }}d{{ end }}{{ define "j" }}c{{ end }}{{ include "i" . | len }}{{ include "i" . }}e"#;
    assert_eq!(render(text), "a3bcde");
}

#[test]
fn variables_are_those_of_the_own_template() {
    let text = r#"{{ $x := 1 }}{{ range 2 }}{{ $y := . }}{{ include "i" $y }}{{ $x }}{{ $y }};{{ end }}{{ define "i" }}{{ $x := 7 }}{{ $z := 8 }}{{ $x }}{{ $z }}{{ . }}{{ end }}"#;
    assert_eq!(render(text), "78010;78111;");
}
