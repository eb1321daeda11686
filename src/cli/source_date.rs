use std::env;

/// What is wrong with `SOURCE_DATE_EPOCH`.
pub const INVALID: &str = "SOURCE_DATE_EPOCH is no number of seconds";

/// `SOURCE_DATE_EPOCH`: the time that templates take for now, in seconds since 1970; `None` when it
/// is unset or empty.
///
/// # Errors
/// [`INVALID`].
pub fn source_date() -> Result<Option<i64>, &'static str> {
    let Some(text) = env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else { return Ok(None) };
    text.to_str().and_then(|text| text.parse().ok()).map(Some).ok_or(INVALID)
}
