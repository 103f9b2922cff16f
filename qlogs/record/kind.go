package record

// The names of the two halves of each known kind of record.
const (
	assistantRequestKey    = "generateAssistantResponseEventRequest"
	assistantResponseKey   = "generateAssistantResponseEventResponse"
	completionsRequestKey  = "generateCompletionsEventRequest"
	completionsResponseKey = "generateCompletionsEventResponse"
	taskRequestKey         = "startTaskAssistCodeGenerationEventRequest"
	taskResponseKey        = "startTaskAssistCodeGenerationEventResponse"
)

// kind is a kind of record. A record with several request keys is of the lowest kind.
type kind uint8

const (
	assistantKind kind = iota
	completionsKind
	taskKind
	unknownKind
)

func kindOf(key []byte) kind {
	switch string(key) {
	case assistantRequestKey:
		return assistantKind
	case completionsRequestKey:
		return completionsKind
	case taskRequestKey:
		return taskKind
	}
	return unknownKind
}

// kind returns the kind of the record that starts here: by its first key, or by as many keys
// as that takes.
func (s *scanner) kind(first bool) (kind, error) {
	if err := s.enter('{'); err != nil {
		return unknownKind, err
	}
	best := unknownKind
	for start := true; ; start = false {
		more, err := s.more('}', start)
		if err != nil || !more {
			return best, err
		}
		key, err := s.key()
		if err != nil {
			return best, err
		}
		if best = min(best, kindOf(key)); first || best == assistantKind { // none is lower
			return best, nil
		}
		if _, err := s.skip(); err != nil {
			return best, err
		}
	}
}
