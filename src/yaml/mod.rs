//! Text to spanned nodes and back, exactly as Go's YAML libraries read and write.
