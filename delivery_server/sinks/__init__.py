"""Sinks: streams of NATS JetStream and topics of Kafka that events are sent to, as CloudEvents, in the log's order."""
