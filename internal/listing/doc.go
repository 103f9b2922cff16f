// Package listing finds what there is: it lists a source folder by folder and tells what
// it meets, in the bytewise order of keys. It knows no cursor and reads no object. Its
// caller decides what has to be read, and counts.
//
// # The plan
//
//	Walk.Sweep   search for partitions    one listing for each folder      sweep.go, node.go
//	    │                                 side by side, ahead of the walk  ahead.go, queue.go
//	    ▼
//	Walk.objects one partition            its keys become events           objects.go
//	    │        in pieces, side by side  when the caller waits for keys   chains.go, chain.go
//	    ▼
//	pages.list   one listing              under a stall timer              pages.go
//	             its order is checked                                      sequence.go
//
// A sweep goes depth first, so it meets the folders and keys of the whole tree in bytewise
// order and never has to sort. It searches for log roots (AWSLogs/ folders) down to
// [Config].SearchDepth and follows each one to its partitions. [Walk.Poll] (poll.go) lists
// the newest keys of the partitions that the sweeps have met. [Find] (find.go) looks one
// object up.
//
// The walk takes names from one listing at a time, the head. Other listings run ahead of it,
// up to [Config].Lists together: those of the folders and partitions that the listings so far
// have met, the first of them first. What they hold is bounded: 4 × Lists of them have begun
// ahead of the walk, with up to 1,000 names each. The folders that the walk is in hold as many,
// and the pieces of its partition 20,000 × Lists together, at most.
//
// A sweep or poll costs a request for each page of each folder and partition, as one listing
// after the other does, and at most one more for each piece of a partition: its last page may
// hold keys of the next one. A folder that cannot be looked at may cost more: each piece that
// begins in it has to pass it. If a source gives a listing whole, wherever it is to begin, the
// pieces that have begun by then cost as much as the listing. In all, pieces cost less than a
// tenth more as a rule, up to a quarter where keys come in bursts far apart, and nothing below
// 4,000 keys.
//
// All that is met goes to one function as an [Event] (event.go). The walk calls it on the
// goroutine that called Sweep or Poll, one event after the other. Nothing outlives Sweep
// and Poll, however they end.
//
// # Errors
//
// An error of the source concerns one listing, or one name in it. It is a [Failed] or a
// [FileFailed] event, and the walk goes on with the rest. These errors end the walk: an
// error of the function that takes the events, the cause of a context that is done, and a
// listing out of order. What relies on the order of keys would lose objects without that
// check.
//
// A panic of the source is raised on the goroutine that called Sweep or Poll.
package listing
