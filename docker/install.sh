#!/usr/bin/env bash
# install.sh SERVER BUILD ROOT: installs what an image contains from a built source tree into ROOT.
# The Dockerfiles and ContainerImageIT use it, so that the test starts the files of the image.
#
# All files belong to root, are readable for every user id and are writable for none. The only
# writable directory is ROOT/var/service: it belongs to uid 1001 and to group 0, the group of the
# random user id that OpenShift gives to a container.
set -euo pipefail
server=$1
build=$2
root=$3

case $server in
  liberty)
    mkdir -p "$root/opt/service/usr/servers/defaultServer/apps"
    cp -R "$build/target/liberty/wlp" "$root/opt/wlp"
    cp "$build/server-config/liberty/server.xml" "$root/opt/service/usr/servers/defaultServer/"
    cp "$build/target/agent-lifecycle.war" "$root/opt/service/usr/servers/defaultServer/apps/"
    ;;
  payara)
    mkdir -p "$root/opt/payara"
    cp "$build/target/payara/payara-micro.jar" "$root/opt/payara-micro.jar"
    cp "$build"/server-config/payara/* "$root/opt/payara/"
    cp "$build/target/agent-lifecycle.war" "$root/opt/"
    ;;
  *)
    echo "unknown server: $server" >&2
    exit 2
    ;;
esac
cp "$build/docker/health.sh" "$root/opt/health.sh"
mkdir -p "$root/var/service"

# the runtime of Open Liberty comes with files that only their owner may read
chown -R 0:0 "$root/opt"
chmod -R a+rX,go-w "$root/opt"
chown 1001:0 "$root/var/service"
chmod 0770 "$root/var/service"
