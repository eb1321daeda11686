use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Shard;
use crate::diag::{Blame, Code, Diagnostic, nearest};
use crate::stack::Cluster;

const UNUSABLE: Code = Code("plan.unusable");

/// Which shard each cluster belongs to, as a plan says.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    shown: String,
    count: u32,
    shards: HashMap<String, u32>,
}

/// The part of a plan that is read, or its matrix alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Plan { kind: String, schema: u32, matrix: Matrix },
    Matrix(Matrix),
}

#[derive(Deserialize)]
struct Matrix {
    include: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    shard: String,
    clusters: String,
}

impl Assignment {
    /// Reads a plan, or the matrix of one.
    ///
    /// # Errors
    /// When the file cannot be read or is no plan.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let shown = path.display().to_string();
        let text = fs::read(path).map_err(|error| {
            Diagnostic::error(UNUSABLE, format!("cannot read `{shown}`: {error}")).blame(Blame::World)
        })?;
        Self::parse(&text, shown)
    }

    fn parse(text: &[u8], shown: String) -> Result<Self, Diagnostic> {
        let refuse = |why: String| {
            let help = "write it with `kiln plan -o json`";
            Diagnostic::error(UNUSABLE, format!("`{shown}` is no plan: {why}")).help(help)
        };
        let json: serde_json::Value = serde_json::from_slice(text).map_err(|error| refuse(error.to_string()))?;
        let given = serde_json::from_value(json);
        let entries = match given.map_err(|_| refuse("it has no jobs with `shard` and `clusters`".to_owned()))? {
            Given::Plan { kind, schema, .. } if kind != "Plan" || schema != 1 => {
                return Err(refuse(format!("it is a {kind} of schema {schema}")));
            }
            Given::Plan { matrix, .. } | Given::Matrix(matrix) => matrix.include,
        };
        let mut shards = HashMap::new();
        let mut numbers = Vec::with_capacity(entries.len());
        for entry in &entries {
            let shard: Shard = entry.shard.parse().map_err(|error| refuse(format!("{error}")))?;
            if shard.count() as usize != entries.len() || numbers.contains(&shard.index()) {
                return Err(refuse(format!("there is a job {} among {}", shard, entries.len())));
            }
            numbers.push(shard.index());
            for cluster in entry.clusters.split_whitespace() {
                if shards.insert(cluster.to_owned(), shard.index()).is_some() {
                    return Err(refuse(format!("the cluster `{cluster}` has two jobs")));
                }
            }
        }
        Ok(Self { shown, count: u32::try_from(entries.len()).unwrap_or(u32::MAX), shards })
    }

    /// The number of the shard that a cluster belongs to, if it is planned for.
    pub fn shard_of(&self, cluster: &str) -> Option<u32> {
        self.shards.get(cluster).copied()
    }

    /// Whether the plan is for so many shards and for clusters that there are.
    pub fn check(&self, shard: Shard, clusters: &[&Cluster]) -> Result<(), Diagnostic> {
        if shard.count() != self.count {
            let message =
                format!("`{}` is a plan for {} parts, and part {shard} was asked for", self.shown, self.count);
            return Err(Diagnostic::error(UNUSABLE, message).blame(Blame::Usage));
        }
        let names = || clusters.iter().map(|cluster| cluster.name.value.as_str());
        let known: std::collections::HashSet<&str> = names().collect();
        let mut unknown: Vec<&String> = self.shards.keys().filter(|name| !known.contains(name.as_str())).collect();
        unknown.sort();
        let Some(name) = unknown.first() else { return Ok(()) };
        let message = format!("`{}` names the cluster `{}`, which is not among those of this run", self.shown, name);
        let problem = Diagnostic::error(UNUSABLE, message);
        Err(match nearest(name, names()) {
            Some(near) => problem.help(format!("plan again; did you mean `{near}`?")),
            None => problem.help("plan again, with the same selection"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(include: &str) -> Result<Assignment, String> {
        let text = format!(r#"{{"kind": "Plan", "schema": 1, "more": 1, "matrix": {{"include": [{include}]}}}}"#);
        Assignment::parse(text.as_bytes(), "plan.json".to_owned()).map_err(|problem| problem.message)
    }

    #[test]
    fn clusters_have_the_shard_of_their_job() {
        let plan =
            parse(r#"{"shard": "1/2", "clusters": "a b"}, {"shard": "2/2", "clusters": "c", "cost": 1}"#).unwrap();
        assert_eq!(["a", "b", "c", "d"].map(|name| plan.shard_of(name)), [Some(1), Some(1), Some(2), None]);
        assert_eq!(plan.count, 2);
        let matrix = br#"{"include":[{"shard":"1/1","clusters":"a","args":"--cluster a"}]}"#;
        assert_eq!(Assignment::parse(matrix, "x".to_owned()).unwrap().shard_of("a"), Some(1));
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        for (include, why) in [
            (r#"{"shard": "1/2", "clusters": "a"}"#, "a job 1/2 among 1"),
            (r#"{"shard": "1/2", "clusters": "a"}, {"shard": "1/2", "clusters": "b"}"#, "a job 1/2 among 2"),
            (r#"{"shard": "1/2", "clusters": "a"}, {"shard": "2/2", "clusters": "a"}"#, "has two jobs"),
            (r#"{"shard": "x", "clusters": "a"}"#, "write `i/n`"),
            (r#"{"clusters": "a"}"#, "no jobs with `shard`"),
        ] {
            let error = parse(include).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(Assignment::parse(b"[", "x".to_owned()).is_err());
        assert!(Assignment::parse(br#"{"kind":"Plan","schema":2,"matrix":{"include":[]}}"#, "x".to_owned()).is_err());
    }
}
