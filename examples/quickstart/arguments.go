package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

type arguments struct {
	target   string // an S3 URI, a directory or a zip file; empty for the generated bucket
	endpoint string
	from, to time.Time
}

func parseArguments(args []string, stderr io.Writer) (arguments, error) {
	var a arguments
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("from", "read records from this `time` on: 2026-07-01 or 2026-07-01T09:00:00Z", parseTime(&a.from))
	flags.Func("to", "read records before this `time`", parseTime(&a.to))
	flags.StringVar(&a.endpoint, "endpoint", "", "`URL` of an S3-compatible store, addressed by path")
	var targets []string
	for {
		err := flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "usage: quickstart [s3://bucket/prefix | directory | zip file] [flags]")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		if err != nil {
			return a, err
		}
		if flags.NArg() == 0 {
			break
		}
		targets = append(targets, flags.Arg(0))
		args = flags.Args()[1:] // flags may follow the target
	}
	if len(targets) > 1 {
		return a, fmt.Errorf("one s3://bucket/prefix, directory or zip file, please, not %d: %q", len(targets), targets)
	}
	if len(targets) == 1 {
		a.target = targets[0]
	}
	return a, nil
}

func parseTime(t *time.Time) func(string) error {
	return func(s string) error {
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			parsed, err := time.Parse(layout, s)
			if err == nil {
				*t = parsed.UTC()
				return nil
			}
		}
		return errors.New("give a date such as 2026-07-01, which starts at 00:00 UTC, or a time such as 2026-07-01T09:00:00Z")
	}
}

// span says in words which time is read.
func (a arguments) span() string {
	s := ""
	if !a.from.IsZero() {
		s += ", from " + a.from.Format(time.RFC3339)
	}
	if !a.to.IsZero() {
		s += ", to " + a.to.Format(time.RFC3339)
	}
	return s
}
