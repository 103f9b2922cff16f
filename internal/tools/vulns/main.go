// Vulns runs govulncheck over modules, the folders that it is given, where the database
// of vulnerabilities can be reached:
//
//	go -C internal/tools run ./vulns "$PWD" "$PWD/examples/lambda"
//
// A vulnerability that the code of a module can come to is an error. That the database
// cannot be reached is none: it is said in one line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/vuln/scan"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vulns:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("vulns", flag.ContinueOnError)
	db := flags.String("db", "https://vuln.go.dev", "the `address` of the database")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("no module is given")
	}
	notReached := func(err error) error {
		fmt.Fprintf(w, "govulncheck was not run: the database of vulnerabilities cannot be reached: %v\n", err)
		return nil
	}
	if err := reach(ctx, *db); err != nil {
		return notReached(err)
	}
	var errs []error
	for _, dir := range flags.Args() {
		fmt.Fprintf(w, "-- %s\n", dir)
		cmd := scan.Command(ctx, "-C", dir, "-db", *db, "./...")
		cmd.Stdout, cmd.Stderr = w, w
		err := cmd.Start()
		if err == nil {
			err = cmd.Wait()
		}
		if err == nil {
			continue
		}
		// It may have gone away meanwhile.
		if err := reach(ctx, *db); err != nil && len(errs) == 0 {
			return notReached(err)
		}
		errs = append(errs, fmt.Errorf("%s: %w", dir, err))
	}
	return errors.Join(errs...)
}

// reach returns an error if the database does not answer within ten seconds.
func reach(ctx context.Context, db string) error {
	if !strings.HasPrefix(db, "http") {
		return nil // a folder
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, db+"/index/db.json", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
