#!/bin/sh
# What a container runs: web | migrate | worker NAME QUEUES [CONCURRENCY] | beat | any other command.
set -eu
cd /srv/microdb

for name in DATABASE_URL REDIS_URL SECRET_KEY ALLOWED_HOSTS; do
    eval "value=\${$name:-}"
    if [ -z "$value" ]; then
        echo "Set $name: a container of MicroDB has no default for it." >&2
        exit 2
    fi
done

case "${1:-web}" in
web)
    python manage.py collectstatic --noinput
    exec gunicorn microdb.wsgi --bind 0.0.0.0:8000 --worker-class gthread --no-control-socket \
        --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-4}" --timeout 120 --preload --worker-tmp-dir /dev/shm
    ;;
migrate)
    exec python manage.py migrate --noinput
    ;;
worker)
    exec celery -A microdb worker -n "$2@%h" -Q "$3" --concurrency "${4:-1}" \
        --without-gossip --without-mingle --loglevel INFO
    ;;
beat)
    exec celery -A microdb beat --schedule /tmp/beat-schedule --loglevel INFO
    ;;
*)
    exec "$@"
    ;;
esac
