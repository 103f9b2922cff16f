package qlogs_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// cursorOf returns the cursor of a scan of which n pairs are finished.
func cursorOf(t testing.TB, c *qlogs.Client, q qlogs.Query, n int) qlogs.Cursor {
	t.Helper()
	s := c.Scan(q)
	if got := len(cursorLeave(t, s, n+1, "break")); got != n+1 {
		t.Fatalf("scan has %d pairs, want more than %d", got, n)
	}
	return s.Cursor()
}

func TestCursorZero(t *testing.T) {
	var zero qlogs.Cursor
	if !zero.IsZero() || zero.String() != "" {
		t.Errorf("zero Cursor: IsZero() = %v, String() = %q, want true and nothing", zero.IsZero(), zero)
	}
	if text, err := zero.MarshalText(); text == nil || len(text) != 0 || err != nil {
		t.Errorf("zero Cursor: MarshalText() = %q, %v, want an empty text", text, err)
	}
	c := qlogs.New(cursorBucket(), nil)
	all := cursorAll(t, c.Scan(qlogs.Query{}))
	back := cursorOf(t, c, qlogs.Query{}, 1)
	if err := back.UnmarshalText(nil); err != nil || !back.IsZero() {
		t.Errorf("UnmarshalText(nil) = %v, IsZero() = %v, want nil and true", err, back.IsZero())
	}
	cursorWant(t, "scan after the zero Cursor", cursorAll(t, c.Scan(qlogs.Query{After: back})), all)

	unread := c.Scan(qlogs.Query{})
	cursorWant(t, "scan after the cursor of an unread scan", cursorAll(t, c.Scan(qlogs.Query{After: cursorText(t, unread.Cursor())})), all)

	bad := c.Scan(qlogs.Query{Accounts: []string{"1"}})
	if got := bad.Cursor(); !got.IsZero() {
		t.Errorf("Cursor of a bad query = %q, want the zero Cursor", got)
	}
	if got := (qlogs.Entry{}).Cursor(); !got.IsZero() {
		t.Errorf("Cursor of the zero Entry = %q, want the zero Cursor", got)
	}
}

func TestCursorText(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	c := cursorOf(t, client, qlogs.Query{}, 5)
	text := c.String()
	if c.IsZero() || text == "" {
		t.Fatalf("IsZero() = %v, String() = %q, want false and a text", c.IsZero(), text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }); i >= 0 {
		t.Errorf("String() = %q, want printable ASCII without spaces", text)
	}
	if again := cursorText(t, c).String(); again != text {
		t.Errorf("text of the cursor read from %q = %q, want the same", text, again)
	}
	if got := fmt.Sprintf("%v %s", c, c); got != text+" "+text {
		t.Errorf("formatted = %q, want its text twice", got)
	}

	type saved struct {
		Cursor qlogs.Cursor  `json:"cursor"`
		None   *qlogs.Cursor `json:"none"`
		Zero   qlogs.Cursor  `json:"zero,omitzero"`
		Start  qlogs.Cursor  `json:"start"`
	}
	data, err := json.Marshal(saved{Cursor: c})
	if want := fmt.Sprintf(`{"cursor":%q,"none":null,"start":""}`, text); err != nil || string(data) != want {
		t.Fatalf("json.Marshal = %s, %v, want %s", data, err, want)
	}
	back := saved{Start: c}
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatalf("json.Unmarshal(%s) = %v, want nil", data, err)
	}
	if back.Cursor.String() != text || !back.Start.IsZero() {
		t.Errorf("json.Unmarshal(%s) = %+v, want the same cursor and a zero one", data, back)
	}
	// A text file ends with a newline more often than not.
	if err := back.Start.UnmarshalText([]byte(text + "\n")); err != nil || back.Start.String() != text {
		t.Errorf("UnmarshalText with a newline = %v, %q, want the same cursor", err, back.Start)
	}
}

func TestCursorTextHoldsNoContent(t *testing.T) {
	text := cursorOf(t, qlogs.New(cursorBucket(), nil), qlogs.Query{}, 5).String()
	_, body, _ := strings.Cut(text, ":")
	data, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatalf("the text %q is not base64: %v", text, err)
	}
	for _, secret := range []string{cursorCanary, "d-1234567890"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("the cursor's text holds %q", secret)
		}
	}
}

func TestCursorTextDamaged(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	text := cursorOf(t, client, qlogs.Query{}, 5).String()
	bad := map[string]string{
		"another text":         "hello",
		"nothing but a prefix": text[:strings.Index(text, ":")+1],
		"twice":                text + text,
		"upper case":           strings.ToUpper(text),
		"padded":               text + "=",
		"spaces":               " " + text,
		"JSON null":            "null",
	}
	for i := 1; i < len(text); i++ {
		bad[fmt.Sprintf("cut at %d", i)] = text[:i]
		bad[fmt.Sprintf("without byte %d", i-1)] = text[:i-1] + text[i:]
		other := byte('A')
		if text[i] == other {
			other = 'B'
		}
		bad[fmt.Sprintf("other byte %d", i)] = text[:i] + string(other) + text[i+1:]
	}
	start := cursorOf(t, client, qlogs.Query{}, 1)
	for name, text := range bad {
		c := start
		err := c.UnmarshalText([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), "qlogs: read cursor: ") {
			t.Errorf("%s: UnmarshalText(%q) = %v, want an error", name, text, err)
		}
		if c.String() != start.String() {
			t.Errorf("%s: UnmarshalText changed the cursor though it failed", name)
		}
	}
}

func TestCursorTextOfOtherVersions(t *testing.T) {
	text := cursorOf(t, qlogs.New(cursorBucket(), nil), qlogs.Query{}, 5).String()
	for _, version := range []string{"1", "3", "17"} {
		other := strings.Replace(text, "2:", version+":", 1)
		var c qlogs.Cursor
		if err := c.UnmarshalText([]byte(other)); err == nil || !strings.Contains(err.Error(), "it is of version "+version+" of cursors") {
			t.Errorf("UnmarshalText(%q) = %v, want an error that names the version", other, err)
		}
	}
}

func TestCursorScope(t *testing.T) {
	base := qlogs.Query{
		Prefix:   "logs",
		Accounts: []string{"111122223333", "222233334444"},
		Regions:  []string{"us-east-1", "eu-central-1"},
		Products: []path.Product{path.KiroLogs, path.QDeveloperLogs},
		Types:    []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions},
	}
	after := cursorText(t, cursorOf(t, qlogs.New(cursorBucket(), nil), base, 3))
	for _, test := range []struct {
		part   string // in the error; "" if the cursor is accepted
		source string
		change func(q *qlogs.Query)
	}{
		{part: `source "mem", not "other"`, source: "other", change: func(q *qlogs.Query) {}},
		{part: `prefix "logs/", not ""`, change: func(q *qlogs.Query) { q.Prefix = "" }},
		{part: `prefix "logs/", not "log/"`, change: func(q *qlogs.Query) { q.Prefix = "log" }},
		{part: `prefix "logs/"`, change: func(q *qlogs.Query) { q.Prefix = "logs/AWSLogs/" }},
		{part: "Accounts", change: func(q *qlogs.Query) { q.Accounts = nil }},
		{part: "Accounts", change: func(q *qlogs.Query) { q.Accounts = q.Accounts[:1] }},
		{part: "Regions", change: func(q *qlogs.Query) { q.Regions = nil }},
		{part: "Regions", change: func(q *qlogs.Query) { q.Regions = []string{"us-east-1", "us-west-2"} }},
		{part: "Products", change: func(q *qlogs.Query) { q.Products = q.Products[1:] }},
		{part: "Types", change: func(q *qlogs.Query) { q.Types = append(q.Types, "SomethingNew") }},
		{change: func(q *qlogs.Query) {}},
		{change: func(q *qlogs.Query) { q.Prefix = "logs/" }},
		{change: func(q *qlogs.Query) { q.Accounts = []string{"222233334444", "111122223333", "222233334444"} }},
		{change: func(q *qlogs.Query) { q.Types = []path.LogType{q.Types[1], q.Types[0]} }},
		{change: func(q *qlogs.Query) { q.From = cursorStart().Add(-time.Hour) }},
		{change: func(q *qlogs.Query) { q.To = cursorStart().Add(24 * time.Hour) }},
	} {
		q := base
		q.After = after
		test.change(&q)
		store := cursorBucket()
		store.id = test.source
		s := qlogs.New(store, &qlogs.Options{InFlight: 3, ListPad: -1}).Scan(q)
		var errs []error
		pairs := 0
		for _, err := range s.Records(t.Context()) {
			pairs++
			if errors.Is(err, qlogs.ErrCursorScope) {
				errs = append(errs, err)
			}
		}
		if test.part == "" {
			if len(errs) != 0 || pairs < 3 {
				t.Errorf("%+v: %d pairs with %v, want the rest of the scan", q, pairs, errs)
			}
			continue
		}
		if pairs != 1 || len(errs) != 1 || !strings.Contains(errs[0].Error(), test.part) {
			t.Errorf("%+v: %d pairs with %v, want ErrCursorScope that names %s", q, pairs, errs, test.part)
		}
		if opens, lists := store.requests(); opens+lists != 0 {
			t.Errorf("%+v: %d requests, want none", q, opens+lists)
		}
		for _, err := range qlogs.New(store, nil).Scan(q).Objects(t.Context()) {
			if !errors.Is(err, qlogs.ErrCursorScope) {
				t.Errorf("%+v: Objects has %v, want ErrCursorScope", q, err)
			}
		}
	}
}

// What a cursor holds grows with the objects of the lookback, by 27 characters
// each, and not with history.
func TestCursorTextSize(t *testing.T) {
	size := func(objects, perHour, failing int) int {
		store := newCursorStore()
		for i := range objects {
			store.put(cursorKey(cursorChats, i*60/perHour), cursorFile(cursorRecord("r", 0)))
		}
		store.fails(failing)
		s := qlogs.New(store, nil).Scan(qlogs.Query{})
		cursorAll(t, s)
		return len(s.Cursor().String())
	}
	few, many := size(10, 5, 0), size(500, 5, 0)
	if many != few || few > 1000 {
		t.Errorf("text after 10 objects and after 500 of 5 an hour has %d and %d bytes, want the same few", few, many)
	}
	if busy := size(500, 60, 0); busy < few+(60-5)*26 || busy > few+(2*60-5)*27+100 {
		t.Errorf("text after 500 objects of 60 an hour has %d bytes, want 27 for each of the newest hour and the one before, beside %d", busy, few)
	}
	if pending := size(500, 5, 100); pending > few+100*300 {
		t.Errorf("text with 100 pending objects has %d bytes, want at most 300 for each", pending)
	}
}

func TestCursorWhileScanning(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	s := client.Scan(qlogs.Query{})
	want := len(cursorAll(t, client.Scan(qlogs.Query{})))
	entries := make(chan qlogs.Entry)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for e := range entries {
				for _, c := range []qlogs.Cursor{s.Cursor(), e.Cursor()} {
					var back qlogs.Cursor
					if err := back.UnmarshalText([]byte(c.String())); err != nil || back.IsZero() {
						t.Errorf("cursor of a running scan: %v, %q, want one", err, back)
					}
				}
			}
		})
	}
	got := 0
	for e, err := range s.Records(t.Context()) {
		got++
		if err == nil {
			entries <- e
		}
	}
	close(entries)
	wg.Wait()
	if got != want {
		t.Errorf("scan with cursors taken has %d pairs, want %d", got, want)
	}
}
