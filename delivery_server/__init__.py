"""delivery_server: sends what bots see to other systems. The log is the queue, a subscription a reader with a stored
cursor; any number of servers share the work by leases."""
