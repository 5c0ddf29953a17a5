#!/bin/sh
# shellcheck disable=SC2086 # the plan holds no spaces
# What one client does, round by round: client.sh N DIR (N as in plan.sh, DIR holds 64k.bin). Runs inside the client's
# namespace. A request that fails ends the recording, except those that are meant to be refused.
set -eu
here=$(dirname "$0")
# shellcheck source=lab/plan.sh
. "$here/plan.sh"
n=$1 dir=$2
me4=$(client4 "$n") me6=$(client6 "$n")

port() { echo $(($1 + 100 * n + r)); }
get() { p=$1; shift; curl -q -sS -g --noproxy '*' --max-time 10 --local-port "$p" "$@" >/dev/null; }
ask() { # ask ADDRESS DIG-ARGUMENTS...: one query from a fixed port
  to=$1; shift
  case $to in *:*) me=$me6 ;; *) me=$me4 ;; esac
  dig -r "@$to" -b "$me#$(port $DNS_BASE)" +tries=1 +time=5 "$@" >/dev/null
}

web() {
  case $((r % 2)) in 0) u=http://$HOST4 ;; *) u=http://[$HOST6] ;; esac
  case $((r % 4)) in
    0) get "$(port $WEB_BASE)" "$u/" ;;
    1) get "$(port $WEB_BASE)" "$u/status.json" ;;
    2) get "$(port $WEB_BASE)" "$u/missing" ;;
    3) get "$(port $WEB_BASE)" "$u/" "$u/status.json" "$u/guide.txt" "$u/missing" ;; # one connection, kept alive
  esac
}

app() {
  case $((r % 3)) in 2) u=http://[$POD6]:$APP_PORT ;; *) u=http://$POD4:$APP_PORT ;; esac
  case $((r % 4)) in
    1) get "$(port $APP_BASE)" "$u/" "$u/bytes/200" "$u/bytes/3000" ;; # one connection, kept alive
    *) get "$(port $APP_BASE)" "$u/" ;;
  esac
}

metrics() { [ $((r % 2)) -eq 1 ] || get "$(port $METRICS_BASE)" "http://$POD4:$METRICS_PORT/metrics.txt"; }

dns() {
  case $r in
    0) ask $HOST4 web.lab.example A ;;
    1) ask $HOST6 web.lab.example AAAA ;;
    2) ask $HOST4 info.lab.example TXT ;;
    3) ask $HOST4 "nobody$n.lab.example" A ;; # NXDOMAIN
    4) ask $HOST6 app.lab.example A ;;
    5) ask $HOST4 www.lab.example A ;; # CNAME
    6) ask $HOST4 -x $HOST4 ;; # PTR
    7) ask $HOST4 _http._tcp.lab.example SRV ;;
  esac
}

pings() {
  case $((r % 2)) in
    0) ping -q -n -c 2 -i 0.3 $HOST4 && ping -q -n -c 1 $POD4 ;;
    1) ping -q -n -c 2 -i 0.3 $HOST6 && ping -q -n -c 1 $POD6 ;;
  esac >/dev/null
}

refused() { # prints nothing and succeeds only if the command fails
  if "$@" >/dev/null 2>&1; then echo "not refused: $*" >&2; return 1; fi
}

extras() { # client.round
  case $n.$r in
    1.2) get "$(port $BULK_BASE)" "http://$HOST4/64k.bin" ;;
    2.3) get "$(port $BULK_BASE)" -T "$dir/64k.bin" "http://$POD4:$APP_PORT/upload" ;;
    3.4) get "$(port $BULK_BASE)" -T "$dir/64k.bin" "http://[$POD6]:$APP_PORT/upload" ;;
    1.5) ping -q -n -c 2 -i 0.3 -s 3000 $HOST4 >/dev/null && ping -q -n -c 2 -i 0.3 -s 3000 $HOST6 >/dev/null ;; # fragments
    4.5) ask $HOST4 +tcp info.lab.example TXT ;;
    2.6) refused get "$(port $CLOSED_BASE)" "http://$HOST4:$CLOSED_TCP/" ;;
    3.6) refused dig -r "@$HOST4" -p $CLOSED_UDP -b "$me4#$(port $CLOSED_BASE)" +tries=1 +time=1 web.lab.example A ;;
  esac
}

r=0
while [ $r -lt $ROUNDS ]; do
  pings & ping_pid=$!
  dns
  app
  web
  metrics
  extras
  wait $ping_pid
  sleep 0.3
  r=$((r + 1))
done
