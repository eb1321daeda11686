//! `helm template`: flag for flag and byte for byte. No cluster is asked: what would need one is
//! refused.

mod flags;
mod helm4;
mod nondeterminism;
mod output;
mod post_renderer;
mod reads;
mod recorded;

use std::mem;
use std::path::PathBuf;

use crate::gotmpl::Limits;
use crate::helm::{self, Compat, KubeVersion, ReleaseOptions, print};

use super::command::{Action, Arguments};
use super::failure::{Failure, Outcome, say};
use super::pflag::{self, Words};
use super::{chart, dependency, flags as shared, place, settings, stack, values};

use flags::FLAGS;

/// `helm template`.
pub const ACTION: Action = Action {
    usage: "[NAME] CHART",
    arguments: Arguments::Any,
    flags: &[shared::VALUES, FLAGS, shared::SOURCE],
    run: |words| stack::with_room(words, template),
};

/// Gives what goes to standard output.
fn template(words: Words, limits: Limits) -> Outcome {
    let compat = words.compat;
    if compat == Compat::V4 {
        helm4::check(&words)?;
    }
    let post_renderer = words.last("post-renderer").filter(|name| !name.is_empty()).map(locate_renderer).transpose()?;
    if words.arguments.is_empty() {
        return Err("\"helm template\" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]"
            .to_owned()
            .into());
    }
    if compat == Compat::V4 {
        helm4::check_groups(&words)?;
    }
    let kube_version = match words.last("kube-version").filter(|text| !text.is_empty()) {
        Some(text) => {
            KubeVersion::parse(text, compat).map_err(|error| format!("invalid kube version '{text}': {error}"))?
        }
        None => KubeVersion::default_of_helm(),
    };
    if compat == Compat::V4 {
        helm4::refuse_cluster(&words)?;
    }
    let (name, named) = name_and_chart(&words)?;
    let chart_path = chart::locate(named, &words)?;
    let values = values::collect(&words, compat)?;
    let chart = chart::load(&chart_path, compat)?;
    if chart.metadata.deprecated {
        say("WARNING: This chart is deprecated");
    }
    let chart = match words.is_on("dependency-update") && dependency::lacks(&chart) {
        true => dependency::complete(&chart_path, &words, compat)?,
        false => chart,
    };
    if compat == Compat::V3 {
        refuse_cluster(&words)?;
    }
    let namespace = settings::namespace(&words);
    let options = ReleaseOptions {
        entropy: nondeterminism::entropy(&words, &name, &namespace)?,
        resources: recorded::resources(words.all("lookup-resources"))?,
        enable_dns: words.is_on("enable-dns"),
        namespace,
        kube_version,
        api_versions: words.all("api-versions").to_vec(),
        include_crds: words.is_on("include-crds"),
        is_upgrade: words.is_on("is-upgrade"),
        skip_tests: words.is_on("skip-tests"),
        no_hooks: words.is_on("no-hooks"),
        skip_schema_validation: words.is_on("skip-schema-validation"),
        threads: 2,
        record_reads: words.last("record-reads").is_some(),
        limits,
        ..ReleaseOptions::new(name)
    };
    const HINT: &str = "\n\nUse --debug flag to render out invalid YAML";
    let hint = if words.is_on("debug") { "" } else { HINT };
    let release = helm::render(&chart, &values, &options).map_err(|error| {
        let message = if error.has_begun() { format!("{error}{hint}") } else { error.to_string() };
        let places = place::of_rendering(&chart_path, &chart, &values, &error);
        let output = if words.is_on("debug") && error.has_begun() { print::faulty(&error) } else { Vec::new() };
        Failure { output, ..Failure::at(message, places) }
    })?;
    for warning in &release.warnings {
        say(warning);
    }
    nondeterminism::report(&words, &options, &release)?;

    if let (Some(reads), Some(file)) = (&release.reads, words.last("record-reads")) {
        reads::write(reads, file)?;
    }

    let dir = words.last("output-dir").filter(|dir| !dir.is_empty());
    let mut printed = Vec::new();
    let mut manifests = match dir {
        Some(dir) => {
            let release_dir = words.is_on("release-name").then_some(options.name.as_str());
            printed = output::write(&release, dir, release_dir)?;
            Vec::new()
        }
        None => print::manifests(&release),
    };
    if let Some(program) = post_renderer {
        manifests = post_renderer::run(&program, words.all("post-renderer-args"), manifests)
            .map_err(|error| format!("error while running post render on files: {error}{hint}"))?;
    }
    let whole = match dir {
        Some(_) => print::without_hooks(manifests),
        None => print::whole(&release, manifests),
    };
    let patterns = words.all("show-only");
    let shown = if patterns.is_empty() { Ok(whole) } else { print::only(&whole, patterns, compat) };
    // The program ends here: taking large trees apart would only keep the user waiting.
    mem::forget((release, chart, values));
    match shown {
        Ok(shown) => {
            printed.extend(shown);
            Ok(printed)
        }
        // The files were written, and helm has said so.
        Err(error) => Err(Failure { output: printed, ..Failure::from(error) }),
    }
}

fn locate_renderer(name: &str) -> Result<PathBuf, String> {
    let flag = FLAGS.iter().find(|flag| flag.name == "post-renderer");
    post_renderer::locate(name).map_err(|error| flag.map_or(error.clone(), |flag| pflag::invalid(flag, name, &error)))
}

/// The release name, and the chart as the user named it.
fn name_and_chart(words: &Words) -> Result<(String, &str), String> {
    let name_template = words.last("name-template").filter(|text| !text.is_empty());
    match words.arguments.as_slice() {
        [name, chart] => {
            if words.is_on("generate-name") {
                return Err("cannot set --generate-name and also specify a name".to_owned());
            }
            if name_template.is_some() {
                return Err("cannot set --name-template and also specify a name".to_owned());
            }
            Ok((name.clone(), chart))
        }
        [chart] => match name_template {
            Some(text) => {
                let entropy = nondeterminism::entropy(words, "", &settings::namespace(words))?;
                Ok((helm::name_from_template(text, entropy)?, chart))
            }
            None => Ok(("release-name".to_owned(), chart)),
        },
        arguments => {
            let extra = arguments.get(2..).unwrap_or_default().join(", ");
            Err(format!("expected at most two arguments, unexpected arguments: {extra}"))
        }
    }
}

fn refuse_cluster(words: &Words) -> Result<(), String> {
    match words.last("dry-run").unwrap_or("client") {
        "server" => return Err("--dry-run=server needs a cluster, which is never asked".to_owned()),
        "" | "false" | "true" | "none" | "client" => {}
        _ => {
            return Err(
                "Invalid dry-run flag. Flag must one of the following: false, true, none, client, server".to_owned()
            );
        }
    }
    if words.is_on("validate") {
        return Err("--validate needs a cluster, which is never asked".to_owned());
    }
    Ok(())
}
