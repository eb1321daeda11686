#!/bin/sh
# usage: ci/image.sh BINARY NAME [BASE]
# Builds a container image from a static binary with `docker build`, or what BUILDER says.
# CERTIFICATES names a file with the authorities that the image trusts.
set -eu
if [ $# -lt 2 ]; then
  sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
  exit 3
fi
here=$(cd "$(dirname "$0")/.." && pwd)
binary=$1 name=$2 base=${3:-scratch}
certificates=${CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}
if [ ! -r "$certificates" ]; then
  echo "there are no certificates in $certificates: set CERTIFICATES" >&2
  exit 1
fi
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$binary" "$context/kiln"
cp "$certificates" "$context/ca-certificates.crt"
chmod 755 "$context/kiln"
version=$("$binary" version | sed -n '1s/[^0-9]*\([0-9][0-9A-Za-z.+-]*\).*/\1/p')
${BUILDER:-docker} build --file "$here/Containerfile" --build-arg "BASE=$base" --build-arg "VERSION=$version" \
  --tag "$name" "$context"
