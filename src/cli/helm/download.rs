//! Charts from elsewhere: which URL the words of the user mean, and the file that it gives.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::golang::url;
use crate::helm::repository::{Entry, Index, Repositories};
use crate::source::remote::{Asking, Credentials, Login, Registry, Remote, Tls, is_oci};
use crate::source::write_atomically;

use super::failure::{go_words, say};
use super::files::Files;
use super::pflag::Words;
use super::verify::{Signatures, Signed, verify};

/// What is asked of archives.
const ARCHIVES: &str = "application/gzip,application/octet-stream";

/// A chart as it was fetched.
pub struct Downloaded {
    /// Its archive.
    pub file: PathBuf,
    /// Who signed it, when that was asked for.
    pub signed: Option<Signed>,
    /// What helm says of a signature that is not there.
    pub warning: Option<String>,
}

/// Fetches what one command line names.
pub struct Downloader {
    /// Where things are kept.
    pub files: Files,
    remote: Arc<Remote>,
    registry: OnceLock<Registry>,
    login: Login,
    login_for_all: bool,
    tls: Tls,
    plain_http: bool,
}

impl Downloader {
    /// Reads the flags that say how servers are talked to, and looks at the files that they name.
    pub fn of(words: &Words) -> Result<Self, String> {
        let downloader = Self::unchecked(words);
        downloader.tls.check().map_err(|error| format!("missing registry client: {error}"))?;
        Ok(downloader)
    }

    /// Reads the flags for a command that does not ask registries.
    pub fn unchecked(words: &Words) -> Self {
        Self {
            files: Files::of(words),
            remote: Arc::new(Remote::default()),
            registry: OnceLock::new(),
            login: login_of(words),
            login_for_all: words.is_on("pass-credentials"),
            tls: tls_of(words),
            plain_http: words.is_on("plain-http"),
        }
    }

    /// The registries, with their logins.
    pub fn registry(&self) -> Result<&Registry, String> {
        if let Some(registry) = self.registry.get() {
            return Ok(registry);
        }
        let registry = self.new_registry()?;
        Ok(self.registry.get_or_init(|| registry))
    }

    /// Access to registries that may change the logins.
    pub fn new_registry(&self) -> Result<Registry, String> {
        let (own, docker) = (&self.files.registry_config, &self.files.docker_config);
        let credentials = Credentials::read(self.login.clone(), own, Some(docker))
            .map_err(|error| format!("missing registry client: {error}"))?;
        Ok(Registry::new(Arc::clone(&self.remote), self.tls.clone(), self.plain_http, credentials))
    }

    /// How the command line's own URLs are asked for.
    pub fn asking(&self) -> Asking {
        Asking {
            login: self.login.clone(),
            login_for_all: self.login_for_all,
            tls: self.tls.clone(),
            accept: ARCHIVES,
            ..Asking::default()
        }
    }

    /// What is to be fetched for a chart that the command line names, with or without `--repo`, and how.
    pub fn chart_of(&self, name: &str, repository: &str, version: &str) -> Result<(String, Asking), String> {
        let mut asking = self.asking();
        if repository.is_empty() {
            return Ok((name.to_owned(), asking));
        }
        let href = self.find_in(repository, name, version, &asking)?;
        let place = |text: &str| url::parse(text.as_bytes()).map(|url| (url.scheme, url.host));
        // An index may lead elsewhere. The login does not go there by itself.
        if !self.login_for_all && place(repository)? != place(&href)? {
            asking.login = Login::default();
        }
        Ok((href, asking))
    }

    /// Finds a chart in a repository that is named by its URL. Gives the archive's URL.
    pub fn find_in(&self, repository: &str, chart: &str, version: &str, asking: &Asking) -> Result<String, String> {
        let index = self.fetch_index(repository, &Asking { accept: "", ..asking.clone() })?;
        let (_, index) = index.map_err(|error| {
            format!("looks like {repository:?} is not a valid chart repository or cannot be reached: {error}")
        })?;
        index.warnings.iter().for_each(|warning| say(warning));
        let what = match version {
            "" => format!("chart {chart:?}"),
            version => format!("chart {chart:?} version {version:?}"),
        };
        let found = index.find(chart, version).map_err(|_| format!("{what} not found in {repository} repository"))?;
        let location = found.urls.first().ok_or_else(|| format!("{what} has no downloadable URLs"))?;
        resolve_below(repository, location).map_err(|error| format!("failed to make chart URL absolute: {error}"))
    }

    /// Fetches the index of a repository: its text and what it says. The outer error is about the
    /// URL, the inner one about what is there.
    pub fn fetch_index(&self, repository: &str, asking: &Asking) -> Result<Result<(Vec<u8>, Index), String>, String> {
        check_repository(repository)?;
        let fetch = || {
            let href = resolve_below(repository, "index.yaml")?;
            let text = match is_oci(&href) {
                true => self.registry()?.pull(&href)?.chart,
                false => self.remote.get(&href, &Asking { login_for: repository.to_owned(), ..asking.clone() })?,
            };
            let index = Index::parse(&text, repository)?;
            Ok((text, index))
        };
        Ok(fetch())
    }

    /// Fetches a chart into a folder and gives the file. `reference` is a URL, `oci://…`, or
    /// `repository/chart`. With `signatures` its provenance file is put beside it, and checked.
    pub fn download(
        &self,
        reference: &str,
        version: &str,
        asking: &Asking,
        folder: &Path,
        signatures: &Signatures,
    ) -> Result<Downloaded, String> {
        let (href, asking) = self.resolve(reference, version, asking)?;
        let file = self.save(&href, reference, &asking, folder)?;
        if *signatures == Signatures::Ignore {
            return Ok(Downloaded { file, signed: None, warning: None });
        }
        let place = format!("{href}.prov");
        let provenance = match is_oci(&href) {
            true => self.registry()?.pull_provenance(&href).map(|pulled| {
                pulled.notes.iter().for_each(|note| say(note));
                pulled.chart
            }),
            false => self.remote.get(&place, &asking),
        };
        let bytes = match (provenance, signatures) {
            (Ok(bytes), _) => bytes,
            (Err(_), Signatures::Check(_)) => return Err(format!("failed to fetch provenance {place:?}")),
            (Err(error), _) => {
                let warning = Some(format!("WARNING: Verification not found for {reference}: {error}"));
                return Ok(Downloaded { file, signed: None, warning });
            }
        };
        let beside = PathBuf::from(format!("{}.prov", file.display()));
        write_atomically(&beside, &bytes)
            .map_err(|error| format!("open {}: {}", beside.display(), go_words(&error)))?;
        let signed = match signatures {
            Signatures::Check(keyring) | Signatures::CheckIfThere(keyring) => Some(verify(&file, keyring)?),
            Signatures::Ignore | Signatures::Fetch => None,
        };
        Ok(Downloaded { file, signed, warning: None })
    }

    fn save(&self, href: &str, reference: &str, asking: &Asking, folder: &Path) -> Result<PathBuf, String> {
        let parsed = url::parse(href.as_bytes())?;
        let (bytes, name) = match parsed.scheme.as_slice() {
            b"oci" => {
                let name = base_name(&parsed.path);
                let name = name.rsplit_once(':').map(|(name, tag)| format!("{name}-{tag}.tgz"));
                let pulled = self.registry()?.pull(href)?;
                pulled.notes.iter().for_each(|note| say(note));
                (pulled.chart, name.ok_or_else(|| format!("invalid chart URL format: {reference}"))?)
            }
            b"http" | b"https" => (self.remote.get(href, asking)?, base_name(&parsed.path)),
            scheme => return Err(format!("scheme {:?} not supported", String::from_utf8_lossy(scheme))),
        };
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', '\0']) {
            return Err(format!("invalid chart URL format: {reference}"));
        }
        let file = folder.join(&name);
        if !folder.is_dir() {
            return Err(format!("open {}: no such file or directory", file.display()));
        }
        write_atomically(&file, &bytes).map_err(|error| format!("open {}: {}", file.display(), go_words(&error)))?;
        Ok(file)
    }

    /// The URL that a reference means, and how it is asked for.
    fn resolve(&self, reference: &str, version: &str, asking: &Asking) -> Result<(String, Asking), String> {
        let invalid = || format!("invalid chart URL format: {reference}");
        let parsed = url::parse(reference.as_bytes()).map_err(|_| invalid())?;
        let printed = String::from_utf8_lossy(&parsed.print()).into_owned();
        if is_oci(&printed) {
            return Ok((self.registry()?.resolve(reference, version)?, asking.clone()));
        }
        let repositories = self.repositories()?;
        if parsed.is_absolute() && !parsed.host.is_empty() && !parsed.path.is_empty() {
            let asking = match self.owner(&repositories, reference)? {
                Some(owner) => asking_as(owner, asking),
                None => Asking { login_for: reference.to_owned(), ..asking.clone() },
            };
            return Ok((reference.to_owned(), asking));
        }
        let path = String::from_utf8_lossy(&parsed.path).into_owned();
        let (name, chart) = path
            .split_once('/')
            .ok_or_else(|| format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {printed}"))?;
        let entry = repositories.find(name).ok_or_else(|| format!("repo {name} not found"))?;
        if entry.url.is_empty() {
            return Err(format!("no URL found for repository {name}"));
        }
        check_repository(&entry.url)?;
        let index = self.cached_index(name).map_err(|error| format!("{NO_CACHE}: {error}"))?;
        let found = index.find(chart, version).map_err(|error| {
            format!("chart {chart:?} matching {version} not found in {name} index. (try 'helm repo update'): {error}")
        })?;
        let location = found.urls.first().ok_or_else(|| format!("chart {reference:?} has no downloadable URLs"))?;
        let href = resolve_below(&entry.url, location).map_err(|_| invalid())?;
        Ok((href, asking_as(entry, asking)))
    }

    /// The list of repositories; empty when there is no file.
    pub fn repositories(&self) -> Result<Repositories, String> {
        match fs::read(&self.files.repository_config) {
            Ok(text) => Repositories::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Repositories::default()),
            Err(error) => {
                let path = self.files.repository_config.display();
                Err(format!("couldn't load repositories file ({path}): open {path}: {}", go_words(&error)))
            }
        }
    }

    /// The index of a repository as it was last fetched.
    pub fn cached_index(&self, repository: &str) -> Result<Index, String> {
        let (path, text) = self.cached_text(repository)?;
        let index = Index::parse(&text, &path).map_err(|error| format!("error loading {path}: {error}"))?;
        index.warnings.iter().for_each(|warning| say(warning));
        Ok(index)
    }

    fn cached_text(&self, repository: &str) -> Result<(String, Vec<u8>), String> {
        let path = self.files.index(repository);
        let text = fs::read(&path).map_err(|error| format!("open {}: {}", path.display(), go_words(&error)))?;
        Ok((path.display().to_string(), text))
    }

    /// The repository whose index leads to a URL, because its login and certificates count for it.
    fn owner<'r>(&self, repositories: &'r Repositories, href: &str) -> Result<Option<&'r Entry>, String> {
        let file = href.rsplit('/').find(|part| !part.is_empty()).unwrap_or(href);
        for entry in &repositories.entries {
            check_repository(&entry.url)?;
            let (path, text) = self.cached_text(&entry.name).map_err(|error| format!("{NO_CACHE}: {error}"))?;
            // An index is long and most do not know the file at all.
            if !text.windows(file.len().max(1)).any(|window| window == file.as_bytes()) {
                continue;
            }
            if Index::parse(&text, &path)
                .map_err(|error| format!("{NO_CACHE}: error loading {path}: {error}"))?
                .leads_to(href)
            {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

const NO_CACHE: &str = "no cached repo found. (try 'helm repo update')";

/// The certificates of a command line.
pub fn tls_of(words: &Words) -> Tls {
    let text = |flag: &str| words.last(flag).unwrap_or_default().to_owned();
    Tls {
        ca_file: text("ca-file"),
        cert_file: text("cert-file"),
        key_file: text("key-file"),
        insecure: words.is_on("insecure-skip-tls-verify") || words.is_on("insecure"),
    }
}

/// The login of a command line.
pub fn login_of(words: &Words) -> Login {
    let text = |flag: &str| words.last(flag).unwrap_or_default().to_owned();
    Login { username: text("username"), password: text("password") }
}

/// How the index of a known repository is asked for.
pub fn asking_of(entry: &Entry, timeout: Duration) -> Asking {
    Asking {
        login: Login { username: entry.username.clone(), password: entry.password.clone() },
        login_for: entry.url.clone(),
        login_for_all: entry.pass_credentials_all,
        tls: tls_of_entry(entry),
        timeout,
        accept: "",
    }
}

/// What a repository's entry says outweighs the command line, as in helm.
fn asking_as(entry: &Entry, asking: &Asking) -> Asking {
    let mut asking = Asking { login_for: entry.url.clone(), ..asking.clone() };
    let tls = tls_of_entry(entry);
    if !tls.ca_file.is_empty() || !tls.cert_file.is_empty() || !tls.key_file.is_empty() {
        asking.tls = Tls { insecure: asking.tls.insecure, ..tls };
    }
    let own = asking_of(entry, asking.timeout);
    if own.login.is_whole() {
        (asking.login, asking.login_for_all) = (own.login, own.login_for_all);
    }
    asking
}

fn tls_of_entry(entry: &Entry) -> Tls {
    Tls {
        ca_file: entry.ca_file.clone(),
        cert_file: entry.cert_file.clone(),
        key_file: entry.key_file.clone(),
        insecure: entry.insecure,
    }
}

/// Refuses a repository whose URL makes no sense or has a protocol that nobody speaks.
pub fn check_repository(repository: &str) -> Result<(), String> {
    let parsed = url::parse(repository.as_bytes()).map_err(|_| format!("invalid chart URL format: {repository}"))?;
    match parsed.scheme.as_slice() {
        b"http" | b"https" | b"oci" => Ok(()),
        scheme => Err(format!("could not find protocol handler for: {}", String::from_utf8_lossy(scheme))),
    }
}

/// A URL of an index, which may be relative to the repository.
pub fn resolve_below(base: &str, location: &str) -> Result<String, String> {
    let parse =
        |text: &str| url::parse(text.as_bytes()).map_err(|error| format!("failed to parse {text} as URL: {error}"));
    let reference = parse(location)?;
    if reference.is_absolute() {
        return Ok(location.to_owned());
    }
    let mut folder = parse(base)?;
    for path in [&mut folder.path, &mut folder.raw_path] {
        if path.last().is_none_or(|last| *last != b'/') {
            path.push(b'/');
        }
    }
    let mut found = folder.resolve(&reference);
    found.query.clone_from(&folder.query);
    Ok(String::from_utf8_lossy(&found.print()).into_owned())
}

/// Go's `filepath.Base`.
fn base_name(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}
