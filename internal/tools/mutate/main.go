package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

// wanted is how many of 100 faults that compile the tests have to notice.
const wanted = 95

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, packages, stages, explained, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, packages []string, stages []stage, explained []explanation, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	root := flags.String("root", filepath.Join("..", ".."), "the project's `folder`")
	n := flags.Int("n", 150, "how `many` faults that compile are tried")
	seed := flags.Uint64("seed", 1, "chooses the faults")
	at := flags.String("at", "", "try all faults of a `file:line`, and no others")
	own := flags.Bool("own", false, "run the tests of the package with the fault alone, which is faster")
	trust := flags.Bool("trust", false, "do not run the tests without a fault first")
	list := flags.Bool("list", false, "print the possible faults in the order of the seed, and try none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	faults, err := find(*root, packages)
	if err != nil {
		return err
	}
	if err := stale(explained, faults); err != nil {
		return err
	}
	if *at != "" {
		faults = slices.DeleteFunc(faults, func(f *fault) bool { return fmt.Sprintf("%s:%d", f.file, f.line) != *at })
		if *n = len(faults); *n == 0 {
			return fmt.Errorf("no fault is possible at %s", *at)
		}
	}
	faults = order(faults, *seed)
	if *list {
		for _, f := range faults {
			fmt.Fprintln(w, f)
		}
		return nil
	}
	t := tester{*root, stages}
	if *own {
		t.stages = stages[:1]
	}
	began := time.Now()
	if !*trust {
		if err := t.without(ctx, faults); err != nil {
			return err
		}
		fmt.Fprintf(w, "the tests pass without a fault, in %s\n", time.Since(began).Round(time.Second))
	}
	var c census
	for _, f := range faults {
		if c.compiled() == *n {
			break
		}
		v, by, err := t.with(ctx, f)
		if err != nil {
			return err
		}
		why := explain(explained, f)
		fmt.Fprintln(w, c.add(v, f, by, why))
	}
	fmt.Fprintf(w, "seed %d, in %s: %s\n", *seed, time.Since(began).Round(time.Second), c)
	return c.judge()
}

// A census counts verdicts.
type census struct {
	caught, notCompiled, explained, unexplained int
	known                                       []*fault // explained, and caught all the same
}

func (c *census) compiled() int { return c.caught + c.explained + c.unexplained }

// add counts a verdict and returns its line.
func (c *census) add(v verdict, f *fault, by, why string) string {
	switch {
	case v == notCompiled:
		c.notCompiled++
		return fmt.Sprintf("not compiled  %s", f)
	case v == caught:
		c.caught++
		if why != "" {
			c.known = append(c.known, f)
		}
		return fmt.Sprintf("caught        %s: by %s", f, by)
	case why != "":
		c.explained++
		return fmt.Sprintf("explained     %s: %s", f, why)
	}
	c.unexplained++
	return fmt.Sprintf("LIVES         %s", f)
}

func (c census) String() string {
	return fmt.Sprintf("%d faults: %d caught, %d live and are explained, %d live and are not; %d more did not compile",
		c.compiled(), c.caught, c.explained, c.unexplained, c.notCompiled)
}

func (c census) judge() error {
	var errs []error
	if c.unexplained > 0 {
		errs = append(errs, fmt.Errorf("%d faults live: write a test that notices them, or say in explained.go why none can", c.unexplained))
	}
	if c.caught*100 < c.compiled()*wanted {
		errs = append(errs, fmt.Errorf("%d of %d faults are caught, which is less than %d %%", c.caught, c.compiled(), wanted))
	}
	for _, f := range c.known {
		errs = append(errs, fmt.Errorf("%s: it is caught: take it out of explained.go", f))
	}
	return errors.Join(errs...)
}
