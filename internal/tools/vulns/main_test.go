package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// database writes a database in which every version of html.EscapeString is vulnerable.
func database(t *testing.T) (address string) {
	t.Helper()
	return "file://" + filepath.ToSlash(write(t, map[string]string{
		"index/db.json":      `{"modified": "2026-01-02T15:04:05Z"}`,
		"index/modules.json": `[{"path": "stdlib", "vulns": [{"id": "GO-2026-9999", "modified": "2026-01-02T15:04:05Z"}]}]`,
		"index/vulns.json":   `[{"id": "GO-2026-9999", "modified": "2026-01-02T15:04:05Z"}]`,
		"ID/GO-2026-9999.json": `{
			"schema_version": "1.3.1", "id": "GO-2026-9999",
			"published": "2026-01-02T15:04:05Z", "modified": "2026-01-02T15:04:05Z",
			"database_specific": {"url": "https://example.com/GO-2026-9999"},
			"summary": "An invented one", "details": "An invented one.",
			"affected": [{
				"package": {"name": "stdlib", "ecosystem": "Go"},
				"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
				"ecosystem_specific": {"imports": [{"path": "html", "symbols": ["EscapeString"]}]}
			}]}`,
	}))
}

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func module(t *testing.T, function string) (dir string) {
	t.Helper()
	return write(t, map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport \"html\"\n\nfunc main() { println(html." + function + "(\"\")) }\n",
	})
}

func TestRun(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	refuses := httptest.NewServer(http.NotFoundHandler())
	defer refuses.Close()
	db, good, bad := database(t), module(t, "UnescapeString"), module(t, "EscapeString")
	const notRun = "govulncheck was not run: the database of vulnerabilities cannot be reached: "
	for _, tt := range []struct {
		name string
		args []string
		want string // in what it prints
		err  string // "" for none
	}{
		{"nothing found", []string{"-db", db, good}, "No vulnerabilities found.", ""},
		{"found, and others looked at", []string{"-db", db, bad, good}, "No vulnerabilities found.", bad + ": vulnerabilities found"},
		{"no module there", []string{"-db", db, t.TempDir()}, "-- ", "no go.mod file"},
		{"no server", []string{"-db", gone.URL, bad}, notRun, ""},
		{"another server", []string{"-db", refuses.URL, bad}, notRun + "404 Not Found\n", ""},
		{"no module", []string{"-db", db}, "", "no module is given"},
	} {
		var out bytes.Buffer
		err := run(t.Context(), tt.args, &out)
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: run = %v, want %q; it printed\n%s", tt.name, err, tt.err, &out)
		}
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: run printed\n%s\nwant in it %q", tt.name, &out, tt.want)
		}
		if strings.HasPrefix(out.String(), notRun) && strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%s: run printed\n%s\nwant one line", tt.name, &out)
		}
	}
}
