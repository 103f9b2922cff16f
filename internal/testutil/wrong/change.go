package wrong

import (
	"bytes"
	"net/http"
	"slices"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
)

// HTML is a page that no store sends.
const HTML = `<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Welcome</p></body></html>`

const (
	head  = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	space = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
)

// Body answers with another document.
func Body(doc string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = []byte(doc) }
}

// Text replaces a part of the answer.
func Text(from, to string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = bytes.Replace(a.Body, []byte(from), []byte(to), 1) }
}

// Element replaces the content of the first element of a name.
func Element(name, content string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		start, end := bytes.Index(a.Body, []byte("<"+name+">")), bytes.Index(a.Body, []byte("</"+name+">"))
		if start >= 0 && end >= 0 {
			a.Body = slices.Concat(a.Body[:start], []byte(content), a.Body[end+len("</"+name+">"):])
		}
	}
}

// Each replaces all parts of the answer.
func Each(from, to string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = bytes.ReplaceAll(a.Body, []byte(from), []byte(to)) }
}

// All makes one change after the other.
func All(changes ...func(*rewrite.Answer)) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		for _, change := range changes {
			change(a)
		}
	}
}

// Header gives a header these values; none takes it away.
func Header(name string, values ...string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		a.Header[http.CanonicalHeaderKey(name)] = values
		if len(values) == 0 {
			a.Header.Del(name)
		}
	}
}

// Status answers with another status.
func Status(status int) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Status = status }
}
