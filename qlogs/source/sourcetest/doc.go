// Package sourcetest helps to test programs that read from a Source, and sources.
//
// A [Memory] is a source that keeps its objects in memory. Its latency makes time pass
// where a store would take time, its [Hooks] make requests fail, wait or lie, and its
// calls tell what it was asked. [Wrap] puts the same hooks around any other source. Both
// work in a bubble of package testing/synctest.
//
// [Test] holds a source of your own to the contract of Source.
package sourcetest
