//! Argo CD and Kargo.

use std::fs;

use crate::files::documents;
use crate::place::{Place, printed};

#[test]
fn the_plugin_prints_the_manifests_of_a_stack() {
    let place = Place::new();
    let plugin = documents("ci/argocd/plugin.yaml").remove(0);
    let run = |step: &str, environments: &str| {
        let part = |key: &str| plugin["spec"][step][key].as_sequence().unwrap().clone();
        let words: Vec<String> =
            part("command").iter().chain(&part("args")).map(|word| word.as_str().unwrap().to_owned()).collect();
        // Argo CD starts it in the application's folder.
        let mut command = place.command(&words[0]);
        command
            .args(&words[1..])
            .current_dir(place.path("shop"))
            .env("TMPDIR", place.path(""))
            .env("PARAM_ENVIRONMENTS", environments);
        printed(&command.output().unwrap())
    };
    assert!(place.path("shop").join(plugin["spec"]["discover"]["fileName"].as_str().unwrap()).is_file());
    run("init", "staging");
    let text = run("generate", "staging common");
    assert!(text.starts_with("---\n") && text.contains("stage: staging"), "{text}");
    assert_eq!(text.matches("kind: ConfigMap").count(), 1, "{text}");
    assert!(run("generate", "").contains("stage: common"));
    let left: Vec<_> = fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| ["bin", "shop", "home"].iter().any(|own| name == own)), "{left:?}");
}

#[test]
fn the_step_compiles_and_tells_whether_that_changed_something() {
    let place = Place::new();
    let step = documents("ci/kargo/step.yaml").remove(0);
    let stage = documents("ci/kargo/stage.yaml").remove(0);
    let steps = stage["spec"]["promotionTemplate"]["spec"]["steps"].as_sequence().unwrap().clone();
    let own = steps.iter().find(|own| own["uses"] == step["metadata"]["name"]).expect("the stage uses the step");
    let run = || {
        let words: Vec<&str> =
            step["spec"]["command"].as_sequence().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        let mut command = place.command(words[0]);
        command.args(&words[1..]).env("KARGO_OUTPUT", place.path("output"));
        for variable in step["spec"]["env"].as_sequence().unwrap() {
            let field = variable["value"].as_str().unwrap().trim_start_matches("${{ config.").trim_end_matches(" }}");
            command.env(variable["name"].as_str().unwrap(), own["config"][field].as_str().unwrap());
        }
        let output = command.output().unwrap();
        (output.status.code(), fs::read_to_string(place.path("output")).unwrap_or_default())
    };
    assert_eq!(run(), (Some(0), "changed=true\n".to_owned()));
    assert!(place.read("shop/generated/staging/web.yaml").contains("stage: staging"));
    assert_eq!(run(), (Some(0), "changed=false\n".to_owned()));
    place.write("shop/web/templates/web.yaml", "{{ fail \"no\" }}");
    assert_eq!(run().0, Some(1));
}
