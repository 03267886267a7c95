#!/usr/bin/env bash
# Runs the same conformance suite with the official OpenAI clients for Python and Node.js against a Cairn that it starts.
#
#   distribution/src/test/clients/run.sh             builds Cairn if need be; installs the clients into a cache folder
#   CAIRN_URL=http://... CAIRN_KEY=... run.sh        asks a server that already runs (chat model first, one embedding model)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cairn-clients
python_client=3.54.0
node_client=7.57.0

mkdir -p "$cache" || exit 1
if [ "$(cat "$cache/python/version" 2>/dev/null)" != "$python_client" ]; then
  rm -rf "$cache/python"
  python3 -m venv "$cache/python" && "$cache/python/bin/pip" install -q "openai==$python_client" &&
    echo "$python_client" >"$cache/python/version" || { echo "clients: the Python client could not be installed" >&2; exit 1; }
fi
if [ "$(cat "$cache/node/version" 2>/dev/null)" != "$node_client" ]; then
  rm -rf "$cache/node" && mkdir -p "$cache/node"
  npm install --silent --no-fund --no-audit --prefix "$cache/node" "openai@$node_client" &&
    echo "$node_client" >"$cache/node/version" || { echo "clients: the Node.js client could not be installed" >&2; exit 1; }
fi

server=
log=
finish() {
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null
    wait "$server" 2>/dev/null
  fi
  rm -f "$log"
}
trap finish EXIT

if [ -z "${CAIRN_URL:-}" ]; then
  export CAIRN_KEY=conformance-key
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  log=$(mktemp)
  CAIRN_HTTP_API_KEYS=$CAIRN_KEY "${CAIRN:-$root/cairn}" serve --port "$port" --model "pebble=$root/distribution/bundled-model/cairn-pebble" \
    --model "encoder=$root/adapters-engines/onnx/src/test/resources/tiny-encoder" >"$log" 2>&1 &
  server=$!
  export CAIRN_URL=http://127.0.0.1:$port
  for _ in $(seq 600); do
    curl -sf -o /dev/null "$CAIRN_URL/ready" && break
    if ! kill -0 "$server" 2>/dev/null; then
      echo "clients: cairn serve ended:" >&2
      cat "$log" >&2
      exit 1
    fi
    sleep 0.2
  done
fi

status=0
"$cache/python/bin/python" "$here/conformance.py" || status=1
cp "$here/conformance.mjs" "$cache/node/conformance.mjs"
node "$cache/node/conformance.mjs" || status=1
if [ $status != 0 ] && [ -n "$log" ]; then
  echo "clients: the server said:" >&2
  tail -n 40 "$log" >&2
fi
exit $status
