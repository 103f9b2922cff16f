package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

const (
	// maxLevels is how many JSON documents may lie within each other. A batch of
	// SQS messages with SNS notifications of S3 notifications has three.
	maxLevels = 5

	// maxBad is how many errors are kept. With none left out, a caller knows of
	// every message that holds a bad part.
	maxBad = 1000
)

// A decoder collects what an event tells.
type decoder struct {
	event Event
	bad   Errors
}

// A place is where in the event a decoder is.
type place struct {
	path    string
	message string
	level   int
}

func (p place) in(path string) place {
	p.path += path
	return p
}

// inMessage keeps the ID of the outermost message, the one that its reader can delete.
func (p place) inMessage(id string) place {
	if p.message == "" {
		p.message = id
	}
	return p
}

func (d *decoder) full() bool { return len(d.bad) > maxBad }

// fail notes that the part at a place is bad. No reason wraps an error of
// encoding/json, which would show what it met.
func (d *decoder) fail(at place, err error) {
	d.bad = append(d.bad, &Error{Path: at.path, MessageID: at.message, Err: err})
}

func unknown(why string) error { return fmt.Errorf("%w: %s", ErrUnknown, why) }

// document decodes one JSON text: the event, or one that lies in it as a string.
func (d *decoder) document(data []byte, at place) {
	if at.level == maxLevels {
		d.fail(at, unknown(fmt.Sprintf("it lies more than %d levels deep", maxLevels)))
		return
	}
	at.level++
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		d.fail(at, malformed(err))
		return
	}
	switch {
	case e.Records != nil:
		d.records(e.Records, at)
	case e.Source == "aws.s3":
		d.eventBridge(&e, at)
	case e.Event == "s3:TestEvent":
		d.event.Ignored++
	case e.Type != "":
		d.sns(&e.snsMessage, at)
	case e.Body != nil:
		d.document([]byte(*e.Body), at.in(".Body").inMessage(e.MessageID))
	default:
		d.fail(at, unknown("it has none of the fields that tell what it is, see who else writes to the queue or topic"))
	}
}

func malformed(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return unknown("it is not JSON")
	}
	return unknown("it is JSON of another form")
}

// records decodes the elements one by one: a slice of them could take many times
// the memory of their text. A bad one costs itself alone, since the array as a whole
// was found to be JSON before.
func (d *decoder) records(array []byte, at place) {
	elements := json.NewDecoder(bytes.NewReader(array))
	if start, err := elements.Token(); err != nil || start != json.Delim('[') {
		d.fail(at, unknown("its Records are not an array"))
		return
	}
	for i := 0; elements.More() && !d.full(); i++ {
		at := at.in(".Records[" + strconv.Itoa(i) + "]")
		var r record
		if err := elements.Decode(&r); err != nil {
			d.fail(at, malformed(err))
			continue
		}
		d.record(&r, at)
	}
}

func (d *decoder) record(r *record, at place) {
	switch r.EventSource {
	case "aws:s3":
		d.notification(r, at)
	case "aws:sqs":
		d.document([]byte(r.Body), at.in(".body").inMessage(r.MessageID))
	case "aws:sns":
		d.sns(&r.SNS, at.in(".Sns"))
	default:
		d.fail(at, unknown("its eventSource is not S3, SQS or SNS, see who else writes to the queue or topic"))
	}
}

func (d *decoder) sns(m *snsMessage, at place) {
	switch m.Type {
	case "Notification":
		d.document([]byte(m.Message), at.in(".Message"))
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		d.event.Ignored++
	default:
		d.fail(at, unknown("its Type is not one of SNS"))
	}
}
