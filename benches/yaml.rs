//! Reading and writing YAML, in bytes per second: `cargo bench --bench yaml`.

use divan::Bencher;
use divan::counter::BytesCount;
use kiln::value::Value;
use kiln::yaml;

fn main() {
    divan::main();
}

/// About 1 MB of Deployments, as rendered charts look.
fn manifests() -> String {
    let mut text = String::new();
    for at in 0..1500 {
        text.push_str(&format!(
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: service-{at}\n    namespace: shop\n    labels:\n      \
             app.kubernetes.io/name: service-{at}\n      helm.sh/chart: service-1.2.{at}\n    annotations:\n      note: \"line one, \
             and: more\"\n  spec:\n    replicas: {at}\n    template:\n      spec:\n        containers:\n          - name: main\n            \
             image: registry.example.com/team/service:{at}.0.1\n            args: [--port=8080, --verbose]\n            script: |\n              \
             set -e\n              exec service\n            resources:\n              limits: {{cpu: 500m, memory: 128Mi}}\n"
        ));
    }
    text
}

#[divan::bench]
fn load(bencher: Bencher<'_, '_>) {
    let text = manifests();
    bencher.counter(BytesCount::new(text.len())).bench(|| yaml::load(divan::black_box(text.as_bytes())));
}

#[divan::bench]
fn emit(bencher: Bencher<'_, '_>) {
    let frozen = yaml::load(manifests().as_bytes()).expect("the text is YAML");
    let size = yaml::to_yaml(&Value::from(&frozen)).expect("has a YAML form").len();
    bencher
        .counter(BytesCount::new(size))
        .with_inputs(|| Value::from(&frozen))
        .bench_local_values(|value| yaml::to_yaml(&value));
}
