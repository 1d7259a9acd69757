"""The peers with which Fechatter is compared, each started as its own documentation says."""
