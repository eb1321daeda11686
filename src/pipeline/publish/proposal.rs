use url::Url;

/// Words for GitLab, which opens a merge request for a push that carries them.
pub(super) fn push_options(repo: &str, target: &str, title: &str, description: &[String]) -> Vec<String> {
    let is_gitlab = Url::parse(repo).ok().and_then(|url| url.host_str().map(str::to_owned)).or_else(|| scp_host(repo));
    if !is_gitlab.is_some_and(|host| host.split('.').any(|part| part.contains("gitlab"))) {
        return Vec::new();
    }
    let plain = |text: &str| text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect::<String>();
    let mut words = vec![
        "merge_request.create".to_owned(),
        format!("merge_request.target={target}"),
        "merge_request.remove_source_branch".to_owned(),
        format!("merge_request.title={}", plain(title)),
    ];
    if !description.is_empty() {
        // A push option is one line; GitLab reads `<br>` as its end.
        words.push(format!("merge_request.description={}", plain(&description.join("<br>"))));
    }
    words
}

/// Where people open a pull request of a branch, at hosts that are known for their pages.
pub(super) fn compare_url(repo: &str, target: &str, head: &str) -> Option<String> {
    let (host, path) = match Url::parse(repo) {
        Ok(url) if matches!(url.scheme(), "https" | "http" | "ssh") => {
            (url.host_str()?.to_owned(), url.path().trim_matches('/').to_owned())
        }
        Ok(_) => return None,
        Err(_) => {
            let (_, path) = repo.split_once(':')?;
            (scp_host(repo)?, path.trim_matches('/').to_owned())
        }
    };
    let path = path.strip_suffix(".git").unwrap_or(&path);
    let is = |word: &str| host.split('.').any(|part| part.contains(word));
    let coded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    Some(if is("gitlab") {
        format!(
            "https://{host}/{path}/-/merge_requests/new?merge_request%5Bsource_branch%5D={}&merge_request%5Btarget_branch%5D={}",
            coded(head),
            coded(target)
        )
    } else if is("bitbucket") {
        format!("https://{host}/{path}/pull-requests/new?source={}&dest={}", coded(head), coded(target))
    } else if host.ends_with("dev.azure.com") || host.ends_with("visualstudio.com") {
        format!("https://{host}/{path}/pullrequestcreate?sourceRef={}&targetRef={}", coded(head), coded(target))
    } else {
        // GitHub, Gitea and Forgejo.
        format!("https://{host}/{path}/compare/{target}...{head}")
    })
}

/// The host of `user@host:path`.
fn scp_host(repo: &str) -> Option<String> {
    let (place, _) = repo.split_once(':')?;
    (!place.contains('/'))
        .then(|| place.rsplit('@').next().unwrap_or(place).to_owned())
        .filter(|host| host.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_known_hosts() {
        let url = |repo: &str| compare_url(repo, "main", "kiln/fleet/main");
        assert_eq!(
            url("https://github.com/acme/manifests.git").unwrap(),
            "https://github.com/acme/manifests/compare/main...kiln/fleet/main"
        );
        assert!(
            url("git@gitlab.example.com:g/m.git")
                .unwrap()
                .starts_with("https://gitlab.example.com/g/m/-/merge_requests/new?")
        );
        assert!(
            url("https://bitbucket.org/a/m")
                .unwrap()
                .contains("pull-requests/new?source=kiln%2Ffleet%2Fmain&dest=main")
        );
        assert!(url("https://dev.azure.com/o/p/_git/r").unwrap().contains("/_git/r/pullrequestcreate?"));
        assert_eq!(url("file:///srv/m.git"), None);
        assert_eq!(url("/srv/m.git"), None);
    }

    #[test]
    fn gitlab_opens_merge_requests_by_itself() {
        let words = push_options(
            "https://gitlab.com/g/m.git",
            "main",
            "render: 2 clusters\u{7}",
            &["- a".into(), "- b".into()],
        );
        assert_eq!(words[1], "merge_request.target=main");
        assert_eq!(words[3], "merge_request.title=render: 2 clusters ");
        assert_eq!(words[4], "merge_request.description=- a<br>- b");
        assert!(push_options("https://github.com/g/m.git", "main", "t", &[]).is_empty());
        assert!(push_options("/srv/gitlab.git", "main", "t", &[]).is_empty());
    }
}
