package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxLevels is how many JSON documents may lie within each other. A batch of
	// SQS messages with SNS notifications of S3 notifications has three.
	maxLevels = 5

	// maxBad is how many errors are kept. With none left out, a caller knows of
	// every message that holds a bad part.
	maxBad = 1000

	// spaces may stand around JSON.
	spaces = " \t\r\n"

	noForm = "it has none of the fields that tell what it is, see who else writes to the queue or topic"
)

// A decoder collects what an event tells.
type decoder struct {
	event Event
	bad   Errors
	free  []*envelope // to be used again: an envelope takes many times the text of a small event
}

// A place is where in the event a decoder is.
type place struct {
	path    string
	message string
	level   int
	inArray bool // of the document at this level
}

func (p place) in(path string) place {
	p.path += path
	return p
}

// inMessage keeps the ID of the outermost message, the one that its reader can delete.
func (p place) inMessage(id text) place {
	if p.message == "" {
		p.message = string(id)
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

// deeper reports whether there may be one more document at a place, and goes into it.
func (d *decoder) deeper(at *place) bool {
	if at.level == maxLevels {
		d.fail(*at, unknown(fmt.Sprintf("it lies more than %d levels deep", maxLevels)))
		return false
	}
	at.level++
	at.inArray = false
	return true
}

// document decodes one JSON text: the event, or one that lies in it.
func (d *decoder) document(data []byte, at place) {
	if !d.deeper(&at) {
		return
	}
	data = trimmed(data)
	if len(data) > 0 && data[0] != '{' && !json.Valid(data) {
		data = nil
	}
	if len(data) == 0 {
		d.fail(at, unknown("it is not JSON"))
		return
	}
	d.value(data, at)
}

// trimmed returns data without what may stand before JSON. Some editors and programs write
// a byte order mark before a text.
func trimmed(data []byte) []byte { return bytes.TrimLeft(data, spaces+"\ufeff") }

// value decodes a JSON value. Only an object may be bad JSON.
func (d *decoder) value(data []byte, at place) {
	switch data[0] {
	case '{':
		e := d.envelope()
		if err := json.Unmarshal(data, e); err != nil && isSyntax(err) {
			d.fail(at, unknown("it is not JSON"))
		} else {
			d.form(e, at)
		}
		d.release(e)
	case '[':
		if d.array(data, at) == 0 {
			d.fail(at, unknown("it is an empty array"))
		}
	case '"':
		d.document([]byte(unquoted(data)), at)
	default:
		d.fail(at, unknown("it is JSON of another form"))
	}
}

func (d *decoder) envelope() *envelope {
	last := len(d.free) - 1
	if last < 0 {
		return new(envelope)
	}
	e := d.free[last]
	d.free = d.free[:last]
	return e
}

func (d *decoder) release(e *envelope) {
	*e = envelope{}
	d.free = append(d.free, e)
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax)
}

// array decodes the elements of a valid array and returns their number. A bad one costs
// itself alone. An array in an array is one more document: otherwise the time to decode
// arrays within each other would grow with the square of their number.
func (d *decoder) array(data []byte, at place) (n int) {
	if at.inArray && !d.deeper(&at) {
		return 1
	}
	at.inArray = true
	for element := range elements(data) {
		if d.full() {
			break
		}
		d.value(element, at.in("["+strconv.Itoa(n)+"]"))
		n++
	}
	return n
}

// form decodes an object by the fields that it has.
func (d *decoder) form(e *envelope, at place) {
	foreign := e.foreign()
	switch {
	case foreign != "":
		d.fail(at, unknown(foreign))
	case e.Records.full || e.Messages.full:
		d.list(e.Records, "Records", at)
		d.list(e.Messages, "Messages", at)
	case e.RequestPayload != nil:
		d.document(e.RequestPayload, at.in(".requestPayload"))
	case e.isFrom(":sqs"):
		d.document(e.Body, at.in(".body").inMessage(e.MessageID))
	case e.isFrom(":sns"):
		d.sns(&e.SNS, at.in(".Sns"))
	case e.isNotification():
		d.notification(e, at)
	case e.EventSource != "":
		d.fail(at, unknown("its eventSource is not S3, SQS or SNS, see who else writes to the queue or topic"))
	case e.Detail != nil || strings.EqualFold(string(e.Source), "aws.s3"):
		d.eventBridge(e, at)
	case e.SNS.Type != "":
		d.sns(&e.SNS, at.in(".Sns"))
	case e.Type != "" || e.TopicARN != "" && e.Message != nil:
		d.sns(&e.snsMessage, at)
	case e.Body != nil:
		d.document(e.Body, at.in(".Body").inMessage(e.MessageID))
	case e.Context != nil && e.Payload != nil:
		d.document(e.Payload, at.in(".payload"))
	case e.Result != nil:
		d.document(e.Result, at.in(".result"))
	case e.Object.Key != "" && e.Bucket.name() != "":
		d.action(e, at)
	case strings.EqualFold(string(e.Event), "s3:TestEvent") && e.Object.Key == "":
		d.event.Ignored++
	case e.RequestContext != nil:
		d.fail(at, unknown("it is Lambda's record of an invocation, without its requestPayload"))
	case e.Messages.value == nil && string(e.Records.value) == "null":
		d.fail(at, unknown("its Records are null"))
	case (e.Messages.value != nil || e.Records.value != nil) && e.Object.Key == "": // of nothing
	default:
		d.fail(at, unknown(noForm))
	}
}

// isFrom reports whether a record is of a service: "aws:sqs" and its like of other stores.
func (e *envelope) isFrom(service string) bool {
	return strings.HasSuffix(strings.ToLower(string(e.EventSource)), service)
}

// list decodes the elements of Records or Messages, or the one that stands in their
// place.
func (d *decoder) list(l list, name string, at place) {
	if !l.full {
		return
	}
	if l.twice {
		d.fail(at, unknown("it has two lists of "+name+", and only the first is read"))
	}
	switch l.value[0] {
	case '[':
		d.array(l.value, at.in("."+name))
	case '{':
		if !at.inArray || d.deeper(&at) {
			at.inArray = true
			d.value(l.value, at.in("."+name))
		}
	default:
		d.fail(at, unknown("its "+name+" are not an array"))
	}
}

func (d *decoder) sns(m *snsMessage, at place) {
	switch m.Type {
	case "Notification", "": // which copies without the type are too
		d.document(m.Message, at.in(".Message"))
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		d.event.Ignored++
	default:
		d.fail(at, unknown("its Type is not one of SNS"))
	}
}
