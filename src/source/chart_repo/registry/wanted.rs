use crate::source::error::{About, INVALID, SourceError, foreign};

/// A chart as it is asked for: `web`, `web@sha256:…`; with the version `1.2.3`, `^1`, `sha256:…` or
/// `1.2.3@sha256:…`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    /// The last part of the repository.
    pub(super) chart: &'a str,
    /// A version or range; may be empty.
    pub(super) version: &'a str,
    /// The digest of a manifest in hex.
    pub(super) digest: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn parse(chart: &'a str, version: &'a str) -> Result<Self, SourceError> {
        let (chart, of_chart) = split(chart);
        let (version, of_version) = match version.starts_with("sha256:") {
            true => ("", Some(version)),
            false => split(version),
        };
        let of_chart = of_chart.map(|text| digest(text, About::Path)).transpose()?;
        let of_version = of_version.map(|text| digest(text, About::Version)).transpose()?;
        if let (Some(one), Some(other)) = (of_chart, of_version)
            && one != other
        {
            let message = format!("`path` asks for sha256:{one} and `version` for sha256:{other}");
            return Err(SourceError::new(INVALID, message).about(About::Version));
        }
        Ok(Self { chart, version, digest: of_chart.or(of_version) })
    }
}

fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    }
}

fn digest(text: &str, about: About) -> Result<&str, SourceError> {
    let hex = text.strip_prefix("sha256:").filter(|hex| is_sha256(hex));
    hex.ok_or_else(|| {
        let message = format!("`{}` is no digest of the form `sha256:` and 64 hex digits", foreign(text));
        SourceError::new(INVALID, message).about(about)
    })
}

/// Whether a text is a SHA-256 in lower-case hex.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_stand_with_the_chart_or_with_the_version() {
        let hex = "0a".repeat(32);
        let (tagged, with_chart) = (format!("sha256:{hex}"), format!("web@sha256:{hex}"));
        let both = format!("1.2.3@sha256:{hex}");
        let wanted = |version| Wanted { chart: "web", version, digest: Some(&hex) };
        assert_eq!(Wanted::parse("web", &tagged).unwrap(), wanted(""));
        assert_eq!(Wanted::parse(&with_chart, "").unwrap(), wanted(""));
        assert_eq!(Wanted::parse(&with_chart, &tagged).unwrap(), wanted(""));
        assert_eq!(Wanted::parse("web", &both).unwrap(), wanted("1.2.3"));
        assert_eq!(Wanted::parse("web", "^1").unwrap(), Wanted { chart: "web", version: "^1", digest: None });
        let refused = |chart: &str, version: &str| Wanted::parse(chart, version).unwrap_err().about;
        assert_eq!(refused("web", "sha256:00"), About::Version);
        assert_eq!(refused("web@sha512:00", ""), About::Path);
        assert_eq!(refused(&with_chart, &format!("sha256:{}", "0b".repeat(32))), About::Version);
    }
}
