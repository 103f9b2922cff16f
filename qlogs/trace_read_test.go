package qlogs_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"testing/iotest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// traceReads are stories about how objects are read, and what a cursor brings back.
func traceReads() []traceStory {
	return []traceStory{
		{"in-flight", `
			A scan with two requests at a time.

			Each object takes 100 ms more. It is requested when one before it has come; listing has a
			request of its own.`, traceInFlight},
		{"ahead", `
			A scan whose first object takes a second.

			Those behind it are read meanwhile. The loop gets all in the order of keys.`, traceAhead},
		{"budget", `
			A scan of objects of 400 KiB, with a budget of 1 MiB.

			Two fit. The next one is requested when the loop has finished with one.`, traceBudget},
		{"large", `
			A scan of small and large objects.

			With a budget of 1 MiB an object of that size is large. It is opened when the loop comes to
			it, and streamed; small ones are read ahead of that.`, traceLarge},
		{"inflated", `
			A scan of an object of 4 KiB that is a large one when it is decompressed.

			It is read, found too large to be kept, and requested again when the loop comes to it.`, traceInflated},
		{"damaged", `
			A scan of objects that are damaged, cut off, empty or archived.

			Each is requested once at the most: what comes again would be the same.`, traceDamaged},
		{"broken", `
			Scans of bodies that break off.

			A body goes on at the byte where it broke, as long as its ETag tells that it is the same
			object.`, traceBroken},
		{"stalled", `
			A scan of an object that the store does not send, and a listing that does not come.

			After the stall timeout either has failed. A scan from the cursor tries the object first.`, traceStalled},
		{"changed", `
			Scans of objects that are replaced after they have been listed.

			An object that is not what it was is looked up, by a listing that begins just before its
			key, and read as it now is, once. One of which the loop has records is not read again.`, traceChanged},
		{"inconsistent", `
			A scan of a store that lists an ETag and answers with another.

			The second listing says the same as the first: the object cannot be read, now or later.`, traceInconsistent},
		{"left", `
			A scan that is left at its second record, and one from its cursor.

			Leaving ends the listing and all that was read ahead. The pair at which the loop was left
			comes again.`, traceLeft},
		{"resumed", `
			A scan from the cursor of one that has read all.

			Listing begins an hour before the newest object, the lookback. What is there and was not
			read is late or new; what lies before is not looked for.`, traceResumed},
		{"resumed-inside", `
			A scan from a cursor that was taken inside an object.

			The object is requested again, and its first record is passed over.`, traceResumedInside},
		{"pending", `
			Scans that go on after objects have failed.

			The cursor has what failed. A scan tries it first, before any listing has answered, and
			as it was: what has changed meanwhile is looked up.`, tracePending},
		{"given-up", `
			Scans with two attempts for an object.

			The third scan does not try it any more.`, traceGivenUp},
		{"until", `
			A scan up to a time, and one from its cursor up to a later one.

			The object that holds records of both is read twice, and each record comes once.`, traceUntil},
		{"rewritten", `
			Scans from a cursor, of objects that are there under another ETag.

			What had been read whole and has its size is not read again. What has another size is, and
			so is what was damaged.`, traceRewritten},
		{"given", `
			Objects that are given, not listed.

			One of unknown size is looked up by one listing. What is no log costs nothing.`, traceGiven},
	}
}

func traceInFlight(tr *tracer) {
	tr.store.PageSize = 1
	p := tr.chats()
	for i := range 6 {
		tr.put(p, "09:05", string(rune('a'+i)), 1)
	}
	tr.onOpen = func(ctx context.Context, _ qlogs.Object, _ int64) error {
		return contractWait(ctx, 100*time.Millisecond)
	}
	tr.now("six objects, each of them on a page of its own")
	tr.scan(qlogs.Query{Prefix: p.String()}, &qlogs.Options{InFlight: 2})
	tr.done()
}

func traceAhead(tr *tracer) {
	p := tr.chats()
	slow := tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:06", "b", 1)
	tr.put(p, "09:07", "c", 1)
	tr.onOpen = func(ctx context.Context, o qlogs.Object, _ int64) error {
		if o.Key == slow {
			return contractWait(ctx, time.Second)
		}
		return nil
	}
	tr.now("the partition")
	tr.scan(qlogs.Query{Prefix: p.String()}, nil)
	tr.done()
}

func traceBudget(tr *tracer) {
	p := tr.chats()
	for i := range 5 {
		tr.store.Put(traceKey(p, "09:05", string(rune('a'+i))), tracePadded(traceFile("09:05", 1), 400<<10))
	}
	tr.now("the partition")
	tr.scan(qlogs.Query{Prefix: p.String()}, traceLittle())
	tr.done()
}

// traceLittle makes objects of 1 MiB large.
func traceLittle() *qlogs.Options { return &qlogs.Options{BytesInFlight: 1 << 20} }

func traceLarge(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	tr.store.Put(traceKey(p, "09:06", "b"), tracePadded(traceFile("09:06", 2), 1<<20))
	tr.put(p, "09:07", "c", 1)
	tr.store.Put(traceKey(p, "09:08", "d"), tracePadded(traceFile("09:08", 1), 2<<20))
	tr.put(p, "09:09", "e", 1)
	tr.now("the partition")
	tr.scan(qlogs.Query{Prefix: p.String()}, traceLittle())
	tr.done()
}

// traceZipped returns a file of gzip with that size, which the library that compresses does
// not decide.
func traceZipped(file []byte, size int) []byte {
	zipped := contractGzip(file)
	return append(contractEmptyMember(size-len(zipped)), zipped...)
}

func traceInflated(tr *tracer) {
	p := tr.chats()
	tr.store.Put(traceKey(p, "09:05", "a"), traceZipped(traceFile("09:05", 1), 4<<10))
	tr.store.Put(traceKey(p, "09:06", "b"), traceZipped(tracePadded(traceFile("09:06", 1), 2<<20), 4<<10))
	tr.store.Put(traceKey(p, "09:07", "c"), traceZipped(traceFile("09:07", 1), 4<<10))
	tr.now("the partition")
	tr.scan(qlogs.Query{Prefix: p.String()}, traceLittle())
	tr.done()
}

func traceDamaged(tr *tracer) {
	p := tr.chats()
	whole := traceZipped(traceFile("09:05", 2), 1000)
	tr.store.Put(traceKey(p, "09:05", "a"), []byte("no JSON"))
	tr.store.Put(traceKey(p, "09:06", "b"), whole[:990])
	tr.store.Put(traceKey(p, "09:07", "c"), nil)
	tr.store.Put(traceKey(p, "09:08", "d"), traceZipped(nil, 100))
	tr.store.Put(traceKey(p, "09:09", "e"), contractFile(`{"generateAssistantResponseEventRequest":"no object"}`, contractChat("r", traceAt("09:09"))))
	tr.store.PutObject(qlogs.Object{Key: traceKey(p, "09:10", "f"), Archived: true}, traceFile("09:10", 1))
	q := qlogs.Query{Prefix: p.String()}
	tr.now("the first scan")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.now("from its cursor")
	tr.scan(q, nil)
	tr.done()
}

// breaks has the bodies of an object break off when each has brought that many bytes, in
// turn.
func (tr *tracer) breaks(key string, after ...int64) {
	tr.store.OnBody = func(_ context.Context, o qlogs.Object, _ int64, body io.Reader) io.Reader {
		if o.Key != key || len(after) == 0 {
			return body
		}
		n := after[0]
		after = after[1:]
		return io.MultiReader(io.LimitReader(body, n), iotest.ErrReader(errTrace))
	}
}

func traceBroken(tr *tracer) {
	p := tr.chats()
	a := traceKey(p, "09:05", "a")
	tr.store.Put(a, tracePadded(traceFile("09:05", 1), 1000))
	tr.put(p, "09:06", "b", 1)
	q := qlogs.Query{Prefix: p.String()}
	tr.breaks(a, 400, 300)
	tr.now("two breaks")
	tr.scan(q, nil)
	tr.done()

	tr.breaks(a, 400, 300, 200)
	tr.now("three, of which two are gone over")
	after := tr.scan(q, &qlogs.Options{MaxResumes: 2})
	tr.done()
	tr.now("from the cursor")
	tr.scan(qlogs.Query{Prefix: q.Prefix, After: after}, nil)
	tr.done()

	tr.breaks(a, 400)
	tr.store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		o.ETag = ""
		return o, nil
	}
	tr.now("a store without ETags")
	tr.scan(q, nil)
	tr.done()

	tr.store.OnObject = nil
	tr.store.Put(a, tracePadded(traceFile("09:05", 1), 1<<20))
	tr.breaks(a, 600_000)
	tr.now("a large object")
	tr.scan(q, traceLittle())
	tr.done()

	tr.store.Put(a, tracePadded(traceFile("09:05", 1), 1000))
	tr.breaks(a, 400)
	tr.onOpen = func(_ context.Context, o qlogs.Object, offset int64) error {
		if offset > 0 {
			tr.store.Put(a, traceFile("09:05", 1))
		}
		return nil
	}
	tr.now("an object that is replaced before it goes on")
	tr.scan(q, nil)
	tr.done()
}

func traceStalled(tr *tracer) {
	p := tr.chats()
	a := tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:06", "b", 1)
	tr.onOpen = func(ctx context.Context, o qlogs.Object, _ int64) error {
		if o.Key == a {
			<-ctx.Done()
		}
		return nil
	}
	q := qlogs.Query{Prefix: p.String()}
	tr.now("a stall timeout of 10 s")
	q.After = tr.scan(q, &qlogs.Options{StallTimeout: 10 * time.Second})
	tr.done()
	tr.onOpen = nil
	tr.now("from the cursor, when the store answers")
	tr.scan(q, nil)
	tr.done()
	tr.onList = func(ctx context.Context, _ qlogs.ListInput) error {
		<-ctx.Done()
		return nil
	}
	tr.now("a listing that does not answer")
	tr.scan(qlogs.Query{Prefix: p.String()}, &qlogs.Options{StallTimeout: 10 * time.Second})
	tr.done()
}

// tracePut is an object that is stored, or nothing.
type tracePut struct {
	object qlogs.Object
	body   []byte
}

// becomes has each GET of an object find the next one in its place, until there is none left.
func (tr *tracer) becomes(key string, next ...tracePut) {
	tr.onOpen = func(_ context.Context, o qlogs.Object, _ int64) error {
		if o.Key != key || len(next) == 0 {
			return nil
		}
		now := next[0]
		next = next[1:]
		if tr.store.Delete(key); now.body != nil {
			now.object.Key, now.object.ETag = key, fmt.Sprint(len(next))
			tr.store.PutObject(now.object, now.body)
		}
		return nil
	}
}

func traceChanged(tr *tracer) {
	p := tr.chats()
	b := traceKey(p, "09:06", "b")
	small, other := tracePut{body: traceFile("09:06", 1)}, tracePut{body: traceFile("09:06", 2)}
	large := tracePut{body: tracePadded(traceFile("09:06", 1), 1<<20)}
	tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:07", "c", 1)
	for _, tt := range []struct {
		name string
		then []tracePut
		opts *qlogs.Options
	}{
		{"by another one", []tracePut{other}, nil},
		{"twice", []tracePut{other, large}, nil},
		{"by a large one, which is streamed", []tracePut{large}, traceLittle()},
		{"by nothing", []tracePut{{}}, nil},
		{"by an archived one", []tracePut{{qlogs.Object{Archived: true}, other.body}}, nil},
	} {
		tr.store.Put(b, small.body)
		tr.becomes(b, tt.then...)
		tr.now("an object is replaced %s", tt.name)
		tr.scan(qlogs.Query{Prefix: p.String()}, tt.opts)
		tr.done()
	}

	tr.store.Put(b, large.body)
	tr.becomes(b, small)
	tr.now("a large object is replaced by a small one")
	tr.scan(qlogs.Query{Prefix: p.String()}, traceLittle())
	tr.done()

	tr.onOpen = nil
	tr.store.PutObject(qlogs.Object{Key: b, Size: 1 << 20, ETag: "1"}, tracePadded(traceFile("09:06", 1), 1<<20+1))
	tr.now("a large object goes on behind its listed end")
	tr.scan(qlogs.Query{Prefix: p.String()}, traceLittle())
	tr.done()
}

func traceInconsistent(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	b := tr.put(p, "09:06", "b", 1)
	tr.store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if o.Key == b {
			o.ETag = `"another"`
		}
		return o, nil
	}
	q := qlogs.Query{Prefix: p.String()}
	tr.now("the first scan")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.now("from its cursor")
	tr.scan(q, nil)
	tr.done()
}

func traceLeft(tr *tracer) {
	tr.store.PageSize = 2
	p := tr.chats()
	for i := range 6 {
		tr.put(p, "09:05", string(rune('a'+i)), 1)
	}
	tr.now("the loop ends at its second pair")
	s := qlogs.New(tr.store, nil).Scan(qlogs.Query{Prefix: p.String()})
	tr.loop(s.Records(tr.Context()), func() bool { return len(tr.pairs) < 2 })
	tr.done()
	tr.now("from its cursor")
	tr.scan(qlogs.Query{Prefix: p.String(), After: tr.cursor(s)}, nil)
	tr.done()
}

func traceResumed(tr *tracer) {
	p := tr.chats()
	for hour := 4; hour < 9; hour++ {
		tr.put(p, "0"+string(rune('0'+hour))+":10", "a", 1)
	}
	q := qlogs.Query{Prefix: p.String()}
	tr.now("the first scan")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.put(p, "05:20", "b", 1)
	tr.put(p, "07:05", "b", 1)
	tr.put(p, "08:05", "b", 1)
	tr.put(p, "09:10", "b", 1)
	tr.now("from its cursor, with objects of 5:20, 7:05, 8:05 and 9:10 more")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.now("from that cursor, with nothing more")
	tr.scan(q, nil)
	tr.done()
}

func traceResumedInside(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:06", "b", 3)
	tr.put(p, "09:07", "c", 1)
	q := qlogs.Query{Prefix: p.String()}
	tr.now("the loop ends at the second record of b")
	s := qlogs.New(tr.store, nil).Scan(q)
	n := 0
	tr.loop(s.Records(tr.Context()), func() bool { n++; return n < 3 })
	tr.done()
	tr.now("from its cursor")
	q.After = tr.cursor(s)
	tr.scan(q, nil)
	tr.done()
}

// fail has the opening of those keys fail.
func (tr *tracer) fail(keys ...string) {
	failing := map[string]bool{}
	for _, key := range keys {
		failing[key] = true
	}
	tr.onOpen = func(_ context.Context, o qlogs.Object, _ int64) error {
		if failing[o.Key] {
			return errTrace
		}
		return nil
	}
}

func tracePending(tr *tracer) {
	p := tr.chats()
	next := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"))
	tr.put(p, "05:05", "a", 1)
	b := tr.put(p, "05:06", "b", 1)
	c := tr.put(p, "05:07", "c", 1)
	d := tr.put(p, "05:08", "d", 1)
	tr.put(p, "09:05", "e", 1)
	f := tr.put(next, "05:05", "f", 1)
	q := qlogs.Query{Prefix: "logs/AWSLogs/111122223333/KiroLogs/"}
	tr.fail(b, c, d, f)
	tr.now("four objects fail")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.fail(f)
	tr.store.Put(c, traceFile("05:07", 2))
	tr.store.Delete(d)
	tr.now("from its cursor: b is well, c was replaced, d is gone, f fails again")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.fail()
	tr.now("from that cursor: f is well")
	q.After = tr.scan(q, nil)
	tr.done()
}

func traceGivenUp(tr *tracer) {
	p := tr.chats()
	a := tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:06", "b", 1)
	tr.fail(a)
	q := qlogs.Query{Prefix: p.String()}
	for _, name := range []string{"the first scan", "from its cursor", "from that cursor"} {
		tr.now("%s", name)
		q.After = tr.scan(q, &qlogs.Options{MaxAttempts: 2})
		tr.done()
	}
}

func traceUntil(tr *tracer) {
	p := tr.chats()
	tr.put(p, "08:10", "a", 1)
	tr.store.Put(traceKey(p, "08:50", "b"), contractFile(contractChat("r0", traceAt("08:50")), contractChat("r1", traceAt("09:02"))))
	tr.put(p, "09:05", "c", 1)
	tr.put(p, "12:05", "d", 1)
	q := qlogs.Query{Prefix: p.String(), To: traceAt("09:00")}
	tr.now("up to 9:00")
	q.After = tr.scan(q, nil)
	tr.done()
	q.To = traceAt("12:00")
	tr.now("from its cursor, up to 12:00")
	q.After = tr.scan(q, nil)
	tr.done()
	q.To = time.Time{}
	tr.now("from that cursor, without an end")
	tr.scan(q, nil)
	tr.done()
}

func traceRewritten(tr *tracer) {
	p := tr.chats()
	good, grown, cut := traceKey(p, "09:05", "a"), traceKey(p, "09:06", "b"), traceKey(p, "09:07", "c")
	whole := traceFile("09:05", 1)
	put := func(key, etag string, body []byte) { tr.store.PutObject(qlogs.Object{Key: key, ETag: etag}, body) }
	put(good, "1", whole)
	put(grown, "1", whole)
	put(cut, "1", append(bytes.Clone(whole[:len(whole)-2]), "  "...))
	q := qlogs.Query{Prefix: p.String()}
	tr.now("a and b are good, c is damaged")
	q.After = tr.scan(q, nil)
	tr.done()
	put(good, "2", whole)
	put(grown, "2", traceFile("09:06", 2))
	put(cut, "2", whole)
	tr.now("from its cursor: all have another ETag, b is longer, c is good")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.now("from that cursor")
	tr.scan(q, nil)
	tr.done()
}

func traceGiven(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:04", "0", 1)
	a := tr.put(p, "09:05", "a", 1)
	b := tr.put(p, "09:06", "b", 1)
	object := func(key string, size int64, etag string) qlogs.Object {
		o, _, _ := tr.store.Object(key)
		return qlogs.Object{Key: key, Size: cmp.Or(size, o.Size), ETag: etag}
	}
	read := func(objects ...qlogs.Object) {
		tr.loop(qlogs.New(tr.store, nil).Read(tr.Context(), objects...), nil)
	}
	tr.now("two of known size")
	read(object(b, 0, ""), object(a, 0, ""))
	tr.done()
	tr.now("one of unknown size, one that is not there, one that is no log")
	read(object(b, -1, ""), object(traceKey(p, "09:05", "aa"), -1, ""), object("readme.txt", -1, ""))
	tr.done()
	tr.now("one of another size, which is looked up, and one of another ETag, which is not")
	read(object(a, 9, ""), object(b, 0, `"another"`))
	tr.done()
	tr.deny(p.String() + "2026/03/02/09/")
	tr.now("one of unknown size whose folder must not be listed")
	read(object(b, -1, ""))
	tr.done()
}
