use super::*;
use crate::helm::{FileQuestion, Lookup, LookupRead, Reads, Resources};
use crate::span::Source;

fn reads_of(chart: &Arc<Chart>, values: &str) -> Reads {
    let values = Frozen::Map(yaml::load_map(values.as_bytes()).unwrap());
    let options = ReleaseOptions { record_reads: true, ..options() };
    render(chart, &values, &options).unwrap().reads.unwrap()
}

/// `path how`, one a line.
fn shown(reads: &[crate::value::Read]) -> Vec<String> {
    let line = |read: &crate::value::Read| {
        let path: Vec<String> = read.path.iter().map(ToString::to_string).collect();
        format!("{} {:?}", path.join("."), read.how)
    };
    reads.iter().map(line).collect()
}

fn value_reads(template: &str) -> Vec<String> {
    const VALUES: &str = "image: {repository: r, tag: t}\nport: 80\nlist: [{a: 1, b: 2}, {a: 3}]\nnames: [x, y]\n\
                          deep: {er: {x: 1, w: {z: 2}}, other: 1}\nempty: {}\ntext: '{{ .Values.port }}'\n";
    let chart = chart_of(&[("values.yaml", VALUES), ("templates/a.yaml", template)]);
    shown(&reads_of(&chart, "{}").values)
}

#[test]
fn single_values_are_told_apart() {
    assert_eq!(value_reads("a: {{ .Values.image.tag }}"), ["image.tag Value"]);
    assert_eq!(
        value_reads("a: {{ index .Values \"image\" \"tag\" }}{{ $.Values.port }}"),
        ["image.tag Value", "port Value"]
    );
    assert_eq!(value_reads("a: {{ with .Values.deep.er }}{{ .x }}{{ end }}"), ["deep.er Keys", "deep.er.x Value"]);
    assert_eq!(value_reads("a: {{ (index .Values.list 1).a }}"), ["list Value", "list.0 Presence", "list.1.a Value"]);
    assert_eq!(value_reads("a: 1"), Vec::<String>::new());
}

#[test]
fn what_is_not_there_is_read_too() {
    assert_eq!(value_reads("a: {{ .Values.nope }}"), ["nope Missing"]);
    assert_eq!(value_reads("a: {{ hasKey .Values.image \"nope\" }}"), ["image.nope Missing"]);
    assert_eq!(value_reads("a: {{ .Values.image.nope | default 1 }}"), ["image.nope Missing"]);
    assert_eq!(value_reads("a: {{ dig \"er\" \"q\" 1 .Values.deep }}"), ["deep.er.q Missing"]);
}

#[test]
fn whole_trees_are_read_at_once_or_level_by_level() {
    assert_eq!(value_reads("a: {{ toYaml .Values.deep | nindent 2 }}"), ["deep Whole"]);
    assert_eq!(value_reads("a: {{ toJson .Values.list }}"), ["list Value", "list.0 Whole", "list.1 Whole"]);
    for whole in ["{{ .Values.deep }}", "{{ printf \"%v\" .Values.deep }}", "{{ deepCopy .Values.deep }}"] {
        let reads = value_reads(&format!("a: '{whole}'"));
        let covers = |path: &str| reads.iter().any(|read| path.starts_with(read.trim_end_matches(" Whole")));
        assert!(
            reads.contains(&"deep Whole".to_owned()) || (covers("deep.other Value") && covers("deep.er.w.z Value")),
            "{whole}: {reads:?}"
        );
    }
    assert_eq!(
        value_reads("{{ range $k, $v := .Values.image }}{{ $k }}: {{ $v }}\n{{ end }}"),
        ["image Keys", "image.repository Value", "image.tag Value"]
    );
    assert_eq!(
        value_reads("a: {{ range .Values.list }}{{ .a }}{{ end }}{{ range .Values.names }}{{ . }}{{ end }}"),
        ["list Value", "list.0.a Value", "list.1.a Value", "names Value"]
    );
}

#[test]
fn tests_for_emptiness_read_the_keys_only() {
    assert_eq!(value_reads("a: {{ if .Values.deep }}1{{ end }}"), ["deep Keys"]);
    assert_eq!(value_reads("a: {{ if .Values.empty }}1{{ end }}"), ["empty Keys"]);
    assert_eq!(value_reads("a: {{ len .Values.names }}"), ["names Length"]);
    assert_eq!(value_reads("a: {{ kindOf .Values.names }}"), ["names Presence"]);
}

#[test]
fn texts_that_are_templates_read_what_they_name() {
    assert_eq!(value_reads("a: {{ tpl .Values.text . }}"), ["port Value", "text Value"]);
}

#[test]
fn what_templates_write_is_not_input() {
    assert_eq!(value_reads("a: {{ $_ := set .Values.image \"tag\" 1 }}{{ .Values.image.tag }}"), ["image Presence"]);
    assert_eq!(
        value_reads("a: {{ .Values.image.tag }}{{ $_ := set .Values.image \"tag\" 1 }}{{ .Values.image.tag }}"),
        ["image.tag Value"],
        "the first one was input"
    );
    assert_eq!(
        value_reads("{{ $_ := unset .Values.image \"tag\" }}a: {{ .Values.image.repository }}"),
        ["image.repository Value"]
    );
    assert_eq!(
        value_reads("{{ $m := merge (dict) .Values.deep }}a: {{ $m.er.x }}"),
        ["deep Keys", "deep.er.x Value", "deep.other Value"],
        "a merge hands containers on, and what is read through them counts"
    );
}

#[test]
fn subcharts_globals_conditions_and_schemas() {
    let chart = chart_of(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n\
             - {name: sub, version: 0.1.0, condition: sub.enabled, tags: [extra]}\n",
        ),
        ("values.yaml", "global: {zone: a, unread: b}\nsub: {size: 3}\n"),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
        ("charts/sub/values.yaml", "size: 1\ncolour: red\n"),
        ("charts/sub/values.schema.json", "{\"type\": \"object\"}"),
        ("charts/sub/templates/a.yaml", "a: {{ .Values.size }}{{ .Values.global.zone }}\n"),
    ]);
    let reads = reads_of(&chart, "{}");
    assert_eq!(
        shown(&reads.values),
        ["global.zone Value", "sub.enabled Value", "sub.global.zone Value", "sub.size Value", "tags.extra Value"]
    );
    assert_eq!(reads.checked, [["sub"]]);
}

#[test]
fn files_capabilities_and_the_release() {
    let chart = chart_of(&[
        ("conf/a.txt", "A"),
        (
            "templates/a.yaml",
            "a: {{ .Files.Get \"conf/a.txt\" }}{{ .Files.Get \"nope\" }}{{ (.Files.Glob \"conf/*\").AsConfig | len }}\n\
             b: {{ .Capabilities.KubeVersion.Minor }}{{ .Capabilities.APIVersions.Has \"v1\" }}\
             {{ .Capabilities.APIVersions.Has \"nope/v1\" }}{{ .Release.Name }}\n",
        ),
    ]);
    let reads = reads_of(&chart, "{}");
    let files: Vec<&FileQuestion> = reads.files.iter().map(|file| &file.what).collect();
    assert_eq!(
        files,
        [
            &FileQuestion::Path("conf/a.txt".into()),
            &FileQuestion::Path("nope".into()),
            &FileQuestion::Glob("conf/*".into())
        ]
    );
    assert!(reads.files.iter().all(|file| file.chart == "demo"));
    let capabilities = &reads.capabilities;
    assert!(capabilities.kube_version && !capabilities.helm_version && !capabilities.all_api_versions);
    let asked: Vec<(&str, bool)> = capabilities.api_versions.iter().map(|(name, has)| (name.as_str(), *has)).collect();
    assert_eq!(asked, [("nope/v1", false), ("v1", true)]);
    assert_eq!(shown(&reads.release), ["Name Value"]);
}

#[test]
fn lookups_and_what_no_input_determines() {
    let chart = chart_of(&[(
        "templates/a.yaml",
        "{{ $_ := lookup \"v1\" \"Secret\" \"x\" \"s\" }}{{ $_ := lookup \"v1\" \"Secret\" \"x\" \"t\" }}\
         {{ $_ := lookup \"v1\" \"Secret\" \"\" \"\" }}{{ $_ := lookup \"v1\" \"Pod\" \"\" \"\" }}\n\
         a: {{ randAlpha 3 }}{{ lookup \"v1\" \"Secret\" \"x\" \"s\" | len }}\nb: {{ now | date \"2006\" }}\n",
    )]);
    let mut resources = Resources::default();
    let recorded = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: x}\n";
    resources.read(&Source::new("recorded.yaml", recorded)).unwrap();
    let options = ReleaseOptions { record_reads: true, resources: Some(Arc::new(resources)), ..options() };
    let reads = render(&chart, &Frozen::map(vec![]), &options).unwrap().reads.unwrap();
    let asked: Vec<String> = (reads.lookups.iter())
        .map(|LookupRead { asked: Lookup { api_version, kind, namespace, name }, is_found }| {
            format!("{api_version} {kind} {namespace}/{name} {is_found}")
        })
        .collect();
    assert_eq!(asked, ["v1 Pod / false", "v1 Secret / true", "v1 Secret x/s true", "v1 Secret x/t false"]);
    let used: Vec<String> = (reads.nondeterministic.iter())
        .map(|used| format!("{} {:?} {}", used.function, used.asked, used.place()))
        .collect();
    assert_eq!(used, ["randAlpha Random demo/templates/a.yaml:2:7", "now Time demo/templates/a.yaml:3:7"]);

    let without = reads_of(&chart, "{}");
    assert!(without.lookups.len() == 4 && without.lookups.iter().all(|read| !read.is_found));
    assert_eq!(without.nondeterministic, reads.nondeterministic);
}

/// What was not read makes no difference: every value of a chart is changed in turn, and the output
/// changes only where a read is listed.
#[test]
fn values_that_were_not_read_make_no_difference() {
    let template = "{{ $image := .Values.image }}a: {{ $image.tag }}\n\
                    {{ if .Values.enabled }}b: {{ toYaml .Values.tree.left | nindent 2 }}\n{{ end }}\
                    {{ range $k, $v := .Values.items }}{{ $k }}: {{ $v.a }}\n{{ end }}\
                    c: {{ merge (dict \"x\" 1) .Values.merged | toJson }}\n\
                    d: {{ tpl .Values.text . }}\ne: {{ pick .Values.picked \"p\" | toJson }}\n\
                    f: {{ get (omit .Values.picked \"q\") \"p\" }}{{ coalesce .Values.nay .Values.sure }}\n\
                    g: {{ ternary .Values.sure .Values.other (eq .Values.image.tag \"t\") }}\n\
                    h: {{ first .Values.list }}{{ has \"z\" .Values.words }}{{ join \",\" .Values.words }}\n";
    let values = "image: {tag: t, pull: p}\nenabled: true\ntree: {left: {a: [1, 2], b: {c: d}}, right: {x: y}}\n\
                  items: {k: {a: 1, b: 2}, l: {a: 3, b: 4}}\nmerged: {x: 2, z: 3}\ntext: '{{ .Values.hidden }}'\n\
                  hidden: h\npicked: {p: 1, q: 2}\nsure: 1\nother: 2\nlist: [a, b]\nwords: [v, w]\nidle: {a: {b: c}}\n";
    let chart = chart_of(&[("values.yaml", values), ("templates/a.yaml", template)]);
    let reads = shown(&reads_of(&chart, "{}").values);
    let before = rendered(&chart, "{}", &options());
    let leaves = [
        "image.tag",
        "image.pull",
        "enabled",
        "tree.left.b.c",
        "tree.right.x",
        "items.k.a",
        "items.k.b",
        "items.l.b",
        "merged.x",
        "merged.z",
        "text",
        "hidden",
        "picked.p",
        "picked.q",
        "sure",
        "other",
        "idle.a.b",
    ];
    let mut unread = 0;
    for leaf in leaves {
        let set = leaf.rsplit('.').fold("changed".to_owned(), |inner, key| format!("{{{key}: {inner}}}"));
        let after = rendered(&chart, &set, &options());
        let is_listed = reads.iter().any(|read| {
            let (path, how) = read.split_once(' ').unwrap();
            path == leaf || (how == "Whole" && leaf.starts_with(&format!("{path}.")))
        });
        assert!(is_listed || before == after, "{leaf} made a difference and is not among {reads:?}");
        unread += usize::from(!is_listed);
    }
    assert!(unread >= 5, "the list is no use when it names everything: {reads:?}");
}
