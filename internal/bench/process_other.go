//go:build !linux

package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

func dieWithParent() *syscall.SysProcAttr { return nil }

func endTogether(*exec.Cmd) {}

func peakOf(*os.ProcessState) int64 { return 0 }

func peakMemory() int64 { return 0 }

func residentMemory() int64 { return 0 }

func ownCPU() time.Duration { return 0 }
