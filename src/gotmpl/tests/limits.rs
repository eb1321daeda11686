//! Hostile templates end with an error.

use super::*;

fn limited(text: &str, limits: Limits) -> ExecError {
    *execute(text, &data(), &Options { limits, ..Options::default() }).unwrap_err()
}

/// Runs on a thread with the stack that the limits ask for.
fn on_own_thread<T: Send>(limits: &Limits, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(limits.thread_stack());
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

#[test]
fn fuel_ends_loops_and_recursion_without_output() {
    let limits = Limits { fuel: 10_000, ..Limits::default() };
    let error = limited("{{ range 1000000000 }}{{ end }}", limits.clone());
    assert_eq!(error.limit, Some(Limit::Fuel));
    assert!(error.to_string().ends_with("exceeded the limit of 10000 template steps"), "{error}");
    let fan = r#"{{ define "f" }}{{ if gt . 0 }}{{ $n := index (list 0 0 1 2 3 4 5 6 7 8 9 10 11 12) . }}{{ end }}{{ end }}{{ range 100000 }}{{ include "f" 3 }}{{ end }}"#;
    assert_eq!(limited(fan, limits).limit, Some(Limit::Fuel));
}

#[test]
fn functions_charge_for_work() {
    let limits = Limits { fuel: 1000, ..Limits::default() };
    let error = limited("{{ charge 100 }}{{ charge 1000 }}", limits);
    assert_eq!((error.limit, error.line, error.col), (Some(Limit::Fuel), 1, 19));
}

#[test]
fn output_ends_with_its_budget() {
    let limits = Limits { output_bytes: 1000, ..Limits::default() };
    let error = limited("{{ range 1000000 }}0123456789{{ end }}", limits.clone());
    assert_eq!(error.limit, Some(Limit::Output));
    let captured = r#"{{ define "i" }}0123456789{{ end }}{{ range 1000000 }}{{ $x := include "i" . }}{{ end }}"#;
    assert_eq!(limited(captured, limits.clone()).limit, Some(Limit::Output));
    assert_eq!(limited("{{ range 1000 }}{{ $.s }}{{ end }}", limits).limit, Some(Limit::Output));
}

#[test]
fn memory_ends_with_its_budget() {
    let limits = Limits { memory_bytes: 100_000, ..Limits::default() };
    for text in [
        r#"{{ $s := "0123456789" }}{{ range 60 }}{{ $s = print $s $s }}{{ end }}"#,
        r#"{{ $l := list 1 2 3 }}{{ range 10000 }}{{ $l = list $l $l $l }}{{ end }}"#,
        r#"{{ range 10000 }}{{ $s := printf "%50d" . }}{{ end }}"#,
    ] {
        let error = limited(text, limits.clone());
        assert_eq!(error.limit, Some(Limit::Memory), "{text}");
        assert!(error.to_string().ends_with("exceeded the limit of 100000 bytes of memory for values"), "{error}");
    }
    // What stands in the data is not made again.
    let text = "{{ range 100000 }}{{ $x := index (slice $.l 0) 0 }}{{ end }}";
    assert_ne!(
        execute(text, &data(), &Options { limits, ..Options::default() }).err().and_then(|e| e.limit),
        Some(Limit::Memory)
    );
}

#[test]
fn long_texts_cost_fuel_and_have_a_bound() {
    let limits = Limits { fuel: 10_000, ..Limits::default() };
    let grown = |times: u32| {
        format!(r#"{{{{ $s := "0123456789" }}}}{{{{ range {times} }}}}{{{{ $s = print $s $s }}}}{{{{ end }}}}"#)
    };
    assert_eq!(
        limited(&format!("{}{{{{ range 100 }}}}{{{{ $x := eq $s $s }}}}{{{{ end }}}}", grown(10)), limits).limit,
        Some(Limit::Fuel)
    );
    let wide = format!(r#"{{{{ $w := printf "{}" 1 }}}}"#, "%1000000[1]d".repeat(100));
    let error = limited(&wide, Limits { memory_bytes: u64::MAX, ..Limits::default() });
    assert!(error.to_string().ends_with("result is too large: more than 67108864 bytes"), "{error}");
}

#[test]
fn the_budget_is_one_for_all_templates_of_a_run() {
    let set = set("{{ range 10 }}{{ end }}");
    let options = Options { limits: Limits { fuel: 25, ..Limits::default() }, ..Options::default() };
    let mut host = NoHost;
    let mut run = set.run(&options, &mut host);
    assert!(run.execute("t", &Value::Nil).is_ok());
    assert!(run.execute("t", &Value::Nil).is_ok());
    assert_eq!(run.execute("t", &Value::Nil).unwrap_err().limit, Some(Limit::Fuel));
}

#[test]
fn endless_recursion_ends_before_the_stack() {
    let limits = Limits::default();
    for text in [
        r#"{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}"#,
        r#"{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}"#,
        r#"{{ define "r" }}{{ with . }}{{ range list . }}{{ if . }}{{ print (print (include "r" .)) | print }}{{ end }}{{ end }}{{ end }}{{ end }}{{ template "r" . }}"#,
        r#"{{ tpl "{{ tpl .s . }}" (dict "s" "{{ tpl .s . }}") }}"#,
    ] {
        let error = on_own_thread(&limits, || limited(text, limits.clone()));
        assert_eq!(error.innermost().limit, Some(Limit::Depth), "{text}");
        assert!(error.innermost().message.ends_with("exceeded maximum template depth (100000)"), "{error}");
    }
}

#[test]
fn depth_is_limited_by_number_too() {
    let limits = Limits { depth: 3, ..Limits::default() };
    let text = r#"{{ define "r" }}{{ if gt . 1 }}{{ template "r" (index (list 0 0 1 2 3 4) .) }}{{ end }}ok{{ end }}{{ template "r" 3 }}"#;
    assert_eq!(execute(text, &data(), &Options { limits: limits.clone(), ..Options::default() }).unwrap(), "okokok");
    assert_eq!(limited(&text.replace("\"r\" 3", "\"r\" 4"), limits).limit, Some(Limit::Depth));
}

const NESTED: [(&str, &str, &str, &str, &str); 5] = [
    ("{{ ", "(", "1", ")", " }}"),
    ("{{ ", "(print ", "1", ")", " }}"),
    ("{{ ", "(print .a | print ", "1", " | print).x", " }}"),
    ("", "{{ if 1 }}", "x", "{{ end }}", ""),
    ("", "{{ with 1 }}{{ range 1 }}", "{{ . }}", "{{ end }}{{ end }}", ""),
];

fn nested((before, open, middle, close, after): (&str, &str, &str, &str, &str), depth: usize) -> String {
    format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn deep_nesting_is_refused_by_the_parser() {
    for parts in NESTED {
        on_own_thread(&Limits::default(), || {
            let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[])));
            let error = set.parse("t", nested(parts, 200_000)).unwrap_err();
            assert_eq!(error.message, "max expression depth exceeded");
        });
    }
}

#[test]
fn what_the_parser_takes_can_be_executed() {
    let limits = Limits { stack_bytes: 16 << 20, ..Limits::default() };
    for parts in NESTED {
        on_own_thread(&limits, || {
            let mut taken = 0;
            for depth in (50..10_000).step_by(50) {
                let mut set = TemplateSet::new("gotpl", Arc::new(FuncTable::new(&[])));
                if set.parse("t", nested(parts, depth)).is_err() {
                    break;
                }
                let options = Options { limits: limits.clone(), ..Options::default() };
                let ended = set.execute("t", &data(), &mut NoHost, &options);
                assert_eq!(ended.err().and_then(|error| error.limit), None, "{depth} times {}", parts.1);
                taken = depth;
            }
            assert!(taken >= 100, "only {taken} times {}", parts.1);
        });
    }
}
