// Package reading reads objects ahead of a loop, many at the same time, and gives the
// loop their records in order:
//
//	list ──tasks──▶ workers (open, read, gunzip, decode, Keep) ──ready──▶ Next, Records
//	  └──────────────order (the same tasks, in the order of Put)─────────┘
//
// It does not know why an object is read or what becomes of a record. The caller's list
// makes the tasks, its Keep decides about each record, and its loop takes what was kept.
//
// A [Feed] admits a task to the window, which bounds objects and bytes, and puts it on two
// channels. Both are as wide as the window, so neither send blocks. Workers take tasks in
// order and may finish them in any; the loop takes them in order. A worker holds a request
// slot only while it requests an object, so decoding and waiting for bytes take none from
// the requests.
//
// A task belongs to one goroutine at a time: list makes it, a worker fills it, the loop
// delivers it.
//
// # Small and large objects
//
// A worker reads, checks and decodes a small object as a whole, ahead of its turn. An
// object of 8 MiB or more is streamed: it is opened when its turn comes, and decoded
// record by record on the loop's goroutine. So is an object that turns out to take more
// than 32 MiB, decompressed or as records: the worker drops it, and it is requested a
// second time. An object of more than 16 MiB decompressed is read and checked by a worker,
// but decoded record by record on the loop's goroutine, so that its records are not all in
// memory beside it. If BytesInFlight is small, these bounds are lower.
//
// # The head is never blocked
//
// The head is the task that the loop waits for or is at. Whatever is held in memory is
// charged to the window before it is allocated, and whoever finds the budget full waits,
// except for the head. Workers take tasks in order, so a worker has the head or had it,
// and a worker that waits for bytes holds no request slot. So the head always gets done,
// and gives back what it holds.
package reading
