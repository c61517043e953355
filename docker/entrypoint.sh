#!/bin/sh
# What a container runs: web | migrate | worker NAME QUEUES [CONCURRENCY] | beat | healthy | any other command.
set -eu
cd /srv/microdb

# For the health check of workers and beat, which touch the file every ten seconds.
if [ "${1:-}" = healthy ]; then
    test -n "$(find "$ALIVE_FILE" -mmin -2)"
    exit
fi

for name in DATABASE_URL REDIS_URL SECRET_KEY ALLOWED_HOSTS; do
    eval "value=\${$name:-}"
    if [ -z "$value" ]; then
        echo "Set $name: a container of MicroDB has no default for it." >&2
        exit 2
    fi
done
mkdir -p "${TMPDIR:-/tmp}"

case "${1:-web}" in
web)
    # Each process of gunicorn keeps its numbers for /metrics here.
    PROMETHEUS_MULTIPROC_DIR=$(mktemp -d /tmp/metrics.XXXXXX)
    export PROMETHEUS_MULTIPROC_DIR
    exec gunicorn microdb.wsgi --bind 0.0.0.0:8000 --no-control-socket \
        --worker-class microdb.stack.buffering_worker.BufferingWorker \
        --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-4}" --timeout 120 --preload --worker-tmp-dir /dev/shm \
        --logger-class microdb.monitoring.gunicorn_log.RootLogger
    ;;
migrate)
    exec python manage.py migrate --noinput
    ;;
worker)
    exec celery -A microdb --quiet worker -n "$2@%h" -Q "$3" --concurrency "${4:-1}" --without-gossip --without-mingle
    ;;
beat)
    exec celery -A microdb --quiet beat --schedule /tmp/beat-schedule
    ;;
*)
    exec "$@"
    ;;
esac
