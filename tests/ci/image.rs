//! The container image: its definition is carried out here, instruction by instruction, on an empty folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::place::{KILN, Place, printed, root};

/// What a builder makes of a Containerfile.
#[derive(Debug, Default)]
struct Image {
    base: String,
    labels: BTreeMap<String, String>,
    user: String,
    folder: String,
    entry: Vec<String>,
}

/// Carries out a Containerfile: `COPY` takes from the context into `top`. Any instruction, flag or form that the
/// file has no need of is an error.
fn build(text: &str, arguments: &BTreeMap<&str, &str>, context: &Path, top: &Path) -> Image {
    let (mut image, mut known) = (Image::default(), BTreeMap::<String, String>::new());
    let text = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (instruction, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        let mut rest = rest.trim().to_owned();
        for (name, value) in &known {
            rest = rest.replace(&format!("${{{name}}}"), value);
        }
        assert!(!rest.contains('$'), "{line}: a variable that nobody sets");
        match instruction {
            "ARG" => {
                let (name, default) = rest.split_once('=').expect("arguments have defaults");
                known.insert(name.to_owned(), arguments.get(name).copied().unwrap_or(default).to_owned());
            }
            // Only arguments behind it are known below.
            "FROM" => {
                image.base = rest;
                known.clear();
            }
            "LABEL" => {
                let parts: Vec<&str> = rest.split('"').collect();
                for pair in parts.chunks_exact(2) {
                    let name = pair[0].trim().strip_suffix('=').unwrap_or_else(|| panic!("{line}"));
                    image.labels.insert(name.to_owned(), pair[1].to_owned());
                }
            }
            "COPY" => {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let [flag, from, to] = words[..] else { panic!("{line}") };
                let mode = flag.strip_prefix("--chmod=").unwrap_or_else(|| panic!("{line}"));
                let place = top.join(to.strip_prefix('/').expect("a whole path"));
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::copy(context.join(from), &place).unwrap_or_else(|error| panic!("{from}: {error}"));
                let mode = u32::from_str_radix(mode, 8).unwrap();
                fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
            }
            "USER" => image.user = rest,
            "WORKDIR" => {
                fs::create_dir_all(top.join(rest.strip_prefix('/').expect("a whole path"))).unwrap();
                image.folder = rest;
            }
            "ENTRYPOINT" => image.entry = serde_json::from_str(&rest).expect("words, not a line for a shell"),
            _ => panic!("{line}"),
        }
    }
    image
}

/// What `ci/image.sh` calls in place of a builder: keeps the context, and prints what it was called with.
const BUILDER: &str = "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; last=$word; done\ncp -R \"$last\" context\n";

/// Builds an image of a program below `top`, as `ci/image.sh` asks for it; gives it with the words of the call.
fn image(place: &Place, program: &str, base: &str, top: &Path) -> (Image, Vec<String>) {
    place.write("authorities", "certificates\n");
    place.write("builder", BUILDER);
    printed(&place.script("sh", "chmod 755 builder && rm -rf context", &[]));
    let builder = place.path("builder");
    let variables = [("BUILDER", builder.to_str().unwrap()), ("CERTIFICATES", "authorities")];
    let script = root().join("ci/image.sh");
    let call = format!("sh '{}' '{program}' kiln:test {base}", script.display());
    let words: Vec<String> = printed(&place.script("sh", &call, &variables)).lines().map(str::to_owned).collect();
    let after = |name: &str| words.iter().skip_while(move |word| *word != name).nth(1).unwrap().clone();
    assert_eq!((words[0].as_str(), after("--tag").as_str()), ("build", "kiln:test"));
    let pairs = words.windows(2).filter(|pair| pair[0] == "--build-arg");
    let arguments = pairs.map(|pair| pair[1].split_once('=').unwrap()).collect();
    let text = fs::read_to_string(after("--file")).unwrap();
    (build(&text, &arguments, &place.path("context"), top), words)
}

fn files(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn the_image_holds_the_program_and_certificates_and_nothing_else() {
    let place = Place::new();
    let top = place.path("image");
    let (made, words) = image(&place, KILN, "", &top);
    assert_eq!(words.iter().filter(|word| *word == "--build-arg").count(), 2, "{words:?}");
    assert_eq!((made.base.as_str(), made.user.as_str(), made.folder.as_str()), ("scratch", "65532:65532", "/work"));
    let label = |name: &str| made.labels[&format!("org.opencontainers.image.{name}")].as_str();
    assert_eq!((label("title"), label("version")), ("kiln", env!("CARGO_PKG_VERSION")));
    assert_eq!(label("licenses"), env!("CARGO_PKG_LICENSE"));
    let mut found = Vec::new();
    files(&top, &mut found);
    found.sort();
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let found: Vec<(&str, u32)> =
        found.iter().map(|path| (path.strip_prefix(&top).unwrap().to_str().unwrap(), mode(path))).collect();
    assert_eq!(found, [("etc/ssl/certs/ca-certificates.crt", 0o644), ("usr/local/bin/kiln", 0o755)]);
    // What starts is what was copied, and it is a program.
    let entry = top.join(made.entry[0].trim_start_matches('/'));
    let output = Command::new(&entry).args(&made.entry[1..]).arg("version").output().unwrap();
    assert!(printed(&output).contains(env!("CARGO_PKG_VERSION")));
    // With a shell, for systems that start one.
    assert_eq!(image(&place, KILN, "busybox", &place.path("other")).0.base, "busybox");
    let script = root().join("ci/image.sh");
    assert_eq!(place.script("sh", &format!("sh '{}'", script.display()), &[]).status.code(), Some(3));
}

/// The image as a container starts it: nothing but its files, the user of the image, its folder. That takes a
/// static program, which `KILN_TEST_STATIC` names, and a user who may change the root.
#[test]
fn a_static_program_runs_with_nothing_around_it() {
    let Ok(program) = std::env::var("KILN_TEST_STATIC") else {
        eprintln!("SKIPPED: set KILN_TEST_STATIC to a static kiln, as ci/release/build.sh makes it");
        return;
    };
    let place = Place::new();
    let top = place.path("image");
    let (made, _) = image(&place, &program, "", &top);
    // What a CI system mounts.
    printed(&place.script("sh", "cp -R shop image/work/ && chown -R 65532:65532 image/work || :", &[]));
    let run = |words: &[&str]| {
        let mut command = Command::new("chroot");
        command.arg(format!("--userspec={}", made.user)).arg(&top).args(&made.entry).args(words);
        command.env_clear().env("PATH", std::env::var("PATH").unwrap());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = run(&["version"]);
    if code == Some(125) {
        eprintln!("SKIPPED: {told}");
        return;
    }
    assert_eq!(code, Some(0), "{told}");
    let project = format!("{}/shop", made.folder);
    assert_eq!(run(&["-C", &project, "generate", "staging"]).0, Some(0));
    assert!(place.read("image/work/shop/generated/staging/web.yaml").contains("stage: staging"));
    assert_eq!(run(&["-C", &project, "check", "staging"]).0, Some(0));
}
