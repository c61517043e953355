"""What an administrator watches: logs with request and job ids, metrics, and reports of errors."""
