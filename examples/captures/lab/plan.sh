# The lab's addresses and ports; sourced by the other scripts. Private and documentation ranges only.
# shellcheck shell=sh disable=SC2034

HOST4=10.20.0.1          HOST6=2001:db8:20::1    HOST_MAC=02:00:0a:14:00:01
POD4=10.244.1.10         POD6=2001:db8:244:1::a
POD_GW4=10.244.1.1       POD_GW6=2001:db8:244:1::1
CLIENTS='1 2 3 4 5 6'    # 1-4 have fixed addresses, 5 and 6 get theirs by DHCP
ROUNDS=8

WEB_PORT=80              # host: nginx
APP_PORT=8080            # pod: app.py; the flow that is meant to be steered to a leased queue
METRICS_PORT=9100        # pod: python3 -m http.server; the traffic that stays on the pair
CLOSED_TCP=8443          # host: nobody listens
CLOSED_UDP=5300          # host: nobody listens

# Client N in round R uses source port BASE + 100 N + R, so that flows are the same in every recording.
WEB_BASE=40000 APP_BASE=42000 METRICS_BASE=44000 DNS_BASE=46000 BULK_BASE=48000 CLOSED_BASE=50000

client_mac() { echo "02:00:0a:14:00:1$1"; }
client4() { if [ "$1" -le 4 ]; then echo "10.20.0.1$1"; else echo "10.20.0.10$1"; fi; }
client6() { echo "2001:db8:20::1$1"; }
