package faultproxy

import (
	"encoding/xml"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
)

// End is a way in which a connection ends.
type End int

const (
	// Lasts is a connection that does not end.
	Lasts End = iota

	// FIN closes it.
	FIN

	// RST resets it. Bytes that are on the way can be lost.
	RST

	// Stall sends nothing more until the client goes away or the proxy is closed.
	Stall
)

// Fault says how a request fails. The zero value is no fault.
type Fault struct {
	// Latency is how long the request waits before all else.
	Latency time.Duration

	// Before ends the connection before there is an answer. The server is not
	// asked.
	Before End

	// Status, if not 0, is the status of an error that answers in the server's
	// place, and Code and Message are what S3's error says.
	Status        int
	Code, Message string

	// Header is set in the answer, whether it is an error or the server's. A nil
	// value removes a header.
	Header http.Header

	// Change, if not nil, changes the server's answer before it is sent. Longer is
	// then not taken into account.
	Change func(*rewrite.Answer)

	// Longer is added to the Content-Length of the server's answer, whose body
	// stays as it is, or is cut to that length if Longer is negative.
	Longer int64

	// Within ends the connection after After bytes of the server's body. A body
	// that is not longer does not end that way.
	Within End
	After  int64
}

// refuse answers with the fault's error.
func (f *Fault) refuse(w http.ResponseWriter) {
	body, err := xml.Marshal(struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
		RequestID     string `xml:"RequestId"`
	}{Code: f.Code, Message: f.Message, RequestID: "FAULT"})
	if err != nil {
		panic(err) // the type can be marshalled
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(xml.Header)+len(body)))
	f.setHeader(h)
	w.WriteHeader(f.Status)
	// An error means that the client is gone.
	_, _ = w.Write(append([]byte(xml.Header), body...))
}

func (f *Fault) setHeader(h http.Header) {
	maps.Copy(h, f.Header)
	for name, values := range f.Header {
		if values == nil {
			h.Del(name)
		}
	}
}
