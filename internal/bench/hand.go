package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The hand-written loops are what a user writes without a library: the standard
// library's gzip and JSON, and goroutines if it is to be faster.

// handDocument is what such a loop decodes: no more than it needs, and so much less
// than the library does.
type handDocument struct {
	Records []handRecord `json:"records"`
}

type handRecord struct {
	Chat *struct {
		Prompt string `json:"prompt"`
		UserID string `json:"userId"`
	} `json:"generateAssistantResponseEventRequest"`
	Completion *struct {
		UserID string `json:"userId"`
	} `json:"generateCompletionsEventRequest"`
	Task *struct {
		Prompt string `json:"prompt"`
		UserID string `json:"userId"`
	} `json:"startTaskAssistCodeGenerationEventRequest"`
}

// handWork is what one goroutine of a hand-written loop has done.
type handWork struct {
	tally        tally
	objects      int64
	stored       int64
	decompressed int64
	keep         bool
	kept         []handRecord
}

func (w *handWork) count(records []handRecord) {
	if w.keep {
		w.kept = append(w.kept, records...)
	}
	for _, r := range records {
		switch {
		case r.Chat != nil:
			w.tally.add(r.Chat.UserID, len(r.Chat.Prompt))
		case r.Completion != nil:
			w.tally.add(r.Completion.UserID, 0)
		case r.Task != nil:
			w.tally.add(r.Task.UserID, len(r.Task.Prompt))
		}
	}
}

func (w *handWork) body(body io.Reader) error {
	zr, err := gzip.NewReader(body)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(zr)
	if err != nil {
		return err
	}
	var doc handDocument
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	w.objects++
	w.decompressed += int64(len(data))
	w.count(doc.Records)
	return nil
}

func (w *handWork) file(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return w.body(f)
}

func (w *handWork) object(ctx context.Context, client *s3.Client, bucket, key string) error {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	return w.body(out.Body)
}

func newHandWork() *handWork { return &handWork{tally: tally{}} }

func (w *handWork) work() *handWork { return w }

func handDir(ctx context.Context, j job) (outcome, error) {
	return handFiles(ctx, j, newHandWork, (*handWork).file)
}

func handFiles(ctx context.Context, j job, begin func() *handWork, read func(*handWork, string) error) (outcome, error) {
	return handLoop(ctx, j, begin, func(found func(string) error) error {
		return walkFiles(j.Root, func(name string, _ fs.DirEntry) error { return found(name) })
	}, read)
}

func walkFiles(root string, found func(string, fs.DirEntry) error) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json.gz") {
			return err
		}
		return found(name, d)
	})
}

func handS3(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	return handLoop(ctx, j, newHandWork, func(found func(string) error) error {
		pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &j.Bucket})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, o := range page.Contents {
				if err := found(*o.Key); err != nil {
					return err
				}
			}
		}
		return nil
	}, func(w *handWork, key string) error { return w.object(ctx, client, j.Bucket, key) })
}

// worker is what one goroutine of handLoop works with.
type worker interface{ work() *handWork }

// handLoop reads what list finds, with j.InFlight goroutines.
func handLoop[T any, W worker](ctx context.Context, j job, begin func() W, list func(found func(T) error) error, read func(W, T) error) (outcome, error) {
	c := startClock()
	works, err := spread(ctx, j.InFlight, list, begin, read)
	if err != nil {
		return outcome{}, err
	}
	var out outcome
	sum := tally{}
	for _, w := range works {
		w := w.work()
		sum.merge(w.tally)
		out.Objects += w.objects
		out.Stored += w.stored
		out.Decompressed += w.decompressed
	}
	out.Totals = sum.totals()
	c.stop(&out)
	return out, nil
}

// spread has n goroutines work on what list finds, each with a state of its own,
// and returns these. One goroutine does the work where it is found.
func spread[T, W any](ctx context.Context, n int, list func(found func(T) error) error, begin func() W, work func(W, T) error) ([]W, error) {
	if n <= 1 {
		w := begin()
		return []W{w}, list(func(v T) error { return work(w, v) })
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan T, n)
	var all []W
	var running sync.WaitGroup
	for range n {
		w := begin()
		all = append(all, w)
		running.Go(func() {
			for v := range queue {
				if ctx.Err() != nil {
					continue
				}
				if err := work(w, v); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := list(func(v T) error {
		select {
		case queue <- v:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(queue)
	running.Wait()
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return all, err
}

// handPipe decodes objects that another command writes to standard input, one
// gzip member after the other.
func handPipe(context.Context, job) (outcome, error) {
	c := startClock()
	zr, err := gzip.NewReader(os.Stdin)
	if err != nil {
		return outcome{}, err
	}
	w := newHandWork()
	for d := json.NewDecoder(zr); ; w.objects++ {
		var doc handDocument
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return outcome{}, err
		}
		w.count(doc.Records)
	}
	out := outcome{Totals: w.tally.totals(), Objects: w.objects}
	c.stop(&out)
	return out, nil
}
