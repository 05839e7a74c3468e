# health.sh PORT: exits 0 if the server runs, with what a JRE's image has: bash, no curl.
# It asks started before live, because a server without the application must not count as healthy.
for check in started live; do
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  printf 'GET /health/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$check" >&3
  read -r -t 2 _ status _ <&3
  exec 3>&-
  [ "$status" = 200 ] || exit 1
done
