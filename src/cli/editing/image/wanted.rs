use crate::diag::{Blame, Code, Diagnostic};
use crate::k8s::{ImageRef, is_digest};

const BAD_IMAGE: Code = Code("image.bad-argument");

/// An image to set, as the command line asks for it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The image that is meant; without a registry it is meant on any.
    pub name: ImageRef,
    /// What it becomes. Its repository counts only if [`Wanted::is_named`].
    pub image: ImageRef,
    /// Whether a repository was given, not only `:tag` or `@digest`.
    pub is_named: bool,
    /// Whether the present tag stays beside a new digest.
    pub keeps_tag: bool,
}

impl Wanted {
    /// Reads `NAME=REF`, where REF is `repository:tag`, `repository@digest` or both, or the version alone as
    /// `:tag` or `@digest`; `NAME:TAG`; or, where a digest is given apart, NAME alone.
    pub fn read(word: &str, digest: Option<&str>) -> Result<Self, Diagnostic> {
        let shown = word.escape_debug().to_string();
        let bad = |why: &str| {
            let problem = Diagnostic::error(BAD_IMAGE, format!("`{shown}` {why}")).blame(Blame::Usage);
            Err(problem.help("write NAME=REPOSITORY:TAG, such as `acme/web=acme/web:1.5.0`, or NAME=:TAG"))
        };
        if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
            let message = format!("`{}` is not a digest", digest.escape_debug());
            let problem = Diagnostic::error(BAD_IMAGE, message).blame(Blame::Usage);
            return Err(problem.help("a digest is such as `sha256:` and 64 hexadecimal digits"));
        }
        let (name, reference) = match word.split_once('=') {
            Some((name, reference)) => (name, reference.to_owned()),
            None => {
                let Some(image) = ImageRef::parse(word) else { return bad("is no image reference") };
                (&word[..image.name().len()], word.to_owned())
            }
        };
        let Some(name) = ImageRef::parse(name).filter(|name| !name.has_version()) else {
            return bad("does not begin with the name of an image");
        };
        let is_named = !reference.starts_with([':', '@']);
        let whole = if is_named { reference.clone() } else { format!("{}{reference}", name.name()) };
        let Some(mut image) = ImageRef::parse(&whole) else { return bad("is no image reference") };
        let keeps_tag = !image.has_version();
        if let Some(digest) = digest {
            image.digest = Some(digest.to_owned());
        }
        if !image.has_version() {
            return bad("names neither a tag nor a digest");
        }
        Ok(Self { name, image, is_named, keeps_tag })
    }

    /// Registry and repository that an image gets which has these now.
    pub fn name_for(&self, present: &ImageRef) -> (Option<String>, String) {
        if !self.is_named || (self.image.registry.is_none() && present.is(&bare(&self.image))) {
            return (present.registry.clone(), present.repository.clone());
        }
        let registry = self.image.registry.clone().or_else(|| present.registry.clone());
        (registry, self.image.repository.clone())
    }

    /// Tag and digest that an image gets which has this tag now.
    pub fn version_for(&self, present_tag: Option<&str>) -> (Option<String>, Option<String>) {
        let kept = present_tag.filter(|_| self.keeps_tag).map(str::to_owned);
        (self.image.tag.clone().or(kept), self.image.digest.clone())
    }
}

fn bare(image: &ImageRef) -> ImageRef {
    ImageRef { registry: None, repository: image.repository.clone(), tag: None, digest: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn words_are_read_in_all_their_forms() {
        let read = |word: &str, digest: Option<&str>| {
            let wanted = Wanted::read(word, digest).map_err(|problem| problem.message)?;
            Ok::<_, String>((wanted.name.name(), wanted.image.to_string(), wanted.is_named))
        };
        let of = |name: &str, image: &str, is_named| Ok((name.to_owned(), image.to_owned(), is_named));
        assert_eq!(read("acme/web=acme/web:1.5.0", None), of("acme/web", "acme/web:1.5.0", true));
        assert_eq!(read("acme/web:1.5.0", None), of("acme/web", "acme/web:1.5.0", true));
        assert_eq!(read("acme/web=:1.5.0", None), of("acme/web", "acme/web:1.5.0", false));
        assert_eq!(read("acme/web", Some(DIGEST)), of("acme/web", &format!("acme/web@{DIGEST}"), true));
        assert_eq!(
            read("r.example.com:5000/acme/web:1", Some(DIGEST)),
            of("r.example.com:5000/acme/web", &format!("r.example.com:5000/acme/web:1@{DIGEST}"), true)
        );
        for word in ["acme/web", "acme/web=", "=acme/web:1", "acme/web:1=acme/web:2", "A=b:1", "a=b", "a=:x y", ""] {
            assert!(read(word, None).is_err(), "{word}");
        }
        assert!(read("acme/web", Some("sha256:12")).is_err());
    }
}
