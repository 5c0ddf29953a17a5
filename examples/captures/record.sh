#!/bin/bash
# Records the captures in this folder: real programs talk in network namespaces made for the purpose, tcpdump listens at
# the host's uplink. Needs root, and nothing leaves the namespaces. About half a minute.
#
#   apt-get install tcpdump tshark wireshark-common nginx-light dnsmasq-base bind9-dnsutils udhcpc isc-dhcp-client \
#     curl ethtool iproute2 iputils-ping procps python3
#   ./record.sh [DIR]        # DIR: where the files go; default: beside this script
#
#   client 1..6 --veth-- switch (a bridge) --veth-- eth0 host veth0 --veth-- eth0 pod
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab=$here/lab
out=${1:-$here}
# shellcheck source=lab/plan.sh
. "$lab/plan.sh"

[ "$(id -u)" = 0 ] || { echo "$0: needs root, for namespaces and packet capture" >&2; exit 1; }
for tool in tcpdump tshark editcap reordercap capinfos nginx dnsmasq dig udhcpc dhclient curl ethtool ip ss ping sysctl \
  /usr/bin/python3; do
  command -v "$tool" >/dev/null || { echo "$0: $tool not found; the packages are listed on top of this script" >&2; exit 1; }
done
mkdir -p "$out"

prefix=nkcap$$
made=() # namespaces, in the order they were made
tmp=$(mktemp -d)
chmod 755 "$tmp" # nginx's worker reads its pages as www-data

cleanup() {
  local ns pids signal
  trap - EXIT INT TERM HUP
  for signal in TERM KILL; do
    for ns in "${made[@]}"; do # whatever runs in a namespace of ours was started by us
      mapfile -t pids < <(ip netns pids "$ns" 2>/dev/null)
      [ ${#pids[@]} -eq 0 ] || kill -"$signal" "${pids[@]}" 2>/dev/null || true
    done
    sleep 0.5
  done
  for ns in "${made[@]}"; do ip netns del "$ns" || true; done
  rm -rf "$tmp"
}
trap 'echo "$0: line $LINENO failed: $BASH_COMMAND" >&2' ERR
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

within() { local ns=$1; shift; ip netns exec "$prefix-$ns" "$@"; }
start() { local ns=$1; shift; ip netns exec "$prefix-$ns" "$@" & } # in the background; $! is the program itself

namespace() { # namespace NAME: loopback up, no autoconfiguration, whatever the machine's defaults are
  ip netns add "$prefix-$1"
  made+=("$prefix-$1")
  within "$1" sysctl -qw net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0 \
    net.ipv6.conf.all.use_tempaddr=0 net.ipv6.conf.default.use_tempaddr=0 net.ipv6.conf.default.addr_gen_mode=0
  within "$1" ip link set lo up
}

cable() { # cable NS DEV NS DEV: a veth that, like a wire, carries frames of at most 1514 bytes with finished checksums
  ip link add "$2" netns "$prefix-$1" type veth peer name "$4" netns "$prefix-$3"
  local i
  for i in "$1 $2" "$3 $4"; do
    # shellcheck disable=SC2086
    set -- $i
    within "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off >/dev/null
  done
}

wait_for() { # wait_for COMMAND...: up to 10 seconds
  local i
  for i in {1..100}; do "$@" && return 0; sleep 0.1; done
  echo "$0: gave up waiting for: $*" >&2
  return 1
}
settled() { [ -z "$(within "$1" ip -6 addr show tentative)" ]; } # duplicate address detection is over
listening() { [ -n "$(within "$1" ss -Hltun "sport = :$2")" ]; }
has_v4() { [ -n "$(within "$1" ip -4 addr show dev eth0)" ]; }

build() {
  local n
  namespace switch
  within switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 # a switch says nothing
  within switch ip link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
  within switch ip link set br0 up
  namespace host
  namespace pod
  cable host eth0 switch host
  cable host veth0 pod eth0
  within host ip link set eth0 address "$HOST_MAC"
  within host ip link set veth0 address 02:00:0a:f4:01:01
  within pod ip link set eth0 address 02:00:0a:f4:01:0a
  for n in $CLIENTS; do
    namespace "c$n"
    cable "c$n" eth0 switch "c$n"
    within "c$n" ip link set eth0 address "$(client_mac "$n")"
    within switch ip link set "c$n" master br0 up
  done
  within switch ip link set host master br0 up

  within host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  within host ip addr add "$HOST4/24" dev eth0
  within host ip addr add "$HOST6/64" dev eth0
  within host ip addr add "$POD_GW4/24" dev veth0
  within host ip addr add "$POD_GW6/64" dev veth0
  within host ip link set veth0 up
  within pod ip addr add "$POD4/24" dev eth0
  within pod ip addr add "$POD6/64" dev eth0
  within pod ip link set eth0 up
  within pod ip route add default via "$POD_GW4"
  within pod ip route add default via "$POD_GW6"
}

content() {
  mkdir -p "$tmp/www" "$tmp/pod"
  awk 'BEGIN { for (i = 0; i < 1024; i++) printf "%06d %-56s\n", i, "netkit sample transfer, lines of 64 bytes" }' >"$tmp/www/64k.bin"
  printf '<!doctype html>\n<title>lab.example</title>\n<p>The host of the lab.</p>\n' >"$tmp/www/index.html"
  printf '{"status":"ok","queues":8}\n' >"$tmp/www/status.json"
  awk 'BEGIN { for (i = 1; i <= 100; i++) printf "%3d. A guide that needs more than one segment.\n", i }' >"$tmp/www/guide.txt"
  awk 'BEGIN { for (i = 0; i < 8; i++) printf "pod_requests_total{queue=\"%d\"} %d\n", i, i * i }' >"$tmp/pod/metrics.txt"
  sed "s|@DIR@|$tmp|g" "$lab/nginx.conf" >"$tmp/nginx.conf"
}

capture() { # nanoseconds, as the kernel stamps them; every packet is handed over at once, so that none is left at the end
  start host tcpdump -i eth0 -n -U --immediate-mode -Z root -B 8192 --time-stamp-precision=nano -w "$tmp/raw.pcap" \
    2>"$tmp/tcpdump.log"
  tcpdump=$!
  wait_for grep -q 'listening on' "$tmp/tcpdump.log"
}

stop_capture() {
  kill -TERM "$tcpdump"
  wait "$tcpdump" || true
  grep -q '^0 packets dropped by kernel' "$tmp/tcpdump.log" || { cat "$tmp/tcpdump.log" >&2; return 1; }
  # Two processors may store a packet each in the other order than they stamped them.
  reordercap "$tmp/raw.pcap" "$tmp/both.pcap" >/dev/null
}

services() {
  start host nginx -c "$tmp/nginx.conf" -e stderr
  start host dnsmasq --conf-file="$lab/dnsmasq.conf" --pid-file= --dhcp-leasefile="$tmp/dnsmasq.leases" --user=root \
    2>"$tmp/dnsmasq.log"
  start pod /usr/bin/python3 "$lab/app.py" "$APP_PORT"
  start pod /usr/bin/python3 -m http.server "$METRICS_PORT" --bind :: --directory "$tmp/pod" >/dev/null 2>&1
  wait_for listening host "$WEB_PORT"
  wait_for listening host 53
  wait_for listening host 67
  wait_for listening pod "$APP_PORT"
  wait_for listening pod "$METRICS_PORT"
}

dhclient=(-cf "$lab/dhclient.conf" -lf "$tmp/dhclient.leases" -pf "$tmp/dhclient.pid" -sf "$lab/lease.sh")

clients_up() {
  local n
  for n in $CLIENTS; do
    within "c$n" ip link set eth0 up
    within "c$n" ip addr add "$(client6 "$n")/64" dev eth0
    within "c$n" ip route add default via "$HOST6"
    if [ "$n" -le 4 ]; then
      within "c$n" ip addr add "$(client4 "$n")/24" dev eth0
      within "c$n" ip route add default via "$HOST4"
    fi
    sleep 0.1
  done
  start c5 udhcpc -f -R -i eth0 -s "$lab/lease.sh" -x hostname:client5 2>"$tmp/udhcpc.log"
  udhcpc=$!
  start c6 dhclient -4 -d -1 "${dhclient[@]}" eth0 2>"$tmp/dhclient.log"
  wait_for has_v4 c5
  wait_for has_v4 c6
  for n in $CLIENTS; do wait_for settled "c$n"; done
}

talk() {
  local n pids=() pid
  for n in $CLIENTS; do
    start "c$n" sh "$lab/client.sh" "$n" "$tmp/www"
    pids+=($!)
    sleep 0.07
  done
  sleep 2
  within host ping -q -n -c 2 -i 0.3 "$(client4 1)" >/dev/null
  within host ping -q -n -c 2 -i 0.3 "$(client6 5)" >/dev/null
  for pid in "${pids[@]}"; do wait "$pid"; done
  # The leases: one is renewed and given back by udhcpc, the other given back by dhclient.
  kill -USR1 "$udhcpc"; sleep 0.5; kill -TERM "$udhcpc"
  within c6 dhclient -4 -r "${dhclient[@]}" eth0 2>>"$tmp/dhclient.log"
  sleep 0.5
}

# Everything is cut by capture filters from one recording of both directions.
cut_out() { # cut_out FILE PRECISION FILTER: classic pcap
  tcpdump -r "$tmp/both.pcap" --time-stamp-precision="$2" -Z root -w "$tmp/out/$1" "$3" 2>/dev/null
}
to_pcapng() { # to_pcapng IN OUT
  editcap -F pcapng --capture-comment 'lab.example, recorded by examples/captures/record.sh' "$1" "$2"
}

files() {
  local name
  mkdir "$tmp/out"
  to_pcapng "$tmp/both.pcap" "$tmp/out/mixed.pcapng"
  cut_out to-host-nano.pcap nano "not ether src $HOST_MAC"
  to_pcapng "$tmp/out/to-host-nano.pcap" "$tmp/out/to-host.pcapng"
  cut_out dhcp.pcap micro 'udp port 67 or udp port 68'
  # Fragments after the first have no ICMP header to ask for.
  cut_out ping.pcap micro \
    '(icmp and not icmp[0] == 3) or (ip6[6] == 58 and (ip6[40] == 128 or ip6[40] == 129)) or ip6[6] == 44'
  cut_out dns.pcap micro 'port 53'
  cut_out http.pcap micro \
    'tcp port 80 and not portrange 48000-48999 and (host 10.20.0.11 or host 10.20.0.105 or host 2001:db8:20::13)'
  for name in dns http; do
    to_pcapng "$tmp/out/$name.pcap" "$tmp/out/$name.pcapng"
    rm "$tmp/out/$name.pcap"
  done
}

# Nothing of the machine that records: not its name, not its kernel.
anonymous() {
  local word
  for word in "$(uname -n)" "$(uname -r)" "$tmp" "$here"; do
    [ ${#word} -lt 4 ] || ! grep -laF -- "$word" "$tmp"/out/* || { echo "$0: a file mentions $word" >&2; return 1; }
  done
}

build
content
within host ip link set eth0 up
wait_for settled host
wait_for settled pod
capture
services
clients_up
talk
stop_capture
files
anonymous
"$here/check.sh" "$tmp/out"
mv "$tmp"/out/* "$out/"
"$here/describe.sh" "$out"
