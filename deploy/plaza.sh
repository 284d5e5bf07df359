#!/bin/sh
# The plaza command on a machine with deploy/systemd: on the installation of plaza.service, whoever calls it with sudo.
# Linked as /usr/local/bin/plaza, see docs/single-machine.md. Files are named with their whole path.
set -eu
root=/opt/plaza
account=plaza

# As in the unit, in this order. Lines are taken as systemd takes them, not as a shell would: nothing is expanded.
export NODE_ENV=production DATA_DIR=/var/lib/plaza
settings=/etc/plaza/plaza.env
if [ -e "$settings" ] && [ ! -r "$settings" ]; then
  echo "$settings cannot be read. Run: sudo plaza $*" >&2
  exit 1
fi
if [ -e "$settings" ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[! 	]*}"}
    line=${line%"${line##*[! 	]}"}
    name=${line%%=*}
    case $line in *=*) ;; *) continue ;; esac
    case $name in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
    value=${line#*=}
    case $value in
    \"*\") value=${value#\"} value=${value%\"} ;;
    \'*\') value=${value#\'} value=${value%\'} ;;
    esac
    export "$name=$value"
  done <"$settings"
fi

cd "$root"
umask 077
[ "$(id -un)" = "$account" ] && exec bin/plaza "$@"
if [ "$(id -u)" != 0 ]; then
  echo "The server's files belong to $account. Run: sudo plaza $*" >&2
  exit 1
fi
exec runuser -u "$account" -- bin/plaza "$@"
