use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::editing::{ImageWish, KitWish, Wanted, set_images, set_in_kit};
use crate::cli::exit;
use crate::cli::landing::{LandingArgs, land};
use crate::diag::{Blame, Code, Diagnostic, Sink};
use crate::pipeline::Project;
use crate::report::Reporter;

const BAD_IMAGE: Code = Code("image.bad-argument");

/// Arguments of `image`.
#[derive(Clone, Debug, Args)]
pub struct ImageArgs {
    #[command(subcommand)]
    command: ImageCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum ImageCommand {
    /// Set the tag or digest of images where the sources say them, and keep every other byte
    ///
    /// An image is looked for by its repository, on any registry unless NAME has one: in the channels, overrides and
    /// bindings of images.yaml, in the pins of clusters.yaml, and in layers by what values usually look like:
    /// `{repository, tag}`, `{registry, repository, tag}`, `image: REPOSITORY:TAG`, and `images` as kustomize has
    /// them, each with a digest or without. A map with a tag alone belongs to the repository that the chart's
    /// defaults have there.
    Set(ImageSetArgs),
}

#[derive(Clone, Debug, Args)]
struct ImageSetArgs {
    /// The images: NAME=REPOSITORY:TAG, NAME=:TAG, or NAME with --digest
    #[arg(value_name = "NAME=REF", required_unless_present = "kit_repo")]
    images: Vec<String>,
    /// The only file to change
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Change every place that says the image
    #[arg(long)]
    all: bool,
    /// The digest that the image gets, such as sha256:…
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// The channel of images.yaml to change
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Accepted: tags are always written so that they read as strings
    #[arg(long)]
    string: bool,
    #[command(flatten)]
    kit: KitArgs,
    #[command(flatten)]
    landing: LandingArgs,
}

/// Flags about the image files of kit.
#[derive(Clone, Debug, Args)]
struct KitArgs {
    /// A folder with kit.yaml: set the image in its image file of a repository and branch
    #[arg(long, value_name = "DIR", requires = "repo", conflicts_with_all = ["images", "file", "all", "digest", "channel"])]
    kit_repo: Option<PathBuf>,
    /// With --kit-repo: the repository, such as acme/node-auth
    #[arg(long, value_name = "NAME", requires = "kit_repo")]
    repo: Option<String>,
    /// With --kit-repo: the branch that the image was built from
    #[arg(long, value_name = "NAME", requires = "kit_repo", default_value = "master")]
    branch: String,
    /// With --kit-repo: the commit; the tag is the branch and the commit
    #[arg(long, value_name = "SHA", requires = "kit_repo", conflicts_with = "image")]
    commit_id: Option<String>,
    /// With --kit-repo: the whole reference
    #[arg(long, value_name = "REF", requires = "kit_repo")]
    image: Option<String>,
    /// With --kit-repo and --commit-id: the registry before the repository
    #[arg(long, value_name = "HOST", requires = "kit_repo")]
    registry: Option<String>,
}

/// Runs `image`.
pub fn run(args: &ImageArgs, project: &Path, reporter: &Reporter) -> u8 {
    let ImageCommand::Set(args) = &args.command;
    let outcome = match &args.kit.kit_repo {
        Some(folder) => Ok(set_kit(args, folder, reporter)),
        None => set(args, project, reporter),
    };
    outcome.unwrap_or_else(|problem| {
        reporter.diagnostics(std::slice::from_ref(&problem));
        exit::of(&[problem])
    })
}

fn set_kit(args: &ImageSetArgs, folder: &Path, reporter: &Reporter) -> u8 {
    let kit = &args.kit;
    let wish = KitWish {
        repository: kit.repo.clone().unwrap_or_default(),
        branch: kit.branch.clone(),
        commit: kit.commit_id.clone(),
        image: kit.image.clone(),
        registry: kit.registry.clone(),
    };
    land(&args.landing, folder, &|tree| set_in_kit(tree, &wish), reporter)
}

fn set(args: &ImageSetArgs, project: &Path, reporter: &Reporter) -> Result<u8, Diagnostic> {
    let digest = args.digest.as_deref();
    if digest.is_some() && args.images.len() > 1 {
        let message = "`--digest` is that of one image, and several are given";
        let problem = Diagnostic::error(BAD_IMAGE, message).blame(Blame::Usage);
        return Err(problem.help("write digests behind the images: NAME=REPOSITORY:TAG@sha256:…"));
    }
    let wanted: Result<Vec<Wanted>, Diagnostic> = args.images.iter().map(|word| Wanted::read(word, digest)).collect();
    let (folder, file) = match &args.file {
        None => (project.to_owned(), None),
        Some(file) => place_of(file, project)?,
    };
    let wish = ImageWish { wanted: wanted?, file, channel: args.channel.clone(), all: args.all };
    let edit = |tree: &crate::source::Tree| {
        // A folder that is no stack has no bindings and no charts.
        let stack = Project::open(&folder, None, &mut Sink::new()).ok();
        let stack = stack.map(|stack| Project { tree: tree.clone(), ..stack });
        set_images(tree, stack.as_ref(), &wish)
    };
    Ok(land(&args.landing, &folder, &edit, reporter))
}

/// The folder to edit, and a file's path below it: the project, or the file's own folder when it lies elsewhere.
fn place_of(file: &Path, project: &Path) -> Result<(PathBuf, Option<String>), Diagnostic> {
    let missing = |_| {
        let message = format!("there is no file `{}`", file.display());
        Diagnostic::error(Code("image.no-file"), message)
    };
    // Links are followed only on the way to the file, so that it keeps its name.
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let above = file.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let above = above.canonicalize().map_err(missing)?;
    let below = project.canonicalize().ok().and_then(|project| above.strip_prefix(project).ok().map(Path::to_path_buf));
    Ok(match below {
        Some(below) => {
            let below = below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            (project.to_owned(), Some(path))
        }
        None => (above, Some(name)),
    })
}
