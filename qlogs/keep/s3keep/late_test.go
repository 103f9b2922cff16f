package s3keep_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
)

// A network keeps a request back when it is told to, while its client gets an error.
type network struct {
	server http.Handler
	hold   bool // the next PUT
	pass   int  // how many PUTs come before that
	held   *http.Request
}

func (n *network) send(r *http.Request) (*http.Response, error) {
	if n.hold && r.Method == http.MethodPut {
		if n.pass--; n.pass < 0 {
			n.hold, n.held = false, r.Clone(r.Context())
			return nil, io.ErrUnexpectedEOF
		}
	}
	return served(n.server)(r)
}

// arrive hands the request that was kept back to the server, and returns the status of the
// answer, which nobody gets.
func (n *network) arrive() int {
	w := httptest.NewRecorder()
	n.server.ServeHTTP(w, n.held)
	return w.Code
}

// A request that arrives late does not undo what was saved after it.
func TestLatePut(t *testing.T) {
	cursors := cursorsOf(t, 4)
	// begin returns a store that has saved cursors[0] and failed to save cursors[1], whose
	// request is still under way.
	begin := func(t *testing.T) (n *network, client *s3.Client, store qlogs.CursorStore) {
		server, _ := direct()
		n = &network{server: server}
		client = noRetries(clientOf(n.send))
		store = opened(t, client)
		mustSave(t, store, cursors[0])
		n.hold = true
		if err := store.Save(t.Context(), cursors[1]); err == nil || errors.Is(err, s3keep.ErrConflict) {
			t.Fatalf("Save whose request is kept back: %v, want another error", err)
		}
		return n, client, store
	}
	arrives := func(t *testing.T, n *network, status int) {
		t.Helper()
		if got := n.arrive(); got != status {
			t.Errorf("the answer to the late request is %d, want %d", got, status)
		}
	}
	t.Run("after a newer save", func(t *testing.T) {
		n, client, store := begin(t)
		mustSave(t, store, cursors[2])
		arrives(t, n, http.StatusPreconditionFailed)
		wantStored(t, client, cursors[2])
		mustSave(t, store, cursors[3])
		wantStored(t, client, cursors[3])
	})
	// The bytes of a cursor that comes again are not the same: with their ETag the late
	// request would pass.
	t.Run("after the same save as before it", func(t *testing.T) {
		n, client, store := begin(t)
		mustSave(t, store, cursors[2])
		mustSave(t, store, cursors[0])
		arrives(t, n, http.StatusPreconditionFailed)
		wantStored(t, client, cursors[0])
	})
	t.Run("before the next save", func(t *testing.T) {
		n, client, store := begin(t)
		arrives(t, n, http.StatusOK)
		wantStored(t, client, cursors[1])
		mustSave(t, store, cursors[2])
		wantStored(t, client, cursors[2])
	})
	t.Run("after Load", func(t *testing.T) {
		n, client, store := begin(t)
		if c := mustLoad(t, store); c.String() != cursors[0].String() {
			t.Errorf("Load = %v, want %v", c, cursors[0])
		}
		arrives(t, n, http.StatusOK)
		mustSave(t, store, cursors[2])
		wantStored(t, client, cursors[2])
	})
	t.Run("after two Loads of another's save", func(t *testing.T) {
		n, client, _ := begin(t)
		store := opened(t, client)
		n.hold = true
		if err := store.Save(t.Context(), cursors[2]); err == nil {
			t.Error("Save whose request is kept back: no error")
		}
		mustLoad(t, store)
		arrives(t, n, http.StatusOK)
		mustSave(t, store, cursors[3])
		wantStored(t, client, cursors[3])
	})
	t.Run("after a further save has failed, and Load", func(t *testing.T) {
		n, client, store := begin(t)
		late := n.held
		n.hold = true
		if err := store.Save(t.Context(), cursors[2]); err == nil {
			t.Error("Save whose request is kept back: no error")
		}
		mustLoad(t, store)
		n.held = late
		arrives(t, n, http.StatusOK)
		mustSave(t, store, cursors[3])
		wantStored(t, client, cursors[3])
	})
	t.Run("after two first saves have failed, and Load", func(t *testing.T) {
		server, _ := direct()
		n := &network{server: server, hold: true}
		client := noRetries(clientOf(n.send))
		store := opened(t, client)
		_ = store.Save(t.Context(), cursors[0])
		first := n.held
		n.hold = true
		_ = store.Save(t.Context(), cursors[1])
		if c := mustLoad(t, store); !c.IsZero() {
			t.Errorf("Load = %v, want the zero Cursor", c)
		}
		n.held = first
		arrives(t, n, http.StatusOK)
		mustSave(t, store, cursors[2])
		wantStored(t, client, cursors[2])
	})
	t.Run("after another process has saved", func(t *testing.T) {
		n, client, store := begin(t)
		mustSave(t, opened(t, client), cursors[2])
		arrives(t, n, http.StatusPreconditionFailed)
		wantError(t, "Save", store.Save(t.Context(), cursors[3]), s3keep.ErrConflict)
		wantStored(t, client, cursors[2])
	})
	t.Run("after another process has loaded", func(t *testing.T) {
		n, client, _ := begin(t)
		next := opened(t, client)
		arrives(t, n, http.StatusOK)
		wantError(t, "Save", next.Save(t.Context(), cursors[2]), s3keep.ErrConflict, "start again from Load")
		if c := mustLoad(t, next); c.String() != cursors[1].String() {
			t.Errorf("Load = %v, want what has arrived, %v", c, cursors[1])
		}
		mustSave(t, next, cursors[2])
		wantStored(t, client, cursors[2])
	})
}

// The note that the trial has passed, if it arrives late, undoes nothing and is no conflict,
// but for whoever has put an older copy in the object's place.
func TestLateNote(t *testing.T) {
	cursors := cursorsOf(t, 4)
	// begin returns a store that has saved cursors[0], and whose note is still under way.
	begin := func(t *testing.T) (n *network, client *s3.Client, store qlogs.CursorStore) {
		server, _ := direct()
		n = &network{server: server, hold: true, pass: 3}
		client = noRetries(clientOf(n.send))
		store = opened(t, client)
		mustSave(t, store, cursors[0])
		if n.held == nil {
			t.Fatal("the first save of a key makes no fourth request")
		}
		n.pass = 0
		return n, client, store
	}
	arrives := func(t *testing.T, n *network, status int) {
		t.Helper()
		if got := n.arrive(); got != status {
			t.Errorf("the answer to the late request is %d, want %d", got, status)
		}
	}
	t.Run("before the next save", func(t *testing.T) {
		n, client, store := begin(t)
		arrives(t, n, http.StatusOK)
		wantStored(t, client, cursors[0])
		mustSave(t, store, cursors[1])
		wantStored(t, client, cursors[1])
	})
	t.Run("after the next save", func(t *testing.T) {
		n, client, store := begin(t)
		mustSave(t, store, cursors[1])
		arrives(t, n, http.StatusPreconditionFailed)
		wantStored(t, client, cursors[1])
	})
	t.Run("after Load", func(t *testing.T) {
		n, client, store := begin(t)
		mustLoad(t, store)
		arrives(t, n, http.StatusOK)
		mustSave(t, store, cursors[1])
		wantStored(t, client, cursors[1])
	})
	t.Run("after another process has loaded", func(t *testing.T) {
		n, client, store := begin(t)
		next := opened(t, client)
		arrives(t, n, http.StatusOK)
		mustSave(t, next, cursors[1])
		mustSave(t, next, cursors[2])
		wantError(t, "Save", store.Save(t.Context(), cursors[3]), s3keep.ErrConflict)
		wantStored(t, client, cursors[2])
	})
	t.Run("after another process has saved", func(t *testing.T) {
		n, client, store := begin(t)
		next := opened(t, client)
		mustSave(t, next, cursors[1])
		arrives(t, n, http.StatusPreconditionFailed)
		wantError(t, "Save", store.Save(t.Context(), cursors[3]), s3keep.ErrConflict)
		wantStored(t, client, cursors[1])
	})
	t.Run("of two who have loaded, one saves", func(t *testing.T) {
		n, client, _ := begin(t)
		one, two := opened(t, client), opened(t, client)
		arrives(t, n, http.StatusOK)
		mustSave(t, one, cursors[1])
		wantError(t, "Save", two.Save(t.Context(), cursors[2]), s3keep.ErrConflict)
		wantStored(t, client, cursors[1])
	})
	t.Run("and is put back after another process has saved", func(t *testing.T) {
		n, client, _ := begin(t)
		next := opened(t, client)
		arrives(t, n, http.StatusOK)
		noted := getText(t, client)
		mustSave(t, next, cursors[1])
		putText(t, client, noted)
		wantError(t, "Save", next.Save(t.Context(), cursors[2]), s3keep.ErrConflict)
		wantStored(t, client, cursors[0])
	})
}
