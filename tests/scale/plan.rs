use std::fs;

use serde_json::Value;

use crate::project::{Project, clusters};

fn plan(project: &Project, words: &[&str]) -> Value {
    let words = [&["plan", "-o", "json"], words].concat();
    let run = project.kiln(&words);
    assert!(run.0.status.success(), "{}", run.said());
    serde_json::from_slice(&run.0.stdout).unwrap()
}

/// `id: reason words` of all units that changed.
fn changes(plan: &Value) -> Vec<String> {
    let units = plan["units"].as_array().unwrap().iter().filter(|unit| unit["change"] != "unchanged");
    units
        .map(|unit| {
            let reasons: Vec<&str> =
                unit["reasons"].as_array().unwrap().iter().map(|reason| reason["reason"].as_str().unwrap()).collect();
            format!("{} {} {}", unit["change"].as_str().unwrap(), unit["id"].as_str().unwrap(), reasons.join(","))
        })
        .collect()
}

fn reasons(plan: &Value, id: &str) -> Vec<Value> {
    let unit = plan["units"].as_array().unwrap().iter().find(|unit| unit["id"] == id).unwrap();
    unit["reasons"].as_array().unwrap().clone()
}

#[test]
fn a_plan_lists_all_units_with_keys_that_no_place_changes() {
    let (project, other) = (Project::new(), Project::new());
    let one = plan(&project, &[]);
    assert_eq!(
        (&one["apiVersion"], &one["kind"], &one["schema"]),
        (&"kiln/v1alpha1".into(), &"Plan".into(), &1.into())
    );
    assert_eq!(one["counts"]["units"], 27);
    assert_eq!(one["units"], plan(&other, &["--jobs", "1"])["units"]);
    let unit = &one["units"][0];
    assert_eq!((&unit["id"], &unit["file"]), (&"c1/shop/web".into(), &"c1/web.yaml".into()));
    assert!(unit["key"].as_str().unwrap().starts_with("sha256:") && unit.get("change").is_none());
    // What is the same for all clusters has one key.
    let keys: std::collections::BTreeSet<String> =
        one["units"].as_array().unwrap().iter().map(|unit| unit["key"].to_string()).collect();
    assert_eq!(keys.len(), 9 + 9 + 1);
    assert_eq!(plan(&project, &["-l", "stage=prod"])["counts"]["units"], 15);
    project.kiln(&["plan", "--cluster", "c3"]).says(0, &["3 components in 1 job"]);
    fs::remove_file(project.path("clusters.yaml")).unwrap();
    project.kiln(&["plan", "-l", "stage=prod"]).says(1, &["clusters.missing"]);
}

#[test]
fn the_matrix_has_every_cluster_once_and_jobs_of_about_equal_cost() {
    let project = Project::new();
    for most in [1, 2, 4, 50] {
        let plan = plan(&project, &["--max-jobs", &most.to_string()]);
        let jobs = plan["matrix"]["include"].as_array().unwrap();
        assert_eq!(jobs.len(), most.min(9));
        let mut names: Vec<&str> = jobs.iter().flat_map(|job| job["clusters"].as_str().unwrap().split(' ')).collect();
        names.sort_unstable();
        assert_eq!(names, ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"]);
        for (at, job) in jobs.iter().enumerate() {
            assert_eq!(job["shard"], format!("{}/{}", at + 1, jobs.len()));
            let args: String =
                job["clusters"].as_str().unwrap().split(' ').map(|name| format!(" --cluster {name}")).collect();
            assert_eq!(job["args"], args.trim_start());
        }
    }
    // With the times of an earlier run a dear component counts for more.
    project.write("timings.json", r#"{"schema": 1, "components": {"shop/web": {"renders": 2, "milliseconds": 9.0}}}"#);
    let timed = plan(&project, &["--timings", "timings.json"]);
    assert_eq!((&timed["costs"], &timed["units"][0]["cost"]), (&"recorded".into(), &4.5.into()));
    assert_eq!(plan(&project, &[])["costs"], "estimated");
    project.write("timings.json", "{}");
    project.kiln(&["plan", "--timings", "timings.json"]).says(1, &["plan.timings"]);
    project.kiln(&["plan", "--timings", "nowhere.json"]).says(1, &["plan.timings"]);
}

#[test]
fn jobs_of_a_matrix_are_parts_that_merge_joins() {
    let project = Project::new();
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    let run = project.kiln(&["plan", "-o", "json", "--max-jobs", "3"]);
    fs::write(project.path("plan.json"), &run.0.stdout).unwrap();
    let document: Value = serde_json::from_slice(&run.0.stdout).unwrap();
    let mut words = vec!["merge".to_owned(), "joined".to_owned()];
    for job in document["matrix"]["include"].as_array().unwrap() {
        let (shard, out) = (job["shard"].as_str().unwrap(), format!("part-{}", words.len()));
        project.kiln(&["generate", "--shard", shard, "--plan", "plan.json", "-O", &out]).exits(0);
        let mut made: Vec<String> = fs::read_dir(project.path(&out))
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name != ".kiln")
            .collect();
        made.sort();
        assert_eq!(made.join(" "), job["clusters"].as_str().unwrap());
        words.push(out);
    }
    project.kiln(&words.iter().map(String::as_str).collect::<Vec<_>>()).says(0, &["9 clusters of 3 parts"]);
    assert_eq!(project.tree("joined"), project.tree("whole"));
    // Parts by name and parts by plan are not of one run.
    project.kiln(&["generate", "--shard", "1/4", "--plan", "plan.json"]).says(3, &["plan.unusable", "for 3 parts"]);
    project.kiln(&["generate", "--shard", "1/3", "--plan", "plan.json", "--cluster", "c1"]).says(1, &["plan.unusable"]);
    project.kiln(&["generate", "--shard", "1/3", "--plan", "kiln.yaml"]).says(1, &["plan.unusable"]);
}

#[test]
fn reasons_name_what_changed_and_where() {
    let project = Project::new();
    project.commit();
    let same = plan(&project, &["--base", "HEAD"]);
    assert_eq!((changes(&same).len(), &same["counts"]["unchanged"]), (0, &27.into()));
    assert_eq!(same["matrix"]["include"], Value::Array(Vec::new()));
    assert_eq!(same["base"]["commit"].as_str().unwrap().len(), 40);

    // A comment changes no value, and a key that stays the same changes nothing.
    project.write("config/common.yaml", "# more words\nsubcomponents: {web: {config: {color: grey}}}\n");
    assert!(changes(&plan(&project, &["--base", "HEAD"])).is_empty());

    project.write("config/prod.yaml", "subcomponents:\n  web:\n    config:\n      # more\n      replicas: 4\n");
    let changed = plan(&project, &["--base", "HEAD"]);
    let odd: Vec<String> = [1, 3, 5, 7, 9].map(|at| format!("changed c{at}/shop/web value")).into();
    assert_eq!(changes(&changed), odd);
    let reason = &reasons(&changed, "c3/shop/web")[0];
    assert_eq!((&reason["file"], &reason["line"]), (&"config/prod.yaml".into(), &5.into()));
    assert_eq!(reason["text"], "value `replicas` set by config/prod.yaml:5 changed");
    project
        .kiln(&["plan", "--base", "HEAD"])
        .says(0, &["27 components in 5 jobs, since HEAD: 0 added, 5 changed, 0 removed, 22 unchanged"]);
    // Only clusters with a change get a job.
    let jobs = changed["matrix"]["include"].as_array().unwrap();
    assert_eq!(jobs.len(), 5);
    project.commit();

    project.write("charts/db/templates/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n");
    let changed = plan(&project, &["--base", "HEAD", "--cluster", "c2"]);
    assert_eq!(changes(&changed), ["changed c2/shop/db chart"]);
    assert_eq!(reasons(&changed, "c2/shop/db")[0]["text"], "`charts/db/templates/more.yaml` is new");
    project.write("rules/rule.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    let changed = plan(&project, &["--base", "HEAD", "--cluster", "c2"]);
    assert_eq!(changes(&changed), ["changed c2/shop/db chart", "changed c2/shop/rules content"]);
    project.commit();

    // A layer more, a component less, another Kubernetes, clusters that come and go.
    let text = clusters()
        .replace("{name: c1,", "{name: c1, layers: [sites/c1, extra, prod],")
        .replace("{name: c2,", "{name: c2, components: {except: [shop/rules]},")
        .replace("{name: c3,", "{name: c3, kubeVersion: \"1.30\",")
        .replace("{name: c4,", "{name: c4, disabled: true,")
        .replace("{name: c5, labels: {stage: prod}}", "{name: c10, labels: {stage: testing}}")
        .replace("{name: c7,", "{name: c7, output: elsewhere/c7,");
    project.write("clusters.yaml", &text);
    project.write("config/extra.yaml", "subcomponents: {web: {config: {note: extra, deep: {a: 1, b: 2}}}}\n");
    project.write("config/sites/c10.yaml", "");
    project.write("config/sites/c6.yaml", "subcomponents: {db: {disabled: true}}\n");
    project.write(
        "config/sites/c9.yaml",
        "subcomponents: {web: {namespace: nine, config: {note: site-9}}, db: {config: {size: 9}}}\n",
    );
    let changed = plan(&project, &["--base", "HEAD"]);
    let expected = [
        "changed c1/shop/web value,value,layer",
        "removed c2/shop/rules cluster",
        "changed c3/shop/web kubernetes",
        "changed c3/shop/db kubernetes",
        "removed c4/shop/db cluster",
        "removed c4/shop/rules cluster",
        "removed c4/shop/web cluster",
        "added c10/shop/web cluster",
        "added c10/shop/db cluster",
        "added c10/shop/rules cluster",
        "changed c6/shop/web value",
        "removed c6/shop/db disabled",
        "changed c7/shop/web output",
        "changed c7/shop/db output",
        "changed c7/shop/rules output",
        "changed c9/shop/web namespace",
        "removed c5/shop/web cluster",
        "removed c5/shop/db cluster",
        "removed c5/shop/rules cluster",
    ];
    let mut found = changes(&changed);
    let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{found:#?}");
    let gone = &reasons(&changed, "c6/shop/db")[0];
    assert_eq!((&gone["file"], &gone["line"]), (&"config/sites/c6.yaml".into(), &1.into()));
    assert_eq!(
        reasons(&changed, "c6/shop/web")[0]["text"],
        "value `note` is not set any more; config/sites/c6.yaml:4 set it at HEAD"
    );
    assert_eq!(reasons(&changed, "c1/shop/web")[2]["text"], "the layer `extra` was added to the cluster");
    assert_eq!(reasons(&changed, "c3/shop/db")[0]["text"], "the version of Kubernetes changed to 1.30");
    // A cluster of which nothing is left has no job.
    let jobs = changed["matrix"]["include"].as_array().unwrap();
    assert_eq!(jobs.iter().filter(|job| job["clusters"] == "c4" || job["clusters"] == "c5").count(), 0);
    // Seen from the other side.
    project.commit();
    let back = plan(&project, &["--base", "HEAD~1"]);
    assert_eq!(changes(&back).len(), found.len());
}

#[test]
fn a_base_that_cannot_be_resolved_means_that_all_changed() {
    let project = Project::new();
    project.kiln(&["plan", "--base", "HEAD"]).says(1, &["is in no git repository"]);
    let good = project.read("component.yaml");
    project.write("component.yaml", "name: [\n");
    project.commit();
    project.write("component.yaml", &good);
    let broken = plan(&project, &["--base", "HEAD"]);
    assert_eq!(broken["counts"]["changed"], 27);
    assert_eq!(reasons(&broken, "c1/shop/web")[0]["reason"], "unresolved");
    project.commit();
    project.kiln(&["plan", "--base", "nowhere"]).says(1, &["has no commit `nowhere`"]);
    assert!(changes(&plan(&project, &["--base", "HEAD"])).is_empty());
    // A layer that one cluster could not do without.
    fs::remove_file(project.path("config/sites/c1.yaml")).unwrap();
    project.kiln(&["plan", "--base", "HEAD"]).says(1, &["config.unknown-layer", "c1"]);
}

#[test]
fn a_project_in_a_folder_of_a_repository_is_found_there() {
    let project = Project::new();
    let outer = tempfile::tempdir().unwrap();
    let place = outer.path().join("stacks/shop");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::rename(project.folder.path(), &place).unwrap();
    fs::write(outer.path().join("other.txt"), "x").unwrap();
    crate::project::commit(outer.path());
    fs::create_dir_all(project.folder.path()).unwrap();
    let run = |words: &[&str]| {
        let run = project.command(words).current_dir(outer.path()).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        serde_json::from_slice::<Value>(&run.stdout).unwrap()
    };
    fs::write(place.join("config/prod.yaml"), "subcomponents:\n  web:\n    config:\n      color: red\n").unwrap();
    let seen = run(&["-C", "stacks/shop", "plan", "-o", "json", "--base", "HEAD", "--cluster", "c1"]);
    let texts: Vec<Value> = reasons(&seen, "c1/shop/web").iter().map(|reason| reason["text"].clone()).collect();
    assert_eq!(
        texts,
        [
            "value `color` set by stacks/shop/config/prod.yaml:4 changed",
            "value `replicas` is not set any more; stacks/shop/config/prod.yaml:4 set it at HEAD",
        ]
    );
}
