//! What `cargo metadata` says, in the words of CycloneDX. The same for the same lock: no time, no random id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// The document about the package that `cargo metadata` was asked of, with everything that is linked into it or
/// run to build it; what only tests need is left out. `lock` is the text of `Cargo.lock`, which has the digests.
///
/// # Errors
/// When something is not where cargo puts it.
pub fn bom(metadata: &Value, lock: &str) -> Result<Value, String> {
    let list = |value: &Value, what: &str| value.as_array().cloned().ok_or(format!("cargo metadata has no {what}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"], "packages")?.into_iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"], "nodes")?.into_iter().map(|node| (text(&node["id"]), node)).collect();
    let root = text(&metadata["resolve"]["root"]);
    let digests = digests(lock);

    let mut reached = BTreeSet::new();
    let mut open = vec![root.clone()];
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        for dependency in nodes.get(&id).and_then(|node| node["deps"].as_array()).into_iter().flatten() {
            let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            if kinds.into_iter().any(|kind| kind["kind"] != "dev") {
                let other = text(&dependency["pkg"]);
                edges.entry(id.clone()).or_default().insert(other.clone());
                open.push(other);
            }
        }
    }

    let component = |id: &str| -> Result<Value, String> {
        let package = packages.get(id).ok_or(format!("cargo metadata has no package {id}"))?;
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let purl = format!("pkg:cargo/{name}@{version}");
        let is_program = id == root;
        let mut component = json!({
            "type": if is_program { "application" } else { "library" },
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
        });
        if let Some(license) = package["license"].as_str() {
            // Some packages still write a slash for what SPDX calls OR.
            component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
        }
        if let Some(digest) = digests.get(&(name, version)) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
        }
        Ok(component)
    };
    let reference = |id: &String| -> Result<Value, String> { Ok(component(id)?["bom-ref"].clone()) };
    let components: Vec<Value> =
        reached.iter().filter(|id| **id != root).map(|id| component(id)).collect::<Result<_, _>>()?;
    let mut dependencies = Vec::new();
    for id in &reached {
        let below: Vec<Value> = edges.get(id).into_iter().flatten().map(reference).collect::<Result<_, _>>()?;
        dependencies.push(json!({ "ref": reference(id)?, "dependsOn": below }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component(&root)? },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// The SHA-256 of each package's archive, by name and version.
fn digests(lock: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let lines = package.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
            lines.filter_map(|rest| rest.strip_suffix('"')).map(str::to_owned).next()
        };
        if let (Some(name), Some(version), Some(digest)) = (field("name"), field("version"), field("checksum")) {
            found.insert((name, version), digest);
        }
    }
    found
}
