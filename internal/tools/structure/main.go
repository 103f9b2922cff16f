package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(limits, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "structure:", err)
		os.Exit(1)
	}
}

func run(table Table, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("structure", flag.ContinueOnError)
	root := flags.String("root", filepath.Join("..", ".."), "the project's `folder`")
	print := flags.Bool("print", false, "print a table of all packages")
	arrows := flags.String("arrows", "", "print the arrows of a `package`, such as qlogs/record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	var pkgs []*Package
	links := map[string]int{}
	for _, dir := range table.Dirs {
		dir := filepath.Join(*root, filepath.FromSlash(dir))
		found, err := load(table.Module, dir)
		if err != nil {
			return err
		}
		pkgs = append(pkgs, found...)
		if *print {
			if err := linked(table.Module, dir, links); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(pkgs, func(a, b *Package) int { return strings.Compare(a.Name, b.Name) })

	if *print {
		printTable(w, pkgs, links)
	}
	if *arrows != "" {
		i := slices.IndexFunc(pkgs, func(p *Package) bool { return p.Name == *arrows })
		if i < 0 {
			return fmt.Errorf("there is no package %q", *arrows)
		}
		printArrows(w, pkgs[i])
	}
	failures, notes := table.check(pkgs)
	for _, note := range notes {
		fmt.Fprintln(w, note)
	}
	if len(failures) > 0 {
		return errors.New(strings.Join(failures, "\n"))
	}
	return nil
}

// linked puts into links how many packages each package below dir links, itself and
// those of the standard library among them: the lines of go list -deps.
func linked(module, dir string, links map[string]int) error {
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{len .Deps}}", "./...")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, environment(), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list in %s: %w", dir, err)
	}
	for line := range bytes.Lines(out) {
		var path string
		var deps int
		if _, err := fmt.Fscan(bytes.NewReader(line), &path, &deps); err != nil {
			return fmt.Errorf("go list in %s: %w", dir, err)
		}
		links[short(module, path)] = deps + 1
	}
	return nil
}
