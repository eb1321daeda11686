use std::env;
use std::path::{Path, PathBuf};

/// What the environment of a Bedrock pipeline says, as its `build.sh` reads it.
#[derive(Default)]
pub(super) struct Bedrock {
    /// `HLD_PATH`: the folder of the stack.
    pub project: Option<PathBuf>,
    /// `REPO`, without credentials.
    pub repo: Option<String>,
    /// `BRANCH_NAME`.
    pub branch: Option<String>,
    /// `FAB_ENVS`: lists of environments; `prod` when it is not set.
    pub environments: Option<Vec<Vec<String>>>,
    /// `COMMIT_MESSAGE`, as build.sh words it.
    pub message: Option<String>,
    /// `VERIFY_ONLY`.
    pub verify_only: bool,
    /// `ACCESS_TOKEN_SECRET`, and the URL that it is for.
    pub token: Option<(String, String)>,
}

impl Bedrock {
    /// Reads the variables.
    pub fn read(folder: &Path) -> Result<Self, String> {
        Self::of(folder, |name| env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    fn of(folder: &Path, get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let repo = get("REPO").ok_or("`--bedrock-env` wants the variable REPO: the repository to publish to")?;
        // build.sh takes URLs with and without their protocol.
        let is_plain = repo.contains("://") || repo.starts_with(['/', '.']) || repo.contains('@');
        let repo = if is_plain { repo } else { format!("https://{repo}") };
        let token = get("ACCESS_TOKEN_SECRET").filter(|_| repo.starts_with("https://"));
        let words = |list: &str| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lists: Vec<Vec<String>> = match get("FAB_ENVS") {
            None => vec![vec!["prod".to_owned()]],
            Some(text) => text.split(',').map(words).filter(|list| !list.is_empty()).collect(),
        };
        if lists.is_empty() {
            return Err("the variable FAB_ENVS names no environment".to_owned());
        }
        Ok(Self {
            project: get("HLD_PATH").map(|path| folder.join(path)),
            branch: get("BRANCH_NAME"),
            environments: Some(lists),
            message: get("COMMIT_MESSAGE").map(|text| format!("Updated k8s manifest files post commit: {text}")),
            verify_only: get("VERIFY_ONLY").is_some_and(|text| text != "0" && text != "false"),
            token: token.map(|secret| (repo.clone(), secret)),
            repo: Some(repo),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Bedrock, String> {
        let get = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Bedrock::of(Path::new("/p"), get)
    }

    #[test]
    fn variables_mean_what_they_mean_in_build_sh() {
        let bedrock = read(&[
            ("REPO", "github.com/acme/manifests"),
            ("ACCESS_TOKEN_SECRET", "s"),
            ("FAB_ENVS", "DEV,QA, STAGING WEST ,PROD EAST,"),
            ("BRANCH_NAME", "live"),
            ("COMMIT_MESSAGE", "fix"),
            ("VERIFY_ONLY", "1"),
            ("HLD_PATH", "hld"),
        ])
        .unwrap();
        assert_eq!(bedrock.repo.as_deref(), Some("https://github.com/acme/manifests"));
        assert_eq!(bedrock.token, Some(("https://github.com/acme/manifests".into(), "s".into())));
        let lists: Vec<String> = bedrock.environments.unwrap().iter().map(|list| list.join("-")).collect();
        assert_eq!(lists, ["DEV", "QA", "STAGING-WEST", "PROD-EAST"]);
        assert_eq!(bedrock.message.as_deref(), Some("Updated k8s manifest files post commit: fix"));
        assert_eq!(bedrock.project, Some(PathBuf::from("/p/hld")));
        assert!(bedrock.verify_only);
    }

    #[test]
    fn only_the_repository_must_be_named() {
        assert!(read(&[]).is_err());
        let bedrock = read(&[("REPO", "/srv/m.git"), ("ACCESS_TOKEN_SECRET", "s")]).unwrap();
        assert_eq!(bedrock.environments, Some(vec![vec!["prod".to_owned()]]));
        assert!(bedrock.token.is_none() && !bedrock.verify_only && bedrock.message.is_none());
    }
}
