//! Compiling `stacks/cloud-native` for `prod east`, from opening the project to comparing with the
//! folder: `cargo bench --bench stack`.

use std::path::{Path, PathBuf};

use divan::Bencher;
use kiln::diag::Sink;
use kiln::pipeline::{self, GenerateOptions, Watcher};

fn main() {
    divan::main();
}

struct Silent;

impl Watcher for Silent {
    fn planned(&self, _units: usize) {}
    fn rendered(&self, _address: &str) {}
}

fn options(out: &Path, jobs: usize) -> GenerateOptions {
    GenerateOptions {
        project: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("stacks/cloud-native"),
        environments: vec!["prod".to_owned(), "east".to_owned()],
        out_dir: Some(out.to_owned()),
        jobs: Some(jobs),
        dry_run: true,
        ..GenerateOptions::default()
    }
}

#[divan::bench(args = [1, 2])]
fn cloud_native(bencher: Bencher<'_, '_>, jobs: usize) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let options = options(out.path(), jobs);
    bencher.bench(|| {
        let generated = pipeline::generate(&options, &Silent, &mut Sink::new()).expect("the stack compiles");
        generated.changes.changes.len()
    });
}
