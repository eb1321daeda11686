/// The Helm whose results are wanted.
///
/// Every difference between the two that rendering knows is one of the decisions below; the code
/// asks for the decision, never for the version. `docs/compatibility.md` shows them to users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// Helm 3.21.4.
    #[default]
    V3,
    /// Helm 4.2.4.
    V4,
}

/// Names of Go types.
#[derive(Clone, Copy, Debug)]
pub(super) struct CapabilitiesTypes {
    /// `.Capabilities`.
    pub(super) whole: &'static str,
    /// `.Capabilities.KubeVersion`.
    pub(super) kube_version: &'static str,
    /// `.Capabilities.APIVersions`.
    pub(super) version_set: &'static str,
}

impl Compat {
    /// The version by the word that users write: `3` or `4`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "3" => Some(Self::V3),
            "4" => Some(Self::V4),
            _ => None,
        }
    }

    const fn is_4(self) -> bool {
        matches!(self, Self::V4)
    }

    /// The version that charts see in `.Capabilities.HelmVersion`.
    pub const fn helm_version(self) -> &'static str {
        if self.is_4() { "v4.2.4" } else { "v3.21.4" }
    }

    /// The `KubeClientVersion` that Helm 4 has in `.Capabilities.HelmVersion`.
    pub const fn kube_client_version(self) -> Option<&'static str> {
        if self.is_4() { Some("v1.36") } else { None }
    }

    // Charts and values.

    /// Whether only charts with `apiVersion` v1, v2 or none can be rendered, and a folder must hold a
    /// `Chart.yaml` before anything else is looked at. Helm 3 takes any `apiVersion` for v2.
    pub(super) const fn knows_chart_versions(self) -> bool {
        self.is_4()
    }

    /// Whether a packed chart that cannot be unpacked is told without the reason.
    pub(super) const fn hides_archive_faults(self) -> bool {
        self.is_4()
    }

    /// Whether all documents of a values file are merged. Helm 3 reads the first.
    pub(super) const fn merges_values_documents(self) -> bool {
        self.is_4()
    }

    /// Whether a null among a chart's own defaults means that there is no such value. In Helm 3 it is a
    /// value, and removes that of a subchart.
    pub(super) const fn drops_null_defaults(self) -> bool {
        self.is_4()
    }

    /// Whether copies of a chart under several aliases have their own subcharts. In Helm 3 they share
    /// them, and the last one becomes the parent.
    pub(super) const fn parts_aliased_charts(self) -> bool {
        self.is_4()
    }

    /// Whether `--set` takes a text that ends inside of an index for one that ends before it.
    pub(super) const fn forgives_open_index(self) -> bool {
        self.is_4()
    }

    /// Whether `--set-json` also takes a whole object.
    pub(super) const fn takes_json_objects(self) -> bool {
        self.is_4()
    }

    /// Whether a Kubernetes version keeps what follows its numbers, except where versions are compared.
    pub(super) const fn keeps_kube_suffix(self) -> bool {
        self.is_4()
    }

    // What templates see.

    /// The Go type of `.Values`.
    pub(super) const fn values_type(self) -> &'static str {
        if self.is_4() { "common.Values" } else { "chartutil.Values" }
    }

    /// The Go types of `.Capabilities` and its parts.
    pub(super) const fn capabilities_types(self) -> CapabilitiesTypes {
        if self.is_4() {
            CapabilitiesTypes {
                whole: "*common.Capabilities",
                kube_version: "common.KubeVersion",
                version_set: "common.VersionSet",
            }
        } else {
            CapabilitiesTypes {
                whole: "*chartutil.Capabilities",
                kube_version: "chartutil.KubeVersion",
                version_set: "chartutil.VersionSet",
            }
        }
    }

    /// The Go package of chart metadata, which messages show.
    pub(super) const fn chart_package(self) -> &'static str {
        if self.is_4() { "v2" } else { "chart" }
    }

    /// The Go package that reads the heads of documents, which messages show.
    pub(super) const fn manifest_package(self) -> &'static str {
        if self.is_4() { "util" } else { "releaseutil" }
    }

    /// Whether `.Chart` is a map, all the way down. In Helm 3 it is a struct, and a field that it does not
    /// have an error.
    pub(super) const fn chart_is_map(self) -> bool {
        self.is_4()
    }

    /// Whether `mustToYaml` and `mustToToml` exist and `mustToJson` is Helm's own.
    pub(super) const fn has_must_functions(self) -> bool {
        self.is_4()
    }

    /// Whether `.Files.Lines` fails on an empty file. Helm 3 gives no lines.
    pub(super) const fn fails_on_empty_lines(self) -> bool {
        self.is_4()
    }

    // Output.

    /// Whether documents begin at `---` at the start of any line and keep the blanks at their end.
    pub(super) const fn keeps_document_ends(self) -> bool {
        self.is_4()
    }

    /// Whether webhook configurations have their place in the install order, behind all other known kinds.
    pub(super) const fn orders_webhooks(self) -> bool {
        self.is_4()
    }

    // Messages.

    /// Whether a failed template is told in blocks, one per template on the way.
    pub(super) const fn tells_failures_in_blocks(self) -> bool {
        self.is_4()
    }

    /// Whether messages name the step that failed: `release name check failed: …`.
    pub(super) const fn names_failed_steps(self) -> bool {
        self.is_4()
    }
}
