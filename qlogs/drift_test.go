package qlogs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// driftRecord is a record of 9:30 with that request id and field.
func driftRecord(id, name, value string) string {
	r := contractChat(id, contractStart.Add(30*time.Minute))
	if name == "" {
		return r
	}
	half, field, _ := strings.Cut(name, ".")
	at := fmt.Sprintf(`"generateAssistantResponseEvent%s":{`, half)
	last := strings.Index(r, at) + len(at)
	end := last + strings.Index(r[last:], "}")
	return fmt.Sprintf(`%s,%q:%s%s`, r[:end], field, value, r[end:])
}

var driftFields = []struct {
	name, value, within string
	class               error
}{
	{"Request.modelId", `{"name":"CANARY"}`, "", record.ErrType},
	{"Request.prompt", `["CANARY"]`, "", record.ErrType},
	{"Request.userId", `7`, "", record.ErrType},
	{"Request.timeStamp", `"CANARY o'clock"`, "", record.ErrTime},
	{"Request.timeStamp", `1785193409`, "", record.ErrType},
	{"Response.messageMetadata", `""`, "", record.ErrType},
	{"Response.messageMetadata", `{"conversationId":["CANARY"]}`, ".conversationId", record.ErrType},
	{"Response.followupPrompts", `["CANARY",1]`, "", record.ErrType},
	{"Response.supplementaryWebLinksEvent", `[{"uri":"CANARY"},{"uri":{"CANARY":1}}]`, "[1].uri", record.ErrType},
	{"Response.supplementaryWebLinksEvent", `"CANARY"`, "", record.ErrType},
}

// A record with a field that has drifted is delivered, in scans of each kind, and tells
// which field that is.
func TestDriftIsDelivered(t *testing.T) {
	for i, c := range driftFields {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(c.name+" "+c.value, func(t *testing.T) {
			records := []string{driftRecord("a", "", ""), driftRecord("b", c.name, c.value), `17`, driftRecord("c", "", "")}
			want := []string{"generateAssistantResponseEvent" + c.name + c.within}
			file := contractFile(records...)
			for _, body := range [][]byte{file, contractGzip(file)} {
				for _, size := range []int64{int64(len(body)), windowLarge} {
					src := newContractSource()
					src.chunk = 1000
					src.putListed(qlogs.Object{Key: windowKey(0), Size: size}, body)
					s := contractNew(src, nil, qlogs.Query{})
					got := contractRead(t, src, s)
					contractSame(t, "pairs", got.pairs, []string{"a", "b", "error", "c"})
					if len(got.entries) != 3 {
						return
					}
					for i, want := range [][]string{nil, want, nil} {
						if drifted := got.entries[i].Drifted(); !slices.Equal(drifted, want) {
							t.Errorf("entry %d: Drifted() = %q, want %q", i, drifted, want)
						}
					}
					driftShown(t, got.entries[1])
					if st := s.Stats(); st.RecordsDrifted != 1 || st.RecordsFailed != 1 || st.RecordsYielded != 3 || st.Read != 1 {
						t.Errorf("Stats() = %+v, want 3 records, 1 of them drifted, and 1 bad one", st)
					}
				}
			}
		})
	}
	if (qlogs.Entry{}).Drifted() != nil {
		t.Error("the zero Entry has drifted")
	}
}

// driftShown checks that an entry shows that it has drifted, and by what, but no bytes.
func driftShown(t *testing.T, e qlogs.Entry) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %s", e, e, e, e.Record)
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "e", e)
	line, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(line)
	if strings.Contains(b.String(), "CANARY") || !strings.Contains(strings.ToLower(string(line)), "drifted") {
		t.Errorf("a drifted entry is shown as %s", &b)
	}
}

// With StrictFields the same records are errors.
func TestDriftIsAnErrorIfAskedFor(t *testing.T) {
	for _, c := range driftFields {
		body := contractGzip(contractFile(driftRecord("a", "", ""), driftRecord("b", c.name, c.value), driftRecord("c", "", "")))
		for _, size := range []int64{int64(len(body)), windowLarge} {
			src := newContractSource()
			src.putListed(qlogs.Object{Key: windowKey(0), Size: size}, body)
			s := contractNew(src, &qlogs.Options{StrictFields: true}, qlogs.Query{})
			got := contractRead(t, src, s)
			contractSame(t, "pairs", got.pairs, []string{"a", "error", "c"})
			if len(got.errs) != 1 || !errors.Is(got.errs[0], c.class) || strings.Contains(fmt.Sprintf("%v %+v", got.errs[0], got.errs[0]), "CANARY") {
				t.Errorf("%s of %s: errors %v, want %v", c.value, c.name, got.errs, c.class)
			}
			if st := s.Stats(); st.RecordsDrifted != 0 || st.RecordsFailed != 1 {
				t.Errorf("%s of %s: Stats() = %+v, want a failed record", c.value, c.name, st)
			}
		}
	}
}

// Drift is counted of what the loop gets: not of what lies outside of the time range, nor
// of what was finished before. A record whose time has drifted lies where its object does.
func TestDriftOutsideOfTheRange(t *testing.T) {
	src := newContractSource()
	file := contractFile(driftRecord("a", "Request.modelId", "1"), driftRecord("b", "Request.timeStamp", "1"), strings.ReplaceAll(driftRecord("c", "Request.modelId", "[]"), "T09:30", "T15:30"))
	src.put(windowKey(0), contractGzip(file)) // of the minute 9:00
	for _, c := range []struct {
		from, to time.Time
		want     []string
	}{
		{time.Time{}, time.Time{}, []string{"a", "b", "c"}},
		{contractStart, contractStart.Add(time.Minute), []string{"b"}},
		{contractStart.Add(time.Minute), contractStart.Add(time.Hour), []string{"a"}},
	} {
		s := contractNew(src, nil, qlogs.Query{From: c.from, To: c.to})
		got := contractRead(t, src, s)
		contractSame(t, "records", got.pairs, c.want)
		if st := s.Stats(); st.RecordsDrifted != int64(len(c.want)) {
			t.Errorf("from %v: RecordsDrifted = %d, want %d", c.from, st.RecordsDrifted, len(c.want))
		}
	}
	s := contractNew(src, nil, qlogs.Query{})
	for range s.Records(t.Context()) {
		break
	}
	for range s.Stats().RecordsDrifted {
		t.Error("drift is counted of an object that the loop has not finished")
	}
	n := 0
	for e, err := range qlogs.New(src, nil).Read(t.Context(), qlogs.Object{Key: windowKey(0), Size: src.objects()[0].Size}) {
		if err != nil || len(e.Drifted()) != 1 {
			t.Errorf("Read: %v, Drifted() = %q", err, e.Drifted())
		}
		n++
	}
	if n != 3 {
		t.Errorf("Read gave %d records, want 3", n)
	}
}
