use clap::Args;

use crate::cli::editing::{Edited, Manner, as_fabrikate_writes, item, open_component, positions};
use crate::diag::Diagnostic;
use crate::source::Tree;

/// Arguments of `remove`.
#[derive(Clone, Debug, Default, Args)]
pub struct RemoveArgs {
    /// The names of the subcomponents
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
}

/// Removes subcomponents from the project's component file. Names that are not there are fine. Fabrikate takes only the first name, and makes a component
/// file when there is none.
pub fn remove(args: &RemoveArgs, folder: &Tree, folder_name: &str, manner: Manner) -> Result<Edited, Diagnostic> {
    let mut file = open_component(folder, folder_name)?;
    let names = match manner {
        Manner::Kiln => args.names.as_slice(),
        Manner::Fabrikate => args.names.get(..1).unwrap_or_default(),
    };
    let mut removed = 0;
    for name in names {
        for index in positions(&file, name).into_iter().rev() {
            file.remove(&item(index))?;
            removed += 1;
        }
    }
    if manner == Manner::Fabrikate {
        as_fabrikate_writes(&mut file)?;
    } else if !file.existed() {
        return Ok(Edited::default().told("there is no component file"));
    }
    let told = match removed {
        0 => format!("nothing to remove from {}", file.name()),
        1 => format!("removed 1 subcomponent from {}", file.name()),
        count => format!("removed {count} subcomponents from {}", file.name()),
    };
    Ok(Edited::of(vec![file.change()]).told(told))
}
