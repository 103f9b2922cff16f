package record_test

import (
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

func TestStateOfEveryField(t *testing.T) {
	values := map[byte]string{'s': `""`, 'a': `[]`, 'o': `{}`, 't': `"` + stamp + `"`}
	for path, allowed := range fieldTypes {
		for _, c := range []struct {
			value string
			want  record.State
		}{
			{"null", record.Null}, {values[allowed[0]], record.Present},
		} {
			in := nest(path, c.value)
			if got := stateAt(t, unmarshal(t, in), path); got != c.want {
				t.Errorf("State of %s in %q = %v, want %v", path, in, got, c.want)
			}
			for other := range fieldTypes {
				if got := stateAt(t, unmarshal(t, in), other); len(other) > len(path) && got != record.Absent {
					t.Errorf("State of %s in %q = %v, want %v", other, in, got, record.Absent)
				}
			}
		}
	}
}

// stateAt finds the state of the field at a path of JSON names. What is not in
// r is absent: the State methods take a nil pointer.
func stateAt(t *testing.T, r record.Record, path string) record.State {
	t.Helper()
	type stater interface{ State(string) record.State }
	parts := map[string]stater{"": r.(stater)}
	switch r := r.(type) {
	case *record.GenerateAssistantResponse:
		parts["generateAssistantResponseEventRequest"] = &r.Request
		parts["generateAssistantResponseEventResponse"] = r.Response
		if r.Response != nil {
			parts["generateAssistantResponseEventResponse.messageMetadata"] = r.Response.MessageMetadata
		}
	case *record.GenerateCompletions:
		parts["generateCompletionsEventRequest"] = &r.Request
		parts["generateCompletionsEventResponse"] = r.Response
	case *record.StartTaskAssistCodeGeneration:
		parts["startTaskAssistCodeGenerationEventRequest"] = &r.Request
		parts["startTaskAssistCodeGenerationEventResponse"] = r.Response
	}
	parent, name := "", path
	for i := range path {
		if path[i] == '.' {
			parent, name = path[:i], path[i+1:]
		}
	}
	part, ok := parts[parent]
	if !ok {
		return record.Absent
	}
	return part.State(name)
}

func TestStateOfUnknownKeys(t *testing.T) {
	r := chat(t, `{"a":1,"b":null,"c":null,"c":"","generateAssistantResponseEventRequest":{"Prompt":"x","é":null},"generateAssistantResponseEventResponse":{"messageMetadata":{"m":[]},"supplementaryWebLinksEvent":[{"url":null},null]}}`)
	links := r.Response.SupplementaryWebLinks
	for _, c := range []struct {
		name      string
		got, want record.State
	}{
		{"a", r.State("a"), record.Present},
		{"b", r.State("b"), record.Null},
		{"c, the last of two", r.State("c"), record.Present},
		{"d", r.State("d"), record.Absent},
		{"nothing", r.State(""), record.Absent},
		{"Prompt", r.Request.State("Prompt"), record.Present},
		{"prompt", r.Request.State("prompt"), record.Absent},
		{"é", r.Request.State("é"), record.Null},
		{"m", r.Response.MessageMetadata.State("m"), record.Present},
		{"url", links[0].State("url"), record.Null},
		{"uri", links[0].State("uri"), record.Absent},
		{"uri of null", links[1].State("uri"), record.Absent},
	} {
		if c.got != c.want {
			t.Errorf("State of %s = %v, want %v", c.name, c.got, c.want)
		}
	}
	u := unmarshal(t, `{"a":null,"\u0062":null,"b":1}`).(*record.Unknown)
	for name, want := range map[string]record.State{"a": record.Null, "b": record.Present, "c": record.Absent} {
		if got := u.State(name); got != want {
			t.Errorf("Unknown.State(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestStateWithoutLog(t *testing.T) {
	var metadata *record.MessageMetadata
	var u *record.Unknown
	built := &record.GenerateCompletionsRequest{FileName: "a.go"}
	broken := &record.Unknown{Raw: []byte(`{"a":1,`)}
	for i, got := range []record.State{metadata.State("utteranceId"), u.State("a"), built.State("fileName"), broken.State("a"), new(record.Unknown).State("a")} {
		if got != record.Absent {
			t.Errorf("State %d = %v, want %v", i, got, record.Absent)
		}
	}
}

func TestStateString(t *testing.T) {
	for s, want := range map[record.State]string{record.Absent: "absent", record.Null: "null", record.Present: "present", record.Drifted: "drifted", 9: "invalid"} {
		if s.String() != want {
			t.Errorf("State(%d).String() = %q, want %q", s, s, want)
		}
	}
}
