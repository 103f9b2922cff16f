// Package knot has files whose arrows are known.
package knot

type Hub struct {
	n int
}

func (h *Hub) A() { h.B() }
