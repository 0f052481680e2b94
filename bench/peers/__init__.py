"""The peers: small programs that read or check the same file, each run as a process of its own."""
