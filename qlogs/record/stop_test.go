package record_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

var errStop = errors.New("stop")

const stopSize = 3 << 20

// stopFiles take long in one place each. A quick run has few of those that differ in the
// bytes of a prompt alone.
func stopFiles(size int) map[string]string {
	chat := func(request, response string) string {
		return `{"records":[{"generateAssistantResponseEventRequest":{` + request + `},"generateAssistantResponseEventResponse":{` + response + `}}]}`
	}
	files := map[string]string{
		"spaces":              `{"records":[` + strings.Repeat(" ", size) + `]}`,
		"spaces in a record":  chat(strings.Repeat("\n", size), ""),
		"empty records":       `{"records":[` + linearList("{}", testutil.Pick(size/2, size)) + `]}`,
		"bad records":         `{"records":[` + linearList("1", testutil.Pick(size/2, size)) + `]}`,
		"documents":           strings.Repeat(`{"records":[]}`, size/14),
		"beside the records":  `{"new":[` + linearList("1", size) + `],"records":[]}`,
		"too large":           `{"records":[{"new":"` + strings.Repeat("x", 40<<20) + `"}]}`,
		"unknown kind":        `{"records":[{"new":[` + linearList("1", size) + `]}]}`,
		"raw JSON":            chat("", `"codeReferenceEvents":[`+linearList(`{"a":[1,true,"b"]}`, size)+`]`),
		"raw strings":         chat("", `"codeReferenceEvents":["`+strings.Repeat("x", size)+`"]`),
		"empty links":         chat("", `"supplementaryWebLinksEvent":[`+linearList("{}", size/5)+`]`),
		"links with new keys": chat("", `"supplementaryWebLinksEvent":[`+linearList(`{"a":1}`, size/4)+`]`),
		"prompts":             chat("", `"followupPrompts":[`+linearList(`""`, size/5)+`]`),
		"new keys":            chat(strings.Trim(linearKeys(size), "{}"), ""),
		"same key":            chat(linearList(`"prompt":"p"`, size), ""),
		"same new key":        chat(linearList(`"new":1`, size/2), ""),
		"nested":              chat(`"new":[`+linearList(strings.Repeat("[", 900)+strings.Repeat("]", 900), size)+`]`, ""),
		"wrong type at last":  chat(`"new":[`+linearList("1", size)+`],"prompt":1`, ""),
	}
	for i, class := range testutil.Bytes {
		if !class.Bad && i%testutil.Pick(6, 1) == 0 {
			files["prompt of "+class.Name] = chat(`"prompt":"`+testutil.Repeat(class.Unit, size)+`"`, "")
		}
	}
	files["key of escapes"] = chat(`"`+testutil.Repeat(`\n`, size)+`":1`, "")
	files["time of escapes"] = chat(`"timeStamp":"`+testutil.Repeat(`\n`, size)+`"`, "")
	return files
}

// A counter counts the calls of Stop and tells when they were.
type counter struct {
	calls int
	after int // the call that stops; 0 never does
	last  time.Time
	most  time.Duration // between two calls
}

func (c *counter) stop() error {
	now := time.Now()
	if c.calls++; c.calls > 1 {
		c.most = max(c.most, now.Sub(c.last))
	}
	c.last = now
	if c.after > 0 && c.calls >= c.after {
		return errStop
	}
	return nil
}

// stopRun decodes a file and returns the error that ended it.
func stopRun(c *counter, file string, streamed bool) error {
	d := record.NewDecoder(strings.NewReader(file), &record.DecoderOptions{Stop: c.stop})
	if !streamed {
		d.ResetBytes([]byte(file))
	}
	for {
		if _, err := d.Next(); err != nil && !isRecordError(err) {
			if _, again := d.Next(); again != err {
				return errors.New("another error the second time")
			}
			return err
		}
	}
}

// Wherever a decoder is, it stops when it is told to: with that error, at once, and it
// looks again before half of the file's time has passed: a machine that is busy makes one of
// the steps long, which are a twentieth as a rule.
func TestStop(t *testing.T) {
	files := stopFiles(testutil.Pick(1<<20, stopSize))
	for i, name := range slices.Sorted(maps.Keys(files)) {
		file := files[name]
		for _, streamed := range []bool{false, true} {
			if !testutil.Long() && (i%2 != 0 || streamed != (i%4 == 0)) {
				continue // a quick run has some, in turn
			}
			t.Run(name, func(t *testing.T) {
				var share float64 = 1
				var calls int
				for range 5 {
					var whole counter
					begin := time.Now()
					if err := stopRun(&whole, file, streamed); err != io.EOF {
						t.Fatalf("without a stop: %v", err)
					}
					share = min(share, float64(whole.most)/float64(time.Since(begin)))
					if calls = whole.calls; share < 0.2 {
						break
					}
				}
				// Each byte is looked at once at least.
				if least := len(file) >> 20; calls < least {
					t.Errorf("Stop was called %d times for %d MiB", calls, least)
				}
				// Of a record that is too large only the border is looked for, so that little
				// time passes beside what it takes the window to grow.
				if share > 0.5 && name != "too large" && !testutil.Race {
					t.Errorf("%.2f of the time passed between two of %d calls of Stop", share, calls)
				}
				for _, after := range []int{1, 2, calls / 2, calls} {
					c := counter{after: max(after, 1)}
					if err := stopRun(&c, file, streamed); err != errStop || c.calls != c.after {
						t.Errorf("stopped at call %d of %d: %v after %d calls", after, calls, err, c.calls)
					}
				}
			})
		}
	}
}

// countingReader counts what is read of it.
type countingReader struct {
	r    io.Reader
	read int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p[:min(len(p), 32<<10)])
	r.read += n
	return n, err
}

// Hardly more of a reader is read once Stop has returned an error.
func TestStopReadsNoFurther(t *testing.T) {
	for _, file := range []string{
		`{"records":[` + linearList(`{"a":"b"}`, stopSize) + `]}`,
		`{"records":[{"new":"` + strings.Repeat("x", stopSize) + `"}]}`,
		`{"records":[{"new":"` + strings.Repeat("x", 40<<20) + `"}]}`,
		`{"new":"` + strings.Repeat("x", 40<<20) + `","records":[]}`,
		strings.Repeat(" ", stopSize),
	} {
		r := countingReader{r: strings.NewReader(file)}
		at := math.MaxInt
		d := record.NewDecoder(&r, &record.DecoderOptions{Stop: func() error {
			if r.read < 1<<20 {
				return nil
			}
			at = min(at, r.read)
			return errStop
		}})
		var err error
		for err == nil || isRecordError(err) {
			_, err = d.Next()
		}
		if err != errStop {
			t.Errorf("%.30s: %v, want the error of Stop", file, err)
		}
		if r.read > 2<<20 || r.read != at {
			t.Errorf("%.30s: %d bytes were read, %d of them before Stop was asked, want hardly more than 1 MiB", file, r.read, at)
		}
	}
}

// What was decoded before is the same, asked or not.
func TestStopChangesNothing(t *testing.T) {
	for _, c := range documents {
		plain := record.NewDecoder(strings.NewReader(c.in), nil)
		asked := record.NewDecoder(strings.NewReader(c.in), &record.DecoderOptions{Stop: func() error { return nil }, Grow: func(int64) error { return nil }})
		got, want := texts(drain(t, asked)), texts(drain(t, plain))
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q, want %q", c.in, got, want)
		}
	}
}

// A reset decoder that was stopped goes on with the next file.
func TestStopReset(t *testing.T) {
	stopped := true
	d := record.NewDecoder(nil, &record.DecoderOptions{Stop: func() error {
		if stopped {
			return errStop
		}
		return nil
	}})
	d.ResetBytes([]byte(`{"records":[{"a":"` + strings.Repeat("x", 1<<20) + `"}]}`))
	if _, err := d.Next(); err != errStop {
		t.Fatalf("Next = %v, want the error of Stop", err)
	}
	stopped = false
	d.Reset(bytes.NewReader([]byte(`{"records":[{"a":1}]}`)))
	if got := texts(drain(t, d)); len(got) != 1 || got[0] != `{"a":1}` {
		t.Errorf("after a reset: %q", got)
	}
}
