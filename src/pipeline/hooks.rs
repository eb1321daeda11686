use std::process::Command;

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::source::{Tree, run_program};
use crate::stack::{Hook, Reading, TrustedSource};

const REFUSED: Code = Code("hook.refused");
const SKIPPED: Code = Code("hook.skipped");
const FAILED: Code = Code("hook.failed");
const NO_FOLDER: Code = Code("hook.no-folder");

/// The most characters of a failed command's output that are shown.
const SHOWN: usize = 2000;

/// What the operator has said about hooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HookPolicy {
    /// Nothing: they do not run. Without `kiln.yaml` a warning says so, with it an error.
    #[default]
    Off,
    /// They are left out, knowingly.
    Skip,
    /// They run, as far as they are the project's own or trusted by name.
    Allow,
}

/// Under which rules hooks run.
#[derive(Clone, Copy)]
pub struct HookRules<'a> {
    /// What the operator has said.
    pub policy: HookPolicy,
    /// How the project is read.
    pub reading: Reading,
    /// Fetched sources whose hooks may run.
    pub trusted: &'a [TrustedSource],
}

/// The commands of one component at one moment.
#[derive(Clone, Copy)]
pub struct HookCall<'a> {
    /// The moment, as component files name it.
    pub moment: &'static str,
    /// The component.
    pub address: &'a str,
    /// The commands.
    pub hooks: &'a [Hook],
    /// Where they run.
    pub folder: &'a Tree,
    /// Whether a fetched source brought them.
    pub remote: bool,
    /// The pin of that source (`source@commit`).
    pub pin: Option<&'a str>,
}

/// Runs commands one after the other with `sh -c`, with the environment of this process. Gives
/// whether something ran; the first command that fails ends it.
pub fn run_hooks(call: &HookCall<'_>, rules: &HookRules<'_>, sink: &mut Sink) -> Result<bool, Reported> {
    let Some(first) = call.hooks.first() else { return Ok(false) };
    if rules.policy == HookPolicy::Skip {
        return Ok(false);
    }
    if rules.policy == HookPolicy::Off {
        return refuse(
            call,
            first,
            rules,
            "use --allow-hooks (KILN_ALLOW_HOOKS=1) to run hooks, --no-hooks to skip them",
            sink,
        );
    }
    if call.remote && !is_trusted(call, rules) {
        let help = "a fetched component's hooks run only when `trust.hooks` in kiln.yaml names its source and commit";
        return refuse(call, first, rules, help, sink);
    }
    let Some(folder) = call.folder.on_disk("") else {
        let message = format!("the hooks of `{}` need its files in a folder on disk", call.address);
        let problem = Diagnostic::error(NO_FOLDER, message).at(first.place.clone(), "");
        return Err(sink.fail(problem.help("copy the component into the project, or skip hooks with --no-hooks")));
    };
    for hook in call.hooks {
        let outcome = run_program(Command::new("sh").arg("-c").arg(&hook.command).current_dir(&folder));
        let why = match outcome {
            Ok(output) if output.status.success() => continue,
            Ok(output) => {
                let text = [output.stdout, output.stderr].concat();
                let text = String::from_utf8_lossy(&text);
                format!("{}\n{}", output.status, clipped(text.trim()))
            }
            Err(error) => error.to_string(),
        };
        let message = format!("the {} hook of `{}` failed: {}", call.moment, call.address, why.trim_end());
        return Err(sink.fail(Diagnostic::error(FAILED, message).at(hook.place.clone(), "")));
    }
    Ok(true)
}

fn refuse(
    call: &HookCall<'_>,
    hook: &Hook,
    rules: &HookRules<'_>,
    help: &str,
    sink: &mut Sink,
) -> Result<bool, Reported> {
    let command: String = clipped(&hook.command).chars().map(shown).collect();
    let more = match call.hooks.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let what = format!("the {} hook of `{}`", call.moment, call.address);
    if rules.reading.is_strict() {
        let message = format!("{what} may not run: `{command}`{more}");
        let problem = Diagnostic::error(REFUSED, message).blame(Blame::Policy).at(hook.place.clone(), "");
        return Err(sink.fail(problem.help(help)));
    }
    let message = format!("{what} was skipped: `{command}`{more}");
    sink.push(Diagnostic::warning(SKIPPED, message).at(hook.place.clone(), "").help(help));
    Ok(false)
}

fn is_trusted(call: &HookCall<'_>, rules: &HookRules<'_>) -> bool {
    let named = |trusted: &TrustedSource| format!("{}@{}", trusted.source, trusted.commit);
    call.pin.is_some_and(|pin| rules.trusted.iter().any(|trusted| named(trusted) == pin))
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A character as it may be shown on a terminal.
fn shown(char: char) -> String {
    if char.is_control() { char.escape_default().to_string() } else { char.to_string() }
}
