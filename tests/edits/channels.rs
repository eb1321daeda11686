//! `images.yaml`: channels, bindings, pins and overrides.

use crate::project::Project;

const CHART: &[(&str, &str)] = &[
    ("kiln.yaml", ""),
    (
        "component.yaml",
        "name: shop\nsubcomponents:\n- {name: auth, type: helm, path: charts/app}\n- {name: side, type: helm, path: charts/app}\n",
    ),
    ("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
    (
        "charts/app/values.yaml",
        "image: {repository: acme/default, tag: \"0\", digest: \"\"}\nagent: {image: ops/agent:0}\n",
    ),
    (
        "charts/app/templates/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  initContainers:\n    - {name: agent, image: {{ .Values.agent.image }}}\n  containers:\n    - name: app # the one\n      image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}\"\n",
    ),
    (
        "images.yaml",
        "kind: Images\nimages:\n- name: acme/auth\n  channels: {develop: registry.example.com/acme/auth:develop-1a2b, release: registry.example.com/acme/auth:v1}\n- name: ops/agent\n  channels: {release: ops/agent:9}\nbind:\n- {component: auth, image: acme/auth, values: {repository: image.repository, tag: image.tag, digest: image.digest}}\n- {component: side, image: ops/agent, values: {ref: agent.image}}\n",
    ),
];

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn project(clusters: &str) -> Project {
    let project = Project::new(CHART);
    project.write("clusters.yaml", clusters);
    project
}

/// The image of the one container, and of the one init container.
fn images(project: &Project, path: &str) -> (String, String) {
    let text = project.read(&format!("generated/{path}.yaml"));
    let of = |start: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
        line.split_once("image: ").unwrap().1.trim_matches(['"', '}']).to_owned()
    };
    (of("image:"), of("- {name: agent"))
}

#[test]
fn the_order_is_pin_then_layer_then_channel_then_chart() {
    let project = project(
        "clusters:\n- {name: plain}\n- {name: dev, images: {channel: develop}}\n- {name: rel, images: {channel: release}}\n- {name: pin, layers: [own], images: {channel: release, pin: {acme/auth: \"mirror.example.com/acme/auth:v9\"}}}\n- {name: own, layers: [own], images: {channel: release}}\n- {name: tag, images: {channel: release, pin: {acme/auth: \":v7\"}}}\n",
    );
    project.write("config/own.yaml", "subcomponents: {auth: {config: {image: {tag: mine}}}}\n");
    project.kiln(&["generate"]).exits(0, &[]);
    let auth = |cluster: &str| images(&project, &format!("{cluster}/auth")).0;
    assert_eq!(auth("plain"), "acme/default:0");
    assert_eq!(auth("dev"), "registry.example.com/acme/auth:develop-1a2b");
    assert_eq!(auth("rel"), "registry.example.com/acme/auth:v1");
    assert_eq!(auth("pin"), "mirror.example.com/acme/auth:v9");
    assert_eq!(auth("own"), "registry.example.com/acme/auth:mine");
    assert_eq!(auth("tag"), "registry.example.com/acme/auth:v7");
    // A whole reference, and an image without that channel.
    assert_eq!(images(&project, "rel/side").1, "ops/agent:9");
    assert_eq!(images(&project, "dev/side").1, "ops/agent:0");
    // The binding is about one component.
    assert_eq!(images(&project, "rel/side").0, "acme/default:0");
}

#[test]
fn digests_follow_whoever_says_the_version() {
    let project = project(
        "defaults: {images: {channel: release}}\nclusters:\n- {name: a}\n- {name: b, layers: [own]}\n- {name: c, images: {pin: {acme/auth: \":v2\"}}}\n",
    );
    let text = project.read("images.yaml").replace("acme/auth:v1", &format!("acme/auth:v1@{DIGEST}"));
    project.write("images.yaml", &text);
    project.write("config/own.yaml", "subcomponents: {auth: {config: {image: {tag: mine}}}}\n");
    project.kiln(&["generate"]).exits(0, &[]);
    assert_eq!(images(&project, "a/auth").0, format!("registry.example.com/acme/auth:v1@{DIGEST}"));
    assert_eq!(images(&project, "b/auth").0, "registry.example.com/acme/auth:mine");
    assert_eq!(images(&project, "c/auth").0, "registry.example.com/acme/auth:v2");
    // Without a value for the digest it stands behind the tag.
    project.write("images.yaml", &text.replace(", digest: image.digest", ""));
    project.kiln(&["generate"]).exits(0, &[]);
    assert_eq!(images(&project, "a/auth").0, format!("registry.example.com/acme/auth:v1@{DIGEST}"));
}

#[test]
fn channels_come_from_labels_and_typos_do_not_pass() {
    let clusters = "defaults: {images: {channel: \"{stage}\"}}\nclusters:\n- {name: a, labels: {stage: develop}}\n- {name: b, labels: {stage: release}}\n";
    let project = project(clusters);
    project.kiln(&["generate"]).exits(0, &[]);
    assert_eq!(images(&project, "a/auth").0, "registry.example.com/acme/auth:develop-1a2b");
    assert_eq!(images(&project, "b/auth").0, "registry.example.com/acme/auth:v1");
    project.write("clusters.yaml", &clusters.replace("stage: release", "stage: relaese"));
    project
        .kiln(&["generate"])
        .exits(1, &["no image in images.yaml has a channel `relaese`", "did you mean `release`?"]);
    project.write("clusters.yaml", "clusters:\n- {name: a, images: {pin: {acme/auht: \":1\"}}}\n");
    project.kiln(&["generate"]).exits(1, &["no entry of `images` is named `acme/auht`", "did you mean `acme/auth`?"]);
    project.write("clusters.yaml", "clusters:\n- {name: a, images: {chanel: x}}\n");
    project.kiln(&["generate"]).exits(1, &["unknown key `chanel`"]);
}

#[test]
fn overrides_change_only_images_and_those_without_a_match_are_told() {
    let project =
        project("clusters:\n- {name: a}\n- {name: b, images: {override: [{name: acme/default, newTag: \"5\"}]}}\n");
    project.kiln(&["generate"]).exits(0, &[]);
    let before = project.read("generated/a/auth.yaml");
    project.write(
        "images.yaml",
        &format!("override:\n- {{name: ops/agent, newName: mirror.example.com/agent, digest: {DIGEST}}}\n- {{name: acme/default, newTag: \"4\"}}\n"),
    );
    project.kiln(&["generate"]).exits(0, &[]);
    let expected = before
        .replace("ops/agent:0", &format!("mirror.example.com/agent@{DIGEST}"))
        .replace("acme/default:0", "acme/default:4");
    assert_eq!(project.read("generated/a/auth.yaml"), expected);
    assert_eq!(project.read("generated/b/auth.yaml"), expected.replace("default:4", "default:5"));
    project.write("images.yaml", "override:\n- {name: acme/defualt, newTag: \"4\"}\n");
    let words = ["no container has the image `acme/defualt`"];
    project.kiln(&["generate"]).exits(0, &words);
    let kept = project.read("generated/a/auth.yaml");
    project.kiln(&["generate", "--strict"]).exits(1, &words);
    assert_eq!(project.read("generated/a/auth.yaml"), kept, "nothing is written");
    // Without clusters too.
    project.kiln(&["generate", "common"]).exits(0, &words);
    project.write("images.yaml", "override:\n- {name: acme/default, newTag: \"4\"}\n");
    project.kiln(&["generate", "--strict", "common"]).exits(0, &[]);
    assert_eq!(images(&project, "common/auth").0, "acme/default:4");
}
