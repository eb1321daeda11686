use serde_json::Value;

use crate::project::Project;

#[test]
fn timings_are_told_written_and_used_for_plans() {
    let project = Project::new();
    let said = project.kiln(&["generate", "--timings=times.json"]).exits(0);
    for word in ["stage", "render", "cpu ms", "slowest of", "/shop/web", "clusters 9"] {
        assert!(said.contains(word), "no `{word}` in:\n{said}");
    }
    let times: Value = serde_json::from_str(&project.read("times.json")).unwrap();
    assert_eq!(project.read("times.json"), project.read("generated/.kiln/timings.json"));
    assert_eq!((&times["kind"], &times["schema"]), (&"Timings".into(), &1.into()));
    assert_eq!(times["components"]["shop/web"]["renders"], 9);
    assert!(times["components"]["shop/web"]["milliseconds"].as_f64().unwrap() > 0.0);
    assert_eq!(times["slowest"].as_array().unwrap().len(), 9 + 9 + 1);
    assert!(times["stages"].as_array().unwrap().iter().any(|stage| stage["stage"] == "render"));
    let run = project.kiln(&["plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&run.0.stdout).unwrap();
    assert_eq!(plan["costs"], "recorded");
    // Without a value the words after it are environments, as ever.
    project
        .kiln(&["generate", "--timings", "prod", "--allow-missing-layers"])
        .says(0, &["slowest of 3 releases", "resolve", "put in place"]);
    let quiet = project.kiln(&["generate"]).exits(0);
    assert!(!quiet.contains("slowest"), "{quiet}");
}
