use super::environment::Environment;
use crate::source::remote::Logins;

/// The files in which Helm and docker keep the logins for registries, Helm's first.
pub(super) fn read(environment: &Environment) -> Logins {
    let helm = environment.path("HELM_REGISTRY_CONFIG");
    let helm = helm.or_else(|| environment.path("HELM_CONFIG_HOME").map(|folder| folder.join("registry/config.json")));
    let helm = helm.or_else(|| environment.config("helm/registry/config.json"));
    let docker = environment.path("DOCKER_CONFIG").or_else(|| environment.home(".docker"));
    let paths = [helm, docker.map(|folder| folder.join("config.json"))];
    Logins::read(paths.into_iter().flatten(), environment)
}
