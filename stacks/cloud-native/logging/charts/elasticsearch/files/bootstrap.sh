# Brings the cluster to the state that its clients expect. Every call may be
# repeated.
set -euo pipefail

call() {
  local method=$1 path=$2
  shift 2
  # The password goes through a configuration on a pipe, never through argv.
  curl --silent --show-error --fail --output /dev/null \
    --retry 60 --retry-delay 10 --retry-all-errors \
    --cacert /certificates/ca.crt \
    --config <(printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD") \
    --header 'Content-Type: application/json' \
    --request "$method" "$ELASTICSEARCH_URL$path" "$@"
  echo "$method $path"
}

user() {
  local name=$1 password=$2
  call PUT "/_security/role/$name" --data "@/bootstrap/role-$name.json"
  call PUT "/_security/user/$name" --data @<(
    printf '{"password": "%s", "roles": ["%s"]}' "$password" "$name")
}

call GET '/_cluster/health?wait_for_status=yellow&timeout=60s'
call POST /_security/user/kibana_system/_password --data @<(
  printf '{"password": "%s"}' "$KIBANA_PASSWORD")
user fluentd "$FLUENTD_PASSWORD"
user grafana "$GRAFANA_PASSWORD"
user jaeger "$JAEGER_PASSWORD"
call PUT /_ilm/policy/kubernetes-logs --data @/bootstrap/retention.json
call PUT /_index_template/kubernetes-logs --data @/bootstrap/index-template.json
