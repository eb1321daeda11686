//! Charts: loading, values, dependencies, rendering, and printing, as Helm 3.21 does.
