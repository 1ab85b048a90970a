#!/bin/sh
# Starts hzstat with the Node beside it. Nothing but a shell is needed, and none stays.
self=$0
if [ -L "$self" ]; then self=$(readlink -f -- "$self"); fi
case $self in */*) ;; *) self=./$self ;; esac
home=${self%/*}/../lib/hzstat

# Node wants libatomic, which a host without a compiler may lack.
if [ -e "$home/fallback/libatomic.so.1" ] && [ ! -e /usr/lib/x86_64-linux-gnu/libatomic.so.1 ] &&
  [ ! -e /lib/x86_64-linux-gnu/libatomic.so.1 ] && [ ! -e /usr/lib64/libatomic.so.1 ]; then
  fallback=$(cd "$home/fallback" && pwd -P) || exit
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$fallback
  export LD_LIBRARY_PATH
fi

# The program knows what keeps this Node small.
HZSTAT_NODE=$home/node
export HZSTAT_NODE
exec /bin/sh "$home/app/dist/src/cli/main.js" "$@"
