use std::io::Write;

use crate::cli::{args, exit};

/// Prints the manual page in roff: the command itself, then a section for each subcommand.
pub fn run() -> u8 {
    let command = args::command();
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let man = clap_mangen::Man::new(sub.clone());
            writeln!(page, ".SH \"KILN {}\"", sub.get_name().to_uppercase())?;
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)?;
        }
        std::io::stdout().write_all(&page)
    });
    match rendered {
        Ok(()) => exit::OK,
        Err(_) => exit::WORLD,
    }
}
