use std::fs;
use std::io::ErrorKind;

use super::super::command::{Action, Arguments};
use super::super::failure::{Failure, Outcome, go_words};
use super::super::files::Files;
use super::super::pflag::Words;
use super::{read_list, write_list};

/// `helm repo remove`.
pub const ACTION: Action = Action { usage: "[REPO1 [REPO2 ...]]", arguments: Arguments::AtLeastOne, flags: &[], run };

fn run(words: Words) -> Outcome {
    let files = Files::of(&words);
    let mut list = read_list(&files).unwrap_or_default();
    if list.entries.is_empty() {
        return Err("no repositories configured".to_owned().into());
    }
    let mut output = String::new();
    for name in &words.arguments {
        let failed = |message: String, output: &str| Failure { output: output.as_bytes().to_vec(), ..message.into() };
        if !list.remove(name) {
            return Err(failed(format!("no repo named {name:?} found"), &output));
        }
        write_list(&files, &list).map_err(|error| failed(error, &output))?;
        let _ = fs::remove_file(files.charts(name));
        let index = files.index(name);
        match fs::remove_file(&index) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let message = format!("can't remove index file {}: {}", index.display(), go_words(&error));
                return Err(failed(message, &output));
            }
            _ => output.push_str(&format!("{name:?} has been removed from your repositories\n")),
        }
    }
    Ok(output.into_bytes())
}
