package record

import (
	"fmt"
	"log/slog"
)

// MessageMetadata is part of a [GenerateAssistantResponseResponse].
type MessageMetadata struct {
	// ConversationID is the JSON string conversationId. AWS's guide shows a
	// UUID. In all known logs of Kiro it is absent or null, so nothing there
	// connects the records of a session.
	ConversationID string
	// UtteranceID is the JSON string utteranceId. It is null even in AWS's
	// guide.
	UtteranceID string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *MessageMetadata) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r MessageMetadata) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *MessageMetadata) UnmarshalJSON(data []byte) error { return unmarshalPart(r, data) }

// Format writes ids, times and sizes, whatever the verb.
func (r MessageMetadata) Format(f fmt.State, _ rune) { format(f, "MessageMetadata", attrs(&r)) }

// LogValue returns ids, times and sizes.
func (r MessageMetadata) LogValue() slog.Value { return slog.GroupValue(attrs(&r)...) }

func (r *MessageMetadata) table() (table, *members) {
	return table{
		{name: "conversationId", codec: (*textCodec)(&r.ConversationID)},
		{name: "utteranceId", codec: (*textCodec)(&r.UtteranceID)},
	}, &r.members
}
