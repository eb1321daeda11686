//! Go's time package: layouts, durations, zones.
