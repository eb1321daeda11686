//! `kiln image set`: where images are found, and which bytes change.

use crate::project::Project;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Runs `image set` on one file and gives what the file is then.
#[track_caller]
fn set(text: &str, words: &[&str]) -> String {
    let project = Project::new(&[("f.yaml", text)]);
    let words = [&["image", "set"], words, &["--file", "f.yaml"]].concat();
    project.kiln(&words).exits(0, &[]);
    project.read("f.yaml")
}

#[test]
fn exactly_one_value_changes() {
    let text = "# owner: team-a\nimages:\n  # pinned by SRE\n  - name: acme/web   # main app\n    newTag: \"1.4.0\"\n";
    let after = text.replace("1.4.0", "1.5.0");
    assert_eq!(set(text, &["acme/web=acme/web:1.5.0"]), after);
    // Line breaks of Windows, a byte order mark, no final line break, tabs and other letters in comments.
    let odd = format!("\u{FEFF}{}", text.replace("# pinned by SRE", "#\tüber 日本 \t"));
    let odd = odd.trim_end().replace('\n', "\r\n");
    assert_eq!(set(&odd, &["acme/web=acme/web:1.5.0"]), odd.replace("1.4.0", "1.5.0"));
    // Other documents.
    let several = format!("a: &x {{b: 1}}\nc: *x\n---\n{text}---\n# last\nd: [1,   2]\n");
    assert_eq!(set(&several, &["acme/web=acme/web:1.5.0"]), several.replace("1.4.0", "1.5.0"));
}

#[test]
fn values_keep_their_style_and_stay_strings() {
    for (before, tag, after) in [
        ("1.4.0", "1.5.0", "1.5.0"),
        ("1.4", "1.5", "\"1.5\""),
        ("1.4", "1.10-rc", "1.10-rc"),
        ("'1.4'", "1.10", "'1.10'"),
        ("\"v1\"", "v2", "\"v2\""),
        ("v1", "yes", "\"yes\""),
        ("v1", "null", "\"null\""),
        ("v1", "0123456", "\"0123456\""),
        ("v1", "1e5", "\"1e5\""),
        ("!!str 1", "2", "\"2\""),
        ("&t v1", "v2", "&t v2"),
        ("\"v1\"   # why", "v2", "\"v2\"   # why"),
    ] {
        let file = |tag: &str| format!("image:\n  repository: r.example.com/acme/web\n  tag: {tag}\n");
        assert_eq!(set(&file(before), &[&format!("acme/web=:{tag}")]), file(after), "{before} to {tag}");
    }
}

#[test]
fn every_convention_is_known() {
    let word = "acme/web=acme/web:2";
    for (before, after) in [
        ("image: {repository: acme/web, tag: v1}", "image: {repository: acme/web, tag: \"2\"}"),
        ("a: {registry: r.io, repository: acme/web, tag: 'v1'}", "a: {registry: r.io, repository: acme/web, tag: '2'}"),
        ("image: r.example.com:5000/acme/web:v1", "image: r.example.com:5000/acme/web:2"),
        ("- image: 'acme/web:v1'", "- image: 'acme/web:2'"),
        ("images: [{name: acme/web, newTag: v1}]", "images: [{name: acme/web, newTag: \"2\"}]"),
        (
            "images: [{name: acme/web, newName: x.io/w, newTag: v1}]",
            "images: [{name: acme/web, newName: x.io/w, newTag: \"2\"}]",
        ),
        (
            "images:\n- name: acme/web\n  newName: x.io/w\n",
            "images:\n- name: acme/web\n  newName: x.io/w\n  newTag: \"2\"\n",
        ),
        ("{image: acme/web, imageTag: \"1\"}", "{image: acme/web, imageTag: \"2\"}"),
        ("image: {name: acme/web, tag: v1}", "image: {name: acme/web, tag: \"2\"}"),
        (
            "{\"image\": {\"repository\": \"acme/web\", \"tag\": \"1\"}}",
            "{\"image\": {\"repository\": \"acme/web\", \"tag\": \"2\"}}",
        ),
        ("a: &r {repository: acme/web}\nb: {<<: *r, tag: v1}", "a: &r {repository: acme/web}\nb: {<<: *r, tag: \"2\"}"),
    ] {
        assert_eq!(set(before, &[word]), after);
    }
}

#[test]
fn digests_and_names_go_where_they_belong() {
    let at = |digest: &str| format!("image: acme/web:1@{digest}\n");
    let other = DIGEST.replace("0123", "9876");
    assert_eq!(set(&at(DIGEST), &["acme/web", "--digest", &other]), at(&other));
    assert_eq!(set(&at(DIGEST), &["acme/web=acme/web:2", "--digest", &other]), format!("image: acme/web:2@{other}\n"));
    assert_eq!(set(&at(DIGEST), &["acme/web=:2"]), "image: acme/web:2\n");
    let parts = "image:\n  repository: acme/web\n  tag: v1\n";
    assert_eq!(set(parts, &["acme/web", "--digest", DIGEST]), parts.replace("v1", &format!("v1@{DIGEST}")));
    let with = format!("{parts}  digest: {DIGEST} # by CI\n");
    assert_eq!(set(&with, &["acme/web=:v2", "--digest", &other]), with.replace("v1", "v2").replace(DIGEST, &other));
    assert_eq!(set(&with, &["acme/web=:v2"]), with.replace("v1", "v2").replace(DIGEST, "\"\""));
    let list = format!("images:\n- name: acme/web\n  newTag: v1\n  digest: {DIGEST}\n# end\n");
    assert_eq!(set(&list, &["acme/web=:v2"]), "images:\n- name: acme/web\n  newTag: v2\n# end\n");
    // Another name.
    assert_eq!(
        set(parts, &["acme/web=x.example.com/acme/api:v2"]),
        parts.replace("v1", "v2").replace("acme/web", "x.example.com/acme/api")
    );
    let apart = "a: {registry: r.io, repository: acme/web, tag: v1}\n";
    assert_eq!(set(apart, &["acme/web=x.io/acme/api:v2"]), "a: {registry: x.io, repository: acme/api, tag: v2}\n");
    assert_eq!(
        set("images:\n- name: web\n  newTag: v1\n", &["web=x.io/w:v2"]),
        "images:\n- name: web\n  newTag: v2\n  newName: x.io/w\n"
    );
}

#[test]
fn nothing_changed_is_told_and_wrong_names_are_errors() {
    let text = "image: {repository: acme/web, tag: \"1\"}\n";
    let project = Project::new(&[("f.yaml", text)]);
    let set = |words: &[&str]| project.kiln(&[&["image", "set", "--file", "f.yaml"], words].concat());
    set(&["acme/web=:1"]).exits(0, &["nothing to change"]);
    let told = set(&["acme/web=:1", "-o", "json"]).exits(0, &[]);
    assert!(told.contains("\"changed\": false") && told.contains("\"kind\": \"Edit\""), "{told}");
    set(&["acme/web=:1", "--fail-if-unchanged"]).exits(2, &[]);
    set(&["acme/wbe=:2"]).exits(1, &["nothing says the image `acme/wbe`", "`acme/web`"]);
    set(&["other.example.com/acme/web=:2"]).exits(1, &["nothing says the image"]);
    set(&["acme/web"]).exits(3, &["neither a tag nor a digest"]);
    set(&["acme/web=:2", "acme/x=:3"]).exits(1, &[]);
    assert_eq!(project.read("f.yaml"), text, "all or nothing");
    let shown = set(&["acme/web=:2", "--dry-run"]).exits(0, &["set `acme/web` to 2 in f.yaml:1:"]);
    assert_eq!(
        shown,
        "--- a/f.yaml\n+++ b/f.yaml\n@@ -1 +1 @@\n-image: {repository: acme/web, tag: \"1\"}\n+image: {repository: acme/web, tag: \"2\"}\n"
    );
    assert_eq!(project.read("f.yaml"), text);
    let told = set(&["acme/web=:2", "-o", "json"]).exits(0, &[]);
    assert!(told.contains("\"changed\": true") && told.contains("\"to\": \"acme/web:2\""), "{told}");
    project.kiln(&["image", "set", "acme/web=:2", "--file", "no.yaml"]).exits(1, &["no.yaml"]);
}

#[test]
fn several_places_are_refused_with_each_of_them_or_set_together() {
    let files = [
        ("component.yaml", "name: shop\n"),
        ("config/common.yaml", "config:\n  api: {image: {repository: acme/web, tag: v1}}\n"),
        ("config/east.yaml", "# east\nconfig:\n  job:\n    image: r.io/acme/web:v1\n"),
        ("config/prod.json", "{\"config\": {\"web\": {\"image\": {\"repository\": \"acme/web\", \"tag\": \"v1\"}}}}"),
    ];
    let project = Project::new(&files);
    project.kiln(&["image", "set", "acme/web=:v2"]).exits(
        1,
        &[
            "3 places say the image `acme/web`",
            "config/common.yaml:2:44",
            "config/east.yaml:4:12",
            "config/prod.json:1:",
        ],
    );
    project.kiln(&["image", "set", "r.io/acme/web=:v2"]).exits(0, &["config/east.yaml:4:12"]);
    project.kiln(&["image", "set", "acme/web=:v3", "--all"]).exits(0, &["3 places"]);
    for (path, text) in &files[1..] {
        let (_, before) = (path, text.replace("v1", "v3"));
        assert_eq!(project.read(path), before);
    }
    project.kiln(&["image", "set", "acme/web=:v4", "--file", "config/common.yaml"]).exits(0, &[]);
    assert!(project.read("config/common.yaml").contains("v4") && project.read("config/east.yaml").contains("v3"));
}

#[test]
fn channels_bindings_pins_and_chart_defaults_are_found() {
    let project = Project::new(&[
        (
            "component.yaml",
            "name: shop\nsubcomponents:\n- {name: auth, type: helm, path: chart}\n- {name: web, type: helm, path: chart}\n",
        ),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
        ("chart/values.yaml", "image: {repository: r.io/acme/chart, tag: v0}\n"),
        (
            "images.yaml",
            "images:\n- name: acme/auth # who\n  channels:\n    develop: r.io/acme/auth:d1 # dev\n    release: \":r1\"\n- name: acme/agent\nbind:\n- {component: auth, image: acme/auth, values: {repository: image.repository, tag: image.tag}}\n- {component: web, image: acme/agent, values: {ref: agent}}\noverride:\n- {name: nginx, newTag: \"1.27\"}\n",
        ),
        (
            "config/common.yaml",
            "subcomponents:\n  web:\n    config:\n      image: {tag: \"v1\"} # of the chart\n      agent: acme/agent:1\n",
        ),
        (
            "clusters.yaml",
            "clusters:\n- name: a\n  images: {channel: release, pin: {acme/pinned: \"acme/pinned:1\"}}\n",
        ),
    ]);
    let before = project.read("images.yaml");
    project
        .kiln(&["image", "set", "acme/auth=:r2"])
        .exits(1, &["images.yaml:4:14", "(channel develop)", "images.yaml:5:14"]);
    project
        .kiln(&["image", "set", "acme/auth=:r2", "--channel", "rel"])
        .exits(1, &["no channel `rel`", "develop, release"]);
    project.kiln(&["image", "set", "acme/auth=acme/auth:r2", "--channel", "release"]).exits(0, &[]);
    project.kiln(&["image", "set", "acme/auth=:d2", "--channel", "develop"]).exits(0, &[]);
    project.kiln(&["image", "set", "nginx=:1.28"]).exits(0, &[]);
    let after = before.replace(":d1", ":d2").replace(":r1", ":r2").replace("1.27", "1.28");
    assert_eq!(project.read("images.yaml"), after);
    // A tag alone, whose repository the chart says; a whole reference that a binding names; a pin.
    project.kiln(&["image", "set", "acme/chart=:v2"]).exits(0, &[]);
    project.kiln(&["image", "set", "acme/agent=:2"]).exits(0, &[]);
    project.kiln(&["image", "set", "acme/pinned=:2"]).exits(0, &[]);
    let common = project.read("config/common.yaml");
    assert!(common.contains("image: {tag: \"v2\"} # of the chart\n      agent: acme/agent:2\n"), "{common}");
    assert!(project.read("clusters.yaml").contains("pin: {acme/pinned: \"acme/pinned:2\"}"));
    project
        .kiln(&["image", "set", "acme/chart=other.io/x:v3"])
        .exits(1, &["the repository stands in the chart's defaults"]);
    // A layer that says the version of a bound image is one more place.
    project.write("config/prod.yaml", "subcomponents: {auth: {config: {image: {tag: mine}}}}\n");
    project.kiln(&["image", "set", "acme/auth=:r3"]).exits(1, &["config/prod.yaml:1:", "images.yaml:4:14"]);
    project.kiln(&["image", "set", "acme/auth=:r3", "--file", "config/prod.yaml"]).exits(0, &[]);
    assert!(project.read("config/prod.yaml").contains("{tag: r3}"));
}

#[test]
fn anchors_that_others_use_are_never_changed_for_them() {
    let text = "a: {image: {repository: acme/web, tag: &t v1}}\nb: {version: *t}\n";
    let project = Project::new(&[("f.yaml", text)]);
    project.kiln(&["image", "set", "acme/web=:v2", "--file", "f.yaml"]).exits(1, &["also change"]);
    assert_eq!(project.read("f.yaml"), text);
}

#[test]
fn kits_image_files_are_edited_and_made() {
    let text = "# by CI\nimage: \"registry.example.com/acme/node-auth:master-1\" # é\nother: 1\n";
    let project = Project::new(&[
        ("kit.yaml", "images: {path: ./images, property: image}\n"),
        ("images/acme/node-auth/master.yaml", text),
    ]);
    let kit = |words: &[&str]| {
        project.kiln(&[&["image", "set", "--kit-repo", ".", "--repo", "acme/node-auth"], words].concat())
    };
    let registry = ["--branch", "master", "--registry", "registry.example.com", "--commit-id"];
    kit(&[&registry[..], &["0a1b"]].concat()).exits(0, &["set `acme/node-auth`"]);
    let after = text.replace("master-1", "master-0a1b");
    assert_eq!(project.read("images/acme/node-auth/master.yaml"), after);
    kit(&[&registry[..], &["0a1b", "--fail-if-unchanged"]].concat()).exits(2, &["nothing to change"]);
    kit(&["--branch", "feature/x", "--image", "r.io/acme/node-auth:feature-2"]).exits(0, &[]);
    assert_eq!(project.read("images/acme/node-auth/feature/x.yaml"), "image: r.io/acme/node-auth:feature-2\n");
    kit(&["--branch", "../../x", "--commit-id", "1"]).exits(1, &["not the name of a branch"]);
    kit(&["--branch", "master"]).exits(1, &["neither a commit nor an image"]);
    kit(&["--commit-id", "2", "--dry-run"]).exits(0, &[]);
    assert_eq!(project.read("images/acme/node-auth/master.yaml"), after);
}

#[test]
fn anchored_values_change_where_all_that_read_them_are_to_change() {
    // One reference, read twice.
    let text = "a: {image: &i 'acme/web:1'}   # here\nb:\n  image: *i\n";
    assert_eq!(set(text, &["acme/web=:2", "--all"]), text.replace(":1'", ":2'"));
    // A whole map, read twice.
    let text = "base: &img\n  repository: acme/web\n  tag: \"1\"\na: {image: *img}\nb: {image: *img}\n";
    assert_eq!(set(text, &["acme/web=:2", "--all"]), text.replace("\"1\"", "\"2\""));
    // One tag of two images: both, or none.
    let text = "web: {repository: acme/web, tag: &t v1}\napi: {repository: acme/api, tag: *t}\n";
    assert_eq!(set(text, &["acme/web=:v2", "acme/api=:v2"]), text.replace("v1", "v2"));
    assert_eq!(set(text, &["acme/api=:v2", "acme/web=:v2"]), text.replace("v1", "v2"));
    // An alias alone gives way to what it shall be.
    assert_eq!(set(text, &["acme/api=:v2"]), text.replace("*t", "v2"));
    // Through a merge key; what overrides it stays.
    let text = "base: &b {repository: acme/web, tag: v1}\na: {image: {<<: *b, pullPolicy: Always}}\n";
    assert_eq!(set(text, &["acme/web=:v2", "--all"]), text.replace("v1", "v2"));
}

#[test]
fn anchored_values_that_others_read_are_explained() {
    let project = Project::new(&[(
        "f.yaml",
        "web: {repository: acme/web, tag: &t v1}\napi: {repository: acme/api, tag: *t}\nenv: {VERSION: *t}\n",
    )]);
    let before = project.read("f.yaml");
    let refused = ["image.aliased", "`web.tag` is also read as `api.tag`", "--all"];
    project.kiln(&["image", "set", "acme/web=:v2", "--file", "f.yaml"]).exits(1, &refused);
    let words = ["image", "set", "acme/web=:v2", "acme/api=:v2", "--all", "--file", "f.yaml"];
    project.kiln(&words).exits(1, &["`web.tag` is also read as `env.VERSION`"]);
    assert_eq!(project.read("f.yaml"), before);
}
