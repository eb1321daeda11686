use crate::k8s::ImageRef;
use crate::span::Span;
use crate::stack::Text;

/// An image that was chosen, with the place that chose it.
#[derive(Clone, Debug)]
pub struct ImageChoice {
    /// The image. Its repository means nothing unless [`ImageChoice::is_named`].
    pub image: ImageRef,
    /// Whether a repository was written, not only `:tag` or `@digest`.
    pub is_named: bool,
    /// Where it is written.
    pub place: Span,
}

impl ImageChoice {
    /// Reads `[registry/]repository:tag`, with a digest or without, or the version alone as `:tag` or
    /// `@digest`.
    ///
    /// # Errors
    /// Says why the text names no version of an image.
    pub fn read(text: &Text) -> Result<Self, String> {
        let is_named = !text.value.starts_with([':', '@']);
        let whole = if is_named { text.value.clone() } else { format!("image{}", text.value) };
        let shown = text.value.escape_debug();
        let image = ImageRef::parse(&whole).ok_or_else(|| format!("`{shown}` is no image reference"))?;
        if !image.has_version() {
            return Err(format!("`{shown}` has neither a tag nor a digest"));
        }
        Ok(Self { image, is_named, place: text.place.clone() })
    }
}
