//! One fleet's life: a hundred clusters with twenty services each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::thread;

use crate::support::Place;

const SERVICES: usize = 20;
/// Clusters that have no `svc-07`.
const WITHOUT: [usize; 6] = [3, 17, 31, 48, 66, 90];

fn name(at: usize) -> String {
    match at {
        42 => "ember-newt".to_owned(),
        at => format!("cluster-{at:03}"),
    }
}

fn matrix(skipped: Option<usize>) -> String {
    let mut text = "defaults: {layers: [\"{stage}\", \"{provider}\"]}\nclusters:\n".to_owned();
    for at in (0..100).filter(|at| Some(*at) != skipped) {
        let stage = if at % 3 == 0 { "staging" } else { "production" };
        let provider = ["aws", "azure", "kvm"][at % 3];
        let except = if WITHOUT.contains(&at) { ", components: {except: [fleet/svc-07]}" } else { "" };
        let _ = writeln!(
            text,
            "- {{name: {}, labels: {{stage: {stage}, provider: {provider}, ring: r{}}}{except}}}",
            name(at),
            at % 8
        );
    }
    text
}

fn fleet() -> Place {
    let place = Place::empty();
    let mut component = "name: fleet\nsubcomponents:\n".to_owned();
    let mut common = "subcomponents:\n".to_owned();
    for at in 0..SERVICES {
        let _ = writeln!(component, "  - {{name: svc-{at:02}, type: template, path: ./service}}");
        let _ = writeln!(common, "  svc-{at:02}: {{config: {{tag: \"1.0.{at}\", replicas: 1}}}}");
    }
    place.write("kiln.yaml", "");
    place.write(".gitignore", ".kiln/\ngenerated/\n");
    place.write("component.yaml", &component);
    place.write("config/common.yaml", &common);
    place.write("config/staging.yaml", "subcomponents: {svc-01: {config: {replicas: 2}}}\n");
    place.write("config/production.yaml", "subcomponents: {svc-01: {config: {replicas: 3}}}\n");
    for provider in ["aws", "azure", "kvm"] {
        place.write(&format!("config/{provider}.yaml"), &format!("config: {{provider: {provider}}}\n"));
    }
    place.write(
        "service/service.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: service, labels: {cluster: {{ kiln.cluster.name }}}}\n\
         spec:\n  replicas: {{ config.replicas }}\n  template:\n    spec:\n      containers:\n      - name: main\n        \
         image: registry.example.com/fleet/service:{{ config.tag }}\n",
    );
    place.write("clusters.yaml", &matrix(None));
    place.write(
        "publish.yaml",
        "target: {repo: ../target.git, branch: staging}\nowner: fleet\nlayout: promotion-branches\n",
    );
    place.commit("A fleet");
    place
}

fn bump(place: &Place, service: &str, tag: &str) -> git2::Oid {
    let text = place.read("config/common.yaml");
    let line = text.lines().find(|line| line.contains(&format!("{service}:"))).unwrap().to_owned();
    let start = line.find("tag: \"").unwrap() + 6;
    let end = start + line[start..].find('"').unwrap();
    place.replace("config/common.yaml", &line, &format!("{}{tag}{}", &line[..start], &line[end..]));
    place.commit(&format!("{service} {tag}"))
}

#[test]
fn a_fleet_from_the_first_commit_to_production() {
    // 1: what is published is what `generate` writes.
    let place = fleet();
    place.kiln(&["generate", "-q"]).expect(0);
    // 2: one commit.
    place.publish(&[]).expect(0);
    assert_eq!(place.count("staging"), 1);
    let files = place.files("staging");
    let own: Vec<_> = files.iter().filter(|(path, _)| path.starts_with("clusters/")).collect();
    assert_eq!(own.len(), 100 * SERVICES - WITHOUT.len());
    for (path, text) in own {
        let below = path.strip_prefix("clusters/").unwrap();
        assert_eq!(*text, place.read(&format!("generated/{below}")), "{path}");
    }
    // 3: none.
    place.publish(&[]).expect(0).says("nothing changes");
    assert_eq!(place.count("staging"), 1);
    // 4: an image touches exactly the clusters that have it.
    let old = bump(&place, "svc-07", "2.0.0");
    let done = place.publish(&["-o", "json"]).expect(0).json();
    let branch = &done["branches"][0];
    assert_eq!(branch["clusters"]["changed"], 94);
    assert_eq!(branch["files"]["changed"], 94);
    let changes = branch["changes"].as_array().unwrap();
    let folders: BTreeSet<&str> =
        changes.iter().map(|change| change["files"][0].as_str().unwrap().rsplit_once('/').unwrap().0).collect();
    assert_eq!((folders.len(), place.count("staging")), (94, 2));
    assert!(changes.iter().all(|change| change["component"] == "fleet/svc-07"));
    // 5: a cluster goes, a note in its folder stays.
    place.edit("staging", &[("clusters/ember-newt/NOTES.md", Some("by hand\n"))]);
    place.write("clusters.yaml", &matrix(Some(42)));
    place.commit("Without ember-newt");
    place.publish(&[]).expect(5).says("publish.removes-clusters");
    place.publish(&["--allow-delete"]).expect(0).says("left alone: clusters/ember-newt/NOTES.md");
    let names = place.names("staging");
    let left: Vec<&String> = names.iter().filter(|path| path.contains("ember-newt")).collect();
    assert_eq!(left, ["clusters/ember-newt/NOTES.md"]);
    // 6: eight jobs for eight parts.
    bump(&place, "svc-02", "2.0.0");
    let before = place.count("staging");
    thread::scope(|scope| {
        for ring in 0..8 {
            let place = &place;
            scope.spawn(move || place.publish(&["-l", &format!("ring=r{ring}")]).expect(0));
        }
    });
    assert_eq!(place.count("staging"), before + 8);
    place.publish(&[]).expect(0).says("nothing changes");
    // 7: an older commit is late.
    let tip = place.tip("staging");
    place.checkout(old);
    place.publish(&[]).expect(5).says("stale source");
    assert_eq!(place.tip("staging"), tip);
    // 8: to production.
    place.kiln(&["promote", "--from", "staging", "--to", "production"]).expect(0);
    assert_eq!(place.tip("production"), tip);
}
