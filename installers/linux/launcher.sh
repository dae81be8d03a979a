#!/bin/sh
# Starts the application. With the word of a command first (verify, installation, check-database ...) that runs instead.
here=$(dirname "$(readlink -f "$0")")
case "${1-}" in
    '' | --db | --db=* | --login | --login=*) set -- @ROLE@ "$@" ;;
esac
RESOURCE_NAME=@PACKAGE@ exec "$here/mab-python" -m mab_desktop.cli "$@"
