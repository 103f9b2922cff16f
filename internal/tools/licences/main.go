package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "licences: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	flags := flag.NewFlagSet("licences", flag.ContinueOnError)
	root := flags.String("root", filepath.Join("..", ".."), "the project's `folder`")
	withPeers := flags.Bool("peers", false, "look at the peers of the benchmark too, which downloads them")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	files, err := find(os.DirFS(*root))
	if err != nil {
		return err
	}
	seen, count := map[string]bool{}, map[string]int{}
	var errs []error
	for _, file := range files {
		dir := path.Dir(file)
		if path.Base(file) == "go.mod" && !*withPeers && slices.Contains(peers, dir) {
			fmt.Fprintf(w, "%s: not looked at, see -peers\n", dir)
			continue
		}
		look, at := npmPackages, filepath.Join(*root, filepath.FromSlash(file))
		if path.Base(file) == "go.mod" {
			look, at = modules, filepath.Dir(at)
		}
		deps, err := look(at)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
		for _, dep := range deps {
			errs = append(errs, check(dep, dir))
			if id := dep.name + "@" + dep.version; !seen[id] {
				seen[id] = true
				count[strings.Join(dep.licences, " and ")]++
			}
		}
	}
	var counts []string
	for _, licences := range slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	}) {
		counts = append(counts, fmt.Sprintf("%d %s", count[licences], licences))
	}
	fmt.Fprintf(w, "%d modules and packages: %s\n", len(seen), strings.Join(counts, ", "))
	return errors.Join(errs...)
}

// find returns every go.mod and package-lock.json of the project.
func find(root fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		switch {
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules"):
			return fs.SkipDir
		case base == "go.mod", base == "package-lock.json":
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// check returns an error if dep has a licence that what lies in dir must not need.
func check(dep dependency, dir string) error {
	for _, licence := range dep.licences {
		if slices.Contains(allowed, licence) {
			continue
		}
		if strings.HasPrefix(dir, "internal/") && slices.Contains(allowedInside, licence) {
			continue
		}
		if slices.Contains(peers, dir) && slices.Contains(allowedPeers, licence) {
			continue
		}
		return fmt.Errorf("%s needs %s %s, which is under %s: that is not on the list in internal/tools/licences/policy.go, so do without it", dir, dep.name, dep.version, licence)
	}
	return nil
}
