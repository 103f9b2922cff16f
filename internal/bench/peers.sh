#!/bin/sh
# Installs the peers of the benchmark, or those that are named:
#
#   ./peers.sh [duckdb] [chdb] [s5cmd] [rclone] [jq] [igzip]
#
# DuckDB downloads 570 MB of Go modules and needs a C compiler, chDB 546 MB of npm
# packages and needs Node.js 20, rclone takes minutes to build. jq and igzip are
# Debian's packages, and are installed where apt-get can; elsewhere install them by
# hand. A peer that cannot be installed is told, and the others go on: the benchmark
# leaves out what is not there.
set -u
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- duckdb chdb s5cmd rclone jq igzip
failed=
apt() { command -v "$1" >/dev/null || { apt-get update && apt-get install -y --no-install-recommends "$2"; }; }
mkdir -p .peers
for peer; do
	echo "== $peer"
	case $peer in
	duckdb) CGO_ENABLED=1 go -C duckdb build -o ../.peers/duckdb . ;;
	chdb) npm ci --prefix chdb --no-audit --no-fund ;;
	s5cmd) go -C s5cmd build -o ../.peers/s5cmd github.com/peak/s5cmd/v2 ;;
	rclone) go -C rclone build -o ../.peers/rclone github.com/rclone/rclone ;;
	jq) apt jq jq ;;
	igzip) apt igzip isal ;;
	*) echo "peers.sh: no peer is called $peer" >&2 && false ;;
	esac || failed="$failed $peer"
done
[ -z "$failed" ] || { echo "peers.sh: not installed:$failed" >&2; exit 1; }
