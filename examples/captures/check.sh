#!/bin/bash
# Checks the captures in DIR (default: beside this script) with capinfos and tshark: check.sh [DIR]. Needs no root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:-$here}
# shellcheck source=lab/plan.sh
. "$here/lab/plan.sh"
bad=0
fail() { echo "check: $*" >&2; bad=1; }

checksums=(-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE)
read_file() { tshark -n -r "$dir/$1" "${checksums[@]}" "${@:2}" 2>/dev/null; }
count() { read_file "$1" -Y "$2" | wc -l; }
none() { # none FILE WHAT FILTER
  local n; n=$(count "$1" "$3")
  [ "$n" = 0 ] || fail "$1: $n frames with $2"
}
some() { # some FILE LEAST FILTER
  local n; n=$(count "$1" "$3")
  [ "$n" -ge "$2" ] || fail "$1: only $n frames of: $3"
}
within_bytes() { # within_bytes FILE MOST
  local size; size=$(stat -c %s "$dir/$1")
  [ "$size" -le "$2" ] || fail "$1: $size bytes, more than $2"
}
kind() { # kind FILE TYPE PRECISION, in capinfos' words
  local info; info=$(capinfos "$dir/$1")
  grep -q "^File type: .*- $2\$" <<<"$info" || fail "$1: not of type $2"
  grep -q "^File timestamp precision: *$3 " <<<"$info" || fail "$1: precision is not $3"
  grep -q '^File encapsulation: *Ethernet$' <<<"$info" || fail "$1: not Ethernet"
  grep -q '^Strict time order: *True$' <<<"$info" || fail "$1: not in order of time"
}

kind mixed.pcapng pcapng nanoseconds
kind to-host.pcapng pcapng nanoseconds
kind to-host-nano.pcap 'nanosecond pcap' nanoseconds
kind dns.pcapng pcapng microseconds
kind http.pcapng pcapng microseconds
kind dhcp.pcap pcap microseconds
kind ping.pcap pcap microseconds
within_bytes mixed.pcapng 2000000
within_bytes to-host.pcapng 2000000
within_bytes to-host-nano.pcap 2000000

ours='eth.src[0:3] == 02:00:0a && (eth.dst[0:3] == 02:00:0a || eth.dst.ig == 1)'
v4='(ip.src == 10.20.0.0/24 || ip.src == 10.244.1.0/24 || ip.src == 0.0.0.0)'
v6='(ipv6.src == 2001:db8::/32 || ipv6.src == fe80::/10 || ipv6.src == ::)'
never=(
  'frame.len > 1514'
  'frame.cap_len < frame.len'
  'ip.checksum.status == 0' 'tcp.checksum.status == 0' 'udp.checksum.status == 0'
  'icmp.checksum.status == 0' 'icmpv6.checksum.status == 0'
  '_ws.malformed'
  "!($ours)"
  "(ip && !$v4) || (ipv6 && !$v6) || (!ip && !ipv6 && !arp)"
)
printf -v any ' || (%s)' "${never[@]}"
for file in mixed.pcapng to-host.pcapng to-host-nano.pcap dns.pcapng http.pcapng dhcp.pcap ping.pcap; do
  case $file in mixed* | to-host*) ;; *) within_bytes $file 100000 ;; esac
  [ "$(count $file "${any:4}")" = 0 ] || for rule in "${never[@]}"; do none $file "$rule" "$rule"; done
done

none to-host.pcapng 'the host as sender' "eth.src == $HOST_MAC"
bytes=(-t e -x) # time and every byte
cmp <(read_file mixed.pcapng -Y "eth.src != $HOST_MAC" "${bytes[@]}" | grep '^0') <(read_file to-host.pcapng "${bytes[@]}" | grep '^0') ||
  fail 'to-host.pcapng: not the inbound half of mixed.pcapng'
cmp <(read_file to-host.pcapng "${bytes[@]}") <(read_file to-host-nano.pcap "${bytes[@]}") ||
  fail 'to-host-nano.pcap: not the frames of to-host.pcapng'

packets=$(count mixed.pcapng frame)
if [ "$packets" -lt 1500 ] || [ "$packets" -gt 4000 ]; then fail "mixed.pcapng: $packets packets"; fi
some mixed.pcapng 1 'http.response.code == 404'
some mixed.pcapng 2 "http.request.method == PUT && tcp.dstport == $APP_PORT"
none mixed.pcapng 'an HTTP error' 'http.response.code >= 400 && http.response.code != 404'
some to-host.pcapng 88 "tcp.dstport == $APP_PORT && frame.len == 1514" # two uploads of 64 KiB
some mixed.pcapng 44 "tcp.srcport == $WEB_PORT && frame.len == 1514" # one download
for n in $CLIENTS; do
  from="(ip.src == $(client4 "$n") || ipv6.src == $(client6 "$n"))"
  some to-host.pcapng "$ROUNDS" "$from && tcp.flags.syn == 1 && tcp.dstport == $APP_PORT"
  some to-host.pcapng "$ROUNDS" "$from && tcp.flags.syn == 1 && tcp.dstport == $WEB_PORT"
done
for type in 1 28 16 33 12; do some dns.pcapng 6 "dns.flags.response == 0 && dns.qry.type == $type"; done # A AAAA TXT SRV PTR
some dns.pcapng 6 'dns.flags.rcode == 3'
some dns.pcapng 1 'dns && tcp'
for type in 1 2 3 5 7; do some dhcp.pcap 2 "dhcp.option.dhcp == $type"; done # discover offer request ack release
for type in 8 0; do some ping.pcap 40 "icmp.type == $type"; done
for type in 128 129; do some ping.pcap 40 "icmpv6.type == $type"; done
some ping.pcap 2 'ip.flags.mf == 1'
some ping.pcap 2 'ipv6.fraghdr.more == 1'
some mixed.pcapng 1 'icmp.type == 3'
some mixed.pcapng 1 'tcp.flags.reset == 1'
some to-host.pcapng 6 'arp.opcode == 1'
some to-host.pcapng 6 'icmpv6.type == 135'

[ $bad = 0 ] && echo "check: every file is as described ($packets packets in mixed.pcapng)"
exit $bad
