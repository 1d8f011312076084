#!/bin/sh
# /usr/bin/strongroom of the Debian package.
exec /opt/Strongroom/resources/command-line/strongroom "$@"
