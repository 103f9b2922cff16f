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
	// maxLevels is how many JSON documents may be nested. A batch of SQS messages
	// with SNS notifications of S3 notifications has three levels.
	maxLevels = 5

	noForm = "it has none of the fields that tell what it is, find out what else sends messages to the queue or topic"
)

// A decoder goes through the JSON documents of an event.
type decoder struct {
	findings
	free []*envelope // for reuse: an envelope takes many times the memory of a small event's text
}

// Decode decodes an event of S3, in any of the forms that the package documentation
// lists.
//
// The error, if there is one, is an [Errors] that names each part of the event that
// could not be decoded. All other parts are in the Event. A batch of messages may well
// give an event and an error at the same time. If more than 1,000 parts are bad, Decode
// returns one error, without a MessageID, and the zero Event.
//
// The memory that Decode takes grows with len(data) alone. What it returns does not
// refer to data. It may be called by many goroutines at once.
func Decode(data []byte) (Event, error) {
	var d decoder
	d.document(data, place{})
	switch {
	case d.full():
		return Event{}, Errors{{Err: fmt.Errorf("%w: more than %d parts of it are bad", ErrUnknown, maxBad)}}
	case len(d.bad) > 0:
		return d.event, d.bad
	}
	return d.event, nil
}

// deeper goes into one more document at a place, and reports whether that is allowed.
func (d *decoder) deeper(at *place) bool {
	if at.level == maxLevels {
		d.fail(*at, unknown(fmt.Sprintf("it lies more than %d levels deep", maxLevels)))
		return false
	}
	at.level++
	at.inArray = false
	return true
}

// document decodes one JSON text: the event, or a document within it.
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

// trimmed returns data without what may precede JSON. Some editors and programs write a
// byte order mark before a text.
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

// array decodes the elements of a valid array and returns their number. A bad element does
// not affect the others. An array in an array counts as one more document: otherwise the
// time to decode nested arrays would grow with the square of their number.
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
		d.fail(at, unknown("its eventSource is not S3, SQS or SNS, find out what else sends messages to the queue or topic"))
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

// list decodes the elements of Records or Messages, or a single one in their place.
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
	case "Notification", "": // a copy without its type is one too
		d.document(m.Message, at.in(".Message"))
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		d.event.Ignored++
	default:
		d.fail(at, unknown("its Type is not one of SNS"))
	}
}

// eventBridge decodes what EventBridge delivers: an event of S3, of another store, or of a
// service that passes on an event of S3.
func (d *decoder) eventBridge(e *envelope, at place) {
	aws := strings.EqualFold(string(e.Source), "aws.s3")
	if e.DetailType == "" {
		e.DetailType = e.EntryType
	}
	t := d.envelope()
	defer d.release(t)
	detail := trimmed(e.Detail)
	for len(detail) > 0 && detail[0] == '"' && json.Valid(detail) { // it was encoded twice
		if !d.deeper(&at) {
			return
		}
		detail = trimmed([]byte(unquoted(detail)))
	}
	if len(detail) > 0 && detail[0] == '{' {
		_ = json.Unmarshal(detail, t) // the fields that can be read show what it is
	}
	switch {
	case aws && strings.HasSuffix(strings.ToLower(string(e.DetailType)), "via cloudtrail"):
		d.fail(at, unknown("CloudTrail's record of a request is not read: turn on the bucket's events to EventBridge"))
	case aws || t.Object.Key != "" || t.Bucket.name() != "":
		d.detail(e, t, aws, at)
	case t.Records.full || t.RequestPayload != nil || t.RequestContext != nil || t.isNotification():
		d.document(detail, at.in(".detail"))
	default:
		d.fail(at, unknown(noForm))
	}
}
