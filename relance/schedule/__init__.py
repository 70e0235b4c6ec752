"""What has relance run every day: cron, systemd, launchd, Task Scheduler; each writes, reads and removes its own."""
