package testutil

import (
	"bytes"
	"log"
	"os"
	"path/filepath"
	"testing"
)

// RunExample returns what an example prints, and what it logs with package log. No other
// test may print or log meanwhile.
func RunExample(t testing.TB, example func()) (printed, logged string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var errs bytes.Buffer
	func() {
		stdout, stderr := os.Stdout, log.Writer()
		defer func() {
			os.Stdout = stdout
			log.SetOutput(stderr)
		}()
		os.Stdout = file
		log.SetOutput(&errs)
		example()
	}()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), errs.String()
}
