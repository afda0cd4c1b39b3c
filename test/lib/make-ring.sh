#!/bin/sh
# make-ring.sh [active|rotated|sm]: print a throw-away key ring for demo and tests;
# with "sm" SM4 seals new values.
# "rotated" keeps the keys of a ring on standard input as old ones and adds new
# active ones: make-ring.sh rotated < ring > ring.new
#
# Never use it for a city: doc/keys.md tells how keys of a city are made.
set -eu

hex() { openssl rand -hex "$1"; }

# sm2 [no argument]: a private scalar; the top byte below the order's is safe.
sm2() { printf '7%s' "$(openssl rand -hex 32 | cut -c2-64)"; }

base=1
echo "community-ring 1"
if [ "${1:-active}" = rotated ]; then
    # the first of a hundred numbers that the old ring does not use
    old=$(sed -n 's/^\([0-9][0-9]* .*\) active /\1 old /;/^[0-9][0-9]* .* old /p')
    last=$(printf '%s\n' "$old" | sed 's/ .*//' | sort -n | tail -1)
    base=$(( (last / 100 + 1) * 100 + 1 ))
    printf '%s\n' "$old"
fi
if [ "${1:-active}" = sm ]; then aes=old sm4=active; else aes=active sm4=old; fi
echo "$base seal-aes $aes $(hex 32)"
echo "$((base + 1)) seal-sm4 $sm4 $(hex 48)"
echo "$((base + 2)) index active $(hex 32)"
echo "$((base + 3)) pseudonym active $(hex 32)"
echo "$((base + 4)) pin active $(hex 32)"
echo "$((base + 5)) card active $(hex 32)"
echo "$((base + 10)) hmac-sha256 active $(hex 32)"
echo "$((base + 11)) hmac-sm3 active $(hex 32)"
echo "$((base + 12)) ed25519 active $(hex 32)"
echo "$((base + 13)) sm2 active $(sm2)"
echo "$((base + 14)) sign-ed25519 active $(hex 32)"
echo "$((base + 15)) sign-sm2 active $(sm2)"
