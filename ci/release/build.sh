#!/bin/sh
# usage: ci/release/build.sh TARGET DIR
# Builds the release for a target and puts it into DIR as kiln-VERSION-TARGET, with its SHA-256 beside it.
# Paths of this machine are replaced in it.
set -eu
if [ $# -ne 2 ]; then
  sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
  exit 3
fi
target=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
build=${CARGO_TARGET_DIR:-$PWD/target}
case $build in
  /*) ;;
  *) build=$PWD/$build ;;
esac
cargo_home=${CARGO_HOME:-$HOME/.cargo}
compiler=$(rustc --print sysroot)
commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
remap() { # FLAG: paths of this machine and what stands for them; of several that fit the last one counts
  printf ' %s=%s=%s' "$1" "$cargo_home" /cargo "$1" "$compiler" /rust \
    "$1" "$compiler/lib/rustlib/src/rust" "/rustc/$commit" "$1" "$PWD" /kiln "$1" "$build" /build
}
RUSTFLAGS="$(remap --remap-path-prefix) ${RUSTFLAGS-}"
CFLAGS="$(remap -ffile-prefix-map) ${CFLAGS-}"
export RUSTFLAGS CFLAGS
cargo build --release --locked --bin kiln --target "$target"
file=kiln-$version-$target
cp "$build/$target/release/kiln" "$folder/$file"
case $target in
  *-linux-*)
    # A file that needs a loader names it in its program headers.
    if LC_ALL=C ldd "$folder/$file" 2>/dev/null | grep -q '=>'; then
      echo "$file is not static: install the static C library (libc6-dev has it on Debian)" >&2
      exit 1
    fi
    ;;
esac
cd "$folder"
(sha256sum "$file" 2>/dev/null || shasum -a 256 "$file") > "$file.sha256"
cat "$file.sha256"
