#!/bin/sh
':' /*
# What a shell reads of the program: it starts Node with what makes this version of it small. The process stays the
# same one. `node FILE` takes all of this for a comment.

node=${HZSTAT_NODE:-node}
case ${1:-serve} in
  serve | top | bench | stream | -*) version=$("$node" --version) || exit ;;
  # What ends soon would wait longer for the version than it would spare.
  *) version= ;;
esac
case $version in
  v2[0246].*)
    # Threads share one arena of malloc; programs that hzstat starts are not told.
    if [ -z "${MALLOC_ARENA_MAX+set}" ]; then
      export MALLOC_ARENA_MAX=1 HZSTAT_ARENA=own
    fi
    # Code for size takes little effect in threads that begin from the snapshot Node has of itself.
    exec "$node" --no-node-snapshot --optimize-for-size "$0" "$@"
    ;;
  # Another Node may refuse these flags.
  *) exec "$node" "$0" "$@" ;;
esac
*/
