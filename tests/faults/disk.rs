//! Disks that are full and folders that nobody may write.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{Edition, Twin, assert_clean, files, succeeds};

/// A small file system of its own, where this process may mount one.
struct Mounted(PathBuf);

impl Mounted {
    fn at(folder: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(folder).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            Ok(output) => {
                eprintln!("skipped: may not mount here: {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                eprintln!("skipped: may not mount here: {error}");
                None
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_tree() {
    let twin = Twin::of_components(40);
    let folder = twin.top().join("small");
    let Some(_mounted) = Mounted::at(&folder, "1m") else { return };
    succeeds(&mut twin.command_into(Edition::Old, &folder));
    let before = files(&folder);
    // 40 files of 8 kB each do not fit a second time.
    let ballast = folder.join("ballast");
    let mut size = 1 << 20;
    while size > 4096 {
        let mut content = fs::read(&ballast).unwrap_or_default();
        content.resize(content.len() + size, 0);
        if fs::write(&ballast, &content).is_err() {
            size /= 2;
            content.truncate(content.len() - size * 2);
            let _ = fs::write(&ballast, content);
        }
    }
    let output = twin.command_into(Edition::New, &folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("No space left on device") && told.contains("small"), "{told}");
    let mut after = files(&folder);
    after.remove("ballast");
    assert!(after == before, "the old tree is not whole: {told}");
    assert_clean(&folder);
    fs::remove_file(&ballast).unwrap();
    fs::remove_dir_all(folder.join("prod")).unwrap();
    succeeds(&mut twin.command_into(Edition::New, &folder));
    assert_eq!(twin.state_of(&folder), Some(Edition::New));
}

/// Runs a command with limits that a shell sets.
fn limited(command: &Command, limit: &str) -> Command {
    let mut shell = Command::new("sh");
    crate::project::without_settings(&mut shell);
    shell.arg("-c").arg(format!("{limit}; exec \"$@\"")).arg("sh").arg(command.get_program()).args(command.get_args());
    shell
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_tree() {
    let twin = Twin::of_components(40);
    // In units of 512 or 1,024 bytes: less than one manifest. The signal that tells of it is ignored.
    let output = limited(&twin.command(Edition::New), "trap '' XFSZ; ulimit -f 4").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("File too large"), "{told}");
    assert_eq!(twin.state(), Some(Edition::Old), "{}", twin.torn());
    assert_clean(twin.top());
    twin.heal(Edition::New);
}

#[test]
fn a_folder_that_nobody_may_write_is_named() {
    let twin = Twin::of_components(4);
    let out = twin.out();
    let command = twin.command(Edition::New);
    let set = |mode: u32| {
        for folder in [out.join(".kiln"), out.join(".kiln/locks"), out.clone()] {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    // Permissions mean nothing to root.
    let mut run = if rustix::process::geteuid().is_root() {
        let mut run = Command::new("setpriv");
        run.args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(command.get_program())
            .args(command.get_args());
        let allowed = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        allowed(twin.top());
        if !Command::new("setpriv")
            .args(["--reuid=65534", "--clear-groups", "ls"])
            .arg(env!("CARGO_BIN_EXE_kiln"))
            .output()
            .is_ok_and(|output| output.status.success())
        {
            eprintln!("skipped: another user cannot be had, or cannot reach the program");
            return;
        }
        run
    } else {
        command
    };
    set(0o555);
    let output = run.output().unwrap();
    set(0o755);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("Permission denied") && told.contains(".kiln"), "{told}");
    assert_eq!(twin.state(), Some(Edition::Old));
    twin.heal(Edition::New);
}
