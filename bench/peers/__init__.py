"""What Fechatter is measured beside, each started as its own documentation says."""
