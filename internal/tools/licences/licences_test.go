package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
	isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`
	mpl = `This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.
`
	gpl = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
`
)

func TestLicencesOf(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
		err   string // "" for none
	}{
		{"one", map[string]string{"LICENSE": mit, "main.go": gpl}, []string{"MIT"}, ""},
		{"two files", map[string]string{"LICENSE.md": mit, "COPYING": isc}, []string{"ISC", "MIT"}, ""},
		{"one file of two", map[string]string{"licence.txt": mit + "\n" + isc}, []string{"ISC", "MIT"}, ""},
		{"by a suffix", map[string]string{"LICENSE-MIT": mit, "LICENSE.ISC": isc}, []string{"ISC", "MIT"}, ""},
		{"of a folder", map[string]string{"LICENSE": mit, "third/MIT-LICENSE": gpl}, []string{"GPL-3.0-or-later", "MIT"}, ""},
		{"of test data", map[string]string{"LICENSE": mit, "testdata/LICENSE": gpl, "vendor/v/LICENSE": gpl}, []string{"MIT"}, ""},
		{"a program", map[string]string{"LICENSE": mit, "license.go": gpl, ".github/license.yml": gpl}, []string{"MIT"}, ""},
		{"none", map[string]string{"README": mit}, nil, "example.com/m: has no licence"},
		{"none but of a folder", map[string]string{"third/LICENSE": mit}, []string{"MIT"}, "example.com/m: has no licence"},
		{"unknown", map[string]string{"LICENSE": "Ask before you use it."}, nil, "LICENSE is no licence that is known"},
		{"unknown beside a known one", map[string]string{"LICENSE": mit, "LICENSE-2": "Ask before."}, []string{"MIT"}, "LICENSE-2 is no licence that is known"},
		{"known in part", map[string]string{"LICENSE": isc + strings.Repeat("And never on Sundays. ", 60)}, nil, "no licence that is known"},
	} {
		files := fstest.MapFS{}
		for name, text := range tt.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		got, err := licencesOf("example.com/m", files)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: licencesOf = %q, want %q", tt.name, got, tt.want)
		}
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: licencesOf: %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		licences string
		dir      string
		ok       bool
	}{
		{"MIT", ".", true},
		{"MIT Apache-2.0", "examples/lambda", true},
		{"MPL-2.0", "internal/s3server", true},
		{"MPL-2.0", ".", false},
		{"MPL-2.0", "examples/lambda", false},
		{"LGPL-3.0", "internal/s3server", false},
		{"LGPL-3.0 MPL-2.0", "internal/bench/rclone", true},
		{"GPL-3.0-or-later", "internal/bench/rclone", false},
		{"MIT GPL-3.0-or-later", ".", false},
	} {
		err := check(dependency{"m", "v1.0.0", strings.Fields(tt.licences)}, tt.dir)
		if (err == nil) != tt.ok {
			t.Errorf("check(%q in %q) = %v, want ok: %v", tt.licences, tt.dir, err, tt.ok)
		}
	}
}

func TestRun(t *testing.T) {
	const lock = `{"packages": {
		"": {"name": "own", "license": "GPL-3.0-or-later"},
		"node_modules/a": {"version": "1.0.0", "license": "MIT"},
		"node_modules/a/node_modules/@b/c": {"version": "2.0.0", "license": %q}}}`
	for _, tt := range []struct {
		name    string
		licence string
		want    string
		err     string // "" for none
	}{
		{"allowed", "ISC", "2 modules and packages: 1 ISC, 1 MIT\n", ""},
		{"not allowed", "GPL-2.0", "2 modules and packages: 1 GPL-2.0, 1 MIT\n", "internal/server needs @b/c 2.0.0, which is under GPL-2.0"},
		{"none", "", "0 modules and packages: \n", "@b/c has no licence"},
	} {
		root := t.TempDir()
		for name, text := range map[string]string{
			"go.mod":                                "module example.com/m\n",
			"internal/server/package-lock.json":     strings.Replace(lock, "%q", `"`+tt.licence+`"`, 1),
			"internal/node_modules/go.mod":          "no module",
			".peers/package-lock.json":              "no JSON",
			"internal/testdata/package-lock.json":   "no JSON",
			"internal/bench/duckdb/go.mod":          "no module",
			"internal/bench/duckdb/not-go.mod.json": "",
		} {
			file := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		err := run([]string{"-root", root}, &out)
		if want := "internal/bench/duckdb: not looked at, see -peers\n" + tt.want; out.String() != want {
			t.Errorf("%s: run printed %q, want %q", tt.name, &out, want)
		}
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: run = %v, want %q", tt.name, err, tt.err)
		}
	}
}
