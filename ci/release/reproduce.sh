#!/bin/sh
# usage: ci/release/reproduce.sh TARGET [FILE]
# Builds the release twice, from copies of the commit in different folders, and compares; with FILE also with that.
# The second copy has its target folder elsewhere, as CI systems that keep it have.
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
# Others may commit while it builds.
commit=$(git -C "$here" rev-parse HEAD)
for folder in one another/and-longer; do
  mkdir -p "$work/$folder"
  git -C "$here" archive "$commit" | tar -x -C "$work/$folder"
  case $folder in
    one) build=$work/$folder/target ;;
    *) build=$work/elsewhere ;;
  esac
  CARGO_TARGET_DIR=$build sh "$work/$folder/ci/release/build.sh" "$target" "$work/$folder/out" > "$work/sum"
  sums="$sums $(cut -d ' ' -f 1 "$work/sum")"
  rm -rf "$build"
done
if [ -n "$released" ]; then
  sums="$sums $( (sha256sum "$released" 2>/dev/null || shasum -a 256 "$released") | cut -d ' ' -f 1)"
fi
printf '%s\n' $sums
if [ "$(printf '%s\n' $sums | sort -u | wc -l)" -ne 1 ]; then
  echo "the builds differ" >&2
  exit 1
fi
