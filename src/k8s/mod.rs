//! What a Kubernetes object is: identity, order, scope.
