package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"
)

// job is what the process of a contender is told to do.
type job struct {
	Do       string `json:"do"`
	Root     string `json:"root,omitempty"`     // directory of objects
	Endpoint string `json:"endpoint,omitempty"` // URL of an S3 server
	Bucket   string `json:"bucket,omitempty"`
	Prefix   string `json:"prefix,omitempty"`
	Client   string `json:"client,omitempty"`   // which s3.Client, see newClient
	List     string `json:"list,omitempty"`     // file of what to read
	InFlight int    `json:"inFlight,omitempty"` // requests, or goroutines
	Lists    int    `json:"lists,omitempty"`    // requests for listings; qlogs' own number if it is 0
	Count    int    `json:"count,omitempty"`    // how much of it
}

// outcome is what it prints when it is done, as one line of JSON.
type outcome struct {
	// Totals are nil for jobs that do not look into the objects.
	Totals *totals `json:"totals,omitempty"`

	Objects      int64 `json:"objects"`
	Stored       int64 `json:"stored,omitempty"`       // bytes of bodies
	Decompressed int64 `json:"decompressed,omitempty"` // bytes

	// Wall and CPU are the seconds of the job alone, without the start of the
	// process and without what it had to load before.
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`

	// Peak is the most memory that the process had, in bytes; 0 if it does not know.
	Peak int64 `json:"peak"`

	// Mallocs is how often the job allocated.
	Mallocs uint64 `json:"mallocs"`

	// Extra are figures of single jobs, by name.
	Extra map[string]float64 `json:"extra,omitempty"`
}

// child is the whole of a process that the benchmark started as itself.
func child(ctx context.Context, kind, arg string) error {
	switch kind {
	case "@contend":
		return contend(ctx, arg)
	case "@data":
		return decodeAnd(arg, writeData)
	case "@upload":
		return decodeAnd(arg, func(j job) error { return upload(ctx, j) })
	case "@proxy":
		return decodeAnd(arg, func(p proxySpec) error { return serve(ctx, p.handler) })
	case "@list":
		return decodeAnd(arg, func(l listSpec) error { return serve(ctx, l.handler) })
	}
	return fmt.Errorf("%q is no kind of process: these are the benchmark's own, see -help for what can be run by hand", kind)
}

func decodeAnd[T any](arg string, do func(T) error) error {
	var v T
	if err := json.Unmarshal([]byte(arg), &v); err != nil {
		return fmt.Errorf("argument of a process: %w", err)
	}
	return do(v)
}

func contend(ctx context.Context, arg string) error {
	return decodeAnd(arg, func(j job) error {
		do, ok := jobs()[j.Do]
		if !ok {
			return fmt.Errorf("no contender does %q", j.Do)
		}
		out, err := do(ctx, j)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Do, err)
		}
		out.Peak = peakMemory()
		return json.NewEncoder(os.Stdout).Encode(out)
	})
}

func jobs() map[string]func(context.Context, job) (outcome, error) {
	return map[string]func(context.Context, job) (outcome, error){
		"scan-dir":  scanDir,
		"scan-s3":   scanS3,
		"scan-held": scanHeld,
		"scan-made": scanMadeUp,
		"read":      readOrdered,
		"read-each": readUnordered,
		"objects":   listObjects,
		"poll":      poll,
		"retain":    retain,
		"hand-dir":  handDir,
		"hand-s3":   handS3,
		"hand-keep": handRetain,
		"hand-pipe": handPipe,
		"files":     filesAlone,
		"parts":     partsAlone,
		"needed":    partsNeeded,
		"get-sdk":   getSDK,
		"get-raw":   getRaw,
		"list-sdk":  listSDK,
		"gunzip":    gunzip,
	}
}

// clock times a job within its process.
type clock struct {
	wall    time.Time
	cpu     time.Duration
	mallocs uint64
}

func startClock() clock { return clock{time.Now(), ownCPU(), mallocs()} }

// stop writes what passed since the start into out.
func (c clock) stop(out *outcome) {
	out.Wall = time.Since(c.wall).Seconds()
	out.CPU = (ownCPU() - c.cpu).Seconds()
	out.Mallocs = mallocs() - c.mallocs
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
