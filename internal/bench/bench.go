package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/versitygw"
)

// bench is one run of the benchmark: what its settings share.
type bench struct {
	config
	module string // directory of this module
	self   string // this program
	work   string // directory of the data
	keep   bool   // work was given
	peers  map[string]peer
	begin  time.Time

	servers []interface{ Stop() }
	gateway *versitygw.Server
}

func newBench(c config, module string) (*bench, error) {
	b := &bench{config: c, module: module, work: c.dir, keep: c.dir != "", begin: time.Now()}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("this program cannot start itself: %w", err)
	}
	if b.keep {
		if b.work, err = filepath.Abs(b.work); err != nil {
			return nil, err
		}
		err = os.MkdirAll(b.work, 0o755)
	} else {
		b.work, err = os.MkdirTemp("", "qlogs-bench-")
	}
	if err != nil {
		return nil, fmt.Errorf("no directory for the data, name one with -dir: %w", err)
	}
	b.peers = findPeers(c.peers, module)
	return b, nil
}

// close ends the servers and removes the data.
func (b *bench) close() error {
	for _, s := range b.servers {
		s.Stop()
	}
	if b.keep {
		return nil
	}
	return os.RemoveAll(b.work)
}

// say tells how far the run has come.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%7.1fs  %s\n", time.Since(b.begin).Seconds(), fmt.Sprintf(format, args...))
}

// moduleDir finds the directory of this module: that of this file or, if the
// program was built with -trimpath, the working directory's.
func moduleDir() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Dir(file), nil
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the benchmark's module, run it with go -C internal/bench run . : %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// data returns data of that kind, which it makes unless it is there already.
func (b *bench) data(ctx context.Context, kind string, n int64) (dataset, error) {
	spec := dataSpec{Kind: kind, N: n, Dir: filepath.Join(b.work, fmt.Sprintf("%s-%d", kind, n))}
	d, err := loadData(spec)
	if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	b.say("writing data: %s, %d", kind, n)
	if err := os.RemoveAll(spec.Dir); err != nil { // what a run that was stopped left
		return d, err
	}
	if err := b.helper(ctx, "@data", writeArg{Spec: spec, Dir: spec.Dir}); err != nil {
		return d, err
	}
	return loadData(spec)
}

// helper runs a process of the benchmark's own that is not measured.
func (b *bench) helper(ctx context.Context, kind string, arg any) error {
	_, err := b.process(ctx, b.self, []string{kind, encode(arg)}, nil)
	return err
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the benchmark's own types can be encoded
	}
	return string(text)
}

// processTimeout is how long one process may take.
const processTimeout = 15 * time.Minute

// measured is what one process did and cost.
type measured struct {
	stdout []byte
	wall   time.Duration
	cpu    time.Duration // user and system, of the process and those it waited for
	peak   int64         // bytes
}

func (b *bench) process(ctx context.Context, name string, args, env []string) (measured, error) {
	ctx, cancel := context.WithTimeout(ctx, processTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(environment(), env...)
	cmd.WaitDelay = startTimeout
	endTogether(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	err := cmd.Run()
	m := measured{stdout: stdout.Bytes(), wall: time.Since(begin)}
	if ctx.Err() != nil {
		return m, fmt.Errorf("%s: %w", filepath.Base(name), context.Cause(ctx))
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w: %s", filepath.Base(name), err, last(stderr.Bytes(), 2000))
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	m.peak = peakOf(cmd.ProcessState)
	return m, nil
}

func last(text []byte, n int) []byte {
	text = bytes.TrimSpace(text)
	return text[max(0, len(text)-n):]
}

// environment is this process's, without what would change how contenders run.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch {
		case strings.HasPrefix(name, "AWS_"):
		case name == "GOGC" || name == "GOMEMLIMIT" || name == "GOMAXPROCS" || name == "GODEBUG":
		default:
			env = append(env, e)
		}
	}
	return append(env, "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true")
}
