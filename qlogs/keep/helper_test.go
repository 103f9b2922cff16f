package keep_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// start is a time at the full hour, in the middle of a day.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// keyOf returns the n-th of a bucket's keys, one a minute.
func keyOf(n int) string {
	return qlogstest.Key(path.GenerateAssistantResponse, start.Add(time.Duration(n)*time.Minute), "a1")
}

// chat returns a record with that request id.
func chat(id string) qlogstest.Chat {
	return qlogstest.Chat{RequestID: qlogstest.Text(id)}
}

// timeless returns a record of that request id without a time.
func timeless(id string) qlogstest.Chat {
	return qlogstest.Chat{RequestID: qlogstest.Text(id), TimeStamp: qlogstest.Absent}
}

// bucketOf has n objects of one record each, whose request ids are r0000, r0001, … in the
// order of their keys.
func bucketOf(n int) *sourcetest.Memory {
	src := sourcetest.NewMemory("mem://logs")
	for i := range n {
		putNumbered(src, i)
	}
	return src
}

// putNumbered stores the n-th object of a bucket.
func putNumbered(src *sourcetest.Memory, n int) {
	src.Put(keyOf(n), qlogstest.File(chat(fmt.Sprintf("r%04d", n))))
}

func scanOf(src qlogs.Source) *qlogs.Scan { return qlogs.New(src, nil).Scan(qlogs.Query{}) }

// same compares two lists of words.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// copiedBucket has an object of two records, a copy of it under the prefix copy/, and an
// object of one record.
func copiedBucket() *sourcetest.Memory {
	src := sourcetest.NewMemory("mem://logs")
	id := func(n int) string { return fmt.Sprintf("0a000000-0000-4000-8000-%012d", n) }
	src.Put(keyOf(1), qlogstest.File(chat(id(1)), chat(id(2))))
	src.Put(keyOf(2), qlogstest.File(chat(id(3))))
	_, below, _ := strings.Cut(keyOf(1), "/")
	src.Put("copy/"+below, qlogstest.File(chat(id(1)), chat(id(2))))
	return src
}

// damagedBucket has a sound object, one with a damaged record, and one that is cut off.
func damagedBucket() *sourcetest.Memory {
	src := bucketOf(1)
	repair(src)
	src.Put(keyOf(1), qlogstest.File(chatAt(0), qlogstest.Chat{Request: "damaged"}, chatAt(2)))
	src.Put(keyOf(2), qlogstest.File(chatAt(3))[:20])
	return src
}

// repair puts objects as they should be in the place of those that are damaged.
func repair(src *sourcetest.Memory) {
	src.Put(keyOf(1), qlogstest.File(chatAt(0), chatAt(1), chatAt(2)))
	src.Put(keyOf(2), qlogstest.File(chatAt(3)))
}

// chatAt returns a record of a second of the day's first hour.
func chatAt(second int) qlogstest.Chat {
	return qlogstest.Chat{TimeStamp: qlogstest.Time(start.Add(time.Duration(second) * time.Second))}
}
