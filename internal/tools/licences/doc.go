// Licences checks the licences of everything that the project's modules need, those of
// its tests and tools too, against the list in policy.go:
//
//	go -C internal/tools run ./licences
//
// It finds every go.mod and every package-lock.json of the project. Of a Go module it
// reads the licence files, of an npm package what its author says in the lock file. The
// peers of the benchmark are hundreds of megabytes of modules, which -peers adds.
package main
