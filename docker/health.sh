# health.sh PORT: whether the server is alive, with what a JRE's image has: bash, no curl
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
