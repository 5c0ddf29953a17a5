#!/bin/sh
# Applies a DHCP lease inside a client's namespace, for udhcpc (event in $1) and dhclient (event in $reason). The stock
# scripts also write the machine's /etc/resolv.conf; this one touches nothing but the client's own device.
case ${1:-${reason:-}} in
  bound | renew)
    ip addr replace "${ip:?}/${mask:?}" dev "${interface:?}" && ip route replace default via "${router:?}" ;;
  deconfig) ip -4 addr flush dev "${interface:?}" ;;
  BOUND | RENEW | REBIND | REBOOT)
    ip addr replace "${new_ip_address:?}/${new_subnet_mask:?}" dev "${interface:?}" &&
      ip route replace default via "${new_routers:?}" ;;
  RELEASE | STOP | EXPIRE | FAIL) ip -4 addr flush dev "${interface:?}" ;;
esac
exit 0
