#!/usr/bin/env bash
# Makes the virtual environment $1 with the extras $2; does nothing when both are as they were last time.
set -euo pipefail
venv=$1 extras=$2
cd "$(dirname "$0")"
stamp=$venv/.ragkit-$(cksum pyproject.toml | cut -d' ' -f1)
if [ -e "$stamp" ] && [[ ",$(cat "$stamp")," == *",$extras,"* ]]; then exit 0; fi

say() { printf '\033[2m%s\033[0m\n' "$*" >&2; }
python=${PYTHON:-python3}
"$python" - <<'PY' || { echo "ragkit needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12" >&2; exit 1; }
import sys
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PY
say "setting up $venv with ragkit[$extras]"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
# uv: the environment's own, so that nothing is installed outside it
[ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.8'
# Wheels that this machine's pip configuration names (a CPU build of torch, say) come first; else PyTorch's own index.
links=$("$venv/bin/python" -m pip config get global.find-links 2>/dev/null || true)
backend=()
if [ -n "$links" ]; then export UV_FIND_LINKS=$links; else backend=(--torch-backend="$([[ $extras == *gpu* ]] && echo auto || echo cpu)"); fi
UV_LINK_MODE=${UV_LINK_MODE:-copy} "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "${backend[@]}" --editable ".[$extras]"
rm -f "$venv"/.ragkit-*
printf '%s' "$extras" > "$stamp"
