#!/usr/bin/env bash
# Packs the built binary with its licence and documents, and writes checksums.
set -euo pipefail
cd "$(dirname "$0")/../.."
name="lachan-$1-$(go env GOOS)-$(go env GOARCH)"
rm -rf "release/$name"
mkdir -p "release/$name"
cp bin/lachan LICENSE README.md "release/$name/"
cp -r docs "release/$name/docs"
tar -C release --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -czf "release/$name.tar.gz" "$name"
rm -rf "release/$name"
(cd release && sha256sum "$name.tar.gz" >SHA256SUMS)
ls -l release
