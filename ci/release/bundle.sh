#!/bin/sh
# usage: ci/release/bundle.sh DIR
# Completes a folder of release files: the list of what they are made of (SBOM), and one list of all digests.
set -eu
if [ $# -ne 1 ]; then
  sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
  exit 3
fi
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
cargo run --quiet --locked --example sbom > "$folder/kiln-$version.cdx.json"
cd "$folder"
rm -f SHA256SUMS
(sha256sum kiln-"$version"* 2>/dev/null || shasum -a 256 kiln-"$version"*) | grep -v '\.sha256$' > SHA256SUMS
cat SHA256SUMS
