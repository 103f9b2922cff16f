package listing

import (
	"container/heap"
	"slices"
)

// A queue has the chains that wait to run, in the order of their places.
type queue []*chain

// first returns the first chain, or nil.
func (q queue) first() *chain {
	if len(q) == 0 {
		return nil
	}
	return q[0]
}

func (q *queue) push(c *chain) { heap.Push((*chainHeap)(q), c) }

// remove takes a chain out and returns it. It is fast for the first one, which it is but for
// what is left.
func (q *queue) remove(c *chain) *chain {
	heap.Remove((*chainHeap)(q), slices.Index(*q, c))
	return c
}

type chainHeap []*chain

func (h chainHeap) Len() int           { return len(h) }
func (h chainHeap) Less(i, j int) bool { return h[i].place < h[j].place }
func (h chainHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *chainHeap) Push(c any)        { *h = append(*h, c.(*chain)) }

func (h *chainHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return c
}
