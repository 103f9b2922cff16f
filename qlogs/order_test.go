package qlogs_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// orderDelays makes every request and read of a source take a random time.
func orderDelays(src *contractSource, seed uint64) {
	delay := func() time.Duration {
		src.mu.Lock()
		defer src.mu.Unlock()
		seed = seed*6364136223846793005 + 1442695040888963407
		return time.Duration(rand.New(rand.NewPCG(seed, 1)).IntN(3000)) * time.Millisecond
	}
	src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, delay()) }
	src.onRead = func(ctx context.Context, _ string, _ int) error { return contractWait(ctx, delay()) }
	src.onList = func(ctx context.Context, _ qlogs.ListInput) error { return contractWait(ctx, delay()) }
}

// Objects finish in any order and are delivered in the order of their keys.
func TestOrderWithRandomLatencies(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			src := newContractSource()
			src.chunk = 150
			var want []string
			for i := range 300 {
				at := contractStart.Add(time.Duration(i) * time.Minute)
				var records []string
				for r := range i % 4 {
					id := fmt.Sprintf("%d.%d", i, r)
					records = append(records, contractChat(id, at))
					want = append(want, id)
				}
				body := contractFile(records...)
				if i%3 > 0 {
					body = contractGzip(body)
				}
				src.put(contractKey(contractPartition(), at, i), body)
			}
			orderDelays(src, seed)
			contractSame(t, "records", contractReadAll(t, src, &qlogs.Options{InFlight: 1 + int(seed)*4}), want)
		})
	}
}

// The order is that of the bytes of whole keys, which is not how folders sort by
// their names alone.
func TestOrderIsBytewise(t *testing.T) {
	src := newContractSource()
	for _, prefix := range []string{"a", "a-b", "a b", "a.b", "a/b", "a0", "aa", "A", "é", "z", "~", "", "a/AWSLogs"} {
		for _, region := range []string{"us-east-1", "us-east-1-x", "us"} {
			p := contractPartition()
			p.Prefix, p.Region = prefix, region
			src.put(contractKey(p, contractStart, 0), contractFile(contractChat(p.String(), contractStart)))
		}
	}
	var want, got []string
	for _, o := range src.objects() {
		want = append(want, o.Key)
	}
	for e, err := range contractNew(src, nil, qlogs.Query{}).Records(t.Context()) {
		if err != nil {
			t.Errorf("unexpected error: %v", err)
		}
		got = append(got, e.Object.Key)
	}
	contractSame(t, "keys", got, want)
}

// A slow object at the head does not stop the others from being fetched.
func TestOrderSlowHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		src := contractBucket(n)
		head, release := src.key(0), make(chan struct{})
		src.onRead = func(ctx context.Context, key string, _ int) error {
			if key != head {
				return nil
			}
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var got []string
		go func() {
			got = contractReadAll(t, src, &qlogs.Options{InFlight: 2})
		}()
		synctest.Wait()
		if opened := src.opens(); opened != n || len(got) != 0 {
			t.Errorf("while the first object is slow: %d objects are opened, want %d", opened, n)
		}
		close(release)
		synctest.Wait()
		contractSame(t, "records", got, contractIDs(n))
	})
}

// Nor does a loop that is slow.
func TestOrderSlowLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		src := contractBucket(n)
		var got []string
		for e, err := range contractNew(src, &qlogs.Options{InFlight: 2}, qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			if len(got) == 0 {
				synctest.Wait()
				if opened := src.opens(); opened != n {
					t.Errorf("while the loop is at its first record %d objects are opened, want %d", opened, n)
				}
			}
			got = append(got, e.Record.RequestID())
		}
		contractSame(t, "records", got, contractIDs(n))
	})
}

// Requests are made side by side: the time that a scan takes is that of the
// longest chain, not the sum.
func TestOrderRequestsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, inFlight = 320, 32
		src := contractBucket(n)
		src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, time.Second) }
		begin := time.Now()
		contractReadAll(t, src, &qlogs.Options{InFlight: inFlight})
		if took := time.Since(begin); took != n/inFlight*time.Second {
			t.Errorf("%d requests of 1 s, %d at a time, took %v, want %v", n, inFlight, took, n/inFlight*time.Second)
		}
	})
}

// Records of one object come as they stand in it, with their places.
func TestOrderInsideAnObject(t *testing.T) {
	src := newContractSource()
	var records, ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprint("id", i))
		records = append(records, contractChat(ids[i], contractStart.Add(-time.Duration(i)*time.Second)))
	}
	file := contractFile(records...)
	key := contractKey(contractPartition(), contractStart, 0)
	src.putListed(qlogs.Object{Key: key, Size: int64(len(file)), StorageClass: "STANDARD", LastModified: contractStart}, file)
	got := contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
	contractSame(t, "records", got.pairs, ids)
	for i, e := range got.entries {
		begin, end := int(e.Offset), int(e.Offset)+len(records[i])
		if e.Index != i || end > len(file) || string(file[begin:end]) != records[i] {
			t.Errorf("record %d: Index = %d, Offset = %d: not where it stands", i, e.Index, e.Offset)
		}
		if e.Object != src.objects()[0].Object || e.Key.String() != key || e.Tentative {
			t.Errorf("record %d: Object = %+v, Key = %+v, Tentative = %t", i, e.Object, e.Key, e.Tentative)
		}
	}
}

// Several records may share an object's failure with records before it: nothing
// overtakes anything.
func TestOrderOfErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := contractBucket(30)
		var want []string
		for i := range src.objects() {
			want = append(want, fmt.Sprintf("r%04d", i))
		}
		for i := 0; i < 30; i += 3 {
			src.spoil(i, func(body []byte) []byte { return bytes.Repeat([]byte("x"), len(body)) })
			want[i] = "error"
		}
		orderDelays(src, 99)
		got := contractRead(t, src, contractNew(src, &qlogs.Options{InFlight: 7}, qlogs.Query{}))
		contractSame(t, "pairs", got.pairs, want)
	})
}
