// Quickstart reads prompt logs and prints who used what, when and how much. It
// never prints what anybody wrote.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart s3://bucket/prefix --from 2026-07-01 --to 2026-08-01
//	go run ./examples/quickstart ./mirror
//	go run ./examples/quickstart logs.zip
//
// Without an argument it reads a small generated bucket, with some damaged
// objects, from a server in its own process. A bucket is read with the standard
// AWS credential chain; a directory, or a zip file, is a mirror of a bucket.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	a, err := parseArguments(args, stderr)
	if err != nil {
		return err
	}
	in, err := openInput(ctx, a)
	if err != nil {
		return err
	}
	defer in.close()
	fmt.Fprintf(stdout, "Reading %s%s\n\n", in.title, a.span())

	start := time.Now()
	scan := qlogs.New(in.source, nil).Scan(qlogs.Query{Prefix: in.prefix, From: a.from, To: a.to})
	stopProgress := showProgress(scan, stderr)
	users := table{}
	var failures failures
	for e, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			failures.add(err)
			break // what was read until then is reported first
		}
		if err != nil {
			failures.add(err)
			continue
		}
		users.add(e)
	}
	stopProgress()

	users.print(stdout)
	failures.print(stdout)
	printStats(stdout, scan.Stats(), time.Since(start))
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: the report covers what was read until then")
	case errors.Is(failures.fatal, qlogs.ErrNoLogs):
		return fmt.Errorf("no logs in %s: give the prefix, or the directory, in which AWSLogs/ lies: %w", in.title, failures.fatal)
	case failures.fatal != nil:
		return failures.fatal
	}
	return nil
}
