use super::node::Slice;

impl Slice {
    /// The places that are taken of a list of a length; `None` when the slice is empty, which ends
    /// the search. The error is client-go's text.
    pub fn places(&self, length: usize) -> Result<Option<impl Iterator<Item = usize> + use<>>, String> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from_end = |place: i64| if place < 0 { place.wrapping_add(length) } else { place };
        let start = from_end(self.start.unwrap_or(0));
        let end = match self.end {
            None => length,
            // `[-1]` ends at the end.
            Some(0) if self.is_single => length,
            Some(end) => from_end(end),
        };
        if start == end {
            return Ok(None);
        }
        let outside = |place: i64| Err(format!("array index out of bounds: index {place}, length {length}"));
        if start >= length || start < 0 {
            return outside(start);
        }
        if end > length || end < 0 {
            return outside(end.wrapping_sub(1));
        }
        if start > end {
            return Err(format!("starting index {start} is greater than ending index {end}"));
        }
        let step = self.step.unwrap_or(1);
        if step <= 0 {
            return Err("step must be > 0".to_owned());
        }
        let place = |place: i64| usize::try_from(place).unwrap_or(usize::MAX);
        Ok(Some((place(start)..place(end)).step_by(place(step))))
    }
}
