use super::*;
use crate::span::{Source, Span};
use crate::value::Frozen;

fn variables() -> Variables {
    let text = |key: &str, value: &str| (key.into(), Frozen::str(value));
    let labels = Frozen::map(vec![text("stage", "prod"), text("a/b", "slash")]);
    let vars = Frozen::map(vec![text("domain", "example.com"), ("n".into(), Frozen::Float(2.0))]);
    Variables::new(
        vec![text("stage", "prod"), ("labels".into(), labels), ("vars".into(), vars)],
        "the cluster `c` has no such label",
    )
}

fn value(expression: &str) -> Result<Frozen, String> {
    let source = Source::new("f", format!("when: {expression}"));
    let place = Span::new(&source, 6..source.text().len());
    evaluate(expression, 0..expression.len(), &place, &variables()).map_err(|problem| {
        format!("{problem}{}", problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})")))
    })
}

#[test]
fn expressions_see_the_variables() {
    for expression in [
        "stage == 'prod'",
        "stage in ['prod', 'dev'] and vars.n > 1",
        "labels['a/b'] == 'slash'",
        "gone is not defined",
        "gone is defined == false",
        "labels.gone is undefined and labels['x/y'] is not defined",
        "(gone | default('x')) == 'x'",
        "vars.gone|d(1) == 1",
        "range(2) | length == 2",
    ] {
        assert_eq!(value(expression), Ok(Frozen::Bool(true)), "{expression}");
    }
}

#[test]
fn a_name_that_is_not_there_is_an_error_at_its_place() {
    let cases = [
        (
            "stge == 'prod'",
            "f:1:7: error[expression.undefined]: `stge` is not defined: the cluster `c` has no such label (did you mean `stage`?)",
        ),
        (
            "'x' != labels.stag",
            "f:1:14: error[expression.undefined]: `labels.stag` is not defined: the cluster `c` has no such label (did you mean `stage`?)",
        ),
        (
            "labels['q/q'] == 1",
            "f:1:15: error[expression.undefined]: `labels.q/q` is not defined: the cluster `c` has no such label (there are: a/b, stage)",
        ),
        (
            "vars.domian",
            "f:1:7: error[expression.undefined]: `vars.domian` is not defined: `vars` has no key `domian` (did you mean `domain`?)",
        ),
        (
            "region is defined and regoin == 1 or stag",
            "f:1:44: error[expression.undefined]: `stag` is not defined: the cluster `c` has no such label (did you mean `stage`?)",
        ),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(expression), Err(expected.to_owned()), "{expression}");
    }
}

#[test]
fn what_is_no_expression() {
    for expression in ["stage ==", "stage | nofilter", "1 / 0", "", "vars.n()"] {
        let problem = value(expression).unwrap_err();
        assert!(problem.contains("error[expression.invalid]: the expression cannot be evaluated"), "{problem}");
    }
}

fn filled(text: &str) -> Result<Option<Frozen>, String> {
    let source = Source::new("f", format!("a: {text}"));
    let place = Span::new(&source, 3..source.text().len());
    fill(text, &place, &variables()).map_err(|problem| problem.to_string())
}

#[test]
fn texts_are_filled() {
    let text = |text: &str| Ok(Some(Frozen::str(text)));
    assert_eq!(filled("plain {{ .Values.x }} $x"), Ok(None));
    assert_eq!(filled("${{ stage }}"), text("prod"));
    assert_eq!(filled("${{vars.n}}"), Ok(Some(Frozen::Float(2.0))));
    assert_eq!(filled("${{ stage == 'prod' }}"), Ok(Some(Frozen::Bool(true))));
    assert_eq!(filled("x-${{ stage }}.${{ vars.domain }}/${{ vars.n }}"), text("x-prod.example.com/2"));
    assert_eq!(filled("${{ '${{' }} {{ stage }}"), text("${{ {{ stage }}"));
    assert_eq!(filled("${{ {'a': {'b': stage}}.a.b }}!"), text("prod!"));
    assert_eq!(filled("${{ '}}' }}!"), text("}}!"));
}

#[test]
fn texts_that_cannot_be_filled() {
    assert_eq!(filled("ab ${{ stage }"), Err("f:1:7: error[expression.invalid]: `${{` is not closed".to_owned()));
    let missing = filled("ab ${{ stge }}").unwrap_err();
    assert!(missing.starts_with("f:1:11: error[expression.undefined]"), "{missing}");
    let list = filled("ab ${{ [1] }}").unwrap_err();
    assert!(list.starts_with("f:1:7: error[expression.invalid]: the expression gives a list"), "{list}");
    // A text that is written otherwise than it reads has one place.
    let source = Source::new("f", "a: \"x\\u0020${{ stge }}\"");
    let place = Span::new(&source, 3..source.text().len());
    let problem = fill("x ${{ stge }}", &place, &variables()).unwrap_err();
    assert!(problem.to_string().starts_with("f:1:4: "), "{problem}");
}
