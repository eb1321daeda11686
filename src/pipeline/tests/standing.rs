//! What is said about a lock and about sources that have moved on.

use std::fs;

use git2::Repository;
use tempfile::TempDir;

use crate::diag::{Diagnostic, Sink};
use crate::pipeline::{HookPolicy, HookRules, InstallRequest, Now, Project, Standing, install, standing};
use crate::source::{FetchOptions, Pins, fixture};

struct Site {
    folder: TempDir,
    repository: Repository,
}

impl Site {
    /// A stack whose component asks a repository with one commit, tagged `v1.0.0`, for this.
    fn new(asks: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (path, commit) = fixture::repository(folder.path(), "r.git", &[("m/a.yaml", "kind: A\n")]);
        let repository = Repository::open(path).unwrap();
        fixture::tag(&repository, "v1.0.0", commit);
        let site = Self { folder, repository };
        fs::create_dir_all(site.project()).unwrap();
        fs::write(site.project().join("kiln.yaml"), "").unwrap();
        site.write(&site.component("a", asks));
        site
    }

    fn project(&self) -> std::path::PathBuf {
        self.folder.path().join("project")
    }

    fn component(&self, name: &str, asks: &str) -> String {
        let url = self.folder.path().join("r.git");
        format!("- {{name: {name}, type: static, method: git, source: '{}', path: m{asks}}}\n", url.display())
    }

    fn write(&self, components: &str) {
        let text = format!("name: root\nsubcomponents:\n{components}");
        fs::write(self.project().join("component.yaml"), text).unwrap();
    }

    fn run<T>(
        &self,
        offline: bool,
        pins: Pins<'_>,
        work: impl FnOnce(InstallRequest<'_>, &mut Sink) -> T,
    ) -> (T, Vec<String>) {
        let mut sink = Sink::new();
        let project = Project::open(&self.project(), None, &mut sink).unwrap();
        let mut fetch = FetchOptions::of_project(self.project());
        fetch.offline = offline;
        let hooks = HookRules { policy: HookPolicy::Off, reading: project.reading, trusted: &[] };
        let write_lock = !matches!(pins, Pins::Locked);
        let request = InstallRequest { project: &project, fetch, pins, hooks, keep_beside: false, write_lock };
        let done = work(request, &mut sink);
        (done, sink.diagnostics().iter().map(Diagnostic::to_string).collect())
    }

    fn install(&self, pins: Pins<'_>) -> Vec<String> {
        self.run(false, pins, |request, sink| install(request, sink).is_ok()).1
    }

    fn standing(&self, offline: bool) -> Vec<Standing> {
        let before = fs::read(self.project().join("kiln.lock")).ok();
        let (found, problems) = self.run(offline, Pins::Keep, standing);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(fs::read(self.project().join("kiln.lock")).ok(), before, "nothing is written");
        found.unwrap()
    }

    fn commit(&self, branch: &str, text: &str) -> String {
        fixture::commit(&self.repository, branch, &[("m/a.yaml", text)]).to_string()
    }
}

#[test]
fn a_branch_that_moves_and_a_history_that_is_rewritten() {
    let site = Site::new(", branch: main");
    assert_eq!(site.install(Pins::Keep), Vec::<String>::new());
    assert!(!site.standing(false)[0].differs());

    let second = site.commit("refs/heads/main", "kind: B\n");
    let found = site.standing(false);
    assert!(found[0].differs());
    let Now::Seen(seen) = &found[0].now else { panic!("{found:?}") };
    assert_eq!((seen.resolved.clone(), seen.rewritten), (second.clone(), false));
    assert!(!site.standing(true)[0].differs(), "offline nobody knows");
    assert_eq!(site.install(Pins::Renew), Vec::<String>::new());

    site.repository.find_reference("refs/heads/main").unwrap().delete().unwrap();
    let third = site.commit("refs/heads/main", "kind: C\n");
    let found = site.standing(false);
    assert!(matches!(&found[0].now, Now::Seen(seen) if seen.rewritten && seen.resolved == third), "{found:?}");
    let said = site.install(Pins::Renew);
    assert!(said.len() == 1 && said[0].contains("warning[source.moved]"), "{said:?}");
    assert!(said[0].contains(&second) && said[0].contains(&third), "{said:?}");
}

#[test]
fn a_tag_that_is_moved_is_said_with_both_ids() {
    let site = Site::new(", version: v1.0.0");
    site.install(Pins::Keep);
    let before = site.standing(false)[0].locked.clone().unwrap().resolved().to_owned();
    let second = fixture::commit(&site.repository, "refs/heads/main", &[("m/a.yaml", "kind: B\n")]);
    site.repository.find_reference("refs/tags/v1.0.0").unwrap().delete().unwrap();
    fixture::tag(&site.repository, "v1.0.0", second);
    assert!(site.standing(false)[0].differs());
    assert_eq!(site.install(Pins::Keep), Vec::<String>::new(), "the lock is kept");
    let said = site.install(Pins::Renew);
    assert!(said.iter().any(|line| line.contains("the tag `v1.0.0` was moved")), "{said:?}");
    assert!(said[0].contains(&before) && said.concat().contains(&second.to_string()), "{said:?}");
}

#[test]
fn a_newer_release_is_told_of_tags_only() {
    let site = Site::new(", version: v1.0.0");
    site.install(Pins::Keep);
    assert_eq!(site.standing(false)[0].release(), None);
    let second = fixture::commit(&site.repository, "refs/heads/main", &[("m/a.yaml", "kind: B\n")]);
    for tag in ["v1.2.0", "v1.10.0", "v3.0.0-rc.1", "nightly"] {
        fixture::tag(&site.repository, tag, second);
    }
    let found = site.standing(false);
    assert_eq!((found[0].release(), found[0].differs()), (Some("v1.10.0"), false));
    site.write(&site.component("a", ", branch: main"));
    site.install(Pins::Keep);
    assert_eq!(site.standing(false)[0].release(), None, "a branch has no releases");
}

#[test]
fn entries_that_are_missing_or_superfluous() {
    let site = Site::new(", branch: main");
    let missing =
        |found: &[Standing]| found.iter().map(|one| (one.locked.is_none(), one.differs())).collect::<Vec<_>>();
    assert_eq!(missing(&site.standing(true)), [(true, true)]);
    assert_eq!(missing(&site.standing(false)), [(true, true)]);
    site.install(Pins::Keep);
    site.write(&(site.component("a", ", branch: main") + &site.component("b", ", version: v1.0.0")));
    let found = site.standing(true);
    assert_eq!(missing(&found), [(true, true)]);
    assert_eq!(found[0].asked_by.iter().collect::<Vec<_>>(), ["root/b"]);
    site.install(Pins::Keep);
    site.write(&site.component("a", ", branch: main"));
    for offline in [true, false] {
        let found = site.standing(offline);
        let superfluous: Vec<bool> = found.iter().map(|one| matches!(one.now, Now::Superfluous)).collect();
        assert_eq!(superfluous, [false, true], "{found:?}");
    }
}
