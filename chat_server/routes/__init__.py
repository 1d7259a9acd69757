"""One resource a file. Each has the bodies it takes, the queries it runs and its handlers, in the order of use."""
