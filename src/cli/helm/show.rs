use std::sync::Arc;

use crate::helm::{Chart, show};

use super::command::{Action, Arguments, Command, Does};
use super::failure::{Failure, Outcome, say};
use super::pflag::{Flag, Takes, Words};
use super::{chart, flags};

/// The parts of `helm show`.
pub static PARTS: &[Command] = &[
    part("all", "show everything about a chart", &[flags::SOURCE], all),
    part("readme", "show a chart's README", &[flags::SOURCE], readme),
    part("values", "show a chart's values", &[VALUES, flags::SOURCE], values),
    part("chart", "show a chart's definition", &[flags::SOURCE], definition),
    part("crds", "show a chart's custom resource definitions", &[flags::SOURCE], crds),
];

static VALUES: &[Flag] = &[flags::flag("jsonpath", Takes::Text, "print what a JSONPath template finds in the values")];

const fn part(
    name: &'static str,
    about: &'static str,
    flags: &'static [&'static [Flag]],
    run: fn(Words) -> Outcome,
) -> Command {
    let action = Action { usage: "[CHART]", arguments: Arguments::One, flags, run };
    Command { name, aliases: &[], about, does: Does::Run(action) }
}

fn load(words: &Words) -> Result<Arc<Chart>, Failure> {
    let named = words.arguments.first().map_or("", String::as_str);
    chart::load(&chart::locate(named, words)?, words.compat)
}

fn all(words: Words) -> Outcome {
    Ok(show::all(&*load(&words)?)?)
}

fn readme(words: Words) -> Outcome {
    Ok(show::readme(&*load(&words)?)?)
}

fn values(words: Words) -> Outcome {
    let chart = load(&words)?;
    let Some(template) = words.last("jsonpath").filter(|template| !template.is_empty()) else {
        return Ok(show::values(&chart));
    };
    let (output, executed) = show::values_at(&chart, template)?;
    if let Err(error) = executed
        && words.is_on("debug")
    {
        say(&format!("note: --jsonpath found nothing: {error}"));
    }
    Ok(output)
}

fn definition(words: Words) -> Outcome {
    Ok(show::definition(&*load(&words)?)?)
}

fn crds(words: Words) -> Outcome {
    Ok(show::crds(&*load(&words)?)?)
}
