package qlogs_test

import (
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/faultproxy"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

func TestFaultsOfListings(t *testing.T) {
	testutil.NoLeaks(t)
	faultListings(t, newFaultMem(t))
}

func TestRealS3FaultsOfListings(t *testing.T) {
	testutil.NoLeaks(t)
	faultListings(t, newFaultReal(t))
}

func faultListings(t *testing.T, s *faultServer) {
	o := s.targets[0]
	partition := confPartition(o.name, path.GenerateAssistantResponse).String()
	once := func(f faultproxy.Fault) func(int) faultproxy.Fault {
		return func(n int) faultproxy.Fault {
			if n > 1 {
				return faultproxy.Fault{}
			}
			return f
		}
	}
	always := func(f faultproxy.Fault) func(int) faultproxy.Fault {
		return func(int) faultproxy.Fault { return f }
	}
	for i, tt := range []struct {
		name  string
		fault func(n int) faultproxy.Fault // of the n-th listing of the partition
		opts  *qlogs.Options
		lists int   // of the partition
		class error // nil: nothing is lost
	}{
		{"none", always(faultproxy.Fault{}), nil, 1, nil},
		{"latency", always(faultproxy.Fault{Latency: time.Millisecond}), nil, 1, nil},
		{"reset, once", once(faultproxy.Fault{Before: faultproxy.RST}), nil, 2, nil},
		{"503, once", once(faultproxy.Fault{Status: 503, Code: "SlowDown"}), nil, 2, nil},
		{"500, once", once(faultproxy.Fault{Status: 500, Code: "InternalError"}), nil, 2, nil},
		{"500, always", always(faultproxy.Fault{Status: 500, Code: "InternalError"}), nil, 2, errFaultAny},
		{"closed at its first byte, once", once(faultproxy.Fault{Within: faultproxy.FIN}), nil, 2, nil},
		{"closed within, once", once(faultproxy.Fault{Within: faultproxy.FIN, After: 200}), nil, 2, nil},
		{"closed in an object, once", once(faultproxy.Fault{Within: faultproxy.FIN, After: 700}), nil, 2, nil},
		{"closed within, always", always(faultproxy.Fault{Within: faultproxy.FIN, After: 700}), nil, 3, io.ErrUnexpectedEOF},
		{"reset within, once", once(faultproxy.Fault{Within: faultproxy.RST, After: 200}), nil, 2, nil},
		{"stall", always(faultproxy.Fault{Before: faultproxy.Stall}), &qlogs.Options{StallTimeout: faultStall()}, 1, qlogs.ErrStalled},
		{"stall within", always(faultproxy.Fault{Within: faultproxy.Stall, After: 700}), &qlogs.Options{StallTimeout: faultStall()}, 1, qlogs.ErrStalled},
	} {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			t.Cleanup(s.proxy.Reset)
			s.proxy.SetFault(func(r faultproxy.Request) faultproxy.Fault {
				if r.Prefix != partition {
					return faultproxy.Fault{}
				}
				return tt.fault(r.N)
			})
			r := faultRead(t, s.source(t, 2, faultRegion, false), o, tt.opts, qlogs.Cursor{})
			lists := slices.DeleteFunc(s.proxy.Requests("ListObjectsV2"), func(r faultproxy.Request) bool { return r.Prefix != partition })
			if len(lists) != tt.lists {
				t.Errorf("%d LIST requests, want %d", len(lists), tt.lists)
			}
			if tt.class == nil {
				r.noErrors(t)
				confSame(t, "records", r.ids, o.all())
				return
			}
			var bad *qlogs.PartitionError
			if len(r.errs) != 1 || !errors.As(r.errs[0], &bad) || bad.Prefix != partition || tt.class != errFaultAny && !errors.Is(bad, tt.class) {
				t.Fatalf("errors = %v, want one *PartitionError of %q that is %v", r.errs, partition, tt.class)
			}
			s.proxy.Reset()
			rest := faultRead(t, s.source(t, 1, faultRegion, false), o, nil, r.scan.Cursor())
			rest.noErrors(t)
			confSame(t, "records of both scans", append(r.ids, rest.ids...), o.all())
		})
	}
}

// errFaultAny stands for an error of no class.
var errFaultAny = errors.New("any")
