package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// machine is what figures depend on.
type machine struct {
	cpu, memory, system, load string
	cores                     int
	modules                   []string // with their versions
}

func inspect(ctx context.Context, module string) machine {
	m := machine{
		cpu:    field("/proc/cpuinfo", "model name"),
		memory: memory(field("/proc/meminfo", "MemTotal")),
		load:   firstLine("/proc/loadavg"),
		system: strings.TrimSpace(runtime.GOOS + "/" + runtime.GOARCH + " " + firstLine("/proc/sys/kernel/osrelease")),
		cores:  runtime.NumCPU(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			name := strings.TrimPrefix(d.Path, "github.com/")
			if slices.Contains([]string{"aws/aws-sdk-go-v2", "aws/aws-sdk-go-v2/service/s3", "klauspost/compress", "goccy/go-json"}, name) {
				m.modules = append(m.modules, name+" "+d.Version)
			}
		}
	}
	cmd := exec.CommandContext(ctx, "go", "-C", filepath.Join(module, "..", "s3server"), "list", "-m", "github.com/versity/versitygw")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.Output(); err == nil {
		m.modules = append(m.modules, strings.TrimPrefix(strings.TrimSpace(string(out)), "github.com/"))
	}
	cmd = exec.CommandContext(ctx, "git", "-C", module, "describe", "--always", "--dirty", "--abbrev=12")
	if out, err := cmd.Output(); err == nil {
		m.modules = append(m.modules, "qlogs at "+strings.TrimSpace(string(out)))
	}
	return m
}

// memory makes GiB of what the system tells in kB.
func memory(text string) string {
	kib, err := strconv.ParseFloat(strings.TrimSuffix(text, " kB"), 64)
	if err != nil {
		return text
	}
	return number(kib/(1<<20)) + " GiB"
}

// field returns the first value of a name in a file of "name : value" lines.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if left, right, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(left) == name {
			return strings.TrimSpace(right)
		}
	}
	return "unknown"
}

func firstLine(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
