//! Commits that are signed by git's own configuration, and what git itself says of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{Ended, Place, has};

/// Whether a program can be started, whatever it says; says so when it cannot.
fn starts(program: &str, word: &str, package: &str) -> bool {
    let started = Command::new(program).arg(word).stdin(Stdio::null()).output().is_ok();
    if !started {
        eprintln!("SKIPPED: no `{program}` (Debian: {package})");
    }
    started
}

/// What git says of the tip of `main` of the target.
fn verify(place: &Place, more: &[(&str, &Path)]) -> Output {
    let home = place.folder.path();
    let mut git = Command::new("git");
    git.arg("-C").arg(home.join("target.git")).args(["verify-commit", "--raw", "main"]);
    git.env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1").envs(more.iter().copied()).output().unwrap()
}

#[track_caller]
fn assert_verified(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(words), "{said}");
}

#[test]
fn by_ssh() {
    if !has("git") || !starts("ssh-keygen", "-?", "openssh-client") {
        return;
    }
    let place = Place::new();
    let home = place.folder.path();
    let key = home.join("key");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "ci@example.com", "-f"]).arg(&key);
    let made = keygen.output();
    assert!(made.unwrap().status.success());
    let public = fs::read_to_string(home.join("key.pub")).unwrap();
    fs::write(home.join("allowed"), format!("kiln@localhost {public}")).unwrap();
    let config = |key: &str| {
        let text = format!(
            "[commit]\n\tgpgsign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = {key}\n[gpg \"ssh\"]\n\tallowedSignersFile = {}\n",
            home.join("allowed").display()
        );
        fs::write(home.join(".gitconfig"), text).unwrap();
    };
    config(&key.display().to_string());
    place.publish(&[]).expect(0);
    assert_verified(&verify(&place, &[]), "Good \"git\" signature for kiln@localhost");
    // As git does, `~` is the home folder.
    config("~/key");
    place.bump(2);
    place.publish(&[]).expect(0);
    assert_verified(&verify(&place, &[]), "Good \"git\" signature for kiln@localhost");
    let tip = place.tip("main");
    config("~/no-such-key");
    place.bump(3);
    place.publish(&[]).expect(1).says("the commit cannot be signed by `ssh-keygen`:").says("no-such-key");
    fs::write(home.join(".gitconfig"), "[commit]\n\tgpgsign = true\n[gpg]\n\tformat = ssh\n\tprogram = x\n").unwrap();
    place.publish(&[]).expect(1).says("user.signingkey");
    assert_eq!(place.tip("main"), tip);
}

/// A home of keys that goes away with its agent.
#[cfg(unix)]
struct Keys(tempfile::TempDir);

#[cfg(unix)]
impl Keys {
    /// A key for `ci@example.com`. The folder's path is short: an agent listens in it.
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let keys = Self(tempfile::Builder::new().prefix("gpg").tempdir_in("/tmp").unwrap());
        fs::set_permissions(keys.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let made = keys.gpg("gpg", &["--batch", "--passphrase", "", "--quick-gen-key", "ci@example.com", "ed25519"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        keys
    }

    fn gpg(&self, program: &str, words: &[&str]) -> Output {
        Command::new(program).args(words).env("GNUPGHOME", self.0.path()).stdin(Stdio::null()).output().unwrap()
    }
}

#[cfg(unix)]
impl Drop for Keys {
    fn drop(&mut self) {
        self.gpg("gpgconf", &["--kill", "all"]);
    }
}

#[cfg(unix)]
#[test]
fn by_openpgp() {
    if !has("git") || !starts("gpg", "--version", "gpg") || !starts("gpgconf", "--version", "gpgconf") {
        return;
    }
    let (place, keys) = (Place::new(), Keys::new());
    let environment = [("GNUPGHOME", keys.0.path())];
    let home = place.folder.path();
    let publish = || Ended::of(&place.command(&["publish"]).envs(environment).output().unwrap());
    // The key is named, the format is git's default; the project asks for signatures.
    fs::write(home.join(".gitconfig"), "[user]\n\tsigningkey = ci@example.com\n").unwrap();
    place.replace("publish.yaml", "owner: fleet\n", "owner: fleet\ncommit: {sign: true}\n");
    place.commit("Sign");
    publish().expect(0);
    assert_verified(&verify(&place, &environment), "[GNUPG:] GOODSIG");
    let tip = place.tip("main");
    publish().expect(0).says("nothing changes");
    assert_eq!(place.tip("main"), tip, "signatures differ from run to run, and still there is nothing to do");
    // Named, as git names it, and switched on by git's configuration alone.
    place.replace("publish.yaml", "commit: {sign: true}\n", "");
    let config = "[user]\n\tsigningkey = ci@example.com\n[commit]\n\tgpgsign = true\n[gpg]\n\tformat = openpgp\n";
    fs::write(home.join(".gitconfig"), config).unwrap();
    place.bump(2);
    publish().expect(0);
    assert_verified(&verify(&place, &environment), "[GNUPG:] GOODSIG");
    // What was signed is what is there: another message under the same signature is not good.
    let target = place.target();
    let (signature, text) = target.extract_signature(&place.tip("main").unwrap(), None).unwrap();
    let (signature, text) = (signature.as_str().unwrap().to_owned(), text.as_str().unwrap().replace("render: ", "x: "));
    let forged = target.commit_signed(&text, &signature, None).unwrap();
    let main = target.find_reference("refs/heads/main").unwrap().target();
    target.reference("refs/heads/main", forged, true, "").unwrap();
    assert!(!verify(&place, &environment).status.success());
    target.reference("refs/heads/main", main.unwrap(), true, "").unwrap();
    // Without that key there is no commit, and gpg says why.
    fs::write(home.join(".gitconfig"), config.replace("ci@", "nobody@")).unwrap();
    place.bump(3);
    publish().expect(1).says("cannot be signed by `gpg`:\n  | gpg: skipped \"nobody@example.com\": No secret key\n");
    assert_eq!(place.tip("main"), main);
    // `sign: false` wins over git's configuration.
    place.replace("publish.yaml", "owner: fleet\n", "owner: fleet\ncommit: {sign: false}\n");
    place.commit("Do not sign");
    publish().expect(0);
    assert!(target.extract_signature(&place.tip("main").unwrap(), None).is_err());
}
