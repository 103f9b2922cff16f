package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && strings.HasPrefix(os.Args[1], "@") {
		if err := child(ctx, os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run runs the settings and writes the report.
func run(ctx context.Context, args []string) (err error) {
	c, err := parse(args)
	if err != nil {
		return err
	}
	module, err := moduleDir()
	if err != nil {
		return err
	}
	if c.install {
		if err := installPeers(ctx, module); err != nil {
			return err
		}
	}
	b, err := newBench(c, module)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	report := report{config: c, args: args, begin: time.Now(), machine: inspect(ctx, module)}
	for _, n := range c.only {
		s, err := allSettings()[n-1](ctx, b)
		if err != nil {
			return fmt.Errorf("setting %d: %w", n, err)
		}
		report.settings = append(report.settings, s)
	}
	report.peers = b.peers
	report.took = time.Since(report.begin)
	text := report.markdown()
	fmt.Print(text)
	if c.out == "" {
		return nil
	}
	if err := os.WriteFile(c.out, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the table, which is printed above: %w", err)
	}
	abs, _ := filepath.Abs(c.out)
	b.say("written to %s", abs)
	return nil
}

// allSettings are the settings, from number 1 on.
func allSettings() []func(context.Context, *bench) (*setting, error) {
	return []func(context.Context, *bench) (*setting, error){directory, bucket, latency, oneLarge, listing, largeRecords, madeUpBucket, manyPartitions}
}
