use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use git2::{Config, ConfigLevel};

use super::checkout::Checkout;
use super::setup::prepare;
use crate::source::credentials::{Environment, git_config_files};
use crate::source::error::{MISSING, SourceError, foreign};
use crate::source::folder::TemporaryFolder;
use crate::source::program::Program;

/// How long a program that signs may take; it may ask its user for a pass phrase.
const PATIENCE: Duration = Duration::from_secs(120);

/// How commits are signed, by git's own configuration: `gpg.format`, `user.signingkey` and the programs that
/// it names. kiln holds no keys.
#[derive(Clone)]
pub struct CommitSigner {
    format: Format,
    key: Option<String>,
    program: String,
    environment: Environment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    OpenPgp,
    X509,
    Ssh,
}

impl CommitSigner {
    /// The signer that git would use in a checkout. `wanted` says whether to sign at all; when absent,
    /// `commit.gpgsign` does.
    ///
    /// # Errors
    /// When the configuration makes no sense.
    pub fn of(
        checkout: Option<&Checkout>,
        environment: &Environment,
        wanted: Option<bool>,
    ) -> Result<Option<Self>, SourceError> {
        if wanted == Some(false) {
            return Ok(None);
        }
        let config = configuration(checkout, environment);
        let get = |name: &str| config.as_ref().and_then(|config| config.get_string(name).ok());
        let is_on = config.as_ref().is_some_and(|config| config.get_bool("commit.gpgsign").unwrap_or(false));
        if !wanted.unwrap_or(is_on) {
            return Ok(None);
        }
        let (format, setting, default) = match get("gpg.format").as_deref() {
            None | Some("openpgp") => (Format::OpenPgp, "gpg.openpgp.program", "gpg"),
            Some("x509") => (Format::X509, "gpg.x509.program", "gpgsm"),
            Some("ssh") => (Format::Ssh, "gpg.ssh.program", "ssh-keygen"),
            Some(other) => {
                let message = format!("git's setting `gpg.format` is `{}`, which is no way to sign", foreign(other));
                return Err(SourceError::new(MISSING, message).help("set it to `openpgp`, `x509` or `ssh`"));
            }
        };
        let program = get(setting).or_else(|| (format == Format::OpenPgp).then(|| get("gpg.program")).flatten());
        let key = get("user.signingkey").filter(|key| !key.is_empty());
        if format == Format::Ssh && key.is_none() {
            let message = "commits are to be signed by ssh, but git's setting `user.signingkey` names no key";
            return Err(SourceError::new(MISSING, message).help("set it to the file of a key"));
        }
        let program = program.unwrap_or_else(|| default.to_owned());
        Ok(Some(Self { format, key, program, environment: environment.clone() }))
    }

    /// Signs the text of a commit.
    ///
    /// # Errors
    /// When the program is missing or fails; its words are in the message.
    pub fn sign(&self, text: &str) -> Result<String, SourceError> {
        match self.format {
            Format::Ssh => self.by_ssh(text),
            Format::OpenPgp | Format::X509 => {
                let mut command = Command::new(&self.program);
                command.args(["--status-fd=2", "-bsa"]);
                if let Some(key) = &self.key {
                    command.args(["-u", key]);
                }
                self.run(command, text)
            }
        }
    }

    fn by_ssh(&self, text: &str) -> Result<String, SourceError> {
        let failed =
            |error: std::io::Error| SourceError::world(MISSING, format!("the commit cannot be signed: {error}"));
        let key = self.key.as_deref().unwrap_or_default();
        let folder = TemporaryFolder::anywhere("kiln-sign-").map_err(failed)?;
        let mut command = Command::new(&self.program);
        command.args(["-Y", "sign", "-n", "git"]);
        // A key itself in place of its file: the agent has the other half.
        let literal = key.strip_prefix("key::").or_else(|| key.starts_with("ssh-").then_some(key));
        let file = match literal {
            Some(literal) => {
                let file = folder.path().join("key.pub");
                std::fs::write(&file, format!("{literal}\n")).map_err(failed)?;
                command.arg("-U");
                file
            }
            None => self.file(key),
        };
        command.arg("-f").arg(file);
        self.run(command, text)
    }

    /// A path as git reads it in its configuration.
    fn file(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.environment.path("HOME")) {
            (Some(below), Some(home)) => home.join(below),
            _ => PathBuf::from(text),
        }
    }

    fn run(&self, mut command: Command, text: &str) -> Result<String, SourceError> {
        let failed = |why: &str| {
            // Of gpg's words those for machines are left out.
            let lines = why.lines().filter(|line| !line.starts_with("[GNUPG:]")).map(foreign);
            let lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
            let said = if lines.is_empty() { "it does not say why".to_owned() } else { lines.join("\n") };
            let message = format!("the commit cannot be signed by `{}`:\n{said}", foreign(&self.program));
            SourceError::new(MISSING, message)
                .help("check `git commit -S` in this project; `git config commit.gpgsign false` switches signing off, for what is \
                       published also `commit: {sign: false}`")
        };
        command.env_clear().envs(self.environment.all());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Program::start(&mut command, PATIENCE, || {}).map_err(|error| failed(&error.to_string()))?;
        let (Some(mut input), Some(mut output), Some(mut errors)) = program.pipes() else {
            return Err(failed("it has no pipes"));
        };
        let words = std::thread::spawn(move || {
            let mut words = String::new();
            // What cannot be read is not told.
            let _ = errors.read_to_string(&mut words);
            words
        });
        // A program that does not want to hear more says why.
        let _ = input.write_all(text.as_bytes());
        drop(input);
        let mut signature = String::new();
        output.read_to_string(&mut signature).map_err(|error| failed(&error.to_string()))?;
        let words = words.join().unwrap_or_default();
        let went_well = program.finish().map_err(|error| failed(&error.to_string()))?;
        match went_well && signature.contains("-----BEGIN") {
            true => Ok(signature),
            false => Err(failed(&words)),
        }
    }
}

/// git's configuration: the machine's, the user's, and that of the checkout. The checkout is the operator's
/// own, and git itself would heed it.
fn configuration(checkout: Option<&Checkout>, environment: &Environment) -> Option<Config> {
    prepare().ok()?;
    let mut config = Config::new().ok()?;
    let levels = [ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global];
    for (file, level) in git_config_files(environment).into_iter().zip(levels) {
        if file.is_file() {
            // What cannot be read has no settings.
            let _ = config.add_file(&file, level, false);
        }
    }
    if let Some(checkout) = checkout {
        let _ = config.add_file(&checkout.repository().commondir().join("config"), ConfigLevel::Local, false);
    }
    config.snapshot().ok()
}
