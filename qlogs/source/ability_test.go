package source_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// closed hides what a source can do, and wrapper does not.
type (
	closed  struct{ source.Source }
	wrapper struct{ source.Source }
	remote  struct{ source.Source }
)

func (w wrapper) Unwrap() source.Source { return w.Source }
func (r remote) Unwrap() source.Source  { return r.Source }
func (remote) Local() bool              { return false }

// What a source can do stays known through wrappers that say what they wrap, and a wrapper
// may say otherwise.
func TestIsLocal(t *testing.T) {
	files := source.FS("files", fstest.MapFS{})
	for _, tt := range []struct {
		name string
		src  source.Source
		want bool
	}{
		{"a file system", files, true},
		{"a directory", source.Dir(t.TempDir()), true},
		{"wrapped", wrapper{files}, true},
		{"wrapped twice", wrapper{wrapper{files}}, true},
		{"wrapped without Unwrap", closed{files}, false},
		{"behind a slow network", remote{files}, false},
		{"around that", wrapper{remote{files}}, false},
		{"nothing", nil, false},
		{"around nothing", wrapper{nil}, false},
	} {
		if got := source.IsLocal(tt.src); got != tt.want {
			t.Errorf("%s: IsLocal = %t, want %t", tt.name, got, tt.want)
		}
	}
	if local, ok := source.As[source.Local](wrapper{files}); !ok || !local.Local() {
		t.Errorf("As = %v, %t, want what is wrapped", local, ok)
	}
}

// With a context that is not a scan's, requests and attempts count nowhere.
func TestOutsideOfAScan(t *testing.T) {
	source.StartRequest(context.Background())
	source.StartAttempt(context.Background()).End()
}

func TestFSID(t *testing.T) {
	if got := source.FS("mirror-1", fstest.MapFS{}).ID(); got != "mirror-1" {
		t.Errorf("ID() = %q, want what FS was given", got)
	}
}
