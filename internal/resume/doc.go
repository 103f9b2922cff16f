// Package resume knows what of a store is finished: what a scan's loop has got, object by
// object and record by record, so that another scan can go on from there.
//
// # The state
//
// A [State] is what a cursor holds. It has a [Reach] for each partition, which says how
// far the partition is finished: a floor, an hour before which everything is, and from
// there on each finished object by the fingerprint of its key. And it has the pending
// objects, which failed and are tried again. A State never changes. What the loop finishes
// makes another State, which shares all that is equal with the one before. So each entry
// can keep the State of its time, in a [Mark], for the price of a pointer.
//
// # The parts
//
// A [Tracker] makes the States of one scan. The listing's side asks it, or the [Sent] that
// it makes for each partition, what has to be read, and gets an [Item] for each object. The
// loop's side says what became of each Item. It may do so for items of several partitions
// in any order, and go on with one between the records of another: an object is finished
// when all of its records are. One order it keeps: of one partition, it finishes the Items of
// an hour before those of later hours, save for those that are tried again. The floor rises
// with what is finished, and does not look for Items that were taken before and are not.
//
// This package knows no listing, no reading and no records. It takes values and returns
// values.
package resume
