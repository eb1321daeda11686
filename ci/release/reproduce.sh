#!/bin/sh
# usage: ci/release/reproduce.sh TARGET [FILE]
# Builds the release twice, from copies of the commit in different folders, and compares; with FILE also with that.
set -eu
if [ $# -lt 1 ]; then
  sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
  exit 3
fi
target=$1 released=${2:-}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sums=
for folder in one another/and-longer; do
  mkdir -p "$work/$folder"
  git -C "$here" archive HEAD | tar -x -C "$work/$folder"
  CARGO_TARGET_DIR=$work/$folder/target sh "$work/$folder/ci/release/build.sh" "$target" "$work/$folder/out" > "$work/sum"
  sums="$sums $(cut -d ' ' -f 1 "$work/sum")"
  rm -rf "$work/$folder/target"
done
if [ -n "$released" ]; then
  sums="$sums $( (sha256sum "$released" 2>/dev/null || shasum -a 256 "$released") | cut -d ' ' -f 1)"
fi
printf '%s\n' $sums
if [ "$(printf '%s\n' $sums | sort -u | wc -l)" -ne 1 ]; then
  echo "the builds differ" >&2
  exit 1
fi
