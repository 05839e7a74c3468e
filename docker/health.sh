# health.sh PORT: exits with 0 if the server is started and live. It needs only bash, because a JRE image has no curl.
# It checks started before live, because a server without the application must not count as healthy.
for check in started live; do
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  printf 'GET /health/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$check" >&3
  read -r -t 2 _ status _ <&3
  exec 3>&-
  [ "$status" = 200 ] || exit 1
done
