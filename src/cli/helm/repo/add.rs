use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::golang::time::Duration as GoDuration;
use crate::helm::repository::{Entry, Repositories};

use super::super::command::{Action, Arguments};
use super::super::download::{self, Downloader};
use super::super::failure::{Outcome, go_words};
use super::super::flags::{REPOSITORY, flag, idle};
use super::super::pflag::{Flag, Takes, Words, invalid};
use super::{ListError, fetch_index, read_list, write_list};

/// `helm repo add`.
pub const ACTION: Action =
    Action { usage: "[NAME] [URL]", arguments: Arguments::Two, flags: &[FLAGS, REPOSITORY], run };

static FLAGS: &[Flag] = &[
    flag("force-update", Takes::Bool, "replace a repository of the same name"),
    flag("password-stdin", Takes::Bool, "read the password from standard input"),
    flag("allow-deprecated-repos", Takes::Bool, "allow repositories that were given up"),
    TIMEOUT,
    idle("no-update", Takes::Bool),
];

/// How long an index may take.
pub const TIMEOUT: Flag = flag("timeout", Takes::Text, "how long to wait for the index (2m0s)");

/// Repositories that are gone, by what their URLs hold, and where their charts are now.
const GONE: [(&str, &str); 2] = [
    ("//kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    ("//kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"),
];

fn run(words: Words) -> Outcome {
    let [name, url] = words.arguments.as_slice() else { return Ok(Vec::new()) };
    let timeout = timeout(&words)?;
    let gone = GONE.iter().find(|(place, _)| url.contains(place) && !words.is_on("allow-deprecated-repos"));
    if let Some((_, instead)) = gone {
        return Err(format!("repo {url:?} is no longer available; try {instead:?} instead").into());
    }
    let downloader = Downloader::unchecked(&words);
    // Held until the list is written, so that two commands at once do not lose an entry.
    let _lock = lock(&downloader.files.repository_config)?;
    let mut list = match read_list(&downloader.files) {
        Ok(list) => list,
        Err(ListError::Missing) => Repositories::default(),
        Err(ListError::Other(error)) => return Err(error.into()),
    };
    let entry = entry(name, url, &words)?;
    if name.contains('/') {
        return Err(
            format!("repository name ({name}) contains '/', please specify a different name without '/'").into()
        );
    }
    if let Some(known) = list.find(name).filter(|_| !words.is_on("force-update")) {
        if *known != entry {
            return Err(format!("repository name ({name}) already exists, please specify a different name").into());
        }
        return Ok(format!("{name:?} already exists with the same configuration, skipping\n").into_bytes());
    }
    fetch_index(&downloader, &entry, &download::asking_of(&entry, timeout))?
        .map_err(|error| format!("looks like {url:?} is not a valid chart repository or cannot be reached: {error}"))?;
    list.put(entry);
    write_list(&downloader.files, &list)?;
    Ok(format!("{name:?} has been added to your repositories\n").into_bytes())
}

/// Locks the list for others, by the file that helm locks.
fn lock(list: &Path) -> Result<File, String> {
    let path = list.with_extension("lock");
    let failed = |error: io::Error| format!("open {}: {}", path.display(), go_words(&error));
    if let Some(folder) = list.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("mkdir {}: {}", folder.display(), go_words(&error)))?;
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

fn entry(name: &str, url: &str, words: &Words) -> Result<Entry, String> {
    let (login, tls) = (download::login_of(words), download::tls_of(words));
    let mut password = login.password;
    if !login.username.is_empty() && password.is_empty() {
        if !words.is_on("password-stdin") {
            return Err("a password is needed: pass it with --password-stdin or --password".to_owned());
        }
        std::io::stdin().read_to_string(&mut password).map_err(|error| go_words(&error))?;
        let line = password.strip_suffix('\n').unwrap_or(&password);
        password = line.strip_suffix('\r').unwrap_or(line).to_owned();
    }
    Ok(Entry {
        name: name.to_owned(),
        url: url.to_owned(),
        username: login.username,
        password,
        cert_file: tls.cert_file,
        key_file: tls.key_file,
        ca_file: tls.ca_file,
        insecure: tls.insecure,
        pass_credentials_all: words.is_on("pass-credentials"),
    })
}

/// The value of `--timeout`; two minutes without it.
pub fn timeout(words: &Words) -> Result<std::time::Duration, String> {
    let Some(text) = words.last(TIMEOUT.name) else { return Ok(std::time::Duration::from_secs(120)) };
    let duration = GoDuration::parse(text).map_err(|error| invalid(&TIMEOUT, text, &error))?;
    let nanos = u64::try_from(duration.0).ok().filter(|nanos| *nanos > 0);
    // None or a negative one is no limit in Go.
    Ok(nanos.map_or(std::time::Duration::from_secs(24 * 3600), std::time::Duration::from_nanos))
}
