package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// failures are the errors of a scan.
type failures struct {
	count int
	shown []error
	fatal error // the last one that concerns more than one object
}

const maxShown = 25

func (f *failures) add(err error) {
	f.count++
	if len(f.shown) < maxShown {
		f.shown = append(f.shown, err)
	}
	// A listing that failed does not end the scan, but without a whole partition a report is
	// not to look complete.
	var object *qlogs.ObjectError
	if !errors.As(err, &object) {
		f.fatal = err
	}
}

func (f *failures) print(w io.Writer) {
	fmt.Fprintf(w, "\n%d errors\n", f.count)
	for _, err := range f.shown {
		fmt.Fprintln(w, " ", err)
	}
	if more := f.count - len(f.shown); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

func printStats(w io.Writer, s qlogs.Stats, took time.Duration) {
	fmt.Fprintf(w, "\n%d partitions, %d objects listed: %d read, %d failed, %d skipped (%d probes, %d folders, %d reports, %d empty, %d foreign)\n",
		s.Partitions, s.Listed, s.Read, s.Failed, s.Skipped.Total(),
		s.Skipped.Probe, s.Skipped.Folder, s.Skipped.Report, s.Skipped.Empty, s.Skipped.Foreign)
	fmt.Fprintf(w, "%d records seen: %d read, %d out of the time range, %d damaged\n",
		s.RecordsSeen, s.RecordsYielded, s.RecordsFiltered, s.RecordsFailed)
	if s.RecordsDrifted > 0 {
		fmt.Fprintf(w, "%d of the records read have fields of another form than known, which are left out\n", s.RecordsDrifted)
	}
	fmt.Fprintf(w, "%d bytes stored, %d decompressed, in %.2f seconds\n", s.BytesStored, s.BytesDecompressed, took.Seconds())
}

// showProgress keeps a line on w if that is a terminal. The result ends it.
func showProgress(scan *qlogs.Scan, w io.Writer) (stop func()) {
	if !isTerminal(w) {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second / 4)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s := scan.Stats()
				fmt.Fprintf(w, "\r%d objects listed, %d read, %d records", s.Listed, s.Read, s.RecordsYielded)
			case <-quit:
				fmt.Fprint(w, "\r\x1b[K")
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
