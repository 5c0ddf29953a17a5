#!/usr/bin/env bash
# Holds captures against Wireshark's own tools: each opens, is read to its end, and holds packets that dissect.
#   tools/check-captures.sh [FILE...]      by default what the demo left in demo-out/, and examples/captures/
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  files=(demo-out/*.pcapng examples/captures/*.pcap examples/captures/*.pcapng)
fi
if [ ${#files[@]} -eq 0 ]; then
  echo 'captures: none to check' >&2
  exit 1
fi

# Packets of a file that a display filter lets through.
count() { tshark -n -r "$1" -Y "$2" 2>/dev/null | wc -l; }

bad=0
refuse() {
  echo "captures: $1: $2" >&2
  bad=1
}

for file in "${files[@]}"; do
  # Either tool complains on stderr about what it cannot read, such as a block that is cut short.
  if ! info=$(capinfos -Trt "$file" 2>&1); then
    refuse "$file" "$info"
    continue
  fi
  case ${info##*$'\t'} in
  pcap | pcapng | nsecpcap) ;;
  *)
    refuse "$file" 'is not a capture'
    continue
    ;;
  esac
  complaints=$(tshark -n -r "$file" 2>&1 >/dev/null | grep -v '^Running as user' || true)
  [ -z "$complaints" ] || refuse "$file" "$complaints"
  packets=$(count "$file" frame)
  [ "$packets" -gt 0 ] || refuse "$file" 'holds no packet'
  malformed=$(count "$file" _ws.malformed)
  [ "$malformed" -eq 0 ] || refuse "$file" "$malformed packets are malformed"
  interfaces=$(tshark -n -r "$file" -T fields -e frame.interface_name 2>/dev/null | sort -u | grep -c . || true)
  comments=$(count "$file" frame.comment)
  echo "captures: $file: $packets packets on $interfaces named interfaces, $comments with a comment"
done
exit $bad
