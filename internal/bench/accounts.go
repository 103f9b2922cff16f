package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sort"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// accounts are keys of as many accounts, one for each, in a partition of its own.
type accounts int

func (a accounts) len() int { return int(a) }

func (a accounts) key(i int) string {
	p := path.Partition{
		Prefix: "prompt-logs", Account: fmt.Sprintf("%012d", i), Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1",
	}
	return p.NewKey(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC), "0123456789abcdef").String()
}

const noRecords = `{"records":[]}`

func (accounts) size(int) int64 { return int64(len(noRecords)) }

func (a accounts) search(s string) int {
	return sort.Search(a.len(), func(i int) bool { return a.key(i) >= s })
}

// pollLatency is how long each listing of a poll takes.
const pollLatency = 50 * time.Millisecond

// A polled source has accounts, and takes its time for each listing of a partition once all
// were listed. It notes how long the next listing of each takes, and then ends.
type polled struct {
	accounts
	latency time.Duration
	end     context.CancelFunc

	mu    sync.Mutex
	lists int // of partitions
	begin time.Time
	took  time.Duration
}

func (*polled) ID() string { return "polled:" }

func (p *polled) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	if in.Folders {
		return listOrdered(ctx, p.accounts, in)
	}
	p.mu.Lock()
	p.lists++
	switch p.lists {
	case p.len() + 1:
		p.begin = time.Now()
	case 2*p.len() + 1: // of the poll after
		p.took = time.Since(p.begin)
		p.end()
	}
	wait := p.lists > p.len()
	p.mu.Unlock()
	return func(yield func(qlogs.Object, error) bool) {
		if wait {
			time.Sleep(p.latency)
		}
		listOrdered(ctx, p.accounts, in)(yield)
	}
}

func (*polled) Open(_ context.Context, o qlogs.Object, offset int64) (io.ReadCloser, error) {
	return open([][]byte{[]byte(noRecords)}, o, offset)
}
