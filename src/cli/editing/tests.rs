use std::fs;

use tempfile::TempDir;

use super::{Edited, Manner, folder_name};
use crate::cli::commands::add::{AddArgs, add};
use crate::cli::commands::remove::{RemoveArgs, remove};
use crate::cli::commands::set::{SetArgs, set};
use crate::diag::Diagnostic;
use crate::source::Tree;

struct Site(TempDir);

impl Site {
    fn new(files: &[(&str, &str)]) -> Self {
        let site = Self(TempDir::with_prefix("stack-").unwrap());
        for (path, text) in files {
            let path = site.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        site
    }

    fn set_as(&self, manner: Manner, pairs: &[&str], change: impl FnOnce(&mut SetArgs)) -> Result<String, Diagnostic> {
        let pairs = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        let mut args = SetArgs { pairs, environment: "common".to_owned(), ..SetArgs::default() };
        change(&mut args);
        self.do_it(&|tree| set(&args, tree, manner))
    }

    fn do_it(&self, edit: &dyn Fn(&Tree) -> Result<Edited, Diagnostic>) -> Result<String, Diagnostic> {
        let edited = edit(&Tree::directory(self.0.path(), ""))?;
        edited.write(self.0.path())?;
        Ok(edited.told)
    }

    fn add(&self, args: &AddArgs, manner: Manner) -> Result<String, Diagnostic> {
        self.do_it(&|tree| add(args, tree, &folder_name(self.0.path()), manner))
    }

    fn set(&self, pairs: &[&str]) -> Result<String, Diagnostic> {
        self.set_as(Manner::Kiln, pairs, |_| {})
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }
}

#[test]
fn set_keeps_the_text_and_types_the_values() {
    let site = Site::new(&[("config/common.yaml", "# why\nconfig:\n  z: 1 # one\n  a: {b: 2}\n")]);
    site.set(&["a.b=5", "data.replicas=4", "user=ops", "flag=true", "z=x=y", "l=[1, a]", "e="]).unwrap();
    let text = site.read("config/common.yaml");
    assert!(text.starts_with("# why\nconfig:\n  z: x=y # one\n  a: {b: 5}\n"), "{text}");
    for line in ["  data:\n    replicas: 4\n", "  user: ops\n", "  flag: true\n", "  e: \"\"\n"] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(site.set(&["flag=true"]).unwrap(), "nothing to change in config/common.yaml");
    site.set_as(Manner::Kiln, &["z=4"], |args| args.string = true).unwrap();
    assert!(site.read("config/common.yaml").contains("  z: \"4\" # one\n"));
}

#[test]
fn set_below_a_subcomponent() {
    let site = Site::new(&[]);
    site.set_as(Manner::Kiln, &["foo.\"x.y/z\"=1"], |args| {
        args.subcomponent = "mid.sub".to_owned();
        args.environment = "eu/prod".to_owned();
    })
    .unwrap();
    let expected = "subcomponents:\n  mid:\n    subcomponents:\n      sub:\n        config:\n          foo:\n            x.y/z: 1\n";
    assert_eq!(site.read("config/eu/prod.yaml"), expected);
}

#[test]
fn set_as_fabrikate_writes_strings() {
    let site = Site::new(&[("config/common.json", "{\"config\":{\"a\":1}}"), ("in.yaml", "n: 5\nm: {t: true}\n")]);
    site.set_as(Manner::Fabrikate, &["b=2"], |_| {}).unwrap();
    assert_eq!(site.read("config/common.json"), "{\n  \"config\": {\n    \"a\": 1,\n    \"b\": \"2\"\n  }\n}");
    assert!(site.set_as(Manner::Fabrikate, &["a=b=c"], |_| {}).is_err());
    let file = site.0.path().join("in.yaml");
    site.set_as(Manner::Fabrikate, &[], |args| args.file = Some(file.clone())).unwrap();
    assert!(site.read("config/common.json").contains("\"t\": \"true\""));
    site.set_as(Manner::Kiln, &[], |args| args.file = Some(file)).unwrap();
    assert!(site.read("config/common.json").contains("\"t\": true"));
}

#[test]
fn set_refuses() {
    let site = Site::new(&[("config/common.yaml", "config:\n  a: {b: 1}\n  s: text\n")]);
    let before = site.read("config/common.yaml");
    for bad in ["novalue", "=1", "a..b=1", "s.deeper=1"] {
        assert!(site.set(&[bad]).is_err(), "{bad}");
    }
    assert!(site.set(&[]).is_err());
    let no_new = |pair: &str, below: &str| {
        site.set_as(Manner::Kiln, &[pair], |args| {
            args.no_new_config_keys = true;
            args.subcomponent = below.to_owned();
        })
    };
    assert!(no_new("a.c=2", "").is_err() && no_new("a=2", "s").is_err());
    assert!(site.set_as(Manner::Kiln, &["a=1"], |args| args.environment = "../x".to_owned()).is_err());
    assert_eq!(site.read("config/common.yaml"), before);
    no_new("a.b=2", "").unwrap();
    assert_eq!(site.read("config/common.yaml"), "config:\n  a: {b: 2}\n  s: text\n");
}

#[test]
fn set_opens_a_null() {
    let site = Site::new(&[("config/common.yaml", "config:\n")]);
    site.set(&["a=1"]).unwrap();
    assert_eq!(site.read("config/common.yaml"), "config:\n  a: 1\n");
}

fn adding(name: &str, source: &str) -> AddArgs {
    let (name, source) = (name.to_owned(), Some(source.to_owned()));
    AddArgs { name, source, kind: "component".to_owned(), ..AddArgs::default() }
}

#[test]
fn add_and_remove_keep_the_text() {
    let site = Site::new(&[("component.yaml", "# stack\nname: root\nsubcomponents:\n- {name: z, source: ./z}\n")]);
    site.add(&adding("a", "https://example.com/a"), Manner::Kiln).unwrap();
    let with = "# stack\nname: root\nsubcomponents:\n- {name: z, source: ./z}\n- name: a\n  source: https://example.com/a\n  method: git\n";
    assert_eq!(site.read("component.yaml"), with);
    site.add(&adding("a", "https://example.com/a"), Manner::Kiln).unwrap();
    assert_eq!(site.read("component.yaml"), with, "adding twice changes nothing");
    site.add(&AddArgs { version: Some("v1".to_owned()), ..adding("a", "./local") }, Manner::Kiln).unwrap();
    assert!(site.read("component.yaml").ends_with("- name: a\n  source: ./local\n  version: v1\n"));
    let names = |names: &[&str]| RemoveArgs { names: names.iter().map(|name| (*name).to_owned()).collect() };
    site.do_it(&|tree| remove(&names(&["a", "nosuch"]), tree, "", Manner::Kiln)).unwrap();
    assert_eq!(site.read("component.yaml"), "# stack\nname: root\nsubcomponents:\n- {name: z, source: ./z}\n");
}

#[test]
fn add_as_fabrikate() {
    let site = Site::new(&[("component.yaml", "# stack\nname: root\nsubcomponents:\n- {name: z, source: ./z}\n")]);
    site.add(&adding("a", "https://example.com/a"), Manner::Fabrikate).unwrap();
    let text = site.read("component.yaml");
    assert!(text.starts_with("# stack\nname: root\n") && text.contains("type: component"), "{text}");
    assert!(text.find("name: a") < text.find("name: z") && text.contains("branch: master"), "{text}");

    let fresh = Site::new(&[]);
    fresh.add(&adding("a", "x"), Manner::Fabrikate).unwrap();
    let name = fresh.0.path().file_name().unwrap().to_string_lossy().into_owned();
    let expected = format!(
        "name: {name}\nsubcomponents:\n- name: a\n  type: component\n  source: x\n  method: git\n  branch: master\n"
    );
    assert_eq!(fresh.read("component.yaml").replace("  - ", "- ").replace("    ", "  "), expected);
}

#[test]
fn add_never_overwrites_a_broken_file() {
    let site = Site::new(&[("component.yaml", "name: [\n")]);
    assert!(site.add(&adding("a", "x"), Manner::Fabrikate).is_err());
    assert_eq!(site.read("component.yaml"), "name: [\n");
    let bad = Site::new(&[]);
    for args in [adding("../x", "y"), AddArgs { kind: "hlem".to_owned(), ..adding("a", "y") }] {
        assert!(bad.add(&args, Manner::Kiln).is_err());
    }
    assert!(!bad.0.path().join("component.yaml").exists());
}
