use std::fs;

use git2::{Repository, Signature, Time};
use serde_json::Value;

use crate::support::{Place, files_of};

fn environments(place: &Place, more: &str) {
    let text = format!(
        "target: {{repo: ../target.git, branch: \"environment/{{stage}}\"}}\nowner: fleet\nlayout: environment-branches\n\
         paths: {{clusters: \"{{name}}\"}}\n{more}"
    );
    place.write("publish.yaml", &text);
}

/// R-PB-11: the contract of Argo CD's hydrator and GitOps Promoter.
#[test]
fn environment_branches_are_proposed_with_hydrator_metadata() {
    let place = Place::new();
    environments(&place, "");
    let source =
        place.commit("Layout\n\nWhy.\n\nArgocd-reference-commit-sha: 0123456789012345678901234567890123456789");
    place.publish(&[]).expect(0);
    let files = place.files("environment/production-next");
    let names: Vec<&String> = files.keys().filter(|name| !name.starts_with(".kiln/")).collect();
    assert_eq!(names, ["b/db.yaml", "b/web.yaml", "c/db.yaml", "c/web.yaml", "hydrator.metadata"]);
    let metadata: Value = serde_json::from_str(&files["hydrator.metadata"]).unwrap();
    assert_eq!(metadata["drySha"], source.to_string());
    assert_eq!(metadata["author"], "dev <dev@example.invalid>");
    assert_eq!((&metadata["subject"], &metadata["body"]), (&"Layout".into(), &"Why.\n\n".into()));
    assert_eq!(metadata["references"][0]["commit"]["sha"], "0123456789012345678901234567890123456789");
    assert!(place.message("environment/production-next").contains("Argocd-reference-commit-sha: 0123"));
    assert_eq!(place.names("environment/staging-next").len(), 3);
    // A commit that changes nothing moves the note only.
    let tip = place.tip("environment/production-next").unwrap();
    let note = |place: &Place| {
        let target = place.target();
        let notes = target.find_reference("refs/notes/hydrator.metadata").unwrap().target().unwrap();
        files_of(&target, notes)[&tip.to_string()].clone()
    };
    assert_eq!(note(&place), format!("{{\"drySha\":\"{source}\"}}\n"));
    place.write("README.md", "x");
    let next = place.commit("Nothing");
    place.publish(&[]).expect(0);
    assert_eq!(place.tip("environment/production-next"), Some(tip));
    assert_eq!(note(&place), format!("{{\"drySha\":\"{next}\"}}\n"));
}

/// Every field, as Argo CD's commit server fills it and the types of GitOps Promoter take it.
#[test]
fn hydrator_metadata_is_what_its_readers_expect() {
    let place = Place::new();
    environments(&place, "");
    place.commit("Layout");
    let source = Repository::open(place.source()).unwrap();
    source.remote("origin", "https://ci:secret@git.example.com/platform/stack.git").unwrap();
    let who = |name: &str, seconds: i64, minutes: i32| {
        Signature::new(name, "dev@example.invalid", &Time::new(1_750_000_000 + seconds, minutes)).unwrap()
    };
    let (author, committer) = (who("Dev Ops", 0, -240), who("merge queue", 60, 60));
    let metadata = |replicas: u32, message: &str| {
        let parent = source.head().unwrap().peel_to_commit().unwrap();
        let config = format!("subcomponents: {{web: {{config: {{replicas: {replicas}}}}}}}\n");
        place.write("config/common.yaml", &config);
        let tree = source.find_tree(place.tree()).unwrap();
        let id = source.commit(Some("HEAD"), &author, &committer, message, &tree, &[&parent]).unwrap();
        place.publish(&[]).expect(0);
        place.files("environment/production-next")["hydrator.metadata"].replace(&id.to_string(), "ID")
    };
    let text = metadata(
        5,
        "Bump web\nto 1.2 <&> \u{e9}\n\nBecause \"1.1\" leaks.\n\n\
         Argocd-reference-commit-author: Jane Dev <jane@example.com>\n\
         Argocd-reference-commit-sha: 0123456\n\
         Argocd-reference-commit-sha: 0123456789012345678901234567890123456789\n\
         Argocd-reference-commit-subject: Mend: the leak\n\
         Argocd-reference-commit-body: \"One\\n\\nTwo\"\n\
         Argocd-reference-commit-repourl: https://git.example.com/acme/web\n\
         Argocd-reference-commit-date: 2025-06-09T13:50:18.25-04:00\n\
         Signed-off-by: Dev <dev@example.invalid>\n",
    );
    let expected = r#"{
  "repoURL": "https://git.example.com/platform/stack.git",
  "drySha": "ID",
  "author": "Dev Ops <dev@example.invalid>",
  "date": "2025-06-15T11:06:40-04:00",
  "subject": "Bump web to 1.2 <&> é",
  "body": "Because \"1.1\" leaks.\n\nSigned-off-by: Dev <dev@example.invalid>\n",
  "references": [
    {
      "commit": {
        "author": "Jane Dev <jane@example.com>",
        "date": "2025-06-09T13:50:18-04:00",
        "subject": "Mend: the leak",
        "body": "One\n\nTwo",
        "sha": "0123456789012345678901234567890123456789",
        "repoURL": "https://git.example.com/acme/web"
      }
    }
  ]
}
"#;
    assert_eq!(text, expected);
    // What is no date, id, person or JSON would make the whole file unreadable: it stays in the body.
    let odd = "Argocd-reference-commit-date: yesterday\nArgocd-reference-commit-sha: HEAD\n\
               Argocd-reference-commit-author: Jane\nArgocd-reference-commit-body: One\n\
               Argocd-reference-commit-color: red\n";
    let text = metadata(6, &format!("Odd\n\n{odd}"));
    let expected = format!(
        "{{\n  \"repoURL\": \"https://git.example.com/platform/stack.git\",\n  \"drySha\": \"ID\",\n  \"author\": \"Dev Ops <dev@example.invalid>\",\n  \
         \"date\": \"2025-06-15T11:06:40-04:00\",\n  \"subject\": \"Odd\",\n  \"body\": {}\n}}\n",
        serde_json::to_string(odd).unwrap()
    );
    assert_eq!(text, expected);
    // Without a remote nobody knows a URL.
    source.remote_delete("origin").unwrap();
    assert!(metadata(7, "Plain").starts_with("{\n  \"drySha\": \"ID\",\n  \"author\""));
}

#[test]
fn an_active_path_holds_everything() {
    let place = Place::new();
    environments(&place, "activePath: apps/shop\n");
    place.commit("Layout");
    place.edit("environment/staging", &[("apps/other/x.yaml", Some("x: 1\n"))]);
    place.publish(&[]).expect(0);
    let files = place.files("environment/staging-next/apps/shop");
    assert!(files.contains_key("apps/shop/hydrator.metadata") && files.contains_key("apps/other/x.yaml"), "{files:?}");
    assert!(files.keys().all(|name| name.starts_with("apps/shop/") || name == "apps/other/x.yaml"), "{files:?}");
}

/// R-PB-12, R-BR-1 and R-BR-2: a branch moves forward, as a whole.
#[test]
fn promotion_moves_forward_only() {
    let place = Place::new();
    place.write(
        "publish.yaml",
        "target: {repo: ../target.git, branch: staging}\nowner: fleet\nlayout: promotion-branches\n",
    );
    place.commit("Layout");
    place.publish(&[]).expect(0);
    let promote = |more: &[&str]| place.kiln(&[&["promote", "--from", "staging", "--to", "production"], more].concat());
    promote(&[]).expect(0);
    assert_eq!(place.tip("production"), place.tip("staging"));
    let source = place.bump(5);
    place.publish(&[]).expect(0);
    let plan = promote(&["--plan"]).expect(0);
    assert!(
        plan.out.contains("+++ b/clusters/b/web.yaml") && !plan.out.contains("clusters/a/web.yaml"),
        "{}",
        plan.out
    );
    assert!(plan.out.contains(&source.to_string()), "{}", plan.out);
    assert_ne!(place.tip("production"), place.tip("staging"));
    promote(&[]).expect(0);
    assert_eq!(place.tip("production"), place.tip("staging"));
    promote(&[]).expect(0).says("already");
    let hotfix = place.edit("production", &[("clusters/b/web.yaml", Some("hot: fix\n"))]);
    place.bump(6);
    place.publish(&[]).expect(0);
    promote(&[]).expect(5).says(&hotfix.to_string()[..12]).says("By hand");
    assert_eq!(place.tip("production"), Some(hotfix));
    promote(&["--component", "web"]).expect(5).says("moves as a whole");
    place.kiln(&["promote", "--from", "stagin", "--to", "production"]).expect(5).says("did you mean `staging`?");
}

/// R-PB-13: one branch that is replaced until it is merged.
#[test]
fn proposals_have_one_branch_on_top_of_the_target() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.bump(2);
    place.publish(&["--pull-request"]).expect(0);
    let first = place.tip("kiln/fleet/main").unwrap();
    place.publish(&["--pull-request"]).expect(0).says("nothing changes");
    place.bump(3);
    place.publish(&["--pull-request"]).expect(0);
    let second = place.tip("kiln/fleet/main").unwrap();
    let target = place.target();
    let parent = |id| target.find_commit(id).unwrap().parent_id(0).unwrap();
    assert!(first != second && Some(parent(second)) == place.tip("main") && parent(first) == parent(second));
    assert!(place.message("kiln/fleet/main").contains("- shop/web: 3 clusters, 3 files"));
    // Merged: what was proposed is there, and the branch goes away.
    target.reference("refs/heads/main", second, true, "").unwrap();
    place.publish(&["--pull-request"]).expect(0);
    assert_eq!(place.tip("kiln/fleet/main"), None);
    place.bump(4);
    place.publish(&["--pull-request", "--unique"]).expect(0);
    let branches = target.branches(None).unwrap();
    let names: Vec<String> = branches.map(|branch| branch.unwrap().0.name().unwrap().unwrap().to_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("kiln/fleet/main-")), "{names:?}");
}

#[test]
fn objects_may_have_files_of_their_own() {
    let place = Place::new();
    place
        .write("publish.yaml", "target: {repo: ../target.git}\nsplit: object\npaths: {clusters: \"{stage}/{name}\"}\n");
    place.commit("Split");
    place.publish(&["--cluster", "a"]).expect(0);
    assert_eq!(place.names("main"), ["staging/a/db/configmap-db.yaml", "staging/a/web/deployment-web.yaml"]);
}

/// `--to DIR`: the same owners and guards, without commits.
#[test]
fn a_folder_is_written_like_a_branch() {
    let place = Place::new();
    let out = place.folder.path().join("out");
    fs::create_dir_all(out.join("clusters/a")).unwrap();
    fs::write(out.join("clusters/a/NOTES.md"), "note").unwrap();
    let to = |more: &[&str]| place.publish(&[&["--to", "../out"], more].concat());
    assert_eq!(to(&["-o", "json"]).expect(0).json()["changed"], true);
    assert_eq!(to(&["-o", "json"]).expect(0).json()["changed"], false);
    fs::write(out.join("clusters/b/db.yaml"), "by: hand\n").unwrap();
    to(&[]).expect(5).says("+by: hand");
    to(&["--overwrite-drift"]).expect(0);
    let old = place.bump(2);
    place.bump(3);
    to(&[]).expect(0);
    place.checkout(old);
    to(&[]).expect(5).says("stale source");
    assert!(fs::read_to_string(out.join("clusters/c/web.yaml")).unwrap().contains("replicas: 3"));
    assert_eq!(fs::read_to_string(out.join("clusters/a/NOTES.md")).unwrap(), "note");
}
