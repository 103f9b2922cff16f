package qlogs_test

import (
	"context"
	"io/fs"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// traceFollows are stories about following: they begin at 10:00, and what is stored while
// they go on comes at half past a minute.
func traceFollows() []traceStory {
	return []traceStory{
		{"follow", `
			Following one partition for 12 minutes.

			The first pass is a scan. Then each minute one LIST asks for the newest keys: those of the
			10 minutes before the newest one.`, traceFollow},
		{"follow-sweep", `
			Following for 40 minutes, with sweeps at 10:15 and 10:30.

			A sweep lists the folders again, and each partition from its floor on. It finds a new
			partition, an object that came late and one that has grown, and tries again what failed.`, traceFollowSweep},
		{"follow-until", `
			Following up to 10:05.

			It ends an hour after that, the pad, with a last sweep.`, traceFollowUntil},
		{"follow-denied", `
			Following while listings fail.

			A partition that cannot be listed is tried by the next poll, a folder by the next sweep.`, traceFollowDenied},
		{"follow-slow", `
			Following with a loop that takes 2 minutes for one record.

			The next poll waits until the loop has finished what the last one brought.`, traceFollowSlow},
		{"follow-many", `
			Following two partitions, of which one gets more than a page of objects in a minute.

			A poll lists one partition after the other, in the order of their keys, and as many pages
			as there are.`, traceFollowMany},
		{"follow-resumed", `
			Following, and following on from the cursor.

			The first pass begins at the cursor's floor, and the polls at the newest key that it met.`, traceFollowResumed},
	}
}

// later has something happen at half past that minute.
func (tr *tracer) later(at string, do func()) {
	time.AfterFunc(time.Until(traceAt(at).Add(30*time.Second)), do)
}

func traceFollow(tr *tracer) {
	p := tr.chats()
	tr.put(p, "08:05", "a", 1)
	tr.put(p, "09:50", "b", 1)
	tr.later("10:03", func() { tr.put(p, "10:03", "c", 2) })
	tr.later("10:04", func() { tr.put(p, "09:58", "d", 1) }) // a little late
	tr.later("10:09", func() { tr.put(p, "10:09", "e", 1) })
	tr.now("everything")
	tr.follow("10:12", qlogs.Query{}, nil)
	tr.done()
}

func traceFollowSweep(tr *tracer) {
	p := tr.chats()
	next := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateAssistantResponse, "us-west-2"))
	tr.put(p, "09:05", "a", 1)
	grows := tr.put(p, "09:50", "b", 1)
	fails := tr.put(p, "09:55", "c", 1)
	tr.onOpen = func(_ context.Context, o qlogs.Object, _ int64) error {
		if o.Key == fails && time.Now().Before(traceAt("10:20")) {
			return errTrace
		}
		return nil
	}
	tr.later("10:02", func() { tr.put(next, "10:02", "d", 1) })
	tr.later("10:04", func() { tr.put(p, "09:06", "e", 1) }) // later than a poll looks
	tr.later("10:06", func() { tr.store.Put(grows, traceFile("09:50", 2)) })
	tr.later("10:18", func() { tr.put(next, "10:18", "f", 1) })
	tr.now("the log type")
	tr.follow("10:40", qlogs.Query{Prefix: "logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse"}, &qlogs.Options{PollInterval: 5 * time.Minute})
	tr.done()
}

func traceFollowUntil(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:50", "a", 1)
	tr.later("10:01", func() { tr.put(p, "10:01", "b", 1) })
	tr.later("10:59", func() { tr.put(p, "10:04", "c", 1) })
	tr.now("polls each quarter of an hour")
	tr.follow("12:00", qlogs.Query{Prefix: p.String(), To: traceAt("10:05")}, &qlogs.Options{PollInterval: 15 * time.Minute, SweepInterval: time.Hour})
	tr.done()
}

func traceFollowDenied(tr *tracer) {
	p := tr.chats()
	other := tr.part(tracePartition("logs", "222233334444", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1"))
	tr.put(p, "09:50", "a", 1)
	tr.put(other, "09:50", "b", 1)
	tr.onList = func(_ context.Context, in qlogs.ListInput) error {
		now := time.Now()
		switch {
		case in.Prefix == p.String() && now.After(traceAt("10:04")) && now.Before(traceAt("10:11")),
			in.Prefix == "logs/AWSLogs/222233334444/" && now.Before(traceAt("10:14")):
			return fs.ErrPermission
		}
		return nil
	}
	tr.later("10:04", func() { tr.put(p, "10:04", "c", 1) })
	tr.now("an account is denied until 10:14, a partition from 10:04 to 10:11")
	tr.follow("10:19", qlogs.Query{Prefix: "logs/AWSLogs"}, &qlogs.Options{PollInterval: 3 * time.Minute})
	tr.done()
}

func traceFollowSlow(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:50", "a", 1)
	tr.later("10:00", func() { tr.put(p, "10:00", "b", 1) })
	tr.later("10:02", func() { tr.put(p, "10:02", "c", 1) })
	tr.now("the partition")
	tr.followIn(tr.store, "10:08", qlogs.Query{Prefix: p.String()}, nil, func() bool {
		time.Sleep(2 * time.Minute)
		return true
	})
	tr.done()
}

func traceFollowMany(tr *tracer) {
	tr.store.PageSize = 3
	p := tr.chats()
	next := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"))
	tr.put(p, "09:50", "a", 1)
	tr.put(next, "09:50", "b", 1)
	tr.later("10:00", func() {
		for i := range 5 {
			tr.put(p, "10:00", string(rune('c'+i)), 1)
		}
		tr.put(next, "10:00", "h", 1)
	})
	tr.now("the product")
	tr.follow("10:03", qlogs.Query{Prefix: "logs/AWSLogs/111122223333/KiroLogs"}, nil)
	tr.done()
}

func traceFollowResumed(tr *tracer) {
	p := tr.chats()
	tr.put(p, "08:05", "a", 1)
	tr.put(p, "09:50", "b", 1)
	q := qlogs.Query{Prefix: p.String()}
	tr.later("10:00", func() { tr.put(p, "10:00", "c", 1) })
	tr.now("the first follow")
	q.After = tr.follow("10:03", q, nil)
	tr.done()
	tr.put(p, "10:02", "d", 1)
	tr.put(p, "09:10", "e", 1)
	tr.later("10:04", func() { tr.put(p, "10:04", "f", 1) })
	tr.now("from its cursor")
	tr.follow("10:07", q, nil)
	tr.done()
}
