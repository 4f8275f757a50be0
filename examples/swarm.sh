#!/usr/bin/env bash
# One swarm with nothing but curl and Node's JSON.
#   bash examples/swarm.sh "Your objective"     (with `npx -y pnpm@12 start` in another terminal)
#   CLAUDE_FLOW_URL (http://localhost:3000) and API_KEY say where.
set -euo pipefail
url=${CLAUDE_FLOW_URL:-http://localhost:3000}
objective=${1:-Build a REST API for user management}

# The key goes to curl by its standard input, not by its arguments, which every user of the machine can see.
call() { printf 'header = "X-API-Key: %s"\n' "${API_KEY:-}" | curl -fsS --config - "$@"; }
field() { node -e 'let text = ""; process.stdin.on("data", (piece) => (text += piece)).on("end", () => console.log(process.argv[1].split(".").reduce((value, name) => value[name], JSON.parse(text))))' "$1"; }

body=$(node -e 'console.log(JSON.stringify({ objective: process.argv[1], autoStart: true }))' "$objective")
id=$(call "$url/api/swarm/create" -H 'Content-Type: application/json' -d "$body" | field swarmId)
echo "Swarm $id"

while true; do
  swarm=$(call "$url/api/swarm/$id")
  status=$(field data.status <<<"$swarm")
  echo "$status, $(field data.progress.percentComplete <<<"$swarm") %"
  case $status in completed | failed) break ;; esac
  sleep 1
done

call "$url/api/swarm/$id/results"
echo
[ "$status" = completed ]
