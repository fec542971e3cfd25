"""What wakes functions: HTTP requests, queues, timers."""
