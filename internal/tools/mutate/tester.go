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
	if s.run != "" {
		flags = append(flags, "-run", s.run)
	}
	flags = append(flags, "-vet=off", "-failfast", "-timeout", timeout.String())
	test := func(more ...string) (verdict, string, error) {
		args := slices.Concat([]string{"-c", `ulimit -d "$0" && exec go test "$@"`, memory}, flags, more, []string{"./" + pkg})
		cmd := exec.CommandContext(ctx, "sh", args...)
		cmd.Dir, cmd.WaitDelay = t.root, time.Minute
		out, err := cmd.CombinedOutput()
		var failed *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return 0, "", context.Cause(ctx)
		case err != nil && !errors.As(err, &failed):
			return 0, "", err
		case err == nil:
			return lives, "", nil
		}
		v, by := judge(string(out))
		return v, by, nil
	}
	var skipped []string
	for {
		v, by, err = test("-skip", "^("+strings.Join(skipped, "|")+")$")
		if err != nil || v != caught || !strings.HasPrefix(by, "Test") {
			return v, by, err
		}
		if again, _, err := test("-count=2", "-run", "^"+by+"$"); err != nil || again == caught {
			return again, by, err
		}
		skipped = append(skipped, by)
	}
}

var (
	notBuilt = regexp.MustCompile(`\[(build|setup) failed\]`)
	reasons  = []*regexp.Regexp{
		regexp.MustCompile(`panic: test timed out after \S+`),
		regexp.MustCompile(`(?m)^--- FAIL: (\S+)`),
		regexp.MustCompile(`WARNING: DATA RACE`),
		regexp.MustCompile(`(?m)^(?:fatal error|panic): .*`),
	}
)

// judge says what the output of tests that failed means.
func judge(out string) (v verdict, by string) {
	if notBuilt.MatchString(out) {
		return notCompiled, ""
	}
	for _, reason := range reasons {
		if m := reason.FindStringSubmatch(out); m != nil {
			return caught, m[len(m)-1]
		}
	}
	return caught, strings.TrimSpace(oneLine(out))
}
