//! The way of the data: which stages run, in which order, how parallel.
