use super::parse::{Piece, parse};

/// A compiled gobwas/glob pattern with separator `/`: `*` and `?` stop at it, `**` and character
/// lists do not.
#[derive(Debug)]
pub struct Glob(Vec<Piece>);

impl Glob {
    /// Compiles a pattern; the error is gobwas' text.
    pub fn compile(pattern: &str) -> Result<Self, String> {
        parse(pattern).map(Glob)
    }

    /// Whether the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        let text: Vec<char> = path.chars().collect();
        let mut places = vec![false; text.len() + 1];
        places[0] = true;
        *run(&self.0, &text, places).last().unwrap_or(&false)
    }
}

/// The places that the pieces can lead to from any of the given places.
fn run(pieces: &[Piece], text: &[char], mut places: Vec<bool>) -> Vec<bool> {
    for piece in pieces {
        places = match piece {
            Piece::Text(expected) => text_after(expected, text, &places),
            Piece::Any => spread(text, places, |char| char != '/'),
            Piece::Super => spread(text, places, |_| true),
            Piece::Single => step(text, &places, |char| char != '/'),
            Piece::List { chars, not } => step(text, &places, |char| chars.contains(&char) != *not),
            Piece::Range { low, high, not } => step(text, &places, |char| (*low..=*high).contains(&char) != *not),
            Piece::Alternatives(all) => {
                let mut union = vec![false; places.len()];
                for pieces in all {
                    let reached = run(pieces, text, places.clone());
                    union.iter_mut().zip(reached).for_each(|(place, reached)| *place |= reached);
                }
                union
            }
        };
    }
    places
}

fn text_after(expected: &[char], text: &[char], places: &[bool]) -> Vec<bool> {
    let mut after = vec![false; places.len()];
    for (at, _) in places.iter().enumerate().filter(|(_, reached)| **reached) {
        if text[at..].starts_with(expected) {
            after[at + expected.len()] = true;
        }
    }
    after
}

/// One character further.
fn step(text: &[char], places: &[bool], accepts: impl Fn(char) -> bool) -> Vec<bool> {
    let mut after = vec![false; places.len()];
    for (at, char) in text.iter().enumerate() {
        after[at + 1] = places[at] && accepts(*char);
    }
    after
}

/// Any number of characters further.
fn spread(text: &[char], mut places: Vec<bool>, accepts: impl Fn(char) -> bool) -> Vec<bool> {
    for (at, char) in text.iter().enumerate() {
        places[at + 1] |= places[at] && accepts(*char);
    }
    places
}
