use crate::support::Place;

fn with_secret(rule: &str, secret: &str) -> Place {
    let place = Place::new();
    place.write("db/secret.yaml", secret);
    place.write("publish.yaml", &format!("target: {{repo: ../target.git}}\nowner: fleet\n{rule}\n"));
    place.commit("Secret");
    place
}

const LITERAL: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n";
const SEALED: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: \"ENC[AES256_GCM,data:x]\"}\n\
                      sops: {version: 3.9.0}\n";
const EMPTY: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: Opaque\n";
const OPERATOR: &str =
    "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec: {encryptedData: {a: b}}\n";

/// R-PB-14: Secrets with values in them.
#[test]
fn secrets_with_values_are_refused() {
    for (rule, secret, code) in [
        ("", LITERAL, 4),
        ("secrets: deny", SEALED, 4),
        ("secrets: sealed-only", LITERAL, 4),
        ("secrets: sealed-only", SEALED, 0),
        ("secrets: allow", LITERAL, 0),
        ("", EMPTY, 0),
        ("", OPERATOR, 0),
    ] {
        let place = with_secret(rule, secret);
        let ended = place.publish(&[]);
        assert_eq!(ended.code, code, "{rule} {secret}\n{}", ended.err);
        if code == 4 {
            assert!(place.tip("main").is_none() && !ended.err.contains("hunter2"));
            ended.says("publish.secret").says("clusters/a/db.yaml");
        }
    }
}

fn with_chart(template: &str) -> Place {
    let place = Place::new();
    place.write("component.yaml", "name: shop\nsubcomponents:\n  - {name: web, type: helm, path: ./chart}\n");
    place.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    place.write("chart/templates/x.yaml", template);
    place.write("config/common.yaml", "");
    place.commit("Chart");
    place
}

/// R-PB-14: values that the input does not determine.
#[test]
fn drawn_values_are_told_and_never_stand_in_secrets() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{ randAlphaNum 8 }}}\n";
    let place = with_chart(map);
    place.publish(&[]).expect(0).says("publish.drawn").says("randAlphaNum").says("x.yaml");
    place.publish(&[]).expect(0).says("nothing changes");
    with_chart(map).publish(&["--nondeterminism", "error"]).expect(1);
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {a: {{ randAlphaNum 8 | b64enc }}}\n";
    let place = with_chart(secret);
    place.write("publish.yaml", "target: {repo: ../target.git}\nsecrets: allow\n");
    place.commit("Allow");
    place.publish(&[]).expect(4).says("publish.drawn-secret").says("x.yaml");
    assert!(place.tip("main").is_none());
    // A drawn value elsewhere does not taint a Secret that has none.
    let both = format!("{map}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: y}}\n");
    with_chart(&both).publish(&[]).expect(0);
}
