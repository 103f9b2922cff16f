package event

// Records of other services come the same ways, and look much like events of S3. By their
// names their reader finds out what is wired to the wrong place.
var foreignSources = []struct{ suffix, name string }{
	{":kafka", "Kafka"},
	{"selfmanagedkafka", "Kafka"},
	{":kinesis", "Kinesis"},
	{":dynamodb", "DynamoDB"},
	{":mq", "Amazon MQ"},
	{":rmq", "Amazon MQ"},
	{".amazonaws.com", "CloudTrail"}, // whose sources are the services
}

// foreign says what e is, if it is known not to be read. It is empty for all else.
func (e *envelope) foreign() string {
	if e.isNotification() {
		return ""
	}
	for _, f := range foreignSources {
		if e.isFrom(f.suffix) {
			return "it is a record of " + f.name + ", which is not read: have S3 send its events to a queue, a topic, EventBridge or Lambda"
		}
	}
	if e.SpecVersion != "" && e.Type != "" && e.Detail == nil && !e.Records.full {
		return "it is a CloudEvent, which is not read: pass on what S3 sent, without another envelope"
	}
	return ""
}
