#!/bin/bash
# Writes DIR/flows.tsv and renews the tables in DIR/README.md, if there is one, from what tshark and capinfos find in the
# captures: describe.sh [DIR] (default: beside this script). Needs no root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:-$here}
# shellcheck source=lab/plan.sh
. "$here/lab/plan.sh"
files='mixed.pcapng to-host.pcapng to-host-nano.pcap http.pcapng dns.pcapng dhcp.pcap ping.pcap'

# One line a flow, whoever began it: client, its port, server, its port, protocol, then frames and bytes to and from the host.
flows() {
  printf 'client\tclient_port\tserver\tserver_port\tprotocol\tframes_to_host\tbytes_to_host\tframes_from_host\tbytes_from_host\tfirst_s\tlast_s\n'
  local pings='icmp.type == 0 || icmp.type == 8 || icmpv6.type == 128 || icmpv6.type == 129' # and their fragments:
  local later='(ip.frag_offset > 0 && ip.proto == 1) || (ipv6.fraghdr.offset > 0 && ipv6.fraghdr.nxt == 58)'
  tshark -n -r "$dir/mixed.pcapng" -Y "((tcp || udp) && !icmp) || $pings || $later" \
    -o ip.defragment:FALSE -o ipv6.defragment:FALSE -T fields -E occurrence=f \
    -e eth.src -e ip.src -e ip.dst -e ipv6.src -e ipv6.dst -e tcp.srcport -e tcp.dstport -e udp.srcport -e udp.dstport \
    -e frame.len -e frame.time_relative 2>/dev/null |
    awk -F'\t' -v OFS='\t' -v host="$HOST_MAC" '
      {
        src = $2 $4; dst = $3 $5; sport = $6 $8; dport = $7 $9
        proto = $6 != "" ? "tcp" : $8 != "" ? "udp" : $2 != "" ? "icmp" : "icmpv6"
        if (sport == "") sport = dport = "-"
        out = $1 == host
        flow = out ? dst OFS dport OFS src OFS sport OFS proto : src OFS sport OFS dst OFS dport OFS proto
        if (!(flow in n)) { n[flow] = ++count; key[count] = flow }
        i = n[flow]
        if (out) { fo[i]++; bo[i] += $10 } else { fi[i]++; bi[i] += $10 }
        if (!(i in first)) first[i] = $11
        last[i] = $11
      }
      END {
        for (i = 1; i <= count; i++) printf "%s\t%d\t%d\t%d\t%d\t%.3f\t%.3f\n", key[i], fi[i], bi[i], fo[i], bo[i], first[i], last[i]
      }' | sort -t"$(printf '\t')" -k5,5 -k4,4n -k3,3 -k1,1 -k2,2n
}

file_table() {
  echo '| file | format | precision | packets | bytes | seconds |'
  echo '| --- | --- | --- | ---: | ---: | ---: |'
  local f
  for f in $files; do
    capinfos -M "$dir/$f" | awk -v f="$f" '
      { sub(/^[^:]*: */, "&\t"); split($0, field, "\t"); value[field[1]] = field[2] }
      function get(name) { for (k in value) if (index(k, name ":") == 1) return value[k] }
      END {
        type = get("File type"); sub(/.* - /, "", type)
        precision = get("File timestamp precision"); sub(/ .*/, "", precision)
        printf "| `%s` | %s | %s | %d | %d | %.1f |\n", f, type, precision, get("Number of packets"), get("File size"),
          get("Capture duration")
      }'
  done
}

# Frames by protocol, from tshark -q -z io,phs, without what is inside of HTTP or quoted by an ICMP error.
protocol_table() {
  local f
  for f in $files; do
    tshark -n -r "$dir/$f" -q -z io,phs 2>/dev/null | awk -v f="$f" '
      /frames:/ {
        depth = match($0, /[^ ]/)
        if (inside && depth > inside) next
        inside = $1 ~ /^(http|icmp|icmpv6)$/ ? depth : 0
        split($2, a, ":")
        if ($1 != "data") print f, $1, a[2]
      }'
  done | awk -v files="$files" '
    { n[$1, $2] += $3 }
    END {
      columns = split(files, file, " ")
      rows = split("eth arp ip ipv6 icmp icmpv6 udp tcp http dns dhcp", protocol, " ")
      line = "| protocol |"; rule = "| --- |"
      for (c = 1; c <= columns; c++) { line = line " " file[c] " |"; rule = rule " ---: |" }
      print line; print rule
      for (r = 1; r <= rows; r++) {
        line = "| " protocol[r] " |"
        for (c = 1; c <= columns; c++) line = line " " n[file[c], protocol[r]] " |"
        print line
      }
    }'
}

# flows.tsv by client and service.
flow_table() {
  echo '| client | client ports | server | port | protocol | flows | frames in | bytes in | frames out |'
  echo '| --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: |'
  awk -F'\t' 'NR > 1 {
      k = $1 SUBSEP $3 SUBSEP $4 SUBSEP $5
      if (!(k in n)) { order[++rows] = k; low[k] = $2; high[k] = $2 }
      n[k]++; fi[k] += $6; bi[k] += $7; fo[k] += $8
      if ($2 + 0 < low[k] + 0) low[k] = $2
      if ($2 + 0 > high[k] + 0) high[k] = $2
    }
    END {
      for (r = 1; r <= rows; r++) {
        k = order[r]; split(k, p, SUBSEP)
        ports = low[k] == high[k] ? low[k] : low[k] "–" high[k]
        printf "| %s | %s | %s | %s | %s | %d | %d | %d | %d |\n", p[1], ports, p[2], p[3], p[4], n[k], fi[k], bi[k], fo[k]
      }
    }' "$dir/flows.tsv"
}

# By destination of what arrives: what a steering rule on destination address, protocol and port would catch.
rule_table() {
  echo '| rule (inbound) | frames | bytes |'
  echo '| --- | ---: | ---: |'
  local f
  for f in "ip.dst == $POD4 && tcp.dstport == $APP_PORT" "ipv6.dst == $POD6 && tcp.dstport == $APP_PORT" \
    "ip.dst == $POD4 && tcp.dstport == $METRICS_PORT" "ip.dst == $POD4 && icmp" "ipv6.dst == $POD6 && icmpv6" \
    "ip.dst == $HOST4 && tcp.dstport == $WEB_PORT" "ipv6.dst == $HOST6 && tcp.dstport == $WEB_PORT" \
    "ip.dst == $HOST4 && udp.dstport == 53" "ipv6.dst == $HOST6 && udp.dstport == 53" "udp.dstport == 67" 'eth.dst.ig == 1'; do
    tshark -n -r "$dir/to-host.pcapng" -Y "$f" -T fields -e frame.len 2>/dev/null |
      awk -v f="$f" '{ n++; b += $1 } END { printf "| `%s` | %d | %d |\n", f, n, b }'
  done
}

flows >"$dir/flows.tsv"
[ -f "$dir/README.md" ] || exit 0
new=$(mktemp)
trap 'rm -f "$new"' EXIT
awk '/^<!-- measured/ { print; exit } { print }' "$dir/README.md" >"$new"
{
  printf '\n## Files\n\n'; file_table
  printf '\n## Frames by protocol\n\n'; protocol_table
  printf '\n## What a steering rule would catch\n\nIn to-host.pcapng, as Wireshark display filters.\n\n'; rule_table
  printf '\n## Flows\n\nIn mixed.pcapng; "in" is towards the host. One line for each flow is in flows.tsv.\n\n'; flow_table
} >>"$new"
cat "$new" >"$dir/README.md"
