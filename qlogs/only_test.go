package qlogs_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// onlySource has one object with a record of each kind and a damaged one, and
// one object that is damaged.
func onlySource() *contractSource {
	src := newContractSource()
	src.put(windowKey(0), contractFile(
		contractChat("chat", contractStart),
		`{"generateCompletionsEventRequest":{"leftContext":"l"},"generateCompletionsEventResponse":{"requestId":"completion"}}`,
		`17`,
		`{"startTaskAssistCodeGenerationEventRequest":{"prompt":"t"},"startTaskAssistCodeGenerationEventResponse":{"requestId":"task"}}`,
		`{"brandNewEventRequest":{}}`,
		contractChat("chat too", contractStart),
	))
	src.put(windowKey(1), []byte("damaged"))
	src.put(windowKey(2), contractFile(contractChat("last", contractStart)))
	return src
}

func onlyPairs[T record.Record](t *testing.T, seq iter.Seq2[qlogs.Typed[T], error]) []string {
	t.Helper()
	var got []string
	for e, err := range seq {
		if err != nil {
			got = append(got, "error")
			continue
		}
		if record.Record(e.Record) != e.Entry.Record {
			t.Errorf("Record = %v, Entry.Record = %v, want the same", e.Record, e.Entry.Record)
		}
		got = append(got, fmt.Sprint(e.Record.RequestID(), "@", e.Index))
	}
	return got
}

func TestOnly(t *testing.T) {
	records := func() iter.Seq2[qlogs.Entry, error] {
		return contractNew(onlySource(), nil, qlogs.Query{}).Records(t.Context())
	}
	contractSame(t, "chats", onlyPairs(t, qlogs.Only[*record.GenerateAssistantResponse](records())), []string{"chat@0", "error", "chat too@5", "error", "last@0"})
	contractSame(t, "completions", onlyPairs(t, qlogs.Only[*record.GenerateCompletions](records())), []string{"completion@1", "error", "error"})
	contractSame(t, "tasks", onlyPairs(t, qlogs.Only[*record.StartTaskAssistCodeGeneration](records())), []string{"error", "task@3", "error"})
	contractSame(t, "unknown", onlyPairs(t, qlogs.Only[*record.Unknown](records())), []string{"error", "@4", "error"})
	contractSame(t, "all", onlyPairs(t, qlogs.Only[record.Record](records())), []string{"chat@0", "completion@1", "error", "task@3", "@4", "chat too@5", "error", "last@0"})
}

// The typed record has its fields without an assertion.
func TestOnlyIsTyped(t *testing.T) {
	for e, err := range qlogs.Only[*record.GenerateCompletions](contractNew(onlySource(), nil, qlogs.Query{}).Records(t.Context())) {
		if err == nil && e.Record.Request.LeftContext != "l" {
			t.Errorf("Record.Request.LeftContext = %q, want %q", e.Record.Request.LeftContext, "l")
		}
	}
}

// Leaving the loop, at a record or at an error, leaves the scan.
func TestOnlyLeft(t *testing.T) {
	for n := range 5 {
		src := onlySource()
		got := 0
		for range qlogs.Only[*record.GenerateAssistantResponse](contractNew(src, nil, qlogs.Query{}).Records(t.Context())) {
			if got++; got > n {
				break
			}
		}
		src.CheckClosed(t)
		if got != n+1 {
			t.Errorf("a loop left after %d pairs got %d", n+1, got)
		}
	}
}

// Other sequences of entries work as well as a scan's.
func TestOnlyOfAnySequence(t *testing.T) {
	broken := errors.New("broken")
	chat := &record.GenerateAssistantResponse{}
	seq := func(yield func(qlogs.Entry, error) bool) {
		_ = yield(qlogs.Entry{}, broken) && yield(qlogs.Entry{Record: &record.Unknown{}, Index: 1}, nil) &&
			yield(qlogs.Entry{}, nil) && yield(qlogs.Entry{Record: chat, Index: 7}, nil)
	}
	var got []string
	for e, err := range qlogs.Only[*record.GenerateAssistantResponse](seq) {
		got = append(got, fmt.Sprint(e.Index, e.Record == chat, err))
	}
	if want := []string{"0 false broken", "7 true <nil>"}; !slices.Equal(got, want) {
		t.Errorf("Only yields %q, want %q", got, want)
	}
}
