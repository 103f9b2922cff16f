package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A tester runs tests on faults.
type tester struct {
	root   string
	stages []stage
}

// A verdict is what the tests say of a fault.
type verdict int

const (
	lives verdict = iota
	caught
	notCompiled
)

// mostMemory bounds the data of each process, in KiB: a fault may append for ever.
const mostMemory = 6 << 20

// with runs the stages with a fault. by is the test that has noticed it.
func (t *tester) with(ctx context.Context, f *fault) (v verdict, by string, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(dir)
	name, err := filepath.Abs(filepath.Join(t.root, filepath.FromSlash(f.file)))
	if err != nil {
		return 0, "", err
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return 0, "", err
	}
	faulty, overlay := filepath.Join(dir, "faulty.go"), filepath.Join(dir, "overlay.json")
	table, err := json.Marshal(map[string]any{"Replace": map[string]string{name: faulty}})
	if err == nil {
		err = errors.Join(os.WriteFile(faulty, f.apply(src), 0o600), os.WriteFile(overlay, table, 0o600))
	}
	if err != nil {
		return 0, "", err
	}
	for _, s := range t.stages {
		if v, by, err = t.stage(ctx, s, f.pkg, f.kind == lostLock, "-overlay", overlay); v != lives || err != nil {
			return v, by, err
		}
	}
	return lives, "", nil
}

// without runs the stages that the faults need, with none of them.
func (t *tester) without(ctx context.Context, faults []*fault) error {
	type run struct {
		stage
		of   string
		race bool
	}
	done := map[run]bool{}
	for _, s := range t.stages {
		for _, f := range faults {
			r := run{s, f.pkg, f.kind == lostLock}
			if done[r] {
				continue
			}
			done[r] = true
			v, by, err := t.stage(ctx, r.stage, r.of, r.race)
			if err == nil && v != lives {
				err = fmt.Errorf("the tests fail without a fault: %s", by)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// stage runs one stage. A test has noticed if it fails again by itself: some measure time, which
// other programs take too.
func (t *tester) stage(ctx context.Context, s stage, pkg string, race bool, flags ...string) (v verdict, by string, err error) {
	if s.pkg != "" {
		pkg = s.pkg
	}
	// The detector makes tests slow, and maps far more memory than it uses.
	race = race && s.pkg == ""
	timeout, memory := s.timeout, strconv.Itoa(mostMemory)
	if race {
		flags = append(flags, "-race")
		timeout, memory = 5*timeout, "unlimited"
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "tests")
	out, err := t.output(ctx, t.root, slices.Concat([]string{"go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-o", binary}, flags, []string{"./" + pkg})...)
	if err != nil || out != nil {
		return notCompiled, oneLine(string(out)), err
	}
	test := func(flags ...string) (verdict, string, error) {
		args := []string{"sh", "-c", alone, memory, binary, "-test.failfast", "-test.timeout", timeout.String()}
		out, err := t.output(ctx, filepath.Join(t.root, filepath.FromSlash(pkg)), append(args, flags...)...)
		if err != nil || out == nil {
			return lives, "", err
		}
		return caught, reason(string(out)), nil
	}
	var skipped []string
	for {
		v, by, err := test("-test.run", s.run, "-test.skip", "^("+strings.Join(skipped, "|")+")$")
		if err != nil || v != caught || !strings.HasPrefix(by, "Test") {
			return v, by, err
		}
		if again, _, err := test("-test.count", "2", "-test.run", "^"+by+"$"); err != nil || again == caught {
			return again, by, err
		}
		skipped = append(skipped, by)
	}
}

// alone runs a program with a bound on its memory, and ends what it leaves behind: tests that
// time out may have started others.
const alone = `ulimit -d "$0" && set -m || exit
"$@" &
trap 'kill -9 -- -$!' INT
wait $!
code=$?
kill -9 -- -$! 2>/dev/null
exit $code`

// output returns what a program that fails prints, and nil for one that does not.
func (t *tester) output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.WaitDelay = dir, time.Minute
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &failed):
		return append(out, '\n'), nil
	}
	return nil, err
}

var reasons = []*regexp.Regexp{
	regexp.MustCompile(`panic: test timed out after \S+`),
	regexp.MustCompile(`(?m)^--- FAIL: (\S+)`),
	regexp.MustCompile(`WARNING: DATA RACE`),
	regexp.MustCompile(`(?m)^(?:fatal error|panic): .*`),
}

// reason returns why tests failed: the name of the first one, as a rule.
func reason(out string) string {
	for _, reason := range reasons {
		if m := reason.FindStringSubmatch(out); m != nil {
			return m[len(m)-1]
		}
	}
	return oneLine(out)
}
