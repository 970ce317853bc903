#!/bin/sh
# Builds, tests and measures avx on a machine that has only git and either Bun or Node with npm.
# All that it brings goes into the checkout: the pinned Bun into .tools/, dependencies into node_modules/.
set -eu

usage() {
  cat <<'USAGE'
Usage: ./compile.sh [command]

  ./compile.sh                    builds dist/avx for this machine
  ./compile.sh --target TARGET    builds dist/avx-TARGET (with .exe for Windows), and dist/avx too where
                                  TARGET is this machine
  ./compile.sh test [ARG...]      does all set-up, then runs the tests; ARGs go on to `bun test`
  ./compile.sh bench [ARG...]     does all set-up, then runs the benchmarks; ARGs go on to the bench
  ./compile.sh simulate [ARG...]  does all set-up, then runs a simulated network; `simulate --help` tells of the ARGs
  ./compile.sh side-by-side [ARG...]
                                  does all set-up, then asks a node of avalanchego and one of avx what they have, and
                                  writes docs/side_by_side.md; `side-by-side --help` tells of the ARGs
  ./compile.sh check [NAME...]    does all set-up, then checks lint, format, types, deno, floors, generated, binary,
                                  or only those that are named
  ./compile.sh --help             prints this

TARGET is one of linux-x64, linux-arm64, darwin-x64, darwin-arm64, windows-x64.
It may be called from any directory. ARGs that are paths are relative to the checkout.
USAGE
}

say() { printf 'compile.sh: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# Prints what a step said, only if it failed. quietly LABEL COMMAND...
quietly() {
  label=$1
  shift
  log=$tools/step.$$.log
  if "$@" >"$log" 2>&1 </dev/null; then
    rm -f "$log"
  else
    code=$?
    cat "$log" >&2
    rm -f "$log"
    say "$label failed (exit code $code); what it said is above."
    return 1
  fi
}

# --- The pinned Bun ---------------------------------------------------------------------------------------------

is_pinned() { [ "$("$1" --version 2>/dev/null)" = "$bun_version" ]; }

# Sets $bun. It is taken from PATH if it is the pinned version, else from .tools/, else it is installed there.
find_bun() {
  bun=$(command -v bun 2>/dev/null || true)
  if [ -n "$bun" ] && is_pinned "$bun"; then return; fi
  other_bun=$bun
  bun=$tools/bun-$bun_version/bun
  if is_pinned "$bun"; then return; fi
  install_bun
}

install_bun() {
  parts=$tools/bun-parts.$$
  rm -rf "$parts"
  mkdir -p "$parts"
  printf '{"private":true}\n' >"$parts/package.json"
  installed=false
  if command -v npm >/dev/null 2>&1; then
    say "installing bun $bun_version into .tools/ with npm"
    if quietly "npm install bun@$bun_version" in_directory "$parts" \
      npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error "bun@$bun_version"; then
      installed=true
    fi
  fi
  if [ "$installed" = false ] && [ -n "$other_bun" ]; then
    say "installing bun $bun_version into .tools/ with the bun on PATH"
    # An older Bun trusts only the authorities that it was built with, unless it is told to ask the system.
    if quietly "bun add bun@$bun_version" in_directory "$parts" env NODE_USE_SYSTEM_CA=1 \
      "$other_bun" add --exact --ignore-scripts "bun@$bun_version"; then
      installed=true
    fi
  fi
  if [ "$installed" = false ]; then
    rm -rf "$parts"
    if [ -z "$other_bun" ] && ! command -v npm >/dev/null 2>&1; then
      say "neither bun nor npm was found."
      fail "Install Bun (https://bun.com) or Node.js with npm (https://nodejs.org), then run ./compile.sh again."
    fi
    fail "bun $bun_version could not be installed. Check the network, or put bun $bun_version on PATH."
  fi
  # The package holds no program of its own: it depends on one package for each kind of machine.
  for found in "$parts"/node_modules/@oven/bun-*/bin/bun "$parts"/node_modules/@oven/bun-*/bin/bun.exe; do
    if [ -f "$found" ] && is_pinned "$found"; then
      rm -rf "$tools/bun-$bun_version"
      mkdir -p "$tools/bun-$bun_version"
      mv -f "$found" "$bun"
      rm -rf "$parts"
      return
    fi
  done
  rm -rf "$parts"
  fail "bun $bun_version has no build that runs on this machine ($(uname -sm))."
}

in_directory() (
  cd -- "$1"
  shift
  "$@"
)

# --- Dependencies and generated code ----------------------------------------------------------------------------

# A stamp says of what a step's result was made, so that the step is left out while nothing has changed.
stamp_of() {
  { printf '%s\n' "$bun_version" "$(uname -sm)" && cat "$@"; } | cksum
}

install_dependencies() {
  stamp=node_modules/.avx-stamp
  wanted=$(stamp_of package.json bun.lock)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  say "installing dependencies"
  quietly "bun install" "$bun" install --frozen-lockfile ||
    fail "The dependencies could not be installed. Check the network, then run ./compile.sh again."
  printf '%s\n' "$wanted" >"$stamp"
}

# Cheap where it is done already.
derive_addons() {
  quietly "scripts/derive_blst.ts" "$bun" scripts/derive_blst.ts || exit 1
}

generate_code() {
  stamp=node_modules/.avx-generated
  generated=lib/p2p/message/gen/p2p_pb.ts
  wanted=$(stamp_of bun.lock buf.yaml buf.gen.yaml proto/*.proto proto/*/*.proto)
  if [ -f "$generated" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted $(cksum <"$generated")" ]; then return; fi
  say "generating code from proto/"
  quietly "buf generate" "$bun" run --bun buf generate || exit 1
  printf '%s\n' "$wanted $(cksum <"$generated")" >"$stamp"
}

set_up() {
  mkdir -p "$tools"
  find_bun
  PATH=$(dirname -- "$bun"):$PATH
  export PATH
  install_dependencies
  derive_addons
  generate_code
}

build() { "$bun" scripts/build.ts "$@"; }

# --- What was asked for -----------------------------------------------------------------------------------------

# A path in the environment is relative to where the caller stands.
from_here() {
  case $1 in
  /* | [A-Za-z]:*) printf '%s\n' "$1" ;;
  *) printf '%s\n' "$PWD/$1" ;;
  esac
}
if [ -n "${AVX_VECTORS:-}" ]; then AVX_VECTORS=$(from_here "$AVX_VECTORS") && export AVX_VECTORS; fi
if [ -n "${AVALANCHEGO_PATH:-}" ]; then AVALANCHEGO_PATH=$(from_here "$AVALANCHEGO_PATH") && export AVALANCHEGO_PATH; fi

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd -- "$root"
tools=$root/.tools
bun_version=$(sed -n 's/.*"packageManager": *"bun@\([^"+]*\)".*/\1/p' package.json)
unset NODE_ENV # "production" would leave the development tools out

command=${1:-build}
case $command in
-h | --help | help)
  usage
  ;;
build)
  if [ $# -gt 1 ]; then
    say "build takes no arguments; run ./compile.sh --help to see how it is used."
    exit 2
  fi
  set_up
  build
  ;;
--target | --target=*)
  case $command in
  --target=*) target=${command#--target=} && extra=$(($# - 1)) ;;
  *) target=${2:-} && extra=$(($# - 2)) ;;
  esac
  case $target in
  linux-x64 | linux-arm64 | darwin-x64 | darwin-arm64 | windows-x64) ;;
  *)
    say "there is no target \"$target\"."
    say "Targets are linux-x64, linux-arm64, darwin-x64, darwin-arm64 and windows-x64."
    exit 2
    ;;
  esac
  if [ "$extra" -gt 0 ]; then
    say "--target takes one target and nothing after it; run ./compile.sh --help to see how it is used."
    exit 2
  fi
  set_up
  build --target "$target"
  ;;
test)
  shift
  set_up
  build
  say "testing"
  # Nothing here measures time; a machine that does other things as well may take its own.
  exec "$bun" test --timeout 30000 "$@"
  ;;
bench)
  shift
  set_up
  build --bench
  exec dist/avx-bench "$@"
  ;;
simulate)
  shift
  set_up
  exec "$bun" tests/simulation/main.ts "$@"
  ;;
side-by-side)
  shift
  set_up
  exec "$bun" scripts/side_by_side/main.ts "$@"
  ;;
check)
  shift
  set_up
  exec "$bun" scripts/check.ts "$@"
  ;;
*)
  say "there is no command \"$command\"; run ./compile.sh --help to see what there is."
  exit 2
  ;;
esac
